// entry.mjs -- entries, feeds and what they say, as proto/PROTOCOL.md has it;
// its tables of facts and kinds are read out of the document itself.

import { readFileSync } from 'node:fs'
import {
  Malformed, Reader, blake2b, isSigned, must, packUint, packBin32, tagged
} from './bytes.mjs'

const text = readFileSync(new URL('../../proto/PROTOCOL.md', import.meta.url), 'utf8')

// The rows of the first table under a heading, cells without backquotes.
function table (heading) {
  const section = text.split('\n## ' + heading + '\n')[1].split('\n## ')[0]
  const rows = section.split('\n').filter(l => l.startsWith('|'))
  return rows.slice(2).map(l => l.split('|').slice(1, -1)
    .map(c => c.trim().replaceAll('`', '')))
}

const FACTS = new Map(table('Facts').map(([number, name, type, max]) =>
  [Number(number), { name, type, max: max === '-' ? 0 : Number(max) }]))
const factNumber = new Map([...FACTS].map(([n, f]) => [f.name, n]))

const names = cell => cell === '-' ? [] : cell.split(', ')
const COMMON = ['for', 'when', 'key', 'doc', 'orphan', 'note']
export const KINDS = new Map(table('Kinds')
  .map(([number, name, klass, needs, takes]) => [Number(number), {
    name,
    klass,
    needs: names(needs),
    takes: new Set([...names(needs), ...names(takes),
      ...(klass === 'record' ? COMMON : [])])
  }]))

const LIMIT_QTY = 68719476735
const LIMIT_ENTRY = 32768

// How many words each fact of type word has, from the table under Types.
const WORDS = new Map(text.split('\n## Types\n')[1].split('\n## ')[0]
  .split('\n').filter(l => /^\| `/.test(l))
  .map(l => l.split('|').slice(1, -1).map(c => c.trim().replaceAll('`', '')))
  .map(([name, ...words]) => [name, words.filter(w => w !== '').length]))

const isText = (x, max) => typeof x === 'string' && x !== '' &&
  Buffer.byteLength(x) <= max && isPlain(x)

const HIDDEN = [[0, 0x1f], [0x7f, 0x9f], [0xad, 0xad], [0x34f, 0x34f],
  [0x61c, 0x61c], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180f],
  [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0x3164, 0x3164],
  [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff0, 0xffff], [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff]]

function isPlain (x) {
  return [...x].every(c => HIDDEN.every(([a, b]) =>
    c.codePointAt(0) < a || c.codePointAt(0) > b))
}

const isLabel = x => typeof x === 'string' &&
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(x) && !/^[0-9a-fA-F]{8,}$/.test(x)
const isItem = x => typeof x === 'string' &&
  /^[a-z0-9][a-z0-9._-]{0,31}(\/[a-z0-9][a-z0-9._-]{0,31})?$/.test(x)
const isBytes = (x, n) => Buffer.isBuffer(x) && x.length === n
const isUint = (x, max) => typeof x === 'number' && x <= max
const rises = list => list.every((x, i) =>
  i === 0 || Buffer.compare(Buffer.from(list[i - 1]), Buffer.from(x)) < 0)
const isList = (x, min, max) => Array.isArray(x) && x.length >= min &&
  x.length <= max

function isPosition (x) {
  return isList(x, 3, 3) && isBytes(x[0], 32) &&
    isUint(x[1], Number.MAX_SAFE_INTEGER) && x[1] > 0 && isBytes(x[2], 32)
}

