// rotation.mjs -- "Rotation" of PROTOCOL.md: which identity keys are a member's,
// and how far the feeds of those before the last count.
import { blake2b, isSigned, packArray, packBin32, packUint, tagged } from './bytes.mjs'
import { KINDS, readFacts } from './entry.mjs'

const hex = b => b.toString('hex')
const CHECKPOINTS = 12
const KEYS = 32
const PASSES = 16

const hash = (list, pack) => list
  ? blake2b(Buffer.concat([packArray(list.length), ...list.map(pack)]))
  : Buffer.alloc(32)
const packPin = ([feed, seq, id]) =>
  Buffer.concat([packArray(3), packBin32(feed), packUint(seq), packBin32(id)])

const isTwin = (a, b) => a.who === b.who && a.from === b.from && a.to === b.to

export class Rotations {
  constructor (ledger) {
    this.ledger = ledger
    this.chains = new Map()
    this.edges = []
    for (const feed of ledger.feeds.values()) {
      for (const e of feed.certifier === null ? [] : feed.entries) {
        if (KINDS.get(e.kind)?.name !== 'rotate') continue
        const facts = readFacts(e.kind, e.facts)
        if (facts) this.edges.push(this.read(feed, e, facts))
      }
    }
    this.edges.sort((a, b) => a.id < b.id ? -1 : 1)
  }

  read (feed, e, f) {
    const claim = tagged('maillon/1 rotate', this.ledger.network, f.who, f.identity,
      f.successor, hash(f.feeds, packBin32), hash(f.pins, packPin))
    return {
      id: hex(e.id), feed, seq: e.seq, facts: f,
      who: hex(f.who), from: hex(f.identity), to: hex(f.successor),
      isSigned: false,
      hasBoth: Boolean(f.cert && f.proof && isSigned(f.identity, claim, f.cert) &&
        isSigned(f.successor, claim, f.proof)),
      isVoid: false, wasNamed: false, isNamed: false, isAgreed: false, wasAgreed: false
    }
  }

  // Fold the ledger's roster until nothing more is found.
  fold () {
    for (let pass = 0; pass < PASSES; pass++) {
      this.begin(pass)
      this.ledger.foldOnce()
      if (!this.again(pass)) break
    }
  }

  begin (pass) {
    this.bars = new Map()
    this.chains = new Map()
    this.roots = new Map()
    this.admitted = new Set()
    const made = new Map() // key -> the rotation that gives it its member
    for (const e of this.edges) {
      e.wasNamed = e.isNamed
      e.wasAgreed = e.isAgreed
      e.isNamed = e.isAgreed = false
      e.depth = 0
      if (pass === 0 || e.isVoid || !(e.isSigned || e.wasNamed) || e.to === e.who) continue
      const before = made.get(e.to)
      if (before === undefined || (e.isSigned && !before.isSigned)) made.set(e.to, e)
    }
    for (const [key, e] of made) this.roots.set(key, e.who)
  }

  again (pass) {
    let again = pass === 0 && this.edges.length > 0
    for (const e of this.edges) {
      if (!e.isVoid && (this.admitted.has(e.to) ||
          (!this.roots.has(e.to) && this.ledger.members.has(e.to)))) e.isVoid = again = true
      if (!e.isSigned && e.hasBoth && this.ledger.members.has(this.memberOf(e.feed.certifier))) {
        e.isSigned = again = true
      }
      again ||= e.wasNamed !== e.isNamed
    }
    return again
  }

  root (key) {
    return this.roots.get(key) ?? key
  }

  // May `who` become a member by an admission?
  admits (who) {
    if (this.roots.has(who)) this.admitted.add(who)
    return !this.roots.has(who)
  }

  // Whose the feeds of this key are, once all is folded.
  memberOf (key) {
    const who = this.root(key)
    return this.chains.get(who)?.includes(key) ? who : key
  }

  // Did nobody who depends on the sender name a key up to this one?
  isIndependent (who, key, sender) {
    const chain = this.chains.get(who) ?? [who]
    return chain.slice(0, chain.indexOf(key)).every((_, i) =>
      this.step(who, chain, i, e => e.isNamed).some(e =>
        e.isSigned || !this.ledger.dependsOn(this.root(e.feed.certifier), sender)))
  }

  mayEnd (certifier) {
    const chain = this.chains.get(this.memberOf(certifier)) ?? [certifier]
    return chain.slice(Math.max(0, chain.indexOf(certifier)))
  }

  named (e, member) {
    const { ledger } = this
    const by = this.root(e.feed.certifier)
    const author = ledger.members.get(by)
    if (member.depth === 0) {
      e.depth = 0
      e.isNamed = e.isAgreed
      return
    }
    if (!author) return
    if (by !== member.admitter && !ledger.isBelow(member.admitter, by)) return
    const upto = ledger.countedTo(by, e.feed.key)
    if (e.seq > upto) return
    e.depth = author.depth
    e.isNamed = this.isRipe(e, upto)
  }

  // Has the word waited long enough, in a feed that is heard that far?
  isRipe (e, upto) {
    const ticks = e.feed.entries.filter(x => x.seq > e.seq && x.seq <= upto &&
      KINDS.get(x.kind)?.name === 'checkpoint' && readFacts(x.kind, x.facts)).length
    return ticks >= CHECKPOINTS || this.edges.some(x => x.isSigned && isTwin(x, e))
  }

