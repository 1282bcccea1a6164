#include "node/export/ascii.h"

#include "crypto/text.h"

#include <stdint.h>
#include <string.h>

/* U+00C0 to U+00FF; what takes two letters is in the other table. */
static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTs"
			    "aaaaaaaceeeeiiiidnooooo:ouuuuyty";

static const struct {
	uint32_t cp;
	const char *text;
} more[] = {
	{ 0xa0, " " },    { 0xab, "\"" },    { 0xb0, "o" },
	{ 0xb2, "2" },    { 0xbb, "\"" },    { 0xc6, "AE" },
	{ 0xdf, "ss" },   { 0xe6, "ae" },    { 0x152, "OE" },
	{ 0x153, "oe" },  { 0x178, "Y" },    { 0x2010, "-" },
	{ 0x2011, "-" },  { 0x2013, "-" },   { 0x2014, "-" },
	{ 0x2018, "'" },  { 0x2019, "'" },   { 0x201c, "\"" },
	{ 0x201d, "\"" }, { 0x2026, "..." }, { 0x20ac, "EUR" },
};

static void put_other(FILE *file, uint32_t cp)
{
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		if (more[i].cp == cp) {
			fputs(more[i].text, file);
			return;
		}
	}
	fputc(cp >= 0xc0 && cp <= 0xff ? latin[cp - 0xc0] : '?', file);
}

void put_ascii(FILE *file, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		uint32_t cp = 0;
		size_t n = utf8_step(&cp, text, left);

		if (n == 0)
			fputc('?', file);
		else if (cp >= 0x7f)
			put_other(file, cp);
		else
			fputc(cp < ' ' || cp == '|' ? ' ' : (int)cp, file);
		text += n == 0 ? 1 : n;
		left -= n == 0 ? 1 : n;
	}
}
