#include "node/cmd/cmd.h"
#include "node/cmd/followed.h"
#include "node/cmd/partial.h"
#include "node/join/newhome.h"
#include "node/report/audit_json.h"
#include "node/report/audit_load.h"
#include "node/report/audit_pool.h"
#include "node/report/audit_text.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"

#include "crypto/err.h"
#include "store/book.h"
#include "store/store.h"
#include "store/totals.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The running book beside the one just recomputed. */
struct compare {
	const struct audit *audit;
	size_t next;
	bool differs;
};

static bool is_empty(const struct account *a)
{
	for (size_t c = 0; c < COL_COUNT; c++)
		if (a->col[c] != 0)
			return false;
	return true;
}

/* Both are in rising order of holder and item; the store keeps no row that is
 * all zero. */
static int compare_row(void *arg, const struct holder *holder, const char *item,
		       size_t item_n, const int64_t col[static COL_COUNT])
{
	struct compare *c = arg;
	const struct account *a;

	while (c->next < c->audit->accounts_n &&
	       is_empty(&c->audit->accounts[c->next]))
		c->next++;
	if (c->next == c->audit->accounts_n) {
		c->differs = true;
		return 1;
	}
	a = &c->audit->accounts[c->next++];
	if (memcmp(&a->holder, holder, sizeof(*holder)) != 0 ||
	    strlen(a->item) != item_n || memcmp(a->item, item, item_n) != 0 ||
	    memcmp(a->col, col, sizeof(a->col)) != 0) {
		c->differs = true;
		return 1;
	}
	return 0;
}

/* Does the running book say what the audit says, and do its sums follow from
 * it?  Only asked of a ledger whose
 * feeds are whole: where one is broken the two cannot agree. */
static int check_running(struct audit_load *l, const struct audit *a)
{
	struct compare c = { .audit = a };
	bool sums_hold = false;
	int err;

	for (size_t i = 0; i < l->scans_n; i++)
		if (l->scans[i].is_broken)
			return EXIT_DONE;
	err = store_balances(l->store, compare_row, &c);
	if (err >= 0)
		err = store_sums_hold(l->store, a->roster, &sums_hold);
	if (err < 0) {
		say_error(_("cannot read the running book: %s"),
			  err_reason(err));
		return exit_of(err);
	}
	while (c.next < a->accounts_n && is_empty(&a->accounts[c.next]))
		c.next++;
	if (!c.differs && c.next == a->accounts_n && sums_hold)
		return EXIT_DONE;
	say_error(_("the running book differs from what the entries say; the "
		    "audit is right: run 'maillon fsck --rebuild'"));
	return EXIT_NO;
}

static int read_options(struct audit_how *how, struct audit_say *say,
			struct id *network, const struct args *args)
{
	const char *text = args_get(args, "network");
	uint64_t threads = 1;

	how->every_signature = args_has(args, "every-signature");
	say->every_signature = how->every_signature;
	if (text != NULL && parse_bytes(network->b, ID_SIZE, text) != 0) {
		say_error(_("--network takes the 64 hex digits of a network's "
			    "id, not '%s'"),
			  text);
		return EXIT_USAGE;
	}
	text = args_get(args, "as-of");
	say->has_as_of = text != NULL;
	if (text != NULL && parse_time(&say->as_of_ms, text) != 0) {
		say_error(_("'%s' is not a time; write 2020-04-30 or "
			    "2020-04-30T18:00:00Z"),
			  text);
		return EXIT_DATA;
	}
	text = args_get(args, "threads");
	if (text != NULL &&
	    (parse_uint(&threads, AUDIT_THREADS, text) != 0 || threads == 0)) {
		say_error(_("--threads takes a number from 1 to %d"),
			  AUDIT_THREADS);
		return EXIT_USAGE;
	}
	how->threads = (unsigned)threads;
	return EXIT_DONE;
}

/* The network this home belongs to, if any: what a bundle is held against. */
static bool home_network(const struct ctx *ctx, struct id *out)
{
	struct store *s = NULL;
	bool ok;

	if (store_open(&s, ctx->home.ledger, STORE_READ) != 0)
		return false;
	ok = store_network(s, out);
	store_close(s);
	return ok;
}

/* Is the network that was read the one to be trusted?  EXIT_DATA when it is
 * not the one that was asked for. */
static int check_anchor(struct audit_say *say, const struct ctx *ctx,
			const struct audit_load *l, const struct args *args,
			const struct id *asked)
{
	struct id known;

	say->is_anchored = args->pos_n == 0;
	if (args_get(args, "network") != NULL) {
		say->is_anchored = true;
		if (!id_eq(asked, &l->network)) {
			say_error(_("this is another network than the one "
				    "given with --network"));
			return EXIT_DATA;
		}
	} else if (args->pos_n > 0 && home_network(ctx, &known)) {
		say->is_anchored = id_eq(&known, &l->network);
	}
	return EXIT_DONE;
}

