#include "crypto/bytes.h"

#include "crypto/err.h"

#include <sodium.h>
#include <string.h>

enum { CACHE_LINE = 64 };

void hex_encode(char *out, const void *p, size_t n)
{
	sodium_bin2hex(out, HEX_SIZE(n), p, n);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int hex_decode(void *out, size_t n, const char *text, size_t text_n)
{
	uint8_t *p = out;

	if (text_n / 2 != n || text_n % 2 != 0)
		goto fail;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			goto fail;
		p[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
fail:
	if (n > 0)
		memset(out, 0, n);
	return ERR_FORMAT;
}

void b64_encode(char *out, const void *p, size_t n)
{
	sodium_bin2base64(out, B64_SIZE(n), p, n,
			  sodium_base64_VARIANT_ORIGINAL);
}

void b64url_encode(char *out, const void *p, size_t n)
{
	sodium_bin2base64(out, B64_SIZE(n), p, n,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* The value of a base64 digit, or -1; last is the alphabet's digits 62, 63. */
static int b64_digit(char c, const char last[static 2])
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == last[0])
		return 62;
	return c == last[1] ? 63 : -1;
}

/* Are these digits what an encoder writes?  One digit over a group of four
 * carries no byte; of two or three over, the last has 4 or 2 unused bits. */
static bool b64_is_canonical(const char *text, size_t digits,
			     const char last[static 2])
{
	static const int unused[4] = { 0, -1, 0xf, 0x3 };
	int value = 0;

	for (size_t i = 0; i < digits; i++) {
		value = b64_digit(text[i], last);
		if (value < 0)
			return false;
	}
	return digits % 4 != 1 && (value & unused[digits % 4]) == 0;
}

/* Our own decoder, because libsodium's has written to out before it finds
 * that a text is wrong. */
static int b64_read(uint8_t *out, size_t max, size_t *n, const char *text,
		    size_t digits, const char last[static 2])
{
	uint32_t bits = 0;
	size_t size = digits / 4 * 3 + digits % 4 * 3 / 4;

	if (!b64_is_canonical(text, digits, last))
		return ERR_FORMAT;
	if (size > max)
		return ERR_LIMIT;
	for (size_t i = 0, k = 0; i < digits; i++) {
		bits = bits << 6 | (uint32_t)b64_digit(text[i], last);
		/* After 2, 3 or 4 digits of a group a byte is complete. */
		if (i % 4 != 0)
			out[k++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	*n = size;
	return 0;
}

int b64_decode(void *out, size_t max, size_t *n, const char *text,
	       size_t text_n)
{
	size_t digits = text_n;

	if (text_n % 4 != 0)
		return ERR_FORMAT;
	while (digits > 0 && text_n - digits < 2 && text[digits - 1] == '=')
		digits--;
	return b64_read(out, max, n, text, digits, "+/");
}

int b64url_decode(void *out, size_t max, size_t *n, const char *text,
		  size_t text_n)
{
	return b64_read(out, max, n, text, text_n, "-_");
}

size_t dec_encode(char out[static DEC_SIZE], uint64_t v)
{
	char digits[DEC_SIZE];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	for (size_t i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	out[n] = '\0';
	return n;
}

int dec_decode(uint64_t *out, uint64_t max, const char *text, size_t n)
{
	uint64_t v = 0;
	bool fits = true;

	if (n == 0 || (n > 1 && text[0] == '0'))
		return ERR_FORMAT;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ERR_FORMAT;
		fits = fits && mul_u64(&v, v, 10) &&
		       add_u64(&v, v, (uint64_t)(text[i] - '0'));
	}
	if (!fits || v > max)
		return ERR_LIMIT;
	*out = v;
	return 0;
}

void be32_put(uint8_t out[static 4], uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		out[i] = (uint8_t)v;
}

void be64_put(uint8_t out[static 8], uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		out[i] = (uint8_t)v;
}

void bytes_fetch(const void *p, size_t n)
{
	const uint8_t *at = p;

	for (size_t i = 0; i < n; i += CACHE_LINE)
		__builtin_prefetch(at + i);
}

uint32_t be32_get(const uint8_t p[static 4])
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

uint64_t be64_get(const uint8_t p[static 8])
{
	return (uint64_t)be32_get(p) << 32 | be32_get(p + 4);
}

bool add_u64(uint64_t *out, uint64_t a, uint64_t b)
{
	if (a > UINT64_MAX - b)
		return false;
	*out = a + b;
	return true;
}

bool mul_u64(uint64_t *out, uint64_t a, uint64_t b)
{
	if (b != 0 && a > UINT64_MAX / b)
		return false;
	*out = a * b;
	return true;
}

void bytes_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

void bytes_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}
