// epcis.mjs -- what GS1 asks of an EPCIS 2.0 document in JSON, restated here in
// tables of our own after the JSON Schema and the vocabularies (CBV 2.0) that
// GS1 publishes at ref.gs1.org/standards/epcis and in gs1/EPCIS.  The schema
// says what may stand where, not only in what we write; so a list of serial
// numbers or a sensor is no fault here, and a misspelt word is.

import { must } from './bytes.mjs'

const words = text => new Set(text.split(' '))

const STEPS = words('accepting arriving assembling collecting commissioning consigning ' +
  'creating_class_instance cycle_counting decommissioning departing destroying disassembling ' +
  'dispensing encoding entering_exiting holding inspecting installing killing loading other ' +
  'packing picking receiving removing repackaging repairing replacing reserving retail_selling ' +
  'sampling sensor_reporting shipping staging_outbound stock_taking stocking storing ' +
  'transporting unloading unpacking void_shipping')
const DISPOSITIONS = words('active available completeness_inferred completeness_verified ' +
  'conformant container_closed container_open damaged destroyed dispensed disposed encoded ' +
  'expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity ' +
  'needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed ' +
  'recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen ' +
  'unavailable unknown')
const PAPERS = words('bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt')
const SIDES = words('owning_party possessing_party location')
const REASONS = words('did_not_occur incorrect_data')

// RFC 3986, with a scheme: no fragment within a fragment, no bracket but around
// an address, and a percent sign only before two digits.
const PART = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"
const URI = new RegExp(`^[A-Za-z][A-Za-z0-9+.-]*:(?=.)(?://(?:[^/?#\\[\\]@]*@)?\\[[0-9A-Fa-f:.]+\\](?::[0-9]*)?)?${PART}(?:\\?(?:${PART}|\\?)*)?(?:#(?:${PART}|\\?)*)?$`)

// RFC 3339: a moment that a calendar has, with its distance from UTC.
const TIME = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/

function isTime (text) {
  const m = TIME.exec(text)
  const day = m && new Date(`${m[1]}-${m[2]}-${m[3]}T00:00:00Z`)
  return Boolean(m) && !isNaN(day) && day.getUTCDate() === Number(m[3])
}

const isObject = v => typeof v === 'object' && v !== null && !Array.isArray(v)

// Each rule says what is wrong, or nothing.
const text = v => typeof v === 'string' ? '' : 'no text'
const uri = v => text(v) || (URI.test(v) ? '' : `no URI: ${v}`)
const time = v => text(v) || (isTime(v) ? '' : `no time: ${v}`)
const number = v => typeof v === 'number' ? '' : `no number: ${v}`
const like = pattern => v => text(v) || (pattern.test(v) ? '' : `not like ${pattern}: ${v}`)
const one = (...of) => v => of.includes(v) ? '' : `none of ${of}: ${v}`
// A bare word of the vocabulary, or a word of somebody else's, as a URI.
const word = list => v => text(v) || (list.has(v) ? ''
  : /^(urn:epcglobal:cbv|https?:\/\/ns\.gs1\.org\/cbv\/)/.test(v) ? `a word of CBV that is not bare: ${v}` : uri(v))

function list (rule, { least = 0, once = false } = {}) {
  return v => {
    if (!Array.isArray(v)) return 'no list'
    if (v.length < least) return 'an empty list'
    if (once && new Set(v.map(x => JSON.stringify(x))).size !== v.length) return 'the same twice'
    return v.map(rule).find(s => s) ?? ''
  }
}

// An object with these keys; what else may stand there is said by a rule for its
// name.
const none = () => 'is not used'
const any = () => ''

function object (keys, needs = [], own = none) {
  return v => {
    if (!isObject(v)) return 'no object'
    for (const k of needs) if (!(k in v)) return `no ${k}`
    for (const [k, x] of Object.entries(v)) {
      const wrong = Object.hasOwn(keys, k) ? keys[k](x) : own(k)
      if (wrong) return `${k}: ${wrong}`
    }
    return ''
  }
}

const place = v => isObject(v) ? uri(v.id) : 'no object'
const amount = object({ epcClass: uri, quantity: number, uom: like(/^[A-Z0-9]{2,3}$/) }, ['epcClass'])
const paper = object({ type: word(PAPERS), bizTransaction: uri }, ['bizTransaction'])
const side = name => object({ type: word(SIDES), [name]: uri }, ['type', name])
const source = v => isObject(v) ? '' : uri(v)
const context = v => Array.isArray(v) ? list(source, { once: true })(v) : source(v)
const disposition = word(DISPOSITIONS)
const marks = list(disposition, { least: 1, once: true })
const lasting = v => object({ set: marks, unset: marks })(v) ||
  ('set' in v || 'unset' in v ? '' : 'neither set nor unset')
