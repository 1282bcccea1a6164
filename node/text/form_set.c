#include "node/text/form.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "proto/calendar.h"
#include "proto/form.h"
#include "proto/rd.h"

#include <stdio.h>
#include <string.h>

enum { DATE_TEXT = 10 }; /* characters of 2020-05-01 */

/* What is being set, and where a sentence goes. */
struct setting {
	struct form *form;
	struct desk *desk;
	const struct fact_rule *rule;
	const char *text;
	const char *name; /* what the person calls it */
	struct reason *why;
};

static int refuse(const struct setting *s, int err, const char *what)
{
	return reason_set(s->why, err, "%s: '%s' %s", s->name, s->text, what);
}

/* The least that says something: it may be that nothing was rejected, while who
 * drove for no kilometre gave none. */
static uint64_t least(const struct setting *s)
{
	return s->rule->key == FACT_REJECTED ? 0 : 1;
}

static int set_uint(const struct setting *s)
{
	uint64_t v;
	int err = parse_uint(&v, s->rule->max, s->text);

	if (err == 0 && v < least(s))
		err = ERR_LIMIT;
	if (err == ERR_FORMAT)
		return refuse(s, err, _("is not a whole number"));
	if (err != 0)
		return reason_set(s->why, err,
				  _("%s: '%s' is not from %d to %llu"), s->name,
				  s->text, (int)least(s),
				  (unsigned long long)s->rule->max);
	return form_uint(s->form, s->rule->key, v);
}

static int set_time(const struct setting *s)
{
	uint64_t ms;
	int err = parse_time(&ms, s->text);

	if (err != 0)
		return refuse(
			s, err,
			_("is not a date or an ISO 8601 time of 1970 to 9999"));
	/* Until a day is until that day ends, and not until it begins. */
	if (s->rule->key == FACT_UNTIL && strlen(s->text) == DATE_TEXT)
		ms += DAY_MS - 1;
	return form_uint(s->form, s->rule->key, ms);
}

static int set_word(const struct setting *s)
{
	int i = word_index(s->rule->key, s->text, strlen(s->text));
	char words[256] = "";
	size_t at = 0;

	if (i >= 0)
		return form_uint(s->form, s->rule->key, (uint64_t)i);
	for (i = 0; s->rule->word[i] != NULL && at < sizeof(words); i++)
		at += (size_t)snprintf(words + at, sizeof(words) - at, "%s%s",
				       i == 0 ? "" : ", ", s->rule->word[i]);
	return reason_set(s->why, ERR_FORMAT, _("%s: '%s' is none of: %s"),
			  s->name, s->text, words);
}

/* scheme://rest, without blanks */
static bool is_url(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+.-");

	return n > 0 && strncmp(text + n, "://", 3) == 0 &&
	       text[n + 3] != '\0' && strpbrk(text, " \"<>") == NULL;
}

static int set_text(const struct setting *s)
{
	size_t n = strlen(s->text);

	if (n == 0 || !utf8_is_plain(s->text, n))
		return refuse(s, ERR_FORMAT,
			      _("is empty, or holds characters that cannot be "
				"shown"));
	if (n > s->rule->max)
		return reason_set(s->why, ERR_LIMIT,
				  _("%s is longer than %llu bytes"), s->name,
				  (unsigned long long)s->rule->max);
	if (s->rule->key == FACT_LINK && !is_url(s->text))
		return refuse(s, ERR_FORMAT,
			      _("is not a link, like https://example.org/v30"));
	return form_text(s->form, s->rule->key, s->text);
}

static int set_label(const struct setting *s)
{
	if (!label_is_valid(s->text, strlen(s->text)))
		return refuse(s, ERR_FORMAT,
			      _("is not a label: 1 to 32 letters, digits, '.', "
				"'_', '-'"));
	return form_text(s->form, s->rule->key, s->text);
}

static int set_item(const struct setting *s)
{
	if (!item_is_valid(s->text, strlen(s->text)))
		return refuse(
			s, ERR_FORMAT,
			_("is not an item in small letters, like visor or "
			  "visor/v30"));
	return form_text(s->form, s->rule->key, s->text);
}

static int set_place(const struct setting *s)
{
	char place[LIMIT_PLACE + 1];

	if (parse_place(place, s->text) != 0)
		return refuse(s, ERR_FORMAT,
			      _("is not a place, like FR or FR-88"));
	return form_text(s->form, s->rule->key, place);
}

static int set_period(const struct setting *s)
{
	struct period p;
	int err = parse_period(&p, s->text);

	if (err != 0)
		return refuse(
			s, err,
			_("is not a period, like 2020, 2020-Q2 or 2020-04"));
	return form_text(s->form, s->rule->key, p.text);
}

static int set_hex(const struct setting *s, size_t n)
{
	uint8_t bytes[64];
	int err = parse_bytes(bytes, n, s->text);

	if (err != 0)
		return reason_set(s->why, err,
				  _("%s: '%s' is not %zu hex digits"), s->name,
				  s->text, 2 * n);
	return form_bytes(s->form, s->rule->key, bytes, n);
}

