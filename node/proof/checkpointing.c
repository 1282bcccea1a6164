#include "node/proof/checkpointing.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/proof/logtree.h"
#include "node/proof/treecache.h"
#include "proto/grow.h"
#include "store/book.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

/* Tests do not wait for an hour. */
static uint64_t period_ms(void)
{
	const char *text = getenv("MAILLON_CHECKPOINT_MS");
	uint64_t ms;

	if (text != NULL &&
	    dec_decode(&ms, CHECKPOINT_PERIOD_MS, text, strlen(text)) == 0)
		return ms;
	return CHECKPOINT_PERIOD_MS;
}

bool checkpoint_due(uint64_t *next_ms, uint64_t now_ms)
{
	if (*next_ms == 0)
		*next_ms = now_ms + period_ms();
	if (now_ms < *next_ms)
		return false;
	*next_ms = now_ms + period_ms();
	return true;
}

static bool is_association(const struct keeper *k)
{
	const struct roster *r = store_roster(k->store);
	const struct member *m =
		r == NULL ? NULL : roster_member(r, &k->identity);

	return m != NULL && m->is_standing && m->role == ROLE_ASSOCIATION;
}

/* What is put together before anything is written. */
struct making {
	struct keeper *k;
	struct attest tree;
	struct merkle merkle;
	struct position *places; /* what is to be attested, rising */
	size_t places_n, places_max;
	bool is_new;
	bool has_after;
	struct position after;
	uint64_t now_ms;
	struct logtree_ids ids;
	uint8_t facts[ATTEST_FACTS];
};

static int see(void *arg, const uint8_t *raw, size_t n)
{
	struct making *m = arg;
	struct entry e;
	int err = entry_decode(&e, raw, n);
	bool is_own = err == 0 && pubkey_eq(&e.feed, &m->k->feed);

	/* PROTOCOL: an entry that is neither its own `attest` or `checkpoint`
	 * nor anybody's `cosign` */
	if (err == 0 && e.kind != KIND_COSIGN &&
	    !(is_own && (e.kind == KIND_ATTEST || e.kind == KIND_CHECKPOINT)))
		m->is_new = true;
	return err != 0 ? err : m->is_new;
}

/* One feed that this node attests: the place up to which. */
static int add_place(struct making *m, const struct roster_feed *f)
{
	struct head head;
	struct position at = { .feed = f->feed };
	size_t n;
	int err = store_head(m->k->store, &f->feed, &head);

	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	at.seq = head.seq < f->counted_to ? head.seq : f->counted_to;
	if (at.seq <= attest_to(&m->tree, &f->feed))
		return 0;
	err = store_entry(m->k->store, &f->feed, at.seq, m->ids.raw, &n);
	if (err == 0)
		err = grow(&m->places, &m->places_max, m->places_n, sizeof(at));
	if (err != 0)
		return err;
	at.id = hash_id(m->ids.raw, n);
	m->places[m->places_n++] = at;
	if (m->is_new)
		return 0;
	err = store_entries(m->k->store, &f->feed,
			    attest_to(&m->tree, &f->feed) + 1, see, m);
	return err < 0 ? err : 0;
}

/* Feeds of this member, and of those it admitted, are attested. */
static int find_places(struct making *m)
{
	const struct roster *r = store_roster(m->k->store);
	int err = 0;

	for (size_t i = 0; i < roster_feed_count(r) && err == 0; i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		const struct member *who = roster_member(r, &f->identity);

		if (who != NULL && (pubkey_eq(&f->identity, &m->k->identity) ||
				    pubkey_eq(&who->admitter, &m->k->identity)))
			err = add_place(m, f);
	}
	return err;
}

/* The last checkpoint of another node of this member. */
static int find_before(struct store *s, const struct keeper *k, bool *has,
		       struct position *out)
{
	const struct roster *r = store_roster(s);
	int err = 0;

	*has = false;
	for (size_t i = 0; i < roster_feed_count(r) && err == 0; i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		struct attest tree;

		if (!pubkey_eq(&f->identity, &k->identity) ||
		    pubkey_eq(&f->feed, &k->feed))
			continue;
		err = logtree_load(&tree, s, &f->feed);
		if (err == 0 && tree.marks_n > 0) {
			*has = true;
			*out = tree.marks[tree.marks_n - 1].at;
		}
		attest_release(&tree);
	}
	return err;
}

