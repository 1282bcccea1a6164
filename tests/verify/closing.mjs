// closing.mjs -- what the accounts of a closed period were, as the sections
// Funds and Periods of proto/PROTOCOL.md say.

import { packArray, packBin32, packText, packUint, sha256 } from './bytes.mjs'

const ASSOCIATION = 3
const TREASURER = 4

const keepsAccounts = m => m && (m.role === ASSOCIATION || m.role === TREASURER)

// When a period ends: ms since 1970, the first that is no longer in it.
export function periodEnd (text) {
  const year = Number(text.slice(0, 4))
  if (text.length === 4) return Date.UTC(year + 1, 0)
  const part = Number(text.slice(-1))
  return text[5] === 'Q' ? Date.UTC(year, 3 * part) : Date.UTC(year, Number(text.slice(5)))
}

// Is it not what another record issued again, or was first?
const acts = (ledger, r) => !r.facts.orphan ||
  (!ledger.records.has(r.facts.orphan.toString('hex')) && !ledger.isSilent(r))

// The newest facts of a record that refers to nothing, null when it has no
// effect.
const acting = (ledger, r) => acts(ledger, r) ? ledger.newest(r) : null

const isMoney = f => !f.in_kind && !f.waived && f.hours === undefined && f.km === undefined

// [fund, currency, donated, spent] of an association, of what is dated before.
function sums (ledger, association, before) {
  const rows = new Map()
  for (const r of ledger.records.values()) {
    const m = ledger.members.get(r.author)
    if ((r.kind !== 'donate' && r.kind !== 'spend') || !keepsAccounts(m) ||
        m.association !== association) continue
    const facts = acting(ledger, r)
    if (facts === null || !isMoney(facts) || (facts.when ?? r.time_ms) >= before) continue
    const [minor, currency] = facts.amount
    const key = (facts.fund ?? '') + ' ' + currency
    const row = rows.get(key) ?? [facts.fund ?? '', currency, 0, 0]
    row[r.kind === 'donate' ? 2 : 3] += minor
    rows.set(key, row)
  }
  return [...rows].sort((a, b) => a[0] < b[0] ? -1 : 1).map(([, row]) => row)
}

// Is every entry here up to which the feeds had been read?
function isWhole (ledger, runs) {
  return runs.every(([feed, seq, id]) => {
    const f = ledger.feeds.get(feed.toString('hex'))
    return f !== undefined && seq <= f.entries.length && f.entries[seq - 1].id.equals(id) &&
      keepsAccounts(ledger.members.get(f.author)) && seq <= ledger.countedTo(f.author, f.key)
  })
}

// Every period that was closed, as it was first written: what was frozen, and the canonical array that
// it is to be the hash of.
export function closings (ledger) {
  const out = []
  for (const r of ledger.records.values()) {
    const m = ledger.members.get(r.author)
    if (r.kind !== 'period' || !keepsAccounts(m) || !acts(ledger, r)) continue
    const facts = r.facts
    const read = new Map(facts.runs.map(([feed, seq]) => [feed.toString('hex'), seq]))
    const past = ledger.as([...ledger.records.values()]
      .filter(x => x.seq <= (read.get(x.feed) ?? 0)))
    const rows = sums(past, m.association, periodEnd(facts.period))
    const array = Buffer.concat([packArray(5), packUint(1), packBin32(ledger.network),
      packBin32(Buffer.from(m.association, 'hex')), packText(facts.period),
      packArray(rows.length), ...rows.map(([fund, currency, donated, spent]) =>
        Buffer.concat([packArray(4), packText(fund), packText(currency),
          packUint(donated), packUint(spent)]))])
    out.push({
      record: r,
      association: m.association,
      period: facts.period,
      balances: facts.balances,
      array,
      isWhole: isWhole(ledger, facts.runs),
      isRight: sha256(array).equals(facts.balances)
    })
  }
  return out
}
