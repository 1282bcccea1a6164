#include "node/import/rowform.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/personal.h"
#include "proto/calendar.h"
#include "proto/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rowform_open(struct rowform **out, struct desk *desk,
		 const struct roster *roster, const struct secret *member)
{
	struct rowform *f = calloc(1, sizeof(*f));
	int err;

	if (f == NULL)
		return ERR_NOMEM;
	err = form_open(&f->form, KIND_PRODUCE);
	if (err != 0) {
		free(f);
		return err;
	}
	f->desk = desk;
	f->roster = roster;
	f->member = *member;
	*out = f;
	return 0;
}

void rowform_close(struct rowform *f)
{
	if (f == NULL)
		return;
	form_close(f->form);
	bytes_wipe(&f->member, sizeof(f->member));
	bytes_wipe(f->secret, sizeof(f->secret));
	free(f);
}

static int set_item(struct rowform *f, const struct csvmap *m, const char *text,
		    struct reason *why)
{
	cell_lower(f->text, text);
	if (parse_item(f->goods.item, f->text) != 0)
		return reason_set(
			why, ERR_FORMAT,
			_("\"%.60s\" is not an item such as visor/v30"),
			f->text);
	f->has_item = true;
	if (kind_takes(m->kind, FACT_ITEM))
		return form_text(f->form, FACT_ITEM, f->goods.item);
	return 0;
}

static int set_qty(struct rowform *f, const struct csvmap *m, const char *text,
		   struct reason *why)
{
	uint64_t min = m->kind->kind == KIND_COUNT ? 0 : 1;
	int err =
		cell_qty(&f->goods.qty, text, m->decimal, min, LIMIT_QTY, why);

	f->has_qty = err == 0;
	if (err == 0 && kind_takes(m->kind, FACT_QTY))
		return form_uint(f->form, FACT_QTY, f->goods.qty);
	return err;
}

/* A cell names an outsider, whatever it begins with; the map names a party as
 * people type it. */
static int set_party(struct rowform *f, const struct csvmap *m, enum fact fact,
		     const char *text, bool is_cell, struct reason *why)
{
	struct party *p = &f->name[f->name_n];
	int err;

	snprintf(f->text, sizeof(f->text), "%s%s",
		 !is_cell       ? ""
		 : m->is_public ? "="
				: "~",
		 text);
	if (f->name_n == ROWFORM_NAMES)
		return reason_set(why, ERR_LIMIT,
				  _("there are too many parties"));
	err = party_resolve(p, f->roster, &f->member, f->text, why);
	if (err != 0)
		return err;
	if (fact == FACT_FOR && p->is_member)
		return reason_set(why, ERR_FORMAT,
				  _("'%s' is a member: 'for' is somebody "
				    "outside whose stock stands in this book"),
				  f->text);
	if (!p->is_member)
		f->name_n++;
	return form_party(f->form, fact, p);
}

static int set_uint(struct rowform *f, const struct csvmap *m,
		    const struct fact_rule *rule, const char *text,
		    struct reason *why)
{
	uint64_t v;
	int err = cell_qty(&v, text, m->decimal, 0, rule->max, why);

	/* A table that says nothing often says 0. */
	if (err == 0 && v == 0 && rule->key != FACT_REJECTED)
		return 0;
	return err != 0 ? err : form_uint(f->form, rule->key, v);
}

static int set_time(struct rowform *f, const struct csvmap *m,
		    const struct fact_rule *rule, const char *text,
		    struct reason *why)
{
	uint64_t ms;
	int err =
		cell_time(&ms, text, m->date[0] != '\0' ? m->date : NULL, why);

	/* Until a day is until that day ends. */
	if (err == 0 && rule->key == FACT_UNTIL && strchr(text, ':') == NULL)
		ms += DAY_MS - 1;
	return err != 0 ? err : form_uint(f->form, rule->key, ms);
}

static int set_money(struct rowform *f, const struct csvmap *m,
		     const struct fact_rule *rule, const char *text,
		     struct reason *why)
{
	int err = cell_money(f->text, sizeof(f->text), text, m->decimal,
			     f->currency, why);

