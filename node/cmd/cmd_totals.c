#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/figures.h"
#include "node/cmd/narrow.h"
#include "node/cmd/newest.h"
#include "node/cmd/partial.h"
#include "node/cmd/purse.h"
#include "node/ctl/desk.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/say.h"
#include "proto/grow.h"
#include "store/log.h"
#include "store/recent.h"
#include "store/totals.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * Sums that the store keeps are shown as they are, without a roster; it is
 * loaded, and balances are added up, for what is not kept: a place, or those
 * below a member who is no association.
 */
struct totals {
	struct ctx *ctx;
	struct desk desk;
	struct catalog catalog;
	bool is_kept;
	const struct pubkey *under; /* is_kept: NULL for all */
	struct rank_row association;
	struct narrow narrow; /* not is_kept */
	struct figures items;
	struct funds funds;
	struct newest newest;     /* what is not replayed yet */
	struct rank_row *parties; /* associations that are shown */
	size_t parties_n, parties_max;
	struct figures *rows; /* of each */
};

static int cannot_read(int err)
{
	say_error(_("the ledger cannot be read: %s"), err_reason(err));
	return exit_of(err);
}

/* Is what the options ask for among the sums that are kept? */
static int look_for_kept(struct totals *t, const struct args *args)
{
	const char *under = args_get(args, "under");
	int err = 0;

	if (args_get(args, "place") != NULL)
		return 0;
	if (under != NULL) {
		err = store_rank_named(t->desk.store, &t->association, under);
		if (err == ERR_NOT_FOUND || err == ERR_EXISTS)
			return 0;
		t->under = &t->association.identity;
	}
	t->is_kept = err == 0 &&
		     (under == NULL || t->association.role == ROLE_ASSOCIATION);
	return err;
}

static int totals_open(struct totals *t, const struct args *args)
{
	int code = desk_glance(&t->desk, t->ctx);
	int err;

	if (code != EXIT_DONE)
		return code;
	err = look_for_kept(t, args);
	if (err == 0 && !t->is_kept)
		err = store_refresh(t->desk.store);
	if (err != 0)
		return cannot_read(err);
	if (!t->is_kept)
		code = narrow_open(&t->narrow, &t->desk, args);
	if (code != EXIT_DONE)
		return code;
	err = figures_catalog(&t->catalog, t->desk.store);
	if (err == 0)
		partial_note(t->desk.store, desk_roster(&t->desk),
			     &t->desk.identity);
	return err == 0 ? EXIT_DONE : cannot_read(err);
}

static int add_party(void *arg, const struct rank_row *party)
{
	struct totals *t = arg;
	int err;

	if (!t->is_kept && !narrow_member(&t->narrow, &party->identity))
		return 0;
	err = grow(&t->parties, &t->parties_max, t->parties_n,
		   sizeof(*t->parties));
	if (err == 0)
		t->parties[t->parties_n++] = *party;
	return err;
}

static int sum_parties(struct totals *t)
{
	struct store *s = t->desk.store;
	int err = store_associations(s, t->under, add_party, t);

	t->rows = calloc(t->parties_n + 1, sizeof(*t->rows));
	if (err == 0 && t->rows == NULL)
		err = ERR_NOMEM;
	if (err == 0 && !t->is_kept)
		return figures_by_party(t->rows, t->parties, t->parties_n, s,
					&t->narrow);
	for (size_t i = 0; i < t->parties_n && err == 0; i++)
		err = figures_kept(&t->rows[i], s, TOTAL_BOOKED,
				   &t->parties[i].identity);
	return err;
}

/* No sum of these is kept, so their owners are looked up in the roster when not
 * all are to be shown. */
static int sum_newest(struct totals *t)
{
	bool is_all = t->is_kept && t->under == NULL;
	uint64_t n = 0;
	int err = store_recent_count(t->desk.store, &n);

	if (err != 0 || n == 0)
		return err;
	if (t->is_kept && t->under != NULL) {
		err = store_refresh(t->desk.store);
		t->narrow = (struct narrow){ .roster = desk_roster(&t->desk),
					     .has_under = true,
					     .under = *t->under };
	}
	return err != 0 ? err
			: newest_sum(&t->newest, t->desk.store,
				     is_all ? NULL : &t->narrow);
}

