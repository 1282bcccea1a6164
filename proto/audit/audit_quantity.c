#include "proto/audit/audit_rules.h"

#include "crypto/err.h"

#include <stdlib.h>
#include <string.h>

/*
 * Quantities that cannot be: against the material, the machine, the bill of
 * materials, and what others make.
 */

enum {
	USUAL_FACTOR = 1000, /* so many times what is usual is not */
	USUAL_MAKERS = 9,    /* and so many make what is usual */
};

/* a times b; quantities and weights stay below 2^36 each. */
static uint64_t times(uint64_t a, uint64_t b)
{
	return b != 0 && a > UINT64_MAX / 8 / b ? UINT64_MAX / 8 : a * b;
}

/* Does what was used bear the name, or is it a revision of it? */
static bool is_of(const struct line *used, const struct line *named)
{
	return used->item_n >= named->item_n &&
	       memcmp(used->item, named->item, named->item_n) == 0 &&
	       (used->item_n == named->item_n ||
		used->item[named->item_n] == '/');
}

/* PROTOCOL: Of each part fewer were used than the bill of materials names for
 * the good pieces. */
static int look_parts(const struct look *l, const struct line *made,
		      const struct catalog_row *row)
{
	struct line parts[LIMIT_LINES], used[LIMIT_LINES];
	struct value bom = { .p = row->bom, .n = row->bom_n };
	size_t parts_n = value_lines(&bom, parts);
	size_t used_n = record_lines(&l->rec->rec, FACT_USE, used);
	uint64_t missing = 0;

	for (size_t i = 0; i < parts_n; i++) {
		uint64_t need = times(parts[i].qty, made->qty), have = 0;

		for (size_t k = 0; k < used_n; k++)
			if (is_of(&used[k], &parts[i]))
				have += used[k].qty;
		if (have < need && missing < LIMIT_QTY)
			missing += need - have;
	}
	return missing == 0 ? 0 : look_case(l, QTY_11, made, missing);
}

/* PROTOCOL: Good pieces weigh over 5/4 of the material, or the material is
 * over four times what all pieces weigh. */
static bool is_unweighed(const struct record *rec, const struct line *made,
			 uint64_t grams_each)
{
	uint64_t grams = record_uint(rec, FACT_GRAMS);
	uint64_t good = times(made->qty, grams_each);
	uint64_t bad = times(record_uint(rec, FACT_REJECTED), grams_each);

	return good > grams + grams / 4 || grams > 4 * (good + bad);
}

/* What was made, of items that somebody declared. */
static int look_declared(const struct look *l)
{
	const struct record *rec = &l->rec->rec;
	struct line made[LIMIT_LINES];
	size_t n = record_lines(rec, FACT_LINES, made);
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		const struct catalog_row *row = look_declaration(l, &made[i]);

		if (row == NULL)
			continue;
		if (row->bom_n > 0)
			err = look_parts(l, &made[i], row);
		if (err == 0 && n == 1 && row->grams > 0 &&
		    record_has(rec, FACT_GRAMS) &&
		    is_unweighed(rec, &made[i], row->grams))
			err = look_case(l, QTY_20, &made[i], 1);
	}
	return err;
}

int quantity_look(const struct look *l)
{
	const struct record *rec = &l->rec->rec;
	struct line made[LIMIT_LINES];
	int err = l->f->catalog.n == 0 ? 0 : look_declared(l);

	/* PROTOCOL: A record with a printer, its grams and its seconds has
	 * more grams than seconds. */
	if (err != 0 || !record_has(rec, FACT_PRINTER) ||
	    !record_has(rec, FACT_GRAMS) || !record_has(rec, FACT_SECONDS) ||
	    record_uint(rec, FACT_GRAMS) <= record_uint(rec, FACT_SECONDS))
		return err;
	record_lines(rec, FACT_LINES, made);
	return look_case(l, QTY_21, &made[0], 1);
}

/* Accounts of holders who made far too much, by holder and item. */
struct peaks {
	const struct account **at;
	size_t n;
	struct cases *cases;
};

static int by_holder_and_item(const void *a, const void *b)
{
	const struct account *x = *(const struct account *const *)a;
	const struct account *y = *(const struct account *const *)b;
	int c = pubkey_cmp(&x->holder.member, &y->holder.member);

	if (c == 0)
		c = memcmp(&x->holder.outsider, &y->holder.outsider,
			   sizeof(x->holder.outsider));
	return c != 0 ? c : strcmp(x->item, y->item);
}

static int prove_peak(struct fold *f, const struct look *l, void *arg)
{
	const struct peaks *p = arg;
	struct account key = {
		.holder = { l->rec->author, record_tag(&l->rec->rec, FACT_FOR) }
	};
	const struct account *asked = &key;
	struct line made[LIMIT_LINES];
	struct look here = *l;
	size_t n = record_lines(&l->rec->rec, FACT_LINES, made);
	int err = 0;

	(void)f;
	here.cases = p->cases;
	for (size_t i = 0; i < n && err == 0; i++) {
		memcpy(key.item, made[i].item, made[i].item_n);
		key.item[made[i].item_n] = '\0';
		if (bsearch(&asked, p->at, p->n, sizeof(*p->at),
			    by_holder_and_item) != NULL)
			err = look_case(&here, QTY_22, &made[i], made[i].qty);
	}
	return err;
}

static int by_item_and_made(const void *a, const void *b)
{
	const struct account *x = *(const struct account *const *)a;
	const struct account *y = *(const struct account *const *)b;
	int c = strcmp(x->item, y->item);

	if (c != 0)
		return c;
	return (x->col[COL_PRODUCED] > y->col[COL_PRODUCED]) -
	       (x->col[COL_PRODUCED] < y->col[COL_PRODUCED]);
}

/* PROTOCOL: At least nine holders made the item, and one made more than a
 * thousand times what the one in the middle made. */
static void find_peaks(struct peaks *p, const struct account **at, size_t n)
{
	int64_t usual = at[(n - 1) / 2]->col[COL_PRODUCED];

	for (size_t i = n; i > 0 && n >= USUAL_MAKERS; i--) {
		if (at[i - 1]->col[COL_PRODUCED] / USUAL_FACTOR < usual ||
		    at[i - 1]->col[COL_PRODUCED] == usual * USUAL_FACTOR)
			break;
		p->at[p->n++] = at[i - 1];
	}
}

/* All of them in one walk over what was made. */
static int prove_peaks(struct fold *f, struct peaks *p)
{
	if (p->n == 0)
		return 0;
	qsort(p->at, p->n, sizeof(*p->at), by_holder_and_item);
	return rules_each(f, KIND_PRODUCE, KIND_PRODUCE, prove_peak, p);
}

int quantity_tell(struct fold *f, struct cases *cases)
{
	const struct audit *a = f->a;
	size_t size = sizeof(const struct account *);
	const struct account **at = calloc(a->accounts_n + 1, size);
	struct peaks peaks = { calloc(a->accounts_n + 1, size), 0, cases };
	size_t n = 0, end;
	int err = at == NULL || peaks.at == NULL ? ERR_NOMEM : 0;

	for (size_t i = 0; i < a->accounts_n && err == 0; i++)
		if (a->accounts[i].col[COL_PRODUCED] > 0)
			at[n++] = &a->accounts[i];
	if (n > 0)
		qsort(at, n, size, by_item_and_made);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n; end++)
			if (strcmp(at[i]->item, at[end]->item) != 0)
				break;
		find_peaks(&peaks, at + i, end - i);
	}
	if (err == 0)
		err = prove_peaks(f, &peaks);
	free(peaks.at);
	free(at);
	return err;
}
