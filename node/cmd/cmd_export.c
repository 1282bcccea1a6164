#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/narrow.h"
#include "node/cmd/outfile.h"
#include "node/cmd/partial.h"
#include "node/export/export.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "proto/charter.h"
#include "store/book.h"

#include <string.h>
#include <sys/stat.h>

/* What a format can be asked for. */
enum { BINARY = 1, FOLDER = 2, UNDER = 4, PERIOD = 8, ACCOUNTS = 16, FEC = 32 };

static const struct format {
	const char *name;
	int (*write)(const struct exporting *x);
	unsigned can;
} formats[] = {
	{ "bundle", export_bundle, BINARY },
	{ "jsonl", export_jsonl, UNDER },
	{ "hledger", export_hledger, UNDER },
	{ "csv", export_csv, UNDER | PERIOD },
	{ "fec", export_fec, UNDER | PERIOD | ACCOUNTS | FEC },
	{ "paheko", export_paheko, UNDER | PERIOD | ACCOUNTS },
	{ "epcis", export_epcis, UNDER | PERIOD },
	{ "tiles", export_tiles, UNDER | ACCOUNTS | FOLDER },
};

static const struct format *format_named(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	say_error(_("there is no export '%s'; there are: bundle, jsonl, "
		    "hledger, csv, fec, paheko, epcis, tiles"),
		  name);
	return NULL;
}

/* What the command line asks for. */
struct request {
	const struct format *format;
	const char *path;
	struct desk desk;
	struct narrow narrow;
	struct period period;
	struct exporting x;
	char name[OUTFILE_PATH]; /* of a FEC in a folder */
};

