#include "node/safe/renewal.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "node/cmd/cmd.h"
#include "node/join/opening.h"
#include "node/safe/mark.h"
#include "node/safe/unsent.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/roster/roster.h"
#include "proto/roster/roster_limit.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* META: no mark was found with this seq, the newest then, and no peer met
 * since.  And the own feed, with the seq, the newest when a peer was in step
 * with it last. */
#define UNSURE "unsure"
#define MET    "met"

static int paths(const struct keeper *k, char key[static HOME_PATH],
		 char next[static HOME_PATH])
{
	int err = home_key_path(&k->home, key, KEY_NODE);

	if (err == 0 && snprintf(next, HOME_PATH, "%s.next", key) >= HOME_PATH)
		err = ERR_LIMIT;
	return err;
}

static int load_next(struct seckey **out, const char *path)
{
	uint8_t seed[KEYFILE_SECRET];
	int err = keyfile_load(seed, path, home_key_kind(KEY_NODE), NULL);

	if (err == 0)
		err = seckey_from_seed(out, seed);
	bytes_wipe(seed, sizeof(seed));
	return err;
}

/* The key that is to be, which nothing was signed with yet. */
static int make_next(struct seckey **out, const char *path)
{
	uint8_t seed[KEYFILE_SECRET];
	int err = load_next(out, path);

	if (err != ERR_NOT_FOUND)
		return err;
	bytes_random(seed, sizeof(seed));
	err = keyfile_create(path, home_key_kind(KEY_NODE), seed, NULL);
	bytes_wipe(seed, sizeof(seed));
	return err == 0 ? load_next(out, path) : err;
}

static void take_key(struct keeper *k, struct seckey *node)
{
	k->node = node;
	k->feed = seckey_pub(node);
}

static int put_in_place(const char *key, const char *next)
{
	if (rename(next, key) != 0)
		return err_from_errno(errno);
	return file_sync_dir(key);
}

int renewal_finish(struct keeper *k)
{
	char key[HOME_PATH], next[HOME_PATH];
	struct seckey *node;
	struct pubkey own, pub;
	int err;

	if (!store_own(k->store, &own) || pubkey_eq(&own, &k->feed))
		return 0;
	err = paths(k, key, next);
	if (err == 0)
		err = load_next(&node, next);
	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	pub = seckey_pub(node);
	err = pubkey_eq(&own, &pub) ? put_in_place(key, next) : ERR_NOT_FOUND;
	if (err != 0) {
		seckey_close(node);
		return err == ERR_NOT_FOUND ? 0 : err;
	}
	seckey_close(k->node);
	take_key(k, node);
	return 0;
}

static int id_at(struct keeper *k, const struct head *head, uint64_t seq,
		 struct id *out)
{
	uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	size_t n;
	int err;

	if (seq == head->seq) {
		*out = head->id;
		return 0;
	}
	err = store_entry(k->store, &head->feed, seq, raw, &n);
	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err == 0)
		*out = entry_id(&e);
	return err;
}

static const struct feed_limit *limit_of(struct keeper *k,
					 const struct pubkey *own)
{
	const struct roster *r = store_roster(k->store);

	return r == NULL ? NULL : roster_limit(r, own);
}

bool renewal_is_forked(struct keeper *k)
{
	const struct feed_limit *l = limit_of(k, &k->feed);

	return l != NULL && l->fork != 0 && l->end.seq == 0;
}

/* ERR_NOT_FOUND: it is sure. */
static int unsure_since(struct keeper *k, uint64_t *seq)
{
	uint8_t row[8];
	size_t n;
	int err = store_get(k->store, TABLE_META, UNSURE, sizeof(UNSURE) - 1,
			    row, sizeof(row), &n);

	if (err == 0 && n != sizeof(row))
		err = ERR_FORMAT;
	*seq = err == 0 ? be64_get(row) : 0;
	return err;
}

static int be_unsure(struct keeper *k, uint64_t seq)
{
	uint8_t row[8];
	uint64_t since;
	int err = unsure_since(k, &since);

	be64_put(row, seq);
	return err != ERR_NOT_FOUND
		       ? err
		       : store_put(k->store, TABLE_META, UNSURE,
				   sizeof(UNSURE) - 1, row, sizeof(row));
}

