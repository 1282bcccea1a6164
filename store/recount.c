#include "store/count.h"

#include "crypto/err.h"
#include "store/view.h"

/* A sum over all roots, found by going through all records. */
struct recount {
	struct store *s;
	struct book_view view;
	struct books *books;
};

static int post_in(void *arg, const struct posting *p)
{
	return books_post(arg, p, false);
}

/* Is this the first of those who belong to their target as a re-issue? */
static int compare_first(void *arg, const struct book_record *first)
{
	const struct book_record **rec = arg;
	struct id target;
	enum ref ref;

	if (!book_ref(&first->rec, &ref, &target) || ref != REF_ORPHAN)
		return 0;
	if ((*rec)->seq != first->seq ||
	    !pubkey_eq(&(*rec)->feed, &first->feed))
		*rec = NULL;
	return 1;
}

/* A root that is not here has an effect when it was issued again, and is found
 * by the first record that does so. */
static int sum_absent(struct recount *r, const struct book_record *rec,
		      const struct id *root)
{
	const struct book_record *first = rec;
	struct book_record original;
	int err = r->view.get(r->s, &original, root);

	if (err != ERR_NOT_FOUND)
		return err;
	err = r->view.refs(r->s, root, REF_ORPHAN, compare_first, &first);
	if (err < 0 || first == NULL)
		return err < 0 ? err : 0;
	return book_eval(&r->view, root, post_in, r->books, NULL);
}

static int sum_root(struct recount *r, const struct book_record *rec)
{
	bool is_target;
	int err = view_is_target(r->s, &is_target, &rec->id);

	if (err == 0 && !is_target)
		return book_alone(rec, post_in, r->books);
	r->s->hot = rec;
	if (err == 0)
		err = book_eval(&r->view, &rec->id, post_in, r->books, NULL);
	r->s->hot = NULL;
	return err;
}

static int sum_record(struct recount *r, const struct feed_row *feed,
		      uint64_t seq)
{
	struct book_record rec;
	struct id target;
	enum ref ref;
	bool counts;
	int err = view_load(r->s, &rec, feed, seq, NULL);

	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	err = view_counts(r->s, &counts, &rec, feed);
	if (err != 0 || !counts)
		return err;
	if (!book_ref(&rec.rec, &ref, &target))
		return sum_root(r, &rec);
	return ref == REF_ORPHAN ? sum_absent(r, &rec, &target) : 0;
}

int count_sum(struct store *s, struct books *b, int (*between)(struct store *s))
{
	struct recount r = { s, view_of(s), b };
	struct feed_row feed;
	int err = 0;

	for (uint32_t no = 1; err == 0; no++) {
		err = feeds_find_no(&s->feeds, &feed, no);
		for (uint64_t q = 1; err == 0 && q <= feed.counted; q++) {
			err = sum_record(&r, &feed, q);
			if (err == ERR_NOT_FOUND)
				err = ERR_FORMAT;
			if (err == 0 && between != NULL)
				err = between(s);
		}
	}
	return err == ERR_NOT_FOUND ? 0 : err;
}

int count_rebuild(struct store *s)
{
	int err = db_clear(s->db, DB_BOOK);

	count_forget(s);
	s->is_moved = true;
	if (err == 0)
		err = db_clear(s->db, DB_PURSE);
	if (err == 0)
		err = count_sum(s, &s->books, count_make_room);
	return err == 0 ? count_flush(s) : err;
}
