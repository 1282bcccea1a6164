#include "node/text/parse.h"

#include "crypto/err.h"
#include "proto/form.h"

#include <stdio.h>
#include <string.h>

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

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t blanks(const char *p)
{
	size_t n = 0;

	while (is_blank(p[n]))
		n++;
	return n;
}

/* The number in n digits; ERR_LIMIT above max, which is below 2^63. */
static int number(uint64_t *out, uint64_t max, const char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t digit = (uint64_t)(p[i] - '0');

		if (v > (max - digit) / 10)
			return ERR_LIMIT;
		v = 10 * v + digit;
	}
	*out = v;
	return 0;
}

int parse_uint(uint64_t *out, uint64_t max, const char *text)
{
	size_t sign = text[0] == '-' ? 1 : 0;
	size_t n = digits(text + sign);

	if (n == 0 || text[sign + n] != '\0')
		return ERR_FORMAT;
	if (sign != 0)
		return ERR_LIMIT;
	return number(out, max, text, n);
}

int parse_qty(uint64_t *out, const char *text)
{
	uint64_t v;
	int err = parse_uint(&v, LIMIT_QTY, text);

	if (err == 0 && v == 0)
		err = ERR_LIMIT;
	if (err == 0)
		*out = v;
	return err;
}

int parse_item(char out[static LIMIT_ITEM + 1], const char *text)
{
	size_t n = strlen(text);

	if (!item_is_valid(text, n))
		return ERR_FORMAT;
	memcpy(out, text, n + 1);
	return 0;
}

int parse_label(char out[static LIMIT_LABEL + 1], const char *text)
{
	size_t n = strlen(text);

	if (!label_is_valid(text, n))
		return ERR_FORMAT;
	memcpy(out, text, n + 1);
	return 0;
}

int parse_place(char out[static LIMIT_PLACE + 1], const char *text)
{
	char upper[LIMIT_PLACE + 1];
	size_t n = strlen(text);

	if (n > LIMIT_PLACE)
		return ERR_FORMAT;
	for (size_t i = 0; i < n; i++)
		upper[i] = text[i] >= 'a' && text[i] <= 'z'
				   ? (char)(text[i] - 'a' + 'A')
				   : text[i];
	if (!place_is_valid(upper, n))
		return ERR_FORMAT;
	memcpy(out, upper, n);
	out[n] = '\0';
	return 0;
}

static int line_of(struct goods *out, const char *qty, const char *item)
{
	struct goods g;
	int err = parse_item(g.item, item);

	if (err == 0)
		err = parse_uint(&g.qty, LIMIT_QTY, qty);
	if (err == 0)
		*out = g;
	return err;
}

int parse_line(struct goods *out, const char *text)
{
	char qty[24];
	char item[LIMIT_ITEM + 1];
	size_t n = strcspn(text, " \t");
	const char *rest = text + n + blanks(text + n);
	size_t item_n = strcspn(rest, " \t");

	if (n == 0 || n >= sizeof(qty) || item_n == 0 || item_n > LIMIT_ITEM ||
	    rest[item_n] != '\0')
		return ERR_FORMAT;
	memcpy(qty, text, n);
	qty[n] = '\0';
	memcpy(item, rest, item_n);
	item[item_n] = '\0';
	return line_of(out, qty, item);
}

int parse_lines(struct goods out[static LIMIT_LINES], size_t *n,
		const char *const *arg, size_t arg_n, size_t *bad)
{
	size_t count = 0;

	for (size_t i = 0; i < arg_n; count++) {
		bool is_whole = strpbrk(arg[i], " \t") != NULL;
		int err = ERR_FORMAT;

		if (count == LIMIT_LINES)
			err = ERR_LIMIT;
		else if (is_whole)
			err = parse_line(&out[count], arg[i]);
		else if (i + 1 < arg_n)
			err = line_of(&out[count], arg[i], arg[i + 1]);
		if (err != 0) {
			*bad = i;
			return err;
		}
		i += is_whole ? 1 : 2;
	}
	*n = count;
	return 0;
}

/* How many digits the minor unit of a currency has (ISO 4217). */
static unsigned exponent(const char *currency)
{
	static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF "
				   "UGX UYI VND VUV XAF XOF XPF ";
	static const char three[] = "BHD IQD JOD KWD LYD OMR TND ";

	if (strstr(none, currency) != NULL)
		return 0;
	return strstr(three, currency) != NULL ? 3 : 2;
}

static int amount(struct money *out, const char *text, uint64_t least)
{
	size_t sign = text[0] == '-' ? 1 : 0;
	const char *p = text + sign;
	size_t whole = digits(p);
	size_t rest = 0;
	const char *at = p + whole;
	const char *after = NULL;
	struct money m;
	unsigned exp;
	bool is_minor = false;
	int err;

	if (*at == '.' || *at == ',') {
		after = at + 1;
		rest = digits(after);
		at = after + rest;
	} else if (*at == 'c') {
		is_minor = true;
		at++;
	}
	if (whole == 0 || (after != NULL && rest == 0) || blanks(at) == 0)
		return ERR_FORMAT;
	at += blanks(at);
	if (!currency_is_valid(at, strlen(at)))
		return ERR_FORMAT;
	memcpy(m.currency, at, 4);
	exp = exponent(m.currency);
	if (rest > exp)
		return ERR_FORMAT;
	if (sign != 0)
		return ERR_LIMIT;
	err = number(&m.minor, LIMIT_QTY, p, whole);
	for (unsigned i = 0; err == 0 && !is_minor && i < exp; i++) {
		m.minor = 10 * m.minor +
			  (i < rest ? (uint64_t)(after[i] - '0') : 0);
		if (m.minor > LIMIT_QTY)
			err = ERR_LIMIT;
	}
	if (err == 0 && m.minor < least)
		err = ERR_LIMIT;
	if (err == 0)
		*out = m;
	return err;
}

int parse_money(struct money *out, const char *text)
{
	return amount(out, text, 1);
}

int parse_balance(struct money *out, const char *text)
{
	return amount(out, text, 0);
}

void money_plain(char out[static MONEY_SIZE], int64_t minor,
		 const char *currency)
{
	unsigned exp = exponent(currency);
	/* Of INT64_MIN too, whose opposite is no int64_t. */
	uint64_t v = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
	uint64_t unit = 1;
	const char *sign = minor < 0 ? "-" : "";

	for (unsigned i = 0; i < exp; i++)
		unit *= 10;
	if (exp == 0)
		snprintf(out, MONEY_SIZE, "%s%llu", sign,
			 (unsigned long long)v);
	else
		snprintf(out, MONEY_SIZE, "%s%llu.%0*llu", sign,
			 (unsigned long long)(v / unit), (int)exp,
			 (unsigned long long)(v % unit));
}

void money_text(char out[static MONEY_SIZE], const struct money *m)
{
	size_t n;

	money_plain(out, (int64_t)m->minor, m->currency);
	n = strlen(out);
	snprintf(out + n, MONEY_SIZE - n, " %s", m->currency);
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int parse_bytes(void *out, size_t n, const char *text)
{
	uint8_t *p = out;

	if (strlen(text) != 2 * n)
		return ERR_FORMAT;
	for (size_t i = 0; i < 2 * n; i++)
		if (hex_value(text[i]) < 0)
			return ERR_FORMAT;
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(hex_value(text[2 * i]) << 4 |
				 hex_value(text[2 * i + 1]));
	return 0;
}

bool place_is_under(const char *place, const char *in)
{
	size_t n = strlen(in);

	return strncmp(place, in, n) == 0 &&
	       (place[n] == '\0' || (n == 2 && place[n] == '-'));
}
