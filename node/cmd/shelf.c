#include "node/cmd/shelf.h"

#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/book.h"

#include <string.h>

int shelf_on_hand(struct desk *d, const struct tag *outsider, const char *item,
		  size_t item_n, int64_t *out)
{
	struct holder holder = { d->identity, *outsider };
	int64_t col[COL_COUNT];
	int err = store_balance(d->store, &holder, item, item_n, col);

	if (err == 0)
		*out = col[COL_ON_HAND];
	return err;
}

/* The fact whose lines leave the author's shelf, 0 for a kind that takes
 * nothing away.  Losses on the way leave no shelf. */
static unsigned taking_fact(const struct record *rec)
{
	if (rec->kind == KIND_PRODUCE)
		return FACT_USE;
	if ((rec->kind == KIND_DELIVER &&
	     record_uint(rec, FACT_SERVICE) == 0) ||
	    (rec->kind == KIND_LOSE && !record_has(rec, FACT_DELIVER)))
		return FACT_LINES;
	return 0;
}

/* What the record itself puts on the shelf first. */
static uint64_t brings(const struct record *rec, const struct line *line)
{
	struct line made[LIMIT_LINES];
	size_t n = rec->kind == KIND_PRODUCE
			   ? record_lines(rec, FACT_LINES, made)
			   : 0;

	for (size_t i = 0; i < n; i++)
		if (made[i].item_n == line->item_n &&
		    memcmp(made[i].item, line->item, line->item_n) == 0)
			return made[i].qty;
	return 0;
}

void shelf_look(struct shelf *out, struct desk *d, const struct record *rec)
{
	const struct roster *r = desk_roster(d);
	struct tag outsider = record_tag(rec, FACT_FOR);
	struct line lines[LIMIT_LINES];
	unsigned fact = taking_fact(rec);
	size_t n = fact == 0 ? 0 : record_lines(rec, fact, lines);

	out->n = 0;
	if (r == NULL || roster_member(r, &d->identity) == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		struct shortage *s = &out->row[out->n];

		if (shelf_on_hand(d, &outsider, lines[i].item, lines[i].item_n,
				  &s->on_hand) != 0)
			continue;
		s->on_hand += (int64_t)brings(rec, &lines[i]);
		if (s->on_hand >= (int64_t)lines[i].qty)
			continue;
		memcpy(s->item, lines[i].item, lines[i].item_n);
		s->item[lines[i].item_n] = '\0';
		s->takes = lines[i].qty;
		out->n++;
	}
}

void shelf_warn(const struct shelf *s)
{
	for (size_t i = 0; i < s->n; i++)
		say_warn(_("this takes %llu %s and the book has %lld on hand; "
			   "the audit will show it until what is missing is "
			   "recorded"),
			 (unsigned long long)s->row[i].takes, s->row[i].item,
			 (long long)s->row[i].on_hand);
}
