#!/usr/bin/env node
// exports.mjs -- checks what `maillon export` wrote, each form by its own rules:
//
//   node exports.mjs fec FILE [TOTALS]        the tax office's rules for a FEC
//   node exports.mjs epcis FILE [TOTALS]      EPCIS 2.0 and CBV 2.0
//                                             and the sums of either are those
//                                             of `maillon totals --json`
//   node exports.mjs tiles DIR                c2sp.org/tlog-tiles, root and all
//   node exports.mjs parts TOTALS REPORT...   reports of treasurer and coordinator
//                                             for parts of a time, in order
//   node exports.mjs journal BALANCES TOTALS [TREASURER]
//                                             a journal's balances, as another
//                                             program added them up, are those
//                                             of `maillon totals --json` and of
//                                             `maillon report treasurer --json`
//
// Exit code 0: all is well, and a line of JSON says what is in it; 1: stderr
// says what is wrong.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { base64, isSigned, must, sha256 } from './bytes.mjs'
import { schema } from './epcis.mjs'

const FEC = ['JournalCode', 'JournalLib', 'EcritureNum', 'EcritureDate', 'CompteNum',
  'CompteLib', 'CompAuxNum', 'CompAuxLib', 'PieceRef', 'PieceDate', 'EcritureLib',
  'Debit', 'Credit', 'EcritureLet', 'DateLet', 'ValidDate', 'Montantdevise', 'Idevise']
const same = row => [row.JournalCode, row.EcritureDate, row.PieceRef, row.PieceDate, row.ValidDate].join()
const NEEDED = FEC.filter(c => !/^CompAux|Let$|devise$/.test(c))

function day (text) {
  const m = /^((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})$/.exec(text)
  must(m, `date ${text}`)
  const d = new Date(Date.UTC(Number(m[1]), Number(m[2]) - 1, Number(m[3])))
  must(d.toISOString().slice(0, 10).replaceAll('-', '') === text, `date ${text}`)
  return text
}

function cents (text) {
  must(/^[0-9]+,[0-9]{2}$/.test(text), `amount ${text}`)
  return BigInt(text.replace(',', ''))
}

// The accounts of a whole history, or of a first year that is closed.
function booked (accounts, totals) {
  const funds = JSON.parse(readFileSync(totals, 'utf8')).funds.filter(f => f.currency === 'EUR')
  const sum = (of, value) => of.reduce((s, f) => s + BigInt(value(f)), 0n)
  const has = (names, n, what) =>
    must(sum(names.split(' '), a => accounts[a] ?? 0n) === n, `${what}: not ${n}`)
  has('512000', sum(funds, f => f.balance), 'bank')
  has('754110', -sum(funds, f => f.donated), 'gifts')
  has('606800 623000 628000', sum(funds, f => f.spent), 'spendings')
  if ('196000' in accounts) {
    has('196000', -sum(funds.filter(f => f.fund && f.balance > 0), f => f.balance), 'dedicated funds')
  }
}

function fec (path, totals) {
  const bytes = readFileSync(path)
  must(/^([0-9]{9}|ASSO)FEC[0-9]{8}\.txt$/.test(basename(path)), 'file name')
  day(basename(path).slice(-12, -4))
  must(bytes.every(b => (b >= 0x20 && b < 0x7f) || [9, 10, 13].includes(b)), 'not ASCII')
  const lines = bytes.toString('ascii').split('\r\n')
  must(lines.pop() === '', 'the last line does not end')
  must(lines.shift() === FEC.join('\t'), 'header')
  const entries = []
  const accounts = {}
  for (const line of lines) {
    const cells = line.split('\t')
    must(cells.length === FEC.length, `fields: ${line}`)
    must(!/[\r\n|]/.test(line), `separator: ${line}`)
    const row = Object.fromEntries(FEC.map((c, i) => [c, cells[i]]))
    for (const c of NEEDED) must(row[c] !== '', `${c} is empty: ${line}`)
    must(/^[0-9]{3}[0-9A-Za-z]*$/.test(row.CompteNum), `account ${row.CompteNum}`)
    must((row.CompAuxNum === '') === (row.CompAuxLib === ''), `half of an auxiliary account: ${line}`)
    must((row.Montantdevise === '') === (row.Idevise === ''), `half of a currency: ${line}`)
    for (const c of ['EcritureDate', 'PieceDate', 'ValidDate']) day(row[c])
    must(row.EcritureDate <= basename(path).slice(-12, -4), `after the end: ${line}`)
    // What a year begins with stands first, and is no income and no charge.
    if (row.JournalCode === 'AN') must(row.EcritureNum === '1' && !/^[67]/.test(row.CompteNum), `no opening: ${line}`)
    const debit = cents(row.Debit)
    const credit = cents(row.Credit)
    must((debit === 0n) !== (credit === 0n), `debit or credit: ${line}`)
    const last = entries.at(-1)
    if (last?.num !== row.EcritureNum) {
      must(row.EcritureNum === String(entries.length + 1), `number ${row.EcritureNum}`)
      must(!last || last.valid <= row.ValidDate, `not in the order of validation: ${line}`)
      entries.push({
        num: row.EcritureNum, sum: 0n, valid: row.ValidDate,
        same: same(row)
      })
    }
    const e = entries.at(-1)
    must(e.same === same(row),
      `one entry, two journals, dates or pieces: ${line}`)
    e.sum += debit - credit
    accounts[row.CompteNum] = (accounts[row.CompteNum] ?? 0n) + debit - credit
  }
  for (const e of entries) must(e.sum === 0n, `entry ${e.num} is not balanced`)
  if (totals) booked(accounts, totals)
  return {
    entries: entries.length,
    accounts: Object.fromEntries(Object.entries(accounts).sort().map(([a, n]) => [a, Number(n)]))
  }
}

