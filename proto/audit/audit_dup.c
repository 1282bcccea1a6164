#include "proto/audit/audit_mark.h"

#include "crypto/err.h"
#include "proto/book/closing.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

/*
 * One thing recorded twice.  Nothing is compared but marks, in order, whatever
 * somebody records.
 */

/* The next of the serial numbers in a text, which commas part; *n is 0 when
 * there is none. */
static const char *next_serial(const char *at, const char *end, size_t *n)
{
	const char *p;

	while (at < end && (*at == ',' || *at == ' '))
		at++;
	for (p = at; p < end && *p != ',';)
		p++;
	while (p > at && p[-1] == ' ')
		p--;
	*n = (size_t)(p - at);
	return at;
}

typedef int serial_visit(void *arg, const struct line *line,
			 const struct tag *hash);

/* Each item of a record with each of its serial numbers. */
static int each_serial(const struct record *rec, serial_visit *visit, void *arg)
{
	const struct value *v = &rec->v[FACT_SERIAL];
	const char *at = (const char *)v->p, *end = at + v->n;
	struct line lines[LIMIT_LINES];
	size_t lines_n = record_lines(rec, FACT_LINES, lines), n;
	int err = 0;

	for (at = next_serial(at, end, &n); n > 0 && err == 0;
	     at = next_serial(at + n, end, &n))
		for (size_t i = 0; i < lines_n && err == 0; i++) {
			struct hasher h;
			struct tag hash;

			hasher_init(&h);
			mark_add(&h, lines[i].item, lines[i].item_n);
			mark_add(&h, at, n);
			hash = mark_end(&h);
			err = visit(arg, &lines[i], &hash);
		}
	return err;
}

/* PROTOCOL: one that stands twice in one record is a slip of the pen. */
static int leave_serial(void *arg, const struct line *line,
			const struct tag *hash)
{
	const struct look *l = arg;
	const struct marks *m = l->marks;

	(void)line;
	for (size_t i = m->n; i > 0; i--) {
		const struct mark *x = &m->at[i - 1];

		if (x->kind != MARK_SERIAL || x->feed != l->feed ||
		    x->at != l->at)
			break;
		if (memcmp(x->hash.b, hash->b, TAG_SIZE) == 0)
			return 0;
	}
	return mark_leave(l, MARK_SERIAL, *hash, NULL);
}

/* Of which item of its record is a mark?  1: of this one. */
struct serial_of {
	const struct mark *mark;
	struct audit_case *c;
};

static int name_item(void *arg, const struct line *line, const struct tag *hash)
{
	const struct serial_of *of = arg;

	if (memcmp(hash->b, of->mark->hash.b, TAG_SIZE) != 0)
		return 0;
	of->c->item = line->item;
	of->c->item_n = line->item_n;
	return 1;
}

/* PROTOCOL: Lines and day are the same, lots do not differ, and both makers'
 * records book to one association. */
static struct tag hash_goods(const struct book_record *rec,
			     const struct member *maker, enum mark_kind kind,
			     bool has_lot) /* and is it to be the same? */
{
	uint64_t day = record_date(rec) / DAY_MS;
	struct hasher h;

	hasher_init(&h);
	mark_add(&h, maker->association.b, KEY_SIZE);
	mark_add(&h, &day, sizeof(day));
	mark_fact(&h, &rec->rec, FACT_LINES);
	if (kind == MARK_LENT_LOT && has_lot)
		mark_fact(&h, &rec->rec, FACT_LOT);
	return mark_end(&h);
}

/* One line of a lot that a member was sent. */
static struct tag hash_lot(const struct line *line, const struct record *rec,
			   const struct pubkey *who)
{
	struct hasher h;

	hasher_init(&h);
	mark_add(&h, who->b, KEY_SIZE);
	mark_add(&h, line->item, line->item_n);
	mark_fact(&h, rec, FACT_LOT);
	return mark_end(&h);
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
		err = mark_leave(l, MARK_CAME, hash_lot(&lines[i], rec, &to),
				 m);
	return err;
}

