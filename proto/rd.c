#include "proto/rd.h"

#include "crypto/err.h"

#include <string.h>

enum {
	MP_FIXMAP = 0x80,
	MP_FIXARRAY = 0x90,
	MP_FIXSTR = 0xa0,
	MP_NIL = 0xc0,
	MP_BIN8 = 0xc4,
	MP_BIN16 = 0xc5,
	MP_BIN32 = 0xc6,
	MP_UINT8 = 0xcc,
	MP_UINT16 = 0xcd,
	MP_UINT32 = 0xce,
	MP_UINT64 = 0xcf,
	MP_STR8 = 0xd9,
	MP_STR16 = 0xda,
	MP_STR32 = 0xdb,
	MP_ARRAY16 = 0xdc,
	MP_ARRAY32 = 0xdd,
	MP_MAP16 = 0xde,
	MP_MAP32 = 0xdf
};

void rd_init(struct rd *r, const void *p, size_t n)
{
	r->p = p;
	r->n = n;
	r->err = 0;
}

void rd_fail(struct rd *r, int err)
{
	if (r->err == 0)
		r->err = err;
	r->p = NULL;
	r->n = 0;
}

/* Step over n bytes; NULL, and the reader fails, if fewer are left, as when it
 * has failed already. */
static const uint8_t *take(struct rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (n > r->n) {
		rd_fail(r, ERR_FORMAT);
		return NULL;
	}
	if (n == 0) /* of a failed reader too: NULL has no offset */
		return p;
	r->p += n;
	r->n -= n;
	return p;
}

static uint8_t take_type(struct rd *r)
{
	const uint8_t *p = take(r, 1);

	return p == NULL ? MP_NIL : *p;
}

/* A big-endian integer of width bytes that needs all of them: a value below
 * min had a shorter form, and only the shortest form is canonical. */
static uint64_t take_be(struct rd *r, size_t width, uint64_t min)
{
	const uint8_t *p = take(r, width);
	uint64_t v = 0;

	if (p == NULL)
		return 0;
	for (size_t i = 0; i < width; i++)
		v = v << 8 | p[i];
	if (v < min) {
		rd_fail(r, ERR_FORMAT);
		return 0;
	}
	return v;
}

static uint64_t uint_of(struct rd *r, uint8_t type)
{
	if (type < MP_FIXMAP)
		return type;
	switch (type) {
	case MP_UINT8:
		return take_be(r, 1, 0x80);
	case MP_UINT16:
		return take_be(r, 2, 0x100);
	case MP_UINT32:
		return take_be(r, 4, 0x10000);
	case MP_UINT64:
		return take_be(r, 8, 0x100000000ULL);
	default:
		rd_fail(r, ERR_FORMAT);
		return 0;
	}
}

uint64_t rd_uint(struct rd *r, uint64_t max)
{
	uint64_t v;

	/* Nearly all integers are one byte: kinds, facts, words. */
	if (r->n > 0 && *r->p < MP_FIXMAP && *r->p <= max) {
		r->n--;
		return *r->p++;
	}
	v = uint_of(r, take_type(r));

	if (v > max) {
		rd_fail(r, ERR_LIMIT);
		return 0;
	}
	return v;
}

/* Each element takes at least one byte, so a count above what is left is a
 * lie that must not be believed by whoever loops over it. */
static uint32_t count(struct rd *r, uint64_t n, uint32_t max, size_t each)
{
	if (r->err != 0)
		return 0;
	if (n > max) {
		rd_fail(r, ERR_LIMIT);
		return 0;
	}
	if (n > r->n / each) {
		rd_fail(r, ERR_FORMAT);
		return 0;
	}
	return (uint32_t)n;
}

static uint32_t array_of(struct rd *r, uint8_t type, uint32_t max)
{
	if (type >= MP_FIXARRAY && type < MP_FIXSTR)
		return count(r, type - MP_FIXARRAY, max, 1);
	if (type == MP_ARRAY16)
		return count(r, take_be(r, 2, 16), max, 1);
	if (type == MP_ARRAY32)
		return count(r, take_be(r, 4, 0x10000), max, 1);
	rd_fail(r, ERR_FORMAT);
	return 0;
}

