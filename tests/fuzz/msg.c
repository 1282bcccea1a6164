#include "proto/session/msg.h"

#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/*
 * Whatever msg_decode accepts encodes to the same bytes (BYE of another version
 * excepted), and its lists give as many elements as they say.
 */

static void walk(struct msg *m)
{
	struct msg_head head;
	struct msg_want want;
	struct msg_node node;
	const uint8_t *bin;
	size_t bin_n;

	if (m->type == MSG_HEADS)
		while (m->u.heads.rows.count > 0)
			assert(msg_next_head(&m->u.heads.rows, &head));
	if (m->type == MSG_FETCH)
		while (m->u.fetch.count > 0)
			assert(msg_next_want(&m->u.fetch, &want));
	if (m->type == MSG_WALK)
		while (m->u.walk.count > 0)
			assert(msg_next_node(&m->u.walk, &node));
	if (m->type == MSG_RUN || m->type == MSG_PUSH)
		while (m->u.run.runs.count > 0)
			assert(msg_next_bin(&m->u.run.runs, &bin, &bin_n));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t again[LIMIT_FRAME];
	struct msg m;
	size_t again_n;

	if (msg_decode(&m, p, n) != 0)
		return 0;
	assert(msg_encode(&m, again, sizeof(again), &again_n) == 0);
	if (m.type != MSG_BYE)
		assert(again_n == n && memcmp(again, p, n) == 0);
	walk(&m);
	return 0;
}
