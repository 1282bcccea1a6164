#include "store/view.h"

#include "crypto/err.h"

#include <string.h>

int view_entry(struct store *s, struct entry *out, const struct feed_row *feed,
	       uint64_t seq)
{
	uint8_t key[PLACE_SIZE];
	struct span raw;
	int err;

	place_encode(key, (struct place){ feed->no, seq });
	err = db_get(s->db, DB_ENTRY, key, sizeof(key), &raw);
	if (err != 0)
		return err;
	if (entry_decode(out, raw.p, raw.n) != 0 || out->seq != seq ||
	    !pubkey_eq(&out->feed, &feed->feed))
		return ERR_FORMAT;
	return 0;
}

/* Where the index says that an id stands, which is not compared yet unless
 * *is_sure. */
static int find_place(struct store *s, struct feed_row *feed, uint64_t *seq,
		      bool *is_sure, const struct id *id)
{
	struct place at;
	int err = byid_find(&s->byid, s->db, &at, is_sure, id);

	if (err != 0)
		return err;
	*seq = at.seq;
	err = feeds_find_no(&s->feeds, feed, at.no);
	return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
}

/* The entry there, if it is the one with this id. */
static int read_place(struct store *s, struct entry *e,
		      const struct feed_row *feed, uint64_t seq, bool is_sure,
		      const struct id *id)
{
	struct id found;
	int err = view_entry(s, e, feed, seq);

	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	if (is_sure)
		return 0;
	found = entry_id(e);
	if (id_eq(&found, id))
		return 0;
	return memcmp(found.b, id->b, HALF_SIZE) == 0 ? ERR_NOT_FOUND
						      : ERR_FORMAT;
}

int view_place(struct store *s, struct feed_row *feed, struct entry *e,
	       const struct id *id)
{
	uint64_t seq;
	bool is_sure;
	int err = find_place(s, feed, &seq, &is_sure, id);

	return err == 0 ? read_place(s, e, feed, seq, is_sure, id) : err;
}

/* The record in an entry.  ERR_NOT_FOUND when it is none. */
static int to_record(struct book_record *out, const struct entry *e,
		     const struct feed_row *feed)
{
	const struct kind_rule *rule = kind_rule(e->kind);

	if (rule == NULL || !rule->is_recorded ||
	    record_decode(&out->rec, e->kind, e->facts, e->facts_n) != 0)
		return ERR_NOT_FOUND;
	out->feed = e->feed;
	out->seq = e->seq;
	out->author = feed->identity;
	out->time_ms = e->time_ms;
	return 0;
}

int view_load(struct store *s, struct book_record *out,
	      const struct feed_row *feed, uint64_t seq, const struct id *id)
{
	struct entry e;
	int err = view_entry(s, &e, feed, seq);

	if (err == ERR_NOT_FOUND && seq <= feed->seq)
		err = ERR_FORMAT;
	if (err == 0)
		err = to_record(out, &e, feed);
	if (err == 0)
		out->id = id != NULL ? *id : entry_id(&e);
	return err;
}

/* The part of a key row that says whose and which key. */
enum { KEY_PREFIX = HALF_SIZE + TAG_SIZE };

/* Judge the key row that the walk stands on.  0: it is what is looked for;
 * ERR_NOT_FOUND: it is not, and *skip says whether its whole feed is not. */
static int judge_holder(struct store *s, struct holding *out,
			const struct db_walk *walk, const struct pubkey *member,
			bool *skip)
{
	struct feed_row feed;
	int err;

	if (walk->key.n != KEY_KEY_SIZE)
		return ERR_FORMAT;
	memcpy(out->feed.b, walk->key.p + KEY_PREFIX, KEY_SIZE);
	out->seq = tail_seq(walk->key);
	err = no_decode(&out->no, walk->value);
	if (out->seq == 0 || out->seq > LIMIT_SEQ)
		err = ERR_FORMAT;
	if (err == 0)
		err = feeds_find_no(&s->feeds, &feed, out->no);
	if (err != 0 || !pubkey_eq(&feed.feed, &out->feed))
		return err == 0 || err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	*skip = out->seq > feed.counted || !pubkey_eq(&feed.identity, member);
	return *skip ? ERR_NOT_FOUND : 0;
}

