#include "node/net/throttle.h"

#include "crypto/bytes.h"

#include <string.h>

void throttle_init(struct throttle *t, uint32_t burst, uint32_t per_s)
{
	memset(t, 0, sizeof(*t));
	bytes_random(&t->secret, sizeof(t->secret));
	t->burst = burst;
	t->per_s = per_s;
}

/* What slot holds by now, in thousandths: all of it when it is empty. */
static uint32_t tokens_m(const struct throttle *t,
			 const struct throttle_slot *slot, uint64_t now_ms)
{
	uint64_t full = (uint64_t)t->burst * THROTTLE_KNOCK, held;
	uint64_t passed = now_ms > slot->seen_ms ? now_ms - slot->seen_ms : 0;

	/* Beyond what fills the bucket time makes no difference. */
	if (slot->seen_ms == 0 || passed > full)
		return (uint32_t)full;
	held = slot->tokens_m + passed * t->per_s;
	return (uint32_t)(held > full ? full : held);
}

/* The slot of who, or the one to forget for it, which is then filled anew. */
static struct throttle_slot *slot_of(struct throttle *t, const struct tag *who,
				     uint64_t now_ms)
{
	struct throttle_slot *set = t->slot[who->b[0] % THROTTLE_SETS];
	struct throttle_slot *least = &set[0];

	for (size_t i = 0; i < THROTTLE_WAYS; i++) {
		uint32_t held = tokens_m(t, &set[i], now_ms);
		uint32_t most = tokens_m(t, least, now_ms);

		if (set[i].seen_ms != 0 &&
		    memcmp(&set[i].who, who, sizeof(*who)) == 0)
			return &set[i];
		if (held > most ||
		    (held == most && set[i].seen_ms < least->seen_ms))
			least = &set[i];
	}
	least->who = *who;
	least->seen_ms = now_ms;
	least->tokens_m = t->burst * THROTTLE_KNOCK;
	return least;
}

bool throttle_spend(struct throttle *t, const void *p, size_t n,
		    uint32_t cost_m, uint64_t now_ms)
{
	struct tag who = hash_tag(&t->secret, "throttle", p, n);
	struct throttle_slot *slot = slot_of(t, &who, now_ms);
	uint32_t held = tokens_m(t, slot, now_ms);

	if (now_ms > slot->seen_ms)
		slot->seen_ms = now_ms;
	slot->tokens_m = held >= cost_m ? held - cost_m : held;
	return held >= cost_m;
}

bool throttle_take(struct throttle *t, const void *p, size_t n, uint64_t now_ms)
{
	return throttle_spend(t, p, n, THROTTLE_KNOCK, now_ms);
}

size_t throttle_part(const void *address, size_t n)
{
	static const char mapped[] = "::ffff:";
	const char *p = address;
	size_t colons = 0;

	if (n >= sizeof(mapped) && memcmp(p, mapped, sizeof(mapped) - 1) == 0)
		return n;
	for (size_t i = 0; i < n; i++) {
		colons += p[i] == ':';
		/* "::" stands for zeros: what comes after it is the host's. */
		if (colons == 4 || (i > 0 && p[i] == ':' && p[i - 1] == ':'))
			return i;
	}
	return n;
}
