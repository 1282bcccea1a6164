#include "crypto/err.h"
#include "proto/audit/audit_fold.h"
#include "proto/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An account and what it books to. */
struct booked {
	const struct account *account;
	const struct pubkey *association;
};

static int by_item(const void *a, const void *b)
{
	const struct booked *x = a, *y = b;

	return strcmp(x->account->item, y->account->item);
}

static int by_association(const void *a, const void *b)
{
	const struct booked *x = a, *y = b;
	int c = pubkey_cmp(x->association, y->association);

	return c != 0 ? c : by_item(a, b);
}

/* Add up accounts that are in order of their items. */
static int add_items(const struct fold *f, struct audit_item **out,
		     size_t *out_n, const struct booked *at, size_t n)
{
	struct audit_item *rows = NULL, *row = NULL;
	size_t rows_n = 0, max = 0;

	for (size_t i = 0; i < n; i++) {
		const struct account *acc = at[i].account;

		if (row == NULL || strcmp(row->item, acc->item) != 0) {
			if (grow(&rows, &max, rows_n, sizeof(*rows)) != 0) {
				free(rows);
				return ERR_NOMEM;
			}
			row = &rows[rows_n++];
			memset(row, 0, sizeof(*row));
			memcpy(row->item, acc->item, sizeof(acc->item));
			snprintf(row->unit, sizeof(row->unit), "%s",
				 catalog_unit(&f->catalog, acc->item));
		}
		for (size_t c = 0; c < COL_COUNT; c++)
			row->col[c] += acc->col[c];
	}
	*out = rows;
	*out_n = rows_n;
	return 0;
}

/* One member's accounts stand together. */
static void find_associations(const struct fold *f, struct booked *at)
{
	const struct audit *a = f->a;

	for (size_t i = 0; i < a->accounts_n; i++) {
		const struct account *acc = &a->accounts[i];

		at[i].account = acc;
		if (i > 0 &&
		    pubkey_eq(&acc[-1].holder.member, &acc->holder.member))
			at[i].association = at[i - 1].association;
		else
			at[i].association =
				&roster_member(a->roster, &acc->holder.member)
					 ->association;
	}
}

/* Associations and accounts are both in order of the association. */
static int add_association(struct fold *f, const struct member *m,
			   const struct booked *at, size_t *next)
{
	struct audit *a = f->a;
	struct audit_association *row = &a->associations[a->associations_n++];
	size_t first = *next, end;

	row->party = m->identity;
	memcpy(row->label, m->label, sizeof(row->label));
	while (first < a->accounts_n &&
	       pubkey_cmp(at[first].association, &m->identity) < 0)
		first++;
	end = first;
	while (end < a->accounts_n &&
	       pubkey_eq(at[end].association, &m->identity))
		end++;
	*next = end;
	return add_items(f, &row->items, &row->items_n, at + first,
			 end - first);
}

static int add_associations(struct fold *f, const struct booked *at)
{
	struct audit *a = f->a;
	size_t members = roster_count(a->roster), next = 0;
	int err = 0;

	a->associations = calloc(members + 1, sizeof(*a->associations));
	if (a->associations == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < members && err == 0; i++) {
		const struct member *m = roster_at(a->roster, i);

		if (m->role == ROLE_ASSOCIATION)
			err = add_association(f, m, at, &next);
	}
	return err;
}

int fold_figures(struct fold *f)
{
	struct audit *a = f->a;
	struct booked *at;
	int err;

	a->accounts = sum_accounts(a->sum, &a->accounts_n);
	at = calloc(a->accounts_n + 1, sizeof(*at));
	if (at == NULL)
		return ERR_NOMEM;
	find_associations(f, at);
	qsort(at, a->accounts_n, sizeof(*at), by_item);
	err = add_items(f, &a->items, &a->items_n, at, a->accounts_n);
	qsort(at, a->accounts_n, sizeof(*at), by_association);
	if (err == 0)
		err = add_associations(f, at);
	free(at);
	return err;
}
