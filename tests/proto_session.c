#include "proto/session.h"

#include "tests/memnode.h"
#include "tests/unit.h"

/* Two nodes and the connection between them; a is the founder. */
struct pair {
	struct memnode a, b;
	struct mempeer *pa, *pb;
};

static void pair_start(struct pair *p)
{
	session_start(p->pa->s, p->a.now_ms);
	session_start(p->pb->s, p->b.now_ms);
}

/* b is admitted by a; nothing has been exchanged; b dials. */
static void pair_open(struct pair *p)
{
	mem_found(&p->a, 1, false);
	mem_newcomer(&p->b, 2, &p->a);
	mem_admit(&p->a, &p->b.who, false);
	mem_connect(&p->b, &p->a, &p->pb, &p->pa, 7);
}

static void pair_close(struct pair *p)
{
	mem_disconnect(p->pa);
	mem_release(&p->a);
	mem_release(&p->b);
}

static void assert_in_step(const struct pair *p)
{
	assert_true(mem_same(&p->a, &p->b));
	assert_int_equal(session_state(p->pa->s), SESSION_LIVE);
	assert_int_equal(session_state(p->pb->s), SESSION_LIVE);
	assert_true(session_in_step(p->pa->s));
	assert_true(session_in_step(p->pb->s));
}

static void newcomer_gets_everything_and_gives_its_own(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p);
	for (int i = 0; i < 20; i++) {
		mem_produce(&p.a, 10);
		mem_produce(&p.b, 10);
	}
	pair_start(&p);
	mem_run(p.pa);
	assert_int_equal(p.a.feeds_n, 2);
	assert_int_equal(p.b.feeds_n, 2);
	assert_in_step(&p);
	pair_close(&p);
}

static int start(void **state)
{
	(void)state;
	return crypto_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(newcomer_gets_everything_and_gives_its_own),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