const sensor = object({
  sensorMetadata: object({}, [], any), sensorReport: list(object({}, ['type'], any), { least: 1 })
}, ['sensorReport'], uri)
const master = v => isObject(v) ? Object.keys(v).map(uri).find(s => s) ?? '' : 'no object'

const COMMON = {
  '@context': context,
  type: text,
  eventID: uri,
  eventTime: time,
  recordTime: time,
  eventTimeZoneOffset: like(/^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$/),
  certificationInfo: v => Array.isArray(v) ? list(uri)(v) : uri(v),
  errorDeclaration: object({
    declarationTime: time, reason: word(REASONS), correctiveEventIDs: list(uri)
  }, ['declarationTime'], uri)
}
const MANY = {
  bizStep: word(STEPS),
  disposition,
  readPoint: place,
  bizLocation: place,
  bizTransactionList: list(paper),
  sourceList: list(side('source')),
  destinationList: list(side('destination')),
  sensorElementList: list(sensor)
}
const ACTION = { action: one('ADD', 'OBSERVE', 'DELETE') }
const WHAT = { epcList: list(uri, { once: true }), quantityList: list(amount) }
const CHILDREN = { parentID: uri, childEPCs: list(uri, { once: true }), childQuantityList: list(amount) }
const NEEDED = ['type', 'eventTime', 'eventTimeZoneOffset']

const KINDS = {
  ObjectEvent: [{ ...ACTION, ...WHAT, persistentDisposition: lasting, ilmd: master }, ['action']],
  AggregationEvent: [{ ...ACTION, ...CHILDREN }, ['action']],
  AssociationEvent: [{ ...ACTION, ...CHILDREN }, ['action', 'parentID']],
  TransactionEvent: [{ ...ACTION, ...WHAT, parentID: uri, bizTransactionList: list(paper, { least: 1 }) },
    ['action', 'bizTransactionList']],
  TransformationEvent: [{
    inputEPCList: list(uri, { once: true }), inputQuantityList: list(amount),
    outputEPCList: list(uri, { once: true }), outputQuantityList: list(amount),
    transformationID: uri, persistentDisposition: lasting, ilmd: master
  }, []]
}

const some = (e, ...keys) => keys.some(k => e[k]?.length > 0)

// What an event of its kind has to be about.
const ABOUT = {
  ObjectEvent: e => 'epcList' in e || some(e, 'quantityList') || (some(e, 'sensorElementList') && 'readPoint' in e),
  AggregationEvent: e => some(e, 'childEPCs', 'childQuantityList') || e.action === 'DELETE',
  AssociationEvent: e => some(e, 'childEPCs', 'childQuantityList') || e.action === 'DELETE',
  TransactionEvent: e => 'epcList' in e || some(e, 'quantityList') || e.action === 'DELETE',
  TransformationEvent: e => 'transformationID' in e
    ? some(e, 'inputEPCList', 'inputQuantityList', 'outputEPCList', 'outputQuantityList')
    : some(e, 'inputEPCList', 'inputQuantityList') && some(e, 'outputEPCList', 'outputQuantityList')
}

function event (e) {
  const kind = Object.hasOwn(KINDS, e?.type) && KINDS[e.type]
  if (!kind) return object({ ...COMMON, type: uri }, NEEDED, any)(e)
  const [keys, needs] = kind
  return object({ ...COMMON, ...MANY, ...keys }, [...NEEDED, ...needs], uri)(e) ||
    (!ABOUT[e.type](e) ? 'an event about nothing' : '') ||
    ('ilmd' in e && 'action' in e && e.action !== 'ADD' ? 'master data of what was there before' : '')
}

const document = object({
  '@context': context,
  id: uri,
  type: one('EPCISDocument'),
  schemaVersion: like(/^[0-9]+(\.[0-9]+)*$/),
  creationDate: time,
  instanceIdentifier: text,
  sender: text,
  receiver: text,
  epcisHeader: object({ epcisMasterData: object({}, [], any) }, [], uri),
  epcisBody: object({ eventList: list(event) }, ['eventList'], any)
}, ['@context', 'type', 'schemaVersion', 'creationDate', 'epcisBody'], uri)

// schema: a document that GS1's schema would refuse is refused, with the first
// reason.
export function schema (doc) {
  const wrong = document(doc)
  must(!wrong, wrong)
}
