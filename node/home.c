#include "node/home.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "node/file.h"
#include "proto/form.h"
#include "proto/rd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

enum { SOCKET_NAME = 8, PROFILE_MAX = 1024 };

static const char *const kinds[] = { "identity", "node", "transport",
				     "member" };

/* A variable of the environment that says something, or NULL. */
static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

static int join(char out[static HOME_PATH], const char *dir, const char *name)
{
	return snprintf(out, HOME_PATH, "%s/%s", dir, name) < HOME_PATH
		       ? 0
		       : ERR_LIMIT;
}

static int choose_dir(char out[static HOME_PATH], const char *dir)
{
	const char *xdg = env("XDG_DATA_HOME");
	char cwd[HOME_PATH];

	if (dir == NULL)
		dir = env("MAILLON_HOME");
	/* The XDG specification has a relative one ignored. */
	if (dir == NULL && xdg != NULL && xdg[0] == '/')
		return join(out, xdg, "maillon");
	if (dir == NULL && env("HOME") != NULL)
		return join(out, env("HOME"), ".local/share/maillon");
	if (dir == NULL || dir[0] == '\0')
		return ERR_NOT_FOUND;
	if (dir[0] == '/')
		return snprintf(out, HOME_PATH, "%s", dir) < HOME_PATH
			       ? 0
			       : ERR_LIMIT;
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return ERR_IO;
	return join(out, cwd, dir);
}

/* A socket's path is short; a deep home's socket stands elsewhere. */
static void choose_socket(struct home *h)
{
	struct id hash = hash_id(h->dir, strlen(h->dir));
	const char *run = env("XDG_RUNTIME_DIR");
	size_t size = sizeof(h->socket);
	char name[HEX_SIZE(SOCKET_NAME)];

	if ((size_t)snprintf(h->socket, size, "%s/ctl.sock", h->dir) < size)
		return;
	hex_encode(name, hash.b, SOCKET_NAME);
	if (run != NULL &&
	    (size_t)snprintf(h->socket, size, "%s/maillon/%s.sock", run, name) <
		    size)
		return;
	snprintf(h->socket, size, "/tmp/maillon-%lu/%s.sock",
		 (unsigned long)getuid(), name);
}

int home_init(struct home *h, const char *dir)
{
	struct home out;
	size_t n;
	int err = choose_dir(out.dir, dir);

	if (err != 0)
		return err;
	for (n = strlen(out.dir); n > 1 && out.dir[n - 1] == '/'; n--)
		out.dir[n - 1] = '\0';
	err = join(out.keys, out.dir, "keys");
	if (err == 0)
		err = join(out.ledger, out.dir, "ledger");
	if (err == 0)
		err = join(out.lock, out.dir, "lock");
	if (err == 0)
		err = join(out.profile, out.dir, "profile");
	if (err != 0)
		return err;
	choose_socket(&out);
	out.passphrase = NULL;
	*h = out;
	return 0;
}

static int public_path(const struct home *h, char out[static HOME_PATH])
{
	return join(out, h->keys, "identity.pub");
}

int home_key_path(const struct home *h, char out[static HOME_PATH],
		  enum home_key which)
{
	char name[32];

	snprintf(name, sizeof(name), "%s.key", kinds[which]);
	return join(out, h->keys, name);
}

const char *home_key_kind(enum home_key which)
{
	return kinds[which];
}

bool home_exists(const struct home *h)
{
	char path[HOME_PATH];

	return home_key_path(h, path, KEY_NODE) == 0 &&
	       access(path, F_OK) == 0 && public_path(h, path) == 0 &&
	       access(path, F_OK) == 0;
}

int home_create(const struct home *h)
{
	return file_make_dirs(h->keys);
}

int home_set_identity(const struct home *h, const struct pubkey *identity)
{
	char path[HOME_PATH];
	char line[HEX_SIZE(KEY_SIZE) + 1];
	int err = public_path(h, path);

	if (err != 0)
		return err;
	hex_encode(line, identity->b, sizeof(identity->b));
	line[2 * KEY_SIZE] = '\n';
	return file_write(path, line, 2 * KEY_SIZE + 1, 0600);
}

/* The identity's public half in the clear: what is sealed need not be opened
 * to know whose home this is. */
static int write_public(const struct home *h, const char *passphrase)
{
	struct seckey *key = NULL;
	struct pubkey pub;
	int err = home_seckey(h, &key, KEY_IDENTITY, passphrase);

	if (err == 0) {
		pub = seckey_pub(key);
		err = home_set_identity(h, &pub);
	}
	seckey_close(key);
	return err;
}

