#ifndef TESTS_MEMORY_BOOK_H
#define TESTS_MEMORY_BOOK_H

#include "crypto/err.h"
#include "proto/book/book.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

/*
 * memory_book -- a book_view over records in memory, and the sum of what they
 * post; as plain as can be.
 *
 * Records are made with memory_add and may go and come again (is_here).  The
 * view shows those that are here and that no earlier one with their key hides.
 */

enum { MEMORY_ROWS = 256, MEMORY_SUMS = 256 };

struct memory_row {
	struct book_record rec;
	uint8_t *facts; /* owned */
	bool is_here;
};

struct memory_book {
	const struct roster *roster;
	struct memory_row row[MEMORY_ROWS];
	size_t n;
};

/* One holder's figures for one item. */
struct memory_account {
	struct holder holder;
	char item[LIMIT_ITEM + 1];
	int64_t col[COL_COUNT];
};

struct memory_sum {
	struct memory_account at[MEMORY_SUMS];
	size_t n;
	int sign; /* 1: postings are put in; -1: taken out */
};

static inline void memory_release(struct memory_book *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->row[i].facts);
	memset(m, 0, sizeof(*m));
}

/* A record at (feed, seq) by author, which is here; its index. */
static inline size_t memory_add(struct memory_book *m,
				const struct pubkey *author,
				const struct pubkey *feed, uint64_t seq,
				const struct record *rec)
{
	struct memory_row *row = &m->row[m->n];
	uint8_t facts[8192];
	struct hasher h;
	size_t n;

	assert_true(m->n < MEMORY_ROWS);
	assert_int_equal(record_encode(rec, facts, sizeof(facts), &n), 0);
	row->facts = malloc(n);
	assert_non_null(row->facts);
	memcpy(row->facts, facts, n);
	hasher_init(&h);
	hasher_add(&h, feed, sizeof(*feed));
	hasher_add(&h, &seq, sizeof(seq));
	hasher_add(&h, row->facts, n);
	row->rec = (struct book_record){ .id = hasher_id(&h),
					 .feed = *feed,
					 .seq = seq,
					 .author = *author };
	assert_int_equal(record_decode(&row->rec.rec, rec->kind, row->facts, n),
			 0);
	row->is_here = true;
	return m->n++;
}

static inline int memory_place_cmp(const struct book_record *a,
				   const struct book_record *b)
{
	int c = pubkey_cmp(&a->feed, &b->feed);

	return c != 0 ? c : (a->seq > b->seq) - (a->seq < b->seq);
}

/* Are these two of one member and with one key? */
static inline bool memory_are_rivals(const struct book_record *a,
				     const struct book_record *b)
{
	struct tag x = record_tag(&a->rec, FACT_KEY);
	struct tag y = record_tag(&b->rec, FACT_KEY);

	return record_has(&a->rec, FACT_KEY) && record_has(&b->rec, FACT_KEY) &&
	       memcmp(x.b, y.b, TAG_SIZE) == 0 &&
	       pubkey_eq(&a->author, &b->author);
}

static inline bool memory_is_shown(const struct memory_book *m, size_t i)
{
	const struct memory_row *row = &m->row[i];

	if (!row->is_here)
		return false;
	for (size_t k = 0; k < m->n; k++)
		if (k != i && m->row[k].is_here &&
		    memory_are_rivals(&row->rec, &m->row[k].rec) &&
		    memory_place_cmp(&m->row[k].rec, &row->rec) < 0)
			return false;
	return true;
}

static inline int memory_get(void *cookie, struct book_record *out,
			     const struct id *id)
{
	const struct memory_book *m = cookie;

	for (size_t i = 0; i < m->n; i++)
		if (id_eq(&m->row[i].rec.id, id) && memory_is_shown(m, i)) {
			*out = m->row[i].rec;
			return 0;
		}
	return ERR_NOT_FOUND;
}

static inline int memory_refs(void *cookie, const struct id *target,
			      enum ref ref, book_visit *visit, void *arg)
{
	const struct memory_book *m = cookie;
	const struct book_record *last = NULL;