static uint32_t map_of(struct rd *r, uint8_t type, uint32_t max)
{
	if (type >= MP_FIXMAP && type < MP_FIXARRAY)
		return count(r, type - MP_FIXMAP, max, 2);
	if (type == MP_MAP16)
		return count(r, take_be(r, 2, 16), max, 2);
	if (type == MP_MAP32)
		return count(r, take_be(r, 4, 0x10000), max, 2);
	rd_fail(r, ERR_FORMAT);
	return 0;
}

uint32_t rd_array(struct rd *r, uint32_t max)
{
	return array_of(r, take_type(r), max);
}

uint32_t rd_map(struct rd *r, uint32_t max)
{
	return map_of(r, take_type(r), max);
}

/* Check the limit before the bytes: a huge claim is refused whether or not the
 * peer can back it. */
static const uint8_t *take_max(struct rd *r, uint64_t len, size_t max,
			       size_t *n)
{
	const uint8_t *p;

	if (r->err == 0 && len > max)
		rd_fail(r, ERR_LIMIT);
	p = take(r, (size_t)len);
	*n = p == NULL ? 0 : (size_t)len;
	return p;
}

static const uint8_t *bin_of(struct rd *r, uint8_t type, size_t max, size_t *n)
{
	uint64_t len = 0;

	if (type == MP_BIN8)
		len = take_be(r, 1, 0);
	else if (type == MP_BIN16)
		len = take_be(r, 2, 0x100);
	else if (type == MP_BIN32)
		len = take_be(r, 4, 0x10000);
	else
		rd_fail(r, ERR_FORMAT);
	return take_max(r, len, max, n);
}

const uint8_t *rd_bin(struct rd *r, size_t max, size_t *n)
{
	return bin_of(r, take_type(r), max, n);
}

void rd_fixed(struct rd *r, void *out, size_t n)
{
	const uint8_t *p;
	size_t got;

	/* Keys, ids and signatures, whole and where they should be. */
	if (n < 256 && r->n >= n + 2 && r->p[0] == MP_BIN8 && r->p[1] == n) {
		memcpy(out, r->p + 2, n);
		r->p += n + 2;
		r->n -= n + 2;
		return;
	}
	p = rd_bin(r, n, &got);
	if (p != NULL && got != n) {
		rd_fail(r, ERR_FORMAT);
		p = NULL;
	}
	if (p != NULL)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

static const char *text_of(struct rd *r, uint8_t type, size_t max, size_t *n)
{
	uint64_t len = 0;
	const uint8_t *p;

	if (type >= MP_FIXSTR && type < MP_NIL)
		len = type - MP_FIXSTR;
	else if (type == MP_STR8)
		len = take_be(r, 1, 32);
	else if (type == MP_STR16)
		len = take_be(r, 2, 0x100);
	else if (type == MP_STR32)
		len = take_be(r, 4, 0x10000);
	else
		rd_fail(r, ERR_FORMAT);
	p = take_max(r, len, max, n);
	if (p != NULL && !utf8_is_valid((const char *)p, *n)) {
		rd_fail(r, ERR_FORMAT);
		*n = 0;
		return NULL;
	}
	return (const char *)p;
}

const char *rd_text(struct rd *r, size_t max, size_t *n)
{
	return text_of(r, take_type(r), max, n);
}

void rd_plain(struct rd *r, char *out, size_t max)
{
	size_t n;
	const char *p = rd_text(r, max, &n);

	if (p != NULL && !utf8_is_plain(p, n)) {
		rd_fail(r, ERR_FORMAT);
		p = NULL;
	}
	if (p != NULL)
		memcpy(out, p, n);
	out[p != NULL ? n : 0] = '\0';
}

bool rd_nil(struct rd *r)
{
	if (r->err != 0 || r->n == 0 || *r->p != MP_NIL)
		return false;
	r->p++;
	r->n--;
	return true;
}

static void skip_map(struct rd *r, uint8_t type, unsigned depth)
{
	uint32_t n = map_of(r, type, UINT32_MAX);
	uint64_t before = 0;

	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		uint64_t key = rd_uint(r, UINT64_MAX);

		if (i > 0 && key <= before)
			rd_fail(r, ERR_FORMAT);
		before = key;
		rd_skip(r, depth);
	}
}

