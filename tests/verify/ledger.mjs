// ledger.mjs -- who is in a network and what its records do, folded from
// nothing as the sections Roster and Book of proto/PROTOCOL.md say.

import { amend, readCharter } from './amendment.mjs'
import {
  blake2b, isSigned, must, packArray, packText, packUint, tagged
} from './bytes.mjs'
import { KINDS, checkFeed, factNumber, isEntrySigned, readFacts, readRun } from './entry.mjs'
import { Rotations } from './rotation.mjs'

const hex = b => b.toString('hex')
const byBytes = (a, b) => a < b ? -1 : a > b ? 1 : 0

export class Ledger {
  constructor ({ charter, feeds, evidence = [] }) {
    this.network = blake2b(charter)
    this.charter = readCharter(charter)
    this.feeds = new Map()
    this.findings = []
    for (const key of [...feeds.keys()].sort()) {
      const all = feeds.get(key)
      const { good, code } = checkFeed(this.network, all)
      if (code) this.findings.push({ code, subject: key })
      const held = all.slice(0, good)
      this.feeds.set(key, { held, entries: held, author: null, certifier: null })
    }
    this.openFeeds()
    this.ends = new Map() // kept: an end is evidence wherever it stood
    // Who may end a feed, or raise an end, follows from the roster, and the
    // roster from that.
    for (let i = 0; i < 4; i++) {
      this.cutFeeds(evidence)
      this.rotations = new Rotations(this)
      this.rotations.fold()
    }
    for (const feed of this.feeds.values()) {
      if (feed.certifier) feed.author = this.rotations.memberOf(feed.certifier)
    }
    this.count()
  }

  openFeeds () {
    for (const [key, feed] of this.feeds) {
      const e = feed.entries[0]
      const facts = e && KINDS.get(e.kind)?.name === 'open'
        ? readFacts(e.kind, e.facts)
        : null
      if (facts && isSigned(facts.identity,
        tagged('maillon/1 node', this.network, e.feed), facts.cert)) {
        feed.author = feed.certifier = hex(facts.identity)
      }
      feed.key = key
    }
  }

  // "Forks and ends": where each feed of which there is evidence stops.
  cutFeeds (evidence) {
    this.forks = new Map()
    const { ends } = this
    const end = (feed, seq, id, proof) => {
      const key = hex(feed)
      const author = this.feeds.get(key)?.certifier
      const keys = author ? this.rotations?.mayEnd(author) ?? [author] : []
      const be64 = Buffer.alloc(8)
      be64.writeBigUInt64BE(BigInt(seq))
      if (keys.some(k => isSigned(Buffer.from(k, 'hex'),
        tagged('maillon/1 end', this.network, feed, be64, id), proof))) {
        ends.set(key, Math.min(seq, ends.get(key) ?? Infinity))
      }
    }
    for (const [type, ...parts] of evidence) {
      if (type === 1) end(...parts)
      if (type === 0) this.takeFork(...parts.map(p => [...readRun(p)]))
    }
    for (const s of this.said('end')) end(...s.facts.position, s.facts.proof)
    for (const [key, feed] of this.feeds) {
      const fork = this.forks.get(key) ?? Infinity
      const top = Math.min(this.isNamed(key, fork) ? Infinity : fork - 1,
        ends.has(key) ? this.rotations?.raisedEnd(key, ends.get(key)) ?? ends.get(key) : Infinity)
      feed.entries = feed.held.slice(0, top)
    }
  }

  takeFork (a, b) {
    const key = hex(a[0].feed)
    must(key === hex(b[0].feed) && a[0].seq === b[0].seq && a[0].prev.equals(b[0].prev) &&
      hex(a[0].id) < hex(b[0].id) && isEntrySigned(a.at(-1)) && isEntrySigned(b.at(-1)) &&
      (a[0].seq > 1 || a[0].prev.equals(this.network)), 'evidence of a fork')
    this.forks.set(key, Math.min(a[0].seq, this.forks.get(key) ?? Infinity))
  }

