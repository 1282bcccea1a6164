#include "node/text/escape.h"

#include "crypto/text.h"
#include "node/text/say.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL = 1024 };

/* A text made safe, on the stack when it is short. */
struct safe {
	char small[TEXT_SAFE_SIZE(SMALL)];
	char *text;
};

static const char *safe_open(struct safe *s, const char *text, size_t n)
{
	s->text = n <= SMALL ? s->small : malloc(TEXT_SAFE_SIZE(n));
	if (s->text == NULL) { /* cut it rather than lose it */
		s->text = s->small;
		n = SMALL;
	}
	return text_safe(s->text, TEXT_SAFE_SIZE(n), text, n);
}

static void safe_close(struct safe *s)
{
	if (s->text != s->small)
		free(s->text);
}

/* Would a spreadsheet work this out instead of showing it?  Some trim blanks
 * and quotes before they look. */
static bool is_formula(const char *text)
{
	static const char *const starts[] = { "=",
					      "+",
					      "-",
					      "@",
					      "\xef\xbc\x9d",   /* wide = */
					      "\xef\xbc\x8b",   /* wide + */
					      "\xef\xbc\x8d",   /* wide - */
					      "\xef\xbc\xa0",   /* wide @ */
					      "\xe2\x88\x92" }; /* minus */
	uint32_t cp;

	for (;;) {
		text += strspn(text, " \"'");
		if (utf8_step(&cp, text, strlen(text) + 1) < 2 ||
		    (cp != 0xa0 && cp != 0x3000 &&
		     (cp < 0x2000 || cp > 0x200a)))
			break;
		text += utf8_step(&cp, text, strlen(text) + 1);
	}
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(text, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

void csv_text(FILE *file, const char *text, size_t n)
{
	struct safe s;
	const char *p = safe_open(&s, text, n);
	bool formula = is_formula(p);
	size_t len = strlen(p);
	bool quoted = strpbrk(p, ";,\"") != NULL || formula ||
		      (len > 0 && (p[0] == ' ' || p[len - 1] == ' '));

	if (quoted)
		fputc('"', file);
	if (formula)
		fputc('\'', file);
	for (; *p != '\0'; p++) {
		if (*p == '"')
			fputc('"', file);
		fputc(*p, file);
	}
	if (quoted)
		fputc('"', file);
	safe_close(&s);
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void html_text(FILE *file, const char *text, size_t n)
{
	struct safe s;
	const char *p = safe_open(&s, text, n);

	for (; *p != '\0'; p++) {
		const char *e = entity(*p);

		if (e != NULL)
			fputs(e, file);
		else
			fputc(*p, file);
	}
	safe_close(&s);
}

void dot_text(FILE *file, const char *text, size_t n)
{
	struct safe s;
	const char *p = safe_open(&s, text, n);

	for (; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', file);
		fputc(*p, file);
	}
	safe_close(&s);
}

/* Ranges of code points, rising. */
struct range {
	uint32_t from, to;
};

static bool is_in(uint32_t cp, const struct range *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cp >= r[i].from && cp <= r[i].to)
			return true;
	return false;
}

/* The blocks that are combining or wide throughout; what a terminal makes of
 * single signs differs from one to the next. */
static size_t columns_of(uint32_t cp)
{
	static const struct range none[] = {
		{ 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },
		{ 0x610, 0x61a },   { 0x64b, 0x65f },   { 0x6d6, 0x6dc },
		{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff },
		{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	};
	static const struct range wide[] = {
		{ 0x1100, 0x115f },   { 0x2e80, 0x303e },
		{ 0x3041, 0xa4cf },   { 0xa960, 0xa97f },
		{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
		{ 0xfe30, 0xfe6f },   { 0xff01, 0xff60 },
		{ 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
		{ 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
		{ 0x20000, 0x3fffd },
	};

	if (cp < 0x300)
		return 1;
	if (is_in(cp, none, sizeof(none) / sizeof(none[0])))
		return 0;
	return is_in(cp, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

/* The next character: its bytes, at least 1 of what is not UTF-8. */
static size_t step_columns(const char *text, size_t left, size_t *columns)
{
	uint32_t cp = 0;
	size_t step = utf8_step(&cp, text, left);

	*columns = step == 0 ? 1 : columns_of(cp);
	return step == 0 ? 1 : step;
}

size_t text_columns(const char *text)
{
	size_t left = strlen(text), n = 0;

	while (left > 0) {
		size_t w, step = step_columns(text, left, &w);

		n += w;
		text += step;
		left -= step;
	}
	return n;
}

size_t text_fit(const char *text, size_t columns, size_t *taken)
{
	size_t n = strlen(text), at = 0, end = 0, w = 0;

	*taken = 0;
	while (at < n) {
		size_t more, step = step_columns(text + at, n - at, &more);

		if (text[at] == ' ') {
			end = at;
			*taken = w;
		}
		if (at > 0 && w + more > columns)
			break;
		at += step;
		w += more;
	}
	if (at < n && end > 0)
		return end;
	*taken = w;
	return at;
}
