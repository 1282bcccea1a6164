#include "node/import/import.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/progress.h"
#include "node/text/say.h"
#include "proto/entry.h"
#include "proto/grow.h"
#include "store/book.h"
#include "store/log.h"
#include "store/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of a dry run that are named on the screen. */
enum { SHOWN = 20 };

/* One import while it is read. */
struct reading {
	struct import *im;
	struct import_file *file;
	size_t at; /* of file in im */
	uint8_t raw[LIMIT_ENTRY];
	struct record before, now;
	size_t shown;
	struct progress progress;
	uint64_t bytes_before; /* of the files that are done */
	uint64_t bytes_total;  /* 0: one of them is no ordinary file */
};

static int reject(struct reading *r, const char *reason)
{
	const struct csv *c = &r->file->csv;

	if (!r->im->is_dry)
		return rejects_add(&r->file->rejects, c, reason);
	if (r->shown++ < SHOWN) {
		progress_end(&r->progress);
		say_note("%s:%llu: %s", r->file->path,
			 (unsigned long long)c->line, reason);
	}
	return EXIT_DONE;
}

static int unusable(struct reading *r, const char *reason)
{
	r->file->unusable++;
	return reject(r, reason);
}

static int flawed(struct reading *r)
{
	const struct csv *c = &r->file->csv;
	struct reason why = { "" };

	if (!c->is_cut)
		return unusable(r, csv_flaw_text(c->flaw));
	reason_set(&why, 0, _("%s; only its beginning stands here"),
		   csv_flaw_text(c->flaw));
	return unusable(r, why.text);
}

/* Where the row stands that had this key before, as tagset keeps it. */
static uint64_t place(const struct reading *r)
{
	return (uint64_t)(r->at + 1) << 48 | r->file->csv.line;
}

static int repeat(struct reading *r, uint64_t before)
{
	size_t at = (size_t)(before >> 48) - 1;
	unsigned long long line = before & ((1ULL << 48) - 1);
	struct reason why = { "" };

	r->file->repeats++;
	if (at != r->at)
		reason_set(&why, 0, _("an exact repeat of line %llu of %.100s"),
			   line, r->im->file[at].path);
	else if (r->file->map.key_n > 0)
		reason_set(&why, 0, _("it has the same key as line %llu"),
			   line);
	else
		reason_set(&why, 0, _("an exact repeat of line %llu"), line);
	return reject(r, why.text);
}

static bool is_same_fact(const struct record *a, const struct record *b,
			 unsigned k)
{
	if (record_has(a, k) != record_has(b, k))
		return false;
	if (!record_has(a, k))
		return true;
	return a->v[k].u == b->v[k].u && a->v[k].n == b->v[k].n &&
	       (a->v[k].n == 0 || memcmp(a->v[k].p, b->v[k].p, a->v[k].n) == 0);
}

/* Commitments have a salt each time, so what they open is compared.  What was
 * forgotten since cannot be, and its row is the one that it was. */
static bool is_same_secret(struct reading *r, const struct rowsecret *now)
{
	uint8_t key[OPENED_KEY], row[OPENED_ROW];
	struct id before = record_id(&r->before, now->fact);
	size_t n;

	if (!record_has(&r->before, now->fact))
		return false;
	opened_key(key, &before);
	if (store_get(r->im->desk->store, TABLE_PRIVATE, key, sizeof(key), row,
		      sizeof(row), &n) != 0 ||
	    n < RECEIPT_SALT)
		return true;
	return n == now->n &&
	       memcmp(row + RECEIPT_SALT, now->row + RECEIPT_SALT,
		      n - RECEIPT_SALT) == 0;
}

static bool are_same_secrets(struct reading *r)
{
	static const enum fact facts[] = { FACT_NOTE, FACT_DONOR, FACT_PAYEE };
	const struct rowform *f = r->im->row;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		n += record_has(&r->before, facts[i]);
	for (size_t i = 0; i < f->secret_n; i++)
		if (!is_same_secret(r, &f->secret[i]))
			return false;
	return n == f->secret_n;
}