/* Recursion is bounded by depth, which the callers take from limit.h. */
void rd_skip(struct rd *r, unsigned depth)
{
	uint8_t type = take_type(r);
	size_t n;

	if (r->err != 0)
		return;
	if (type < MP_FIXMAP || (type >= MP_UINT8 && type <= MP_UINT64)) {
		uint_of(r, type);
	} else if (type >= MP_BIN8 && type <= MP_BIN32) {
		bin_of(r, type, SIZE_MAX, &n);
	} else if ((type >= MP_FIXSTR && type < MP_NIL) ||
		   (type >= MP_STR8 && type <= MP_STR32)) {
		text_of(r, type, SIZE_MAX, &n);
	} else if (depth == 0) {
		rd_fail(r, ERR_FORMAT);
	} else if (type < MP_FIXARRAY || type >= MP_MAP16) {
		skip_map(r, type, depth - 1);
	} else {
		uint32_t k = array_of(r, type, UINT32_MAX);

		for (uint32_t i = 0; i < k && r->err == 0; i++)
			rd_skip(r, depth - 1);
	}
}

/* A string, of bytes or of text, behind its type. */
static const uint8_t *string_again(struct rd *r, uint8_t type, size_t *n)
{
	if (type < MP_NIL)
		*n = type - MP_FIXSTR;
	else
		*n = (size_t)take_be(
			r, 1U << (type - (type < MP_STR8 ? MP_BIN8 : MP_STR8)),
			0);
	return take(r, *n);
}

/* A text of less than 32 bytes, or bytes of less than 256; r is not empty. */
static bool short_again(struct rd *r, const uint8_t **p, size_t *n)
{
	size_t head = *r->p == MP_BIN8 ? 2 : 1, len;

	if (*r->p >= MP_FIXSTR && *r->p < MP_NIL)
		len = *r->p - MP_FIXSTR;
	else if (head == 2 && r->n >= head)
		len = r->p[1];
	else
		return false;
	if (len > r->n - head)
		return false;
	*p = r->p + head;
	*n = len;
	r->p += head + len;
	r->n -= head + len;
	return true;
}

/* How many values stand in the container of this type. */
static uint64_t inside(struct rd *r, uint8_t type)
{
	if (type < MP_FIXARRAY)
		return 2U * (type - MP_FIXMAP);
	if (type < MP_FIXSTR)
		return type - MP_FIXARRAY;
	if (type < MP_MAP16)
		return take_be(r, type == MP_ARRAY16 ? 2 : 4, 0);
	return 2 * take_be(r, type == MP_MAP16 ? 2 : 4, 0);
}

const uint8_t *rd_again(struct rd *r, size_t *n)
{
	const uint8_t *p = NULL;

	/* Nearly all strings are short ones: texts, keys, ids. */
	if (r->n > 0 && short_again(r, &p, n))
		return p;
	*n = 0;
	/* Every value takes at least one byte, so this ends. */
	for (uint64_t left = 1; left > 0 && r->err == 0; left--) {
		uint8_t type = take_type(r);

		if (type < MP_FIXMAP || type == MP_NIL)
			continue;
		if (type >= MP_UINT8 && type <= MP_UINT64)
			take(r, 1U << (type - MP_UINT8));
		else if (type < MP_FIXSTR || type >= MP_ARRAY16)
			left += inside(r, type);
		else
			p = string_again(r, type, n);
	}
	if (r->err != 0)
		*n = 0;
	return r->err != 0 ? NULL : p;
}

int rd_end(const struct rd *r)
{
	if (r->err != 0)
		return r->err;
	return r->n == 0 ? 0 : ERR_FORMAT;
}
