#include "proto/audit/finding.h"

#include "proto/grow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Marks what node/ has translated. */
#define N_(sentence) sentence

static const struct {
	const char *name;
	enum severity severity;
	const char *sentence;
} codes[FINDING_CODES] = {
	[LOG_01] = { "LOG-01", SEVERITY_BREACH,
		     N_("Entry {n} of {who} does not continue the entry before "
			"it: the feed counts up to there.") },
	[LOG_02] = { "LOG-02", SEVERITY_BREACH,
		     N_("Entry {n} of {who} does not carry a valid signature: "
			"it was altered, or never signed by that key. The feed "
			"counts up to there.") },
	[LOG_03] = { "LOG-03", SEVERITY_BREACH,
		     N_("Entry {n} of {who} is missing while later ones are "
			"here: the feed counts up to there.") },
	[LOG_04] = { "LOG-04", SEVERITY_BREACH,
		     N_("A checkpoint of {who}, at {n} entries, is not that of "
			"the entries it attests.") },
	[LOG_05] = { "LOG-05", SEVERITY_BREACH,
		     N_("Entry {n} of {who} is not written as the protocol "
			"says: the feed counts up to there.") },
	[LOG_10] = { "LOG-10", SEVERITY_BREACH,
		     N_("The feed of {who} has two different signed entries "
			"{n}: perhaps a machine or its memory card was copied "
			"and both went on, perhaps two stories were told. It "
			"ends before them unless its association says which "
			"counts.") },
	[LOG_11] = { "LOG-11", SEVERITY_BREACH,
		     N_("Two signed statements about the first {n} entries "
			"attested by {who} do not agree: somebody was shown "
			"another history.") },
	[LOG_12] = { "LOG-12", SEVERITY_BREACH,
		     N_("A checkpoint of {who} covers {n} entries, fewer than "
			"one it made before.") },
	[KEY_02] = { "KEY-02", SEVERITY_BREACH,
		     N_("The feed {who} belongs to nobody who was admitted: "
			"its {n} entries do not count.") },
	[FIN_01] = { "FIN-01", SEVERITY_EXPLAIN,
		     N_("From one of its funds {who} has spent {n} {item} "
			"cents more than was given to it: a gift may not be "
			"recorded yet.") },
	[QTY_01] = { "QTY-01", SEVERITY_EXPLAIN,
		     N_("The stock of {item} held by {who} falls {n} below "
			"zero: a record may be missing or not here yet.") },
	[QTY_02] = { "QTY-02", SEVERITY_BREACH,
		     N_("More came of a delivery by {who} than was sent in it: "
			"accepted, refused and lost exceed it.") },
	[REF_01] = { "REF-01", SEVERITY_LAG,
		     N_("A record by {who} refers to an entry that is not "
			"here, or does not count.") },
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

const char *finding_sentence(enum finding_code code)
{
	return codes[code].sentence;
}

/* Append text as far as it fits, keeping room for the NUL. */
static void append(char *out, size_t *n, const char *text, size_t len)
{
	size_t room = FINDING_TEXT - 1 - *n;

	if (len > room)
		len = room;
	memcpy(out + *n, text, len);
	*n += len;
	out[*n] = '\0';
}

void finding_fill(char out[static FINDING_TEXT], const char *sentence,
		  const struct finding *f)
{
	char number[24];
	const struct {
		const char *mark, *text;
	} marks[] = { { "{n}", number },
		      { "{who}", f->who },
		      { "{item}", f->item } };
	size_t n = 0;

	snprintf(number, sizeof(number), "%" PRIu64, f->amount);
	out[0] = '\0';
	while (*sentence != '\0') {
		size_t len = 1;
		const char *text = sentence;

		for (size_t i = 0; i < 3 && *sentence == '{'; i++) {
			size_t mark = strlen(marks[i].mark);

			if (strncmp(sentence, marks[i].mark, mark) != 0)
				continue;
			text = marks[i].text;
			len = strlen(text);
			sentence += mark - 1;
			break;
		}
		append(out, &n, text, len);
		sentence++;
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
