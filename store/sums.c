#include "store/sums.h"

#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

size_t total_key(uint8_t out[static TOTAL_KEY_SIZE], enum total_scope scope,
		 const struct pubkey *party, struct span item)
{
	size_t n = 1;

	out[0] = (uint8_t)scope;
	if (scope != TOTAL_ALL) {
		memcpy(out + n, party->b, KEY_SIZE);
		n += KEY_SIZE;
	}
	if (item.n > 0)
		memcpy(out + n, item.p, item.n);
	return n + item.n;
}

/* Into which sums a member's balances go.  Balances come member by member, so
 * it is worked out once for each. */
struct branch {
	const struct roster *roster;
	struct books *sums;
	struct pubkey member;
	const struct member *m; /* NULL: nobody yet, or not in the roster */
	struct pubkey *above;   /* associations, itself included; owned */
	size_t n, max;
};

static int climb(void *arg, const struct member *m)
{
	struct branch *b = arg;
	int err;

	if (m->role != ROLE_ASSOCIATION)
		return 0;
	err = grow(&b->above, &b->max, b->n, sizeof(*b->above));
	if (err == 0)
		b->above[b->n++] = m->identity;
	return err;
}

static int branch_of(struct branch *b, const struct pubkey *member)
{
	int err;

	if (b->m != NULL && pubkey_eq(&b->member, member))
		return 0;
	b->member = *member;
	b->n = 0;
	b->m = roster_member(b->roster, member);
	if (b->m == NULL)
		return 0;
	err = climb(b, b->m);
	return err != 0 ? err : roster_above(b->roster, member, climb, b);
}

static int add_total(struct branch *b, enum total_scope scope,
		     const struct pubkey *party, struct span item,
		     const int64_t col[static COL_COUNT])
{
	uint8_t key[TOTAL_KEY_SIZE];
	size_t n = total_key(key, scope, party, item);

	return deltas_add(&b->sums->stock, (struct span){ key, n }, col, false);
}

static int add_balance(struct branch *b, struct span key,
		       const int64_t col[static COL_COUNT])
{
	struct holder holder;
	struct span item;
	const char *text;
	size_t n;
	int err = book_key_decode(&holder, &text, &n, key);

	if (err == 0)
		err = branch_of(b, &holder.member);
	if (err != 0)
		return err;
	item = (struct span){ (const uint8_t *)text, n };
	err = add_total(b, TOTAL_ALL, NULL, item, col);
	if (err != 0 || b->m == NULL)
		return err;
	err = add_total(b, TOTAL_BOOKED, &b->m->association, item, col);
	for (size_t i = 0; i < b->n && err == 0; i++)
		err = add_total(b, TOTAL_UNDER, &b->above[i], item, col);
	return err;
}

static int add_fund(struct branch *b, const struct pubkey *above,
		    struct span purse, const int64_t col[static COL_COUNT])
{
	uint8_t key[FUND_KEY_SIZE];

	memcpy(key, above->b, KEY_SIZE);
	memcpy(key + KEY_SIZE, b->m->association.b, KEY_SIZE);
	memcpy(key + 2 * KEY_SIZE, purse.p + KEY_SIZE, purse.n - KEY_SIZE);
	return deltas_add(&b->sums->purses,
			  (struct span){ key, KEY_SIZE + purse.n }, col, false);
}

static int add_purse(struct branch *b, struct span key,
		     const int64_t col[static COL_COUNT])
{
	static const struct pubkey all;
	struct pubkey member;
	int err;

	if (key.n < KEY_SIZE + 3 || key.n > PURSE_KEY_SIZE)
		return ERR_FORMAT;
	memcpy(member.b, key.p, KEY_SIZE);
	if (fund_keeper(b->roster, &member) == NULL)
		return 0;
	err = branch_of(b, &member);
	if (err == 0)
		err = add_fund(b, &all, key, col);
	for (size_t i = 0; i < b->n && err == 0; i++)
		err = add_fund(b, &b->above[i], key, col);
	return err;
}

static struct span key_of(const struct delta *d)
{
	return (struct span){ d->key, d->key_n };
}

int sums_add(struct books *sums, const struct roster *roster,
	     const struct books *of)
{
	struct branch b = { .roster = roster, .sums = sums };
	int err = 0;

	for (size_t i = 0; i < of->stock.n && err == 0; i++)
		err = add_balance(&b, key_of(&of->stock.at[i]),
				  of->stock.at[i].col);
	for (size_t i = 0; i < of->purses.n && err == 0; i++)
		err = add_purse(&b, key_of(&of->purses.at[i]),
				of->purses.at[i].col);
	free(b.above);
	return err;
}

static int add_stored(void *arg, struct span key, struct span value)
{
	int64_t col[COL_COUNT];
	int err = columns_decode(col, value);

	return err == 0 ? add_balance(arg, key, col) : err;
}

static int add_stored_purse(void *arg, struct span key, struct span value)
{
	int64_t col[COL_COUNT];
	int err = columns_decode(col, value);

	return err == 0 ? add_purse(arg, key, col) : err;
}

int sums_stored(struct store *s, const struct roster *roster,
		struct books *sums)
{
	struct branch b = { .roster = roster, .sums = sums };
	struct span all = { NULL, 0 };
	int err = db_each(s->db, DB_BOOK, all, add_stored, &b);

	if (err == 0)
		err = db_each(s->db, DB_PURSE, all, add_stored_purse, &b);
	free(b.above);
	return err;
}
