#include "node/import/import.h"

#include "crypto/err.h"
#include "node/cmd/shelf.h"
#include "node/text/i18n.h"
#include "node/text/names.h"
#include "node/text/progress.h"
#include "node/text/say.h"

#include <stdlib.h>
#include <string.h>

/* One import while it is recorded. */
struct recording_rows {
	struct import *im;
	struct form *form; /* of a stock take */
	struct record rec;
	struct draft draft[KEEPER_DRAFTS];
	struct recorded out[KEEPER_DRAFTS];
	struct keepsake kept[KEEPER_DRAFTS];
	uint8_t key[KEEPER_DRAFTS][OPENED_KEY];
	size_t kept_n;
	struct progress progress;
};

/* Names first: no record may ever point to a handle whose name is lost. */
static int record_names(struct recording_rows *r)
{
	struct desk *d = r->im->desk;
	int code = EXIT_DONE;

	for (size_t i = 0; i < r->im->name_n && code == EXIT_DONE; i++) {
		struct reason why = { "" };
		struct party p;
		int err = party_of(&p, d, r->im->name[i], &why);

		if (err != 0) {
			say_error("%s", why.text[0] != '\0' ? why.text
							    : err_reason(err));
			return exit_of(err);
		}
		if (d->kept_n == NAMES_MAX || i + 1 == r->im->name_n)
			code = desk_record(d, NULL, NULL, 0, NULL, NULL);
		progress_at(&r->progress, i, r->im->name_n + r->im->rows.n);
	}
	return code;
}

static uint32_t kind_of(const struct import *im, const struct row *row)
{
	return im->file[row->file].map.kind->kind;
}

/* What a stock take has found or missed against the book as it is now, with
 * all earlier rows in it. */
static int count_stock(struct recording_rows *r, const struct row *row,
		       struct draft *draft)
{
	struct form *f = r->form;
	struct line lines[LIMIT_LINES];
	struct goods found[LIMIT_LINES], missing[LIMIT_LINES];
	size_t n, found_n = 0, missing_n = 0;
	struct tag holder;
	int err;

	form_init(f, KIND_COUNT);
	err = record_decode(&f->rec, KIND_COUNT, row->facts, row->facts_n);
	if (err != 0)
		return err;
	holder = record_tag(&f->rec, FACT_FOR);
	n = record_lines(&f->rec, FACT_COUNTED, lines);
	for (size_t i = 0; i < n; i++) {
		struct goods *g;
		int64_t had = 0;

		err = shelf_on_hand(r->im->desk, &holder, lines[i].item,
				    lines[i].item_n, &had);
		if (err != 0)
			return err;
		had -= (int64_t)lines[i].qty;
		if (had == 0)
			continue;
		g = had < 0 ? &found[found_n++] : &missing[missing_n++];
		memcpy(g->item, lines[i].item, lines[i].item_n);
		g->item[lines[i].item_n] = '\0';
		g->qty = (uint64_t)(had < 0 ? -had : had);
	}
	err = form_lines(f, FACT_FOUND, found, found_n);
	if (err == 0)
		err = form_lines(f, FACT_MISSING, missing, missing_n);
	return err == 0 ? form_end(f, draft, draft->time_ms, NULL) : err;
}

/* Drafts of the next batch; a stock take is one by itself. */
static int next_batch(struct recording_rows *r, size_t from, size_t *n)
{
	const struct rowset *rows = &r->im->rows;
	uint64_t now = cmd_now();

	*n = 0;
	for (size_t i = from; i < rows->n && *n < KEEPER_DRAFTS; i++) {
		const struct row *row = &rows->row[i];
		struct draft *draft = &r->draft[*n];
		bool is_count = kind_of(r->im, row) == KIND_COUNT;

		if (is_count && *n > 0)
			break;
		*draft = (struct draft){ kind_of(r->im, row), now, row->facts,
					 row->facts_n };
		++*n;
		if (is_count)
			return count_stock(r, row, draft);
	}
	return 0;
}

/* A row that went in by another way meanwhile, with other facts. */
static void step_aside(struct recording_rows *r, const struct row *row)
{
	struct import_file *f = &r->im->file[row->file];

	progress_end(&r->progress);
	say_warn(_("%s:%lu: not recorded: something else was recorded under "
		   "its key meanwhile"),
		 f->path, (unsigned long)row->line);
	f->unusable++;
	f->fresh--;
}

static void count(struct recording_rows *r, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct import_file *f =
			&r->im->file[r->im->rows.row[from + i].file];

		if (r->out[i].was_there) {
			f->there++;
			f->fresh--;
		} else {
			f->recorded++;
		}
	}
}

