#include "node/net/throttle.h"

#include "crypto/bytes.h"

#include <string.h>

enum { KNOCK = 1000 }; /* thousandths */

void throttle_init(struct throttle *t, uint32_t burst, uint32_t per_s)
{
	memset(t, 0, sizeof(*t));
	bytes_random(&t->secret, sizeof(t->secret));
	t->burst = burst;
	t->per_s = per_s;
}

/* The slot of who, or the one to forget for it, which is then filled anew. */
static struct throttle_slot *slot_of(struct throttle *t, const struct tag *who,
				     uint64_t now_ms)
{
	struct throttle_slot *set = t->slot[who->b[0] % THROTTLE_SETS];
	struct throttle_slot *oldest = &set[0];

	for (size_t i = 0; i < THROTTLE_WAYS; i++) {
		if (set[i].seen_ms != 0 &&
		    memcmp(&set[i].who, who, sizeof(*who)) == 0)
			return &set[i];
		if (set[i].seen_ms < oldest->seen_ms)
			oldest = &set[i];
	}
	oldest->who = *who;
	oldest->seen_ms = now_ms;
	oldest->tokens_m = t->burst * KNOCK;
	return oldest;
}

bool throttle_take(struct throttle *t, const void *p, size_t n, uint64_t now_ms)
{
	struct tag who = hash_tag(&t->secret, "throttle", p, n);
	struct throttle_slot *slot = slot_of(t, &who, now_ms);
	uint64_t full_m = (uint64_t)t->burst * KNOCK;
	uint64_t passed = now_ms > slot->seen_ms ? now_ms - slot->seen_ms : 0;
	uint64_t tokens_m;

	/* Beyond what fills the bucket time makes no difference. */
	if (passed > full_m)
		passed = full_m;
	tokens_m = slot->tokens_m + passed * t->per_s;
	if (tokens_m > full_m)
		tokens_m = full_m;
	if (now_ms > slot->seen_ms)
		slot->seen_ms = now_ms;
	if (tokens_m >= KNOCK) {
		slot->tokens_m = (uint32_t)(tokens_m - KNOCK);
		return true;
	}
	slot->tokens_m = (uint32_t)tokens_m;
	return false;
}
