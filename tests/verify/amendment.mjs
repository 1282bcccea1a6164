// amendment.mjs -- "Amendments" of PROTOCOL.md: the charters that were in force one
// after the other, and the founders who are there by others.
import { Reader, blake2b, must } from './bytes.mjs'

const hex = b => b.toString('hex')

export function readCharter (bytes) {
  const r = new Reader(bytes)
  r.array(8)
  must(r.uint() === 1, 'version of the charter')
  r.value(0)
  const currency = r.value(0)
  const founders = r.value(3)
  r.uint(1)
  r.uint(64)
  const created = r.uint()
  const nonce = r.bin(16)
  r.end()
  return { founders: founders.map(f => hex(f[0])), fixed: [currency, created, hex(nonce)].join() }
}

// What `next` proposes may follow `now`, or null.
function follow (now, bytes) {
  let next
  try {
    next = readCharter(bytes)
  } catch {
    return null
  }
  return next.fixed === now.fixed && now.founders.every(f => next.founders.includes(f))
    ? next
    : null
}

// What more than half of the founders said at this number, the smallest id first.
function adopted (now, number, said, isHeard) {
  const ballots = new Map()
  for (const s of said) {
    if (s.facts.number !== String(number) || !s.facts.charter ||
        !now.founders.includes(s.author) || !isHeard(s)) continue
    const id = hex(blake2b(s.facts.charter))
    if (!ballots.has(id)) ballots.set(id, { bytes: s.facts.charter, by: new Set() })
    ballots.get(id).by.add(s.author)
  }
  for (const id of [...ballots.keys()].sort()) {
    const { bytes, by } = ballots.get(id)
    const next = follow(now, bytes)
    if (next && 2 * by.size > now.founders.length) return { next, by: [...by] }
  }
  return null
}

// All charters that came into force, the first one first; `visit` is shown each.
// Returns the founders of the last, and who signed for those who were added.
export function amend (first, said, isHeard, visit) {
  const sponsors = new Map()
  let now = first
  for (let number = 1; ; number++) {
    visit(now.founders)
    const found = adopted(now, number, said, isHeard)
    if (!found) return { founders: now.founders, sponsors }
    for (const f of found.next.founders) {
      if (!now.founders.includes(f)) sponsors.set(f, found.by)
    }
    now = found.next
  }
}