function isAddress (x) {
  const m = typeof x === 'string' && x.length <= 128 &&
    /^tcp:\/\/([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([1-9][0-9]{0,4})$/.exec(x)
  return Boolean(m) && Number(m[2]) <= 65535
}

// Is x of this type?  Adds what it counts to sums.
function isOfType (x, fact, sums) {
  const { type, max, name } = fact
  switch (type) {
    case 'uint':
      if (name === 'qty' || name === 'rejected') sums.qty += Number(x)
      return isUint(x, max)
    case 'time': return isUint(x, Number.MAX_SAFE_INTEGER)
    case 'word': return isUint(x, WORDS.get(name) - 1)
    case 'text': return isText(x, max)
    case 'label': return isLabel(x)
    case 'item': return isItem(x)
    case 'place': return typeof x === 'string' &&
      /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(x)
    case 'period': return typeof x === 'string' &&
      /^[0-9]{4}(-Q[1-4]|-(0[1-9]|1[0-2]))?$/.test(x)
    case 'bytes': return Buffer.isBuffer(x) && x.length > 0 && x.length <= max
    case 'tag': return isBytes(x, 16)
    case 'id': case 'key': case 'sha': return isBytes(x, 32)
    case 'sig': return isBytes(x, 64)
    case 'party': return isBytes(x, 32) || isBytes(x, 16)
    case 'lines': case 'lines0':
      return isList(x, 1, 64) && x.every(l => {
        if (!isList(l, 2, 2) || !isItem(l[0]) || !isUint(l[1], LIMIT_QTY)) return false
        sums.qty += l[1]
        return l[1] > 0 || type === 'lines0'
      }) && rises(x.map(l => l[0]))
    case 'money': case 'money0':
      if (!isList(x, 2, 2) || !isUint(x[0], LIMIT_QTY)) return false
      sums.minor += x[0]
      return (x[0] > 0 || type === 'money0') && /^[A-Z]{3}$/.test(x[1])
    case 'position': return isPosition(x)
    case 'positions':
      return isList(x, 1, 512) && x.every(isPosition) && rises(x.map(p => p[0]))
    case 'ids': case 'keys':
      return isList(x, 1, 512) && x.every(i => isBytes(i, 32)) && rises(x)
    case 'addresses': return isList(x, 0, 8) && x.every(isAddress)
    case 'facts': return x instanceof Map && x.size > 0 && x.size <= 32
  }
  throw new Error('PROTOCOL.md has a type that is not known here: ' + type)
}

// The facts of a record by their names, or null when it does not count.
export function readFacts (kindNumber, map) {
  const kind = KINDS.get(kindNumber)
  const sums = { qty: 0, minor: 0 }
  const out = {}
  if (kind === undefined || map.size > 32) return null
  for (const [number, value] of map) {
    const fact = FACTS.get(number)
    if (fact === undefined || !kind.takes.has(fact.name)) {
      if (Number(BigInt(number) % 2n) === 1) return null
      continue
    }
    if (!isOfType(value, fact, sums)) return null
    out[fact.name] = value
  }
  if (sums.qty > LIMIT_QTY || sums.minor > LIMIT_QTY) return null
  if (!kind.needs.every(n => n in out)) return null
  if (kind.name === 'receive' && (
    !('accepted' in out || 'refused' in out) ||
    ('refused' in out && !('reason' in out)) ||
    ('receipt_key' in out) !== ('receipt_sig' in out) ||
    ('receipt_key' in out && 'paper' in out))) return null
  if (kind.name === 'correct' && ('facts' in out) !== (out.why === 1)) return null
  return out
}

// One entry out of its bytes.  Throws Malformed.
export function readEntry (raw) {
  must(raw.length > 64 && raw.length <= LIMIT_ENTRY, 'size')
  const body = raw.subarray(0, raw.length - 64)
  const r = new Reader(body)
  r.array(8)
  must(r.uint() === 1, 'version')
  const e = { raw, body, sig: raw.subarray(raw.length - 64) }
  e.feed = r.bin(32)
  e.seq = r.uint()
  must(e.seq > 0, 'seq')
  e.prev = r.bin(32)
  e.time_ms = r.uint()
  e.kind = r.uint(65535)
  e.facts = r.value(5)
  must(e.facts instanceof Map, 'facts')
  e.seen = r.value(0, true)
  must(e.seen === null || isBytes(e.seen, 32), 'seen')
  r.end()
  e.id = blake2b(raw)
  return e
}

export const isEntrySigned = e =>
  isSigned(e.feed, tagged('maillon/1 entry', e.body), e.sig)

// The bytes of the entries of a run.
export function * readRun (bytes) {
  const r = new Reader(bytes)
  r.array(4)
  const feed = r.bin(32)
  let seq = r.uint()
  let prev = r.bin(32)
  const head = r.take(1)[0]
  let n = head & 15
  if (head === 0xdc) n = r.big(2, 16)
  else must(head >= 0x90 && head < 0xa0, 'tails')
  must(n >= 1 && n <= 1024, 'tails')
  for (; n > 0; n--, seq++) {
    r.array(5)
    const from = r.at
    r.uint()
    r.uint(65535)
    r.value(5)
    r.value(0, true)
    const tail = bytes.subarray(from, r.at)
    const raw = Buffer.concat([Buffer.from([0x98, 1]), packBin32(feed),
      packUint(seq), packBin32(prev), tail, r.bin(64)])
    const e = readEntry(raw)
    prev = e.id
    yield e
  }
  r.end()
}

// "Checking a feed": how many entries count, and which LOG finding.
export function checkFeed (network, entries) {
  let prev = network
  let good = 0
  let signed = 0
  let code = null
  for (const e of entries) {
    if (e.seq > good + 1) { code = 'LOG-03'; break }
    if (e.seq !== good + 1 || !e.prev.equals(prev)) { code = 'LOG-01'; break }
    if (e.seq % 256 === 0) {
      if (!isEntrySigned(e)) { code = 'LOG-02'; break }
      signed = e.seq
    }
    prev = e.id
    good++
  }
  const read = good
  while (good > signed && !isEntrySigned(entries[good - 1])) good--
  return { good, code: good < read ? 'LOG-02' : code }
}

// A bundle file: the charter's bytes, the entries by feed in order of seq.
export function readBundle (file) {
  const magic = 'maillon-bundle/1\n'
  must(file.subarray(0, magic.length).toString() === magic, 'no bundle')
  let at = magic.length
  let count = 0
  let charter = null
  const feeds = new Map()
  const evidence = []
  for (;;) {
    must(at + 4 <= file.length, 'the bundle was cut short')
    const n = file.readUInt32BE(at)
    must(n <= 131024 && at + 4 + n <= file.length, 'the bundle was cut short')
    const r = new Reader(file.subarray(at + 4, at + 4 + n))
    const size = r.take(1)[0]
    const type = r.uint()
    must(n <= 65536 || type === 1, 'a record of the bundle is too large')
    if (type === 3) {
      must(size === 0x93 && r.uint() === count, 'entries of the bundle')
      must(r.bin(32).equals(blake2b(file.subarray(0, at))), 'check of the bundle')
      r.end()
      must(at + 4 + n === file.length, 'something after the end')
      break
    }
    must(size === 0x92, 'record of the bundle')
    if (type === 0) charter = r.bin()
    if (type === 1) evidence.push(r.value(2))
    if (type === 2) {
      for (const e of readRun(r.b.subarray(r.at))) {
        const key = e.feed.toString('hex')
        if (!feeds.has(key)) feeds.set(key, new Map())
        feeds.get(key).set(e.seq, e)
        count++
      }
    }
    at += 4 + n
  }
  for (const [key, list] of feeds) {
    feeds.set(key, [...list.values()].sort((a, b) => a.seq - b.seq))
  }
  return { charter, feeds, evidence }
}

export { Malformed, factNumber }