/* What was worked out when it was recorded, or is compared otherwise. */
static bool is_made(unsigned k)
{
	return k == FACT_FOUND || k == FACT_MISSING || k == FACT_NOTE ||
	       k == FACT_DONOR || k == FACT_PAYEE;
}

/* Does a record say what the row says? */
static bool is_same(struct reading *r, const struct entry *e)
{
	const struct draft *d = &r->im->row->draft;

	if (e->kind != d->kind ||
	    record_decode(&r->before, e->kind, e->facts, e->facts_n) != 0 ||
	    record_decode(&r->now, d->kind, d->facts, d->facts_n) != 0)
		return false;
	for (unsigned k = 1; k < FACT_LIMIT; k++)
		if (!is_made(k) && !is_same_fact(&r->before, &r->now, k))
			return false;
	return are_same_secrets(r);
}

/* Is the row in the ledger already?  ERR_NOT_FOUND: no; 0: yes, at *at;
 * ERR_EXISTS: something else is, under its key. */
static int find_recorded(struct reading *r, struct position *at)
{
	struct desk *d = r->im->desk;
	struct entry e;
	size_t n;
	int err = store_key_find(d->store, &d->identity, &r->im->row->key, at);

	if (err == 0)
		err = store_entry(d->store, &at->feed, at->seq, r->raw, &n);
	if (err == 0)
		err = entry_decode(&e, r->raw, n);
	if (err != 0)
		return err;
	return is_same(r, &e) ? 0 : ERR_EXISTS;
}

static int other_facts(struct reading *r, const struct position *at)
{
	struct reason why = { "" };
	char ref[REF_TEXT];

	ref_text(ref, desk_roster(r->im->desk), &at->feed, at->seq);
	reason_set(&why, 0,
		   _("it was recorded before with other facts, as %s; "
		     "'correct' replaces them"),
		   ref);
	return unusable(r, why.text);
}

/* Remember the names that the row uses, each once. */
static int keep_names(struct import *im)
{
	for (size_t i = 0; i < im->row->name_n; i++) {
		const struct party *p = &im->row->name[i];
		char text[PARTY_NAME + 2];
		int err = tagset_put(&im->known, &p->outsider, im->name_n + 1);

		if (err == ERR_EXISTS)
			continue;
		if (err != 0)
			return err;
		if (im->name_n == im->name_max) {
			size_t max = im->name_max > 0 ? 2 * im->name_max : 64;
			const char **more =
				realloc(im->name, max * sizeof(*more));

			if (more == NULL)
				return ERR_NOMEM;
			im->name = more;
			im->name_max = max;
		}
		snprintf(text, sizeof(text), "%c%s", p->is_public ? '=' : '~',
			 p->name);
		im->name[im->name_n] = rowset_text(&im->rows, text);
		if (im->name[im->name_n] == NULL)
			return ERR_NOMEM;
		im->name_n++;
	}
	return 0;
}

/* What opens the row's commitments waits until the row is recorded. */
static int keep_secrets(struct import *im)
{
	for (size_t i = 0; i < im->row->secret_n; i++) {
		const struct rowsecret *s = &im->row->secret[i];
		struct import_secret *to;
		int err = grow(&im->secret, &im->secret_max, im->secret_n,
			       sizeof(*im->secret));

		if (err != 0)
			return err;
		to = &im->secret[im->secret_n];
		to->made = s->made;
		to->n = s->n;
		to->row = rowset_bytes(&im->rows, s->row, s->n);
		if (to->row == NULL)
			return ERR_NOMEM;
		im->secret_n++;
	}
	return 0;
}

/* Is what the row delivers as goods declared as a service? */
static bool is_service(const struct import *im)
{
	const struct rowform *f = im->row;
	const struct catalog_row *row;

	if (f->draft.kind != KIND_DELIVER || !f->has_item ||
	    record_uint(&f->form->rec, FACT_SERVICE) != 0)
		return false;
	row = catalog_find(&im->catalog, f->goods.item);
	return row != NULL && row->class == CLASS_SERVICE;
}

