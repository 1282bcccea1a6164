#include "node/export/export.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/text/escape.h"
#include "node/text/parse.h"
#include "proto/book/catalog.h"
#include "proto/book/reissue.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/*
 * One row for each line of goods of a record, one for a record without any.
 * What a row says of the record stands in each of its rows but the money, which
 * would be added up twice: that is in the first.
 */

struct table {
	const struct exporting *x;
	struct catalog items;
	const struct book_record *rec;
	size_t rows; /* of this record so far */
};

static void text(struct table *t, const char *s)
{
	fputc(';', t->x->file);
	csv_text(t->x->file, s, strlen(s));
}

static void fact_text(struct table *t, enum fact fact)
{
	const struct value *v = &t->rec->rec.v[fact];

	fputc(';', t->x->file);
	if (record_has(&t->rec->rec, fact))
		csv_text(t->x->file, (const char *)v->p, v->n);
}

static void fact_party(struct table *t, enum fact fact)
{
	char name[PARTY_TEXT];

	export_party(name, t->x->roster, t->rec, fact);
	text(t, name);
}

static void fact_word(struct table *t, enum fact fact)
{
	const struct record *rec = &t->rec->rec;
	const char *word =
		record_has(rec, fact)
			? fact_rule(fact)->word[record_uint(rec, fact)]
			: NULL;

	text(t, word == NULL ? "" : word);
}

static void fact_number(struct table *t, enum fact fact)
{
	fputc(';', t->x->file);
	if (record_has(&t->rec->rec, fact))
		fprintf(t->x->file, "%llu",
			(unsigned long long)record_uint(&t->rec->rec, fact));
}

static void fact_money(struct table *t)
{
	static const enum fact where[] = { FACT_AMOUNT, FACT_VALUE, FACT_GOAL };
	char plain[MONEY_SIZE], currency[4] = "", *point;
	uint64_t minor = 0;

	for (size_t i = 0; i < 3 && currency[0] == '\0' && t->rows == 0; i++)
		record_money(&t->rec->rec, where[i], &minor, currency);
	if (currency[0] == '\0') {
		fputs(";;", t->x->file);
		return;
	}
	money_plain(plain, (int64_t)minor, currency);
	point = strchr(plain, '.');
	if (point != NULL)
		*point = ',';
	fprintf(t->x->file, ";%s;%s", plain, currency);
}

static void refers_to(struct table *t)
{
	char hex[HEX_SIZE(ID_SIZE)] = "";
	struct id target;
	enum ref ref;

	if (book_ref(&t->rec->rec, &ref, &target))
		hex_encode(hex, target.b, ID_SIZE);
	text(t, hex);
}

static void put_row(struct table *t, const char *list, const struct line *line)
{
	char ref[REF_TEXT], id[HEX_SIZE(ID_SIZE)], time[TIME_SIZE];
	char name[PARTY_TEXT], item[LIMIT_ITEM + 1] = "";

	ref_text(ref, t->x->roster, &t->rec->feed, t->rec->seq);
	hex_encode(id, t->rec->id.b, ID_SIZE);
	fprintf(t->x->file, "%s;%s", ref, id);
	time_text(time, t->rec->time_ms);
	text(t, time);
	time_text(time, export_date(t->rec));
	text(t, time);
	text(t, kind_rule(t->rec->rec.kind)->name);
	export_member(name, t->x->roster, &t->rec->author);
	text(t, name);
	fact_party(t, FACT_FOR);
	text(t, list);
	if (line != NULL) {
		memcpy(item, line->item, line->item_n);
		item[line->item_n] = '\0';
		text(t, item);
		fprintf(t->x->file, ";%llu", (unsigned long long)line->qty);
		text(t, catalog_unit(&t->items, item));
	} else {
		fact_text(t, FACT_ITEM);
		fact_number(t, FACT_QTY);
		fputc(';', t->x->file);
	}
	fact_party(t, FACT_TO);
	fact_party(t, FACT_BY);
	fact_party(t, FACT_FROM);
	fact_word(t, FACT_FINAL);
	fact_text(t, FACT_LOT);
	fact_money(t);
	fact_text(t, FACT_FUND);
	fact_text(t, FACT_CAMPAIGN);
	fact_word(t, FACT_CATEGORY);
	fact_text(t, FACT_PURPOSE);
	fact_text(t, FACT_SOURCE_REF);
	fact_text(t, FACT_NUMBER);
	fact_text(t, FACT_PLACE);
	fact_text(t, FACT_REASON);
	refers_to(t);
	fputs("\r\n", t->x->file);
	t->rows++;
}

static void put_record(struct table *t)
{
	static const enum fact lists[] = { FACT_LINES,      FACT_USE,
					   FACT_ACCEPTED,   FACT_REFUSED,
					   FACT_COUNTED,    FACT_FOUND,
					   FACT_MISSING,    FACT_IN_KIND,
					   FACT_GOAL_LINES, FACT_BOM };
	struct line lines[LIMIT_LINES];

	t->rows = 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		size_t n = record_lines(&t->rec->rec, lists[i], lines);

		for (size_t k = 0; k < n; k++)
			put_row(t, fact_rule(lists[i])->name, &lines[k]);
	}
	if (t->rows == 0)
		put_row(t, "", NULL);
}

static int put_spot(struct table *t, const struct spot *spot)
{
	struct book_record rec;
	bool occurred, silent;
	int err = store_record(t->x->store, &spot->feed, spot->seq, &rec);

	if (err == 0)
		err = reissue_is_silent(t->x->view, &rec, &silent);
	if (err == 0)
		err = book_newest(t->x->view, &rec, &occurred);
	if (err != 0 || silent || !occurred)
		return err;
	t->rec = &rec;
	put_record(t);
	return 0;
}

int export_csv(const struct exporting *x)
{
	struct table t = { .x = x };
	struct spots spots = { NULL, 0, 0 };
	int err = export_items(&t.items, x);

	if (err == 0)
		err = export_spots(&spots, x);
	fputs("\xef\xbb\xbfref;id;recorded;date;kind;author;for;list;item;"
	      "quantity;unit;to;by;from;final;lot;amount;currency;fund;"
	      "campaign;"
	      "category;purpose;reference;number;place;reason;refers_to\r\n",
	      x->file);
	for (size_t i = 0; i < spots.n && err == 0; i++)
		err = put_spot(&t, &spots.at[i]);
	catalog_release(&t.items);
	free(spots.at);
	return err;
}