int view_holder(struct store *s, struct holding *out,
		const struct pubkey *member, const struct tag *tag,
		const struct holding *after)
{
	static const struct pubkey zero;
	uint8_t start[KEY_KEY_SIZE];
	struct holding found;
	struct db_walk walk;
	bool skip;
	int err = db_walk_open(s->db, &walk, DB_KEY);

	key_key(start, member, tag, after != NULL ? &after->feed : &zero,
		after != NULL ? after->seq + 1 : 0);
	while (err == 0) {
		err = db_walk_seek(&walk, start, sizeof(start));
		if (err != 0 || walk.key.n < KEY_PREFIX ||
		    memcmp(walk.key.p, start, KEY_PREFIX) != 0)
			break;
		err = judge_holder(s, &found, &walk, member, &skip);
		if (err == 0) {
			db_walk_close(&walk);
			*out = found;
			return 0;
		}
		if (err == ERR_NOT_FOUND && skip) {
			key_key(start, member, tag, &found.feed, UINT64_MAX);
			err = 0;
		}
	}
	db_walk_close(&walk);
	return err == 0 ? ERR_NOT_FOUND : err;
}

int view_counts(struct store *s, bool *out, const struct book_record *rec,
		const struct feed_row *feed)
{
	struct holding first;
	struct tag tag;
	int err;

	*out = rec->seq <= feed->counted;
	if (!*out || !record_has(&rec->rec, FACT_KEY))
		return 0;
	tag = record_tag(&rec->rec, FACT_KEY);
	err = view_holder(s, &first, &feed->identity, &tag, NULL);
	*out = err == 0 && first.no == feed->no && first.seq == rec->seq;
	/* It counts and has a key, so somebody holds the key. */
	return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
}

static int get(void *cookie, struct book_record *out, const struct id *id)
{
	struct store *s = cookie;
	struct feed_row feed;
	struct entry e;
	uint64_t seq;
	bool counts, is_sure;
	int err;

	if (s->hot != NULL && id_eq(&s->hot->id, id)) {
		err = feeds_find(&s->feeds, &feed, &s->hot->feed);
		if (err == 0)
			*out = *s->hot;
	} else {
		err = find_place(s, &feed, &seq, &is_sure, id);
		if (err == 0 && seq > feed.counted)
			err = ERR_NOT_FOUND;
		if (err == 0)
			err = read_place(s, &e, &feed, seq, is_sure, id);
		if (err == 0)
			err = to_record(out, &e, &feed);
		if (err == 0)
			out->id = *id;
	}
	if (err == 0)
		err = view_counts(s, &counts, out, &feed);
	if (err != 0)
		return err;
	return counts ? 0 : ERR_NOT_FOUND;
}

/* Does this record refer to target in this way?  Rows are found by half of the
 * target's id. */
static bool refers(const struct record *rec, const struct id *target,
		   enum ref ref)
{
	struct id to;

	return book_refers(rec, ref, &to) && id_eq(&to, target);
}

struct asking {
	struct store *s;
	const struct id *target;
	enum ref ref;
	book_visit *visit;
	void *arg;
	uint32_t no; /* of the feed that was shown last */
	size_t n;    /* rows of it */
	bool skip;   /* it has no more to show */
};

