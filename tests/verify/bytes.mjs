// bytes.mjs -- BLAKE2b, canonical msgpack, base64 and Ed25519: what the second
// verifier is made of.  Standard modules of Node.js only.

import { createPublicKey, createHash, verify } from 'node:crypto'

const IV = new Uint32Array([
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372,
  0x5f1d36f1, 0xa54ff53a, 0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c,
  0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19])

const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0]]

// 64-bit words are pairs of 32 bits, the low one first.
const v = new Uint32Array(32)
const m = new Uint32Array(32)

function add (a, lo, hi) {
  const low = v[a] + lo
  v[a + 1] = v[a + 1] + hi + (low >= 0x100000000 ? 1 : 0)
  v[a] = low
}

function turn (a, b, bits) {
  const lo = v[a] ^ v[b]
  const hi = v[a + 1] ^ v[b + 1]
  if (bits === 32) {
    v[a] = hi
    v[a + 1] = lo
  } else if (bits === 63) {
    v[a] = (lo << 1) | (hi >>> 31)
    v[a + 1] = (hi << 1) | (lo >>> 31)
  } else {
    v[a] = (lo >>> bits) | (hi << (32 - bits))
    v[a + 1] = (hi >>> bits) | (lo << (32 - bits))
  }
}

function mix (a, b, c, d, x, y) {
  a *= 2; b *= 2; c *= 2; d *= 2
  add(a, v[b], v[b + 1])
  add(a, m[2 * x], m[2 * x + 1])
  turn(d, a, 32)
  add(c, v[d], v[d + 1])
  turn(b, c, 24)
  add(a, v[b], v[b + 1])
  add(a, m[2 * y], m[2 * y + 1])
  turn(d, a, 16)
  add(c, v[d], v[d + 1])
  turn(b, c, 63)
}

function compress (h, block, count, isLast) {
  for (let i = 0; i < 32; i++) m[i] = block.readUInt32LE(4 * i)
  v.set(h)
  v.set(IV, 16)
  v[24] ^= count
  v[25] ^= Math.floor(count / 0x100000000)
  if (isLast) {
    v[28] = ~v[28]
    v[29] = ~v[29]
  }
  for (let r = 0; r < 12; r++) {
    const s = SIGMA[r % 10]
    mix(0, 4, 8, 12, s[0], s[1])
    mix(1, 5, 9, 13, s[2], s[3])
    mix(2, 6, 10, 14, s[4], s[5])
    mix(3, 7, 11, 15, s[6], s[7])
    mix(0, 5, 10, 15, s[8], s[9])
    mix(1, 6, 11, 12, s[10], s[11])
    mix(2, 7, 8, 13, s[12], s[13])
    mix(3, 4, 9, 14, s[14], s[15])
  }
  for (let i = 0; i < 16; i++) h[i] ^= v[i] ^ v[i + 16]
}

// BLAKE2b-256 of a Buffer, without a key (RFC 7693).
export function blake2b (bytes) {
  const h = Uint32Array.from(IV)
  h[0] ^= 0x01010020
  const blocks = Math.max(1, Math.ceil(bytes.length / 128))
  for (let i = 0; i < blocks; i++) {
    const block = Buffer.alloc(128)
    bytes.copy(block, 0, 128 * i, 128 * (i + 1))
    const isLast = i === blocks - 1
    compress(h, block, isLast ? bytes.length : 128 * (i + 1), isLast)
  }
  const out = Buffer.alloc(32)
  for (let i = 0; i < 8; i++) out.writeUInt32LE(h[i], 4 * i)
  return out
}

export function sha256 (...parts) {
  const h = createHash('sha256')
  for (const p of parts) h.update(p)
  return h.digest()
}

export function isSigned (key, message, sig) {
  try {
    const pub = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') },
      format: 'jwk'
    })
    return verify(null, message, pub, sig)
  } catch {
    return false
  }
}

export const tagged = (tag, ...parts) =>
  Buffer.concat([Buffer.from(tag), Buffer.alloc(1), ...parts])

export class Malformed extends Error {}

export function must (ok, what) {
  if (!ok) throw new Malformed(what)
}

// RFC 4648 section 4, padded, nothing stray.
export function base64 (text) {
  must(/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, 'base64')
  const out = Buffer.from(text, 'base64')
  must(out.toString('base64') === text, 'base64')
  return out
}

export function decimal (text) {
  must(/^(0|[1-9][0-9]{0,18})$/.test(text), 'decimal')
  return BigInt(text)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function utf8 (bytes) {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Malformed('UTF-8')
  }
}

