#include "node/cmd/resend.h"

#include "node/text/i18n.h"
#include "node/text/party.h"
#include "proto/book/closing.h"
#include "store/book.h"
#include "store/log.h"

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

enum { LOOK_BACK = 16 };

/* A delivery as bytes, but for its key and when it was; 0: it is none. */
static size_t gist(uint8_t out[static LIMIT_ENTRY], const struct record *rec)
{
	struct record less = *rec;
	size_t n;

	record_unset(&less, FACT_KEY);
	record_unset(&less, FACT_WHEN);
	return record_encode(&less, out, LIMIT_ENTRY, &n) == 0 ? n : 0;
}

static bool says_same(const struct record *a, const struct record *b)
{
	uint8_t *out = malloc(2 * LIMIT_ENTRY);
	size_t n = out == NULL ? 0 : gist(out, a);
	bool same = n > 0 && gist(out + LIMIT_ENTRY, b) == n &&
		    memcmp(out, out + LIMIT_ENTRY, n) == 0;

	free(out);
	return same;
}

/* Does the entry at seq say the same, now that it may have been corrected? */
static bool is_repeated(struct desk *d, const struct book_view *view,
			uint64_t seq, uint64_t date_ms,
			const struct record *deliver)
{
	struct book_record rec;
	bool occurred = false;

	return store_record(d->store, &d->feed, seq, &rec) == 0 &&
	       rec.rec.kind == KIND_DELIVER &&
	       book_newest(view, &rec, &occurred) == 0 && occurred &&
	       record_date(&rec) / DAY_MS == date_ms / DAY_MS &&
	       says_same(&rec.rec, deliver);
}

void resend_repeat(struct remarks *out, struct desk *d, uint64_t date_ms,
		   const struct record *deliver)
{
	char ref[REF_TEXT];
	struct book_view view;
	struct head head;

	if (store_head(d->store, &d->feed, &head) != 0 ||
	    store_view_open(d->store, &view) != 0)
		return;
	for (uint64_t i = 0; i < LOOK_BACK && i < head.seq; i++) {
		if (!is_repeated(d, &view, head.seq - i, date_ms, deliver))
			continue;
		ref_text(ref, desk_roster(d), &d->feed, head.seq - i);
		remark(out,
		       _("%s says just this of the same day; if it is one "
			 "delivery, take one back: maillon correct %s "
			 "--reason did-not-occur"),
		       ref, ref);
		break;
	}
	store_view_close(d->store);
}
