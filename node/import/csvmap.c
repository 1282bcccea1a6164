#include "node/import/csvmap.h"

#include "crypto/err.h"
#include "crypto/text.h"
#include "node/file.h"
#include "node/import/cell.h"
#include "node/text/i18n.h"

#include <assert.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

/* What stands for a colon before the equals sign, where inih would take it
 * for the separator: a byte that UTF-8 text does not have. */
#define COLON '\x01'

enum section { NONE, RECORD, CSV, WHEN, COLUMNS, SET, TRANSLATE };

/* A map while it is read: one line at a time goes to inih. */
struct reading {
	struct csvmap *m;
	struct text rest;
	unsigned line; /* the one that inih has now */
	enum section section;
	unsigned seen; /* options, a bit each */
	unsigned what; /* of TRANSLATE */
	size_t pair_max;
	int err;
	unsigned bad; /* the line of err */
	struct reason *why;
};

static int refuse(struct reading *r, int err)
{
	if (r->err == 0) {
		r->err = err;
		r->bad = r->line;
	}
	return 0;
}

static int set_text(struct reading *r, char out[static CSVMAP_LINE + 1],
		    const char *value)
{
	size_t n = strlen(value);

	/* Lines are not longer, so values are not. */
	assert(n <= CSVMAP_LINE);
	if (n == 0)
		return refuse(r, reason_set(r->why, ERR_FORMAT,
					    _("it has no value")));
	memcpy(out, value, n + 1);
	return 1;
}

static int not_one_of(struct reading *r, const char *value, const char *words)
{
	return refuse(r, reason_set(r->why, ERR_FORMAT,
				    _("\"%.60s\" is not one of: %s"), value,
				    words));
}

static int on_kind(struct reading *r, const char *value)
{
	const struct kind_rule *kind = kind_named(value, strlen(value));

	/* A correction names one version and holds the whole new facts of it;
	 * balances follow from all that was read: a row has neither. */
	if (kind != NULL && kind->kind == KIND_CORRECT)
		return refuse(r, reason_set(r->why, ERR_FORMAT,
					    _("a row cannot correct: it does "
					      "not say what it replaces; use "
					      "'maillon correct'")));
	if (kind != NULL && kind->kind == KIND_PERIOD)
		return refuse(r, reason_set(r->why, ERR_FORMAT,
					    _("a row closes no period: its "
					      "balances are worked out; use "
					      "'maillon close'")));
	if (kind == NULL || !kind->is_recorded)
		return refuse(r, reason_set(r->why, ERR_FORMAT,
					    _("\"%.60s\" is no kind of record "
					      "that can be imported"),
					    value));
	r->m->kind = kind;
	return 1;
}

static int on_parties(struct reading *r, const char *value)
{
	r->m->is_public = strcmp(value, "public") == 0;
	if (!r->m->is_public && strcmp(value, "private") != 0)
		return not_one_of(r, value, "private, public");
	return 1;
}

static int on_key(struct reading *r, const char *value)
{
	r->m->key_line = r->line;
	return set_text(r, r->m->key_text, value);
}

static int on_delimiter(struct reading *r, const char *value)
{
	static const struct {
		const char *name;
		char delimiter;
	} known[] = { { "auto", '\0' },     { ",", ',' }, { "comma", ',' },
		      { "semicolon", ';' }, { ";", ';' }, { "tab", '\t' } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(value, known[i].name) == 0) {
			r->m->delimiter = known[i].delimiter;
			return 1;
		}
	}
	return not_one_of(r, value, "auto, comma, semicolon, tab");
}

static int on_decimal(struct reading *r, const char *value)
{
	if (strcmp(value, ".") != 0 && strcmp(value, ",") != 0)
		return not_one_of(r, value, ". ,");
	r->m->decimal = value[0];
	return 1;
}

static int on_encoding(struct reading *r, const char *value)
{
	if (strcmp(value, "utf-8") == 0)
		r->m->encoding = CODEPAGE_UTF8;
	else if (strcmp(value, "windows-1252") == 0)
		r->m->encoding = CODEPAGE_1252;
	else
		return not_one_of(r, value, "utf-8, windows-1252");
	return 1;
}

