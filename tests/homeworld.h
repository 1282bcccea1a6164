#ifndef TESTS_HOMEWORLD_H
#define TESTS_HOMEWORLD_H

#include "crypto/bytes.h"
#include "node/join/membership.h"
#include "node/keeper.h"
#include "proto/charter.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * homeworld -- homes in a folder of their own, with real keys and ledgers.
 */

enum { HOME_NOW = 1586000000 }; /* seconds; April 2020 */
#define HOME_NOW_MS ((uint64_t)HOME_NOW * 1000)

static char homes[] = "/tmp/maillon_test.XXXXXX";

static inline void homes_begin(void)
{
	char state[64];

	assert(crypto_start() == 0);
	assert(mkdtemp(homes) != NULL);
	/* What homes keep outside of themselves stays here too. */
	snprintf(state, sizeof(state), "%s/state", homes);
	assert(setenv("MAILLON_STATE", state, 1) == 0);
}

/* A folder and all that is in it; links are not followed. */
static inline void homes_remove(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	char inside[1024];
	int n;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		n = snprintf(inside, sizeof(inside), "%s/%s", path,
			     entry->d_name);
		if (n > 0 && (size_t)n < sizeof(inside) && unlink(inside) != 0)
			homes_remove(inside);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(path);
}

static inline void homes_end(void)
{
	homes_remove(homes);
}

/* A home with keys; its member is called as the folder. */
static inline void home_make(struct home *h, const char *label)
{
	struct profile p = { .place = "FR-88" };
	char dir[256];

	snprintf(dir, sizeof(dir), "%s/%s", homes, label);
	snprintf(p.label, sizeof(p.label), "%s", label);
	assert(home_init(h, dir) == 0);
	assert(home_create(h) == 0);
	assert(profile_save(&p, h) == 0);
	assert(home_new_keys(h, NULL) == 0);
}

/* The same, founding a network. */
static inline void home_found(struct home *h, struct id *network,
			      const char *label)
{
	struct membership_start start = { .now_ms = HOME_NOW_MS };
	uint8_t bytes[LIMIT_CHARTER];
	static struct charter c;
	struct founder *f = &c.founders[0];

	home_make(h, label);
	memset(&c, 0, sizeof(c));
	snprintf(c.name, sizeof(c.name), "Vittel");
	memcpy(c.currency, "EUR", 4);
	c.created_ms = HOME_NOW_MS;
	bytes_random(c.nonce, sizeof(c.nonce));
	c.founders_n = 1;
	assert(home_identity(h, &f->identity) == 0);
	snprintf(f->label, sizeof(f->label), "%s", label);
	memcpy(f->place, "FR-88", 6);
	assert(charter_encode(bytes, &start.charter_n, &c) == 0);
	start.charter = bytes;
	start.network = hash_id(bytes, start.charter_n);
	*network = start.network;
	assert(membership_begin(h, &start) == 0);
}

/* A home that knows its network and is in nobody's roster yet. */
static inline void home_newcomer(struct home *h, const struct id *network,
				 const char *label)
{
	const struct membership_start start = { .network = *network,
						.now_ms = HOME_NOW_MS };

	home_make(h, label);
	assert(membership_begin(h, &start) == 0);
}

#endif
