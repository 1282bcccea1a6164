#include "proto/audit/audit_rules.h"

#include "crypto/err.h"
#include "proto/book/closing.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/*
 * One thing recorded twice.  Marks are hashes: where two are the same the
 * records themselves are compared.
 */

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 1099511628211U;
	return (h ^ n) * 1099511628211U;
}

static uint64_t mix_fact(uint64_t h, const struct record *rec, enum fact f)
{
	uint64_t head[2] = { f, rec->v[f].u };

	if (!record_has(rec, f))
		return h;
	return mix(mix(h, head, sizeof(head)), rec->v[f].p, rec->v[f].n);
}

static bool is_same_fact(const struct record *a, const struct record *b,
			 enum fact f)
{
	if (record_has(a, f) != record_has(b, f))
		return false;
	return !record_has(a, f) ||
	       (a->v[f].u == b->v[f].u && a->v[f].n == b->v[f].n &&
		(a->v[f].n == 0 ||
		 memcmp(a->v[f].p, b->v[f].p, a->v[f].n) == 0));
}

static int leave(const struct look *l, enum mark_kind kind, uint64_t hash,
		 const struct member *who)
{
	struct marks *m = l->marks;
	int err = grow(&m->at, &m->max, m->n, sizeof(*m->at));

	if (err == 0)
		m->at[m->n++] = (struct mark){ hash, kind, (uint32_t)l->feed,
					       (uint32_t)l->at, who };
	return err;
}

static uint64_t hash_serial(const struct record *rec)
{
	return mix_fact(mix_fact(1, rec, FACT_LINES), rec, FACT_SERIAL);
}

/* PROTOCOL: Repeats have a moment, which midnight is not, or a number, a
 * document, a serial number or a reference of their own. */
static bool has_moment(const struct record *rec)
{
	return record_has(rec, FACT_WHEN) &&
	       (record_uint(rec, FACT_WHEN) % DAY_MS != 0 ||
		record_has(rec, FACT_NUMBER) || record_has(rec, FACT_DOC) ||
		record_has(rec, FACT_SERIAL) ||
		record_has(rec, FACT_SOURCE_REF));
}

static uint64_t hash_facts(const struct book_record *rec)
{
	uint64_t h = mix(rec->rec.kind, rec->author.b, KEY_SIZE);

	for (unsigned f = 1; f < FACT_LIMIT; f++)
		if (f != FACT_KEY)
			h = mix_fact(h, &rec->rec, (enum fact)f);
	return h;
}

/* The same goods: all lines, and the day on which they were made. */
static uint64_t hash_goods(const struct book_record *rec)
{
	uint64_t day = record_date(rec) / DAY_MS;

	return mix(mix_fact(2, &rec->rec, FACT_LINES), &day, sizeof(day));
}

static uint64_t hash_lot(const struct line *line, const struct record *rec)
{
	return mix_fact(mix(3, line->item, line->item_n), rec, FACT_LOT);
}

static int look_sent(const struct look *l)
{
	const struct record *rec = &l->rec->rec;
	struct pubkey to = record_key(rec, FACT_TO);
	const struct member *m = roster_member(l->roster, &to);
	struct line lines[LIMIT_LINES];
	size_t n;
	int err = 0;

	if (m == NULL || !record_has(rec, FACT_LOT) ||
	    record_uint(rec, FACT_FINAL) != 0)
		return 0;
	n = record_lines(rec, FACT_LINES, lines);
	for (size_t i = 0; i < n && err == 0; i++)
		err = leave(l, MARK_CAME, hash_lot(&lines[i], rec), m);
	return err;
}

int dup_look(const struct look *l)
{
	const struct record *rec = &l->rec->rec;
	bool is_made = rec->kind == KIND_PRODUCE;
	int err = 0;

	if (is_made && record_has(rec, FACT_SERIAL))
		err = leave(l, MARK_SERIAL, hash_serial(rec), NULL);
	if (err == 0 && is_made && record_has(rec, FACT_FOR))
		err = leave(l, MARK_LENT, hash_goods(l->rec), NULL);
	if (err == 0 && has_moment(rec))
		err = leave(l, MARK_REPEAT, hash_facts(l->rec), NULL);
	if (err == 0 && rec->kind == KIND_DELIVER)
		err = look_sent(l);
	return err;
}

