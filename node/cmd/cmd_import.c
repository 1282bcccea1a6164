#include "node/cmd/allowed.h"
#include "node/cmd/cmd.h"
#include "node/ctl/desk.h"
#include "node/import/import.h"
#include "node/import/import_bundle.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/say.h"
#include "store/book.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* One map before each file, or one for all of them. */
static int add_files(struct import *im, const struct args *args)
{
	const char *dir = args_get(args, "rejects");
	const char *map = NULL;
	size_t at = 0, maps = 0;
	int code = EXIT_DONE;

	while (args_each(args, "map", &at) != NULL)
		maps++;
	if (maps != 1 && maps != args->pos_n - 1) {
		say_error(_("%zu files and %zu maps: one --map MAP before each "
			    "FILE, or one for all"),
			  args->pos_n - 1, maps);
		return EXIT_USAGE;
	}
	at = 0;
	for (size_t i = 1; i < args->pos_n && code == EXIT_DONE; i++) {
		if (map == NULL || maps > 1)
			map = args_each(args, "map", &at);
		code = import_add(im, map, args->pos[i], dir);
	}
	return code;
}

/* What only some may record is refused as a whole, not row by row. */
static int check_purse(const struct import *im)
{
	for (size_t i = 0; i < im->file_n; i++) {
		uint32_t kind = im->file[i].map.kind->kind;

		if (kind == KIND_DONATE || kind == KIND_SPEND ||
		    kind == KIND_BANK)
			return allowed_role(im->desk,
					    ALLOWED(ROLE_ASSOCIATION) |
						    ALLOWED(ROLE_TREASURER),
					    _("only an association or its "
					      "treasurer records money"));
	}
	return EXIT_DONE;
}

static int make_dir(const struct import *im, const struct args *args)
{
	const char *dir = args_get(args, "rejects");

	if (dir == NULL || im->is_dry || mkdir(dir, 0777) == 0 ||
	    errno == EEXIST)
		return EXIT_DONE;
	say_error(_("cannot create %s: %s"), dir, strerror(errno));
	return EXIT_CREATE;
}

/* Rejected rows are on the disk, unless it was a dry run. */
static bool has_rejects(const struct import *im, const struct import_file *f)
{
	return !im->is_dry && f->unusable + f->repeats > 0;
}

static void say_file(const struct import *im, const struct import_file *f)
{
	say_note(im->is_dry
			 ? P_("%s: %llu row: %llu would be recorded, %llu "
			      "is there already, %llu skipped, %llu "
			      "unusable, %llu exact repeat",
			      "%s: %llu rows: %llu would be recorded, %llu "
			      "are there already, %llu skipped, %llu "
			      "unusable, %llu exact repeats",
			      f->rows)
			 : P_("%s: %llu row: %llu recorded, %llu was there "
			      "already, %llu skipped, %llu unusable, %llu "
			      "exact repeat",
			      "%s: %llu rows: %llu recorded, %llu were there "
			      "already, %llu skipped, %llu unusable, %llu "
			      "exact repeats",
			      f->rows),
		 f->path, (unsigned long long)f->rows,
		 (unsigned long long)(im->is_dry ? f->fresh : f->recorded),
		 (unsigned long long)f->there, (unsigned long long)f->skipped,
		 (unsigned long long)f->unusable,
		 (unsigned long long)f->repeats);
	if (has_rejects(im, f))
		say_note(_("%s: the rows that were rejected are in %s"),
			 f->path, f->rejects.path);
}

static json_t *json_file(const struct import *im, const struct import_file *f)
{
	json_t *o = json_object();

	json_put(&o, "file", json_plain(f->path, strlen(f->path)));
	json_put(&o, "kind", json_string(f->map.kind->name));
	json_put(&o, "rows", json_integer((json_int_t)f->rows));
	json_put(&o, "recorded",
		 json_integer(
			 (json_int_t)(im->is_dry ? f->fresh : f->recorded)));
	json_put(&o, "there", json_integer((json_int_t)f->there));
	json_put(&o, "skipped", json_integer((json_int_t)f->skipped));
	json_put(&o, "unusable", json_integer((json_int_t)f->unusable));
	json_put(&o, "repeats", json_integer((json_int_t)f->repeats));
	json_put(&o, "rejects",
		 has_rejects(im, f)
			 ? json_plain(f->rejects.path, strlen(f->rejects.path))
			 : json_null());
	return o;
}

static int print_json(const struct import *im)
{
	json_t *all = json_object();
	json_t *files = json_array();

	for (size_t i = 0; i < im->file_n; i++)
		json_push(&files, json_file(im, &im->file[i]));
	json_put(&all, "schema", json_string("maillon.import/1"));
	json_put(&all, "dry_run", json_boolean(im->is_dry));
	json_put(&all, "files", files);
	return json_line(stdout, all);
}

static int count_negative(void *arg, const struct holder *holder,
			  const char *item, size_t item_n,
			  const int64_t col[static COL_COUNT])
{
	unsigned long *n = arg;

	(void)holder;
	(void)item;
	(void)item_n;
	*n += col[COL_ON_HAND] < 0;
	return 0;
}

/* One warning for all rows that took more than was there. */
static void warn_negative(const struct import *im)
{
	unsigned long n = 0;

	if (im->rows.n == 0 ||
	    store_balances_of(im->desk->store, &im->desk->identity,
			      count_negative, &n) != 0 ||
	    n == 0)
		return;
	say_warn(P_("%lu stock of this book is below zero; the audit will "
		    "show it until what is missing is recorded",
		    "%lu stocks of this book are below zero; the audit will "
		    "show them until what is missing is recorded",
		    n),
		 n);
}

