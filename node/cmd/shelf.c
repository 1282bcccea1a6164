#include "node/cmd/shelf.h"

#include "node/text/i18n.h"
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

/* The facts with goods that come onto the author's shelf or leave it. */
static const enum fact facts[] = { FACT_LINES, FACT_USE, FACT_FOUND,
				   FACT_MISSING };

enum { FACTS = sizeof(facts) / sizeof(facts[0]) };

/* Does the shelf grow by the lines of this fact (1), shrink (-1), or neither?
 * What is lost on the way leaves no shelf, and a service is on none. */
static int sign_of(const struct record *rec, enum fact fact)
{
	if (fact != FACT_LINES)
		return fact == FACT_FOUND ? 1 : -1;
	switch (rec->kind) {
	case KIND_PRODUCE:
	case KIND_SUPPLY:
		return 1;
	case KIND_DELIVER:
		return record_uint(rec, FACT_SERVICE) == 0 ? -1 : 0;
	case KIND_LOSE:
		return record_has(rec, FACT_DELIVER) ? 0 : -1;
	}
	return 0;
}

static bool is_same(const struct line *a, const struct line *b)
{
	return a->item_n == b->item_n &&
	       memcmp(a->item, b->item, a->item_n) == 0;
}

/* What a record does to the stock of an item of one holder. */
static int64_t effect(const struct record *rec, const struct tag *holder,
		      const struct line *item)
{
	struct line lines[LIMIT_LINES];
	struct tag own;
	int64_t sum = 0;

	if (rec == NULL)
		return 0;
	own = record_tag(rec, FACT_FOR);
	if (memcmp(&own, holder, sizeof(own)) != 0)
		return 0;
	for (size_t f = 0; f < FACTS; f++) {
		size_t n = record_lines(rec, facts[f], lines);

		for (size_t i = 0; i < n; i++)
			if (is_same(&lines[i], item))
				sum += sign_of(rec, facts[f]) *
				       (int64_t)lines[i].qty;
	}
	return sum;
}

/* A record and the one in whose place it comes. */
struct change {
	struct remarks *out;
	struct desk *d;
	const struct record *before, *after;
};

static void look_at(const struct change *c, const struct tag *holder,
		    const struct line *item)
{
	int64_t more = effect(c->after, holder, item) -
		       effect(c->before, holder, item);
	char name[LIMIT_ITEM + 1];
	int64_t on_hand;

	if (more >= 0 ||
	    shelf_on_hand(c->d, holder, item->item, item->item_n, &on_hand) !=
		    0 ||
	    on_hand + more >= 0)
		return;
	memcpy(name, item->item, item->item_n);
	name[item->item_n] = '\0';
	remark(c->out,
	       _("this takes %lld %s and the book has %lld on hand; the audit "
		 "will show it until what is missing is recorded"),
	       (long long)-more, name, (long long)on_hand);
}

/* Is the item in what stands before this line? */
static bool was_seen(const struct line *seen, size_t n, const struct line *item)
{
	for (size_t i = 0; i < n; i++)
		if (is_same(&seen[i], item))
			return true;
	return false;
}

static void look_all(const struct change *c, const struct tag *holder)
{
	struct line seen[2 * FACTS * LIMIT_LINES];
	const struct record *both[] = { c->after, c->before };
	size_t seen_n = 0;

	for (size_t r = 0; r < 2; r++)
		for (size_t f = 0; f < FACTS && both[r] != NULL; f++) {
			struct line lines[LIMIT_LINES];
			size_t n = record_lines(both[r], facts[f], lines);

			for (size_t i = 0; i < n; i++) {
				if (was_seen(seen, seen_n, &lines[i]))
					continue;
				look_at(c, holder, &lines[i]);
				seen[seen_n++] = lines[i];
			}
		}
}

void shelf_remark(struct remarks *out, struct desk *d,
		  const struct record *before, const struct record *after)
{
	const struct change c = { out, d, before, after };
	const struct roster *r = desk_roster(d);
	struct tag now, then;

	if (r == NULL || roster_member(r, &d->identity) == NULL)
		return;
	if (after != NULL) {
		now = record_tag(after, FACT_FOR);
		look_all(&c, &now);
	}
	if (before == NULL)
		return;
	then = record_tag(before, FACT_FOR);
	if (after == NULL || memcmp(&now, &then, sizeof(now)) != 0)
		look_all(&c, &then);
}
