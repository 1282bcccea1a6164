/* The file of a build without avahi, whatever this build has. */
#include "node/net/lan_none.c"

#include "tests/unit.h"

static void a_build_without_avahi_finds_nobody(void **state)
{
	const struct lan_self self = { .port = 4787 };
	struct lan_hint hint;
	struct lan *lan = NULL;

	(void)state;
	assert_false(lan_is_built());
	assert_int_equal(lan_open(&lan, &self), ERR_NOT_FOUND);
	assert_null(lan);
	assert_int_equal(lan_state(lan), LAN_ABSENT);
	assert_false(lan_take(lan, &hint));
	lan_close(lan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_build_without_avahi_finds_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
