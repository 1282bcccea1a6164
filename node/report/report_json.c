#include "node/report/report.h"

#include "node/text/json.h"
#include "node/text/parse.h"

#include <string.h>

static json_t *value_of(const struct cell *c)
{
	char text[TIME_SIZE];

	switch (c->type) {
	case CELL_NONE:
		break;
	case CELL_TEXT:
		return json_plain(c->text, strlen(c->text));
	case CELL_WORD:
		return json_string(c->word);
	case CELL_COUNT:
	case CELL_MONEY:
		return json_integer((json_int_t)c->n);
	case CELL_TIME:
	case CELL_DAY:
		time_text(text, (uint64_t)c->n);
		return json_string(text);
	}
	return json_null();
}

static json_t *row_of(const struct section *s, size_t row)
{
	json_t *out = json_object();

	for (size_t c = 0; c < s->columns_n; c++)
		json_put(&out, s->columns[c].key,
			 value_of(&s->cell[row * s->columns_n + c]));
	return out;
}

static json_t *rows_of(const struct section *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < section_rows(s) && all != NULL; i++)
		json_push(&all, row_of(s, i));
	return all;
}

int report_json(const struct report *r, FILE *file)
{
	json_t *out = json_object();

	json_put(&out, "schema", json_string("maillon.report/1"));
	json_put(&out, "report", json_string(r->name));
	for (size_t i = 0; i < r->n; i++) {
		const struct section *s = &r->section[i];

		json_put(&out, s->key, s->is_facts ? row_of(s, 0) : rows_of(s));
	}
	return json_line(file, out);
}
