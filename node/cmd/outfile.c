#include "node/cmd/outfile.h"

#include "crypto/keyfile.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe or a device is written to, never replaced by a file; a folder is
 * refused when it is opened. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int outfile_open(struct outfile *o, const char *path, bool is_binary)
{
	int n;

	o->path = path != NULL && strcmp(path, "-") != 0 ? path : NULL;
	o->file = stdout;
	if (o->path == NULL) {
		if (!is_binary || !isatty(STDOUT_FILENO))
			return EXIT_DONE;
		say_error(_("this is not for a screen; give a FILE"));
		return EXIT_USAGE;
	}
	o->is_special = is_special(path);
	n = snprintf(o->part, sizeof(o->part), o->is_special ? "%s" : "%s.part",
		     path);
	if (n < 0 || (size_t)n >= sizeof(o->part)) {
		say_error(_("%.40s...: the name is too long"), path);
		return EXIT_CREATE;
	}
	o->file = fopen(o->part, "wb");
	if (o->file == NULL) {
		say_error(_("cannot create %s: %s"), o->part, strerror(errno));
		return EXIT_CREATE;
	}
	return EXIT_DONE;
}

static bool take_name(const struct outfile *o)
{
	return o->is_special ||
	       (rename(o->part, o->path) == 0 && file_sync_dir(o->path) == 0);
}

int outfile_close(struct outfile *o, int code)
{
	bool ok;

	if (o->path == NULL)
		return code == EXIT_DONE ? out_end() : code;
	ok = !ferror(o->file) && fflush(o->file) == 0 &&
	     (o->is_special || fsync(fileno(o->file)) == 0);
	ok = fclose(o->file) == 0 && ok;
	if (code == EXIT_DONE && ok && take_name(o))
		return EXIT_DONE;
	if (code == EXIT_DONE) {
		say_error(_("cannot write %s: %s"), o->path, strerror(errno));
		code = EXIT_IO;
	}
	if (!o->is_special)
		unlink(o->part);
	return code;
}