int home_new_keys(const struct home *h, const char *passphrase)
{
	uint8_t secret[KEYFILE_SECRET];
	char path[HOME_PATH];
	int err = 0;

	for (int k = KEY_IDENTITY; k <= KEY_MEMBER && err == 0; k++) {
		err = home_key_path(h, path, (enum home_key)k);
		if (err != 0 || access(path, F_OK) == 0)
			continue;
		/* Any 32 random bytes are an Ed25519 seed, an X25519 secret
		 * and a key for a keyed hash. */
		bytes_random(secret, sizeof(secret));
		err = keyfile_create(path, kinds[k], secret,
				     k == KEY_IDENTITY ? passphrase : NULL);
	}
	bytes_wipe(secret, sizeof(secret));
	if (err == 0)
		err = public_path(h, path);
	if (err == 0 && access(path, F_OK) != 0)
		err = write_public(h, passphrase);
	return err;
}

static int load(const struct home *h, uint8_t out[static KEYFILE_SECRET],
		enum home_key which, const char *passphrase)
{
	char path[HOME_PATH];
	int err = home_key_path(h, path, which);

	if (err == 0)
		err = keyfile_load(out, path, kinds[which], passphrase);
	return err;
}

int home_seckey(const struct home *h, struct seckey **out, enum home_key which,
		const char *passphrase)
{
	uint8_t seed[KEYFILE_SECRET];
	int err = load(h, seed, which, passphrase);

	if (err == 0)
		err = seckey_from_seed(out, seed);
	bytes_wipe(seed, sizeof(seed));
	return err;
}

int home_transport(const struct home *h, struct curvepair *out)
{
	uint8_t secret[KEYFILE_SECRET];
	int err = load(h, secret, KEY_TRANSPORT, NULL);

	if (err == 0)
		curvepair_from_secret(out, secret);
	bytes_wipe(secret, sizeof(secret));
	return err;
}

int home_member(const struct home *h, struct secret *out)
{
	return load(h, out->b, KEY_MEMBER, NULL);
}

int home_identity(const struct home *h, struct pubkey *out)
{
	char path[HOME_PATH];
	char line[HEX_SIZE(KEY_SIZE) + 2];
	size_t n;
	int err = public_path(h, path);

	if (err == 0)
		err = file_read(line, sizeof(line), &n, path);
	if (err == ERR_LIMIT)
		return ERR_FORMAT;
	if (err != 0)
		return err;
	if (n != 2 * KEY_SIZE + 1 || line[n - 1] != '\n')
		return ERR_FORMAT;
	return hex_decode(out->b, sizeof(out->b), line, n - 1);
}

static int take(char *out, size_t max, const char *value, bool is_valid)
{
	size_t n = strlen(value);

	if (n > max || (n > 0 && !is_valid))
		return 0;
	memcpy(out, value, n + 1);
	return 1;
}

/* libinih's callback: 1 for good, 0 for an error. */
static int on_setting(void *arg, const char *section, const char *name,
		      const char *value)
{
	struct profile *p = arg;
	size_t n = strlen(value);

	if (strcmp(section, "member") != 0)
		return 0;
	if (strcmp(name, "label") == 0)
		return take(p->label, LIMIT_LABEL, value,
			    label_is_valid(value, n));
	if (strcmp(name, "name") == 0)
		return take(p->name, LIMIT_NAME, value,
			    utf8_is_plain(value, n));
	if (strcmp(name, "place") == 0)
		return take(p->place, LIMIT_PLACE, value,
			    place_is_valid(value, n));
	return 0;
}

static int profile_parse(struct profile *out, const char *text)
{
	struct profile p = { "", "", "" };
	int rc = ini_parse_string(text, on_setting, &p);

	if (rc != 0)
		return rc == -2 ? ERR_NOMEM : ERR_FORMAT;
	*out = p;
	return 0;
}

int profile_load(struct profile *out, const struct home *h)
{
	char text[PROFILE_MAX];
	size_t n;
	int err = file_read(text, sizeof(text), &n, h->profile);

	if (err == ERR_LIMIT)
		return ERR_FORMAT;
	return err != 0 ? err : profile_parse(out, text);
}

int profile_save(const struct profile *p, const struct home *h)
{
	char text[PROFILE_MAX];
	struct profile again;
	int n = snprintf(text, sizeof(text),
			 "[member]\nlabel = %s\nname = %s\nplace = %s\n",
			 p->label, p->name, p->place);
	int err = profile_parse(&again, text);

	/* An ini file has no quotes: a name with " ;" in it would not come
	 * back as it was. */
	if (err == 0 && (strcmp(again.label, p->label) != 0 ||
			 strcmp(again.name, p->name) != 0 ||
			 strcmp(again.place, p->place) != 0))
		err = ERR_FORMAT;
	return err != 0 ? err : file_write(h->profile, text, (size_t)n, 0600);
}