// Beyond what any EPCIS 2.0 document is held to, what ours are: nothing but what
// is named here, words of CBV alone, and whole quantities.
const OURS = ['eventID', 'type', 'eventTime', 'eventTimeZoneOffset', 'recordTime', 'action',
  'bizStep', 'disposition', 'readPoint', 'quantityList', 'inputQuantityList',
  'outputQuantityList', 'bizTransactionList', 'sourceList', 'destinationList',
  'persistentDisposition', 'errorDeclaration']
const onlyKeys = (o, ...keys) =>
  must(Object.keys(o).every(k => keys.includes(k)), `a key that is not used: ${Object.keys(o)}`)
const LISTS = ['quantityList', 'inputQuantityList', 'outputQuantityList']

function epcisEvent (e) {
  onlyKeys(e, ...OURS)
  must(['ObjectEvent', 'TransactionEvent', 'TransformationEvent'].includes(e.type), `type ${e.type}`)
  must('eventID' in e && 'recordTime' in e && 'readPoint' in e, 'no id, time or place')
  for (const w of [e.bizStep, e.disposition, e.errorDeclaration?.reason]) must(!w?.includes(':'), `word ${w}`)
  for (const b of e.bizTransactionList ?? []) must(b.type && !b.type.includes(':'), `transaction ${b.type}`)
  for (const list of Object.values(e).filter(v => Array.isArray(v))) must(list.length > 0, 'an empty list')
  const mayBeMany = e.bizStep === 'holding' || e.bizStep === 'inspecting'
  for (const q of LISTS.flatMap(l => e[l] ?? [])) {
    must(mayBeMany || 'quantity' in q, 'no quantity')
    must(!('quantity' in q) || (Number.isSafeInteger(q.quantity) && q.quantity > 0), 'quantity')
    must(!('uom' in q) || 'quantity' in q, 'a unit of no quantity')
  }
  // What is somewhere has come from somewhere, of the same sort.
  for (const s of e.bizStep === 'shipping' && e.disposition === 'in_transit' ? e.destinationList : []) {
    must(e.sourceList.some(f => f.type === s.type), `no source of ${s.type}`)
  }
}

// What was made and what was sent, without what was taken back.
function shipped (events, totals) {
  const gone = new Set(events.filter(e => e.errorDeclaration).map(e => e.eventID))
  const sum = (item, steps, list) => events
    .filter(e => !gone.has(e.eventID) && steps.includes(e.bizStep) && e.disposition !== 'returned')
    .flatMap(e => e[list] ?? e.outputQuantityList ?? [])
    .filter(q => q.epcClass.split('/item/')[1].split('/lot/')[0] === item)
    .reduce((s, q) => s + q.quantity, 0)
  for (const row of JSON.parse(readFileSync(totals, 'utf8')).items) {
    const made = sum(row.item, ['commissioning', 'creating_class_instance'], 'quantityList')
    const sent = sum(row.item, ['shipping'], 'quantityList')
    // A service is made by being delivered.
    must(made === row.produced || (made === 0 && row.produced === row.delivered), `${row.item} made: ${made}`)
    must(sent === row.delivered + row.moved, `${row.item} sent: ${sent}`)
  }
}