static int by_made(const void *a, const void *b)
{
	const struct import_secret *x = a, *y = b;

	return id_cmp(&x->made, &y->made);
}

static int flush_secrets(struct recording_rows *r)
{
	int code = r->kept_n == 0
			   ? EXIT_DONE
			   : desk_remember(r->im->desk, r->kept, r->kept_n);

	r->kept_n = 0;
	return code;
}

/* What opens one commitment, when it is one of this import's. */
static int keep_secret(struct recording_rows *r, const struct id *made)
{
	const struct import_secret want = { .made = *made };
	const struct import_secret *s = bsearch(
		&want, r->im->secret, r->im->secret_n, sizeof(want), by_made);

	if (s == NULL)
		return EXIT_DONE;
	opened_key(r->key[r->kept_n], made);
	r->kept[r->kept_n] = (struct keepsake){ r->key[r->kept_n], OPENED_KEY,
						s->row, s->n };
	return ++r->kept_n == KEEPER_DRAFTS ? flush_secrets(r) : EXIT_DONE;
}

/* What opens the commitments of n drafts, kept before they are recorded: a
 * commitment that nobody can open is worth nothing. */
static int keep_secrets(struct recording_rows *r, size_t n)
{
	static const enum fact facts[] = { FACT_NOTE, FACT_DONOR, FACT_PAYEE };
	struct record *rec = &r->rec;
	int code = EXIT_DONE;

	for (size_t i = 0; i < n && r->im->secret_n > 0; i++) {
		const struct draft *d = &r->draft[i];

		if (record_decode(rec, d->kind, d->facts, d->facts_n) != 0)
			continue;
		for (size_t k = 0; k < sizeof(facts) / sizeof(facts[0]); k++) {
			struct id made = record_id(rec, facts[k]);

			if (code == EXIT_DONE && record_has(rec, facts[k]))
				code = keep_secret(r, &made);
		}
	}
	return code == EXIT_DONE ? flush_secrets(r) : code;
}

/* Hand in n drafts, the rows from *at on; where one is refused, those before
 * it.  *at moves behind what is done. */
static int hand_in(struct recording_rows *r, size_t *at, size_t n)
{
	size_t done = 0, bad = n;
	int code = keep_secrets(r, n);

	if (code != EXIT_DONE)
		return code;
	code = desk_record(r->im->desk, r->out, r->draft, n, &done, &bad);
	count(r, *at, done);
	*at += done;
	if (code == EXIT_DONE || bad >= n)
		return code;
	if (bad == done) {
		step_aside(r, &r->im->rows.row[*at]);
		++*at;
		return EXIT_DONE;
	}
	/* Its batch left nothing behind, so those before it come again. */
	n = bad - done;
	memmove(r->draft, r->draft + done, n * sizeof(r->draft[0]));
	code = desk_record(r->im->desk, r->out, r->draft, n, &done, NULL);
	count(r, *at, done);
	*at += done;
	return code;
}

static int record_rows(struct recording_rows *r, size_t *at)
{
	const struct rowset *rows = &r->im->rows;
	int code = EXIT_DONE;

	while (code == EXIT_DONE && *at < rows->n) {
		size_t n;
		int err = next_batch(r, *at, &n);

		if (err != 0) {
			say_error(_("a stock take cannot be worked out: %s"),
				  err_reason(err));
			return exit_of(err);
		}
		code = hand_in(r, at, n);
		progress_at(&r->progress, r->im->name_n + *at,
			    r->im->name_n + rows->n);
	}
	return code;
}

int import_record(struct import *im)
{
	struct recording_rows *r = calloc(1, sizeof(*r));
	int code = EXIT_DONE;
	size_t at = 0;

	if (r == NULL || form_open(&r->form, KIND_COUNT) != 0) {
		free(r);
		say_error("%s", err_reason(ERR_NOMEM));
		return EXIT_AGAIN;
	}
	r->form->may_name = true; /* the row was looked at */
	r->im = im;
	progress_start(&r->progress, _("recording"));
	if (im->secret_n > 0)
		qsort(im->secret, im->secret_n, sizeof(*im->secret), by_made);
	code = record_names(r);
	if (code == EXIT_DONE)
		code = record_rows(r, &at);
	progress_end(&r->progress);
	if (code != EXIT_DONE)
		say_note(_("%zu of %zu rows were recorded; the same import "
			   "goes on where this one stopped"),
			 at, im->rows.n);
	form_close(r->form);
	free(r);
	return code;
}
