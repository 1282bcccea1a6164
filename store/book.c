#include "store/book.h"

#include "crypto/err.h"
#include "store/index.h"
#include "store/standing.h"
#include "store/view.h"

#include <string.h>

struct balances {
	balance_visit *visit;
	void *arg;
};

static int show_balance(void *arg, struct span key, struct span value)
{
	struct balances *b = arg;
	int64_t col[COL_COUNT];
	struct holder holder;
	const char *item;
	size_t n;
	int err = book_key_decode(&holder, &item, &n, key);

	if (err == 0)
		err = columns_decode(col, value);
	if (err != 0)
		return err;
	return b->visit(b->arg, &holder, item, n, col);
}

static int balances(struct store *s, struct span prefix, balance_visit *visit,
		    void *arg)
{
	struct balances b = { visit, arg };
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = db_each(s->db, DB_BOOK, prefix, show_balance, &b);
	db_unpin(s->db);
	return err;
}

int store_balances(struct store *s, balance_visit *visit, void *arg)
{
	return balances(s, (struct span){ NULL, 0 }, visit, arg);
}

int store_balances_of(struct store *s, const struct pubkey *member,
		      balance_visit *visit, void *arg)
{
	return balances(s, (struct span){ member->b, KEY_SIZE }, visit, arg);
}

int store_balance(struct store *s, const struct holder *holder,
		  const char *item, size_t item_n,
		  int64_t out[static COL_COUNT])
{
	uint8_t key[BOOK_KEY_SIZE];
	struct span value;
	int err;

	if (item_n == 0 || item_n > LIMIT_ITEM)
		return ERR_LIMIT;
	err = db_pin(s->db);
	if (err != 0)
		return err;
	err = db_get(s->db, DB_BOOK, key, book_key(key, holder, item, item_n),
		     &value);
	if (err == 0)
		err = columns_decode(out, value);
	db_unpin(s->db);
	if (err != ERR_NOT_FOUND)
		return err;
	memset(out, 0, COL_COUNT * sizeof(*out));
	return 0;
}

int store_view_open(struct store *s, struct book_view *out)
{
	int err = db_pin(s->db);

	if (err == 0)
		*out = view_of(s);
	return err;
}

void store_view_close(struct store *s)
{
	db_unpin(s->db);
}

/* The record at a place, if it counts. */
static int read_counting(struct store *s, struct book_record *out,
			 const struct feed_row *feed, uint64_t seq)
{
	bool counts;
	int err;

	if (seq == 0 || seq > feed->counted)
		return ERR_NOT_FOUND;
	err = view_load(s, out, feed, seq, NULL);
	if (err == 0)
		err = view_counts(s, &counts, out, feed);
	if (err != 0)
		return err;
	return counts ? 0 : ERR_NOT_FOUND;
}

int store_record(struct store *s, const struct pubkey *feed, uint64_t seq,
		 struct book_record *out)
{
	struct feed_row row;
	int err = feeds_find(&s->feeds, &row, feed);

	return err == 0 ? read_counting(s, out, &row, seq) : err;
}

/* Rows whose place is known, shown as the records that count there. */
struct records {
	struct store *s;
	book_visit *visit;
	void *arg;
};

static int show_record(struct records *r, uint32_t no, uint64_t seq)
{
	struct book_record rec;
	struct feed_row row;
	int err = feeds_find_no(&r->s->feeds, &row, no);

	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	err = read_counting(r->s, &rec, &row, seq);
	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	return r->visit(r->arg, &rec);
}

static int show_item(void *arg, struct span key, struct span value)
{
	uint32_t no;
	int err = no_decode(&no, value);

	return err == 0 ? show_record(arg, no, tail_seq(key)) : err;
}

static int show_sent(void *arg, struct span key, struct span value)
{
	struct span tail = { key.p + KEY_SIZE, key.n - KEY_SIZE };
	struct place at;
	int err = place_decode(&at, tail);

	(void)value;
	return err == 0 ? show_record(arg, at.no, at.seq) : err;
}

static int records(struct records *r, enum db_table table, struct span prefix,
		   db_visit *show)
{
	int err = db_pin(r->s->db);

	if (err != 0)
		return err;
	err = db_each(r->s->db, table, prefix, show, r);
	db_unpin(r->s->db);
	return err;
}

int store_items(struct store *s, book_visit *visit, void *arg)
{
	struct records r = { s, visit, arg };

	return records(&r, DB_ITEM, (struct span){ NULL, 0 }, show_item);
}

static int show_kind(void *arg, struct span key, struct span value)
{
	struct place at;
	int err = place_decode(&at, (struct span){ key.p + 1, key.n - 1 });

	(void)value;
	return err == 0 ? show_record(arg, at.no, at.seq) : err;
}

int store_kind(struct store *s, uint32_t kind, book_visit *visit, void *arg)
{
	struct records r = { s, visit, arg };
	const uint8_t prefix = (uint8_t)kind;

	if (!index_has_kind(kind))
		return 0;
	return records(&r, DB_KIND, (struct span){ &prefix, 1 }, show_kind);
}

int store_addressed(struct store *s, const struct pubkey *member,
		    book_visit *visit, void *arg)
{
	struct records r = { s, visit, arg };

	return records(&r, DB_SENT, (struct span){ member->b, KEY_SIZE },
		       show_sent);
}

/* The first that holds a key, whether it counts or not. */
static int first_held(struct store *s, struct holding *out,
		      const struct pubkey *member, const struct tag *tag)
{
	static const struct pubkey zero;
	uint8_t key[KEY_KEY_SIZE];
	struct db_walk walk;
	struct feed_row row;
	size_t prefix = HALF_SIZE + TAG_SIZE;
	int err = db_walk_open(s->db, &walk, DB_KEY);

	key_key(key, member, tag, &zero, 0);
	if (err == 0)
		err = db_walk_seek(&walk, key, sizeof(key));
	for (; err == 0; err = db_walk_next(&walk)) {
		if (walk.key.n != KEY_KEY_SIZE ||
		    memcmp(walk.key.p, key, prefix) != 0) {
			err = ERR_NOT_FOUND;
			break;
		}
		err = no_decode(&out->no, walk.value);
		if (err == 0)
			err = feeds_find_no(&s->feeds, &row, out->no);
		if (err != 0)
			break;
		out->feed = row.feed;
		out->seq = tail_seq(walk.key);
		if (pubkey_eq(&row.identity, member))
			break;
	}
	db_walk_close(&walk);
	return err;
}

static int find_key(struct store *s, const struct pubkey *member,
		    const struct tag *key, struct position *out)
{
	struct holding at;
	struct feed_row row;
	struct entry e;
	int err = view_holder(s, &at, member, key, NULL);

	if (err == ERR_NOT_FOUND)
		err = first_held(s, &at, member, key);
	if (err != 0)
		return err;
	err = feeds_find_no(&s->feeds, &row, at.no);
	if (err == 0)
		err = view_entry(s, &e, &row, at.seq);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	*out = (struct position){ e.feed, e.seq, entry_id(&e) };
	return 0;
}

int store_key_find(struct store *s, const struct pubkey *member,
		   const struct tag *key, struct position *out)
{
	int err = db_pin(s->db);

	if (err != 0)
		return err;
	err = find_key(s, member, key, out);
	db_unpin(s->db);
	return err;
}

int store_book_rebuild(struct store *s)
{
	int err = store_settle(s);

	if (err == 0 && s->roster != NULL)
		err = store_spoil(s, standing_rebuild(s));
	return err;
}