/* How far others hold what is here; nobody signs another first entry. */
static int met_upto(struct keeper *k, uint64_t *seq)
{
	uint8_t row[KEY_SIZE + 8];
	struct pubkey own;
	size_t n;
	int err = store_get(k->store, TABLE_META, MET, sizeof(MET) - 1, row,
			    sizeof(row), &n);

	*seq = 1;
	if (err == 0 && n == sizeof(row) && store_own(k->store, &own) &&
	    memcmp(row, own.b, KEY_SIZE) == 0)
		*seq = be64_get(row + KEY_SIZE);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int put_met(struct keeper *k, uint64_t upto)
{
	uint8_t row[KEY_SIZE + 8];
	struct pubkey own;
	struct head head;
	uint64_t was;
	int err = store_own(k->store, &own) ? store_head(k->store, &own, &head)
					    : ERR_NOT_FOUND;

	if (err == 0)
		err = met_upto(k, &was);
	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	if (upto > head.seq)
		upto = head.seq;
	if (upto == was)
		return 0;
	memcpy(row, own.b, KEY_SIZE);
	be64_put(row + KEY_SIZE, upto);
	return store_put(k->store, TABLE_META, MET, sizeof(MET) - 1, row,
			 sizeof(row));
}

int renewal_met(struct keeper *k, uint64_t upto)
{
	int err = store_del(k->store, TABLE_META, UNSURE, sizeof(UNSURE) - 1);

	return err == 0 || err == ERR_NOT_FOUND ? put_met(k, upto) : err;
}

/* What others hold may differ from what was signed while nobody could say how
 * far the feed goes: it is recorded again under the new key instead. */
static int leave_sure(struct keeper *k)
{
	uint64_t since;
	int err = unsure_since(k, &since);

	if (err == 0)
		err = unsent_cut(k, since + 1);
	return err == ERR_NOT_FOUND ? 0 : err;
}

struct leaving {
	const struct pubkey *who;
	uint64_t upto;
};

/* A new identity key is told of in a feed that the old one certified: what
 * leads there stays, or nobody would take what the new one certifies. */
static int look_for_identity(void *arg, const uint8_t *raw, size_t n)
{
	struct leaving *l = arg;
	struct pubkey who;
	struct record rec;
	struct entry e;
	int err = entry_decode(&e, raw, n);

	if (err != 0 || e.kind != KIND_ROTATE ||
	    record_decode(&rec, e.kind, e.facts, e.facts_n) != 0)
		return err;
	who = record_key(&rec, FACT_WHO);
	if (pubkey_eq(&who, l->who))
		l->upto = e.seq;
	return 0;
}

/* The same of all that nobody is known to hold: the whole card may be an old
 * one, and its mark with it. */
static int leave_met(struct keeper *k)
{
	struct leaving l = { .who = &k->identity };
	struct pubkey own;
	int err = store_own(k->store, &own) ? met_upto(k, &l.upto) : ERR_STATE;

	if (err == 0)
		err = store_entries(k->store, &own, l.upto + 1,
				    look_for_identity, &l);
	return err == 0 || err == ERR_NOT_FOUND ? unsent_cut(k, l.upto + 1)
						: err;
}

/* The position of our own feed that the feed f says it follows. */
static bool follows(struct keeper *k, const struct roster_feed *f,
		    const struct pubkey *own, struct position *out)
{
	uint8_t raw[LIMIT_ENTRY];
	struct record rec;
	struct entry e;
	size_t n;

	return pubkey_eq(&f->identity, &k->identity) &&
	       store_entry(k->store, &f->feed, 1, raw, &n) == 0 &&
	       entry_decode(&e, raw, n) == 0 &&
	       record_decode(&rec, e.kind, e.facts, e.facts_n) == 0 &&
	       record_positions(&rec, FACT_AFTER, out, 1) == 1 &&
	       pubkey_eq(&out->feed, own);
}

bool renewal_is_overtaken(struct keeper *k, struct position *after,
			  uint64_t *differs)
{
	const struct roster *r = store_roster(k->store);
	struct head head;
	struct pubkey own;
	bool is_overtaken = false;

	*differs = 0;
	if (r == NULL || !store_own(k->store, &own) ||
	    store_head(k->store, &own, &head) != 0)
		return false;
	for (size_t i = 0; i < roster_feed_count(r); i++) {
		struct position at;
		struct id here;
		bool is_beyond;

		if (!follows(k, roster_feed_at(r, i), &own, &at))
			continue;
		is_beyond = at.seq > head.seq;
		if (!is_beyond && (id_at(k, &head, at.seq, &here) != 0 ||
				   id_eq(&here, &at.id)))
			continue;
		if (!is_beyond && (*differs == 0 || at.seq < *differs))
			*differs = at.seq;
		if (!is_overtaken || at.seq > after->seq)
			*after = at;
		is_overtaken = true;
	}
	return is_overtaken;
}

int renewal_look(struct keeper *k, bool *is_old, struct position *after)
{
	uint64_t differs;
	const struct feed_limit *l;
	struct mark_place place;
	struct head head = { .seq = 0 };
	struct pubkey own;
	struct id here;
	int err;

	*is_old = false;
	if (!store_own(k->store, &own))
		return 0;
	/* A feed that its owner ended is not gone on with: somebody else may
	 * have this machine. */
	l = limit_of(k, &own);
	if (l != NULL && l->end.seq != 0)
		return 0;
	err = store_head(k->store, &own, &head);
	if (err != 0 && (err != ERR_NOT_FOUND || l == NULL))
		return err == ERR_NOT_FOUND ? 0 : err;
	*after = (struct position){ own, head.seq, head.id };
	/* A home that lost its node key goes on under another one too, and so
	 * does one of which a copy went on as well. */
	err = unsent_disputed(k);
	if (err == 0)
		err = unsent_is_cut(k, is_old);
	if (err != 0)
		return err;
	*is_old = *is_old || (l != NULL && l->fork != 0);
	*is_old = *is_old || !pubkey_eq(&own, &k->feed);
	if (!*is_old && renewal_is_overtaken(k, after, &differs)) {
		*is_old = true;
		if (differs > 0)
			err = unsent_cut(k, differs);
		if (err != 0)
			return err;
	}
	if (k->mark == NULL || mark_get(k->mark, &place) != 0)
		return be_unsure(k, head.seq);
	if (place.seq > head.seq) {
		*is_old = true;
	} else if (place.seq > 0) {
		err = id_at(k, &head, place.seq, &here);
		if (err != 0)
			return err;
		*is_old = *is_old || !id_eq(&here, &place.id);
	}
	if (*is_old && place.seq > 0)
		*after = (struct position){ own, place.seq, place.id };
	*is_old = *is_old || place.is_ended;
	return 0;
}

/* From now on no copy of this home signs with the old key where this mark is
 * seen. */
static void end_mark(struct keeper *k, const struct position *after)
{
	const struct mark_place place = { after->seq, after->id, true };

	if (k->mark != NULL && mark_put(k->mark, &place) != 0)
		keeper_unmarked(k);
}

static int begin_batch(struct keeper *k, const struct membership_start *start)
{
	int err = store_begin(k->store);

	if (err == 0)
		err = unsent_leave(k);
	if (err == 0)
		err = opening_append(k, start);
	if (err == 0)
		err = renewal_met(k, 1); /* the new key is here only */
	if (err == 0)
		return store_commit(k->store);
	store_abort(k->store);
	return err;
}

/* The last position of the old feed that is here. */
static int last_here(struct keeper *k, struct position *out)
{
	struct head head = { .seq = 0 };
	int err = store_own(k->store, &out->feed) ? 0 : ERR_STATE;

	if (err == 0)
		err = store_head(k->store, &out->feed, &head);
	out->seq = head.seq;
	out->id = head.id;
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int leave_old(struct keeper *k, const struct position *known,
		     struct position *after)
{
	int err = leave_sure(k);

	if (err == 0 && known != NULL) {
		*after = *known;
		return 0;
	}
	if (err == 0)
		err = leave_met(k);
	return err == 0 ? last_here(k, after) : err;
}

int renewal_begin(struct keeper *k, const struct position *known)
{
	struct membership_start start = { .passphrase = k->home.passphrase,
					  .now_ms = cmd_now() };
	char key[HOME_PATH], next[HOME_PATH];
	struct seckey *old = k->node, *node = NULL;
	struct position after;
	int err = paths(k, key, next);

	if (err == 0 && !store_network(k->store, &start.network))
		err = ERR_STATE;
	if (err == 0)
		err = make_next(&node, next);
	if (err == 0)
		err = leave_old(k, known, &after);
	if (err != 0) {
		seckey_close(node);
		return err;
	}
	start.after = after.seq > 0 ? &after : NULL;
	end_mark(k, &after);
	take_key(k, node);
	err = begin_batch(k, &start);
	if (err == 0)
		err = put_in_place(key, next);
	if (err != 0) {
		take_key(k, old);
		seckey_close(node);
		return err;
	}
	seckey_close(old);
	mark_close(k->mark);
	k->mark = NULL;
	keeper_mark_open(k);
	return 0;
}

int renewal_sealed(int err)
{
	if (err == ERR_SIGNATURE)
		say_error(_("that is not the passphrase of the identity key"));
	else
		say_error(_("this home is an old copy of itself and needs a "
			    "new node key, which the sealed identity key has "
			    "to sign: run 'maillon up' with "
			    "--passphrase-file"));
	return EXIT_DENIED;
}