  // How far a feed is heard of a founder, before anybody is a member.
  early (feed) {
    if (feed.certifier === null) return 0
    const isNamed = e => e.wasAgreed
    const who = this.root(feed.certifier)
    const chain = this.walk(who, isNamed)
    const at = chain.indexOf(feed.certifier)
    let upto = at < 0 ? 0 : this.ledger.undisputed(feed.key)
    for (let i = at; at >= 0 && i + 1 < chain.length; i++) {
      upto = Math.min(upto, this.leaves(feed.key, this.step(who, chain, i, isNamed)).seq)
    }
    return upto
  }

  // Which keys of these founders the others among them name.
  agree (founders) {
    for (const e of this.edges.filter(x => founders.includes(x.who))) {
      const words = this.edges.filter(x => isTwin(x, e) && this.isWord(x, founders))
      const voices = new Set(words.map(x => this.root(x.feed.certifier)))
      if (2 * voices.size > founders.length) for (const x of words) x.isAgreed = true
    }
  }

  isWord (e, founders) {
    const by = this.root(e.feed.certifier)
    if (e.isVoid || by === e.who || !founders.includes(by)) return false
    const upto = this.early(e.feed)
    return e.seq <= upto && this.isRipe(e, upto)
  }

  next (who, chain, isNamed) {
    const rank = e => [isNamed(e) ? 0 : 1, isNamed(e) ? e.depth ?? 0 : 0, e.id]
    return this.edges.filter(e => e.who === who && e.from === chain.at(-1) && !e.isVoid &&
      (e.isSigned || isNamed(e)) && this.roots.get(e.to) === who && !chain.includes(e.to))
      .sort((a, b) => {
        const [x, y] = [rank(a), rank(b)]
        const i = x.findIndex((v, k) => v !== y[k])
        return i < 0 ? 0 : x[i] < y[i] ? -1 : 1
      })[0]
  }

  walk (who, isNamed) {
    const chain = [who]
    while (chain.length <= KEYS) {
      const e = this.next(who, chain, isNamed)
      if (!e) break
      chain.push(e.to)
    }
    return chain
  }

  // The rotations from the i-th key of a chain to the one after it.
  step (who, chain, i, isNamed) {
    return this.edges.filter(e => e.who === who && (e.isSigned || isNamed(e)) &&
      e.from === chain[i] && e.to === chain[i + 1])
  }

  // A member whose admitters are judged: its chain, and what bars its feeds.
  judge (who) {
    const member = this.ledger.members.get(who)
    const isNamed = e => e.isNamed
    for (const e of this.edges) if (e.who === who) this.named(e, member)
    const chain = this.walk(who, isNamed)
    this.chains.set(who, chain)
    for (const [key, feed] of this.ledger.feeds) {
      if (feed.certifier === null || this.root(feed.certifier) !== who) continue
      const at = chain.indexOf(feed.certifier)
      if (at < 0) this.bar(key, { seq: 0 })
      for (let i = at; at >= 0 && i + 1 < chain.length; i++) {
        this.bar(key, this.leaves(key, this.step(who, chain, i, isNamed)))
      }
    }
    this.raise(who, member, chain)
  }

  // Releases of the feeds before the last key.
  raise (who, member, chain) {
    for (const r of this.ledger.said('release')) {
      const [feed, seq, id] = r.facts.position
      const bar = this.bars.get(hex(feed))
      if (hex(r.facts.who) !== who || r.facts.number || !bar || !this.mayRelease(r, who, member, chain) ||
          !chain.includes(this.ledger.feeds.get(hex(feed))?.certifier)) continue
      if (seq > bar.seq || (seq === bar.seq && hex(id) < bar.id)) {
        this.bars.set(hex(feed), { seq, id: hex(id) })
      }
    }
  }

  mayRelease (r, who, member, chain) {
    const { ledger } = this
    if (!ledger.isHeard(r)) return false
    if (r.author === who) {
      return ledger.feeds.get(r.feed).certifier === chain.at(-1) &&
        r.e.seq <= ledger.undisputed(r.feed)
    }
    return member.depth > 0 && ledger.members.has(r.author) &&
      (r.author === member.admitter || ledger.isBelow(member.admitter, r.author))
  }

  // How far the releases let go a feed that was ended there.
  raisedEnd (feed, end) {
    const who = this.root(this.ledger.feeds.get(feed)?.certifier)
    const member = this.ledger.members.get(who)
    const to = this.ledger.said('release').filter(r => hex(r.facts.position[0]) === feed &&
      hex(r.facts.who) === who && r.facts.number === String(end) && r.feed !== feed &&
      member && this.mayRelease(r, who, member, this.chains.get(who)))
    return Math.max(end, ...to.map(r => r.facts.position[1]))
  }

  // The most that any of these lets count of a feed.
  leaves (key, edges) {
    let best = { seq: 0 }
    for (const { facts } of edges) {
      if ((facts.feeds ?? []).some(f => hex(f) === key)) return { seq: Infinity }
      for (const [feed, seq, id] of facts.pins ?? []) {
        if (hex(feed) === key && (seq > best.seq || (seq === best.seq && hex(id) < best.id))) {
          best = { seq, id: hex(id) }
        }
      }
    }
    return best
  }

  bar (key, at) {
    if (at.seq < (this.bars.get(key)?.seq ?? Infinity)) this.bars.set(key, at)
  }
}
