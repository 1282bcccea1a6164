#include "crypto/text.h"

#include <string.h>

bool text_cut(struct text *rest, struct text *piece, char end)
{
	const char *at = rest->n > 0 ? memchr(rest->p, end, rest->n) : NULL;

	if (at == NULL)
		return false;
	piece->p = rest->p;
	piece->n = (size_t)(at - rest->p);
	rest->p = at + 1;
	rest->n -= piece->n + 1;
	return true;
}

bool text_is(struct text t, const char *s)
{
	return t.n == strlen(s) && memcmp(t.p, s, t.n) == 0;
}

bool text_skip(struct text *t, const char *prefix)
{
	size_t n = strlen(prefix);

	if (t->n < n || memcmp(t->p, prefix, n) != 0)
		return false;
	t->p += n;
	t->n -= n;
	return true;
}

size_t utf8_step(uint32_t *cp, const void *p, size_t n)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *b = p;
	size_t len = b[0] < 0x80 ? 1 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
	uint32_t v = len == 1 ? b[0] : b[0] & (0x7fU >> len);

	/* 80..bf cannot begin; above f7 the mask would hide a bit. */
	if (len > n || (b[0] >= 0x80 && b[0] < 0xc0) || b[0] > 0xf7)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (b[i] & 0x3fU);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*cp = v;
	return len;
}
