#include "node/cmd/cmd.h"
#include "node/cmd/outfile.h"
#include "node/ledger.h"
#include "node/report/export.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include "crypto/err.h"
#include "store/book.h"
#include "store/store.h"

#include <string.h>

static const struct format {
	const char *name;
	int (*write)(struct store *s, FILE *file);
	bool is_binary;
} formats[] = {
	{ "bundle", export_bundle, true },
	{ "jsonl", export_jsonl, false },
};

static const struct format *format_named(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

/* One view from first to last, so that what is exported is one moment. */
static int write_from(struct store *s, const struct format *f, FILE *file)
{
	struct book_view view;
	int err = store_view_open(s, &view);
	int code;

	if (err != 0) {
		say_error(_("cannot read the ledger: %s"), err_reason(err));
		return exit_of(err);
	}
	code = f->write(s, file);
	store_view_close(s);
	return code;
}

static int run_export(struct ctx *ctx, const struct args *args)
{
	const struct format *f = format_named(args->pos[0]);
	struct store *s = NULL;
	struct outfile out;
	struct id network;
	int code = need_home(ctx);
	int err;

	if (f == NULL) {
		say_error(_("there is no export '%s'; there are: bundle, "
			    "jsonl"),
			  args->pos[0]);
		return EXIT_USAGE;
	}
	if (code != EXIT_DONE)
		return code;
	err = ledger_open(&s, &ctx->home, STORE_READ);
	if (err == ERR_NOT_FOUND || (err == 0 && !store_network(s, &network))) {
		say_error(
			_("no network joined yet: run 'maillon join LINK', or "
			  "'maillon found NAME'"));
		store_close(s);
		return EXIT_CONFIG;
	}
	if (err != 0) {
		say_error(_("cannot open the ledger in %s: %s"),
			  ctx->home.ledger, err_reason(err));
		return exit_of(err);
	}
	code = outfile_open(&out, args->pos_n > 1 ? args->pos[1] : NULL,
			    f->is_binary);
	if (code == EXIT_DONE)
		code = outfile_close(&out, write_from(s, f, out.file));
	store_close(s);
	return code;
}

const struct command cmd_export = {
	.name = "export",
	.run = run_export,
	.usage = "bundle|jsonl [FILE]",
	.summary = N_("write the ledger to a file that others can read"),
	.detail = N_("bundle: everything in one file, to carry on a USB stick "
		     "or to hand to an auditor; 'maillon audit FILE' checks it "
		     "and 'maillon import bundle FILE' takes it in. jsonl: one "
		     "JSON object per entry. Without FILE it goes to stdout."),
	.pos_min = 1,
	.pos_max = 2,
};
