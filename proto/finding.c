#include "proto/finding.h"

#include "proto/grow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum severity severity;
} codes[FINDING_CODES] = {
	[LOG_01] = { "LOG-01", SEVERITY_BREACH },
	[LOG_02] = { "LOG-02", SEVERITY_BREACH },
	[LOG_03] = { "LOG-03", SEVERITY_BREACH },
	[LOG_05] = { "LOG-05", SEVERITY_BREACH },
	[KEY_02] = { "KEY-02", SEVERITY_BREACH },
	[QTY_01] = { "QTY-01", SEVERITY_EXPLAIN },
	[QTY_02] = { "QTY-02", SEVERITY_BREACH },
	[REF_01] = { "REF-01", SEVERITY_LAG },
};

const char *finding_name(enum finding_code code)
{
	return codes[code].name;
}

enum severity finding_severity(enum finding_code code)
{
	return codes[code].severity;
}

char severity_letter(enum severity s)
{
	return "EWL"[s];
}

void finding_text(char out[static FINDING_TEXT], const struct finding *f)
{
	const size_t max = FINDING_TEXT;
	uint64_t n = f->amount;

	switch (f->code) {
	case LOG_01:
		snprintf(out, max,
			 "Entry %" PRIu64 " of %s does not continue the entry "
			 "before it: the feed counts up to there.",
			 n, f->who);
		break;
	case LOG_02:
		snprintf(out, max,
			 "Entry %" PRIu64 " of %s does not carry a valid "
			 "signature: it was altered, or never signed by that "
			 "key.  The feed counts up to there.",
			 n, f->who);
		break;
	case LOG_03:
		snprintf(out, max,
			 "Entry %" PRIu64 " of %s is missing while later ones "
			 "are here: the feed counts up to there.",
			 n, f->who);
		break;
	case LOG_05:
		snprintf(out, max,
			 "Entry %" PRIu64 " of %s is not written as the "
			 "protocol says: the feed counts up to there.",
			 n, f->who);
		break;
	case KEY_02:
		snprintf(out, max,
			 "The feed %s belongs to nobody who was admitted: its "
			 "%" PRIu64 " entries do not count.",
			 f->who, n);
		break;
	case QTY_01:
		snprintf(out, max,
			 "The stock of %s held by %s falls %" PRIu64 " below "
			 "zero: a record may be missing or not here yet.",
			 f->item, f->who, n);
		break;
	case QTY_02:
		snprintf(out, max,
			 "More came of a delivery by %s than was sent in it: "
			 "accepted, refused and lost exceed it.",
			 f->who);
		break;
	case REF_01:
		snprintf(out, max,
			 "A record by %s refers to an entry that is not here "
			 "yet.",
			 f->who);
		break;
	case FINDING_CODES:
		out[0] = '\0';
		break;
	}
}

static int place_cmp(const void *a, const void *b)
{
	const struct position *x = a, *y = b;
	int c = pubkey_cmp(&x->feed, &y->feed);

	if (c != 0)
		return c;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void finding_prove(struct finding *f, const struct position *at)
{
	if (f->proofs < FINDING_PROOFS)
		f->proof[f->proofs++] = *at;
}

int findings_add(struct findings *all, const struct finding *f)
{
	int err = grow(&all->at, &all->max, all->n, sizeof(*all->at));

	if (err != 0)
		return err;
	all->at[all->n++] = *f;
	return 0;
}

static int finding_cmp(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int c = strcmp(finding_name(x->code), finding_name(y->code));

	if (c == 0)
		c = strcmp(x->subject, y->subject);
	if (c == 0 && x->proofs > 0 && y->proofs > 0)
		c = place_cmp(&x->proof[0], &y->proof[0]);
	return c;
}

void findings_sort(struct findings *all)
{
	for (size_t i = 0; i < all->n; i++)
		qsort(all->at[i].proof, all->at[i].proofs,
		      sizeof(all->at[i].proof[0]), place_cmp);
	if (all->n > 0)
		qsort(all->at, all->n, sizeof(*all->at), finding_cmp);
}

void findings_release(struct findings *all)
{
	free(all->at);
	*all = (struct findings){ NULL, 0, 0 };
}