	return err != 0 ? err
			: form_set(f->form, f->desk, rule->key, f->text, why);
}

/* What is an ordinary fact, by its type. */
static int set_fact(struct rowform *f, const struct csvmap *m,
		    const struct fact_rule *rule, const char *text,
		    bool is_cell, struct reason *why)
{
	switch (rule->type) {
	case TYPE_UINT:
		return set_uint(f, m, rule, text, why);
	case TYPE_TIME:
		return set_time(f, m, rule, text, why);
	case TYPE_MONEY:
	case TYPE_MONEY0:
		return set_money(f, m, rule, text, why);
	case TYPE_PARTY:
	case TYPE_TAG:
		return set_party(f, m, rule->key, text, is_cell, why);
	case TYPE_WORD:
	case TYPE_ITEM:
	case TYPE_LINES:
	case TYPE_LINES0:
		cell_lower(f->text, text);
		return form_set(f->form, f->desk, rule->key, f->text, why);
	case TYPE_TEXT:
	case TYPE_LABEL:
	case TYPE_PLACE:
	case TYPE_PERIOD:
	case TYPE_ID:
	case TYPE_SHA:
	case TYPE_BYTES:
	case TYPE_KEY:
	case TYPE_SIG:
	case TYPE_POSITION:
	case TYPE_POSITIONS:
	case TYPE_IDS:
	case TYPE_KEYS:
	case TYPE_ADDRESSES:
	case TYPE_FACTS:
		break;
	}
	return form_set(f->form, f->desk, rule->key, text, why);
}

/* Is a record of this kind nothing without it? */
static bool is_needed(const struct csvmap *m, unsigned what)
{
	unsigned lines = csvmap_lines(m->kind);

	if (what == MAP_CURRENCY)
		return false;
	if (what == MAP_ITEM || what == MAP_QUANTITY)
		return lines == 0 || kind_needs(m->kind, lines);
	return what == FACT_WHEN || kind_needs(m->kind, what);
}

static bool is_private(unsigned what)
{
	return what == FACT_NOTE || what == FACT_DONOR || what == FACT_PAYEE;
}

/* What is about a person is committed to, never recorded. */
static int set_private(struct rowform *f, enum fact fact, const char *text,
		       struct reason *why)
{
	struct rowsecret *s = &f->secret[f->secret_n];
	size_t n = strlen(text);

	/* A message of several lines is one text. */
	for (size_t i = 0; i < n; i++)
		f->text[i] = strchr("\t\r\n", text[i]) != NULL ? ' ' : text[i];
	text = f->text;
	if (n > RECEIPT_VALUE || !utf8_is_plain(text, n))
		return reason_set(why, ERR_FORMAT,
				  _("it is longer than %d bytes, or holds "
				    "characters that cannot be shown"),
				  RECEIPT_VALUE);
	s->fact = fact;
	bytes_random(s->row, RECEIPT_SALT);
	memcpy(s->row + RECEIPT_SALT, text, n);
	s->n = RECEIPT_SALT + n;
	s->made = private_commit(fact, s->row, text, n);
	f->secret_n++;
	return form_bytes(f->form, fact, s->made.b, sizeof(s->made.b));
}

static int set(struct rowform *f, const struct csvmap *m, unsigned what,
	       const char *text, bool is_cell, struct reason *why)
{
	if (what == MAP_CURRENCY)
		return 0;
	if (*text == '\0' && !is_needed(m, what))
		return 0;
	if (what == MAP_QUANTITY)
		return set_qty(f, m, text, why);
	if (what == FACT_WHEN && *text == '\0')
		return reason_set(why, ERR_FORMAT, _("the date is missing"));
	if (*text == '\0')
		return reason_set(why, ERR_FORMAT, _("it is empty"));
	if (what == MAP_ITEM)
		return set_item(f, m, text, why);
	if (is_private(what))
		return set_private(f, what, text, why);
	return set_fact(f, m, fact_rule(what), text, is_cell, why);
}