bool checkpoint_may(struct keeper *k)
{
	struct position other;
	struct attest tree;
	bool has = false, ours = false;

	if (!is_association(k) || find_before(k->store, k, &has, &other) != 0)
		return false;
	if (logtree_load(&tree, k->store, &k->feed) == 0)
		ours = tree.marks_n > 0;
	attest_release(&tree);
	return ours || !has;
}

/* The root once the new places are in. */
static int find_head(struct making *m, struct treehead *head)
{
	const struct attest_source source = logtree_source(&m->ids);
	struct book_view view;
	int err = treecache_load(&m->merkle, m->k->store, &m->tree);

	for (size_t i = 0; i < m->places_n && err == 0; i++)
		err = attest_add(&m->tree, &m->places[i]);
	if (err == 0)
		err = store_view_open(m->k->store, &view);
	if (err != 0)
		return err;
	err = attest_grow(&m->tree, &source, &m->merkle);
	store_view_close(m->k->store);
	if (err == 0)
		*head = (struct treehead){ m->tree.network, m->tree.feed,
					   m->merkle.size,
					   merkle_root(&m->merkle) };
	return err == ERR_NOT_FOUND ? ERR_STATE : err;
}

static int write_attests(struct making *m)
{
	struct draft d = { KIND_ATTEST, m->now_ms, m->facts, 0 };
	size_t used;
	int err = 0;

	for (size_t i = 0; i < m->places_n && err == 0; i += used) {
		struct recorded out;

		err = attest_encode(m->facts, &d.facts_n, m->places + i,
				    m->places_n - i, &used);
		if (err == 0)
			err = keeper_record(m->k, &out, &d, 1, NULL);
	}
	return err;
}

static int write_checkpoint(struct making *m, struct checkpointed *out,
			    const struct treehead *head)
{
	uint8_t facts[256];
	struct draft d = { KIND_CHECKPOINT, m->now_ms, facts, 0 };
	struct recorded at;
	struct sig sig;
	int err = treehead_sign(&sig, head, m->k->node);

	if (err == 0)
		err = attest_checkpoint(facts, &d.facts_n, head, &sig,
					m->has_after ? &m->after : NULL);
	if (err == 0)
		err = keeper_record(m->k, &at, &d, 1, NULL);
	if (err == 0)
		*out = (struct checkpointed){ at.seq, at.id, head->size, true };
	return err;
}

static int make(struct making *m, struct checkpointed *out)
{
	struct treehead head;
	uint64_t said;
	int err = logtree_load(&m->tree, m->k->store, &m->k->feed);

	if (err != 0)
		return err;
	if (m->tree.marks_n == 0)
		err = find_before(m->k->store, m->k, &m->has_after, &m->after);
	if (err == 0)
		err = find_places(m);
	if (err != 0)
		return err;
	said = m->tree.marks_n == 0 ? 0
				    : m->tree.marks[m->tree.marks_n - 1].said;
	/* What a crash left attested and open is closed, too. */
	if (!m->is_new && m->tree.marks_n > 0 && said == m->tree.size) {
		const struct attest_mark *last =
			&m->tree.marks[m->tree.marks_n - 1];

		*out = (struct checkpointed){ last->at.seq, last->at.id,
					      last->head.size, false };
		return 0;
	}
	err = find_head(m, &head);
	if (err == 0)
		err = write_attests(m);
	if (err == 0)
		err = write_checkpoint(m, out, &head);
	/* The checkpoint is made; without this the next one takes longer. */
	if (err == 0)
		(void)treecache_save(m->k->store, &m->k->feed, &m->merkle);
	return err;
}

int checkpoint_make(struct keeper *k, struct checkpointed *out, uint64_t now_ms)
{
	struct making *m;
	int err;

	if (!is_association(k))
		return ERR_DENIED;
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return ERR_NOMEM;
	m->k = k;
	m->now_ms = now_ms;
	m->ids.store = k->store;
	err = make(m, out);
	attest_release(&m->tree);
	free(m->places);
	free(m);
	return err;
}
