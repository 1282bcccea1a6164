#include "node/import/codepage.h"

#include "crypto/text.h"

#include <string.h>

/* What Windows-1252 has at 0x80 to 0x9f; 0 where it has nothing.  The rest of
 * its upper half is that of Unicode. */
static const uint16_t upper[32] = {
	0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
	0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178
};

/* A code point below 0x10000 as UTF-8. */
static size_t utf8(char *out, uint32_t cp)
{
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : 3;

	if (n == 1) {
		out[0] = (char)cp;
		return n;
	}
	if (n == 3)
		*out++ = (char)(0xe0 | cp >> 12);
	*out++ = (char)(n == 3 ? 0x80 | (cp >> 6 & 0x3f) : 0xc0 | cp >> 6);
	*out = (char)(0x80 | (cp & 0x3f));
	return n;
}

size_t codepage_step(char out[static 4], size_t *out_n, enum codepage from,
		     const char *p, size_t n)
{
	uint32_t cp = (unsigned char)*p;
	size_t len;

	if (from == CODEPAGE_UTF8) {
		len = utf8_step(&cp, p, n);
		memcpy(out, p, len);
		*out_n = len;
		return len;
	}
	if (cp >= 0x80 && cp < 0xa0) {
		cp = upper[cp - 0x80];
		if (cp == 0)
			return 0;
	}
	*out_n = utf8(out, cp);
	return 1;
}

static char byte_of(uint32_t cp)
{
	if (cp < 0x80 || (cp >= 0xa0 && cp <= 0xff))
		return (char)cp;
	for (unsigned i = 0; i < 32; i++)
		if (upper[i] == cp)
			return (char)(0x80 + i);
	return '?';
}

void codepage_encode(char *out, size_t size, enum codepage to, const char *text)
{
	size_t n = strlen(text);
	size_t at = 0;

	while (n > 0) {
		uint32_t cp = 0;
		size_t len = utf8_step(&cp, text, n);
		size_t step = len > 0 ? len : 1;
		size_t put = to == CODEPAGE_UTF8 && len > 0 ? len : 1;

		if (at + put >= size)
			break;
		if (to == CODEPAGE_UTF8 && len > 0)
			memcpy(out + at, text, len);
		else
			out[at] = len > 0 ? byte_of(cp) : '?';
		at += put;
		text += step;
		n -= step;
	}
	out[at] = '\0';
}
