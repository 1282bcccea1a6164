#ifndef NODE_IMPORT_REJECTS_H
#define NODE_IMPORT_REJECTS_H

#include "node/cmd/outfile.h"
#include "node/import/csv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * rejects -- the rows of a table that were not recorded, as a table.
 *
 * It has the table's own columns, delimiter and encoding behind two more,
 * "rejected_line" and "rejected_reason", so it can be mended and imported with
 * the same map.  Not a byte of a field is changed; one that a spreadsheet
 * might take for a formula stands in quotes.  Of a row that could not be taken
 * apart, its first line is one field.
 *
 * The file appears when the first row comes and takes its name, as a whole,
 * when all are written; without rows none is made.
 */

enum { REJECTS_COLUMNS = 2 }; /* that stand before the table's own */

struct rejects {
	char path[OUTFILE_PATH];
	char *head; /* the header's line; owned */
	size_t head_n;
	size_t skip; /* fields of the table that are rejects' own already */
	enum codepage encoding;
	char delimiter;
	struct outfile out;
	bool is_open;
};

/* rejects_init: for a table whose header row is the current one of c; the
 * rows will go to path.  ERR_NOMEM; ERR_LIMIT: path is too long. */
int rejects_init(struct rejects *r, const struct csv *c, const char *path);

/* rejects_add: the current row of c, sound or not, with a reason in the
 * person's language.  EXIT_DONE, or EXIT_CREATE after saying so. */
int rejects_add(struct rejects *r, const struct csv *c, const char *reason);

/* rejects_close: write out and free.  code is how things went so far; then no
 * file appears unless it is EXIT_DONE.  EXIT_DONE, code, or EXIT_IO after
 * saying so.  May be repeated. */
int rejects_close(struct rejects *r, int code);

#endif