// A reader of canonical msgpack: integers, texts, Buffers, arrays, Maps, null.
export class Reader {
  constructor (bytes, at = 0) {
    this.b = bytes
    this.at = at
  }

  take (n) {
    must(n <= this.b.length - this.at, 'ends too early')
    this.at += n
    return this.b.subarray(this.at - n, this.at)
  }

  // The big-endian integer of n bytes, which is at least min: shortest form.
  big (n, min) {
    const x = this.take(n).readUIntBE(0, n)
    must(x >= min, 'not the shortest form')
    return x
  }

  uint64 () {
    const x = this.take(8).readBigUInt64BE()
    must(x > 0xffffffffn, 'not the shortest form')
    return x <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(x) : x
  }

  list (n, depth) {
    must(depth > 0, 'too deep')
    const out = []
    for (let i = 0; i < n; i++) out.push(this.value(depth - 1))
    return out
  }

  map (n, depth) {
    must(depth > 0, 'too deep')
    const out = new Map()
    let last = -1n
    for (let i = 0; i < n; i++) {
      const key = this.value(0)
      must((typeof key === 'number' || typeof key === 'bigint') &&
           BigInt(key) > last, 'keys do not rise')
      last = BigInt(key)
      out.set(key, this.value(depth - 1))
    }
    return out
  }

  // A value of at most depth nested containers; nil only where it is asked for.
  value (depth, mayBeNil = false) {
    const c = this.take(1)[0]
    if (c < 0x80) return c
    if (c < 0x90) return this.map(c & 15, depth)
    if (c < 0xa0) return this.list(c & 15, depth)
    if (c < 0xc0) return utf8(this.take(c & 31))
    switch (c) {
      case 0xc0: must(mayBeNil, 'nil'); return null
      case 0xc4: return this.take(this.big(1, 0))
      case 0xc5: return this.take(this.big(2, 0x100))
      case 0xc6: return this.take(this.big(4, 0x10000))
      case 0xcc: return this.big(1, 0x80)
      case 0xcd: return this.big(2, 0x100)
      case 0xce: return this.big(4, 0x10000)
      case 0xcf: return this.uint64()
      case 0xd9: return utf8(this.take(this.big(1, 32)))
      case 0xda: return utf8(this.take(this.big(2, 0x100)))
      case 0xdb: return utf8(this.take(this.big(4, 0x10000)))
      case 0xdc: return this.list(this.big(2, 16), depth)
      case 0xdd: return this.list(this.big(4, 0x10000), depth)
      case 0xde: return this.map(this.big(2, 16), depth)
      case 0xdf: return this.map(this.big(4, 0x10000), depth)
    }
    throw new Malformed('a type that is not used')
  }

  array (n) {
    const c = this.take(1)[0]
    must(c === 0x90 + n, 'not an array of ' + n)
  }

  bin (n) {
    const x = this.value(0)
    must(Buffer.isBuffer(x) && (n === undefined || x.length === n), 'bytes')
    return x
  }

  uint (max = Number.MAX_SAFE_INTEGER) {
    const x = this.value(0)
    must(typeof x === 'number' && x <= max, 'integer')
    return x
  }

  end () {
    must(this.at === this.b.length, 'something is left over')
  }
}

// The shortest form of an integer.
export function packUint (x) {
  let b
  if (x < 0x80) return Buffer.from([x])
  if (x < 0x100) return Buffer.from([0xcc, x])
  if (x < 0x10000) {
    b = Buffer.from([0xcd, 0, 0])
    b.writeUInt16BE(x, 1)
  } else if (x < 0x100000000) {
    b = Buffer.from([0xce, 0, 0, 0, 0])
    b.writeUInt32BE(x, 1)
  } else {
    b = Buffer.alloc(9, 0xcf)
    b.writeBigUInt64BE(BigInt(x), 1)
  }
  return b
}

export function packText (x) {
  const b = Buffer.from(x)
  must(b.length < 0x100, 'text')
  return Buffer.concat([Buffer.from(b.length < 32 ? [0xa0 + b.length] : [0xd9, b.length]), b])
}

export const packBin32 = x => Buffer.concat([Buffer.from([0xc4, 32]), x])

export function packArray (n) {
  if (n < 16) return Buffer.from([0x90 + n])
  const b = Buffer.from(n < 0x10000 ? [0xdc, 0, 0] : [0xdd, 0, 0, 0, 0])
  if (n < 0x10000) b.writeUInt16BE(n, 1)
  else b.writeUInt32BE(n, 1)
  return b
}