static int keep(struct reading *r)
{
	struct import *im = r->im;
	const struct rowform *f = im->row;
	struct row row = {
		.when_ms = f->when_ms,
		.facts = f->draft.facts,
		.facts_n = (uint16_t)f->draft.facts_n,
		.line = (uint32_t)r->file->csv.line,
		.file = (uint8_t)r->at,
		.rank = (uint8_t)rank_of(f->draft.kind),
	};
	int err;

	if (r->file->csv.line > UINT32_MAX)
		return ERR_LIMIT;
	r->file->fresh++;
	im->services += is_service(im);
	if (im->is_dry)
		return 0;
	err = rowset_add(&im->rows, &row);
	if (err == 0)
		err = keep_names(im);
	return err == 0 ? keep_secrets(im) : err;
}

static int cannot_go_on(const struct reading *r, int err)
{
	if (err == ERR_LIMIT)
		say_error(_("%s: more than %d rows in one import; nothing was "
			    "recorded, split the files"),
			  r->file->path, ROWSET_MAX);
	else
		say_error(_("%s: reading stopped at line %llu, nothing was "
			    "recorded: %s"),
			  r->file->path, (unsigned long long)r->file->csv.line,
			  err_reason(err));
	return exit_of(err);
}

static int usable(struct reading *r)
{
	struct tagset *seen = &r->im->seen;
	uint64_t before = tagset_get(seen, &r->im->row->key);
	struct position at;
	int err;

	if (before != 0)
		return repeat(r, before);
	err = find_recorded(r, &at);
	if (err == ERR_EXISTS)
		return other_facts(r, &at);
	if (err == 0)
		r->file->there++;
	else if (err == ERR_NOT_FOUND)
		err = keep(r);
	if (err == 0)
		err = tagset_put(seen, &r->im->row->key, place(r));
	return err == 0 ? EXIT_DONE : cannot_go_on(r, err);
}

static int take_row(struct reading *r)
{
	struct import_file *f = r->file;
	struct reason why = { "" };
	int err;

	if (f->csv.n == f->map.columns && !rowform_wants(&f->map, &f->csv)) {
		f->skipped++;
		return EXIT_DONE;
	}
	err = rowform_fill(r->im->row, &f->map, &f->csv, &why);
	if (err == ERR_NOMEM || err == ERR_IO)
		return cannot_go_on(r, err);
	return err == 0 ? usable(r) : unusable(r, why.text);
}

static int read_file(struct reading *r)
{
	struct csv *c = &r->file->csv;
	int code = EXIT_DONE;
	int err;

	r->im->row->skip = r->file->rejects.skip;
	while (code == EXIT_DONE && (err = csv_next(c)) != ERR_NOT_FOUND) {
		if (err != 0 && err != ERR_FORMAT)
			return cannot_go_on(r, err);
		r->file->rows++;
		code = err == 0 ? take_row(r) : flawed(r);
		progress_at(&r->progress, r->bytes_before + c->read_bytes,
			    r->bytes_total);
	}
	r->bytes_before += c->read_bytes;
	return rejects_close(&r->file->rejects, code);
}

static uint64_t total_bytes(const struct import *im)
{
	uint64_t total = 0;

	for (size_t i = 0; i < im->file_n; i++) {
		if (im->file[i].csv.file_bytes == 0)
			return 0;
		total += im->file[i].csv.file_bytes;
	}
	return total;
}

int import_read(struct import *im)
{
	struct reading *r = calloc(1, sizeof(*r));
	int code = EXIT_DONE;

	if (r == NULL) {
		say_error("%s", err_reason(ERR_NOMEM));
		return EXIT_AGAIN;
	}
	r->im = im;
	r->bytes_total = total_bytes(im);
	progress_start(&r->progress, _("reading"));
	for (size_t i = 0; i < im->file_n && code == EXIT_DONE; i++) {
		r->at = i;
		r->file = &im->file[i];
		code = read_file(r);
	}
	progress_end(&r->progress);
	if (r->shown > SHOWN)
		say_note(_("... and %zu more"), r->shown - SHOWN);
	free(r);
	rowset_sort(&im->rows);
	return code;
}
