#include "node/cmd/figures.h"

#include "crypto/err.h"
#include "node/cmd/table.h"
#include "node/text/i18n.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int item_cmp(const struct figure *f, const char *item, size_t n)
{
	size_t have = strlen(f->item);
	int c = memcmp(f->item, item, have < n ? have : n);

	if (c != 0)
		return c;
	return have < n ? -1 : have > n;
}

/* Where the item stands or would stand. */
static size_t place_of(const struct figures *f, const char *item, size_t n)
{
	size_t lo = 0, hi = f->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (item_cmp(&f->at[mid], item, n) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int figures_add(struct figures *f, const char *item, size_t item_n,
		const int64_t col[static COL_COUNT])
{
	size_t i = place_of(f, item, item_n);

	if (i == f->n || item_cmp(&f->at[i], item, item_n) != 0) {
		if (f->n == f->max) {
			size_t max = f->max == 0 ? 32 : 2 * f->max;
			struct figure *at = realloc(f->at, max * sizeof(*at));

			if (at == NULL)
				return ERR_NOMEM;
			f->at = at;
			f->max = max;
		}
		memmove(&f->at[i + 1], &f->at[i],
			(f->n - i) * sizeof(f->at[0]));
		memset(&f->at[i], 0, sizeof(f->at[i]));
		memcpy(f->at[i].item, item, item_n);
		f->n++;
	}
	for (size_t c = 0; c < COL_COUNT; c++)
		f->at[i].col[c] += col[c];
	return 0;
}

struct sum {
	struct figures *figures;        /* one, or one for each party */
	const struct rank_row *parties; /* NULL: all in one */
	size_t parties_n;
	const struct narrow *narrow;
	const struct roster *roster;
};

/* Whose row the holder's balances go to; NULL: nobody's. */
static struct figures *row_of(const struct sum *s, const struct pubkey *member)
{
	const struct member *m;
	size_t lo = 0, hi = s->parties_n;

	if (s->parties == NULL)
		return s->figures;
	m = roster_member(s->roster, member);
	while (m != NULL && lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = pubkey_cmp(&s->parties[mid].identity, &m->association);

		if (c == 0)
			return &s->figures[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static int add_balance(void *arg, const struct holder *holder, const char *item,
		       size_t item_n, const int64_t col[static COL_COUNT])
{
	const struct sum *s = arg;
	struct figures *row;

	if (!narrow_member(s->narrow, &holder->member))
		return 0;
	row = row_of(s, &holder->member);
	return row == NULL ? 0 : figures_add(row, item, item_n, col);
}

static int add_total(void *arg, const char *item, size_t item_n,
		     const int64_t col[static COL_COUNT])
{
	return figures_add(arg, item, item_n, col);
}

int figures_sum(struct figures *f, struct store *s, const struct narrow *narrow)
{
	struct sum sum = { .figures = f, .narrow = narrow };

	return store_balances(s, add_balance, &sum);
}

int figures_kept(struct figures *f, struct store *s, enum total_scope scope,
		 const struct pubkey *party)
{
	return store_totals_of(s, scope, party, add_total, f);
}

int figures_by_party(struct figures *rows, const struct rank_row *parties,
		     size_t n, struct store *s, const struct narrow *narrow)
{
	struct sum sum = { rows, parties, n, narrow, store_roster(s) };

	return n == 0 ? 0 : store_balances(s, add_balance, &sum);
}

void figures_release(struct figures *f)
{
	free(f->at);
	*f = (struct figures){ 0 };
}

struct declared {
	struct store *store;
	struct catalog *catalog;
	const struct book_view *view;
};

static int add_declared(void *arg, const struct book_record *rec)
{
	struct declared *d = arg;
	struct book_record newest = *rec;
	struct rank_row author;
	bool occurred;
	int err;

	if (rec->rec.kind != KIND_ITEM)
		return 0;
	err = book_newest(d->view, &newest, &occurred);
	if (err != 0 || !occurred)
		return err;
	err = store_rank(d->store, &author, &newest.author);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_FORMAT : err;
	return catalog_add(d->catalog, author.depth, &newest);
}

int figures_catalog(struct catalog *c, struct store *s)
{
	struct book_view view;
	struct declared d = { s, c, &view };
	int err = store_view_open(s, &view);

	if (err != 0)
		return err;
	err = store_items(s, add_declared, &d);
	store_view_close(s);
	return err;
}

json_t *figures_json(const struct figures *f, const struct catalog *c)
{
	json_t *all = json_array();

	for (size_t i = 0; i < f->n; i++)
		json_push(&all, json_item(f->at[i].item, strlen(f->at[i].item),
					  catalog_unit(c, f->at[i].item),
					  f->at[i].col));
	return all;
}

/* What a column is called at the head of a table. */
static const char *head_of(enum column c)
{
	switch (c) {
	case COL_PRODUCED:
		return _("produced");
	case COL_REJECTED:
		return _("rejected");
	case COL_SUPPLIED:
		return _("supplied");
	case COL_FOUND:
		return _("found");
	case COL_CONSUMED:
		return _("consumed");
	case COL_MOVED:
		return _("moved");
	case COL_DELIVERED:
		return _("delivered");
	case COL_ACK_A:
		return _("ack. A");
	case COL_ACK_B:
		return _("ack. B");
	case COL_ACK_C:
		return _("ack. C");
	case COL_CLAIMED:
		return _("claimed");
	case COL_REFUSED:
		return _("refused");
	case COL_IN_TRANSIT:
		return _("in transit");
	case COL_ON_HAND:
		return _("on hand");
	case COL_LOST:
		return _("lost");
	case COL_RECEIVED:
		return _("received");
	case COL_HANDED:
		return _("handed on");
	case COL_COUNT:
		break;
	}
	return "";
}

/* Is the column zero in every row?  What is on hand is always told. */
static bool is_idle(const struct figures *f, enum column c)
{
	if (c == COL_ON_HAND)
		return false;
	for (size_t i = 0; i < f->n; i++)
		if (f->at[i].col[c] != 0)
			return false;
	return true;
}

int figures_table(const struct figures *f, const struct catalog *c)
{
	static const char letters[] = "llrrrrrrrrrrrrrrrrr";
	char align[sizeof(letters)];
	size_t columns = 2;
	struct table t;

	_Static_assert(sizeof(letters) == 2 + COL_COUNT + 1,
		       "a letter for each column");
	if (f->n == 0)
		return 0;
	for (int k = 0; k < COL_COUNT; k++)
		columns += !is_idle(f, (enum column)k);
	memcpy(align, letters, sizeof(align));
	align[columns] = '\0';
	table_init(&t, align);
	table_put(&t, _("item"));
	table_put(&t, _("unit"));
	for (int k = 0; k < COL_COUNT; k++)
		if (!is_idle(f, (enum column)k))
			table_put(&t, head_of((enum column)k));
	for (size_t i = 0; i < f->n; i++) {
		table_put(&t, f->at[i].item);
		table_put(&t, catalog_unit(c, f->at[i].item));
		for (int k = 0; k < COL_COUNT; k++)
			if (!is_idle(f, (enum column)k))
				table_number(&t, f->at[i].col[k]);
	}
	return table_print(&t, stdout);
}
