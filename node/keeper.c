#include "node/keeper.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/ledger.h"
#include "node/safe/mark.h"
#include "node/safe/newkey.h"
#include "node/safe/renewal.h"
#include "node/safe/unsent.h"
#include "node/seen.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/roster/roster_limit.h"
#include "proto/roster/rotation.h"
#include "store/book.h"
#include "store/lock.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* How often a batch begins again because the map had to grow. */
enum { TRIES = 4 };

static int load_keys(struct keeper *k)
{
	int err = home_seckey(&k->home, &k->node, KEY_NODE, NULL);

	if (err == 0) {
		k->feed = seckey_pub(k->node);
		err = home_identity(&k->home, &k->identity);
	}
	if (err == 0)
		err = home_transport(&k->home, &k->transport);
	return err == 0 ? home_member(&k->home, &k->member) : err;
}

void keeper_unmarked(struct keeper *k)
{
	say_warn(_("how far this node has written cannot be kept outside of "
		   "%s; an old copy of it would not be noticed"),
		 k->home.dir);
	mark_close(k->mark);
	k->mark = NULL;
}

void keeper_mark(struct keeper *k)
{
	struct mark_place place = { .seq = 0 }, was;
	struct head head;

	if (k->mark == NULL || store_head(k->store, &k->feed, &head) != 0)
		return;
	place.seq = head.seq;
	place.id = head.id;
	if (mark_get(k->mark, &was) == 0 && was.seq == place.seq)
		return;
	if (mark_put(k->mark, &place) != 0)
		keeper_unmarked(k);
}

/* A ledger that belongs to no network yet has nothing to lose. */
static void find_mark(struct keeper *k)
{
	struct id network;

	if (store_network(k->store, &network) &&
	    mark_open(&k->mark, &k->home, &network, &k->feed) != 0)
		keeper_unmarked(k);
}

void keeper_mark_open(struct keeper *k)
{
	find_mark(k);
	keeper_mark(k);
}

/* A later key of a member: the home is the member's.  When that cannot be
 * written down, it is found out again. */
void keeper_whose(struct keeper *k)
{
	const struct roster *r = store_roster(k->store);
	const struct member *m =
		r == NULL ? NULL : roster_member(r, &k->identity);

	if (m == NULL || pubkey_eq(&m->identity, &k->identity))
		return;
	k->identity = m->identity;
	(void)home_set_identity(&k->home, &k->identity);
}

/* Is the home what it was when it was last written to? */
static int settle(struct keeper *k)
{
	struct position after;
	struct pubkey own;
	bool is_old = false, is_forked;
	int err = newkey_finish(k);

	if (err == 0)
		err = renewal_finish(k);
	keeper_whose(k);

	if (err == 0)
		find_mark(k);
	if (err == 0)
		err = renewal_look(k, &is_old, &after);
	is_forked = err == 0 && renewal_is_forked(k);
	if (err == 0 && is_old)
		err = renewal_begin(k, &after);
	/* Those of a change that was cut. */
	if (err == 0 && store_own(k->store, &own))
		err = unsent_reissue(k);
	if (err == 0 && is_forked)
		say_note(_("a copy of this home was running too, and both "
			   "recorded; this one goes on under a new node key, "
			   "and nothing it recorded is lost"));
	else if (err == 0 && is_old)
		say_note(_("this home is an old copy of itself; it goes on "
			   "under a new node key, and what it has lost comes "
			   "back from its peers"));
	if (err == 0)
		keeper_mark(k);
	return err;
}

static int open_as(struct keeper **out, const struct home *home,
		   enum store_mode mode)
{
	struct keeper *k = calloc(1, sizeof(*k));
	int err;

	if (k == NULL)
		return ERR_NOMEM;
	k->home = *home;
	err = lock_take(&k->lock, home->lock);
	if (err == 0)
		err = load_keys(k);
	if (err == 0)
		err = ledger_write(&k->store, home, mode);
	if (err == 0)
		err = settle(k);
	if (err != 0) {
		keeper_close(k);
		return err;
	}
	*out = k;
	return 0;
}

int keeper_open(struct keeper **out, const struct home *home)
{
	return open_as(out, home, STORE_WRITE);
}