function epcis (path, totals) {
  const doc = JSON.parse(readFileSync(path, 'utf8'))
  schema(doc)
  onlyKeys(doc, '@context', 'type', 'schemaVersion', 'creationDate', 'epcisBody')
  must(doc.schemaVersion === '2.0', 'version')
  must(doc['@context'][0] === 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', 'context')
  const said = new Map()
  const counts = {}
  for (const e of doc.epcisBody.eventList) {
    epcisEvent(e)
    const what = e.errorDeclaration ? 'errorDeclaration' : e.bizStep ?? e.type
    counts[what] = (counts[what] ?? 0) + 1
    if (e.errorDeclaration) {
      const { errorDeclaration: d, ...rest } = e
      must(JSON.stringify(rest) === said.get(e.eventID), 'an error of something that was not said')
      must(d.reason, 'no reason')
      must(d.reason !== 'did_not_occur' || !('correctiveEventIDs' in d), 'what did not occur is not corrected')
      continue
    }
    must(!said.has(e.eventID), `two events ${e.eventID}`)
    said.set(e.eventID, JSON.stringify(e))
  }
  for (const e of doc.epcisBody.eventList) {
    for (const id of e.errorDeclaration?.correctiveEventIDs ?? []) must(said.has(id), 'a correction that is not there')
  }
  if (totals) shipped(doc.epcisBody.eventList, totals)
  return { events: said.size, counts }
}

// Reports of parts of a time that follow one another: each fund goes on where it
// was, and money and goods add up to what they are in all.
function parts (totals, ...paths) {
  const say = JSON.parse(readFileSync(totals, 'utf8'))
  const all = paths.map(p => JSON.parse(readFileSync(p, 'utf8')))
  for (const f of say.funds) {
    let [balance, donated, spent] = [0, 0, 0]
    for (const row of all.flatMap(r => r.funds ?? []).filter(r => r.fund === f.fund && r.currency === f.currency)) {
      must(row.opening === balance, `fund ${f.fund} goes on with ${row.opening}, not ${balance}`)
      balance = row.balance
      donated += row.donated
      spent += row.spent
    }
    must(balance === f.balance && donated === f.donated && spent === f.spent, `fund ${f.fund} ${f.currency}`)
  }
  for (const item of say.items) {
    const rows = all.flatMap(r => r.items ?? []).filter(r => r.item === item.item)
    for (const column of ['produced', 'delivered', 'claimed']) {
      const sum = rows.reduce((s, r) => s + r[column], 0)
      must(sum === item[column], `${item.item} ${column}: ${sum}, not ${item[column]}`)
    }
  }
  return { parts: all.length }
}

const node = (l, r) => sha256(Buffer.from([1]), l, r)

function root (hashes) {
  if (hashes.length === 1) return hashes[0]
  let k = 1
  while (k * 2 < hashes.length) k *= 2
  return node(root(hashes.slice(0, k)), root(hashes.slice(k)))
}

function tilePath (n) {
  const parts = []
  for (let x = n; x > 0 || parts.length === 0; x = Math.floor(x / 1000)) {
    parts.unshift(String(x % 1000).padStart(3, '0'))
  }
  return parts.map((p, i) => i < parts.length - 1 ? 'x' + p : p).join('/')
}

// All of a level: full tiles, and the last one with its width in its name.
function level (dir, name, total, read) {
  const out = []
  for (let n = 0; n * 256 < total; n++) {
    const w = Math.min(256, total - n * 256)
    const path = join(dir, 'tile', name, tilePath(n) + (w < 256 ? `.p/${w}` : ''))
    const tile = read(readFileSync(path))
    must(tile.length === w, `width of ${path}`)
    out.push(...tile)
  }
  return out
}

function hashes (bytes) {
  must(bytes.length % 32 === 0, 'size of a tile')
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32))
}

function entries (bytes) {
  const out = []
  for (let at = 0; at < bytes.length;) {
    const n = bytes.readUInt16BE(at)
    must(n === 32 && at + 2 + n <= bytes.length, 'an entry')
    out.push(bytes.subarray(at + 2, at + 2 + n))
    at += 2 + n
  }
  return out
}

function tiles (dir) {
  const note = readFileSync(join(dir, 'checkpoint'), 'utf8')
  const cut = note.indexOf('\n\n')
  const text = note.slice(0, cut + 1)
  const [origin, size, top] = text.split('\n')
  const lines = note.slice(cut + 2, -1).split('\n').map(l => /^— (\S+) (\S+)$/.exec(l))
  const log = lines.find(l => l[1] === origin)
  const key = Buffer.from(origin.split('/')[2], 'hex')
  must(isSigned(key, Buffer.from(text), base64(log[2]).subarray(4)), 'signature of the checkpoint')
  const ids = level(dir, 'entries', Number(size), entries)
  let below = ids.map(id => sha256(Buffer.from([0]), id))
  must(root(below).equals(base64(top)), 'the root is not that of the entries')
  let levels = 0
  for (; below.length > 0; levels++) {
    const held = level(dir, String(levels), below.length, hashes)
    must(held.every((h, i) => h.equals(below[i])), `level ${levels}`)
    below = Array.from({ length: Math.floor(held.length / 256) }, (_, i) =>
      root(held.slice(256 * i, 256 * i + 256)))
  }
  must(!existsSync(join(dir, 'tile', String(levels))), 'a level too many')
  must(readdirSync(dir).sort().join() === 'checkpoint,tile', 'something else is there')
  return { size: Number(size), levels, cosignatures: lines.length - 1, first: ids[0].toString('hex') }
}

