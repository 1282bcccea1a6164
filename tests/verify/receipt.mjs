// receipt.mjs -- trees, signed notes, policies and receipts, as the sections
// Checkpoints, Cosignatures and Receipts of proto/PROTOCOL.md say.

import {
  Malformed, Reader, base64, blake2b, decimal, isSigned, must, sha256, tagged, utf8
} from './bytes.mjs'
import { KINDS, factNumber, isEntrySigned, readEntry, readFacts } from './entry.mjs'

const hex = b => b.toString('hex')
const leafHash = id => sha256(Buffer.from([0]), id)
const nodeHash = (l, r) => sha256(Buffer.from([1]), l, r)

// The root of leaf hashes, RFC 6962 section 2.1.
function root (leaves) {
  if (leaves.length === 0) return sha256(Buffer.alloc(0))
  if (leaves.length === 1) return leaves[0]
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(root(leaves.slice(0, k)), root(leaves.slice(k)))
}

const origin = (network, feed) => `maillon/${hex(network)}/${hex(feed)}`

function readOrigin (text) {
  const m = /^maillon\/([0-9a-f]{64})\/([0-9a-f]{64})$/.exec(text)
  return m && { network: Buffer.from(m[1], 'hex'), feed: Buffer.from(m[2], 'hex') }
}

const noteText = (network, feed, size, rootHash) =>
  `${origin(network, feed)}\n${size}\n${rootHash.toString('base64')}\n`

const keyId = (name, type, key) =>
  sha256(Buffer.from(name + '\n'), Buffer.from([type]), key).subarray(0, 4)

const cosigned = (time, text) => Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)

// What is wrong with the checkpoints and cosignatures of a ledger.
export function checkTrees (ledger) {
  const faults = []
  let checked = 0
  const words = []
  const spoken = new Map() // of each tree: what its root is at a size
  for (const [key, feed] of ledger.feeds) {
    for (const e of feed.entries) {
      if (KINDS.get(e.kind)?.name !== 'cosign') continue
      const f = readFacts(e.kind, e.facts)
      const of = f && readOrigin(f.origin)
      if (!of || f.cosigned % 1000 !== 0 || hex(of.feed) === key) continue
      if (isSigned(e.feed, cosigned(f.cosigned / 1000, noteText(of.network, of.feed, f.size, f.root)),
        f.note_sig)) words.push({ tree: hex(of.feed), size: f.size, root: hex(f.root) })
    }
  }
  for (const [key, feed] of ledger.feeds) {
    const tops = new Map()
    const leaves = []
    const marks = new Map()
    let isWhole = true
    for (const e of feed.entries) {
      const kind = KINDS.get(e.kind)?.name
      const f = kind === 'attest' || kind === 'checkpoint' ? readFacts(e.kind, e.facts) : null
      for (const [who, to, id] of f?.runs ?? []) {
        const from = tops.get(hex(who)) ?? 0
        const held = ledger.feeds.get(hex(who))?.entries ?? []
        if (to <= from) continue
        tops.set(hex(who), to)
        isWhole = isWhole && held.length >= to && held[to - 1].id.equals(id)
        if (isWhole) leaves.push(...held.slice(from, to).map(x => leafHash(x.id)))
      }
      if (kind !== 'checkpoint' || f === null) continue
      if (!marks.has(f.size)) marks.set(f.size, hex(f.root))
      if (!isWhole) continue
      checked++
      if (f.size !== leaves.length || !root(leaves).equals(f.root) ||
          !isSigned(e.feed, Buffer.from(noteText(ledger.network, e.feed, f.size, f.root)), f.note_sig)) {
        faults.push({ code: 'LOG-04', subject: key })
      }
    }
    spoken.set(key, size => marks.get(size) ??
      (size <= leaves.length ? hex(root(leaves.slice(0, size))) : undefined))
  }
  // Where neither a checkpoint nor the tree says which is right, the first does.
  // (A fork that was put down to a copied machine is not looked for here.)
  const first = new Map()
  for (const w of words) {
    const what = `${w.tree} ${w.size}`
    const right = spoken.get(w.tree)?.(w.size) ?? first.get(what) ?? w.root
    first.set(what, right)
    if (right !== w.root) faults.push({ code: 'LOG-11', subject: w.tree })
  }
  return { checked, cosignatures: words.length, faults }
}

// Does the path lead from a leaf to the root?  RFC 9162 section 2.1.3.2.
function leadsTo (path, index, size, leaf, rootHash) {
  if (index >= size) return false
  let fn = index
  let sn = size - 1n
  let r = leaf
  for (const c of path) {
    if (sn === 0n) return false
    if (fn % 2n === 1n || fn === sn) {
      r = nodeHash(c, r)
      while (fn % 2n === 0n && fn !== 0n) {
        fn /= 2n
        sn /= 2n
      }
    } else {
      r = nodeHash(r, c)
    }
    fn /= 2n
    sn /= 2n
  }
  return sn === 0n && r.equals(rootHash)
}

function readVkey (text) {
  const m = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text)
  must(m, 'verifier key')
  const blob = base64(m[3])
  must(blob.length === 33 && (blob[0] === 1 || blob[0] === 4), 'verifier key')
  const key = { name: m[1], type: blob[0], pub: blob.subarray(1) }
  must(hex(keyId(key.name, key.type, key.pub)) === m[2], 'id of a verifier key')
  return key
}