static int mark_cmp(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	if (x->feed != y->feed)
		return x->feed < y->feed ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* What is compared, and where it goes. */
struct twice {
	struct fold *f;
	struct book_view view;
	struct cases *cases;
	const struct mark *marks;
	size_t n;
};

static int load(const struct twice *t, const struct mark *m,
		struct book_record *out)
{
	struct book_record first;
	bool is_any;
	int err = index_record(t->f->index, &first, m->feed, m->at);

	return err == 0 ? book_acting(&t->view, &first, out, &is_any) : err;
}

static bool is_same(enum mark_kind kind, const struct book_record *a,
		    const struct book_record *b)
{
	if (kind == MARK_SERIAL)
		return is_same_fact(&a->rec, &b->rec, FACT_SERIAL) &&
		       is_same_fact(&a->rec, &b->rec, FACT_LINES);
	if (a->rec.kind != b->rec.kind || !pubkey_eq(&a->author, &b->author))
		return false;
	for (unsigned f = 1; f < FACT_LIMIT; f++)
		if (f != FACT_KEY &&
		    !is_same_fact(&a->rec, &b->rec, (enum fact)f))
			return false;
	return true;
}

/* Of a serial number, nobody's in particular, all records are told; of
 * repeats the later ones. */
static int tell_same(struct twice *t, const struct mark *m,
		     const struct book_record *rec)
{
	bool is_serial = m->kind == MARK_SERIAL;
	struct line lines[LIMIT_LINES];
	struct audit_case c = { .code = is_serial ? DUP_05 : DUP_10,
				.feed = m->feed,
				.at = m->at,
				.amount = 1 };

	if (!is_serial) {
		c.who = roster_member(t->f->a->roster, &rec->author);
	} else if (record_lines(&rec->rec, FACT_LINES, lines) > 0) {
		c.item = lines[0].item;
		c.item_n = lines[0].item_n;
	}
	return cases_add(t->cases, &c);
}

/* Marks [i, end) have one hash. */
static int tell_group(struct twice *t, size_t i, size_t end)
{
	const struct mark *m = &t->marks[i];
	struct book_record one, other;
	bool is_told = false;
	int err = load(t, m, &one);

	for (size_t k = i + 1; k < end && err == 0; k++) {
		err = load(t, &t->marks[k], &other);
		if (err != 0 || !is_same(m->kind, &one, &other))
			continue;
		if (!is_told && m->kind == MARK_SERIAL)
			err = tell_same(t, m, &one);
		is_told = true;
		if (err == 0)
			err = tell_same(t, &t->marks[k], &other);
	}
	return err;
}

/* The first mark of a kind and a hash, or where it would be. */
static size_t first_mark(const struct twice *t, enum mark_kind kind,
			 uint64_t hash)
{
	struct mark key = { .kind = kind, .hash = hash };
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (mark_cmp(&t->marks[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* PROTOCOL: Lines and day are the same, lots do not differ, and both makers'
 * records book to one association. */
static int tell_lent(struct twice *t, const struct look *l)
{
	uint64_t hash = hash_goods(l->rec);
	const struct member *m = roster_member(l->roster, &l->rec->author);
	struct line lines[LIMIT_LINES];
	int err = 0;

	record_lines(&l->rec->rec, FACT_LINES, lines);
	for (size_t i = first_mark(t, MARK_LENT, hash);
	     i < t->n && t->marks[i].kind == MARK_LENT &&
	     t->marks[i].hash == hash && err == 0;
	     i++) {
		struct book_record other;
		const struct member *o;

		err = load(t, &t->marks[i], &other);
		if (err != 0)
			return err;
		o = roster_member(l->roster, &other.author);
		if (o == m || !pubkey_eq(&o->association, &m->association) ||
		    !is_same_fact(&l->rec->rec, &other.rec, FACT_LINES) ||
		    (record_has(&l->rec->rec, FACT_LOT) &&
		     record_has(&other.rec, FACT_LOT) &&
		     !is_same_fact(&l->rec->rec, &other.rec, FACT_LOT)))
			continue;
		err = look_case(l, DUP_01, &lines[0], lines[0].qty);
		if (err == 0) {
			struct audit_case c = t->cases->at[t->cases->n - 1];

			c.feed = t->marks[i].feed;
			c.at = t->marks[i].at;
			c.amount = 0;
			err = cases_add(t->cases, &c);
		}
		break;
	}
	return err;
}

static int tell_came(struct twice *t, const struct look *l)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&l->rec->rec, FACT_LINES, lines);
	int err = 0;

	for (size_t k = 0; k < n && err == 0; k++) {
		uint64_t hash = hash_lot(&lines[k], &l->rec->rec);

		for (size_t i = first_mark(t, MARK_CAME, hash);
		     i < t->n && t->marks[i].kind == MARK_CAME &&
		     t->marks[i].hash == hash;
		     i++)
			if (pubkey_eq(&t->marks[i].who->identity,
				      &l->rec->author)) {
				err = look_case(l, QTY_10, &lines[k],
						lines[k].qty);
				break;
			}
	}
	return err;
}

static int take_made(struct fold *f, const struct look *l, void *arg)
{
	struct twice *t = arg;
	struct look here = *l;
	int err = 0;

	(void)f;
	here.cases = t->cases;
	if (record_has(&l->rec->rec, FACT_LOT))
		err = tell_came(t, &here);
	if (err == 0 && !record_has(&l->rec->rec, FACT_FOR))
		err = tell_lent(t, &here);
	return err;
}

/* Whom something with a lot was sent to, in order. */
static int by_who(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;

	return pubkey_cmp(&x->identity, &y->identity);
}

/* Who was sent nothing with a lot is not asked what it made, unless something
 * was made on behalf of others. */
static int tell_made(struct twice *t)
{
	size_t came = first_mark(t, MARK_CAME, 0), n = t->n - came;
	bool all = first_mark(t, MARK_LENT, 0) < came;
	const struct member **who = calloc(n + 1, sizeof(struct member *));
	int err = 0;

	if (who == NULL)
		return ERR_NOMEM;
	for (size_t k = 0; k < n; k++)
		who[k] = t->marks[came + k].who;
	qsort(who, n, sizeof(struct member *), by_who);
	for (size_t i = 0; i < t->f->feeds_n && err == 0; i++) {
		const struct member *m =
			roster_member(t->f->a->roster, &t->f->feeds[i].author);

		if (m != NULL &&
		    (all ||
		     bsearch(&m, who, n, sizeof(struct member *), by_who)))
			err = rules_feed(t->f, i, KIND_PRODUCE, KIND_PRODUCE,
					 take_made, t);
	}
	free(who);
	return err;
}

int dup_tell(struct fold *f, struct cases *cases, struct marks *marks)
{
	struct twice t = { f, index_view(f->index, f->a->roster), cases,
			   marks->at, marks->n };
	size_t end;
	int err = 0;

	if (marks->n == 0)
		return 0;
	qsort(marks->at, marks->n, sizeof(*marks->at), mark_cmp);
	for (size_t i = 0; i < t.n && err == 0; i = end) {
		for (end = i + 1; end < t.n; end++)
			if (t.marks[end].kind != t.marks[i].kind ||
			    t.marks[end].hash != t.marks[i].hash)
				break;
		if (end - i > 1 && (t.marks[i].kind == MARK_SERIAL ||
				    t.marks[i].kind == MARK_REPEAT))
			err = tell_group(&t, i, end);
	}
	return err == 0 ? tell_made(&t) : err;
}
