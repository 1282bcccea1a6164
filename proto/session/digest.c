#include "proto/session/digest.h"

#include "crypto/bytes.h"

#include <string.h>

enum { WORDS = 4 };

void digest_init(struct digest *d)
{
	memset(d, 0, sizeof(*d));
}

struct id digest_element(const struct pubkey *feed, uint64_t seq,
			 const struct id *id)
{
	/* PROTOCOL: The element of a head is the BLAKE2b-256 of "maillon/1
	 * head" || 00 || feed || seq || id. */
	static const char domain[] = "maillon/1 head";
	uint8_t be[8];
	struct hasher h;

	be64_put(be, seq);
	hasher_init(&h);
	hasher_add(&h, domain, sizeof(domain));
	hasher_add(&h, feed->b, sizeof(feed->b));
	hasher_add(&h, be, sizeof(be));
	hasher_add(&h, id->b, sizeof(id->b));
	return hasher_id(&h);
}

/* sum += by, modulo 2^256. */
static void sum_add(uint8_t sum[static 32], const uint8_t by[static 32])
{
	uint64_t carry = 0;

	for (int i = WORDS - 1; i >= 0; i--) {
		uint64_t a = be64_get(sum + 8 * i);
		uint64_t b = be64_get(by + 8 * i);
		uint64_t c = a + b;
		uint64_t d = c + carry;

		carry = (c < a) | (d < c);
		be64_put(sum + 8 * i, d);
	}
}

static void sum_subtract(uint8_t sum[static 32], const uint8_t by[static 32])
{
	uint64_t borrow = 0;

	for (int i = WORDS - 1; i >= 0; i--) {
		uint64_t a = be64_get(sum + 8 * i);
		uint64_t b = be64_get(by + 8 * i);
		uint64_t c = a - b;

		be64_put(sum + 8 * i, c - borrow);
		borrow = (a < b) | (c < borrow);
	}
}

void digest_put(struct digest *d, const struct id *element)
{
	sum_add(d->sum, element->b);
	d->count++;
}

void digest_take(struct digest *d, const struct id *element)
{
	sum_subtract(d->sum, element->b);
	d->count--;
}

void digest_add(struct digest *d, const struct pubkey *feed, uint64_t seq,
		const struct id *id)
{
	struct id element = digest_element(feed, seq, id);

	digest_put(d, &element);
}

void digest_remove(struct digest *d, const struct pubkey *feed, uint64_t seq,
		   const struct id *id)
{
	struct id element = digest_element(feed, seq, id);

	digest_take(d, &element);
}

void digest_merge(struct digest *d, const struct digest *other)
{
	sum_add(d->sum, other->sum);
	d->count += other->count;
}

void digest_subtract(struct digest *d, const struct digest *other)
{
	sum_subtract(d->sum, other->sum);
	d->count -= other->count;
}

struct id digest_id(const struct digest *d)
{
	uint8_t wire[sizeof(d->sum) + 8];

	memcpy(wire, d->sum, sizeof(d->sum));
	be64_put(wire + sizeof(d->sum), d->count);
	return hash_id(wire, sizeof(wire));
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
	return a->count == b->count && memcmp(a->sum, b->sum, 32) == 0;
}