static int set_id(const struct setting *s)
{
	struct ref_found found;
	int err;

	if (s->desk == NULL)
		return set_hex(s, ID_SIZE);
	err = ref_resolve(&found, s->desk, s->text, s->why);
	return err != 0
		       ? err
		       : form_bytes(s->form, s->rule->key, found.id.b, ID_SIZE);
}

static int set_party(const struct setting *s)
{
	struct party p;
	int err = party_of(&p, s->desk, s->text, s->why);

	if (err == 0 && p.is_member && s->rule->key == FACT_FOR)
		return refuse(s, ERR_FORMAT,
			      _("is a member, who keeps a book of its own; "
				"write =NAME or ~NAME"));
	return err != 0 ? err : form_party(s->form, s->rule->key, &p);
}

/* "50 visor, 2 clip" */
static int set_lines(const struct setting *s)
{
	struct goods goods[LIMIT_LINES];
	const char *p = s->text;
	size_t n = 0;
	int err = 0;

	while (err == 0) {
		char one[LIMIT_ITEM + 32];
		size_t len = strcspn(p, ",");

		if (len >= sizeof(one) || n == LIMIT_LINES)
			return refuse(s, ERR_LIMIT, _("is too long a list"));
		memcpy(one, p, len);
		one[len] = '\0';
		err = parse_line(&goods[n++], one);
		if (p[len] == '\0')
			break;
		p += len + 1;
		p += strspn(p, " ");
	}
	if (err == 0)
		err = form_lines(s->form, s->rule->key, goods, n);
	if (err == ERR_LIMIT)
		return reason_set(s->why, err,
				  _("%s: '%s': quantities are from 1 to %llu, "
				    "all together too"),
				  s->name, s->text,
				  (unsigned long long)LIMIT_QTY);
	if (err != 0)
		return refuse(
			s, err,
			_("is not a list of goods, like \"50 visor, 2 clip\""));
	return 0;
}

static int set_money(const struct setting *s)
{
	bool may_be_zero = s->rule->type == TYPE_MONEY0;
	struct money m;
	int err = may_be_zero ? parse_balance(&m, s->text)
			      : parse_money(&m, s->text);

	if (err == 0)
		return form_money(s->form, s->rule->key, &m);
	if (err != ERR_LIMIT)
		return refuse(s, err,
			      _("is not an amount, like 50 EUR or 12.50 EUR"));
	if (s->text[0] == '-')
		return refuse(s, err, _("is below zero"));
	if (parse_balance(&m, s->text) == 0)
		return refuse(s, err, _("is zero"));
	return reason_set(s->why, err,
			  _("%s: '%s' is more than %llu minor units (cents)"),
			  s->name, s->text, (unsigned long long)LIMIT_QTY);
}

static int refuse_type(const struct setting *s)
{
	return reason_set(s->why, ERR_FORMAT, _("%s cannot be written as text"),
			  s->name);
}

static int set(const struct setting *s)
{
	switch (s->rule->type) {
	case TYPE_UINT:
		return set_uint(s);
	case TYPE_TIME:
		return set_time(s);
	case TYPE_WORD:
		return set_word(s);
	case TYPE_TEXT:
		return set_text(s);
	case TYPE_LABEL:
		return set_label(s);
	case TYPE_ITEM:
		return set_item(s);
	case TYPE_PLACE:
		return set_place(s);
	case TYPE_PERIOD:
		return set_period(s);
	case TYPE_TAG:
		return s->rule->key == FACT_FOR ? set_party(s)
						: set_hex(s, TAG_SIZE);
	case TYPE_ID:
		return set_id(s);
	case TYPE_KEY:
	case TYPE_SHA:
		return set_hex(s, ID_SIZE);
	case TYPE_SIG:
		return set_hex(s, SIG_SIZE);
	case TYPE_PARTY:
		return set_party(s);
	case TYPE_LINES:
	case TYPE_LINES0:
		return set_lines(s);
	case TYPE_MONEY:
	case TYPE_MONEY0:
		return set_money(s);
	case TYPE_BYTES:
	case TYPE_POSITION:
	case TYPE_POSITIONS:
	case TYPE_IDS:
	case TYPE_KEYS:
	case TYPE_ADDRESSES:
	case TYPE_FACTS:
		return refuse_type(s);
	}
	return refuse_type(s);
}

int form_set(struct form *f, struct desk *d, enum fact fact, const char *text,
	     struct reason *why)
{
	const struct fact_rule *rule = fact_rule(fact);
	struct setting s = { .form = f,
			     .desk = d,
			     .rule = rule,
			     .text = text,
			     .name = f->called != NULL ? f->called : rule->name,
			     .why = why };
	int err = set(&s);

	/* Only the form itself refuses without a sentence: it is full. */
	if (err == ERR_LIMIT && why != NULL && why->text[0] == '\0')
		return refuse(&s, err, _("makes the record too long"));
	return err;
}
