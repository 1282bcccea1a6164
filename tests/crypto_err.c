#include "crypto/err.h"

#include "tests/unit.h"

#include <errno.h>

static void every_error_has_its_own_words(void **state)
{
	(void)state;
	assert_string_equal(err_text(0), "no error");
	for (int a = 0; a >= ERR_FOLDER; a--) {
		assert_string_not_equal(err_text(a), "unknown error");
		for (int b = 0; b > a; b--)
			assert_string_not_equal(err_text(a), err_text(b));
	}
	assert_string_equal(err_text(ERR_FOLDER - 1), "unknown error");
	assert_string_equal(err_text(1), "unknown error");
}

static const struct {
	int code, err;
} codes[] = {
	{ ENOENT, ERR_NOT_FOUND },
	{ ENOTDIR, ERR_NOT_FOUND },
	{ EEXIST, ERR_EXISTS },
	{ EACCES, ERR_DENIED },
	{ EPERM, ERR_DENIED },
	{ EROFS, ERR_DENIED },
	{ EAGAIN, ERR_BUSY },
	{ EBUSY, ERR_BUSY },
	{ ENOMEM, ERR_NOMEM },
	{ ENOSPC, ERR_FULL },
	{ EDQUOT, ERR_FULL },
	{ EIO, ERR_IO },
	{ EISDIR, ERR_FOLDER },
	{ EFBIG, ERR_IO },
	{ EMFILE, ERR_IO },
	{ 0, ERR_IO },
	{ -1, ERR_IO },
};

static void system_errors_become_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		assert_int_equal(err_from_errno(codes[i].code), codes[i].err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_error_has_its_own_words),
		UNIT(system_errors_become_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
