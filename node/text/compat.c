#include "node/text/compat.h"

#include "crypto/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { GONE = 0x110000 /* no code point: the character is left out */ };

/* From first to last each is what `to` begins, or all are `to`. */
struct span {
	uint32_t first, last;
	uint32_t to;
	bool is_all;
};

static const struct span spans[] = {
	{ 0xa0, 0xa0, ' ', true },      { 0xad, 0xad, GONE, true },
	{ 0xb2, 0xb3, '2', false },     { 0xb9, 0xb9, '1', true },
	{ 0x2000, 0x200a, ' ', true },  { 0x200b, 0x200f, GONE, true },
	{ 0x2010, 0x2015, '-', true },  { 0x2024, 0x2024, '.', true },
	{ 0x202f, 0x202f, ' ', true },  { 0x205f, 0x205f, ' ', true },
	{ 0x2060, 0x2064, GONE, true }, { 0x2070, 0x2070, '0', true },
	{ 0x2074, 0x2079, '4', false }, { 0x2080, 0x2089, '0', false },
	{ 0x2212, 0x2212, '-', true },  { 0x2460, 0x2468, '1', false },
	{ 0x24ea, 0x24ea, '0', true },  { 0x3000, 0x3000, ' ', true },
	{ 0x3002, 0x3002, '.', true },  { 0xfe52, 0xfe52, '.', true },
	{ 0xfe6b, 0xfe6b, '@', true },  { 0xfeff, 0xfeff, GONE, true },
	{ 0xff01, 0xff5e, '!', false }, { 0xff61, 0xff61, '.', true },
};

/* The zeros of the decimal digits of the scripts (UnicodeData.txt, Nd); nine
 * more stand behind each. */
static const uint32_t zeros[] = {
	0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,
	0xb66,   0xbe6,   0xc66,   0xce6,   0xd66,   0xde6,   0xe50,
	0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,  0x1810,  0x1946,
	0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,  0x1c40,  0x1c50,
	0xa620,  0xa8d0,  0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,
	0x104a0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1fbf0,
};

static uint32_t as_read(uint32_t cp)
{
	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
		if (cp >= spans[i].first && cp <= spans[i].last)
			return spans[i].to +
			       (spans[i].is_all ? 0 : cp - spans[i].first);
	for (size_t i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
		if (cp >= zeros[i] && cp <= zeros[i] + 9)
			return '0' + cp - zeros[i];
	return cp;
}

/* One character for one, or for none. */
static size_t fold_each(char *out, const char *text, size_t n)
{
	size_t to = 0, len;

	for (size_t i = 0; i < n; i += len) {
		uint32_t cp = 0, as;

		len = utf8_step(&cp, text + i, n - i);
		as = len == 0 ? GONE + 1 : as_read(cp);
		len += len == 0;
		if (as == GONE || (as == ' ' && to > 0 && out[to - 1] == ' '))
			continue;
		if (len > 1 && as < 0x80) {
			out[to++] = (char)as;
			continue;
		}
		memmove(out + to, text + i, len);
		to += len;
	}
	return to;
}

/* How long the bracketed word at p is that stands for a sign; 0: it is none. */
static size_t is_spelled(char *sign, const char *p, size_t n)
{
	static const struct {
		const char *word;
		char sign;
	} words[] = {
		{ "at", '@' },  { "arobase", '@' }, { "@", '@' },
		{ "dot", '.' }, { "point", '.' },
	};
	static const char brackets[] = "()[]{}<>";
	const char *open =
		n == 0 || p[0] == '\0' ? NULL : strchr(brackets, p[0]);

	if (open == NULL || (open - brackets) % 2 != 0)
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t len = strlen(words[i].word);
		size_t at = n > 1 && p[1] == ' ' ? 2 : 1;
		size_t end = at + len;

		if (end > n || strncasecmp(p + at, words[i].word, len) != 0)
			continue;
		end += end < n && p[end] == ' ';
		if (end >= n || p[end] != open[1])
			continue;
		*sign = words[i].sign;
		return end + 1;
	}
	return 0;
}

size_t compat_fold(char *out, const char *text, size_t n)
{
	size_t to = 0;

	n = fold_each(out, text, n);
	for (size_t i = 0; i < n;) {
		char sign = '\0';
		size_t len = is_spelled(&sign, out + i, n - i);

		if (len == 0) {
			out[to++] = out[i++];
			continue;
		}
		while (to > 0 && out[to - 1] == ' ')
			to--;
		out[to++] = sign;
		i += len;
		i += i < n && out[i] == ' ';
	}
	return to;
}
