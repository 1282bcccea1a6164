#include "node/cmd/resend.h"

#include "node/text/i18n.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

static bool is_same(const struct value *a, const struct value *b)
{
	return a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
}

bool resend_is_same_shelf(const struct desk *d, const struct record *deliver)
{
	const struct value *to = &deliver->v[FACT_TO];

	if (record_has(deliver, FACT_FOR))
		return is_same(to, &deliver->v[FACT_FOR]);
	return to->n == KEY_SIZE && memcmp(to->p, d->identity.b, KEY_SIZE) == 0;
}

static uint64_t sent(const struct record *deliver, const struct line *of)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(deliver, FACT_LINES, lines);

	for (size_t i = 0; i < n; i++)
		if (lines[i].item_n == of->item_n &&
		    memcmp(lines[i].item, of->item, of->item_n) == 0)
			return lines[i].qty;
	return 0;
}

/* Is more answered for than is sent then, or to somebody else? */
static bool takes_back(const struct delivery *d, const struct record *before,
		       const struct record *after)
{
	for (size_t i = 0; i < d->n; i++) {
		uint64_t said = d->accepted[i] + d->refused[i];

		if (said > 0 &&
		    (after == NULL ||
		     !is_same(&before->v[FACT_TO], &after->v[FACT_TO]) ||
		     said > sent(after, &d->line[i])))
			return true;
	}
	return false;
}

void resend_remark(struct remarks *out, struct desk *d, const struct id *id,
		   const struct record *before, const struct record *after)
{
	struct delivery *known = calloc(1, sizeof(*known));
	struct book_view view;

	if (known != NULL && store_view_open(d->store, &view) == 0) {
		if (book_delivery(&view, known, id) == 0 &&
		    takes_back(known, before, after))
			remark(out, _("others have acknowledged or refused "
				      "this delivery: the audit will show that "
				      "it was taken back"));
		store_view_close(d->store);
	}
	free(known);
}