int keeper_create(struct keeper **out, const struct home *home)
{
	return open_as(out, home, STORE_CREATE);
}

void keeper_close(struct keeper *k)
{
	if (k == NULL)
		return;
	store_close(k->store);
	seckey_close(k->node);
	mark_close(k->mark);
	lock_release(k->lock);
	bytes_wipe(k, sizeof(*k));
	free(k);
}

int keeper_unseal(const struct keeper *k, struct seckey **out,
		  const char *passphrase)
{
	return home_seckey(&k->home, out, KEY_IDENTITY, passphrase);
}

int keeper_sealed(int err)
{
	if (err == ERR_STATE)
		say_error(_(
			"the identity key is sealed; give --passphrase-file"));
	else if (err == ERR_SIGNATURE)
		say_error(_("that is not the passphrase of the identity key"));
	else
		return EXIT_DONE;
	return EXIT_DENIED;
}

/* One call of keeper_record while it is under way. */
struct batch {
	struct keeper *k;
	struct recorded *out;
	const struct draft *drafts;
	struct tag keys[KEEPER_DRAFTS]; /* zero where a draft has none */
	struct head head;               /* of our feed, moving on */
	size_t appended;
	const struct keeper_also *also; /* NULL: nothing */
	uint8_t raw[LIMIT_ENTRY];
};

static bool is_same(const struct draft *a, uint32_t kind, const uint8_t *facts,
		    size_t n)
{
	return a->kind == kind && a->facts_n == n &&
	       memcmp(a->facts, facts, n) == 0;
}

static bool has_key(const struct tag *key)
{
	static const struct tag none;

	return memcmp(key->b, none.b, TAG_SIZE) != 0;
}

/* Was draft i recorded before under its key, in this batch or earlier?
 * ERR_NOT_FOUND: no; ERR_EXISTS: something else was. */
static int find_before(struct batch *b, size_t i)
{
	const struct draft *draft = &b->drafts[i];
	struct position at;
	struct entry e;
	size_t n;
	int err;

	if (!has_key(&b->keys[i]))
		return ERR_NOT_FOUND;
	for (size_t j = 0; j < i; j++) {
		const struct draft *d = &b->drafts[j];

		if (memcmp(b->keys[j].b, b->keys[i].b, TAG_SIZE) != 0)
			continue;
		b->out[i] = b->out[j];
		b->out[i].was_there = true;
		return is_same(draft, d->kind, d->facts, d->facts_n)
			       ? 0
			       : ERR_EXISTS;
	}
	err = store_key_find(b->k->store, &b->k->identity, &b->keys[i], &at);
	/* Under an identity key that was followed, and does not count. */
	if (err == 0 &&
	    at.seq > roster_barred(store_roster(b->k->store), &at.feed))
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = store_entry(b->k->store, &at.feed, at.seq, b->raw, &n);
	if (err == 0)
		err = entry_decode(&e, b->raw, n);
	if (err != 0)
		return err;
	b->out[i] = (struct recorded){ at.feed, at.seq, at.id, true };
	return is_same(draft, e.kind, e.facts, e.facts_n) ? 0 : ERR_EXISTS;
}

static int append(struct batch *b, size_t i)
{
	const struct draft *draft = &b->drafts[i];
	bool has_seen = false;
	struct id seen;
	struct entry_plan plan = {
		.seq = b->head.seq + 1,
		.prev = b->head.id,
		.time_ms = draft->time_ms,
		.kind = draft->kind,
		.facts = draft->facts,
		.facts_n = draft->facts_n,
	};
	struct entry e;
	struct id id;
	size_t n;
	int err = 0;

	if (b->appended == 0)
		err = seen_next(b->k->store, &b->k->identity, &seen, &has_seen);
	if (has_seen)
		plan.seen = &seen;
	if (err == 0)
		err = entry_seal(b->raw, &n, &plan, b->k->node);
	if (err == 0)
		err = entry_decode(&e, b->raw, n);
	if (err != 0)
		return err;
	id = entry_id(&e);
	err = store_append(b->k->store, &e, &id);
	if (err != 0)
		return err;
	b->appended++;
	b->head.seq = e.seq;
	b->head.id = id;
	b->out[i] = (struct recorded){ e.feed, e.seq, id, false };
	return 0;
}

