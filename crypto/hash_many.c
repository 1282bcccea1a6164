#include "crypto/hash.h"

#include <string.h>

/*
 * A round of BLAKE2b waits for the one before, so one message keeps a fraction
 * of a processor busy.  Eight messages do not wait for each other: word k of
 * each stands in one wide register, and what is done to it is done to all.
 * Nothing is secret here, and what comes out is what libsodium's hash gives.
 */

enum {
	LANES = 8,
	FEW = 4, /* fewer messages are done sooner one by one */
	BLOCK = 128,
	ROUNDS = 12
};

#if defined(__x86_64__)

/* Word k of each message.  Only ever passed by its place: how such a value is
 * passed depends on the processor. */
typedef uint64_t lanes __attribute__((vector_size(LANES * sizeof(uint64_t))));

#define INLINE static inline __attribute__((always_inline))

static const uint64_t iv[8] = { 0x6a09e667f3bcc908, 0xbb67ae8584caa73b,
				0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
				0x510e527fade682d1, 0x9b05688c2b3e6c1f,
				0x1f83d9abfb41bd6b, 0x5be0cd19137e2179 };

/* Which word of the block comes when; RFC 7693, section 2.7. */
static const uint8_t sigma[ROUNDS][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
};

/* The next block of each message, and what RFC 7693 calls t and f. */
struct step {
	const uint8_t *block[LANES];
	lanes hashed; /* bytes, these included */
	lanes last;   /* all bits: it is the message's last */
	lanes ended;  /* all bits: the message has no such block */
};

INLINE void turn(lanes *x, const lanes *y, int n)
{
	lanes t = *x ^ *y;

	*x = t >> n | t << (64 - n);
}

INLINE void mix(lanes *a, lanes *b, lanes *c, lanes *d, const lanes *x,
		const lanes *y)
{
	*a += *b + *x;
	turn(d, a, 32);
	*c += *d;
	turn(b, c, 24);
	*a += *b + *y;
	turn(d, a, 16);
	*c += *d;
	turn(b, c, 63);
}

INLINE void one_round(lanes v[16], const lanes m[16], const uint8_t s[16])
{
	mix(&v[0], &v[4], &v[8], &v[12], &m[s[0]], &m[s[1]]);
	mix(&v[1], &v[5], &v[9], &v[13], &m[s[2]], &m[s[3]]);
	mix(&v[2], &v[6], &v[10], &v[14], &m[s[4]], &m[s[5]]);
	mix(&v[3], &v[7], &v[11], &v[15], &m[s[6]], &m[s[7]]);
	mix(&v[0], &v[5], &v[10], &v[15], &m[s[8]], &m[s[9]]);
	mix(&v[1], &v[6], &v[11], &v[12], &m[s[10]], &m[s[11]]);
	mix(&v[2], &v[7], &v[8], &v[13], &m[s[12]], &m[s[13]]);
	mix(&v[3], &v[4], &v[9], &v[14], &m[s[14]], &m[s[15]]);
}

/* The processor is little-endian, as BLAKE2b is. */
INLINE void load_words(lanes m[16], const struct step *at)
{
	for (size_t i = 0; i < 16; i++)
		for (size_t k = 0; k < LANES; k++) {
			uint64_t w;

			memcpy(&w, at->block[k] + i * sizeof(w), sizeof(w));
			m[i][k] = w;
		}
}

/* Take one block of each message into h.  The rounds are all written out, so
 * that words and registers are known when this is compiled. */
INLINE void compress(lanes h[8], const struct step *at)
{
	lanes m[16], v[16];

	load_words(m, at);
	for (size_t i = 0; i < 8; i++) {
		v[i] = h[i];
		v[i + 8] = (lanes){ 0 } + iv[i];
	}
	v[12] ^= at->hashed;
	v[14] ^= at->last;
#pragma GCC unroll 12
	for (size_t i = 0; i < ROUNDS; i++)
		one_round(v, m, sigma[i]);
	for (size_t i = 0; i < 8; i++)
		h[i] ^= (v[i] ^ v[i + 8]) & ~at->ended;
}

