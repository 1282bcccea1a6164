#include "node/join/membership.h"

#include "crypto/err.h"
#include "node/join/ticket.h"
#include "node/join/waiting.h"
#include "node/text/personal.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "store/log.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUFFIX_MAX = 1000, TRIES = 4 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* On paper and by phone "Lea" and "lea" are one. */
static bool label_alike(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

static bool is_taken(const struct roster *r, const char *label,
		     const struct pubkey *who)
{
	for (size_t i = 0; i < roster_count(r); i++) {
		const struct member *m = roster_at(r, i);

		if (!pubkey_eq(&m->identity, who) &&
		    label_alike(m->label, label))
			return true;
	}
	return false;
}

/* The label, or the first of label-2, label-3 ... that nobody else has. */
static void free_label(char out[static LIMIT_LABEL + 1], const struct roster *r,
		       const char *wish, const struct pubkey *who)
{
	snprintf(out, LIMIT_LABEL + 1, "%s", wish);
	for (int i = 2; is_taken(r, out, who) && i < SUFFIX_MAX; i++) {
		char suffix[16];
		int keep;

		snprintf(suffix, sizeof(suffix), "-%d", i);
		keep = LIMIT_LABEL - (int)strlen(suffix);
		snprintf(out, LIMIT_LABEL + 1, "%.*s%s", keep, wish, suffix);
	}
}

/* What the `admit` says. */
struct admission {
	struct pubkey who;
	enum role role;
	bool may_admit;
	const char *place;
	const char *name;
	const char *wanted; /* label */
};

static int record_admit(struct keeper *k, struct admitted *out,
			const struct admission *a, uint64_t now_ms)
{
	const struct roster *r = store_roster(k->store);
	uint8_t facts[1024];
	struct draft draft = { .kind = KIND_ADMIT,
			       .time_ms = now_ms,
			       .facts = facts };
	struct record rec;
	struct id before;
	int err;

	free_label(out->label, r, a->wanted, &a->who);
	out->is_renamed = strcmp(out->label, a->wanted) != 0;
	record_init(&rec, KIND_ADMIT);
	record_set_bytes(&rec, FACT_WHO, a->who.b, KEY_SIZE);
	record_set_uint(&rec, FACT_ROLE, (uint64_t)a->role);
	record_set_bytes(&rec, FACT_LABEL, out->label, strlen(out->label));
	record_set_bytes(&rec, FACT_PLACE, a->place, strlen(a->place));
	if (a->name[0] != '\0')
		record_set_bytes(&rec, FACT_NAME, a->name, strlen(a->name));
	if (a->may_admit)
		record_set_uint(&rec, FACT_MAY_ADMIT, 1);
	if (roster_standing_admit(r, &before, &a->who, &k->identity))
		record_set_bytes(&rec, FACT_REPLACES, before.b, ID_SIZE);
	err = record_encode(&rec, facts, sizeof(facts), &draft.facts_n);
	if (err == 0)
		err = keeper_record(k, &out->at, &draft, 1, NULL);
	return err;
}

/* Append those of a newcomer's entries that are good and not here yet.  Where
 * they end, replication goes on. */
static int append_entries(struct store *s, struct msg_list entries)
{
	const uint8_t *raw;
	struct entry e;
	struct id id;
	size_t n;
	int err = 0;

	while (err == 0 && msg_next_bin(&entries, &raw, &n)) {
		if (entry_decode(&e, raw, n) != 0 || entry_verify(&e) != 0)
			break;
		id = entry_id(&e);
		err = store_append(s, &e, &id);
		if (err == ERR_EXISTS)
			err = 0;
	}
	switch (err) {
	case ERR_CHAIN:
	case ERR_CONFLICT:
	case ERR_DENIED:
		return 0;
	}
	return err;
}

static int take_entries(struct keeper *k, struct msg_list entries)
{
	int err = ERR_BUSY;

	for (int i = 0; i < TRIES && err == ERR_BUSY; i++) {
		err = store_begin(k->store);
		if (err == 0)
			err = append_entries(k->store, entries);
		if (err == 0)
			err = store_commit(k->store);
		else
			store_abort(k->store);
	}
	return err;
}

static int admit_waiting(struct keeper *k, struct admitted *out,
			 const struct waiting *w, const struct admit_wish *wish,
			 uint64_t now_ms)
{
	const struct admission a = {
		.who = w->identity,
		.role = wish->has_role ? wish->role : w->role,
		.may_admit = wish->may_admit,
		.place = w->place,
		.name = w->name,
		.wanted = w->label,
	};
	int err = record_admit(k, out, &a, now_ms);

	if (err == 0)
		err = take_entries(k, w->entries);
	if (err == 0)
		err = waiting_del(&w->identity, k->store);
	return err;
}

static int change_member(struct keeper *k, struct admitted *out,
			 const struct member *m, const struct admit_wish *wish,
			 uint64_t now_ms)
{
	const struct roster *r = store_roster(k->store);
	const struct member *me = roster_member(r, &k->identity);
	/* record_admit writes, which ends what the roster lends. */
	const struct member old = *m;
	const struct admission a = {
		.who = old.identity,
		.role = wish->has_role ? wish->role : old.role,
		.may_admit = wish->may_admit,
		.place = old.place,
		.name = old.name,
		.wanted = old.label,
	};
	struct id ours;

	/* An admission by somebody not above would not count. */
	if (me == NULL || me->depth >= old.depth)
		return ERR_DENIED;
	/* Somebody else's admission does not make ours superfluous: theirs may
	 * end. */
	if (old.is_standing && a.role == old.role &&
	    a.may_admit == old.may_admit &&
	    roster_standing_admit(r, &ours, &old.identity, &k->identity))
		return ERR_EXISTS;
	return record_admit(k, out, &a, now_ms);
}

int membership_accept(struct keeper *k, struct admitted *out,
		      const struct admit_wish *wish, uint64_t now_ms)
{
	const struct roster *r = store_roster(k->store);
	const struct member *m = roster_member(r, &wish->who);
	struct waiting w;
	void *room;
	int err;

	if (!roster_may_admit(r, &k->identity))
		return ERR_DENIED;
	err = waiting_load(&w, &room, &wish->who, k->store);
	if (m != NULL && m->is_standing) {
		if (err == 0)
			free(room);
		return change_member(k, out, m, wish, now_ms);
	}
	if (err == ERR_NOT_FOUND && m != NULL)
		return change_member(k, out, m, wish, now_ms);
	if (err != 0)
		return err;
	err = admit_waiting(k, out, &w, wish, now_ms);
	free(room);
	return err;
}

/* The row that a JOIN makes. */
static void fill_row(struct waiting *w, const struct msg_join *join,
		     const struct session_peer *peer, const struct ticket *t,
		     uint64_t now_ms)
{
	memset(w, 0, sizeof(*w));
	w->identity = peer->identity;
	w->feed = peer->feed;
	w->transport = peer->transport;
	memcpy(w->invite, join->invite, sizeof(w->invite));
	w->role = t->role;
	w->asked_ms = now_ms;
	memcpy(w->label, join->label, sizeof(w->label));
	memcpy(w->place, join->place, sizeof(w->place));
	memcpy(w->name, join->name, sizeof(w->name));
	w->entries = join->entries;
}

/* Does the ticket let this joiner in?  *status when it does not. */
static bool may_use(enum joined *status, const struct ticket *t,
		    const struct keeper *k, const struct msg_join *join,
		    const struct session_peer *peer, uint64_t now_ms)
{
	struct id proof =
		invite_proof(t->secret, roster_network(store_roster(k->store)),
			     &peer->feed, &peer->identity, &peer->transport);

	*status = JOINED_UNKNOWN;
	if (!id_eq(&proof, &join->proof))
		return false;
	if (ticket_was_used_by(t, &peer->identity))
		return true;
	*status = JOINED_USED;
	if (t->used >= t->uses)
		return false;
	*status = JOINED_EXPIRED;
	return now_ms / 1000 <= t->expires_s;
}

/* A person who accepts is shown label and name, and may say that they are meant
 * for everybody; an --auto invite asks nobody, and whoever asks need not be our
 * program. */
static bool is_impersonal(const struct msg_join *j)
{
	return personal_find(j->label, strlen(j->label), true) ==
		       PERSONAL_NONE &&
	       personal_find(j->name, strlen(j->name), false) == PERSONAL_NONE;
}

static int let_in(struct keeper *k, enum joined *status,
		  const struct waiting *row, bool is_auto, uint64_t now_ms)
{
	const struct admit_wish wish = { .who = row->identity };
	struct admitted out;
	int err;

	if (is_auto) {
		*status = JOINED_ADMITTED;
		return admit_waiting(k, &out, row, &wish, now_ms);
	}
	*status = JOINED_WAITING;
	err = waiting_put(row, k->store);
	return err;
}

static bool is_refused(struct keeper *k, const struct pubkey *identity)
{
	struct waiting w;
	void *room;

	if (waiting_load(&w, &room, identity, k->store) != 0)
		return false;
	free(room);
	return w.is_refused;
}

int membership_ask(struct keeper *k, enum joined *status,
		   const struct msg_join *join, const struct session_peer *peer,
		   uint64_t now_ms)
{
	const struct roster *r = store_roster(k->store);
	const struct member *m = roster_member(r, &peer->identity);
	struct waiting row;
	struct ticket t;
	int err;

	if (m != NULL && m->is_standing) {
		*status = JOINED_ADMITTED;
		err = take_entries(k, join->entries);
		/* It waited until its key followed that of a member. */
		return err == 0 ? waiting_del(&peer->identity, k->store) : err;
	}
	*status = JOINED_REFUSED;
	if (m != NULL || !roster_may_admit(r, &k->identity) ||
	    is_refused(k, &peer->identity))
		return 0;
	*status = JOINED_UNKNOWN;
	err = ticket_get(&t, k->store, join->invite);
	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	if (!may_use(status, &t, k, join, peer, now_ms))
		return 0;
	if (t.is_auto && !is_impersonal(join)) {
		*status = JOINED_PERSONAL;
		return 0;
	}
	/* The use is noted first: a crash in between costs the joiner nothing,
	 * because the same identity may ask again. */
	if (!ticket_was_used_by(&t, &peer->identity)) {
		err = ticket_use(&t, &peer->identity);
		if (err == 0)
			err = ticket_put(&t, k->store);
	}
	if (err != 0)
		return err;
	fill_row(&row, join, peer, &t, now_ms);
	return let_in(k, status, &row, t.is_auto, now_ms);
}
