#include "node/import/csvmap.h"

#include "crypto/err.h"
#include "node/import/cell.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "proto/form.h"

#include <stdlib.h>
#include <string.h>

unsigned csvmap_lines(const struct kind_rule *kind)
{
	static const unsigned lines[] = { FACT_LINES, FACT_COUNTED,
					  FACT_ACCEPTED, FACT_IN_KIND,
					  FACT_GOAL_LINES };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (kind_takes(kind, lines[i]))
			return lines[i];
	return 0;
}

/* Can a cell or a constant say this fact?  The others are made by the program
 * (idempotency, found and missing of a stock take), or have no form that a
 * cell could show. */
static bool is_sayable(const struct fact_rule *fact)
{
	static const unsigned char made[] = { FACT_KEY, FACT_ORPHAN, FACT_FOUND,
					      FACT_MISSING };

	for (size_t i = 0; i < sizeof(made); i++)
		if (made[i] == fact->key)
			return false;
	switch (fact->type) {
	case TYPE_UINT:
	case TYPE_TIME:
	case TYPE_WORD:
	case TYPE_TEXT:
	case TYPE_LABEL:
	case TYPE_ITEM:
	case TYPE_PLACE:
	case TYPE_PERIOD:
	case TYPE_TAG:
	case TYPE_ID:
	case TYPE_SHA:
	case TYPE_PARTY:
	case TYPE_LINES:
	case TYPE_LINES0:
	case TYPE_MONEY:
	case TYPE_MONEY0:
		return true;
	case TYPE_BYTES:
	case TYPE_KEY:
	case TYPE_SIG:
	case TYPE_POSITION:
	case TYPE_POSITIONS:
	case TYPE_IDS:
	case TYPE_KEYS:
	case TYPE_ADDRESSES:
	case TYPE_FACTS:
		return false;
	}
	return false;
}

static bool is_money(const struct fact_rule *fact)
{
	return fact->type == TYPE_MONEY || fact->type == TYPE_MONEY0;
}

/* Does the kind take money of any sort? */
static bool takes_money(const struct kind_rule *kind)
{
	for (unsigned k = 1; k < FACT_LIMIT; k++) {
		const struct fact_rule *fact = fact_rule(k);

		if (fact != NULL && is_money(fact) && kind_takes(kind, k))
			return true;
	}
	return false;
}

/* Does the kind know what this stands for? */
static bool is_taken(const struct kind_rule *kind, unsigned what)
{
	if (what == MAP_ITEM)
		return kind_takes(kind, FACT_ITEM) || csvmap_lines(kind) != 0;
	if (what == MAP_QUANTITY)
		return kind_takes(kind, FACT_QTY) || csvmap_lines(kind) != 0;
	if (what == MAP_CURRENCY)
		return takes_money(kind);
	return kind_takes(kind, what) && is_sayable(fact_rule(what));
}

static const struct csvmap_fact *find(const struct csvmap *m, unsigned what)
{
	for (size_t i = 0; i < m->fact_n; i++)
		if (m->fact[i].what == what)
			return &m->fact[i];
	return NULL;
}

static const char *name_of(unsigned what)
{
	if (what == MAP_ITEM)
		return "item";
	if (what == MAP_QUANTITY)
		return "quantity";
	return what == MAP_CURRENCY ? "currency" : fact_rule(what)->name;
}

/* Words of the command line for facts that have another name in JSON. */
static unsigned by_option(const struct kind_rule *kind, unsigned what)
{
	if (what == FACT_NOTE && kind_takes(kind, FACT_NUMBER))
		return FACT_NUMBER;
	if (what == FACT_CLASS && kind_takes(kind, FACT_CARE))
		return FACT_CARE;
	return what;
}

static int check_taken(struct csvmap *m, unsigned *line, struct reason *why)
{
	for (size_t i = 0; i < m->fact_n; i++) {
		struct csvmap_fact *f = &m->fact[i];

		f->what = by_option(m->kind, f->what);
		*line = f->line;
		if (!is_taken(m->kind, f->what))
			return reason_set(why, ERR_FORMAT,
					  _("%s is not something that %s takes "
					    "from a table"),
					  name_of(f->what), m->kind->name);
		if (find(m, f->what) != f)
			return reason_set(why, ERR_FORMAT,
					  _("\"%s\" is given twice"),
					  name_of(f->what));
		if (f->what == MAP_CURRENCY && f->is_constant &&
		    !currency_is_valid(f->text, strlen(f->text)))
			return reason_set(
				why, ERR_FORMAT,
				_("%.60s is not a currency such as EUR"),
				f->text);
	}
	return 0;
}

/* Is a fact that the kind needs given, one way or the other? */
static bool is_given(const struct csvmap *m, unsigned need)
{
	unsigned lines = csvmap_lines(m->kind);

	if (find(m, need) != NULL || need == FACT_FINAL)
		return true;
	if (need == FACT_ITEM || (need == lines && need != 0))
		return find(m, MAP_ITEM) != NULL;
	return need == FACT_QTY && find(m, MAP_QUANTITY) != NULL;
}

static int check_needs(const struct csvmap *m, unsigned *line,
		       struct reason *why)
{
	const struct csvmap_fact *item = find(m, MAP_ITEM);
	const struct csvmap_fact *qty = find(m, MAP_QUANTITY);
	unsigned lines = csvmap_lines(m->kind);

