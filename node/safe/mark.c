#include "node/safe/mark.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "crypto/text.h"
#include "node/file.h"
#include "proto/limit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "maillon-mark/1"

enum { SLOT = 256, APART = 4096, CHECK = 8, WORDS = 5 };

struct mark {
	int fd;
	struct pubkey feed;
	unsigned next; /* the slot to write */
	bool is_there;
	struct mark_place place;
};

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

static int choose_dir(char out[static HOME_PATH], const struct home *home)
{
	const char *base = env("MAILLON_STATE"), *below = "";

	if (base == NULL && strncmp(home->dir, "/var/lib/", 9) == 0)
		base = "/var/lib/maillon-state";
	if (base == NULL) {
		base = env("XDG_STATE_HOME");
		below = "/maillon";
	}
	if (base == NULL) {
		base = env("HOME");
		below = "/.local/state/maillon";
	}
	if (base == NULL)
		return ERR_NOT_FOUND;
	return snprintf(out, HOME_PATH, "%s%s", base, below) < HOME_PATH
		       ? 0
		       : ERR_LIMIT;
}

/* The first bytes of a hash over the line so far and the feed. */
static void check_of(char out[static HEX_SIZE(CHECK)], const struct mark *m,
		     const char *line, size_t n)
{
	uint8_t text[SLOT + KEY_SIZE];
	struct id hash;

	memcpy(text, line, n);
	memcpy(text + n, m->feed.b, KEY_SIZE);
	hash = hash_id(text, n + KEY_SIZE);
	hex_encode(out, hash.b, CHECK);
}

static bool parse(struct mark_place *out, const struct mark *m,
		  const char slot[static SLOT])
{
	char check[HEX_SIZE(CHECK)];
	struct text rest, w[WORDS];
	const char *end = memchr(slot, '\n', SLOT);

	if (end == NULL)
		return false;
	rest = (struct text){ slot, (size_t)(end - slot) };
	for (size_t i = 0; i + 1 < WORDS; i++)
		if (!text_cut(&rest, &w[i], ' '))
			return false;
	check_of(check, m, slot, (size_t)(rest.p - slot));
	if (!text_is(rest, check) || !text_is(w[0], MAGIC) ||
	    dec_decode(&out->seq, LIMIT_SEQ, w[2].p, w[2].n) != 0 ||
	    hex_decode(out->id.b, ID_SIZE, w[3].p, w[3].n) != 0)
		return false;
	out->is_ended = text_is(w[1], "ended");
	return true;
}

/* The later of two marks: an end is never taken back. */
static bool is_later(const struct mark_place *a, const struct mark_place *b)
{
	return a->is_ended != b->is_ended ? a->is_ended : a->seq > b->seq;
}

static void load(struct mark *m)
{
	for (unsigned i = 0; i < 2; i++) {
		struct mark_place place = { .seq = 0 };
		char slot[SLOT] = { 0 };
		ssize_t n = pread(m->fd, slot, SLOT, (off_t)i * APART);

		if (n <= 0 || !parse(&place, m, slot))
			continue;
		if (m->is_there && !is_later(&place, &m->place))
			continue;
		m->is_there = true;
		m->place = place;
		m->next = 1 - i;
	}
}

int mark_open(struct mark **out, const struct home *home,
	      const struct id *network, const struct pubkey *feed)
{
	char dir[HOME_PATH], path[HOME_PATH], hex[HEX_SIZE(ID_SIZE)];
	uint8_t both[ID_SIZE + KEY_SIZE];
	struct mark *m;
	struct id name;
	int err = choose_dir(dir, home);

	memcpy(both, network->b, ID_SIZE);
	memcpy(both + ID_SIZE, feed->b, KEY_SIZE);
	name = hash_id(both, sizeof(both));
	hex_encode(hex, name.b, ID_SIZE);
	if (err == 0 &&
	    snprintf(path, sizeof(path), "%s/%s.mark", dir, hex) >= HOME_PATH)
		err = ERR_LIMIT;
	if (err == 0)
		err = file_make_dirs(dir);
	if (err != 0)
		return err;
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return ERR_NOMEM;
	m->feed = *feed;
	m->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (m->fd < 0) {
		err = err_from_errno(errno);
		free(m);
		return err;
	}
	load(m);
	if (!m->is_there)
		err = file_sync_dir(path);
	if (err != 0) {
		mark_close(m);
		return err;
	}
	*out = m;
	return 0;
}

void mark_close(struct mark *m)
{
	if (m == NULL)
		return;
	close(m->fd);
	free(m);
}

int mark_get(const struct mark *m, struct mark_place *out)
{
	if (!m->is_there)
		return ERR_NOT_FOUND;
	*out = m->place;
	return 0;
}

int mark_put(struct mark *m, const struct mark_place *place)
{
	char hex[HEX_SIZE(ID_SIZE)], check[HEX_SIZE(CHECK)];
	char slot[SLOT];
	ssize_t put;
	int n;

	memset(slot, ' ', sizeof(slot));
	hex_encode(hex, place->id.b, ID_SIZE);
	n = snprintf(slot, SLOT, MAGIC " %s %llu %s ",
		     place->is_ended ? "ended" : "live",
		     (unsigned long long)place->seq, hex);
	check_of(check, m, slot, (size_t)n);
	snprintf(slot + n, SLOT - (size_t)n, "%s\n", check);
	do {
		put = pwrite(m->fd, slot, SLOT, (off_t)m->next * APART);
	} while (put < 0 && errno == EINTR);
	if (put < 0)
		return err_from_errno(errno);
	if (put != SLOT)
		return ERR_FULL;
	if (fdatasync(m->fd) != 0)
		return err_from_errno(errno);
	m->next = 1 - m->next;
	m->is_there = true;
	m->place = *place;
	return 0;
}
