#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/table.h"
#include "node/ctl/desk.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/book/demand.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/* Which requests are shown, and where they go. */
struct listing {
	struct ctx *ctx;
	struct desk desk;
	struct book_view view;
	char place[LIMIT_PLACE + 1]; /* "" for all */
	bool only_open;
	struct demand *lines; /* room for one request's */
	json_t *rows;
	struct table table;
	size_t n;
};

static bool is_wanted(const struct listing *l, const struct demand *d)
{
	if (l->place[0] != '\0' && !place_is_under(d->place, l->place))
		return false;
	return !l->only_open || (d->acknowledged < d->requested &&
				 !demand_is_over(d, l->ctx->now_ms));
}

static void add_json(struct listing *l, const struct book_record *rec,
		     const char *ref, const struct demand *d)
{
	json_t *row = json_object();

	json_put(&row, "ref", json_string(ref));
	json_put(&row, "id", json_id(&rec->id));
	json_put(&row, "author", json_key(&rec->author));
	json_put(&row, "item", json_string(d->item));
	json_put(&row, "place", json_string(d->place));
	json_put(&row, "until_ms",
		 d->until_ms == 0 ? json_null()
				  : json_integer((json_int_t)d->until_ms));
	json_put(&row, "requested", json_integer((json_int_t)d->requested));
	json_put(&row, "pledged", json_integer((json_int_t)d->pledged));
	json_put(&row, "acknowledged",
		 json_integer((json_int_t)d->acknowledged));
	json_push(&l->rows, row);
}

static void add_text(struct listing *l, const char *ref, const struct demand *d)
{
	char until[TIME_SIZE] = "";

	if (l->n == 0) {
		table_put(&l->table, "");
		table_put(&l->table, _("item"));
		table_put(&l->table, _("place"));
		table_put(&l->table, _("until"));
		table_put(&l->table, _("requested"));
		table_put(&l->table, _("pledged"));
		table_put(&l->table, _("acknowledged"));
	}
	if (d->until_ms != 0)
		time_text(until, d->until_ms);
	until[strcspn(until, "T")] = '\0';
	table_put(&l->table, ref);
	table_put(&l->table, d->item);
	table_put(&l->table, d->place);
	table_put(&l->table, until);
	table_number(&l->table, d->requested);
	table_number(&l->table, d->pledged);
	table_number(&l->table, d->acknowledged);
}

static int show(void *arg, const struct book_record *rec)
{
	struct listing *l = arg;
	char ref[REF_TEXT];
	size_t n;
	int err = demand_of(&l->view, rec, l->lines, &n);

	if (err != 0)
		return err;
	ref_text(ref, desk_roster(&l->desk), &rec->feed, rec->seq);
	for (size_t i = 0; i < n; i++) {
		if (!is_wanted(l, &l->lines[i]))
			continue;
		if (l->ctx->is_json)
			add_json(l, rec, ref, &l->lines[i]);
		else
			add_text(l, ref, &l->lines[i]);
		l->n++;
	}
	return 0;
}

static int list(struct listing *l)
{
	int err;

	l->lines = calloc(LIMIT_LINES, sizeof(*l->lines));
	if (l->lines == NULL)
		return ERR_NOMEM;
	err = store_view_open(l->desk.store, &l->view);
	if (err != 0)
		return err;
	err = store_kind(l->desk.store, KIND_REQUEST, show, l);
	store_view_close(l->desk.store);
	return err;
}

static int print_json(struct listing *l)
{
	json_t *out = json_object();

	json_put(&out, "schema", json_string("maillon.requests/1"));
	json_put(&out, "network",
		 json_id(roster_network(desk_roster(&l->desk))));
	json_put(&out, "requests", l->rows);
	l->rows = NULL;
	return json_line(stdout, out);
}

static int print(struct listing *l, int err)
{
	int code = EXIT_DONE;

	if (err != 0) {
		say_error(_("the ledger cannot be read: %s"), err_reason(err));
		code = exit_of(err);
	} else if (l->ctx->is_json) {
		code = print_json(l);
	} else if (l->n == 0) {
		say_note(_("Nothing is asked for."));
	}
	json_decref(l->rows);
	if (l->n > 0 && !l->ctx->is_json && code == EXIT_DONE)
		return table_print(&l->table, stdout);
	return code;
}

static int run_requests(struct ctx *ctx, const struct args *args)
{
	struct listing l = { .ctx = ctx, .only_open = args_has(args, "open") };
	const char *place = args_get(args, "place");
	int code;

	if (place != NULL && parse_place(l.place, place) != 0) {
		say_error(_("'%s' is not a place, like FR or FR-88"), place);
		return EXIT_DATA;
	}
	code = desk_read(&l.desk, ctx);
	if (code == EXIT_DONE) {
		table_init(&l.table, "llllrrr");
		l.rows = ctx->is_json ? json_array() : NULL;
		code = print(&l, list(&l));
	}
	free(l.lines);
	desk_close(&l.desk);
	return code;
}

const struct command cmd_requests = {
	.name = "requests",
	.run = run_requests,
	.usage = "[--place PLACE] [--open]",
	.summary = N_("what is asked for, what is promised, what arrived"),
	.detail = N_("Acknowledged is what recipients confirmed of deliveries "
		     "that name the request."),
	.options =
		(const struct option_rule[]){
			{ "place", "PLACE", N_("only for this place") },
			{ "open", NULL,
			  N_("only what has not all arrived and is still "
			     "needed") },
			{ NULL, NULL, NULL } },
	.has_json = true,
};