static int sum(struct totals *t)
{
	struct store *s = t->desk.store;
	int err = sum_newest(t);

	if (err != 0)
		return err;
	if (!t->is_kept) {
		err = figures_sum(&t->items, s, &t->narrow);
		return err == 0 ? purse_sum(&t->funds, s, &t->narrow) : err;
	}
	err = figures_kept(&t->items, s,
			   t->under == NULL ? TOTAL_ALL : TOTAL_UNDER,
			   t->under);
	return err == 0 ? purse_kept(&t->funds, s, t->under) : err;
}

static json_t *associations_json(const struct totals *t)
{
	json_t *all = json_array();

	for (size_t i = 0; i < t->parties_n; i++) {
		const struct rank_row *party = &t->parties[i];
		json_t *row = json_object();

		json_put(&row, "party", json_key(&party->identity));
		json_put(&row, "label", json_string(party->label));
		json_put(&row, "items", figures_json(&t->rows[i], &t->catalog));
		json_push(&all, row);
	}
	return all;
}

static int totals_json(struct totals *t)
{
	json_t *out = json_object();
	struct id network;
	int err = sum_parties(t);

	if (err == 0 && !store_network(t->desk.store, &network))
		err = ERR_STATE;
	if (err != 0) {
		json_decref(out);
		return cannot_read(err);
	}
	json_put(&out, "schema", json_string("maillon.totals/1"));
	json_put(&out, "network", json_id(&network));
	json_put(&out, "items", figures_json(&t->items, &t->catalog));
	json_put(&out, "associations", associations_json(t));
	json_put(&out, "funds", purse_funds(&t->funds));
	if (t->newest.entries > 0)
		json_put(&out, "recent", newest_json(&t->newest));
	return json_line(stdout, out);
}

static int replayed_text(struct totals *t)
{
	int code = EXIT_DONE;

	if (t->items.n == 0 && t->funds.n == 0)
		say_note(_("Nothing is recorded yet."));
	if (t->items.n > 0)
		code = figures_table(&t->items, &t->catalog);
	if (code == EXIT_DONE && t->items.n > 0 && t->funds.n > 0)
		putchar('\n');
	if (code != EXIT_DONE)
		return code;
	if (t->is_kept)
		return purse_kept_table(stdout, &t->funds, t->desk.store);
	return purse_funds_table(stdout, &t->funds, t->narrow.roster);
}

static int totals_text(struct totals *t)
{
	int code = replayed_text(t);

	if (code != EXIT_DONE || t->newest.entries == 0)
		return code;
	putchar('\n');
	return newest_table(&t->newest);
}

static int totals_show(struct totals *t)
{
	int err = sum(t);

	if (err != 0)
		return cannot_read(err);
	return t->ctx->is_json ? totals_json(t) : totals_text(t);
}

static void totals_close(struct totals *t)
{
	for (size_t i = 0; t->rows != NULL && i < t->parties_n; i++)
		figures_release(&t->rows[i]);
	free(t->rows);
	free(t->parties);
	figures_release(&t->items);
	funds_release(&t->funds);
	newest_release(&t->newest);
	catalog_release(&t->catalog);
	desk_close(&t->desk);
}

static int run_totals(struct ctx *ctx, const struct args *args)
{
	struct totals t = { .ctx = ctx };
	int code = totals_open(&t, args);

	if (code == EXIT_DONE)
		code = totals_show(&t);
	totals_close(&t);
	return code;
}

const struct command cmd_totals = {
	.name = "totals",
	.run = run_totals,
	.usage = "[--under PARTY] [--place PLACE]",
	.summary = N_("the sums of the running book, item by item"),
	.detail = N_(
		"An audit works the same figures out from the entries alone. "
		"While history is still to come, what the newest entries say "
		"of goods stands below, apart: corrections and doubles are not "
		"looked at there."),
	.more_options = narrow_options,
	.has_json = true,
};
