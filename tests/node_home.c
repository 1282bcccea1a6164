#include "node/home.h"

#include "crypto/err.h"
#include "node/file.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/node_home.XXXXXX";
static char path[HOME_PATH];

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL || chdir(dir) != 0 ? -1 : 0;
}

static int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void forget_environment(void)
{
	unsetenv("MAILLON_HOME");
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("HOME");
}

static void the_option_comes_before_the_environment(void **state)
{
	struct home h;

	(void)state;
	forget_environment();
	assert_int_equal(home_init(&h, NULL), ERR_NOT_FOUND);
	assert_int_equal(home_init(&h, ""), ERR_NOT_FOUND);
	setenv("HOME", "/home/lea", 1);
	assert_int_equal(home_init(&h, NULL), 0);
	assert_string_equal(h.dir, "/home/lea/.local/share/maillon");
	setenv("XDG_DATA_HOME", "data", 1);
	assert_int_equal(home_init(&h, NULL), 0);
	assert_string_equal(h.dir, "/home/lea/.local/share/maillon");
	setenv("XDG_DATA_HOME", "/data", 1);
	assert_int_equal(home_init(&h, NULL), 0);
	assert_string_equal(h.dir, "/data/maillon");
	setenv("MAILLON_HOME", "/m/", 1);
	assert_int_equal(home_init(&h, NULL), 0);
	assert_string_equal(h.dir, "/m");
	assert_int_equal(home_init(&h, "/x//"), 0);
	assert_string_equal(h.dir, "/x");
	assert_string_equal(h.ledger, "/x/ledger");
	assert_string_equal(h.socket, "/x/ctl.sock");
	assert_int_equal(home_init(&h, "rel"), 0);
	snprintf(path, sizeof(path), "%s/rel", dir);
	assert_string_equal(h.dir, path);
	/* An empty variable says nothing. */
	setenv("MAILLON_HOME", "", 1);
	assert_int_equal(home_init(&h, NULL), 0);
	assert_string_equal(h.dir, "/data/maillon");
}

static void a_deep_home_has_its_socket_elsewhere(void **state)
{
	char deep[HOME_PATH + 1];
	struct home a, b;

	(void)state;
	forget_environment();
	memset(deep, 'd', sizeof(deep));
	deep[0] = '/';
	deep[98] = '\0';
	/* 98 + "/ctl.sock" + NUL is 108. */
	assert_int_equal(home_init(&a, deep), 0);
	assert_int_equal(strlen(a.socket), 107);
	deep[98] = 'd';
	deep[99] = '\0';
	assert_int_equal(home_init(&a, deep), 0);
	snprintf(path, sizeof(path), "/tmp/maillon-%lu/",
		 (unsigned long)getuid());
	assert_memory_equal(a.socket, path, strlen(path));
	setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
	assert_int_equal(home_init(&a, deep), 0);
	assert_memory_equal(a.socket, "/run/user/1/maillon/", 20);
	deep[1] = 'e';
	assert_int_equal(home_init(&b, deep), 0);
	assert_string_not_equal(a.socket, b.socket);
	memset(deep + 1, 'd', sizeof(deep) - 1);
	deep[HOME_PATH] = '\0';
	assert_int_equal(home_init(&a, deep), ERR_LIMIT);
	deep[HOME_PATH - 4] = '\0'; /* no room for /ledger */
	assert_int_equal(home_init(&a, deep), ERR_LIMIT);
}

