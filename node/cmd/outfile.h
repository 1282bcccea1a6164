#ifndef NODE_CMD_OUTFILE_H
#define NODE_CMD_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * outfile -- what a command exports, to a file that is whole or not there.
 *
 * The bytes go beside the file and take its name when all are on the disk; a
 * failure on the way leaves what was there before.  A pipe or a device is
 * written to as it is.  Without a path they go to stdout.  Messages are said
 * here, once.
 */

enum { OUTFILE_PATH = 4096 };

struct outfile {
	FILE *file;              /* write to this */
	const char *path;        /* NULL: stdout; borrowed */
	bool is_special;         /* a pipe or a device */
	char part[OUTFILE_PATH]; /* the name while it grows */
};

/* outfile_open: path NULL or "-" is stdout; is_binary refuses a terminal.
 * EXIT_DONE, EXIT_USAGE, EXIT_CREATE. */
int outfile_open(struct outfile *o, const char *path, bool is_binary);

/* outfile_close: code is how the writing went so far.  EXIT_DONE when all is
 * safe under its name; else code, or EXIT_IO, and nothing is left. */
int outfile_close(struct outfile *o, int code);

#endif