  // Did anybody name the chain that counts?  Then it is the one in the bundle:
  // who may name it, and which of several holds, is not looked into here.
  isNamed (key, fork) {
    return this.said('resolve').some(s => hex(s.facts.position[0]) === key) ||
      this.said('attest').some(s => s.facts.runs.some(([feed, seq]) => hex(feed) === key && seq >= fork))
  }

  // Roster entries of these kinds, with their authors.
  said (...kinds) {
    const out = []
    for (const feed of this.feeds.values()) {
      if (feed.author === null) continue
      for (const e of feed.entries) {
        if (!kinds.includes(KINDS.get(e.kind)?.name)) continue
        const facts = readFacts(e.kind, e.facts)
        const author = this.rotations?.root(feed.certifier) ?? feed.author
        if (facts) out.push({ e, id: hex(e.id), feed: feed.key, author, facts })
      }
    }
    return out
  }

  foldOnce () {
    const { rotations } = this
    const { founders, sponsors } = amend(this.charter, this.said('charter'),
      s => s.e.seq <= rotations.early(this.feeds.get(s.feed)), now => rotations.agree(now))
    this.sponsors = sponsors
    this.members = new Map()
    for (const f of founders) {
      this.members.set(f, {
        depth: 0, role: 3, mayAdmit: true, stands: true, association: f,
        admissions: [], pins: null
      })
    }
    for (const f of founders) rotations.judge(f)
    const admits = this.said('admit')
    const verdicts = this.said('dismiss', 'release')
    let level = [...this.members.keys()]
    for (let depth = 0; level.length > 0; depth++) {
      const next = new Set()
      for (const a of admits) {
        const author = this.members.get(a.author)
        const who = hex(a.facts.who)
        if (!level.includes(a.author) || !author.mayAdmit ||
            !this.isHeard(a) || (this.members.has(who) && !next.has(who))) continue
        if (!next.has(who)) {
          if (!this.rotations.admits(who)) continue
          next.add(who)
          this.members.set(who, { depth: depth + 1, admissions: [] })
        }
        this.members.get(who).admissions.push(a)
      }
      for (const who of next) {
        this.judge(who, verdicts)
        this.rotations.judge(who)
      }
      level = [...next]
    }
  }

  // Before the first entry of the feed that is in dispute.
  undisputed (feed) {
    return Math.min((this.forks.get(feed) ?? Infinity) - 1, this.ends.get(feed) ?? Infinity)
  }

  // How far a feed of this member counts.
  countedTo (identity, feed) {
    const m = this.members.get(identity)
    if (m === undefined || m.stands === undefined) return 0
    const bar = this.rotations.bars.get(feed)?.seq ?? Infinity
    if (m.stands) return bar
    return Math.min(bar, m.pins.get(feed)?.seq ?? 0)
  }

  isHeard (s) {
    return s.e.seq <= this.countedTo(s.author, s.feed)
  }

  isBelow (who, above) {
    const seen = new Set([who])
    for (const w of seen) {
      for (const a of this.members.get(w)?.admissions ?? []) {
        if (a.author === above) return true
        seen.add(a.author)
      }
    }
    return false
  }

  judge (who, verdicts) {
    const m = this.members.get(who)
    m.admissions.sort((a, b) => byBytes(a.author, b.author) || byBytes(a.id, b.id))
    const replaced = new Set()
    for (const a of m.admissions) {
      const id = a.facts.replaces && hex(a.facts.replaces)
      if (m.admissions.some(x => x.id === id && x.author === a.author)) replaced.add(id)
    }
    const taken = new Map() // admission -> the dismissals that took it
    let sets = null
    for (const d of verdicts) {
      const author = this.members.get(d.author)
      if (!d.facts.admits || hex(d.facts.who) !== who || !author ||
          author.depth >= m.depth || !this.isHeard(d)) continue
      const ids = new Set(d.facts.admits.map(hex))
      const takes = m.admissions.filter(a => ids.has(a.id) &&
        (a.author === d.author || this.isBelow(a.author, d.author)))
      for (const a of takes) taken.set(a.id, true)
      if (takes.length > 0 && (sets === null ||
          author.depth < this.members.get(sets.d.author).depth ||
          (author.depth === this.members.get(sets.d.author).depth && d.id < sets.d.id))) {
        sets = { d, takes }
      }
    }
    const settling = m.admissions.filter(a => !replaced.has(a.id))
    const standing = settling.filter(a => !taken.has(a.id))
    const a = standing[0] ?? settling[0]
    m.stands = standing.length > 0
    m.role = a.facts.role
    m.label = a.facts.label
    m.mayAdmit = a.facts.may_admit === 1
    m.admitter = a.author
    m.association = m.role === 3 ? who : this.members.get(a.author).association
    m.vouchers = m.stands ? standing : settling.filter(x => sets.takes.includes(x))
    m.pins = new Map()
    if (!m.stands) this.pin(who, m, sets.d, verdicts)
  }

