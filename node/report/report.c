#include "node/report/report.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "proto/grow.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void report_init(struct report *r, const char *name, const char *title)
{
	*r = (struct report){ .name = name, .title = title };
}

void report_release(struct report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct section *s = &r->section[i];

		for (size_t k = 0; k < s->n; k++)
			free(s->cell[k].text);
		free(s->cell);
	}
	*r = (struct report){ .n = 0 };
}

struct section *report_section(struct report *r, const char *key,
			       const char *title, const struct heading *columns,
			       const char *none)
{
	struct section *s = &r->section[r->n++];

	assert(r->n <= REPORT_SECTIONS);
	*s = (struct section){
		.key = key, .title = title, .columns = columns, .none = none
	};
	while (columns[s->columns_n].key != NULL)
		s->columns_n++;
	assert(s->columns_n <= REPORT_COLUMNS);
	return s;
}

struct section *report_facts(struct report *r, const char *key,
			     const char *title, const struct heading *columns)
{
	struct section *s = report_section(r, key, title, columns, NULL);

	s->is_facts = true;
	return s;
}

static void put(struct report *r, const struct cell *c)
{
	struct section *s = &r->section[r->n - 1];

	if (r->err == 0)
		r->err = grow(&s->cell, &s->max, s->n, sizeof(*s->cell));
	if (r->err == 0)
		s->cell[s->n++] = *c;
	else
		free(c->text);
}

void put_none(struct report *r)
{
	put(r, &(struct cell){ .type = CELL_NONE });
}

void put_text(struct report *r, const char *text)
{
	struct cell c = { .type = CELL_TEXT };
	size_t n = strlen(text) + 1;

	c.text = malloc(n);
	if (c.text == NULL) {
		r->err = ERR_NOMEM;
		return;
	}
	memcpy(c.text, text, n);
	put(r, &c);
}

void put_word(struct report *r, const char *word)
{
	put(r, &(struct cell){ .type = CELL_WORD, .word = word });
}

void put_count(struct report *r, int64_t n)
{
	put(r, &(struct cell){ .type = CELL_COUNT, .n = n });
}

void put_money(struct report *r, int64_t minor, const char *currency)
{
	struct cell c = { .type = CELL_MONEY, .n = minor };

	snprintf(c.currency, sizeof(c.currency), "%s", currency);
	put(r, &c);
}

void put_time(struct report *r, uint64_t ms)
{
	put(r, &(struct cell){ .type = CELL_TIME, .n = (int64_t)ms });
}

void put_day(struct report *r, uint64_t ms)
{
	put(r, &(struct cell){ .type = CELL_DAY, .n = (int64_t)ms });
}

void put_hex(struct report *r, const void *p, size_t n)
{
	char hex[HEX_SIZE(64)];

	assert(n <= 64);
	hex_encode(hex, p, n);
	put_text(r, hex);
}

static int by_texts(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;
	int c = 0;

	for (size_t i = 0; i < 3 && c == 0; i++)
		c = strcmp(x[i].text, y[i].text);
	return c;
}

void report_sort(struct report *r)
{
	struct section *s = &r->section[r->n - 1];

	assert(s->columns_n >= 3);
	if (r->err == 0 && s->n > 0)
		qsort(s->cell, section_rows(s), s->columns_n * sizeof(*s->cell),
		      by_texts);
}

size_t section_rows(const struct section *s)
{
	return s->n / s->columns_n;
}

/* Bars of grams beside bars of pieces, or of euros beside dollars, would say
 * something that is not so. */
static bool is_mixed(const struct section *s)
{
	for (size_t c = 0; c < s->columns_n; c++) {
		const struct cell *first = &s->cell[c];

		if (strcmp(s->columns[c].key, "unit") != 0 &&
		    strcmp(s->columns[c].key, "currency") != 0)
			continue;
		for (size_t i = c; i < s->n; i += s->columns_n)
			if (strcmp(s->cell[i].text, first->text) != 0)
				return true;
	}
	return false;
}

int64_t section_scale(const struct section *s, size_t *column)
{
	int64_t max = 0;
	size_t c = 0;

	while (c < s->columns_n && !s->columns[c].is_chart)
		c++;
	*column = c;
	if (c == s->columns_n || section_rows(s) < 2 || is_mixed(s))
		return 0;
	for (size_t i = c; i < s->n; i += s->columns_n)
		if (s->cell[i].n > max)
			max = s->cell[i].n;
	return max;
}

const char *cell_text(const struct cell *c, char buf[static CELL_SIZE])
{
	buf[0] = '\0';
	switch (c->type) {
	case CELL_NONE:
		break;
	case CELL_TEXT:
		return c->text;
	case CELL_WORD:
		return _(c->word);
	case CELL_COUNT:
		snprintf(buf, CELL_SIZE, "%" PRId64, c->n);
		break;
	case CELL_MONEY:
		money_plain(buf, c->n, c->currency);
		break;
	case CELL_TIME:
	case CELL_DAY:
		time_text(buf, (uint64_t)c->n);
		if (c->type == CELL_DAY)
			buf[strcspn(buf, "T")] = '\0';
		break;
	}
	return buf;
}
