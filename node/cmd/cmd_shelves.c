#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/figures.h"
#include "node/cmd/narrow.h"
#include "node/cmd/partial.h"
#include "node/cmd/printers.h"
#include "node/cmd/table.h"
#include "node/cmd/withdrawn.h"
#include "node/ctl/desk.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"

#include <string.h>

/* What stands where: a row for each holder and item. */
struct shelves {
	struct ctx *ctx;
	struct desk desk;
	struct narrow narrow;
	struct catalog catalog;
	struct withdrawn withdrawn;
	const char *item; /* only this one, or NULL */
	struct table table;
	json_t *rows;
	size_t n;
};

/* Is item the one asked for, or a revision of it? */
static bool is_wanted(const struct shelves *s, const char *item, size_t n)
{
	size_t want = s->item == NULL ? 0 : strlen(s->item);

	return s->item == NULL ||
	       (n >= want && memcmp(item, s->item, want) == 0 &&
		(n == want || item[want] == '/'));
}

static void put_json(struct shelves *s, const struct holder *h,
		     const char *item, const int64_t col[static COL_COUNT])
{
	static const struct tag own;
	const struct member *m = roster_member(s->narrow.roster, &h->member);
	const char *word = withdrawn_word(
		withdrawn_find(&s->withdrawn, item, strlen(item)));
	json_t *row = json_object();

	json_put(&row, "party", json_key(&h->member));
	json_put(&row, "label",
		 m == NULL ? json_null() : json_string(m->label));
	json_put(&row, "outsider",
		 memcmp(h->outsider.b, own.b, TAG_SIZE) == 0
			 ? json_null()
			 : json_hex(h->outsider.b, TAG_SIZE));
	json_put(&row, "place",
		 m == NULL ? json_null() : json_string(m->place));
	json_put(&row, "item", json_string(item));
	json_put(&row, "unit", json_string(catalog_unit(&s->catalog, item)));
	json_put(&row, "on_hand", json_integer(col[COL_ON_HAND]));
	json_put(&row, "in_transit", json_integer(col[COL_IN_TRANSIT]));
	json_put(&row, "verdict",
		 word == NULL ? json_null() : json_string(word));
	json_push(&s->rows, row);
}

static void put_text(struct shelves *s, const struct holder *h,
		     const char *item, const int64_t col[static COL_COUNT])
{
	static const struct tag own;
	const struct member *m = roster_member(s->narrow.roster, &h->member);
	char member[PARTY_TEXT], outsider[PARTY_TEXT] = "";

	member_text(member, s->narrow.roster, &h->member);
	if (memcmp(h->outsider.b, own.b, TAG_SIZE) != 0)
		outsider_text(outsider, &s->desk, &h->member, &h->outsider);
	withdrawn_find(&s->withdrawn, item, strlen(item));
	table_put(&s->table, member);
	table_put(&s->table, outsider);
	table_put(&s->table, m == NULL ? "" : m->place);
	table_put(&s->table, item);
	table_put(&s->table, catalog_unit(&s->catalog, item));
	table_number(&s->table, col[COL_ON_HAND]);
	table_number(&s->table, col[COL_IN_TRANSIT]);
}

static int put_row(void *arg, const struct holder *h, const char *item,
		   size_t item_n, const int64_t col[static COL_COUNT])
{
	struct shelves *s = arg;
	char name[LIMIT_ITEM + 1];

	if ((col[COL_ON_HAND] == 0 && col[COL_IN_TRANSIT] == 0) ||
	    !is_wanted(s, item, item_n) ||
	    !narrow_member(&s->narrow, &h->member))
		return 0;
	memcpy(name, item, item_n);
	name[item_n] = '\0';
	s->n++;
	if (s->ctx->is_json)
		put_json(s, h, name, col);
	else
		put_text(s, h, name, col);
	return 0;
}

static void put_head(struct shelves *s)
{
	table_init(&s->table, "lllllrr");
	table_put(&s->table, _("member"));
	table_put(&s->table, _("for"));
	table_put(&s->table, _("place"));
	table_put(&s->table, _("item"));
	table_put(&s->table, _("unit"));
	table_put(&s->table, _("on hand"));
	table_put(&s->table, _("in transit"));
}

static int print_json(struct shelves *s)
{
	json_t *out = json_object();

	json_put(&out, "schema", json_string("maillon.stock/1"));
	json_put(&out, "network", json_id(roster_network(s->narrow.roster)));
	json_put(&out, "rows", s->rows);
	return json_line(stdout, out);
}

static int print_text(struct shelves *s)
{
	int code = EXIT_DONE;

	if (s->n > 0) {
		code = table_print(&s->table, stdout);
	} else {
		table_drop(&s->table);
		say_note(_("There is nothing on any shelf."));
	}
	withdrawn_note(&s->withdrawn);
	return code;
}

static int by_holder(struct shelves *s)
{
	int err;

	if (s->ctx->is_json)
		s->rows = json_array();
	else
		put_head(s);
	err = store_balances(s->desk.store, put_row, s);
	if (err != 0) {
		say_error(_("the ledger cannot be read: %s"), err_reason(err));
		json_decref(s->rows);
		table_drop(&s->table);
		return exit_of(err);
	}
	return s->ctx->is_json ? print_json(s) : print_text(s);
}

static int check(struct shelves *s, const struct args *args)
{
	const char *by = args_get(args, "by");
	char item[LIMIT_ITEM + 1];

	s->item = args_get(args, "item");
	if (s->item != NULL && parse_item(item, s->item) != 0) {
		say_error(_("'%s' is not an item, like visor or visor/v30"),
			  s->item);
		return EXIT_DATA;
	}
	if (by != NULL && strcmp(by, "printer") != 0) {
		say_error(_("--by knows 'printer' only"));
		cmd_usage(stderr, &cmd_stock);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int run_stock(struct ctx *ctx, const struct args *args)
{
	struct shelves s = { .ctx = ctx };
	int code = check(&s, args);
	int err;

	if (code == EXIT_DONE)
		code = desk_read(&s.desk, ctx);
	if (code != EXIT_DONE)
		return code;
	code = narrow_open(&s.narrow, &s.desk, args);
	partial_note(s.desk.store, desk_roster(&s.desk), &s.desk.identity);
	err = code == EXIT_DONE ? figures_catalog(&s.catalog, s.desk.store) : 0;
	if (code == EXIT_DONE && err == 0)
		err = withdrawn_open(&s.withdrawn, &s.desk);
	if (err != 0) {
		say_error(_("the ledger cannot be read: %s"), err_reason(err));
		code = exit_of(err);
	}
	if (code == EXIT_DONE && args_has(args, "by"))
		code = printers_show(&s.desk, &s.narrow, s.item);
	else if (code == EXIT_DONE)
		code = by_holder(&s);
	withdrawn_close(&s.withdrawn);
	catalog_release(&s.catalog);
	desk_close(&s.desk);
	return code;
}

const struct command cmd_stock = {
	.name = "stock",
	.run = run_stock,
	.usage = "[--item I] [--place P] [--under PARTY] [--by printer]",
	.summary = N_("who has what on the shelf and on the way"),
	.detail = N_("--item visor shows all revisions of it. --by printer "
		     "shows what each printer made instead."),
	.options =
		(const struct option_rule[]){
			{ "item", "I", N_("only this item") },
			{ "by", "printer", N_("what each printer made") },
			{ NULL, NULL, NULL } },
	.more_options = narrow_options,
	.has_json = true,
};
