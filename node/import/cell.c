#include "node/import/cell.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "proto/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The blank at p: its bytes, 0 when there is none. */
static size_t blank(const char *p, size_t n)
{
	if (n >= 1 && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		return 1;
	if (n >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
		return 2;
	return n >= 3 && memcmp(p, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

static size_t blank_before(const char *p, size_t n)
{
	for (size_t len = 1; len <= 3 && len <= n; len++)
		if (blank(p + n - len, len) == len)
			return len;
	return 0;
}

int cell_trim(char out[static CELL_MAX], const char *text, size_t n,
	      struct reason *why)
{
	size_t step;

	while ((step = blank(text, n)) > 0) {
		text += step;
		n -= step;
	}
	while ((step = blank_before(text, n)) > 0)
		n -= step;
	if (n >= CELL_MAX)
		return reason_set(why, ERR_LIMIT, _("a cell is too long"));
	memcpy(out, text, n);
	out[n] = '\0';
	return 0;
}

void cell_lower(char *out, const char *text)
{
	for (; *text != '\0'; text++)
		*out++ = *text >= 'A' && *text <= 'Z'
				 ? (char)(*text - 'A' + 'a')
				 : *text;
	*out = '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(const char *p)
{
	size_t n = 0;

	while (is_digit(p[n]))
		n++;
	return n;
}

enum { NUMBER = 40 }; /* digits that a number may have at most, and NUL */

/* "1 234,50" as "1234" and "50"; what follows, or NULL if it is no number. */
static const char *number(char whole[static NUMBER], char part[static NUMBER],
			  const char *p, char decimal)
{
	size_t n = digits(p);
	size_t used = n;
	bool is_grouped = n <= 3;

	if (n == 0 || n >= NUMBER)
		return NULL;
	memcpy(whole, p, n);
	for (p += n; is_grouped; p += n) {
		size_t gap = blank(p, strlen(p));

		is_grouped =
			gap > 0 && digits(p + gap) == 3 && used + 3 < NUMBER;
		n = is_grouped ? gap + 3 : 0;
		if (is_grouped)
			memcpy(whole + used, p + gap, 3);
		used += is_grouped ? 3 : 0;
	}
	whole[used] = '\0';
	part[0] = '\0';
	if (*p != decimal)
		return p;
	n = digits(++p);
	if (n == 0 || n >= NUMBER)
		return NULL;
	memcpy(part, p, n);
	part[n] = '\0';
	return p + n;
}

static int no_number(struct reason *why, const char *text)
{
	if (*text == '\0')
		return reason_set(why, ERR_FORMAT, _("the quantity is empty"));
	return reason_set(why, ERR_FORMAT, _("\"%.60s\" is not a number"),
			  text);
}

int cell_qty(uint64_t *out, const char *text, char decimal, uint64_t min,
	     uint64_t max, struct reason *why)
{
	bool is_negative = *text == '-';
	char whole[NUMBER];
	char part[NUMBER];
	const char *end = number(whole, part, text + is_negative, decimal);
	uint64_t v;
	int err;

	if (end == NULL || *end != '\0')
		return no_number(why, text);
	if (part[strspn(part, "0")] != '\0')
		return reason_set(why, ERR_FORMAT,
				  _("%.60s is not a whole number"), text);
	err = parse_uint(&v, max, whole);
	if (is_negative && (err != 0 || v > 0))
		return reason_set(why, ERR_LIMIT,
				  _("%.60s is a negative quantity"), text);
	if (err != 0)
		return reason_set(why, ERR_LIMIT,
				  _("%.60s is above the limit of %llu"), text,
				  (unsigned long long)max);
	if (v < min)
		return reason_set(why, ERR_LIMIT, _("the quantity is zero"));
	*out = v;
	return 0;
}

int cell_money(char *out, size_t size, const char *text, char decimal,
	       const char *currency, struct reason *why)
{
	char whole[NUMBER];
	char part[NUMBER];
	const char *end = number(whole, part, text, decimal);

	if (end != NULL && *end != '\0') {
		end += blank(end, strlen(end));
		currency = strcmp(end, "\xe2\x82\xac") == 0 ? "EUR" : end;
	}
	if (end != NULL && *currency == '\0')
		return reason_set(why, ERR_FORMAT,
				  _("\"%.60s\" has no currency"), text);
	if (end == NULL || !currency_is_valid(currency, strlen(currency)))
		return reason_set(why, ERR_FORMAT,
				  _("\"%.60s\" is not an amount"), text);
	snprintf(out, size, "%s%s%s %s", whole, *part != '\0' ? "." : "", part,
		 currency);
	return 0;
}

int cell_sign(const char **bare, const char *text, char decimal)
{
	char whole[NUMBER];
	char part[NUMBER];
	bool is_minus = *text == '-' || strncmp(text, "\xe2\x88\x92", 3) == 0;
	const char *p = text;

	p += *p == '-' || *p == '+' ? 1 : is_minus ? 3 : 0;
	while (blank(p, strlen(p)) > 0)
		p += blank(p, strlen(p));
	if (bare != NULL)
		*bare = p;
	if (*text == '\0')
		return 0;
	if (number(whole, part, p, decimal) == NULL)
		return 2;
	if (whole[strspn(whole, "0")] == '\0' &&
	    part[strspn(part, "0")] == '\0')
		return 0;
	return is_minus ? -1 : 1;
}

/* What a date is made of, -1 where the format does not say. */
struct date {
	int year, month, day, hour, minute, second;
	char offset[8];
};

/* 1 or 2 digits, or exactly `exact` of them. */
static const char *take(int *out, const char *p, size_t exact)
{
	size_t n = digits(p);

	if (exact > 0 ? n < exact : n == 0)
		return NULL;
	n = exact > 0 ? exact : n > 2 ? 2 : n;
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out = 10 * *out + (p[i] - '0');
	return p + n;
}

static const char *take_offset(struct date *d, const char *p)
{
	size_t n = strlen(p);

	if (n == 0 || n >= sizeof(d->offset))
		return NULL;
	memcpy(d->offset, p, n + 1);
	return p + n;
}

/* One conversion of a format; NULL when the text is otherwise, or there is no
 * such conversion. */
static const char *convert(struct date *d, char conversion, const char *p)
{
	switch (conversion) {
	case 'Y':
		return take(&d->year, p, 4);
	case 'y':
		p = take(&d->year, p, 2);
		if (p != NULL)
			d->year += d->year < 69 ? 2000 : 1900;
		return p;
	case 'm':
		return take(&d->month, p, 0);
	case 'd':
		return take(&d->day, p, 0);
	case 'H':
		return take(&d->hour, p, 0);
	case 'M':
		return take(&d->minute, p, 0);
	case 'S':
		return take(&d->second, p, 0);
	case 'z':
		return take_offset(d, p);
	case '%':
		return *p == '%' ? p + 1 : NULL;
	}
	return NULL;
}

static bool by_format(struct date *d, const char *p, const char *format)
{
	for (; *format != '\0' && p != NULL; format++) {
		if (*format == '%')
			p = convert(d, *++format, p);
		else
			p = *p == *format ? p + 1 : NULL;
	}
	return p != NULL && *p == '\0';
}

int cell_time(uint64_t *out, const char *text, const char *format,
	      struct reason *why)
{
	struct date d = { 0, 0, 0, 0, 0, 0, "" };
	char iso[64];
	int err;

	if (*text == '\0')
		return reason_set(why, ERR_FORMAT, _("the date is missing"));
	if (format == NULL) {
		err = parse_time(out, text);
	} else if (by_format(&d, text, format)) {
		snprintf(iso, sizeof(iso), "%04d-%02d-%02dT%02d:%02d:%02d%s",
			 d.year, d.month, d.day, d.hour, d.minute, d.second,
			 d.offset);
		err = parse_time(out, iso);
	} else {
		err = ERR_FORMAT;
	}
	if (err == ERR_LIMIT)
		return reason_set(why, err, _("%.60s is a date before 1970"),
				  text);
	if (err != 0)
		return reason_set(why, err,
				  _("\"%.60s\" is not a possible date"), text);
	return 0;
}

bool cell_format_is_valid(const char *format)
{
	static const char known[] = "YymdHMSz%";
	unsigned seen[sizeof(known)] = { 0 };

	for (; *format != '\0'; format++) {
		const char *at;

		if (*format != '%')
			continue;
		at = *++format != '\0' ? strchr(known, *format) : NULL;
		if (at == NULL)
			return false;
		seen[at - known]++;
		/* %z takes the rest of the cell. */
		if (*format == 'z' && format[1] != '\0')
			return false;
	}
	return seen[0] + seen[1] == 1 && seen[2] == 1 && seen[3] == 1 &&
	       seen[4] <= 1 && seen[5] <= 1 && seen[6] <= 1;
}