	*line = 0;
	for (size_t i = 0; i < sizeof(m->kind->need); i++) {
		unsigned need = m->kind->need[i];

		if (need == 0)
			break;
		if (!is_given(m, need))
			return reason_set(
				why, ERR_FORMAT,
				_("%s needs a column or a constant for %s"),
				m->kind->name,
				need == lines ? "item" : name_of(need));
	}
	if (lines == 0)
		return 0;
	if ((item == NULL) != (qty == NULL))
		return reason_set(why, ERR_FORMAT,
				  _("item and quantity belong together"));
	if (item != NULL && find(m, lines) != NULL) {
		*line = find(m, lines)->line;
		return reason_set(why, ERR_FORMAT, _("\"%s\" is given twice"),
				  name_of(lines));
	}
	return 0;
}

static int by_from(const void *a, const void *b)
{
	const struct csvmap_pair *x = a;
	const struct csvmap_pair *y = b;

	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	return strcmp(x->from, y->from);
}

static int check_pair(const struct csvmap *m, const struct csvmap_pair *p,
		      struct reason *why)
{
	const struct csvmap_fact *f = find(m, p->what);
	char item[CSVMAP_LINE + 1];
	size_t n = strlen(p->to);

	if (f == NULL || f->is_constant)
		return reason_set(
			why, ERR_FORMAT,
			_("no column is %s, so nothing can be translated"),
			name_of(p->what));
	if (p > m->pair && by_from(p, p - 1) == 0)
		return reason_set(why, ERR_FORMAT, _("\"%s\" is given twice"),
				  p->from);
	if (p->what != MAP_ITEM || n == 0)
		return 0;
	cell_lower(item, p->to);
	if (!item_is_valid(item, n))
		return reason_set(
			why, ERR_FORMAT,
			_("\"%.60s\" is not an item such as visor/v30"), p->to);
	return 0;
}

int csvmap_check(struct csvmap *m, unsigned *line, struct reason *why)
{
	int err;

	*line = 0;
	if (m->kind == NULL)
		return reason_set(why, ERR_FORMAT,
				  _("[record] does not say which kind"));
	err = check_taken(m, line, why);
	if (err == 0)
		err = check_needs(m, line, why);
	if (err != 0 || m->pair_n == 0)
		return err;
	for (size_t i = 0; i < m->pair_n; i++)
		m->pair[i].what = by_option(m->kind, m->pair[i].what);
	qsort(m->pair, m->pair_n, sizeof(*m->pair), by_from);
	for (size_t i = 0; i < m->pair_n && err == 0; i++) {
		*line = m->pair[i].line;
		err = check_pair(m, &m->pair[i], why);
	}
	return err;
}

const char *csvmap_translate(const struct csvmap *m, unsigned what,
			     const char *cell)
{
	size_t low = 0;
	size_t high = m->pair_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct csvmap_pair *p = &m->pair[mid];
		int cmp = p->what != what ? (p->what < what ? -1 : 1)
					  : strcmp(p->from, cell);

		if (cmp == 0)
			return p->to;
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* How many columns have this name; *column is the last of them. */
static unsigned columns_named(size_t *column, const struct csv *header,
			      const char *name, size_t n)
{
	unsigned count = 0;
	char cell[CELL_MAX];

	for (size_t i = 0; i < header->n; i++) {
		const struct csv_field *f = &header->field[i];

		if (cell_trim(cell, f->text, f->n, NULL) != 0 ||
		    strlen(cell) != n || memcmp(cell, name, n) != 0)
			continue;
		*column = i;
		count++;
	}
	return count;
}

static int bind_one(size_t *column, const struct csv *header, const char *name,
		    size_t n, struct reason *why)
{
	unsigned count = columns_named(column, header, name, n);

	if (count == 1)
		return 0;
	if (count == 0)
		return reason_set(why, ERR_FORMAT,
				  _("the table has no column \"%.*s\""), (int)n,
				  name);
	return reason_set(why, ERR_FORMAT,
			  _("the table has more than one column \"%.*s\""),
			  (int)n, name);
}

/* A key is one column, or several with + between. */
static int bind_key(struct csvmap *m, const struct csv *header,
		    struct reason *why)
{
	const char *p = m->key_text;
	size_t column;

	m->key_n = 0;
	if (columns_named(&column, header, p, strlen(p)) == 1) {
		m->key[m->key_n++] = column;
		return 0;
	}
	while (*p != '\0') {
		size_t n = strcspn(p, "+");
		char name[CELL_MAX];
		int err;

		if (m->key_n == CSVMAP_KEY)
			return reason_set(why, ERR_FORMAT,
					  _("there are too many of these"));
		cell_trim(name, p, n, NULL);
		err = bind_one(&m->key[m->key_n++], header, name, strlen(name),
			       why);
		if (err != 0)
			return err;
		p += n + (p[n] == '+');
	}
	return 0;
}

int csvmap_bind(struct csvmap *m, unsigned *line, struct reason *why,
		const struct csv *header)
{
	m->columns = header->n;
	for (size_t i = 0; i < m->fact_n; i++) {
		struct csvmap_fact *f = &m->fact[i];

		*line = f->line;
		if (!f->is_constant && bind_one(&f->column, header, f->text,
						strlen(f->text), why) != 0)
			return ERR_FORMAT;
	}
	for (size_t i = 0; i < m->only_n; i++) {
		struct csvmap_only *only = &m->only[i];

		*line = only->line;
		if (bind_one(&only->column, header, only->column_name,
			     strlen(only->column_name), why) != 0)
			return ERR_FORMAT;
	}
	*line = m->key_line;
	return bind_key(m, header, why);
}
