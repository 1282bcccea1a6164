#include "node/safe/newkey.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "node/file.h"
#include "node/safe/heldkey.h"
#include "node/safe/renewal.h"
#include "node/safe/unsent.h"
#include "node/text/form.h"
#include "proto/roster/rotation.h"
#include "proto/wr.h"
#include "store/log.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct newkey {
	char key[HOME_PATH], next[HOME_PATH], name[HOME_PATH];
	struct seckey *old, *new;
	struct pubkey pub;
	struct form *form;
	uint8_t room[FORM_ROOM];
};

static int paths(struct newkey *x, const struct keeper *k)
{
	int err = home_key_path(&k->home, x->key, KEY_IDENTITY);

	if (err != 0)
		return err;
	if (snprintf(x->next, HOME_PATH, "%s.next", x->key) >= HOME_PATH ||
	    snprintf(x->name, HOME_PATH, "%s.next.pub", x->key) >= HOME_PATH)
		return ERR_LIMIT;
	return 0;
}

/* The key that is to be.  One that was begun and never recorded goes. */
static int write_next(const struct newkey *x,
		      const uint8_t seed[static SEED_SIZE], const char *seal)
{
	int err;

	unlink(x->name);
	unlink(x->next);
	err = keyfile_create(x->next, home_key_kind(KEY_IDENTITY), seed, seal);
	return err == 0 ? file_write(x->name, x->pub.b, KEY_SIZE, 0600) : err;
}

static int take_seed(struct newkey *x, const uint8_t seed[static SEED_SIZE])
{
	int err = seckey_from_seed(&x->new, seed);

	if (err == 0)
		x->pub = seckey_pub(x->new);
	return err;
}

static int make_next(struct newkey *x, const struct keeper *k,
		     const char *passphrase)
{
	uint8_t seed[KEYFILE_SECRET];
	struct seckey *clear = NULL;
	bool is_sealed = keeper_unseal(k, &clear, NULL) == ERR_STATE;
	int err;

	seckey_close(clear);
	bytes_random(seed, sizeof(seed));
	err = take_seed(x, seed);
	if (err == 0)
		err = write_next(x, seed, is_sealed ? passphrase : NULL);
	bytes_wipe(seed, sizeof(seed));
	return err;
}

/* PROTOCOL: At each rotation of the chain the feeds of the keys before it go on
 * counting as far as it lists them */
static int list_feeds(struct newkey *x, const struct roster *r,
		      const struct pubkey *who, bool is_pins)
{
	uint32_t n = 0;
	struct wr w;

	for (int pass = 0; pass < 2; pass++) {
		wr_init(&w, x->room, sizeof(x->room));
		wr_array(&w, n);
		n = 0;
		for (size_t i = 0; i < roster_feed_count(r); i++) {
			const struct roster_feed *f = roster_feed_at(r, i);

			if (!pubkey_eq(&f->identity, who) ||
			    f->counted_to == 0 ||
			    is_pins != (f->counted_to != UINT64_MAX))
				continue;
			n++;
			if (is_pins) {
				wr_array(&w, 3);
				wr_bin(&w, f->feed.b, KEY_SIZE);
				wr_uint(&w, f->counted_to);
				wr_bin(&w, f->pin.b, ID_SIZE);
			} else {
				wr_bin(&w, f->feed.b, KEY_SIZE);
			}
		}
	}
	if (n == 0)
		return 0;
	if (w.err != 0 || n > LIMIT_PINS)
		return ERR_LIMIT;
	return form_bytes(x->form, is_pins ? FACT_PINS : FACT_FEEDS, w.p, w.n);
}

static int sign(struct newkey *x, const struct keeper *k)
{
	uint8_t claim[ROTATION_CLAIM];
	struct id network = *roster_network(store_roster(k->store));
	struct sig sig;
	int err;

	rotation_claim(claim, &network, &x->form->rec);
	err = sign_make(&sig, x->old, DOMAIN_ROTATE, claim, sizeof(claim));
	if (err == 0)
		err = form_bytes(x->form, FACT_CERT, sig.b, SIG_SIZE);
	if (err == 0)
		err = sign_make(&sig, x->new, DOMAIN_ROTATE, claim,
				sizeof(claim));
	if (err == 0)
		err = form_bytes(x->form, FACT_PROOF, sig.b, SIG_SIZE);
	return err;
}

static int fill(struct newkey *x, const struct keeper *k)
{
	const struct roster *r = store_roster(k->store);
	const struct pubkey who = k->identity;
	struct pubkey old = seckey_pub(x->old);
	int err = form_bytes(x->form, FACT_WHO, who.b, KEY_SIZE);

	if (err == 0)
		err = form_bytes(x->form, FACT_IDENTITY, old.b, KEY_SIZE);
	if (err == 0)
		err = form_bytes(x->form, FACT_SUCCESSOR, x->pub.b, KEY_SIZE);
	if (err == 0)
		err = list_feeds(x, r, &who, false);
	if (err == 0)
		err = list_feeds(x, r, &who, true);
	return err == 0 ? sign(x, k) : err;
}