/* The map says what its rows are, since what an item is declared to be may
 * change before the same rows come again. */
static void warn_services(const struct import *im)
{
	unsigned long n = im->services;

	if (n > 0)
		say_warn(P_("%lu row delivers as goods what is declared as a "
			    "service; in a map of services stands, below "
			    "[set], service = yes",
			    "%lu rows deliver as goods what is declared as a "
			    "service; in a map of services stands, below "
			    "[set], service = yes",
			    n),
			 n);
}

static int import_all(struct import *im, const struct ctx *ctx,
		      const struct args *args)
{
	uint64_t rejected = 0;
	int code = add_files(im, args);

	if (code == EXIT_DONE)
		code = check_purse(im);
	if (code == EXIT_DONE)
		code = make_dir(im, args);
	if (code == EXIT_DONE)
		code = import_read(im);
	if (code == EXIT_DONE && !im->is_dry)
		code = import_record(im);
	if (code != EXIT_DONE)
		return code;
	for (size_t i = 0; i < im->file_n; i++) {
		say_file(im, &im->file[i]);
		rejected += im->file[i].unusable + im->file[i].repeats;
	}
	warn_services(im);
	warn_negative(im);
	if (ctx->is_json)
		code = print_json(im);
	if (code == EXIT_DONE && rejected > 0 && args_has(args, "strict"))
		return EXIT_DATA;
	return code;
}

static int import_csv(struct ctx *ctx, const struct args *args)
{
	struct desk d = { .store = NULL };
	struct import im = { .desk = NULL };
	bool is_dry = args_has(args, "dry-run");
	int code;

	if (!args_has(args, "map")) {
		say_error(_("a table needs a map that says what its columns "
			    "mean: --map MAP"));
		return EXIT_USAGE;
	}
	code = is_dry ? desk_read(&d, ctx) : desk_open(&d, ctx);
	if (code == EXIT_DONE)
		code = import_open(&im, &d, is_dry);
	if (code == EXIT_DONE)
		im.row->may_name = args_has(args, "public");
	if (code == EXIT_DONE)
		code = import_all(&im, ctx, args);
	import_close(&im);
	desk_close(&d);
	return code;
}

static int run_import(struct ctx *ctx, const struct args *args)
{
	if (strcmp(args->pos[0], "csv") == 0)
		return import_csv(ctx, args);
	if (strcmp(args->pos[0], "bundle") == 0) {
		if (args->pos_n == 2 && !args_has(args, "map"))
			return import_bundle(ctx, args->pos[1]);
		say_error(_("'import bundle' takes one FILE and no map"));
		return EXIT_USAGE;
	}
	say_error(_("there is no import '%s'; there are: bundle, csv"),
		  args->pos[0]);
	return EXIT_USAGE;
}

static const struct option_rule options[] = {
	{ "map", "MAP...", N_("what the columns of the next FILE mean") },
	{ "dry-run", NULL, N_("say what would be done, and do nothing") },
	{ "strict", NULL, N_("exit with 65 if a row was rejected") },
	{ "rejects", "DIR", N_("where the files of rejected rows go") },
	{ "public", NULL,
	  N_("a telephone number, an e-mail address or a bank account in a "
	     "text is meant to be read by everybody") },
	{ NULL, NULL, NULL },
};

const struct command cmd_import = {
	.name = "import",
	.run = run_import,
	.usage = "bundle FILE | csv --map MAP FILE [--map MAP FILE]... "
		 "[--dry-run] "
		 "[--strict] [--rejects DIR] [--public]",
	.summary = N_("take in what other programs wrote"),
	.detail = N_("bundle: what 'maillon export bundle' wrote on another "
		     "machine, to merge with what this one knows.\n"
		     "\n"
		     "csv: rows of tables become records of this member, in "
		     "the order of their dates. A row that cannot be recorded "
		     "goes to FILE.rejects.csv with its line number and the "
		     "reason, and the rest is recorded; importing the same "
		     "rows again records nothing.\n"
		     "\n"
		     "A map is an INI file. [record] has kind, and may have "
		     "parties (private or public) and key (columns that make "
		     "a row the same row again, COLUMN+COLUMN; else all of "
		     "them); [csv] may have delimiter, decimal, encoding "
		     "(utf-8, windows-1252) and date (like %d/%m/%Y); [when] "
		     "only = COLUMN=VALUE leaves the other rows out, and so do "
		     "COLUMN!=VALUE, COLUMN>0 and COLUMN<0, which take the "
		     "number without its sign. Below "
		     "[columns] stands FACT = COLUMN, below [set] FACT = a "
		     "constant, below [map FACT] a cell = what it means. FACT "
		     "is item, quantity, currency, or a fact of the kind as "
		     "'log --json' names it; of donor, payee and note only a "
		     "commitment is recorded. Deliveries of services (nights, "
		     "journeys) have service = yes below [set].\n"
		     "\n"
		     "Any verb that records is a kind, but for two: a row does "
		     "not say which version of a record it would correct, and "
		     "the balances of a period are worked out: there are "
		     "'maillon correct' and 'maillon close'."),
	.options = options,
	.pos_min = 2,
	.pos_max = 1 + IMPORT_FILES,
	.has_json = true,
};
