#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/proof/opened.h"
#include "node/text/i18n.h"
#include "node/text/names.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/entry.h"
#include "store/book.h"
#include "store/log.h"
#include "store/private.h"

#include <stdio.h>

/*
 * To forget: salt and value of a record's private fields, or an outsider's
 * private name, are gone from this home.  The ledger holds a hash, or a handle,
 * that nobody can open from then on.
 */

struct forgetting {
	struct desk desk;
	struct ref_found found;
	size_t known, forgotten, before; /* fields: here, of these now, then */
	uint8_t keys[RECEIPT_OPENED][OPENED_KEY];
	struct keepsake rows[RECEIPT_OPENED];
};

/* The rows behind one version's commitments. */
static void take_fields(struct forgetting *x, const struct record *rec)
{
	for (unsigned f = 0; f < FACT_LIMIT; f++) {
		const struct fact_rule *rule = fact_rule(f);
		struct keepsake *row = &x->rows[x->forgotten];
		uint8_t *key = x->keys[x->forgotten], value[OPENED_ROW];
		struct id commitment;
		size_t n;

		if (rule == NULL || rule->type != TYPE_SHA ||
		    !record_has(rec, (enum fact)f) ||
		    x->forgotten == RECEIPT_OPENED)
			continue;
		commitment = record_id(rec, (enum fact)f);
		opened_key(key, &commitment);
		if (store_get(x->desk.store, TABLE_PRIVATE, key, OPENED_KEY,
			      value, sizeof(value), &n) != 0)
			continue;
		bytes_wipe(value, sizeof(value));
		x->known++;
		if (n < RECEIPT_SALT) {
			x->before++;
			continue;
		}
		*row = (struct keepsake){ key, OPENED_KEY, OPENED_FORGOTTEN,
					  sizeof(OPENED_FORGOTTEN) - 1 };
		x->forgotten++;
	}
}

/* A correction may bring a field of its own. */
static int take_correction(void *arg, const struct book_record *rec)
{
	const struct value *facts = &rec->rec.v[FACT_FACTS];
	struct forgetting *x = arg;
	struct record inner;

	if (rec->rec.kind == KIND_CORRECT && record_has(&rec->rec, FACT_FACTS))
		for (uint32_t kind = KIND_ITEM; kind <= KIND_ATTACH; kind++)
			if (record_decode(&inner, kind, facts->p, facts->n) ==
			    0) {
				take_fields(x, &inner);
				break;
			}
	return 0;
}

static int take_versions(struct forgetting *x)
{
	uint8_t raw[LIMIT_ENTRY];
	struct book_view view;
	struct record rec;
	struct entry e;
	size_t n;
	int err = store_entry(x->desk.store, &x->found.feed, x->found.seq, raw,
			      &n);

	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err == 0 && record_decode(&rec, e.kind, e.facts, e.facts_n) == 0)
		take_fields(x, &rec);
	if (err == 0)
		err = store_view_open(x->desk.store, &view);
	if (err != 0)
		return err;
	err = view.refs(view.cookie, &x->found.id, REF_CORRECT, take_correction,
			x);
	store_view_close(x->desk.store);
	return err;
}

static int take_record(struct forgetting *x, const char *text,
		       struct reason *why)
{
	int err = ref_resolve(&x->found, &x->desk, text, why);

	return err == 0 ? take_versions(x) : err;
}

/* The name behind a handle. */
static int take_name(struct forgetting *x, const char *text, struct reason *why)
{
	uint8_t value[1 + PARTY_NAME];
	struct party p;
	size_t n;
	int err = party_resolve(&p, desk_roster(&x->desk), &x->desk.member,
				text, why);

	if (err != 0)
		return err;
	names_key(x->keys[0], &p.outsider);
	if (store_get(x->desk.store, TABLE_PRIVATE, x->keys[0], NAMES_KEY,
		      value, sizeof(value), &n) != 0)
		return 0;
	x->known = 1;
	x->forgotten = n > 0 && value[0] == '~';
	x->rows[0] = (struct keepsake){ x->keys[0], NAMES_KEY, "", 0 };
	bytes_wipe(value, sizeof(value));
	return 0;
}

static int forget(struct forgetting *x, const char *text)
{
	struct reason why = { "" };
	int err = text[0] == '~' ? take_name(x, text, &why)
				 : take_record(x, text, &why);

	if (err == ERR_NOT_FOUND) {
		say_error("%s", why.text);
		return EXIT_NO;
	}
	if (err != 0) {
		say_error("%s",
			  why.text[0] != '\0' ? why.text : err_reason(err));
		return err == ERR_EXISTS || err == ERR_FORMAT ? EXIT_DATA
							      : exit_of(err);
	}
	if (x->known == 0) {
		say_error(_("this home knows nothing private of '%s'"), text);
		return EXIT_NO;
	}
	if (x->forgotten == 0) {
		say_note(_("it was forgotten before"));
		return EXIT_DONE;
	}
	return desk_forget(&x->desk, x->rows, x->forgotten);
}

static int run_forget(struct ctx *ctx, const struct args *args)
{
	struct forgetting x = { .known = 0 };
	int code = desk_open(&x.desk, ctx);

	if (code == EXIT_DONE)
		code = forget(&x, args->pos[0]);
	if (code == EXIT_DONE && x.forgotten > 0)
		say_note(P_("%zu field is forgotten in this home; receipts "
			    "that were handed out, backups and copies of the "
			    "home still hold it",
			    "%zu fields are forgotten in this home; receipts "
			    "that were handed out, backups and copies of the "
			    "home still hold them",
			    x.forgotten),
			 x.forgotten);
	desk_close(&x.desk);
	return code;
}

const struct command cmd_forget = {
	.name = "forget",
	.run = run_forget,
	.usage = "REF|~NAME",
	.summary = N_("forget who gave, who was paid, a private note or name"),
	.detail = N_("REF: what this home keeps of the private fields of a "
		     "record. ~NAME: whose private name that is. The records "
		     "stay, with a hash or a handle that nobody can open any "
		     "more, and everything still verifies; what was forgotten "
		     "is forgotten for good. The ledger's files hold private "
		     "fields sealed only; to forget gives all that stays a new "
		     "key and overwrites the old one, so remains of it in "
		     "these files cannot be opened either. A memory card or a "
		     "disk that keeps old copies of what is overwritten may "
		     "still have the old key."),
	.pos_min = 1,
	.pos_max = 1,
};