  pin (who, m, d, verdicts) {
    const pins = (d.facts.pins ?? []).slice()
    for (const r of verdicts) {
      const author = this.members.get(r.author)
      if (r.facts.position && hex(r.facts.who) === who && author &&
          author.depth < m.depth && this.isHeard(r) &&
          (r.author === d.author || this.isBelow(d.author, r.author))) pins.push(r.facts.position)
    }
    for (const [feed, seq, id] of pins) {
      const at = m.pins.get(hex(feed))
      if (at === undefined || seq > at.seq || (seq === at.seq && hex(id) < at.id)) {
        m.pins.set(hex(feed), { seq, id: hex(id) })
      }
    }
  }

  isVouched (key, sender) {
    const who = this.rotations.memberOf(key)
    const m = this.members.get(who)
    if (m === undefined || !this.rotations.isIndependent(who, key, sender)) return false
    if (m.depth > 0) return m.vouchers.some(a => !this.dependsOn(a.author, sender))
    const by = this.sponsors.get(who)
    return !by || by.some(f => !this.dependsOn(f, sender))
  }

  dependsOn (who, sender) {
    if (who === sender || this.isBelow(who, sender)) return true
    return [...this.sponsors].some(([f, by]) => (f === who || this.isBelow(who, f)) &&
      by.some(s => this.dependsOn(s, sender)))
  }

  // The records that count, by id, and who refers to what.
  count () {
    this.records = new Map()
    this.refCounts = new Map()
    const keys = new Set()
    this.entries = 0
    this.tips = []
    for (const [key, feed] of this.feeds) {
      const m = feed.author && this.members.get(feed.author)
      if (!m) {
        if (feed.entries.length > 0) this.findings.push({ code: 'KEY-02', subject: key })
        continue
      }
      const n = feed.entries.length
      this.entries += n
      if (n > 0) this.tips.push({ feed: key, seq: n, id: hex(feed.entries[n - 1].id) })
      let end = Math.min(n, this.countedTo(feed.author, key))
      const bar = this.rotations.bars.get(key)
      const pin = bar?.id && bar.seq <= (m.pins?.get(key)?.seq ?? Infinity) ? bar : m.pins?.get(key)
      if (pin && pin.seq <= n && hex(feed.entries[pin.seq - 1].id) !== pin.id) end = 0
      for (const e of feed.entries.slice(0, end)) {
        if (KINDS.get(e.kind)?.klass !== 'record') continue
        const facts = readFacts(e.kind, e.facts)
        if (facts === null) continue
        const over = this.countRefs(key, KINDS.get(e.kind).name, facts)
        if (facts.key) {
          const used = feed.author + hex(facts.key)
          if (keys.has(used)) continue
          keys.add(used)
        }
        this.records.set(hex(e.id), {
          id: hex(e.id), kind: KINDS.get(e.kind).name, kindNumber: e.kind,
          feed: key, seq: e.seq, time_ms: e.time_ms, author: feed.author, facts, over
        })
      }
    }
    this.index()
  }

  // By what a record no longer refers, after 256 of its feed did.
  countRefs (feed, kind, facts) {
    const over = new Set()
    for (const how of ['orphan', 'deliver', 'target']) {
      if (!facts[how] || (how === 'deliver' && kind !== 'receive' && kind !== 'lose')) continue
      const key = feed + how + hex(facts[how]).slice(0, 32)
      const n = (this.refCounts.get(key) ?? 0) + 1
      this.refCounts.set(key, n)
      if (n > 256) over.add(how)
    }
    return over
  }

