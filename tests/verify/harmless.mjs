#!/usr/bin/env node
// harmless.mjs FILE... -- does what a program printed do no harm where it is
// read?  The ending of a name says where that is: .text a terminal, .json,
// .csv a spreadsheet, .html a browser, .fec, .dot, .journal.
//
// Nothing here knows how the program escapes; it knows what terminals,
// spreadsheets and browsers obey.
import { readFileSync } from 'node:fs'

const fail = (file, why) => {
  console.error(`${file}: ${why}`)
  process.exitCode = 1
}

// Control characters, and what turns round, joins or hides what is beside it.
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e007f}]/gu

const ALLOWED = { text: '\n', json: '\n', jsonld: '\n', html: '\n', csv: '\n\r', fec: '\n\r\t', dot: '\n\t', journal: '\n' }

const where = (text, at) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 20))

// The cells of a table with semicolons (RFC 4180 in all else).
function cells (text) {
  const out = []
  for (let at = 0; at < text.length;) {
    let cell = ''
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (at >= text.length) throw new Error('a quote is never closed')
        if (text[at] === '"') at++
        cell += text[at]
      }
      at++
    } else {
      while (at < text.length && !';\r\n'.includes(text[at])) cell += text[at++]
      if (cell.includes('"')) throw new Error(`a quote inside of ${cell}`)
    }
    if (text.startsWith('\r\n', at)) at += 2
    else if (text[at] === ';') at++
    else throw new Error(`no end of a cell after ${cell}`)
    out.push(cell)
  }
  return out
}

function csv (file, text) {
  for (const cell of cells(text.replace(/^\ufeff/, '')))
    if (/^[\s"\u3000]*[=+@\-\uff1d\uff0b\uff0d\uff20\u2212]/u.test(cell) && !/^-?[0-9]+(,[0-9]+)?$/.test(cell))
      fail(file, `a formula: ${cell}`)
}

const TAGS = new Set('html head meta title style body h1 h2 section dl dt dd table thead tbody tr th td p i'.split(' '))
const ATTRIBUTES = new Set('lang dir charset http-equiv content name class style'.split(' '))

function html (file, text) {
  const rest = text.replace(/^<!DOCTYPE html>/, '').replace(/<\/?([a-z0-9]+)((?: [a-z-]+="[^"<>]*")*)>/g, (whole, tag, attributes) => {
    if (!TAGS.has(tag)) fail(file, `a tag: ${whole}`)
    for (const [, name] of attributes.matchAll(/ ([a-z-]+)=/g)) if (!ATTRIBUTES.has(name)) fail(file, `an attribute: ${whole}`)
    return ''
  })
  if (/[<>]/.test(rest)) fail(file, `markup: ${where(rest, rest.search(/[<>]/))}`)
  for (const [entity] of rest.matchAll(/&[^;]{0,8};?/g))
    if (!['&amp;', '&lt;', '&gt;', '&quot;', '&#39;'].includes(entity)) fail(file, `an entity: ${entity}`)
}

// Outside of its strings a graph has words and signs of its own only.
function dot (file, text) {
  const rest = text.replace(/"(?:[^"\\\n]|\\[^\n])*"/g, '')
  if (/["<>\\]/.test(rest.replaceAll('->', ''))) fail(file, `a string is not closed: ${where(rest, rest.search(/["<\\]/))}`)
}

let seen = 0
for (const file of process.argv.slice(2)) {
  const ending = file.split('.').pop()
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file))
  } catch {
    fail(file, 'no UTF-8')
    continue
  }
  if (ALLOWED[ending] === undefined) throw new Error(`${file}: read by nobody known`)
  for (const found of text.matchAll(OBEYED)) {
    if (ALLOWED[ending].includes(found[0]) || (found.index === 0 && ending === 'csv')) continue
    fail(file, `U+${found[0].codePointAt(0).toString(16)} in ${where(text, found.index)}`)
    break
  }
  if (/\r(?!\n)/.test(text)) fail(file, 'a carriage return alone')
  if (ending === 'csv') csv(file, text)
  if (ending === 'html') html(file, text)
  if (ending === 'dot') dot(file, text)
  if (ending === 'json') for (const line of text.split('\n')) if (line !== '') JSON.parse(line)
  if (ending === 'jsonld') JSON.parse(text)
  seen++
}
console.log(JSON.stringify({ harmless: seen }))