static int on_date(struct reading *r, const char *value)
{
	if (!cell_format_is_valid(value))
		return refuse(r, reason_set(r->why, ERR_FORMAT,
					    _("\"%.60s\" is no form of a date: "
					      "%%d %%m %%Y, once each, and %%H "
					      "%%M %%S %%y %%z are known"),
					    value));
	return set_text(r, r->m->date, value);
}

/* COLUMN!=VALUE, COLUMN=VALUE, COLUMN>0 or COLUMN<0: where the column ends and
 * where the value begins; NULL for anything else. */
static const char *find_test(enum csvmap_test *test, const char **end,
			     const char *value)
{
	size_t n = strlen(value);

	*end = strchr(value, '=');
	if (*end != NULL) {
		const char *after = *end + 1;

		*test = *end > value && (*end)[-1] == '!' ? ONLY_IS_NOT
							  : ONLY_IS;
		*end -= *test == ONLY_IS_NOT;
		return after;
	}
	if (n < 3 || value[n - 1] != '0' ||
	    (value[n - 2] != '>' && value[n - 2] != '<'))
		return NULL;
	*test = value[n - 2] == '>' ? ONLY_ABOVE : ONLY_BELOW;
	*end = value + n - 2;
	return *end + 1;
}

static int on_only(struct reading *r, const char *value)
{
	struct csvmap_only *only;
	enum csvmap_test test;
	const char *end;
	const char *wanted = find_test(&test, &end, value);
	char cell[CELL_MAX];

	if (wanted == NULL)
		return refuse(r, reason_set(r->why, ERR_FORMAT,
					    _("it should be COLUMN=VALUE, "
					      "COLUMN!=VALUE, COLUMN>0 or "
					      "COLUMN<0")));
	if (r->m->only_n == CSVMAP_ONLY)
		return refuse(r, reason_set(r->why, ERR_FORMAT,
					    _("there are too many of these")));
	only = &r->m->only[r->m->only_n];
	only->test = test;
	if (cell_trim(cell, value, (size_t)(end - value), r->why) != 0 ||
	    set_text(r, only->column_name, cell) == 0)
		return refuse(r, ERR_FORMAT);
	cell_trim(cell, wanted, strlen(wanted), r->why);
	memcpy(only->value, cell, strlen(cell) + 1);
	only->line = r->line;
	r->m->only_n++;
	return 1;
}

static const struct {
	const char *name;
	unsigned sections; /* a bit for each that it may stand in */
	bool may_repeat;
	int (*take)(struct reading *r, const char *value);
} options[] = {
	{ "kind", 1U << RECORD, false, on_kind },
	{ "parties", 1U << RECORD | 1U << CSV, false, on_parties },
	{ "key", 1U << RECORD | 1U << CSV | 1U << COLUMNS, false, on_key },
	{ "delimiter", 1U << RECORD | 1U << CSV, false, on_delimiter },
	{ "decimal", 1U << RECORD | 1U << CSV, false, on_decimal },
	{ "encoding", 1U << RECORD | 1U << CSV, false, on_encoding },
	{ "date", 1U << RECORD | 1U << CSV | 1U << WHEN, false, on_date },
	{ "only", 1U << WHEN, true, on_only },
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

/* What a name in [columns] and [set] is; 0 when it is nothing. */
static unsigned what_named(const char *name, size_t n)
{
	static const struct {
		const char *name;
		unsigned what;
	} own[] = { { "item", MAP_ITEM },
		    { "quantity", MAP_QUANTITY },
		    { "qty", MAP_QUANTITY },
		    { "currency", MAP_CURRENCY } };
	const struct fact_rule *fact;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strlen(own[i].name) == n &&
		    memcmp(own[i].name, name, n) == 0)
			return own[i].what;
	fact = fact_named(name, n);
	return fact != NULL ? fact->key : 0;
}

