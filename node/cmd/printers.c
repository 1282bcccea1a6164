#include "node/cmd/printers.h"

#include "crypto/err.h"
#include "node/cmd/table.h"
#include "node/cmd/walk.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

enum { PRINTER_MAX = 32 };

/* The sums of one printer and item. */
struct printed {
	struct pubkey member;
	char printer[PRINTER_MAX + 1]; /* "" where nobody said */
	char item[LIMIT_ITEM + 1];
	uint64_t produced, rejected, grams, seconds, records;
};

struct printers {
	struct desk *desk;
	const struct narrow *narrow;
	const char *item;
	struct printed *at;
	size_t n, max;
};

static int printed_cmp(const void *a, const void *b)
{
	const struct printed *x = a, *y = b;
	int c = pubkey_cmp(&x->member, &y->member);

	if (c == 0)
		c = strcmp(x->printer, y->printer);
	return c != 0 ? c : strcmp(x->item, y->item);
}

/* Entries come feed by feed, so the row is among the newest; what a member's
 * other feeds add is merged at the end. */
static struct printed *row_of(struct printers *p, const struct printed *key)
{
	for (size_t i = p->n; i-- > 0;) {
		if (!pubkey_eq(&p->at[i].member, &key->member))
			break;
		if (printed_cmp(&p->at[i], key) == 0)
			return &p->at[i];
	}
	if (p->n == p->max) {
		size_t max = p->max == 0 ? 32 : 2 * p->max;
		struct printed *at = realloc(p->at, max * sizeof(*at));

		if (at == NULL)
			return NULL;
		p->at = at;
		p->max = max;
	}
	p->at[p->n] = *key;
	return &p->at[p->n++];
}

static int add_lines(struct printers *p, const struct book_record *rec)
{
	const struct value *name = &rec->rec.v[FACT_PRINTER];
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&rec->rec, FACT_LINES, lines);
	size_t want = p->item == NULL ? 0 : strlen(p->item);

	for (size_t i = 0; i < n; i++) {
		struct printed key = { .member = rec->author };
		struct printed *row;

		memcpy(key.item, lines[i].item, lines[i].item_n);
		if (want > 0 &&
		    (strncmp(key.item, p->item, want) != 0 ||
		     (key.item[want] != '\0' && key.item[want] != '/')))
			continue;
		if (record_has(&rec->rec, FACT_PRINTER) &&
		    name->n <= PRINTER_MAX)
			memcpy(key.printer, name->p, name->n);
		row = row_of(p, &key);
		if (row == NULL)
			return ERR_NOMEM;
		row->produced += lines[i].qty;
		/* What is told once for the record stands with its first
		 * line. */
		if (i > 0)
			continue;
		row->rejected += record_uint(&rec->rec, FACT_REJECTED);
		row->grams += record_uint(&rec->rec, FACT_GRAMS);
		row->seconds += record_uint(&rec->rec, FACT_SECONDS);
		row->records++;
	}
	return 0;
}

/* One row for each member, printer and item, in that order. */
static void merge(struct printers *p)
{
	size_t kept = 0;

	if (p->n > 0)
		qsort(p->at, p->n, sizeof(p->at[0]), printed_cmp);
	for (size_t i = 0; i < p->n; i++) {
		struct printed *last = kept == 0 ? NULL : &p->at[kept - 1];
		const struct printed *row = &p->at[i];

		if (last == NULL || printed_cmp(last, row) != 0) {
			p->at[kept++] = *row;
			continue;
		}
		last->produced += row->produced;
		last->rejected += row->rejected;
		last->grams += row->grams;
		last->seconds += row->seconds;
		last->records += row->records;
	}
	p->n = kept;
}

static int want_feed(void *arg, const struct pubkey *feed)
{
	const struct printers *p = arg;

	return narrow_feed(p->narrow, feed);
}

static int add_entry(void *arg, const struct entry *e)
{
	struct printers *p = arg;
	struct book_view view;
	struct book_record rec;
	bool occurred;
	int err;

	if (e->kind != KIND_PRODUCE)
		return 0;
	err = store_view_open(p->desk->store, &view);
	if (err != 0)
		return err;
	err = store_record(p->desk->store, &e->feed, e->seq, &rec);
	if (err == 0)
		err = book_newest(&view, &rec, &occurred);
	if (err == 0 && occurred)
		err = add_lines(p, &rec);
	store_view_close(p->desk->store);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static json_t *row_json(const struct printers *p, const struct printed *row)
{
	const struct member *m = roster_member(p->narrow->roster, &row->member);
	json_t *out = json_object();

	json_put(&out, "party", json_key(&row->member));
	json_put(&out, "label",
		 m == NULL ? json_null() : json_string(m->label));
	json_put(&out, "printer",
		 row->printer[0] == '\0' ? json_null()
					 : json_string(row->printer));
	json_put(&out, "item", json_string(row->item));
	json_put(&out, "produced", json_integer((json_int_t)row->produced));
	json_put(&out, "rejected", json_integer((json_int_t)row->rejected));
	json_put(&out, "grams", json_integer((json_int_t)row->grams));
	json_put(&out, "seconds", json_integer((json_int_t)row->seconds));
	json_put(&out, "records", json_integer((json_int_t)row->records));
	return out;
}

static int print_json(const struct printers *p)
{
	json_t *out = json_object(), *rows = json_array();

	for (size_t i = 0; i < p->n; i++)
		json_push(&rows, row_json(p, &p->at[i]));
	json_put(&out, "schema", json_string("maillon.printers/1"));
	json_put(&out, "network", json_id(roster_network(p->narrow->roster)));
	json_put(&out, "rows", rows);
	return json_line(stdout, out);
}

static int print_text(const struct printers *p)
{
	struct table t;

	if (p->n == 0) {
		say_note(_("Nothing was made yet."));
		return EXIT_DONE;
	}
	table_init(&t, "lllrrrr");
	table_put(&t, _("member"));
	table_put(&t, _("printer"));
	table_put(&t, _("item"));
	table_put(&t, _("produced"));
	table_put(&t, _("rejected"));
	table_put(&t, _("grams"));
	table_put(&t, _("hours"));
	for (size_t i = 0; i < p->n; i++) {
		const struct printed *row = &p->at[i];
		char member[PARTY_TEXT];

		member_text(member, p->narrow->roster, &row->member);
		table_put(&t, member);
		table_put(&t, row->printer);
		table_put(&t, row->item);
		table_number(&t, (int64_t)row->produced);
		table_number(&t, (int64_t)row->rejected);
		table_number(&t, (int64_t)row->grams);
		table_number(&t, (int64_t)(row->seconds / 3600));
	}
	return table_print(&t, stdout);
}

int printers_show(struct desk *d, const struct narrow *narrow, const char *item)
{
	struct printers p = { .desk = d, .narrow = narrow, .item = item };
	const struct walker w = { want_feed, add_entry, &p };
	int err = walk(d->store, &w);
	int code = EXIT_DONE;

	if (err != 0) {
		say_error(_("the ledger cannot be read: %s"), err_reason(err));
		code = exit_of(err);
	} else {
		merge(&p);
		code = d->ctx->is_json ? print_json(&p) : print_text(&p);
	}
	free(p.at);
	return code;
}
