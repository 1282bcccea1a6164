#ifndef TESTS_HOME_WORLD_H
#define TESTS_HOME_WORLD_H

#include "crypto/keyfile.h"
#include "node/home.h"
#include "node/keeper.h"
#include "store/log.h"
#include "store/store.h"
#include "tests/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * home_world -- a home on disk that belongs to a person of a world.
 */

/* A home in a fresh folder, with the keys of person i. */
static inline void home_world_make(struct home *h, const struct world *w,
				   size_t i)
{
	char dir[] = "/tmp/maillon-home.XXXXXX", path[HOME_PATH], sub[64];
	uint8_t seed[SEED_SIZE];
	int err;

	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(sub, sizeof(sub), "%s/state", dir);
	if (setenv("MAILLON_STATE", sub, 1) != 0)
		abort();
	snprintf(sub, sizeof(sub), "%s/home", dir);
	err = home_init(h, sub);
	assert(err == 0);
	err = home_create(h);
	assert(err == 0);
	seckey_seed(w->who[i].identity_key, seed);
	err = home_key_path(h, path, KEY_IDENTITY);
	assert(err == 0);
	err = keyfile_create(path, home_key_kind(KEY_IDENTITY), seed, NULL);
	assert(err == 0);
	seckey_seed(w->who[i].node_key, seed);
	err = home_key_path(h, path, KEY_NODE);
	assert(err == 0);
	err = keyfile_create(path, home_key_kind(KEY_NODE), seed, NULL);
	assert(err == 0);
	err = home_new_keys(h, NULL);
	assert(err == 0);
	(void)err;
}

/* Put what everybody in the world has said so far into the store of a keeper
 * that has just been created for person own. */
static inline void home_world_fill(struct keeper *k, const struct world *w,
				   size_t own)
{
	int err = store_begin(k->store);

	assert(err == 0);
	err = store_init(k->store, &w->network);
	assert(err == 0);
	err = store_set_own(k->store, &w->who[own].feed);
	assert(err == 0);
	for (size_t i = 0; i < w->n; i++)
		for (uint64_t s = 0; s < w->who[i].seq; s++) {
			const struct bytes *b = &w->who[i].entries[s];
			struct entry e;
			struct id id;

			err = entry_decode(&e, b->p, b->n);
			assert(err == 0);
			id = entry_id(&e);
			err = store_settle(k->store);
			assert(err == 0);
			err = store_append(k->store, &e, &id);
			assert(err == 0);
		}
	err = store_commit(k->store);
	assert(err == 0);
	(void)err;
}

static inline void home_world_remove(const struct home *h)
{
	char command[HOME_PATH + 32];
	size_t n = strlen(h->dir) - strlen("/home");

	snprintf(command, sizeof(command), "rm -rf '%.*s'", (int)n, h->dir);
	if (strncmp(h->dir, "/tmp/maillon-home.", 18) == 0 &&
	    system(command) != 0)
		abort();
}

#endif