static void keys_are_made_once_and_for_the_owner_only(void **state)
{
	struct seckey *key, *again;
	struct curvepair transport;
	struct secret member;
	struct pubkey pub, identity;
	struct home h;
	struct stat st;

	(void)state;
	assert_int_equal(home_init(&h, "a/deep/home"), 0);
	assert_false(home_exists(&h));
	assert_int_equal(home_create(&h), 0);
	assert_int_equal(home_create(&h), 0);
	assert_int_equal(stat(h.keys, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_false(home_exists(&h));
	assert_int_equal(home_identity(&h, &identity), ERR_NOT_FOUND);
	assert_int_equal(home_new_keys(&h, NULL), 0);
	assert_true(home_exists(&h));
	assert_int_equal(home_seckey(&h, &key, KEY_IDENTITY, NULL), 0);
	assert_int_equal(home_identity(&h, &identity), 0);
	pub = seckey_pub(key);
	assert_true(pubkey_eq(&pub, &identity));
	assert_int_equal(home_transport(&h, &transport), 0);
	assert_int_equal(home_member(&h, &member), 0);
	for (int k = KEY_IDENTITY; k <= KEY_MEMBER; k++) {
		assert_int_equal(home_key_path(&h, path, (enum home_key)k), 0);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	/* A second time changes nothing, and a lost one is made anew. */
	assert_int_equal(home_key_path(&h, path, KEY_NODE), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(home_new_keys(&h, NULL), 0);
	assert_int_equal(home_seckey(&h, &again, KEY_IDENTITY, NULL), 0);
	pub = seckey_pub(again);
	assert_true(pubkey_eq(&pub, &identity));
	assert_int_equal(access(path, F_OK), 0);
	seckey_close(key);
	seckey_close(again);
}

static void a_sealed_identity_is_known_without_being_opened(void **state)
{
	struct seckey *key;
	struct pubkey pub, identity;
	struct home h;

	(void)state;
	assert_int_equal(home_init(&h, "sealed"), 0);
	assert_int_equal(home_create(&h), 0);
	assert_int_equal(home_new_keys(&h, "sesame"), 0);
	assert_int_equal(home_identity(&h, &identity), 0);
	assert_int_equal(home_seckey(&h, &key, KEY_IDENTITY, NULL), ERR_STATE);
	assert_int_equal(home_seckey(&h, &key, KEY_IDENTITY, "wrong"),
			 ERR_SIGNATURE);
	assert_int_equal(home_seckey(&h, &key, KEY_IDENTITY, "sesame"), 0);
	pub = seckey_pub(key);
	assert_true(pubkey_eq(&pub, &identity));
	seckey_close(key);
	assert_int_equal(home_seckey(&h, &key, KEY_NODE, NULL), 0);
	seckey_close(key);
}

static void a_damaged_public_key_is_not_believed(void **state)
{
	static const char *const bad[] = { "", "00\n", "zz" };
	struct pubkey identity;
	struct home h;

	(void)state;
	assert_int_equal(home_init(&h, "damaged"), 0);
	assert_int_equal(home_create(&h), 0);
	snprintf(path, sizeof(path), "%.900s/identity.pub", h.keys);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(file_write(path, bad[i], strlen(bad[i]), 0600),
				 0);
		assert_int_equal(home_identity(&h, &identity), ERR_FORMAT);
	}
}

static void what_is_in_the_way_of_a_folder_is_said(void **state)
{
	struct home h;

	(void)state;
	assert_int_equal(file_write("file", "x", 1, 0600), 0);
	assert_int_equal(home_init(&h, "file/home"), 0);
	assert_int_not_equal(home_create(&h), 0);
	assert_int_equal(home_init(&h, "file"), 0);
	assert_int_not_equal(home_create(&h), 0);
}

static void a_profile_comes_back_as_it_was(void **state)
{
	struct profile p = { "lea", "Léa = \"maker\" #1", "FR-88" }, q;
	struct home h;

	(void)state;
	assert_int_equal(home_init(&h, "profile"), 0);
	assert_int_equal(home_create(&h), 0);
	assert_int_equal(profile_load(&q, &h), ERR_NOT_FOUND);
	assert_int_equal(profile_save(&p, &h), 0);
	assert_int_equal(profile_load(&q, &h), 0);
	assert_string_equal(q.label, p.label);
	assert_string_equal(q.name, p.name);
	assert_string_equal(q.place, p.place);
	p.name[0] = '\0';
	assert_int_equal(profile_save(&p, &h), 0);
	assert_int_equal(profile_load(&q, &h), 0);
	assert_string_equal(q.name, "");
	/* What an ini file cannot hold is refused, not bent. */
	snprintf(p.name, sizeof(p.name), "Léa ; maker");
	assert_int_equal(profile_save(&p, &h), ERR_FORMAT);
	snprintf(p.name, sizeof(p.name), " Léa");
	assert_int_equal(profile_save(&p, &h), ERR_FORMAT);
	snprintf(p.label, sizeof(p.label), "no good");
	p.name[0] = '\0';
	assert_int_equal(profile_save(&p, &h), ERR_FORMAT);
	assert_int_equal(profile_load(&q, &h), 0);
	assert_string_equal(q.label, "lea");
}

static void a_profile_with_anything_else_is_refused(void **state)
{
	static const char *const bad[] = {
		"[member]\ncolour = blue\n",
		"[node]\nlabel = lea\n",
		"[member]\nlabel = two words\n",
		"[member]\nplace = Vittel\n",
		"[member]\nname = a\x1b[2J\n",
		"[member\n",
		"[member]\nlabel = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
	};
	struct profile p;
	struct home h;

	(void)state;
	assert_int_equal(home_init(&h, "profile"), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(
			file_write(h.profile, bad[i], strlen(bad[i]), 0600), 0);
		if (profile_load(&p, &h) != ERR_FORMAT)
			fail_msg("%s", bad[i]);
	}
}

static void files_are_replaced_as_a_whole(void **state)
{
	char buf[8];
	size_t n;
	struct stat st;

	(void)state;
	assert_int_equal(file_write("whole", "one", 3, 0600), 0);
	assert_int_equal(file_write("whole", "second", 6, 0640), 0);
	assert_int_equal(file_read(buf, sizeof(buf), &n, "whole"), 0);
	assert_int_equal(n, 6);
	assert_string_equal(buf, "second");
	assert_int_equal(file_read(buf, 6, &n, "whole"), ERR_LIMIT);
	assert_int_equal(file_read(buf, 7, &n, "whole"), 0);
	assert_int_equal(file_read(buf, 7, &n, "nothing"), ERR_NOT_FOUND);
	assert_int_equal(file_write("no/such/dir", "x", 1, 0600),
			 ERR_NOT_FOUND);
	/* What a run that was cut left behind is in nobody's way. */
	assert_int_equal(file_write("whole.new", "x", 1, 0400), 0);
	assert_int_equal(file_write("whole", "third", 5, 0600), 0);
	assert_int_equal(stat("whole.new", &st), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_option_comes_before_the_environment),
		UNIT(a_deep_home_has_its_socket_elsewhere),
		UNIT(keys_are_made_once_and_for_the_owner_only),
		UNIT(a_sealed_identity_is_known_without_being_opened),
		UNIT(a_damaged_public_key_is_not_believed),
		UNIT(what_is_in_the_way_of_a_folder_is_said),
		UNIT(a_profile_comes_back_as_it_was),
		UNIT(a_profile_with_anything_else_is_refused),
		UNIT(files_are_replaced_as_a_whole),
	};

	if (crypto_start() != 0)
		return 1;
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
