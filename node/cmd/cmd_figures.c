#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/figures.h"
#include "node/cmd/narrow.h"
#include "node/cmd/purse.h"
#include "node/ctl/desk.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/party.h"
#include "node/text/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What totals and balance work on. */
struct showing {
	struct ctx *ctx;
	struct desk desk;
	struct narrow narrow;
	struct catalog catalog;
};

static int cannot_read(int err)
{
	say_error(_("the ledger cannot be read: %s"), err_reason(err));
	return exit_of(err);
}

static int showing_open(struct showing *s, struct ctx *ctx,
			const struct args *args)
{
	int code, err;

	*s = (struct showing){ .ctx = ctx };
	code = desk_read(&s->desk, ctx);
	if (code == EXIT_DONE)
		code = narrow_open(&s->narrow, &s->desk, args);
	if (code != EXIT_DONE)
		return code;
	err = figures_catalog(&s->catalog, s->desk.store);
	return err == 0 ? EXIT_DONE : cannot_read(err);
}

static int showing_close(struct showing *s, int code)
{
	catalog_release(&s->catalog);
	desk_close(&s->desk);
	return code;
}

/* The associations that are shown, in the roster's order. */
static size_t list_parties(const struct showing *s, struct pubkey *parties)
{
	const struct roster *r = s->narrow.roster;
	size_t n = 0;

	for (size_t i = 0; i < roster_count(r); i++) {
		const struct member *m = roster_at(r, i);

		if (m->role == ROLE_ASSOCIATION &&
		    narrow_member(&s->narrow, &m->identity))
			parties[n++] = m->identity;
	}
	return n;
}

static json_t *association(const struct showing *s, const struct pubkey *party,
			   const struct figures *f)
{
	const struct member *m = roster_member(s->narrow.roster, party);
	json_t *out = json_object();

	json_put(&out, "party", json_key(party));
	json_put(&out, "label", json_string(m->label));
	json_put(&out, "items", figures_json(f, &s->catalog));
	return out;
}

static json_t *associations(struct showing *s, int *err)
{
	size_t max = roster_count(s->narrow.roster) + 1, n = 0;
	struct pubkey *parties = calloc(max, sizeof(*parties));
	struct figures *rows = calloc(max, sizeof(*rows));
	json_t *all = json_array();

	if (parties == NULL || rows == NULL)
		*err = ERR_NOMEM;
	if (*err == 0) {
		n = list_parties(s, parties);
		*err = figures_by_party(rows, parties, n, s->desk.store,
					&s->narrow);
	}
	for (size_t i = 0; i < n; i++) {
		if (*err == 0)
			json_push(&all, association(s, &parties[i], &rows[i]));
		figures_release(&rows[i]);
	}
	free(parties);
	free(rows);
	return all;
}

static int totals_json(struct showing *s, const struct figures *f)
{
	json_t *out = json_object();
	struct funds funds = { NULL, 0, 0 };
	int err = purse_sum(&funds, s->desk.store, &s->narrow);

	json_put(&out, "schema", json_string("maillon.totals/1"));
	json_put(&out, "network", json_id(roster_network(s->narrow.roster)));
	json_put(&out, "items", figures_json(f, &s->catalog));
	json_put(&out, "associations", associations(s, &err));
	json_put(&out, "funds", purse_funds(&funds));
	funds_release(&funds);
	if (err == 0)
		return json_line(stdout, out);
	json_decref(out);
	return cannot_read(err);
}

static int totals_text(struct showing *s, const struct figures *f)
{
	struct funds funds = { NULL, 0, 0 };
	int err = purse_sum(&funds, s->desk.store, &s->narrow);
	int code = EXIT_DONE;

	if (err != 0)
		code = cannot_read(err);
	else if (f->n == 0 && funds.n == 0)
		say_note(_("Nothing is recorded yet."));
	if (code == EXIT_DONE && f->n > 0)
		code = figures_table(f, &s->catalog);
	if (code == EXIT_DONE && f->n > 0 && funds.n > 0)
		putchar('\n');
	if (code == EXIT_DONE)
		code = purse_funds_table(stdout, &funds, s->narrow.roster);
	funds_release(&funds);
	return code;
}

static int run_totals(struct ctx *ctx, const struct args *args)
{
	struct showing s;
	struct figures f = { 0 };
	int code = showing_open(&s, ctx, args);
	int err;

	if (code != EXIT_DONE)
		return showing_close(&s, code);
	err = figures_sum(&f, s.desk.store, &s.narrow);
	if (err != 0)
		code = cannot_read(err);
	else if (ctx->is_json)
		code = totals_json(&s, &f);
	else
		code = totals_text(&s, &f);
	figures_release(&f);
	return showing_close(&s, code);
}

