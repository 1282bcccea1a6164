#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/recording.h"
#include "node/cmd/shelf.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/*
 * What leaves a shelf without being delivered, and what is found on it.
 */

/* Only who sent something can lose it on the way, and no more than is open. */
static int check_transit(struct recording *r, const struct id *id,
			 const struct goods *goods, size_t n)
{
	struct delivery *d = calloc(1, sizeof(*d));
	struct book_view view;
	int err = d == NULL ? ERR_NOMEM : store_view_open(r->desk.store, &view);
	int code = EXIT_DONE;

	if (err != 0) {
		free(d);
		return recording_refuse(err, NULL);
	}
	err = book_delivery(&view, d, id);
	for (size_t i = 0; err == 0 && code == EXIT_DONE && i < n; i++) {
		bool is_there = false;
		uint64_t open = 0;

		for (size_t j = 0; j < d->n; j++)
			if (strlen(goods[i].item) == d->line[j].item_n &&
			    memcmp(goods[i].item, d->line[j].item,
				   d->line[j].item_n) == 0) {
				is_there = true;
				open = delivery_open(d, j);
			}
		if (!is_there) {
			say_error(_("the delivery has no %s"), goods[i].item);
			code = EXIT_DATA;
		} else if (goods[i].qty > open) {
			say_error(_("%s: only %llu are open"), goods[i].item,
				  (unsigned long long)open);
			code = EXIT_DATA;
		}
	}
	store_view_close(r->desk.store);
	free(d);
	if (err == ERR_STATE) {
		say_error(_("this delivery was withdrawn by its sender"));
		return EXIT_DATA;
	}
	/* Before one is admitted nothing counts, so nothing can be checked. */
	return err == 0 || err == ERR_NOT_FOUND ? code
						: recording_refuse(err, NULL);
}

static int set_delivery(struct recording *r)
{
	const char *text = args_get(r->args, "delivery");
	struct goods goods[LIMIT_LINES];
	const struct roster_feed *feed;
	struct ref_found found;
	size_t n;
	int code;

	if (text == NULL)
		return EXIT_DONE;
	code = recording_ref(r, &found, text, KIND_DELIVER);
	if (code != EXIT_DONE)
		return code;
	feed = roster_feed(desk_roster(&r->desk), &found.feed);
	if (feed == NULL || !pubkey_eq(&feed->identity, &r->desk.identity)) {
		say_error(_("'%s' was sent by somebody else: who sent goods "
			    "records that they were lost on the way"),
			  text);
		return EXIT_DENIED;
	}
	code = recording_goods(r, goods, &n, r->args->pos, r->args->pos_n);
	if (code == EXIT_DONE && recording_earlier(r) == NULL)
		code = check_transit(r, &found.id, goods, n);
	if (code == EXIT_DONE &&
	    form_bytes(r->form, FACT_DELIVER, found.id.b, ID_SIZE) != 0)
		code = EXIT_DATA;
	return code;
}

static int run_lose(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "reason", FACT_REASON },
		{ "lot", FACT_LOT },
		{ NULL, 0 },
	};
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_LOSE);

	if (code == EXIT_DONE)
		code = recording_needs(&r, &cmd_lose, "reason");
	if (code == EXIT_DONE)
		code = recording_lines(&r, FACT_LINES, args->pos, args->pos_n);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = set_delivery(&r);
	return recording_end(&r, code);
}

const struct command cmd_lose = {
	.name = "lose",
	.run = run_lose,
	.usage = "LINE... --reason TEXT [--delivery REF] [--lot L]",
	.summary = N_("record goods that were lost, broken or thrown away"),
	.detail = N_("A LINE is a quantity and an item, as one argument or as "
		     "two. With --delivery they were lost on the way and not "
		     "on the shelf."),
	.options =
		(const struct option_rule[]){
			{ "reason", "TEXT",
			  N_("what happened; everybody can read this") },
			{ "delivery", "REF",
			  N_("the delivery on the way of which they were "
			     "lost") },
			{ "lot", "L", N_("the lot, for recalls") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = ARGS_MAX,
};

/* What was counted, against what the book says. */
static int set_difference(struct recording *r, struct goods *counted)
{
	const struct record *earlier = recording_earlier(r);
	const struct roster *roster = desk_roster(&r->desk);
	struct tag outsider = record_tag(&r->form->rec, FACT_FOR);
	struct goods diff = *counted;
	int64_t on_hand;
	int err;

	if (earlier != NULL) {
		enum fact f = record_has(earlier, FACT_FOUND) ? FACT_FOUND
							      : FACT_MISSING;

		if (!record_has(earlier, f))
			return EXIT_DONE;
		err = form_bytes(r->form, f, earlier->v[f].p, earlier->v[f].n);
		return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
	}
	if (roster_member(roster, &r->desk.identity) == NULL) {
		say_error(_("you are not admitted yet, and a stock take needs "
			    "your book; try again once you are"));
		return EXIT_AGAIN;
	}
	err = shelf_on_hand(&r->desk, &outsider, counted->item,
			    strlen(counted->item), &on_hand);
	if (err != 0)
		return recording_refuse(err, NULL);
	if (on_hand == (int64_t)counted->qty)
		return EXIT_DONE;
	diff.qty = on_hand < (int64_t)counted->qty
			   ? counted->qty - (uint64_t)on_hand
			   : (uint64_t)on_hand - counted->qty;
	err = form_lines(r->form,
			 on_hand < (int64_t)counted->qty ? FACT_FOUND
							 : FACT_MISSING,
			 &diff, 1);
	if (err == 0)
		return EXIT_DONE;
	say_error(_("the book has %lld %s: the difference is more than one "
		    "record takes"),
		  (long long)on_hand, counted->item);
	return EXIT_DATA;
}

static int run_count(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "reason", FACT_REASON },
		{ NULL, 0 },
	};
	struct goods goods[LIMIT_LINES];
	struct recording r;
	size_t n = 0, bad;
	int code = recording_open(&r, ctx, args, KIND_COUNT);

	if (code == EXIT_DONE &&
	    (parse_lines(goods, &n, args->pos, args->pos_n, &bad) != 0 ||
	     n != 1)) {
		say_error(_("one whole number from 0 to %llu and one item, "
			    "please, like 12 visor/v30"),
			  (unsigned long long)LIMIT_QTY);
		code = EXIT_DATA;
	}
	if (code == EXIT_DONE &&
	    form_lines(r.form, FACT_COUNTED, goods, 1) != 0)
		code = EXIT_DATA;
	if (code == EXIT_DONE)
		code = set_difference(&r, &goods[0]);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	return recording_end(&r, code);
}

const struct command cmd_count = {
	.name = "count",
	.run = run_count,
	.usage = "QTY ITEM [--reason TEXT]",
	.summary = N_("take stock: record what is really on the shelf"),
	.detail = N_("QTY may be 0. The difference to the book is recorded "
		     "with it, as found or missing."),
	.options =
		(const struct option_rule[]){
			{ "reason", "TEXT",
			  N_("what explains the difference; everybody can read "
			     "this") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 2,
};