/* An option that means nothing here would be taken for one that does. */
static int check_options(const struct request *r, const struct args *args)
{
	static const struct {
		const char *option;
		unsigned can;
	} need[] = { { "under", UNDER },
		     { "place", UNDER },
		     { "period", PERIOD },
		     { "siren", FEC } };

	for (size_t i = 0; i < sizeof(need) / sizeof(need[0]); i++) {
		bool is_place = strcmp(need[i].option, "place") == 0;

		if (!args_has(args, need[i].option) ||
		    ((r->format->can & need[i].can) != 0 &&
		     !(is_place && (r->format->can & ACCOUNTS) != 0)))
			continue;
		say_error(_("--%s is not for the export '%s'"), need[i].option,
			  r->format->name);
		return EXIT_USAGE;
	}
	if ((r->format->can & FOLDER) != 0 && r->path == NULL) {
		say_error(_("%s is a folder: give its name"), r->format->name);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int take_period(struct request *r, const struct args *args)
{
	const char *text = args_get(args, "period");

	if (text == NULL)
		return EXIT_DONE;
	if (parse_period(&r->period, text) != 0) {
		say_error(_("'%s' is not a period, like 2020, 2020-Q2 or "
			    "2020-04"),
			  text);
		return EXIT_DATA;
	}
	r->x.period = &r->period;
	return EXIT_DONE;
}

/* Whose accounts: of the association named by --under, else of the one that
 * this member books to. */
static int find_accounts(struct request *r)
{
	const struct pubkey *who =
		r->narrow.has_under ? &r->narrow.under : &r->desk.identity;
	const struct member *m = roster_member(r->x.roster, who);

	if ((r->format->can & ACCOUNTS) == 0)
		return EXIT_DONE;
	if (m != NULL)
		m = roster_member(r->x.roster, &m->association);
	if (m == NULL) {
		say_error(_("this member belongs to no association; name one "
			    "with --under"));
		return EXIT_CONFIG;
	}
	r->x.accounts = m;
	return EXIT_DONE;
}

/* A SIREN is nine digits whose sum, every second one doubled, ends in 0. */
static bool is_siren(const char *text)
{
	unsigned sum = 0;

	if (strlen(text) != 9 || strspn(text, "0123456789") != 9)
		return false;
	for (size_t i = 0; i < 9; i++) {
		unsigned d = (unsigned)(text[i] - '0') << (i % 2);

		sum += d > 9 ? d - 9 : d;
	}
	return sum % 10 == 0;
}

/* Into a folder a FEC goes by the name that the law has for it: SIREN, "FEC",
 * the last day of the accounts. */
static int name_fec(struct request *r, const struct args *args)
{
	const char *siren = args_get(args, "siren");
	struct stat st;
	char day[DAY_SIZE];
	int n;

	if (siren != NULL && !is_siren(siren)) {
		say_error(_("'%s' is not a SIREN: nine digits, the last of "
			    "which checks the others"),
			  siren);
		return EXIT_DATA;
	}
	if ((r->format->can & FEC) == 0 || r->path == NULL ||
	    stat(r->path, &st) != 0 || !S_ISDIR(st.st_mode))
		return EXIT_DONE;
	if (r->x.period == NULL) {
		say_error(_("the name of the file ends with the last day of "
			    "the accounts: give a --period"));
		return EXIT_USAGE;
	}
	export_day(day, "%Y%m%d", r->period.to_ms - 1);
	n = snprintf(r->name, sizeof(r->name), "%s/%sFEC%s.txt", r->path,
		     siren != NULL ? siren : "ASSO", day);
	if (n < 0 || (size_t)n >= sizeof(r->name)) {
		say_error(_("%.40s...: the name is too long"), r->path);
		return EXIT_CREATE;
	}
	r->path = r->name;
	return EXIT_DONE;
}

static int refuse(const struct request *r, int err)
{
	if (err == ERR_NOT_FOUND && (r->format->can & FOLDER) != 0)
		say_error(_("%s has no checkpoint whose entries are all here; "
			    "make one with 'maillon checkpoint'"),
			  r->x.accounts->label);
	else if (err == ERR_EXISTS)
		say_error(_("%s or %s.part is there already, and will not be "
			    "replaced"),
			  r->path, r->path);
	else
		say_error(_("cannot export: %s"), err_reason(err));
	if (err == ERR_NOT_FOUND)
		return EXIT_NO;
	return err == ERR_EXISTS ? EXIT_CREATE : exit_of(err);
}

/* One view from first to last, so that what is exported is one moment. */
static int write_from(struct request *r, FILE *file)
{
	struct book_view view;
	int err = store_view_open(r->desk.store, &view);

	if (err != 0) {
		say_error(_("cannot read the ledger: %s"), err_reason(err));
		return exit_of(err);
	}
	r->x.view = &view;
	r->x.file = file;
	err = r->format->write(&r->x);
	store_view_close(r->desk.store);
	return err == 0 ? EXIT_DONE : refuse(r, err);
}

/* Beside a FEC that has its legal name: "...-description.txt". */
static int describe(const struct request *r)
{
	const char *name = strrchr(r->path, '/') + 1;
	char path[OUTFILE_PATH];
	struct outfile out;
	int code, n = snprintf(path, sizeof(path), "%.*s-description.txt",
			       (int)strlen(r->path) - 4, r->path);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		say_error(_("%.40s...: the name is too long"), r->path);
		return EXIT_CREATE;
	}
	code = outfile_open(&out, path, false);
	if (code != EXIT_DONE)
		return code;
	export_description(out.file, name,
			   roster_charter(r->x.roster)->currency);
	return outfile_close(&out, EXIT_DONE);
}

static int write_out(struct request *r)
{
	struct outfile out;
	int code;

	if ((r->format->can & FOLDER) != 0) {
		r->x.dir = r->path;
		return write_from(r, NULL);
	}
	code = outfile_open(&out, r->path, (r->format->can & BINARY) != 0);
	if (code == EXIT_DONE)
		code = outfile_close(&out, write_from(r, out.file));
	return code == EXIT_DONE && r->name[0] != '\0' ? describe(r) : code;
}

static int run_export(struct ctx *ctx, const struct args *args)
{
	struct request r = { .path = args->pos_n > 1 ? args->pos[1] : NULL };
	int code;

	r.format = format_named(args->pos[0]);
	if (r.format == NULL)
		return EXIT_USAGE;
	code = check_options(&r, args);
	if (code == EXIT_DONE)
		code = take_period(&r, args);
	if (code != EXIT_DONE)
		return code;
	code = desk_read(&r.desk, ctx);
	if (code == EXIT_DONE) {
		r.x.store = r.desk.store;
		r.x.roster = desk_roster(&r.desk);
		r.x.narrow = &r.narrow;
		code = narrow_open(&r.narrow, &r.desk, args);
		partial_note(r.desk.store, r.x.roster, &r.desk.identity);
	}
	if (code == EXIT_DONE)
		code = find_accounts(&r);
	if (code == EXIT_DONE)
		code = name_fec(&r, args);
	if (code == EXIT_DONE)
		code = write_out(&r);
	desk_close(&r.desk);
	return code;
}

const struct command cmd_export = {
	.name = "export",
	.run = run_export,
	.usage = "bundle|jsonl|hledger|csv|fec|paheko|epcis|tiles [FILE] "
		 "[--period PERIOD] [--under PARTY] [--place PLACE] "
		 "[--siren N]",
	.summary = N_("write the ledger to a file that others can read"),
	.detail = N_(
		"bundle: everything in one file, to carry on a USB stick or to "
		"hand to an auditor; 'maillon audit FILE' checks it and "
		"'maillon import bundle FILE' takes it in. jsonl: one JSON "
		"object per entry. hledger: goods and money as a journal that "
		"hledger and ledger add up again. csv: every record, for a "
		"spreadsheet. fec, paheko: the money of one association, for "
		"its accountant and for Paheko; corrections are entries of "
		"their own, and what is left of a fund when 'maillon close' "
		"ends a year stands on 196 (6896, 7896). epcis: the goods as "
		"EPCIS 2.0 events. tiles: an "
		"association's tree of checkpoints as a folder for a web "
		"server. Without FILE it goes to stdout. Names that are "
		"private to this home are never written."),
	.options =
		(const struct option_rule[]){
			{ "period", "PERIOD",
			  N_("only what is dated in it (csv, fec, paheko, "
			     "epcis)") },
			{ "siren", "N",
			  N_("number of the association: FILE is a folder, "
			     "and the FEC gets its legal name there, and the "
			     "description that the law wants beside it") },
			{ NULL, NULL, NULL } },
	.more_options = narrow_options,
	.pos_min = 1,
	.pos_max = 2,
};