	for (;;) {
		const struct book_record *next = NULL;
		struct book_record copy;
		int err;

		for (size_t i = 0; i < m->n; i++) {
			const struct book_record *r = &m->row[i].rec;
			struct id to;

			if (!book_refers(&r->rec, ref, &to) ||
			    !id_eq(&to, target) || !memory_is_shown(m, i) ||
			    (last != NULL && memory_place_cmp(r, last) <= 0) ||
			    (next != NULL && memory_place_cmp(r, next) >= 0))
				continue;
			next = r;
		}
		if (next == NULL)
			return 0;
		copy = *next;
		err = visit(arg, &copy);
		if (err != 0)
			return err;
		last = next;
	}
}

static inline struct book_view memory_view(struct memory_book *m)
{
	return (struct book_view){ .cookie = m,
				   .roster = m->roster,
				   .get = memory_get,
				   .refs = memory_refs };
}

static inline struct memory_account *memory_account(struct memory_sum *s,
						    const struct holder *holder,
						    const char *item,
						    size_t item_n)
{
	struct memory_account *a = s->at;

	for (; a < s->at + s->n; a++)
		if (memcmp(&a->holder, holder, sizeof(*holder)) == 0 &&
		    strlen(a->item) == item_n &&
		    memcmp(a->item, item, item_n) == 0)
			return a;
	assert_true(s->n < MEMORY_SUMS);
	memset(a, 0, sizeof(*a));
	a->holder = *holder;
	memcpy(a->item, item, item_n);
	s->n++;
	return a;
}

/* A book_emit. */
static inline int memory_post(void *arg, const struct posting *p)
{
	struct memory_sum *s = arg;
	struct memory_account *a;

	if (p->currency != NULL)
		return 0; /* money is no stock */
	a = memory_account(s, &p->holder, p->item, p->item_n);
	for (size_t c = 0; c < COL_COUNT; c++)
		a->col[c] += s->sign * p->delta[c];
	return 0;
}

/* Whether row i is the first to re-issue what is not here. */
static inline bool memory_is_first(const struct memory_book *m, size_t i,
				   const struct id *target)
{
	for (size_t k = 0; k < i; k++) {
		struct id other;
		enum ref ref;

		if (memory_is_shown(m, k) &&
		    book_ref(&m->row[k].rec.rec, &ref, &other) &&
		    ref == REF_ORPHAN && id_eq(&other, target))
			return false;
	}
	return true;
}

/* The postings of all roots.  Returns whether one had too much come of it. */
static inline bool memory_sum_all(struct memory_book *m, struct memory_sum *s)
{
	struct book_view view = memory_view(m);
	bool over = false;

	memset(s, 0, sizeof(*s));
	s->sign = 1;
	for (size_t i = 0; i < m->n; i++) {
		struct book_record above;
		struct id root = m->row[i].rec.id;
		enum ref ref;

		if (!memory_is_shown(m, i))
			continue;
		if (book_ref(&m->row[i].rec.rec, &ref, &root) &&
		    (ref != REF_ORPHAN || memory_get(m, &above, &root) == 0 ||
		     !memory_is_first(m, i, &root)))
			continue;
		assert_int_equal(book_eval(&view, &root, memory_post, s, &over),
				 0);
	}
	return over;
}

/* What must hold on every row and in every sum of rows. */
static inline bool memory_is_balanced(const int64_t col[static COL_COUNT])
{
	return col[COL_PRODUCED] + col[COL_SUPPLIED] + col[COL_FOUND] +
		       col[COL_RECEIVED] ==
	       col[COL_ON_HAND] + col[COL_IN_TRANSIT] + col[COL_ACK_A] +
		       col[COL_ACK_B] + col[COL_ACK_C] + col[COL_CONSUMED] +
		       col[COL_LOST] + col[COL_HANDED];
}

static inline void memory_check_equation(const struct memory_sum *s)
{
	int64_t received = 0, handed = 0;

	for (size_t i = 0; i < s->n; i++) {
		assert_true(memory_is_balanced(s->at[i].col));
		received += s->at[i].col[COL_RECEIVED];
		handed += s->at[i].col[COL_HANDED];
	}
	assert_int_equal(received, handed);
}

#endif
