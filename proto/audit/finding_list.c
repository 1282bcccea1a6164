#include "proto/audit/finding.h"

#include "proto/grow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	for (size_t i = 0; c == 0 && i < x->proofs && i < y->proofs; i++)
		c = place_cmp(&x->proof[i], &y->proof[i]);
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