// What each column of a total is called in a journal, and its sign there.
const COLUMNS = {
  produced: ['production', -1n], supplied: ['apports', -1n], found: ['trouvailles', -1n],
  rejected: ['suivi:rebuts', 1n], consumed: ['consommation', 1n], moved: ['suivi:deplaces', 1n],
  delivered: ['suivi:livres', 1n], claimed: ['suivi:declares', 1n], refused: ['suivi:refuses', 1n],
  in_transit: ['transit', 1n], on_hand: ['actifs:stock', 1n], lost: ['pertes', 1n],
  A: ['remis:A', 1n], B: ['remis:B', 1n], C: ['remis:C', 1n]
}

// Rows "account","commodity","amount", each account once or more often.
const KINDS = { goods: '860', hours: '864', kilometres: '861', 'waived expenses': '6251' }

function journal (balances, totals, treasurer) {
  const have = new Map()
  const add = (key, n) => have.set(key, (have.get(key) ?? 0n) + n)
  for (const line of readFileSync(balances, 'utf8').split('\n').filter(l => l !== '')) {
    const [name, symbol, amount] = JSON.parse(`[${line}]`)
    const commodity = symbol.replaceAll('"', '')
    const account = name.replace(/^\((.*)\)$/, '$1')
    const m = /^(-?[0-9]+)(?:\.([0-9]{1,2}))?$/.exec(amount)
    if (!m || account === 'total') continue
    const minor = /^[A-Z]{3}$/.test(commodity) ? (m[2] ?? '').padEnd(2, '0') : m[2] ?? ''
    add(`${account} ${commodity}`, BigInt(m[1] + minor))
  }
  const sum = (prefix, commodity) => [...have].reduce((s, [k, n]) =>
    k.startsWith(prefix + ':') && k.endsWith(' ' + commodity) ? s + n : s, 0n)
  const say = JSON.parse(readFileSync(totals, 'utf8'))
  let compared = 0
  for (const item of say.items) {
    const row = { ...item, ...item.acknowledged }
    for (const [c, [account, sign]] of Object.entries(COLUMNS)) {
      const n = sum(account, item.item) * sign
      must(n === BigInt(row[c]), `${item.item} ${c}: ${n}, not ${row[c]}`)
      compared++
    }
    must(sum('passage', item.item) === 0n, 'what was handed was not received')
  }
  const labels = new Map(say.associations.map(a => [a.party, a.label]))
  for (const f of say.funds) {
    const tail = `:${labels.get(f.party)}:${f.fund || '_'} ${f.currency}`
    const bank = have.get('actifs:banque:512' + tail) ?? 0n
    const gifts = have.get('produits:75411' + tail) ?? 0n
    must(bank === BigInt(f.balance), `balance of ${tail}: ${bank}, not ${f.balance}`)
    must(-gifts === BigInt(f.donated), `gifts of ${tail}: ${-gifts}, not ${f.donated}`)
    const spent = ['6068', '623', '628'].reduce((s, a) => s + (have.get(`charges:${a}${tail}`) ?? 0n), 0n)
    must(spent === BigInt(f.spent), `spendings of ${tail}`)
    compared += 3
  }
  // What never was in the bank: by sort, in the treasurer's report.
  for (const row of treasurer ? JSON.parse(readFileSync(treasurer, 'utf8')).in_kind : []) {
    const n = [...have].reduce((s, [k, n]) =>
      k.includes(`:${KINDS[row.sort]}:`) && k.endsWith(' ' + row.currency) ? s + n : s, 0n)
    must(n === BigInt(row.worth), `${row.sort}: ${n}, not ${row.worth}`)
    compared++
  }
  return { compared }
}

const [what, ...paths] = process.argv.slice(2)
try {
  console.log(JSON.stringify({ fec, epcis, tiles, journal, parts }[what](...paths)))
} catch (e) {
  console.error(`${what}: ${e.message}`)
  process.exitCode = 1
}