static int put_in_place(struct newkey *x, struct keeper *k)
{
	int err = heldkey_put(k->store, &x->pub);

	if (err != 0)
		return err;
	if (rename(x->next, x->key) != 0)
		return err_from_errno(errno);
	unlink(x->name);
	return file_sync_dir(x->key);
}

/* Only the key in force can be followed. */
static int check(const struct newkey *x, const struct keeper *k)
{
	const struct roster *r = store_roster(k->store);
	const struct member *m = roster_member(r, &k->identity);
	struct pubkey old = seckey_pub(x->old), last;

	if (m == NULL || !pubkey_eq(&m->key, &old))
		return ERR_DENIED;
	return roster_key_at(r, &last, &m->identity, LIMIT_ROTATIONS)
		       ? ERR_LIMIT
		       : 0;
}

static int record(struct newkey *x, struct keeper *k, struct recorded *out,
		  uint64_t now_ms)
{
	struct draft draft;
	struct reason why;
	int err = form_open(&x->form, KIND_ROTATE);

	if (err == 0)
		err = fill(x, k);
	if (err == 0)
		err = form_end(x->form, &draft, now_ms, &why);
	return err == 0 ? keeper_record(k, out, &draft, 1, NULL) : err;
}

static void release(struct newkey *x)
{
	if (x != NULL) {
		seckey_close(x->old);
		seckey_close(x->new);
		form_close(x->form);
	}
	free(x);
}

int newkey_make(struct keeper *k, struct recorded *out, const char *passphrase,
		uint64_t now_ms)
{
	struct newkey *x = calloc(1, sizeof(*x));
	int err = x == NULL ? ERR_NOMEM : paths(x, k);

	if (err == 0)
		err = keeper_unseal(k, &x->old, passphrase);
	if (err == 0)
		err = check(x, k);
	if (err == 0)
		err = make_next(x, k, passphrase);
	if (err == 0)
		err = record(x, k, out, now_ms);
	if (err == 0)
		err = put_in_place(x, k);
	release(x);
	return err;
}

/* Is it the key in force of this home's member? */
static int check_known(const struct newkey *x, const struct keeper *k)
{
	const struct roster *r = store_roster(k->store);
	const struct member *m = r == NULL ? NULL : roster_member(r, &x->pub);

	if (m == NULL)
		return ERR_NOT_FOUND;
	return pubkey_eq(&m->identity, &k->identity) &&
			       pubkey_eq(&m->key, &x->pub)
		       ? 0
		       : ERR_DENIED;
}

/* The key is in its place before anything is recorded again under it. */
static int go_on(struct keeper *k, bool is_late)
{
	struct position after;
	struct head head;
	int err = store_head(k->store, &k->feed, &head);

	if (err == 0)
		err = unsent_barred(k);
	if (err != 0)
		return err;
	after = (struct position){ head.feed, head.seq, head.id };
	if (is_late)
		err = renewal_begin(k, &after);
	return err == 0 ? unsent_reissue(k) : err;
}

int newkey_adopt(struct keeper *k, bool *is_late,
		 const uint8_t seed[static SEED_SIZE], const char *seal)
{
	struct newkey *x = calloc(1, sizeof(*x));
	uint64_t upto = roster_barred(store_roster(k->store), &k->feed);
	int err = x == NULL ? ERR_NOMEM : paths(x, k);

	*is_late = upto != UINT64_MAX;
	if (err == 0)
		err = take_seed(x, seed);
	if (err == 0)
		err = check_known(x, k);
	if (err == 0)
		err = write_next(x, seed, seal);
	if (err == 0)
		err = put_in_place(x, k);
	release(x);
	return err == 0 ? go_on(k, *is_late) : err;
}

int newkey_finish(struct keeper *k)
{
	struct newkey *x = calloc(1, sizeof(*x));
	const struct roster *r = store_roster(k->store);
	const struct member *m =
		r == NULL ? NULL : roster_member(r, &k->identity);
	char pub[KEY_SIZE + 1];
	size_t n;
	int err = x == NULL ? ERR_NOMEM : paths(x, k);

	if (err == 0)
		err = file_read(pub, sizeof(pub), &n, x->name);
	if (err == 0 && m != NULL && n == KEY_SIZE &&
	    memcmp(m->key.b, pub, KEY_SIZE) == 0 &&
	    access(x->next, F_OK) == 0) {
		x->pub = m->key;
		err = put_in_place(x, k);
	} else if (err == 0) {
		unlink(x->next);
		unlink(x->name);
	}
	free(x);
	return err == ERR_NOT_FOUND || err == ERR_LIMIT ? 0 : err;
}
