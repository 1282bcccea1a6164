#include "store/vault.h"

#include "crypto/box.h"
#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SLOT = 8 + sizeof(struct secret), FILE_N = VAULT_SLOTS * SLOT };

int vault_init(struct vault *v, const char *dir)
{
	int n = snprintf(v->path, sizeof(v->path), "%s/private.key", dir);

	return n > 0 && (size_t)n < sizeof(v->path) ? 0 : ERR_LIMIT;
}

void vault_close(struct vault *v)
{
	bytes_wipe(v, sizeof(*v));
}

static size_t newest(const struct vault *v)
{
	return v->number[1] > v->number[0];
}

static int load(struct vault *v)
{
	uint8_t b[FILE_N + 1];
	int fd = open(v->path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, b, sizeof(b), 0);
	int err = n < 0 ? err_from_errno(errno) : n == FILE_N ? 0 : ERR_FORMAT;

	if (fd >= 0)
		close(fd);
	for (size_t i = 0; i < VAULT_SLOTS && err == 0; i++) {
		v->number[i] = be64_get(b + i * SLOT);
		memcpy(v->key[i].b, b + i * SLOT + 8, sizeof(v->key[i]));
	}
	if (err == 0 && v->number[0] == v->number[1])
		err = ERR_FORMAT;
	v->is_loaded = err == 0;
	bytes_wipe(b, sizeof(b));
	return err;
}

static int load_once(struct vault *v)
{
	return v->is_loaded ? 0 : load(v);
}

/* One slot in its place, or all of a new file. */
static int write_slot(const struct vault *v, const char *path, size_t i,
		      bool is_new)
{
	uint8_t b[FILE_N] = { 0 };
	size_t from = is_new ? 0 : i * SLOT, n = is_new ? FILE_N : SLOT;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), err = 0;

	if (fd < 0)
		return err_from_errno(errno);
	be64_put(b + i * SLOT, v->number[i]);
	memcpy(b + i * SLOT + 8, v->key[i].b, sizeof(v->key[i]));
	if (pwrite(fd, b + from, n, (off_t)from) != (ssize_t)n ||
	    fsync(fd) != 0)
		err = err_from_errno(errno);
	bytes_wipe(b, sizeof(b));
	if (close(fd) != 0 && err == 0)
		err = ERR_IO;
	return err;
}

/* The file with its first key: whole, or not there. */
static int write_first(const struct vault *v)
{
	char path[VAULT_PATH + 8];
	int err;

	snprintf(path, sizeof(path), "%s.new", v->path);
	err = write_slot(v, path, 0, true);
	if (err == 0 && rename(path, v->path) != 0)
		err = err_from_errno(errno);
	return err == 0 ? file_sync_dir(v->path) : err;
}

/* A new key in slot i. */
static int make(struct vault *v, size_t i)
{
	bool is_first = v->number[newest(v)] == 0;
	int err;

	v->number[i] = v->number[newest(v)] + 1;
	bytes_random(v->key[i].b, sizeof(v->key[i]));
	err = is_first ? write_first(v) : write_slot(v, v->path, i, false);
	v->is_loaded = err == 0;
	return err;
}

int vault_seal(struct vault *v, uint8_t *out, struct span key,
	       struct span value)
{
	int err = load_once(v);

	if (err == ERR_NOT_FOUND)
		err = make(v, 0);
	if (err == 0)
		box_make(out, value.p, value.n, key.p, key.n,
			 &v->key[newest(v)]);
	return err;
}

static int try_keys(const struct vault *v, uint8_t *out, struct span key,
		    struct span sealed)
{
	int err = ERR_SIGNATURE;

	for (size_t i = 0; i < VAULT_SLOTS && err != 0; i++)
		if (v->number[i] != 0)
			err = box_open(out, sealed.p, sealed.n, key.p, key.n,
				       &v->key[i]);
	return err;
}

int vault_open(struct vault *v, uint8_t *out, struct span key,
	       struct span sealed)
{
	/* Another process may have turned the key since. */
	if (v->is_loaded && try_keys(v, out, key, sealed) == 0)
		return 0;
	return load(v) == 0 && try_keys(v, out, key, sealed) == 0 ? 0
								  : ERR_FORMAT;
}

int vault_is_turning(struct vault *v, bool *out)
{
	int err = load_once(v);

	*out = err == 0 && v->number[0] != 0 && v->number[1] != 0;
	return err == ERR_NOT_FOUND ? 0 : err;
}

int vault_turn(struct vault *v)
{
	bool is_turning;
	int err = vault_is_turning(v, &is_turning);

	if (err != 0 || is_turning || !v->is_loaded)
		return err;
	return make(v, 1 - newest(v));
}

int vault_drop(struct vault *v)
{
	bool is_turning;
	int err = vault_is_turning(v, &is_turning);
	size_t older = 1 - newest(v);

	if (err != 0 || !is_turning)
		return err;
	v->number[older] = 0;
	bytes_wipe(&v->key[older], sizeof(v->key[older]));
	err = write_slot(v, v->path, older, false);
	v->is_loaded = err == 0;
	return err;
}
