#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/figures.h"
#include "node/cmd/narrow.h"
#include "node/cmd/partial.h"
#include "node/ctl/desk.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/party.h"
#include "node/text/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What balance works on. */
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
	partial_note(s->desk.store, s->narrow.roster, &s->desk.identity);
	err = figures_catalog(&s->catalog, s->desk.store);
	return err == 0 ? EXIT_DONE : cannot_read(err);
}

static int showing_close(struct showing *s, int code)
{
	catalog_release(&s->catalog);
	desk_close(&s->desk);
	return code;
}

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