static int show_referrer(struct asking *a, struct span key, struct span value)
{
	struct book_record rec;
	struct feed_row feed;
	uint64_t seq = tail_seq(key);
	bool counts;
	uint32_t no;
	int err;

	if (key.n != REF_KEY_SIZE || no_decode(&no, value) != 0)
		return ERR_FORMAT;
	err = feeds_find_no(&a->s->feeds, &feed, no);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	if (no != a->no)
		a->n = 0;
	a->no = no;
	/* PROTOCOL: only the first 256 refer to anything by it */
	a->skip = seq > feed.counted ||
		  (a->n++ == LIMIT_REFS && a->ref != REF_REQUEST);
	if (a->skip)
		return 0;
	err = view_load(a->s, &rec, &feed, seq, NULL);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	err = view_counts(a->s, &counts, &rec, &feed);
	if (err != 0 || !counts || !refers(&rec.rec, a->target, a->ref))
		return err;
	return a->visit(a->arg, &rec);
}

static int refs(void *cookie, const struct id *target, enum ref ref,
		book_visit *visit, void *arg)
{
	struct asking a = { cookie, target, ref, visit, arg, 0, 0, false };
	uint8_t key[REF_KEY_SIZE];
	const size_t prefix = HALF_SIZE + 1;
	struct db_walk walk;
	int err;

	if (!targets_have(&a.s->targets, target, ref))
		return 0;
	memcpy(key, target->b, HALF_SIZE);
	key[HALF_SIZE] = (uint8_t)ref;
	err = db_walk_open(a.s->db, &walk, DB_REF);
	if (err == 0)
		err = db_walk_seek(&walk, key, prefix);
	while (err == 0 && walk.key.n >= prefix &&
	       memcmp(walk.key.p, key, prefix) == 0) {
		int stop = show_referrer(&a, walk.key, walk.value);

		if (stop != 0) {
			db_walk_close(&walk);
			return stop;
		}
		if (!a.skip) {
			err = db_walk_next(&walk);
			continue;
		}
		memcpy(key, walk.key.p, REF_KEY_SIZE - 8);
		memset(key + REF_KEY_SIZE - 8, 0xff, 8);
		err = db_walk_seek(&walk, key, sizeof(key));
	}
	db_walk_close(&walk);
	return err == ERR_NOT_FOUND ? 0 : err;
}

/* Is it worth a look at the disk? */
static bool may_refer(const struct targets *t, const struct id *id,
		      unsigned from)
{
	while (from < REF_COUNT && !targets_have(t, id, from))
		from++;
	return from < REF_COUNT;
}

/* The way in which the first of those refer to id that do so in the way `from`
 * or a later one; REF_COUNT: none does. */
static int first_ref(struct store *s, unsigned *out, const struct id *id,
		     enum ref from)
{
	uint8_t prefix[HALF_SIZE + 1];
	struct db_walk walk;
	int err;

	*out = REF_COUNT;
	if (!may_refer(&s->targets, id, from))
		return 0;
	memcpy(prefix, id->b, HALF_SIZE);
	prefix[HALF_SIZE] = (uint8_t)from;
	err = db_walk_open(s->db, &walk, DB_REF);
	if (err == 0)
		err = db_walk_seek(&walk, prefix, sizeof(prefix));
	if (err == 0 && walk.key.n > HALF_SIZE &&
	    memcmp(walk.key.p, id->b, HALF_SIZE) == 0)
		*out = walk.key.p[HALF_SIZE];
	db_walk_close(&walk);
	return err == ERR_NOT_FOUND ? 0 : err;
}

int view_is_target(struct store *s, bool *out, const struct id *id)
{
	unsigned ref;
	int err = first_ref(s, &ref, id, 0);

	/* Requests stand last, and nothing belongs to them. */
	*out = err == 0 && ref < REF_REQUEST;
	return err;
}

int view_is_reissued(struct store *s, bool *out, const struct id *id)
{
	unsigned ref;
	int err = first_ref(s, &ref, id, REF_ORPHAN);

	*out = err == 0 && ref == REF_ORPHAN;
	return err;
}

struct book_view view_of(struct store *s)
{
	return (struct book_view){
		.cookie = s, .roster = s->roster, .get = get, .refs = refs
	};
}
