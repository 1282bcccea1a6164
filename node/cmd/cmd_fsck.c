#include "node/cmd/cmd.h"
#include "node/keeper.h"
#include "node/ledger.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/say.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "store/book.h"
#include "store/fsck.h"
#include "store/store.h"

#include <inttypes.h>
#include <unistd.h>

static const char *const whats[] = {
	[FSCK_ENTRY] = N_("the entry is missing or not canonical"),
	[FSCK_CHAIN] = N_("the entry does not follow the one before"),
	[FSCK_SIGNATURE] = N_("the signature does not verify"),
	[FSCK_HEAD] = N_("the feed's row is not what its entries say"),
	[FSCK_INDEX] = N_("an index row is missing, wrong or too many"),
	[FSCK_ARRIVAL] = N_("the order of arrival is wrong"),
	[FSCK_COUNT] = N_("the feed counts further, or less far, than it may"),
	[FSCK_PROOF] = N_("a proof or a disputed entry is not what its place "
			  "says"),
	[FSCK_RECENT] = N_("the newest entries kept of a feed are not what "
			   "their place says"),
	[FSCK_BOOK] = N_("a balance is not the sum of its postings"),
	[FSCK_SUM] = N_("a sum of an association, or of all, does not add "
			"up"),
	[FSCK_PRIVATE] = N_("a private row does not open: private.key is "
			    "missing, or another one"),
};

struct listing {
	json_t *problems; /* NULL when text is wanted */
	bool shows_progress;
};

static int show_progress(void *arg, uint64_t done, uint64_t total)
{
	const struct listing *l = arg;

	if (l->shows_progress && total > 0)
		fprintf(stderr, "\r%3" PRIu64 " %%%s", done * 100 / total,
			done == total ? "\r     \r" : "");
	return 0;
}

static void show_problem(void *arg, const struct fsck_problem *p)
{
	struct listing *l = arg;
	char hex[HEX_SIZE(KEY_SIZE)];
	json_t *row;

	if (l->problems == NULL) {
		hex_encode(hex, p->feed.b, 8);
		printf("%s/%" PRIu64 "  %s\n", hex, p->seq, _(whats[p->what]));
		return;
	}
	row = json_object();
	json_put(&row, "feed", json_key(&p->feed));
	json_put(&row, "seq", json_integer((json_int_t)p->seq));
	json_put(&row, "what", json_string(fsck_what_text(p->what)));
	json_push(&l->problems, row);
}

static int print_report(const struct ctx *ctx, const struct fsck_report *r,
			json_t *problems)
{
	json_t *all;

	if (!ctx->is_json) {
		printf(P_("%llu feed", "%llu feeds", r->feeds),
		       (unsigned long long)r->feeds);
		fputs(", ", stdout);
		printf(P_("%llu entry", "%llu entries", r->entries),
		       (unsigned long long)r->entries);
		fputs(", ", stdout);
		printf(P_("%llu row read: ", "%llu rows read: ", r->rows),
		       (unsigned long long)r->rows);
		printf(P_("%llu problem", "%llu problems", r->problems),
		       (unsigned long long)r->problems);
		putchar('\n');
		return out_end();
	}
	all = json_object();
	json_put(&all, "schema", json_string("maillon.fsck/1"));
	json_put(&all, "feeds", json_integer((json_int_t)r->feeds));
	json_put(&all, "entries", json_integer((json_int_t)r->entries));
	json_put(&all, "rows", json_integer((json_int_t)r->rows));
	json_put(&all, "problems", problems);
	return json_line(stdout, all);
}

static int check(struct ctx *ctx, struct store *s)
{
	struct listing l = { ctx->is_json ? json_array() : NULL,
			     isatty(STDERR_FILENO) != 0 };
	struct fsck_hooks hooks = { show_progress, show_problem, &l };
	struct fsck_report report;
	int err = store_fsck(s, &report, &hooks);
	int code;

	if (err != 0) {
		say_error(_("cannot check the ledger: %s"), err_reason(err));
		json_decref(l.problems);
		return exit_of(err);
	}
	code = print_report(ctx, &report, l.problems);
	return code == EXIT_DONE && report.problems > 0 ? EXIT_NO : code;
}

static int rebuild(struct ctx *ctx)
{
	struct keeper *k = NULL;
	int err = keeper_open(&k, &ctx->home);

	if (err == ERR_BUSY) {
		say_error(_("the node is running: stop it first"));
		return EXIT_AGAIN;
	}
	if (err == 0)
		err = store_begin(k->store);
	if (err == 0)
		err = store_book_rebuild(k->store);
	if (err == 0)
		err = store_commit(k->store);
	else if (k != NULL)
		store_abort(k->store);
	keeper_close(k);
	if (err == 0)
		return EXIT_DONE;
	say_error(_("cannot rebuild the book: %s"), err_reason(err));
	return exit_of(err);
}

static int run_fsck(struct ctx *ctx, const struct args *args)
{
	struct store *s = NULL;
	int code = need_home(ctx);
	int err;

	if (code == EXIT_DONE && args_has(args, "rebuild"))
		code = rebuild(ctx);
	if (code != EXIT_DONE)
		return code;
	err = ledger_open(&s, &ctx->home, STORE_READ);
	if (err != 0) {
		say_error(_("cannot open the ledger in %s: %s"),
			  ctx->home.ledger, err_reason(err));
		return err == ERR_NOT_FOUND ? EXIT_CONFIG : exit_of(err);
	}
	code = check(ctx, s);
	store_close(s);
	return code;
}

static const struct option_rule options[] = {
	{ "rebuild", NULL, N_("first make the running book anew") },
	{ NULL, NULL, NULL },
};

const struct command cmd_fsck = {
	.name = "fsck",
	.run = run_fsck,
	.usage = "[--rebuild]",
	.summary = N_("read the whole store back and believe nothing"),
	.detail = N_("Checks every entry with its own signature, every index "
		     "both ways, and the running book against one added up "
		     "from nothing. Changes nothing without --rebuild, which "
		     "makes the book anew from the entries."),
	.options = options,
	.has_json = true,
};