static void start(struct rowform *f, const struct csvmap *m)
{
	form_init(f->form, (enum kind)m->kind->kind);
	f->form->may_name = f->may_name;
	f->name_n = 0;
	f->secret_n = 0;
	f->when_ms = 0;
	f->has_item = false;
	f->has_qty = false;
	f->currency[0] = '\0';
}

/* Is the sign of this column a condition of the map? */
static bool is_signed_by(const struct csvmap *m, size_t column)
{
	for (size_t i = 0; i < m->only_n; i++)
		if (m->only[i].column == column &&
		    m->only[i].test >= ONLY_ABOVE)
			return true;
	return false;
}

/* What a map says of a row in one place: the constant, or the cell and what
 * [map FACT] makes of it. */
static int text_of(struct rowform *f, const struct csvmap *m,
		   const struct csvmap_fact *fact, const struct csv *row,
		   const char **text, bool *is_cell, struct reason *why)
{
	const struct csv_field *field;
	const char *meant;
	int err;

	*is_cell = false;
	*text = fact->text;
	if (fact->is_constant)
		return 0;
	field = &row->field[fact->column];
	err = cell_trim(f->cell, field->text, field->n, why);
	if (err != 0)
		return err;
	meant = csvmap_translate(m, fact->what, f->cell);
	*is_cell = meant == NULL;
	*text = *is_cell ? f->cell : meant;
	if (*is_cell && is_signed_by(m, fact->column))
		cell_sign(text, f->cell, m->decimal);
	return 0;
}

/* The currency first: money may stand in an earlier column. */
static int find_currency(struct rowform *f, const struct csvmap *m,
			 const struct csv *row, struct reason *why)
{
	for (size_t i = 0; i < m->fact_n; i++) {
		const char *text;
		bool is_cell;
		int err;

		if (m->fact[i].what != MAP_CURRENCY ||
		    (row == NULL && !m->fact[i].is_constant))
			continue;
		err = text_of(f, m, &m->fact[i], row, &text, &is_cell, why);
		if (err != 0)
			return err;
		memcpy(f->currency, text, strlen(text) + 1);
	}
	return 0;
}

/* Money without a currency may find it in a column. */
static bool is_money(unsigned what)
{
	return what < FACT_LIMIT && (fact_rule(what)->type == TYPE_MONEY ||
				     fact_rule(what)->type == TYPE_MONEY0);
}

int rowform_check(struct rowform *f, unsigned *line, struct reason *why,
		  const struct csvmap *m)
{
	int err;

	start(f, m);
	find_currency(f, m, NULL, why);
	for (size_t i = 0; i < m->fact_n; i++) {
		const struct csvmap_fact *fact = &m->fact[i];

		if (!fact->is_constant ||
		    (is_money(fact->what) && f->currency[0] == '\0'))
			continue;
		*line = fact->line;
		err = set(f, m, fact->what, fact->text, false, why);
		if (err != 0)
			return err;
	}
	return 0;
}

/* What should have a sign and is no number is for rowform_fill to refuse. */
static bool fulfils(const struct csvmap *m, const struct csvmap_only *only,
		    const char *cell)
{
	int sign = only->test >= ONLY_ABOVE ? cell_sign(NULL, cell, m->decimal)
					    : 0;

	switch (only->test) {
	case ONLY_IS:
		return strcmp(cell, only->value) == 0;
	case ONLY_IS_NOT:
		return strcmp(cell, only->value) != 0;
	case ONLY_ABOVE:
		return sign > 0;
	case ONLY_BELOW:
		return sign < 0 || sign == 2;
	}
	return false;
}

bool rowform_wants(const struct csvmap *m, const struct csv *row)
{
	char cell[CELL_MAX];

	for (size_t i = 0; i < m->only_n; i++) {
		const struct csvmap_only *only = &m->only[i];
		const struct csv_field *field = &row->field[only->column];

		if (cell_trim(cell, field->text, field->n, NULL) != 0 ||
		    !fulfils(m, only, cell))
			return false;
	}
	return true;
}