__attribute__((target("avx512f"))) static void compress_avx512(
	lanes h[8], const struct step *at)
{
	compress(h, at);
}

__attribute__((target("avx2"))) static void compress_avx2(lanes h[8],
							  const struct step *at)
{
	compress(h, at);
}

typedef void compressor(lanes h[8], const struct step *at);

/* NULL where registers are too narrow to gain anything. */
static compressor *best_compressor(void)
{
	if (__builtin_cpu_supports("avx512f"))
		return compress_avx512;
	return __builtin_cpu_supports("avx2") ? compress_avx2 : NULL;
}

static size_t blocks_of(const struct message *m)
{
	return m->n == 0 ? 1 : (m->n + BLOCK - 1) / BLOCK;
}

/* Block i of a message for lane k; pad is room for one that is not full. */
static void place_block(struct step *at, size_t k, const struct message *m,
			size_t i, uint8_t pad[static BLOCK])
{
	size_t from = i * BLOCK, left = m->n > from ? m->n - from : 0;
	const uint8_t *p = m->p;
	bool is_last = left <= BLOCK;

	at->hashed[k] = is_last ? m->n : from + BLOCK;
	at->last[k] = is_last ? UINT64_MAX : 0;
	at->ended[k] = i >= blocks_of(m) ? UINT64_MAX : 0;
	at->block[k] = left < BLOCK ? pad : p + from;
	if (left >= BLOCK)
		return;
	if (left > 0)
		memcpy(pad, p + from, left);
	memset(pad + left, 0, BLOCK - left);
}

static void hash_lanes(struct id out[LANES], const struct message at[LANES],
		       compressor *take)
{
	/* PROTOCOL has no key and 32 bytes out: RFC 7693, section 2.5. */
	const uint64_t parameters = 0x01010000 ^ ID_SIZE;
	uint8_t pad[LANES][BLOCK];
	struct step step;
	size_t blocks = 0;
	lanes h[8];

	for (size_t i = 0; i < 8; i++)
		h[i] = (lanes){ 0 } + iv[i];
	h[0] ^= parameters;
	for (size_t k = 0; k < LANES; k++)
		if (blocks_of(&at[k]) > blocks)
			blocks = blocks_of(&at[k]);
	for (size_t i = 0; i < blocks; i++) {
		for (size_t k = 0; k < LANES; k++)
			place_block(&step, k, &at[k], i, pad[k]);
		take(h, &step);
	}
	for (size_t k = 0; k < LANES; k++)
		for (size_t i = 0; i < ID_SIZE / sizeof(uint64_t); i++) {
			uint64_t w = h[i][k];

			memcpy(out[k].b + i * sizeof(w), &w, sizeof(w));
		}
}

/* How many of the n messages were done. */
static size_t hash_wide(struct id *out, const struct message *at, size_t n)
{
	compressor *take = n < FEW ? NULL : best_compressor();
	size_t done = 0;

	while (take != NULL && n - done >= LANES) {
		hash_lanes(out + done, at + done, take);
		done += LANES;
	}
	if (take != NULL && n - done >= FEW) {
		struct message rest[LANES] = { { NULL, 0 } };
		struct id ids[LANES];

		memcpy(rest, at + done, (n - done) * sizeof(*rest));
		hash_lanes(ids, rest, take);
		memcpy(out + done, ids, (n - done) * sizeof(*ids));
		done = n;
	}
	return done;
}

#else

static size_t hash_wide(struct id *out, const struct message *at, size_t n)
{
	(void)out;
	(void)at;
	(void)n;
	return 0;
}

#endif

void hash_ids(struct id *out, const struct message *at, size_t n)
{
	for (size_t i = hash_wide(out, at, n); i < n; i++)
		out[i] = hash_id(at[i].p, at[i].n);
}
