#include "node/text/personal.h"

#include "crypto/err.h"
#include "node/text/compat.h"
#include "node/text/i18n.h"
#include "proto/limit.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Bytes above ASCII are letters of some script. */
static bool is_word(char c)
{
	return is_digit(c) || is_letter(c) || (c & 0x80) != 0;
}

static bool is_local(char c)
{
	return is_word(c) || (c != '\0' && strchr("._%+-", c) != NULL);
}

/* The host after an @: labels, and a last one of two letters at least. */
static bool is_host(const char *p, size_t n)
{
	size_t i = 0, label = 0, letters = 0;
	bool has_dot = false;

	for (; i < n && (is_word(p[i]) || p[i] == '-' || p[i] == '.'); i++) {
		if (p[i] == '.') {
			if (label == 0)
				return false;
			if (i + 1 == n || !is_word(p[i + 1]))
				break;
			has_dot = true;
			label = letters = 0;
			continue;
		}
		label++;
		letters += !is_digit(p[i]);
	}
	return has_dot && letters >= 2;
}

/* Apart from its @ a host is only what ends in letters and is not a price: "3
 * @ 2.50EUR", "12 @ 5.kg". */
static bool is_apart(const char *p, size_t n)
{
	size_t i = 0, last = 0;

	if (n == 0 || !is_letter(p[0]) || !is_host(p, n))
		return false;
	for (; i < n && (is_word(p[i]) || p[i] == '-' || p[i] == '.'); i++)
		if (p[i] == '.' && i + 1 < n && is_word(p[i + 1]))
			last = i + 1;
	while (last < n && is_letter(p[last]))
		last++;
	return last == n || !is_word(p[last]);
}

static bool has_email(const char *p, size_t n)
{
	for (size_t i = 1; i + 1 < n; i++) {
		size_t before = i - (i > 1 && p[i - 1] == ' ');
		size_t after = i + 1 + (p[i + 1] == ' ');

		if (p[i] != '@' || !is_local(p[before - 1]))
			continue;
		if (before == i && after == i + 1
			    ? is_host(p + after, n - after)
			    : is_apart(p + after, n - after))
			return true;
	}
	return false;
}

static bool is_between(char c)
{
	return c == ' ' || c == '.' || c == '-' || c == '/';
}

/* Five pairs of digits, the first of them 01 to 09, all or none apart. */
static bool is_french(const char *p, size_t n, bool is_code)
{
	size_t step = n > 2 && is_between(p[2]) ? 3 : 2;

	if ((is_code && step == 2) || n < 4 * step + 2 || p[0] != '0' ||
	    p[1] == '0')
		return false;
	for (size_t i = 0; i < 5; i++) {
		const char *pair = p + i * step;

		if (!is_digit(pair[0]) || !is_digit(pair[1]) ||
		    (i > 0 && step == 3 && !is_between(pair[-1])))
			return false;
	}
	return n == 4 * step + 2 || !is_word(p[4 * step + 2]);
}

/* Eight to fifteen digits after a + or 0033. */
static bool is_international(const char *p, size_t n)
{
	size_t digits = 0, i;

	if (p[0] != '+' && (n < 4 || memcmp(p, "0033", 4) != 0))
		return false;
	for (i = p[0] == '+'; i < n; i++) {
		if (is_digit(p[i]))
			digits++;
		else if (!is_between(p[i]) && p[i] != '(' && p[i] != ')')
			break;
	}
	return digits >= 8 && digits <= 15;
}

static bool has_phone(const char *p, size_t n, bool is_code)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (is_word(p[i - 1]) || p[i - 1] == '+'))
			continue;
		if (is_french(p + i, n - i, is_code) ||
		    is_international(p + i, n - i))
			return true;
	}
	return false;
}

/* ISO 13616: with its first four characters last, and letters as 10 to 35, the
 * number is 1 modulo 97. */
static bool is_iban(const char *p, size_t n)
{
	char all[34];
	size_t len = 0;
	unsigned rest = 0;

	for (size_t i = 0; i < n && len < sizeof(all); i++) {
		if (p[i] == ' ' && len % 4 == 0 && len > 0)
			continue;
		if (!is_digit(p[i]) && !is_letter(p[i]))
			break;
		all[len++] = (char)(is_letter(p[i]) ? p[i] & ~0x20 : p[i]);
	}
	if (len < 15 || !is_letter(all[0]) || !is_letter(all[1]) ||
	    !is_digit(all[2]) || !is_digit(all[3]))
		return false;
	/* Words may follow: any length at which it adds up will do. */
	for (size_t end = len; end >= 15; end--) {
		rest = 0;
		for (size_t i = 0; i < end; i++) {
			char c = all[(i + 4) % end];

			rest = is_digit(c)
				       ? rest * 10 + (unsigned)(c - '0')
				       : rest * 100 + (unsigned)(c - 'A') + 10;
			rest %= 97;
		}
		if (rest == 1)
			return true;
		if (n == len)
			break; /* nothing follows: this is all of it */
	}
	return false;
}

static bool has_iban(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((i == 0 || !is_word(p[i - 1])) && is_iban(p + i, n - i))
			return true;
	return false;
}

enum personal personal_find(const char *text, size_t n, bool is_code)
{
	char read[LIMIT_ENTRY];

	/* No record holds a longer one. */
	n = compat_fold(read, text, n < sizeof(read) ? n : sizeof(read));
	if (has_email(read, n))
		return PERSONAL_EMAIL;
	if (has_iban(read, n))
		return PERSONAL_IBAN;
	return has_phone(read, n, is_code) ? PERSONAL_PHONE : PERSONAL_NONE;
}

static int refuse(enum personal what, const char *fact, struct reason *why)
{
	switch (what) {
	case PERSONAL_NONE:
		return 0;
	case PERSONAL_EMAIL:
		return reason_set(
			why, ERR_FORMAT,
			_("%s holds an e-mail address, which everybody "
			  "could read for ever: leave it out, or say "
			  "--public"),
			fact);
	case PERSONAL_PHONE:
		return reason_set(why, ERR_FORMAT,
				  _("%s holds a telephone number, which "
				    "everybody could read for ever: leave it "
				    "out, or say --public"),
				  fact);
	case PERSONAL_IBAN:
		return reason_set(why, ERR_FORMAT,
				  _("%s holds a bank account number, which "
				    "everybody could read for ever: leave it "
				    "out, or say --public"),
				  fact);
	}
	return 0;
}

static bool is_sentence(unsigned fact)
{
	return fact == FACT_NAME || fact == FACT_REASON || fact == FACT_PURPOSE;
}

int personal_check(const struct record *rec, struct reason *why)
{
	for (unsigned f = 1; f < FACT_LIMIT; f++) {
		const struct fact_rule *rule = fact_rule(f);
		enum personal what;

		if (rule == NULL || rule->type != TYPE_TEXT ||
		    !record_has(rec, (enum fact)f))
			continue;
		what = personal_find((const char *)rec->v[f].p, rec->v[f].n,
				     !is_sentence(f));
		if (what != PERSONAL_NONE)
			return refuse(what, rule->name, why);
	}
	return 0;
}

int personal_text(const char *what, const char *text, bool is_code,
		  struct reason *why)
{
	return refuse(personal_find(text, strlen(text), is_code), what, why);
}

int personal_name(const char *name, struct reason *why)
{
	return personal_text(name, name, false, why);
}