  // The same ledger as if only these records counted.
  as (records) {
    const other = Object.assign(Object.create(Ledger.prototype), this)
    other.records = new Map(records.map(r => [r.id, r]))
    other.index()
    return other
  }

  index () {
    this.by = { orphan: new Map(), deliver: new Map(), target: new Map() }
    for (const r of this.records.values()) {
      this.refer('orphan', r.facts.orphan, r)
      if (r.kind === 'receive' || r.kind === 'lose') this.refer('deliver', r.facts.deliver, r)
      if (r.kind === 'correct' || r.kind === 'attach') this.refer('target', r.facts.target, r)
    }
  }

  refer (how, target, r) {
    if (target === undefined || r.over.has(how)) return
    const key = hex(target)
    if (!this.by[how].has(key)) this.by[how].set(key, [])
    this.by[how].get(key).push(r)
  }

  refs (how, id) {
    return this.by[how].get(id) ?? []
  }

  // What a record refers to itself.
  own (r) {
    const f = { receive: 'deliver', lose: 'deliver', correct: 'target', attach: 'target', pledge: 'request' }[r.kind]
    return f && r.facts[f] ? hex(r.facts[f]) : null
  }

  root (id) {
    for (;;) {
      const r = this.records.get(id)
      const up = r && (this.own(r) ?? (r.facts.orphan ? hex(r.facts.orphan) : null))
      if (!up) return id
      id = up
    }
  }

  isSameRecord (a, b) {
    if (a.author !== b.author || a.kind !== b.kind) return false
    const x = this.own(a)
    const y = this.own(b)
    return x === null || y === null ? x === y : this.root(x) === this.root(y)
  }

  isSilent (r) {
    if (!r.facts.orphan) return false
    const id = hex(r.facts.orphan)
    const orphan = this.records.get(id)
    if (orphan) return this.isSameRecord(orphan, r) || this.own(r) === null
    const same = this.refs('orphan', id).filter(x => this.isSameRecord(x, r))
    return same[0] !== r // in order of (feed, seq)
  }

  // Every name of a record: [id, is it here].
  names (r, depth = 16) {
    const out = [[r.id, true]]
    if (depth === 0) return out
    const more = this.refs('orphan', r.id).filter(x => this.isSameRecord(r, x))
    const orphan = r.facts.orphan && hex(r.facts.orphan)
    if (orphan && !this.records.has(orphan) && depth === 16) {
      if (this.own(r) === null) out.push([orphan, false])
      more.push(...this.refs('orphan', orphan).filter(x => x !== r && this.isSameRecord(r, x)))
    }
    for (const x of more) out.push(...this.names(x, depth - 1))
    return out
  }

  // The facts of a record as corrected; null when it did not occur.
  newest (r) {
    return this.newestVersion(r).facts
  }

  newestVersion (r) {
    let facts = r.facts
    let version = r
    let last = r.facts // the newest of those that occurred
    for (let versions = 0; versions < (r.kind === 'deliver' ? 16 : 256); versions++) {
      const fitting = []
      for (const [name] of this.names(version)) {
        for (const c of this.refs('target', name)) {
          if (c.kind !== 'correct' || c.author !== r.author || this.isSilent(c)) continue
          const to = c.facts.facts ? readFacts(r.kindNumber, c.facts.facts) : null
          if (c.facts.facts && (to === null || to.key || to.orphan ||
              Boolean(to.final) !== Boolean(last.final) ||
              this.own({ kind: r.kind, facts: to }) !== this.own(r))) continue
          fitting.push({ c, to })
        }
      }
      if (fitting.length === 0) break
      fitting.sort((a, b) => byBytes(a.c.id, b.c.id))
      version = fitting[0].c
      facts = fitting[0].to
      last = facts ?? last
    }
    return { facts, feed: version.feed }
  }

  // "Receipt keys": does somebody stand for this key towards a sender?
  isEnrolled (who, key, sender) {
    const standsFor = (author, certifier) => author === who
      ? this.isVouched(certifier, sender)
      : !this.dependsOn(author, sender)
    if (!this.members.has(who)) return false
    if (this.rotations.memberOf(key) === who && standsFor(who, key)) return true
    return this.said('keys').some(k => this.isHeard(k) && hex(k.facts.who) === who &&
      (this.members.get(k.author).mayAdmit || k.author === who) &&
      k.facts.enrolled.some(x => hex(x) === key) &&
      standsFor(k.author, this.feeds.get(k.feed).certifier))
  }