static int unknown(struct reading *r, const char *name)
{
	return refuse(r, reason_set(r->why, ERR_FORMAT,
				    _("\"%.60s\" is not known here"), name));
}

static int on_fact(struct reading *r, const char *name, const char *value)
{
	struct csvmap_fact *f = &r->m->fact[r->m->fact_n];
	unsigned what = what_named(name, strlen(name));

	if (what == 0)
		return unknown(r, name);
	for (size_t i = 0; i < r->m->fact_n; i++)
		if (r->m->fact[i].what == what)
			return refuse(r, reason_set(r->why, ERR_FORMAT,
						    _("\"%s\" is given twice"),
						    name));
	if (r->m->fact_n == CSVMAP_FACTS)
		return refuse(r, reason_set(r->why, ERR_FORMAT,
					    _("there are too many of these")));
	if (set_text(r, f->text, value) == 0)
		return 0;
	f->what = what;
	f->is_constant = r->section == SET;
	f->line = r->line;
	r->m->fact_n++;
	return 1;
}

static int on_pair(struct reading *r, const char *from, const char *to)
{
	struct csvmap *m = r->m;
	size_t n = strlen(from) + 1;
	char *both;

	if (m->pair_n == CSVMAP_PAIRS)
		return refuse(r, reason_set(r->why, ERR_FORMAT,
					    _("there are too many of these")));
	if (m->pair_n == r->pair_max) {
		size_t max = r->pair_max > 0 ? 2 * r->pair_max : 16;
		struct csvmap_pair *more =
			realloc(m->pair, max * sizeof(*more));

		if (more == NULL)
			return refuse(r, ERR_NOMEM);
		m->pair = more;
		r->pair_max = max;
	}
	both = malloc(n + strlen(to) + 1);
	if (both == NULL)
		return refuse(r, ERR_NOMEM);
	memcpy(both, from, n);
	memcpy(both + n, to, strlen(to) + 1);
	m->pair[m->pair_n++] = (struct csvmap_pair){
		.what = r->what, .line = r->line, .from = both, .to = both + n
	};
	return 1;
}

static int on_option(struct reading *r, unsigned *seen, const char *name,
		     const char *value)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (strcmp(name, options[i].name) != 0 ||
		    (options[i].sections >> r->section & 1) == 0)
			continue;
		if ((*seen >> i & 1) != 0 && !options[i].may_repeat)
			return refuse(r, reason_set(r->why, ERR_FORMAT,
						    _("\"%s\" is given twice"),
						    name));
		*seen |= 1U << i;
		return options[i].take(r, value);
	}
	return unknown(r, name);
}

static int on_setting(void *arg, const char *section, const char *name,
		      const char *value)
{
	struct reading *r = arg;
	char plain[CSVMAP_LINE + 1];
	size_t n = strlen(name);

	(void)section;
	if (r->err != 0)
		return 0;
	assert(n <= CSVMAP_LINE);
	for (size_t i = 0; i <= n; i++)
		plain[i] = name[i] == COLON ? ':' : name[i];
	switch (r->section) {
	case NONE:
		return unknown(r, plain);
	case RECORD:
	case CSV:
	case WHEN:
		return on_option(r, &r->seen, plain, value);
	case COLUMNS:
		if (strcmp(plain, "key") == 0)
			return on_option(r, &r->seen, plain, value);
		return on_fact(r, plain, value);
	case SET:
		return on_fact(r, plain, value);
	case TRANSLATE:
		return on_pair(r, plain, value);
	}
	return 0;
}

/* The section that a line opens: inih says nothing about empty ones. */
static void open_section(struct reading *r, const char *p, size_t n)
{
	static const char *const names[] = { "",     "record",  "csv",
					     "when", "columns", "set" };
	const char *close = memchr(p, ']', n);
	size_t len = close != NULL ? (size_t)(close - p) : n;

	r->section = NONE;
	for (size_t i = RECORD; i <= SET; i++)
		if (strlen(names[i]) == len && memcmp(p, names[i], len) == 0)
			r->section = (enum section)i;
	if (len > 4 && memcmp(p, "map ", 4) == 0) {
		r->what = what_named(p + 4, len - 4);
		if (r->what != 0)
			r->section = TRANSLATE;
	}
	if (r->section == NONE)
		refuse(r, reason_set(r->why, ERR_FORMAT,
				     _("[%.*s] is not a known section"),
				     len < 60 ? (int)len : 60, p));
}

