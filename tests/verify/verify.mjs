#!/usr/bin/env node
// verify.mjs -- a second verifier, which shares nothing with the first one but
// proto/PROTOCOL.md.
//
//   node verify.mjs bundle FILE            what the bundle holds, as one line of JSON
//   node verify.mjs book FILE SEED         its rows, closed periods and sample, as
//                                          tests/vectors/README.md has it
//   node verify.mjs receipt [--trust FILE] FILE...
//   node verify.mjs refused RECEIPT POLICY FILE    what tests/vectors/refused.txt makes of it
//
// Exit code 0: all is well; 1: something does not verify, and stderr says what.

import { readFileSync } from 'node:fs'
import { packArray, packBin32, packUint, blake2b } from './bytes.mjs'
import { readBundle } from './entry.mjs'
import { closings } from './closing.mjs'
import { Ledger } from './ledger.mjs'
import { Malformed, checkReceipt, checkTrees, readPolicy } from './receipt.mjs'
import { draw } from './sample.mjs'

function cutDigest (ledger) {
  const tips = ledger.tips.map(t => Buffer.concat([packArray(3),
    packBin32(Buffer.from(t.feed, 'hex')), packUint(t.seq), packBin32(Buffer.from(t.id, 'hex'))]))
  const forks = [...ledger.forks].filter(([feed]) => ledger.members.has(ledger.feeds.get(feed)?.author))
    .sort().map(([feed, seq]) =>
      Buffer.concat([packArray(2), packBin32(Buffer.from(feed, 'hex')), packUint(seq)]))
  return blake2b(Buffer.concat([packArray(4), packUint(1), packBin32(ledger.network),
    packArray(tips.length), ...tips, packArray(forks.length), ...forks])).toString('hex')
}

function bundle (path) {
  const ledger = new Ledger(readBundle(readFileSync(path)))
  const items = ledger.items()
  const trees = checkTrees(ledger)
  const periods = closings(ledger)
  const findings = [...ledger.findings, ...trees.faults,
    ...periods.filter(p => p.isWhole && !p.isRight)
      .map(p => ({ code: 'FIN-07', subject: `${p.association} ${p.period}` }))]
  console.log(`{"network":"${ledger.network.toString('hex')}","cut":"${cutDigest(ledger)}",` +
    `"entries":${ledger.entries},"items":${items},"checkpoints":${trees.checked},` +
    `"cosignatures":${trees.cosignatures},"periods":${periods.length},"findings":${JSON.stringify(findings)}}`)
  return findings.length === 0 ? 0 : 1
}

// Blocks of keys and values.
function book (path, seed) {
  const ledger = new Ledger(readBundle(readFileSync(path)))
  const cut = cutDigest(ledger)
  const put = o => console.log(Object.entries(o).map(([k, v]) => `${k} ${v}\n`).join(''))
  const byKey = (a, b) => a[0] < b[0] ? -1 : 1
  put({ name: 'cut', network: ledger.network.toString('hex'), cut })
  ledger.foldBook()
  for (const [, row] of [...ledger.rows].sort(byKey)) {
    const col = Object.entries(row.col).filter(([, n]) => n !== 0n)
    if (col.length === 0) continue
    put({
      name: 'row',
      member: row.author,
      outsider: row.outsider || '00'.repeat(16),
      item: row.item,
      ...Object.fromEntries(col.sort(byKey))
    })
  }
  for (const p of closings(ledger)) {
    put({
      name: 'period',
      record: p.record.id,
      association: p.association,
      period: p.period,
      array: p.array.toString('hex'),
      balances: p.balances.toString('hex'),
      right: Number(p.isRight)
    })
  }
  for (const of of ['deliveries', 'holders']) {
    for (const { subject, rank } of draw(ledger, Buffer.from(cut, 'hex'), seed, of)) {
      put({ name: of, seed, subject: subject.toString('hex'), rank: rank.toString('hex') })
    }
  }
  return 0
}

function receipts (args) {
  let policy = null
  let code = 0
  if (args[0] === '--trust') {
    policy = readPolicy(readFileSync(args[1], 'utf8'))
    args = args.slice(2)
  }
  for (const path of args) {
    try {
      const r = checkReceipt(readFileSync(path), policy)
      console.log(`${path}: ${r.isAnchored ? 'verified' : 'consistent, not anchored'} ${r.id}` +
        r.forgotten.map(name => ` (${name} forgotten)`).join(''))
      if (!r.isAnchored) code = 1
    } catch (e) {
      if (!(e instanceof Malformed)) throw e
      console.error(`${path}: refused: ${e.message}`)
      code = 1
    }
  }
  return code
}

// Each block makes something of the receipt that is no receipt.
function refused (receipt, trust, path) {
  const policy = readPolicy(readFileSync(trust, 'utf8'))
  const right = readFileSync(receipt)
  let count = 0
  let code = 0
  checkReceipt(right, policy)
  for (const block of readFileSync(path, 'utf8').split('\n\n').filter(b => b !== '')) {
    const o = Object.fromEntries(block.split('\n').map(l => [l.slice(0, l.indexOf(' ')), l.slice(l.indexOf(' ') + 1)]))
    const put = Buffer.from(o.put === '-' ? '' : o.put, 'hex')
    const at = Number(o.at)
    count++
    try {
      checkReceipt(Buffer.concat([right.subarray(0, at), put, right.subarray(at + Number(o.drop))]), policy)
      console.error(`accepted: ${o.name}`)
      code = 1
    } catch (e) {
      if (!(e instanceof Malformed)) throw e
    }
  }
  console.log(`refused ${count}`)
  return code
}

function main (what, ...args) {
  if (what === 'bundle' && args.length === 1) return bundle(args[0])
  if (what === 'book' && args.length === 2) return book(...args)
  if (what === 'refused' && args.length === 3) return refused(...args)
  if (what === 'receipt' && args.length > 0) return receipts(args)
  console.error('usage: verify.mjs bundle FILE | book FILE SEED | receipt [--trust FILE] FILE...' +
    ' | refused RECEIPT POLICY FILE')
  return 64
}

try {
  process.exitCode = main(...process.argv.slice(2))
} catch (e) {
  if (!(e instanceof Malformed)) throw e
  console.error(`refused: ${e.message}`)
  process.exitCode = 1
}
