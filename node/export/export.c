#include "node/export/export.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/text/say.h"
#include "proto/grow.h"
#include "store/book.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

int export_json(FILE *file, json_t *value)
{
	char *text = value == NULL ? NULL : json_bytes(value);
	int err = text == NULL ? ERR_NOMEM : 0;

	if (err == 0 && fputs(text, file) == EOF)
		err = ERR_IO;
	free(text);
	json_decref(value);
	return err;
}

uint64_t export_date(const struct book_record *rec)
{
	return record_has(&rec->rec, FACT_WHEN)
		       ? record_uint(&rec->rec, FACT_WHEN)
		       : rec->time_ms;
}

void export_time(char out[static TIME_SIZE], uint64_t ms)
{
	uint64_t end = days_before(YEAR_LAST + 1, 1) * DAY_MS;

	time_text(out, ms < end ? ms : end - 1);
}

void export_day(char out[static DAY_SIZE], const char *form, uint64_t ms)
{
	char text[TIME_SIZE];
	size_t n = 0;

	export_time(text, ms);
	for (; *form != '\0' && n + 5 < DAY_SIZE; form++) {
		const char *from = text;
		size_t len = 2;

		if (*form != '%') {
			out[n++] = *form;
			continue;
		}
		form++;
		if (*form == 'Y')
			len = 4;
		else
			from = text + (*form == 'm' ? 5 : 8);
		memcpy(out + n, from, len);
		n += len;
	}
	out[n] = '\0';
}

void export_member(char out[static PARTY_TEXT], const struct roster *roster,
		   const struct pubkey *member)
{
	if (!member_label(out, roster, member))
		hex_encode(out, member->b, KEY_SIZE);
}

static void outsider(char out[static PARTY_TEXT], const struct roster *roster,
		     const struct pubkey *author, const struct tag *tag)
{
	char name[LIMIT_NAME + 1];

	if (roster_party_name(roster, name, author, tag)) {
		text_safe(out, PARTY_TEXT, name, strlen(name));
	} else {
		out[0] = '~';
		hex_encode(out + 1, tag->b, TAG_SIZE);
	}
}

void export_party(char out[static PARTY_TEXT], const struct roster *roster,
		  const struct book_record *rec, enum fact fact)
{
	struct pubkey member;
	struct tag tag;

	out[0] = '\0';
	if (!record_has(&rec->rec, fact))
		return;
	if (rec->rec.v[fact].n == KEY_SIZE) {
		member = record_key(&rec->rec, fact);
		export_member(out, roster, &member);
	} else {
		tag = record_tag(&rec->rec, fact);
		outsider(out, roster, &rec->author, &tag);
	}
}

/* Records under way into a list. */
struct collecting {
	const struct exporting *x;
	struct spots *out;
};

static int collect_one(struct collecting *c, const struct pubkey *feed,
		       uint64_t seq)
{
	struct book_record rec;
	struct spot *spot;
	bool occurred;
	uint64_t date;
	int err = store_record(c->x->store, feed, seq, &rec);

	if (err != 0 || rec.rec.kind == KIND_CORRECT)
		return err == ERR_NOT_FOUND ? 0 : err;
	err = book_newest(c->x->view, &rec, &occurred);
	date = export_date(&rec);
	if (err != 0 ||
	    (c->x->period != NULL && !period_has(c->x->period, date)))
		return err;
	err = grow(&c->out->at, &c->out->max, c->out->n, sizeof(*spot));
	if (err == 0) {
		spot = &c->out->at[c->out->n++];
		*spot = (struct spot){ date, *feed, seq };
	}
	return err;
}

static int collect_feed(void *arg, const struct head *head)
{
	struct collecting *c = arg;
	int err = 0;

	if (!narrow_feed(c->x->narrow, &head->feed))
		return 0;
	for (uint64_t seq = 1; seq <= head->counted && err == 0; seq++)
		err = collect_one(c, &head->feed, seq);
	return err;
}

static int spot_cmp(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;
	int c;

	if (x->date_ms != y->date_ms)
		return x->date_ms < y->date_ms ? -1 : 1;
	c = pubkey_cmp(&x->feed, &y->feed);
	if (c != 0)
		return c;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

int export_spots(struct spots *out, const struct exporting *x)
{
	struct collecting c = { x, out };
	int err = store_heads(x->store, collect_feed, &c);

	if (err == 0 && out->n > 0)
		qsort(out->at, out->n, sizeof(*out->at), spot_cmp);
	return err;
}

struct declaring {
	const struct exporting *x;
	struct catalog *out;
};

static int declare(void *arg, const struct book_record *rec)
{
	const struct declaring *d = arg;
	const struct member *m = roster_member(d->x->roster, &rec->author);
	struct book_record newest = *rec;
	bool occurred;
	int err = book_newest(d->x->view, &newest, &occurred);

	if (err != 0 || !occurred || m == NULL)
		return err;
	return catalog_add(d->out, m->depth, &newest);
}

int export_items(struct catalog *out, const struct exporting *x)
{
	struct declaring d = { x, out };

	return store_items(x->store, declare, &d);
}