  isCountersigned (sent, to, facts) {
    if (!facts.receipt_key ||
        this.rotations.memberOf(hex(facts.receipt_key)) === sent.author ||
        !this.isEnrolled(hex(to.to), hex(facts.receipt_key), sent.author)) return false
    const lines = list => list === undefined
      ? Buffer.alloc(32)
      : blake2b(Buffer.concat([packArray(list.length), ...list.map(([item, qty]) =>
        Buffer.concat([packArray(2), packText(item), packUint(qty)]))]))
    return isSigned(facts.receipt_key, tagged('maillon/1 receipt', this.network, facts.deliver,
      lines(facts.accepted), lines(facts.refused),
      facts.number === undefined ? Buffer.alloc(32) : blake2b(Buffer.from(facts.number))),
    facts.receipt_sig)
  }

  grade (sent, to, receipt, facts) {
    const isSender = receipt.author === sent.author
    const isMember = to.to.length === 32
    const isOwn = isMember && hex(to.to) === receipt.author
    const isVouched = this.isVouched(this.feeds.get(receipt.feed).certifier, sent.author)
    if (isOwn && !isSender && (to.final === 0 ||
        isVouched)) return 'A'
    if (isMember && hex(to.to) !== sent.author &&
        this.isCountersigned(sent, to, facts)) return 'B'
    if (isSender || isOwn) return 'D'
    const isParty = p => p && p.length === 32 &&
      this.rotations.memberOf(hex(p)) === receipt.author
    const isNamed = d => isParty(d.to) || isParty(d.by)
    if (facts.paper && !isNamed(to) && !isNamed(sent.facts) && isVouched) return 'C'
    return 'D'
  }

  post (author, facts, item, delta) {
    const outsider = facts.for ? hex(facts.for) : ''
    const key = author + ':' + outsider + ':' + item
    const row = this.rows.get(key) ?? { author, outsider, item, col: {} }
    this.rows.set(key, row)
    for (const [c, n] of Object.entries(delta)) {
      row.col[c] = (row.col[c] ?? 0n) + BigInt(n)
    }
  }

  postLines (r, facts, lines, column, sign) {
    for (const [i, [item, qty]] of (lines ?? []).entries()) {
      const delta = { [column]: qty, on_hand: sign * qty }
      if (i === 0 && column === 'produced') delta.rejected = facts.rejected ?? 0
      this.post(r.author, facts, item, delta)
    }
  }

  postDelivery (r, to) {
    const sums = new Map(to.lines.map(([item]) => [item, { acc: {}, ref: {}, lost: 0 }]))
    const signatures = new Set()
    for (const [name, isHere] of this.names(r)) {
      for (const x of this.refs('deliver', name)) {
        const { facts, feed } = this.isSilent(x) ? { facts: null } : this.newestVersion(x)
        if (facts === null) continue
        if (x.kind === 'lose') {
          if (x.author !== r.author) continue
          for (const [item, qty] of facts.lines) if (sums.has(item)) sums.get(item).lost += qty
          continue
        }
        let g = this.grade(r, to, { author: x.author, feed }, facts)
        if (!isHere && !(facts.from && hex(facts.from) === r.author)) g = 'D'
        if (!isHere && facts.final !== undefined && facts.final !== to.final) g = 'D'
        if (to.final === 0 && g !== 'A') g = 'D'
        if (g === 'B') {
          const sig = hex(facts.receipt_sig)
          if (signatures.has(sig) || signatures.size === 64) g = 'D'
          else signatures.add(sig)
        }
        for (const [item, qty] of facts.accepted ?? []) {
          if (!sums.has(item)) continue
          const s = sums.get(item)
          s.acc[g] = (s.acc[g] ?? 0) + qty
          if (to.final === 0 && g === 'A') {
            this.post(x.author, {}, item, { received: qty, on_hand: qty })
          }
        }
        for (const [item, qty] of facts.refused ?? []) {
          if (sums.has(item)) sums.get(item).ref[g] = (sums.get(item).ref[g] ?? 0) + qty
        }
      }
    }
    for (const [item, q] of to.lines) this.postSent(r, to, item, q, sums.get(item))
  }

