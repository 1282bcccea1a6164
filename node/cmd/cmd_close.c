#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/cmd/allowed.h"
#include "node/cmd/closings.h"
#include "node/cmd/purse.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

/*
 * Closing a period of an association's accounts (PROTOCOL.md, "Periods").
 */

/* A period is closed once, when it is over; a part of a closed one is closed
 * with it. */
static int check_period(const struct recording *r, const struct closing *c)
{
	const struct closing *before;
	struct closings all;
	char ref[REF_TEXT];
	int err, code = EXIT_DONE;

	if (c->period.to_ms > r->ctx->now_ms) {
		say_error(_("%s is not over yet"), c->period.text);
		return EXIT_DATA;
	}
	err = closings_load(&all, r->desk.store);
	if (err != 0) {
		closings_release(&all);
		return recording_refuse(err, NULL);
	}
	before = closings_within(&all, &c->party, c->period.from_ms,
				 c->period.to_ms);
	if (before != NULL) {
		ref_text(ref, desk_roster(&r->desk), &before->at.feed,
			 before->at.seq);
		if (strcmp(before->period.text, c->period.text) == 0)
			say_error(_("%s is closed already, by %s"),
				  c->period.text, ref);
		else
			say_error(_("%s lies in %s, which is closed already, "
				    "by %s"),
				  c->period.text, before->period.text, ref);
		code = EXIT_DATA;
	}
	closings_release(&all);
	return code;
}

struct reading {
	const struct roster *roster;
	struct closing *c;
	bool is_full;
};

/* How far a feed that keeps these accounts has been read. */
static int read_head(void *arg, const struct head *head)
{
	struct reading *r = arg;
	const struct roster_feed *feed = roster_feed(r->roster, &head->feed);
	const struct member *m =
		feed == NULL ? NULL : fund_keeper(r->roster, &feed->identity);

	if (m == NULL || !pubkey_eq(&m->association, &r->c->party))
		return 0;
	if (r->c->runs_n == LIMIT_PINS)
		r->is_full = true;
	else
		r->c->runs[r->c->runs_n++] =
			(struct position){ head->feed, head->seq, head->id };
	return 0;
}

static int set_runs(struct recording *r, struct closing *c)
{
	struct reading reading = { desk_roster(&r->desk), c, false };
	int err;

	c->runs = calloc(LIMIT_PINS, sizeof(*c->runs));
	err = c->runs == NULL ? ERR_NOMEM
			      : store_heads(r->desk.store, read_head, &reading);
	if (err == 0 && reading.is_full)
		err = ERR_LIMIT;
	if (err == 0)
		err = form_positions(r->form, FACT_RUNS, c->runs, c->runs_n);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

/* What a record under the same key said stays as it was. */
static int keep_earlier(struct recording *r, const struct record *earlier)
{
	static const enum fact kept[] = { FACT_BALANCES, FACT_RUNS };
	int err = 0;

	for (size_t i = 0; i < 2 && err == 0; i++)
		err = form_bytes(r->form, kept[i], earlier->v[kept[i]].p,
				 earlier->v[kept[i]].n);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

static int set_balances(struct recording *r, struct closing *c)
{
	struct funds f = { NULL, 0, 0 };
	struct sha hash;
	int err = closings_sum(&f, &hash, c, r->desk.store);

	if (err == 0)
		err = form_bytes(r->form, FACT_BALANCES, hash.b,
				 sizeof(hash.b));
	if (err == 0 && r->ctx->is_tty && f.n > 0)
		purse_funds_table(stderr, &f, desk_roster(&r->desk));
	funds_release(&f);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

static int run_close(struct ctx *ctx, const struct args *args)
{
	const struct record *earlier;
	struct closing c = { .runs = NULL };
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_PERIOD);

	if (code == EXIT_DONE)
		code = allowed_role(
			&r.desk,
			ALLOWED(ROLE_ASSOCIATION) | ALLOWED(ROLE_TREASURER),
			_("only an association or its treasurer closes a "
			  "period"));
	if (code == EXIT_DONE)
		code = recording_set(&r, FACT_PERIOD, args->pos[0]);
	if (code != EXIT_DONE)
		return recording_end(&r, code);
	period_read(&c.period, args->pos[0], strlen(args->pos[0]));
	c.party = roster_member(desk_roster(&r.desk), &r.desk.identity)
			  ->association;
	earlier = recording_earlier(&r);
	if (earlier != NULL) {
		code = keep_earlier(&r, earlier);
	} else {
		code = check_period(&r, &c);
		if (code == EXIT_DONE)
			code = set_runs(&r, &c);
		if (code == EXIT_DONE)
			code = set_balances(&r, &c);
	}
	closing_release(&c);
	return recording_end(&r, code);
}

const struct command cmd_close = {
	.name = "close",
	.run = run_close,
	.usage = "PERIOD",
	.summary = N_("close a year, a quarter or a month of the accounts"),
	.detail = N_("For associations and their treasurers. PERIOD is 2020, "
		     "2020-Q2 or 2020-04, and over. Records how far the "
		     "accounts had been read and a hash of the balances of "
		     "all funds at its end, which anybody can make again; "
		     "what is recorded later and dated inside is found by an "
		     "audit, corrections excepted."),
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 1,
};
