#include "node/import/import.h"

#include "crypto/err.h"
#include "node/cmd/figures.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int import_open(struct import *im, struct desk *desk, bool is_dry)
{
	int err;

	*im = (struct import){ .desk = desk, .is_dry = is_dry };
	im->file = calloc(IMPORT_FILES, sizeof(*im->file));
	err = im->file == NULL ? ERR_NOMEM
			       : rowform_open(&im->row, desk, desk_roster(desk),
					      &desk->member);
	if (err == 0)
		err = figures_catalog(&im->catalog, desk->store);
	if (err == 0)
		return EXIT_DONE;
	say_error("%s", err_reason(err));
	return exit_of(err);
}

void import_close(struct import *im)
{
	if (im == NULL)
		return;
	for (size_t i = 0; i < im->file_n; i++) {
		csvmap_release(&im->file[i].map);
		csv_close(&im->file[i].csv);
		/* What is not finished by now was given up. */
		rejects_close(&im->file[i].rejects, EXIT_IO);
	}
	rowform_close(im->row);
	catalog_release(&im->catalog);
	rowset_release(&im->rows);
	tagset_release(&im->seen);
	tagset_release(&im->known);
	free(im->name);
	free(im->secret);
	free(im->file);
	*im = (struct import){ 0 };
}

/* A map is refused as a whole, with the place that is wrong. */
static int bad_map(const struct import_file *f, unsigned line, int err,
		   const struct reason *why)
{
	const char *text = why->text[0] != '\0' ? why->text : err_reason(err);

	if (line > 0)
		say_error("%s:%u: %s", f->map_path, line, text);
	else
		say_error("%s: %s", f->map_path, text);
	return err == ERR_NOMEM ? EXIT_AGAIN : EXIT_CONFIG;
}

static int cannot_open(const char *path, int err)
{
	say_error(_("%s cannot be opened: %s"), path, err_reason(err));
	return err == ERR_NOMEM ? EXIT_AGAIN : EXIT_INPUT;
}

static int load_map(struct import *im, struct import_file *f)
{
	struct reason why = { "" };
	unsigned line = 0;
	int err = csvmap_load(&f->map, &line, &why, f->map_path);

	if (err == ERR_NOT_FOUND || err == ERR_DENIED || err == ERR_IO)
		return cannot_open(f->map_path, err);
	if (err == 0)
		err = rowform_check(im->row, &line, &why, &f->map);
	return err == 0 ? EXIT_DONE : bad_map(f, line, err, &why);
}

static int read_header(struct import_file *f)
{
	struct reason why = { "" };
	unsigned line = 0;
	int err = csv_open(&f->csv, f->path, f->map.delimiter, f->map.encoding);

	if (err == 0)
		err = csv_next(&f->csv);
	if (err == ERR_NOT_FOUND && f->csv.is_file) {
		say_error(_("%s is empty: there is no line with the names of "
			    "the columns"),
			  f->path);
		return EXIT_DATA;
	}
	if (err == ERR_FORMAT) {
		say_error(_("%s:%llu: the line with the names of the columns "
			    "cannot be read: %s"),
			  f->path, (unsigned long long)f->csv.line,
			  csv_flaw_text(f->csv.flaw));
		return EXIT_DATA;
	}
	if (err != 0)
		return cannot_open(f->path, err);
	err = csvmap_bind(&f->map, &line, &why, &f->csv);
	return err == 0 ? EXIT_DONE : bad_map(f, line, err, &why);
}

/* Does an earlier file of this import send its rejects there? */
static bool is_taken(const struct import *im, const char *path)
{
	for (size_t i = 0; i < im->file_n; i++)
		if (strcmp(im->file[i].rejects.path, path) == 0)
			return true;
	return false;
}

/* FILE.rejects.csv, in the folder that was given; the same file under two maps
 * has a number in the second name. */
static int name_rejects(struct import *im, struct import_file *f,
			const char *dir)
{
	const char *slash = strrchr(f->path, '/');
	const char *base = dir != NULL && slash != NULL ? slash + 1 : f->path;
	char path[OUTFILE_PATH];
	char number[8] = "";
	int n, err = ERR_LIMIT;

	for (unsigned i = 2; i < IMPORT_FILES + 2; i++) {
		n = snprintf(path, sizeof(path), "%s%s%s%s.rejects.csv",
			     dir != NULL ? dir : "", dir != NULL ? "/" : "",
			     base, number);
		if (n < 0 || (size_t)n >= sizeof(path))
			break;
		if (!is_taken(im, path)) {
			err = rejects_init(&f->rejects, &f->csv, path);
			break;
		}
		snprintf(number, sizeof(number), ".%u", i);
	}
	if (err == 0)
		return EXIT_DONE;
	say_error(_("%.60s: no place for the rejected rows: %s"), f->path,
		  err_reason(err));
	return EXIT_CREATE;
}

int import_add(struct import *im, const char *map_path, const char *path,
	       const char *rejects_dir)
{
	struct import_file *f = &im->file[im->file_n];
	int code;

	if (im->file_n == IMPORT_FILES) {
		say_error(_("at most %d files at once"), IMPORT_FILES);
		return EXIT_USAGE;
	}
	*f = (struct import_file){ .path = path, .map_path = map_path };
	code = load_map(im, f);
	if (code == EXIT_DONE)
		code = read_header(f);
	if (code == EXIT_DONE)
		code = name_rejects(im, f, rejects_dir);
	/* From here on import_close looks after it. */
	im->file_n++;
	return code;
}
