// sample.mjs -- what an auditor draws, as the section Samples of
// proto/PROTOCOL.md says.

import { blake2b, tagged } from './bytes.mjs'

function rank (cut, seed, subject) {
  return blake2b(tagged('maillon/1 sample', cut, blake2b(Buffer.from(seed)), subject))
}

// What may be drawn: deliveries that are in force, and who has something.
function subjects (ledger, of) {
  if (of === 'deliveries') {
    return [...ledger.records.values()]
      .filter(r => r.kind === 'deliver' && ledger.newest(r) !== null &&
        !(r.facts.orphan && (ledger.records.has(r.facts.orphan.toString('hex')) ||
          ledger.isSilent(r))))
      .map(r => Buffer.from(r.id, 'hex'))
  }
  return [...new Set([...ledger.rows.values()].filter(r => (r.col.on_hand ?? 0n) !== 0n)
    .map(r => r.author + (r.outsider || '00'.repeat(16))))].map(x => Buffer.from(x, 'hex'))
}

// All that may be drawn, in the order in which it is.
export function draw (ledger, cut, seed, of) {
  return subjects(ledger, of).map(subject => ({ subject, rank: rank(cut, seed, subject) }))
    .sort((a, b) => Buffer.compare(a.rank, b.rank))
}