const struct command cmd_totals = {
	.name = "totals",
	.run = run_totals,
	.usage = "[--under PARTY] [--place PLACE]",
	.summary = N_("the sums of the running book, item by item"),
	.detail = N_(
		"An audit works the same figures out from the entries alone."),
	.more_options = narrow_options,
	.has_json = true,
};

/* The balances of one member, its own and those of the outsiders in its book,
 * as they come. */
struct book_of {
	struct showing *s;
	struct pubkey member;
	bool one_outsider; /* only this one */
	struct tag outsider;
	struct tag current;
	struct figures f;
	bool has_rows;
	json_t *holders;
	int code;
};

static void end_holder(struct book_of *b)
{
	char name[PARTY_TEXT];
	json_t *row;
	static const struct tag own;
	bool is_own = memcmp(b->current.b, own.b, TAG_SIZE) == 0;

	if (b->f.n == 0)
		return;
	if (b->s->ctx->is_json) {
		row = json_object();
		json_put(&row, "outsider",
			 is_own ? json_null()
				: json_hex(b->current.b, TAG_SIZE));
		json_put(&row, "items", figures_json(&b->f, &b->s->catalog));
		json_push(&b->holders, row);
	} else {
		if (is_own)
			member_text(name, b->s->narrow.roster, &b->member);
		else
			outsider_text(name, &b->s->desk, &b->member,
				      &b->current);
		printf("%s%s\n", b->has_rows ? "\n" : "", name);
		b->code = figures_table(&b->f, &b->s->catalog);
	}
	b->has_rows = true;
	figures_release(&b->f);
}

static int add_row(void *arg, const struct holder *holder, const char *item,
		   size_t item_n, const int64_t col[static COL_COUNT])
{
	struct book_of *b = arg;

	if (b->one_outsider &&
	    memcmp(holder->outsider.b, b->outsider.b, TAG_SIZE) != 0)
		return 0;
	if (memcmp(holder->outsider.b, b->current.b, TAG_SIZE) != 0) {
		end_holder(b);
		b->current = holder->outsider;
	}
	return figures_add(&b->f, item, item_n, col);
}

static int choose_book(struct book_of *b, const struct args *args)
{
	struct reason why = { "" };
	struct party party;

	b->member = b->s->desk.identity;
	if (args->pos_n == 0)
		return EXIT_DONE;
	if (party_resolve(&party, b->s->narrow.roster, &b->s->desk.member,
			  args->pos[0], &why) != 0) {
		say_error("%s", why.text);
		return EXIT_DATA;
	}
	if (party.is_member) {
		b->member = party.member;
	} else {
		b->one_outsider = true;
		b->outsider = party.outsider;
	}
	return EXIT_DONE;
}

static int print_balance(struct book_of *b)
{
	const struct member *m = roster_member(b->s->narrow.roster, &b->member);
	json_t *out;
	int err = 0;

	b->holders = b->s->ctx->is_json ? json_array() : NULL;
	if (narrow_member(&b->s->narrow, &b->member))
		err = store_balances_of(b->s->desk.store, &b->member, add_row,
					b);
	if (err == 0)
		end_holder(b);
	figures_release(&b->f);
	if (err != 0) {
		json_decref(b->holders);
		return cannot_read(err);
	}
	if (!b->s->ctx->is_json) {
		if (!b->has_rows)
			say_note(_("Nothing is in this book yet."));
		return b->code;
	}
	out = json_object();
	json_put(&out, "schema", json_string("maillon.balance/1"));
	json_put(&out, "network", json_id(roster_network(b->s->narrow.roster)));
	json_put(&out, "party", json_key(&b->member));
	json_put(&out, "label",
		 m == NULL ? json_null() : json_string(m->label));
	json_put(&out, "holders", b->holders);
	return json_line(stdout, out);
}

static int run_balance(struct ctx *ctx, const struct args *args)
{
	struct showing s;
	struct book_of b = { .s = &s };
	int code = showing_open(&s, ctx, args);

	if (code == EXIT_DONE)
		code = choose_book(&b, args);
	if (code == EXIT_DONE)
		code = print_balance(&b);
	return showing_close(&s, code);
}

const struct command cmd_balance = {
	.name = "balance",
	.run = run_balance,
	.usage = "[PARTY] [--under PARTY] [--place PLACE]",
	.summary = N_("the book of one member, item by item"),
	.detail =
		N_("Without PARTY your own, with the outsiders whose stock you "
		   "keep. An outsider (=NAME, ~NAME) is one of your own book."),
	.more_options = narrow_options,
	.pos_max = 1,
	.has_json = true,
};
