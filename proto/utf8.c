#include "proto/utf8.h"

#include <stdint.h>
#include <string.h>

/* Decode one code point of at most n bytes; 0 when it is not the shortest
 * valid form (RFC 3629), else its length in bytes. */
static size_t utf8_step(const uint8_t *p, size_t n, uint32_t *cp)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len;
	uint32_t v;

	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] < 0xe0)
		len = 2;
	else if (p[0] >= 0xe0 && p[0] < 0xf0)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] < 0xf5)
		len = 4;
	else
		return 0;
	if (len > n)
		return 0;
	v = p[0] & (0xffU >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3fU);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 0;
	*cp = v;
	return len;
}

/* How many bytes from p on are printable ASCII, which is nearly all text: eight
 * at once while there are eight. */
static size_t ascii_run(const uint8_t *p, size_t n)
{
	const uint64_t ones = 0x0101010101010101, high = ones << 7;
	size_t i = 0;

	for (; i + sizeof(ones) <= n; i += sizeof(ones)) {
		uint64_t w;

		memcpy(&w, p + i, sizeof(w));
		/* Of a byte below 20 the difference has its high bit set, of
		 * 7f the sum, of those above the byte itself. */
		if (((w | (w - 0x20 * ones) | (w + ones)) & high) != 0)
			break;
	}
	while (i < n && p[i] >= 0x20 && p[i] < 0x7f)
		i++;
	return i;
}

bool utf8_is_valid(const char *text, size_t n)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t len = ascii_run(p, n);
	uint32_t cp;

	while (len < n) {
		size_t step = utf8_step(p + len, n - len, &cp);

		if (step == 0)
			return false;
		len += step;
		len += ascii_run(p + len, n - len);
	}
	return true;
}

/* PROTOCOL: Plain text holds no control, direction or invisible character. */
static bool is_plain(uint32_t cp)
{
	/* First and last of each range, rising. */
	static const uint32_t refused[][2] = {
		{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },
		{ 0x034f, 0x034f },   { 0x061c, 0x061c },   { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 },   { 0x180b, 0x180f },   { 0x200b, 0x200f },
		{ 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0x3164, 0x3164 },
		{ 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xffff },
		{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (cp <= refused[i][1])
			return cp < refused[i][0];
	return true;
}

bool utf8_is_plain(const char *text, size_t n)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t len = ascii_run(p, n);
	uint32_t cp;

	while (len < n) {
		size_t step = utf8_step(p + len, n - len, &cp);

		if (step == 0 || !is_plain(cp))
			return false;
		len += step;
		len += ascii_run(p + len, n - len);
	}
	return true;
}