/* The next line for inih: without blanks before it, which would continue the
 * line above, and with the only separator that we have. */
static char *next_line(char *out, int max, void *arg)
{
	struct reading *r = arg;
	size_t equals = 0;
	struct text line;

	if (r->rest.n == 0 || r->err != 0)
		return NULL;
	if (!text_cut(&r->rest, &line, '\n')) {
		line = r->rest;
		r->rest.n = 0;
	}
	r->line++;
	while (line.n > 0 && strchr(" \t\r", *line.p) != NULL) {
		line.p++;
		line.n--;
	}
	if (line.n > CSVMAP_LINE || (int)line.n + 2 > max) {
		refuse(r, reason_set(r->why, ERR_FORMAT,
				     _("the line is longer than %d bytes"),
				     CSVMAP_LINE));
		return NULL;
	}
	if (line.n > 0 && *line.p == '[')
		open_section(r, line.p + 1, line.n - 1);
	if (line.n > 0 && memchr(line.p, '=', line.n) != NULL)
		while (line.p[equals] != '=')
			equals++;
	for (size_t i = 0; i < line.n; i++)
		out[i] = i < equals && line.p[i] == ':' ? COLON : line.p[i];
	out[line.n] = '\n';
	out[line.n + 1] = '\0';
	return out;
}

/* A map is text: an encoding that is taken for another, or a NUL that ends
 * a line early, would change what it says. */
static int check_text(struct reading *r)
{
	const char *p = r->rest.p;
	size_t n = r->rest.n;
	uint32_t cp;

	for (r->line = 1; n > 0;) {
		size_t step = utf8_step(&cp, p, n);

		if (step == 0 || cp == 0 || cp == (uint32_t)COLON)
			return refuse(r, reason_set(r->why, ERR_FORMAT,
						    _("it is not UTF-8 text")));
		r->line += cp == '\n';
		p += step;
		n -= step;
	}
	r->line = 0;
	return 1;
}

int csvmap_read(struct csvmap *m, unsigned *line, struct reason *why,
		const char *text, size_t n)
{
	struct reading r = { .m = m, .rest = { text, n }, .why = why };
	int rc;

	*m = (struct csvmap){ .decimal = '.' };
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		r.rest = (struct text){ text + 3, n - 3 };
	if (check_text(&r) != 0) {
		rc = ini_parse_stream(next_line, &r, on_setting, &r);
		if (rc < 0)
			refuse(&r, ERR_NOMEM);
		r.line = rc > 0 ? (unsigned)rc : r.line;
		if (rc > 0 && (r.err == 0 || r.line < r.bad)) {
			r.err = 0;
			refuse(&r, reason_set(why, ERR_FORMAT,
					      _("it should be NAME = VALUE")));
		}
	}
	if (r.err == 0)
		r.err = csvmap_check(m, &r.bad, why);
	if (r.err != 0)
		*line = r.bad;
	return r.err;
}

int csvmap_load(struct csvmap *m, unsigned *line, struct reason *why,
		const char *path)
{
	char *text = malloc(CSVMAP_FILE + 1);
	size_t n;
	int err;

	*m = (struct csvmap){ 0 };
	*line = 0;
	if (text == NULL)
		return ERR_NOMEM;
	err = file_read(text, CSVMAP_FILE + 1, &n, path);
	if (err == 0)
		err = csvmap_read(m, line, why, text, n);
	free(text);
	return err;
}

void csvmap_release(struct csvmap *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->pair_n; i++)
		free(m->pair[i].from);
	free(m->pair);
	m->pair = NULL;
	m->pair_n = 0;
}