static void add_text(struct hasher *h, const struct csv_field *field)
{
	uint64_t n = field->n;
	uint8_t length[8];

	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (uint8_t)(n >> (8 * i));
	hasher_add(h, length, sizeof(length));
	hasher_add(h, field->text, field->n);
}

static int set_key(struct rowform *f, const struct csvmap *m,
		   const struct csv *row)
{
	uint8_t what[1 + ID_SIZE];
	struct hasher h;
	struct id id;

	hasher_init(&h);
	for (size_t i = 0; i < m->key_n; i++)
		add_text(&h, &row->field[m->key[i]]);
	for (size_t i = f->skip; i < row->n && m->key_n == 0; i++)
		add_text(&h, &row->field[i]);
	id = hasher_id(&h);
	what[0] = (uint8_t)m->kind->kind;
	memcpy(what + 1, id.b, sizeof(id.b));
	/* Not the domain of --key: no text that is typed there can meet it. */
	f->key = hash_tag(&f->member, "maillon/1 csv row", what, sizeof(what));
	return form_bytes(f->form, FACT_KEY, f->key.b, sizeof(f->key.b));
}

/* What goes without saying, when no column says it. */
static int add_final(struct rowform *f, const struct csvmap *m,
		     struct reason *why)
{
	struct record *rec = &f->form->rec;
	struct party to = { .is_member = false };

	if (record_uint(rec, FACT_SERVICE) != 0) {
		if (record_has(rec, FACT_FINAL) &&
		    record_uint(rec, FACT_FINAL) == 0)
			return reason_set(why, ERR_FORMAT,
					  _("a service is rendered for good"));
		return form_uint(f->form, FACT_FINAL, 1);
	}
	if (!kind_takes(m->kind, FACT_FINAL) || record_has(rec, FACT_FINAL) ||
	    !record_has(rec, FACT_TO))
		return 0;
	if (rec->v[FACT_TO].n == KEY_SIZE) {
		to.is_member = true;
		to.member = record_key(rec, FACT_TO);
	}
	return form_uint(f->form, FACT_FINAL, party_is_final(f->roster, &to));
}

static int finish(struct rowform *f, const struct csvmap *m,
		  const struct csv *row, struct reason *why)
{
	unsigned lines = csvmap_lines(m->kind);
	int err = 0;

	if (lines != 0 && f->has_item != f->has_qty)
		return reason_set(why, ERR_FORMAT,
				  _("item and quantity belong together"));
	if (lines != 0 && f->has_item)
		err = form_lines(f->form, lines, &f->goods, 1);
	for (size_t i = 0; i < f->name_n && err == 0; i++)
		if (f->name[i].is_public && !f->may_name)
			err = personal_name(f->name[i].name, why);
	if (err == 0)
		err = add_final(f, m, why);
	if (err == 0)
		err = set_key(f, m, row);
	if (err == 0)
		err = form_end(f->form, &f->draft, 0, why);
	f->when_ms = record_uint(&f->form->rec, FACT_WHEN);
	return err;
}

int rowform_fill(struct rowform *f, const struct csvmap *m,
		 const struct csv *row, struct reason *why)
{
	int err;

	why->text[0] = '\0';
	if (row->n != m->columns)
		return reason_set(
			why, ERR_FORMAT,
			_("it has %zu fields, and the header has %zu"), row->n,
			m->columns);
	start(f, m);
	err = find_currency(f, m, row, why);
	for (size_t i = 0; i < m->fact_n && err == 0; i++) {
		const struct csvmap_fact *fact = &m->fact[i];
		struct reason what = { "" };
		const char *text;
		bool is_cell;

		err = text_of(f, m, fact, row, &text, &is_cell, &what);
		if (err == 0)
			err = set(f, m, fact->what, text, is_cell, &what);
		if (err != 0 && !fact->is_constant)
			reason_set(why, err, "%.60s: %s", fact->text,
				   what.text[0] != '\0' ? what.text
							: err_reason(err));
		else if (err != 0)
			*why = what;
	}
	if (err == 0)
		err = finish(f, m, row, why);
	if (err != 0 && why->text[0] == '\0')
		reason_set(why, err, "%s", err_reason(err));
	return err;
}