export function readPolicy (text) {
  const p = { logs: [], nodes: new Map(), quorum: null }
  for (const line of text.split('\n')) {
    const [what, ...w] = line.split(/[ \t]+/).filter(x => x !== '')
    if (what === undefined || what.startsWith('#')) continue
    if (what === 'log') p.logs.push(readVkey(w[0]))
    else if (what === 'witness') p.nodes.set(w[0], { key: readVkey(w[1]) })
    else if (what === 'group') {
      const members = w.slice(2)
      must(members.every(m => p.nodes.has(m)), 'member of a group')
      const need = w[1] === 'all' ? members.length : w[1] === 'any' ? 1 : Number(decimal(w[1]))
      p.nodes.set(w[0], { members, need })
    } else if (what === 'quorum') {
      must(p.quorum === null && (w[0] === 'none' || p.nodes.has(w[0])), 'quorum')
      p.quorum = w[0]
    } else must(false, 'line of a policy')
  }
  must(p.quorum !== null && p.logs.length > 0, 'policy')
  return p
}

function isMet (policy, name, has) {
  if (name === 'none') return true
  const n = policy.nodes.get(name)
  return n.key ? has(n.key) : n.members.filter(m => isMet(policy, m, has)).length >= n.need
}

function readNote (text) {
  const cut = text.lastIndexOf('\n\n')
  must(cut > 0 && text.endsWith('\n'), 'note')
  const lines = text.slice(cut + 2, -1).split('\n').map(l => {
    const m = /^— ([^ +]+) ([^ ]+)$/.exec(l)
    must(m, 'signature line')
    const blob = base64(m[2])
    must(blob.length > 4, 'signature line')
    return { name: m[1], id: blob.subarray(0, 4), blob: blob.subarray(4) }
  })
  return { body: text.slice(0, cut + 1), lines }
}

// Throws Malformed with the step of PROTOCOL.md that fails.
export function checkReceipt (bytes, policy) {
  const text = utf8(bytes)
  const cut = text.indexOf('\n\n')
  must(cut > 0, 'form')
  const head = text.slice(0, cut).split('\n')
  must(head[0] === 'c2sp.org/tlog-proof@v1', 'form')
  must(head[1]?.startsWith('extra ') && head[2]?.startsWith('index '), 'form')
  const r = new Reader(base64(head[1].slice(6)))
  const index = decimal(head[2].slice(6))
  const path = head.slice(3).map(base64)
  must(path.every(p => p.length === 32), 'path')
  r.array(4)
  must(r.uint() === 1, 'version')
  const network = r.bin(32)
  const entry = readEntry(r.bin())
  const opened = r.value(2)
  r.end()
  must(isEntrySigned(entry), 'signature of the entry')
  const facts = opened.length > 0 ? readFacts(entry.kind, entry.facts) : {}
  let last = 0
  const forgotten = []
  for (const field of opened) {
    const [fact, ...hidden] = field
    const name = [...factNumber].find(([, n]) => n === fact)?.[0]
    must(fact > last && name && Buffer.isBuffer(facts[name]), 'opened field')
    last = fact
    if (hidden.length === 1) {
      must(hidden[0].equals(facts[name]), 'opened field')
      forgotten.push(name)
      continue
    }
    must(hidden.length === 2, 'opened field')
    const [salt, value] = hidden
    must(salt.length === 32 && blake2b(tagged('maillon/1 private', Buffer.from([fact]), salt, value))
      .equals(facts[name]), 'opened field')
  }
  const note = readNote(text.slice(cut + 2))
  const [name, sizeText, rootText, nothing] = note.body.split('\n')
  const of = readOrigin(name)
  must(of && of.network.equals(network) && nothing === '', 'origin')
  const size = decimal(sizeText)
  const rootHash = base64(rootText)
  must(note.body === `${name}\n${size}\n${rootHash.toString('base64')}\n`, 'checkpoint')
  const good = []
  let isLogged = false
  for (const l of note.lines) {
    const who = readOrigin(l.name)
    const known = policy && [...policy.nodes.values()].find(n => n.key?.name === l.name)?.key
    const key = who ? who.feed : known?.pub
    if (!key && !policy) continue
    must(key, 'a signature of an unknown witness')
    if (l.name === name) {
      must(l.id.equals(keyId(name, 1, key)) && l.blob.length === 64 &&
        isSigned(key, Buffer.from(note.body), l.blob), 'signature of the checkpoint')
      isLogged = true
    } else {
      must(l.id.equals(keyId(l.name, 4, key)) && l.blob.length === 72 &&
        isSigned(key, cosigned(l.blob.readBigUInt64BE(0), note.body), l.blob.subarray(8)), 'cosignature')
      good.push({ key, name: l.name })
    }
  }
  must(isLogged, 'signature of the checkpoint')
  must(leadsTo(path, index, size, leafHash(entry.id), rootHash), 'path')
  if (policy) {
    must(policy.logs.some(l => l.name === name && l.pub.equals(of.feed)), 'anchor')
    must(isMet(policy, policy.quorum, k => !k.pub.equals(of.feed) &&
      good.some(g => g.name === k.name && g.key.equals(k.pub))), 'quorum')
  }
  return { id: hex(entry.id), network: hex(network), isAnchored: Boolean(policy), forgotten }
}

export { Malformed }