static int look_lent(const struct look *l)
{
	const struct member *m = roster_member(l->roster, &l->rec->author);
	bool has_lot = record_has(&l->rec->rec, FACT_LOT);
	int err = mark_leave(l, MARK_LENT,
			     hash_goods(l->rec, m, MARK_LENT, false), m);

	if (err == 0)
		err = mark_leave(l, MARK_LENT_LOT,
				 hash_goods(l->rec, m, MARK_LENT_LOT, has_lot),
				 m);
	return err;
}

int dup_look(const struct look *l)
{
	const struct record *rec = &l->rec->rec;
	bool is_made = rec->kind == KIND_PRODUCE;
	struct look here = *l;
	int err = 0;

	if (is_made && record_has(rec, FACT_SERIAL))
		err = each_serial(rec, leave_serial, &here);
	if (err == 0 && is_made && record_has(rec, FACT_FOR))
		err = look_lent(l);
	if (err == 0)
		err = repeat_look(l);
	if (err == 0 && rec->kind == KIND_DELIVER)
		err = look_sent(l);
	return err;
}

static int mark_cmp(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;
	int c = memcmp(x->hash.b, y->hash.b, TAG_SIZE);

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (c != 0)
		return c;
	if (x->feed != y->feed)
		return x->feed < y->feed ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* What is compared, and where it goes. */
struct twice {
	struct fold *f;
	struct cases *cases;
	struct mark *marks;
	size_t n;
};

static bool is_like(const struct mark *a, const struct mark *b)
{
	return a->kind == b->kind &&
	       memcmp(a->hash.b, b->hash.b, TAG_SIZE) == 0;
}

/* Of a serial number, nobody's in particular, all records are told. */
static int tell_same(struct twice *t, const struct mark *m)
{
	bool is_serial = m->kind == MARK_SERIAL;
	const struct pubkey *author = &t->f->feeds[m->feed].author;
	struct book_view view = index_view(t->f->index, t->f->a->roster);
	struct book_record first, rec;
	struct audit_case c = { .code = is_serial ? DUP_05 : DUP_10,
				.feed = m->feed,
				.at = m->at,
				.amount = 1 };
	struct serial_of of = { m, &c };
	bool is_any;
	int err;

	if (!is_serial) {
		c.who = roster_member(t->f->a->roster, author);
		return cases_add(t->cases, &c);
	}
	err = index_record(t->f->index, &first, m->feed, m->at);
	if (err == 0)
		err = book_acting(&view, &first, &rec, &is_any);
	if (err == 0)
		each_serial(&rec.rec, name_item, &of);
	return err == 0 ? cases_add(t->cases, &c) : err;
}

/* Marks [i, end) are alike.  Of repeats one is the true one: those that were
 * answered, else the first. */
static int tell_group(struct twice *t, size_t i, size_t end)
{
	bool is_repeat = t->marks[i].kind == MARK_REPEAT, has_true = !is_repeat;
	int err = 0;

	for (size_t k = i; k < end; k++)
		has_true = has_true || t->marks[k].is_answered;
	for (; i < end && err == 0; i++) {
		if (has_true && !t->marks[i].is_answered)
			err = tell_same(t, &t->marks[i]);
		has_true = true;
	}
	return err;
}

/* Of marks that are alike only the first of all and the first of another maker
 * can be the one that is looked for. */
static void keep_two(struct twice *t, size_t *kept, size_t i, size_t end)
{
	const struct member *who = t->marks[i].who;

	t->marks[(*kept)++] = t->marks[i];
	while (i < end && t->marks[i].who == who)
		i++;
	if (i < end)
		t->marks[(*kept)++] = t->marks[i];
}

/* The first mark of a kind and a hash, or where it would be. */
static size_t first_mark(const struct twice *t, enum mark_kind kind,
			 const struct tag *hash)
{
	struct mark key = { .kind = kind, .hash = *hash };
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

/* The first mark that another member left of such goods; NULL: none did. */
static const struct mark *lent_by_other(const struct twice *t,
					const struct look *l,
					enum mark_kind kind, bool has_lot)
{
	const struct member *m = roster_member(l->roster, &l->rec->author);
	const struct mark key = {
		.kind = kind, .hash = hash_goods(l->rec, m, kind, has_lot)
	};
	size_t i = first_mark(t, kind, &key.hash);

	while (i < t->n && is_like(&t->marks[i], &key) && t->marks[i].who == m)
		i++;
	return i < t->n && is_like(&t->marks[i], &key) ? &t->marks[i] : NULL;
}

static bool is_before(const struct mark *a, const struct mark *b)
{
	return b == NULL ||
	       (a != NULL &&
		(a->feed < b->feed || (a->feed == b->feed && a->at < b->at)));
}

static int tell_lent(struct twice *t, const struct look *l)
{
	struct line lines[LIMIT_LINES];
	const struct mark *m, *same;
	struct audit_case c;
	int err;

	if (record_has(&l->rec->rec, FACT_LOT)) {
		m = lent_by_other(t, l, MARK_LENT_LOT, false);
		same = lent_by_other(t, l, MARK_LENT_LOT, true);
		m = is_before(m, same) ? m : same;
	} else {
		m = lent_by_other(t, l, MARK_LENT, false);
	}
	if (m == NULL)
		return 0;
	record_lines(&l->rec->rec, FACT_LINES, lines);
	err = look_case(l, DUP_01, &lines[0], lines[0].qty);
	if (err != 0)
		return err;
	c = t->cases->at[t->cases->n - 1];
	c.feed = m->feed;
	c.at = m->at;
	c.amount = 0;
	return cases_add(t->cases, &c);
}

static int tell_came(struct twice *t, const struct look *l)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&l->rec->rec, FACT_LINES, lines);
	int err = 0;

	for (size_t k = 0; k < n && err == 0; k++) {
		const struct mark key = { .kind = MARK_CAME,
					  .hash = hash_lot(&lines[k],
							   &l->rec->rec,
							   &l->rec->author) };
		size_t i = first_mark(t, MARK_CAME, &key.hash);

		/* PROTOCOL: What had been made before comes back. */
		if (i < t->n && is_like(&t->marks[i], &key) &&
		    t->marks[i].date_ms <= record_date(l->rec))
			err = look_case(l, QTY_10, &lines[k], lines[k].qty);
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
	static const struct tag least;
	size_t came = first_mark(t, MARK_CAME, &least), n = t->n - came;
	bool all = first_mark(t, MARK_LENT, &least) < came;
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

/* The first, by its date. */
static struct mark first_came(const struct twice *t, size_t i, size_t end)
{
	struct mark m = t->marks[i];

	for (; i < end; i++)
		if (t->marks[i].date_ms < m.date_ms)
			m = t->marks[i];
	return m;
}

int dup_tell(struct fold *f, struct cases *cases, struct marks *marks)
{
	struct twice t = { f, cases, marks->at, marks->n };
	size_t kept = 0, end;
	int err = 0;

	if (marks->n == 0)
		return 0;
	qsort(marks->at, marks->n, sizeof(*marks->at), mark_cmp);
	for (size_t i = 0; i < t.n && err == 0; i = end) {
		enum mark_kind kind = t.marks[i].kind;

		for (end = i + 1; end < t.n; end++)
			if (!is_like(&t.marks[end], &t.marks[i]))
				break;
		if (kind == MARK_LENT || kind == MARK_LENT_LOT)
			keep_two(&t, &kept, i, end);
		else if (kind == MARK_CAME)
			t.marks[kept++] = first_came(&t, i, end);
		else if (kind == MARK_PAPER)
			err = paper_tell(f, cases, &t.marks[i], end - i);
		else if (end - i > 1)
			err = tell_group(&t, i, end);
	}
	t.n = kept;
	return err == 0 ? tell_made(&t) : err;
}