static int append_all(struct batch *b, size_t n, size_t *bad)
{
	struct store *s = b->k->store;
	int err = store_head(s, &b->k->feed, &b->head);

	*bad = n;
	b->appended = 0;
	/* Nothing but its `open` begins a feed. */
	if (err == ERR_NOT_FOUND)
		return ERR_STATE;
	for (size_t i = 0; i < n && err == 0; i++) {
		err = find_before(b, i);
		if (err == ERR_NOT_FOUND)
			err = append(b, i);
		if (err != 0)
			*bad = i;
	}
	return err;
}

static int record_batch(struct batch *b, size_t n, size_t *bad)
{
	int err = ERR_BUSY;

	for (int i = 0; i < TRIES && err == ERR_BUSY; i++) {
		err = store_begin(b->k->store);
		if (err == 0)
			err = append_all(b, n, bad);
		if (err == 0 && b->appended > 0 && b->also != NULL)
			err = b->also->put(b->also->arg, b->k->store, b->out);
		if (err == 0 && b->appended > 0)
			err = store_commit(b->k->store);
		else
			store_abort(b->k->store);
	}
	if (err == 0 && b->appended > 0)
		keeper_mark(b->k);
	return err;
}

/* Everything that can be wrong with the drafts themselves. */
static int check(struct batch *b, size_t n, size_t *bad)
{
	struct record rec;
	size_t bytes = 0;

	*bad = n;
	if (n == 0 || n > KEEPER_DRAFTS)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++) {
		const struct draft *d = &b->drafts[i];
		int err = record_decode(&rec, d->kind, d->facts, d->facts_n);

		if (err != 0) {
			*bad = i;
			return err;
		}
		b->keys[i] = record_tag(&rec, FACT_KEY);
		bytes += d->facts_n;
	}
	return bytes <= KEEPER_BYTES ? 0 : ERR_LIMIT;
}

/* Did the member close this node's feed, or did it fork? */
static bool is_ended(struct keeper *k)
{
	const struct roster *r = store_roster(k->store);

	return r != NULL && roster_limit(r, &k->feed) != NULL;
}

static int record_all(struct keeper *k, struct recorded *out,
		      const struct draft *drafts, size_t n, size_t *bad,
		      const struct keeper_also *also)
{
	struct batch *b = malloc(sizeof(*b));
	size_t at = n;
	int err;

	if (b == NULL)
		return ERR_NOMEM;
	b->k = k;
	b->out = out;
	b->drafts = drafts;
	b->also = also;
	err = is_ended(k) ? ERR_DENIED : check(b, n, &at);
	if (err == 0)
		err = record_batch(b, n, &at);
	if (err != 0 && bad != NULL)
		*bad = at;
	free(b);
	return err;
}

int keeper_record(struct keeper *k, struct recorded *out,
		  const struct draft *drafts, size_t n, size_t *bad)
{
	return record_all(k, out, drafts, n, bad, NULL);
}

int keeper_record_also(struct keeper *k, struct recorded *out,
		       const struct draft *draft,
		       const struct keeper_also *also)
{
	return record_all(k, out, draft, 1, NULL, also);
}

static int put_rows(struct store *s, const struct keepsake *rows, size_t n)
{
	int err = store_begin(s);

	for (size_t i = 0; i < n && err == 0; i++)
		err = store_put(s, TABLE_PRIVATE, rows[i].key, rows[i].key_n,
				rows[i].value, rows[i].value_n);
	if (err == 0)
		return store_commit(s);
	store_abort(s);
	return err;
}

int keeper_remember(struct keeper *k, const struct keepsake *rows, size_t n)
{
	int err = ERR_BUSY;

	for (int i = 0; i < TRIES && err == ERR_BUSY; i++)
		err = put_rows(k->store, rows, n);
	return err;
}

int keeper_forget(struct keeper *k, const struct keepsake *rows, size_t n)
{
	int err = store_shred_begin(k->store);

	if (err == 0)
		err = keeper_remember(k, rows, n);
	return err == 0 ? store_shred(k->store) : err;
}
