#include "node/cmd/parts.h"

#include "crypto/err.h"
#include "node/cmd/figures.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/book/catalog.h"
#include "store/book.h"

#include <stdio.h>
#include <string.h>

/* One line of a bill, and where what is used for it is listed. */
struct taking {
	struct goods *out;
	size_t n;
	struct holder holder; /* whose shelf */
	char part[LIMIT_ITEM + 1];
	uint64_t need; /* still */
};

static int take(struct taking *t, const char *item, size_t item_n, uint64_t qty)
{
	struct goods *g = &t->out[t->n];

	if (t->n == LIMIT_LINES)
		return ERR_LIMIT;
	memcpy(g->item, item, item_n);
	g->item[item_n] = '\0';
	g->qty = qty;
	t->need -= qty;
	t->n++;
	return 0;
}

/* What is on the shelf of the part, or of a revision of it. */
static int take_there(void *arg, const struct holder *holder, const char *item,
		      size_t item_n, const int64_t col[static COL_COUNT])
{
	struct taking *t = arg;
	size_t n = strlen(t->part);
	int64_t have = col[COL_ON_HAND];

	if (t->need == 0 || have <= 0 || item_n < n ||
	    memcmp(item, t->part, n) != 0 || (item_n > n && item[n] != '/') ||
	    memcmp(holder, &t->holder, sizeof(*holder)) != 0)
		return 0;
	return take(t, item, item_n,
		    (uint64_t)have < t->need ? (uint64_t)have : t->need);
}

static int take_part(struct taking *t, struct store *s, const struct line *part,
		     uint64_t made)
{
	int err;

	if (part->qty > LIMIT_QTY / made)
		return ERR_LIMIT;
	memcpy(t->part, part->item, part->item_n);
	t->part[part->item_n] = '\0';
	t->need = part->qty * made;
	err = store_balances_of(s, &t->holder.member, take_there, t);
	if (err == 0 && t->need > 0)
		err = take(t, part->item, part->item_n, t->need);
	return err;
}

static void tell(const struct goods *goods, size_t n, const char *item)
{
	for (size_t i = 0; i < n; i++)
		say_note(_("uses %llu %s, as the bill of materials of %s says; "
			   "--use says otherwise, --use none nothing"),
			 (unsigned long long)goods[i].qty, goods[i].item, item);
}

/* The bill of what this record makes. */
static int take_bill(struct recording *r, const struct catalog *c,
		     const struct line *made)
{
	struct goods goods[LIMIT_LINES];
	struct line parts[LIMIT_LINES];
	struct taking t = { .out = goods };
	char item[LIMIT_ITEM + 1];
	const struct catalog_row *row;
	struct value bom;
	size_t n;
	int err = 0;

	memcpy(item, made->item, made->item_n);
	item[made->item_n] = '\0';
	row = catalog_find(c, item);
	if (row == NULL || row->bom_n == 0)
		return 0;
	bom = (struct value){ .p = row->bom, .n = row->bom_n };
	n = value_lines(&bom, parts);
	t.holder.member = r->desk.identity;
	t.holder.outsider = record_tag(&r->form->rec, FACT_FOR);
	for (size_t i = 0; i < n && err == 0; i++)
		err = take_part(&t, r->desk.store, &parts[i], made->qty);
	if (err == 0)
		err = form_lines(r->form, FACT_USE, goods, t.n);
	if (err == 0)
		tell(goods, t.n, item);
	return err;
}

static int use_bill(struct recording *r)
{
	struct catalog c = { 0 };
	struct line made[LIMIT_LINES];
	size_t n = record_lines(&r->form->rec, FACT_LINES, made);
	int err = figures_catalog(&c, r->desk.store);

	if (err == 0 && n == 1)
		err = take_bill(r, &c, &made[0]);
	catalog_release(&c);
	if (err != ERR_LIMIT)
		return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
	say_error(_("the bill of materials asks for more than a record can "
		    "say; tell what was used with --use, or --use none"));
	return EXIT_DATA;
}

/* What was used the first time, for the same key again. */
static int use_earlier(struct recording *r, const struct record *earlier)
{
	struct line used[LIMIT_LINES];
	struct goods goods[LIMIT_LINES];
	size_t n = record_lines(earlier, FACT_USE, used);
	int err;

	for (size_t i = 0; i < n; i++) {
		memcpy(goods[i].item, used[i].item, used[i].item_n);
		goods[i].item[used[i].item_n] = '\0';
		goods[i].qty = used[i].qty;
	}
	err = form_lines(r->form, FACT_USE, goods, n);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

int parts_use(struct recording *r)
{
	const struct record *earlier = recording_earlier(r);
	size_t at = 0;
	const char *first = args_each(r->args, "use", &at);

	if (first == NULL)
		return earlier == NULL ? use_bill(r) : use_earlier(r, earlier);
	if (strcmp(first, "none") != 0)
		return recording_option_lines(r, FACT_USE, "use");
	if (args_each(r->args, "use", &at) == NULL)
		return EXIT_DONE;
	say_error(_("--use none, or what was used, not both"));
	return EXIT_DATA;
}