static int print_audit(const struct ctx *ctx, const struct audit *a,
		       const struct audit_say *say)
{
	struct id report;
	char *line = audit_line(a, say, &report);

	if (line == NULL) {
		say_error("%s", err_reason(ERR_NOMEM));
		return exit_of(ERR_NOMEM);
	}
	if (ctx->is_json)
		printf("%s\n", line);
	else
		audit_print(stdout, a, say, &report);
	free(line);
	return out_end();
}

/* A home that follows some members only never claims the whole: in what people
 * read first of all, beside the line of JSON, which is of the cut alone, on
 * stderr. */
static int say_followed(struct ctx *ctx, struct audit_load *l,
			const struct audit *a)
{
	struct pubkey identity;
	char missing[PARTIAL_TEXT];
	struct followed f;
	int code = newhome_identity(ctx, &identity);

	if (code != EXIT_DONE)
		return code;
	partial_note(l->store, a->roster, &identity);
	if (!ctx->is_json && partial_text(missing, l->store))
		printf("%s\n\n", missing);
	if (!ctx->is_json &&
	    followed_look(&f, l->store, a->roster, &identity)) {
		printf(_("not the whole network: %s and those below only"),
		       f.names);
		printf("\n\n");
	}
	return EXIT_DONE;
}

static int judge(struct ctx *ctx, struct audit_load *l, const struct args *args,
		 struct audit_say *say, struct audit_how *how)
{
	struct audit_crew crew = pool_crew(&how->threads);
	struct audit_proofs proofs = load_proofs(l);
	const struct audit_given given = { &proofs, say->has_as_of
							    ? &say->as_of_ms
							    : NULL };
	struct audit *a = NULL;
	int err = audit_open_with(&a, &l->network, l->scans, l->scans_n, &given,
				  how->threads > 1 ? &crew : NULL);
	int code = EXIT_DONE;

	if (err != 0) {
		say_error(_("cannot audit: %s"), err_reason(err));
		return exit_of(err);
	}
	if (roster_charter(a->roster) == NULL) {
		say_error(_("the charter of the network is not here, so nobody "
			    "can be told from anybody"));
		audit_close(a);
		return EXIT_DATA;
	}
	if (args->pos_n == 0)
		code = say_followed(ctx, l, a);
	if (code == EXIT_DONE)
		code = print_audit(ctx, a, say);
	if (l->was_cut)
		say_warn(_("the bundle was cut or altered: only what could be "
			   "read of it was audited"));
	if (code == EXIT_DONE && args->pos_n == 0)
		code = check_running(l, a);
	if (code == EXIT_DONE && (!audit_is_clean(a) || l->was_cut))
		code = EXIT_NO;
	audit_close(a);
	return code;
}

static int run_audit(struct ctx *ctx, const struct args *args)
{
	struct audit_load load = { .scans = NULL };
	struct audit_say say = { .has_as_of = false };
	struct audit_how how;
	struct reason why;
	struct id asked = { { 0 } };
	int code = read_options(&how, &say, &asked, args);
	int err;

	if (code == EXIT_DONE && args->pos_n == 0)
		code = need_home(ctx);
	if (code != EXIT_DONE)
		return code;
	if (args->pos_n > 0)
		err = load_bundle(&load, args->pos[0], &how, &why);
	else
		err = load_home(&load, &ctx->home, &how, &why);
	if (err != 0) {
		say_error("%s: %s", why.text, err_reason(err));
		code = exit_of(err);
		if (args->pos_n > 0 && err == ERR_NOT_FOUND)
			code = EXIT_INPUT;
		else if (err == ERR_NOT_FOUND)
			code = EXIT_CONFIG;
	} else {
		code = check_anchor(&say, ctx, &load, args, &asked);
	}
	if (code == EXIT_DONE)
		code = judge(ctx, &load, args, &say, &how);
	load_close(&load);
	return code;
}

static const struct option_rule options[] = {
	{ "network", "HEX", N_("the network this must be") },
	{ "as-of", "TIME", N_("measure ages at this time") },
	{ "every-signature", NULL,
	  N_("verify the signature of every entry, not one per feed") },
	{ "threads", "N", N_("scan feeds with N threads") },
	{ NULL, NULL, NULL },
};

const struct command cmd_audit = {
	.name = "audit",
	.run = run_audit,
	.usage = "[FILE] [--network HEX] [--as-of TIME] [--every-signature] "
		 "[--threads N]",
	.summary = N_("check everything from nothing, and say what is wrong"),
	.detail = N_("Reads every entry of this home, or of a bundle file, "
		     "checks the chain and a signature of each feed, counts "
		     "again from nothing, and compares with the running book. "
		     "Exit code 0: clean, or only things still on their way; "
		     "1: findings; 65: cannot be verified."),
	.options = options,
	.pos_max = 1,
	.has_json = true,
};
