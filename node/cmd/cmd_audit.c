#include "node/cmd/cmd.h"
#include "node/cmd/followed.h"
#include "node/cmd/partial.h"
#include "node/join/newhome.h"
#include "node/report/audit_json.h"
#include "node/report/audit_load.h"
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

/* An audit, and what is to be told of it once it holds. */
struct auditing {
	struct ctx *ctx;
	const struct args *args;
	struct audit_how how;
	struct audit_say say;
	struct id network; /* that was asked for */
	struct audit_load load;
	struct audit *audit;
	char *line; /* NULL without a charter */
	struct id report;
	bool differs; /* the running book, from the audit's */
	int book_err; /* if it could not be read */
};

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

static bool is_any_broken(const struct audit_load *l)
{
	for (size_t i = 0; i < l->scans_n; i++)
		if (l->scans[i].is_broken)
			return true;
	return false;
}

/* Does the running book say what the audit says, and do its sums follow from
 * it?  Only asked of a ledger whose feeds are whole: where one is broken the
 * two cannot agree. */
static void check_running(struct auditing *x)
{
	struct audit *a = x->audit;
	struct compare c = { .audit = a };
	bool sums_hold = false;
	int err;

	if (is_any_broken(&x->load))
		return;
	err = store_balances(x->load.store, compare_row, &c);
	if (err >= 0)
		err = store_sums_hold(x->load.store, a->roster, &sums_hold);
	while (c.next < a->accounts_n && is_empty(&a->accounts[c.next]))
		c.next++;
	x->book_err = err < 0 ? err : 0;
	x->differs = c.differs || c.next < a->accounts_n || !sums_hold;
}

static int read_options(struct auditing *x)
{
	const struct args *args = x->args;
	struct audit_how *how = &x->how;
	struct audit_say *say = &x->say;
	const char *text = args_get(args, "network");
	uint64_t threads = 1;

	how->every_signature = args_has(args, "every-signature");
	say->every_signature = how->every_signature;
	if (text != NULL && parse_bytes(x->network.b, ID_SIZE, text) != 0) {
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
static int check_anchor(struct auditing *x)
{
	const struct id *network = &x->load.network;
	bool is_bundle = x->args->pos_n > 0;
	struct id known;

	x->say.is_anchored = !is_bundle;
	if (args_get(x->args, "network") != NULL) {
		x->say.is_anchored = true;
		if (!id_eq(&x->network, network)) {
			say_error(_("this is another network than the one "
				    "given with --network"));
			return EXIT_DATA;
		}
	} else if (is_bundle && home_network(x->ctx, &known)) {
		x->say.is_anchored = id_eq(&known, network);
	}
	return EXIT_DONE;
}

static int print_audit(const struct auditing *x)
{
	if (x->ctx->is_json)
		printf("%s\n", x->line);
	else
		audit_print(stdout, x->audit, &x->say, &x->report);
	return out_end();
}

/* A home that follows some members only never claims the whole: in what people
 * read first of all, beside the line of JSON, which is of the cut alone, on
 * stderr. */
static int say_followed(const struct auditing *x)
{
	struct store *store = x->load.store;
	struct ctx *ctx = x->ctx;
	struct pubkey identity;
	char missing[PARTIAL_TEXT];
	struct followed f;
	int code = newhome_identity(ctx, &identity);

	if (code != EXIT_DONE)
		return code;
	partial_note(store, x->audit->roster, &identity);
	if (!ctx->is_json && partial_text(missing, store))
		printf("%s\n\n", missing);
	if (!ctx->is_json &&
	    followed_look(&f, store, x->audit->roster, &identity)) {
		printf(_("not the whole network: %s and those below only"),
		       f.names);
		printf("\n\n");
	}
	return EXIT_DONE;
}

static int load_feeds(struct auditing *x)
{
	bool is_bundle = x->args->pos_n > 0;
	struct reason why;
	int err;

	if (is_bundle)
		err = load_bundle(&x->load, x->args->pos[0], &x->how, &why);
	else
		err = load_home(&x->load, &x->ctx->home, &x->how, &why);
	if (err == 0)
		return EXIT_DONE;
	say_error("%s: %s", why.text, err_reason(err));
	if (err == ERR_NOT_FOUND)
		return is_bundle ? EXIT_INPUT : EXIT_CONFIG;
	return exit_of(err);
}

/* From nothing to the line, of which nothing is told yet. */
static int recount(struct auditing *x)
{
	int code = load_feeds(x), err;

	if (code == EXIT_DONE)
		code = check_anchor(x);
	if (code != EXIT_DONE)
		return code;
	err = load_audit(&x->audit, &x->load,
			 x->say.has_as_of ? &x->say.as_of_ms : NULL);
	if (err == 0 && roster_charter(x->audit->roster) != NULL) {
		x->line = audit_line(x->audit, &x->say, &x->report);
		err = x->line == NULL ? ERR_NOMEM : 0;
	}
	if (err != 0) {
		say_error(_("cannot audit: %s"), err_reason(err));
		return exit_of(err);
	}
	if (x->args->pos_n == 0)
		check_running(x);
	return EXIT_DONE;
}

static void drop(struct auditing *x)
{
	free(x->line);
	audit_close(x->audit);
	load_close(&x->load);
	x->line = NULL;
	x->audit = NULL;
}

static int tell(const struct auditing *x)
{
	bool is_home = x->args->pos_n == 0;
	int code = EXIT_DONE;

	if (x->line == NULL) {
		say_error(_("the charter of the network is not here, so nobody "
			    "can be told from anybody"));
		return EXIT_DATA;
	}
	if (is_home)
		code = say_followed(x);
	if (code == EXIT_DONE)
		code = print_audit(x);
	if (x->load.was_cut)
		say_warn(_("the bundle was cut or altered: only what could be "
			   "read of it was audited"));
	if (code != EXIT_DONE)
		return code;
	if (x->book_err != 0) {
		say_error(_("cannot read the running book: %s"),
			  err_reason(x->book_err));
		return exit_of(x->book_err);
	}
	if (x->differs)
		say_error(_("the running book differs from what the entries "
			    "say; the audit is right: run 'maillon fsck "
			    "--rebuild'"));
	return x->differs || !audit_is_clean(x->audit) || x->load.was_cut
		       ? EXIT_NO
		       : EXIT_DONE;
}

static int run_audit(struct ctx *ctx, const struct args *args)
{
	struct auditing x = { .ctx = ctx, .args = args };
	int code = read_options(&x);

	if (code == EXIT_DONE && args->pos_n == 0)
		code = need_home(ctx);
	if (code != EXIT_DONE)
		return code;
	code = recount(&x);
	if (code == EXIT_DONE && !load_holds(&x.load)) {
		drop(&x);
		x.how.is_strict = true;
		code = recount(&x);
	}
	if (code == EXIT_DONE)
		code = tell(&x);
	drop(&x);
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