  postSent (r, to, item, q, s) {
    const got = {}
    let acc = 0
    let ref = 0
    let back = 0
    for (const g of 'ABCD') {
      const a = s.acc[g] ?? 0
      const b = s.ref[g] ?? 0
      const more = Math.max(0, a + b - acc - ref)
      got[g] = Math.min(more, Math.max(0, a - acc))
      const refused = Math.min(more - got[g], Math.max(0, b - ref))
      acc += got[g]
      ref += refused
      if (g !== 'D') back += refused
    }
    const a = got.A + got.B + got.C
    const final = to.final !== 0
    this.post(r.author, to, item, {
      [final ? 'delivered' : 'moved']: q,
      on_hand: to.service ? 0 : back - q,
      produced: to.service ? q - back : 0,
      claimed: Math.min(got.D, Math.max(0, q - a - back - s.lost)),
      refused: back,
      lost: s.lost,
      in_transit: q - a - back - s.lost,
      ...(final ? { A: got.A, B: got.B, C: got.C } : { handed: a })
    })
  }

  foldBook () {
    this.rows = new Map()
    for (const r of this.records.values()) {
      if (this.own(r) !== null) continue
      if (r.facts.orphan && (this.records.has(hex(r.facts.orphan)) || this.isSilent(r))) continue
      const facts = this.newest(r)
      if (facts === null) continue
      if (r.kind === 'produce') {
        this.postLines(r, facts, facts.lines, 'produced', 1)
        this.postLines(r, facts, facts.use, 'consumed', -1)
      }
      if (r.kind === 'supply') this.postLines(r, facts, facts.lines, 'supplied', 1)
      if (r.kind === 'lose') this.postLines(r, facts, facts.lines, 'lost', -1)
      if (r.kind === 'count') {
        this.postLines(r, facts, facts.found, 'found', 1)
        this.postLines(r, facts, facts.missing, 'lost', -1)
      }
      if (r.kind === 'deliver') this.postDelivery(r, facts)
    }
  }

  // The unit of an item: of the declaration by the smallest (depth, author), the
  // latest of that author's.
  unit (item) {
    const of = code => [...this.records.values()]
      .filter(r => r.kind === 'item' && this.own(r) === null)
      .map(r => ({ r, facts: this.newest(r) }))
      .filter(x => x.facts?.item === code)
      .sort((a, b) => this.members.get(a.r.author).depth - this.members.get(b.r.author).depth ||
        byBytes(a.r.author, b.r.author) || b.r.time_ms - a.r.time_ms ||
        byBytes(b.r.feed, a.r.feed) || b.r.seq - a.r.seq)[0]
    const found = of(item) ?? (item.includes('/') ? of(item.split('/')[0]) : undefined)
    return found?.facts.unit ?? 'piece'
  }

  // The `items` of an audit, as text: figures may be beyond 2^53.
  items () {
    this.foldBook()
    const sums = new Map()
    for (const row of this.rows.values()) {
      const sum = sums.get(row.item) ?? {}
      sums.set(row.item, sum)
      for (const [c, n] of Object.entries(row.col)) sum[c] = (sum[c] ?? 0n) + n
    }
    const one = ([item, col]) => {
      const n = c => col[c] ?? 0n
      const plain = cs => cs.map(c => `"${c}":${n(c)}`).join(',')
      return `{"item":"${item}","unit":${JSON.stringify(this.unit(item))},` +
        plain(['produced', 'rejected', 'supplied', 'found', 'consumed', 'moved', 'delivered']) +
        `,"acknowledged":{${plain(['A', 'B', 'C'])}},` +
        plain(['claimed', 'refused', 'in_transit', 'on_hand', 'lost']) + '}'
    }
    return '[' + [...sums].sort((a, b) => byBytes(a[0], b[0])).map(one).join(',') + ']'
  }
}

must(factNumber.get('donor') === 62, 'the table of facts')
