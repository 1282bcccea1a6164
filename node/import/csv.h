#ifndef NODE_IMPORT_CSV_H
#define NODE_IMPORT_CSV_H

#include "node/import/codepage.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * csv -- read other people's tables row by row (RFC 4180), strictly.
 *
 * Lines end in LF or CRLF; a field may stand in quotes, and then hold
 * delimiters, line ends and doubled quotes.  Nothing is guessed or mended: a
 * row that breaks the rules is given back as the line it began on, with its
 * flaw, and reading goes on with the next line, so that one stray quote costs
 * one row and not the rest of the file.
 *
 * The input is read once, as a stream, and no more than one row is ever kept.
 * Empty lines are no rows.  A byte order mark at the start is stepped over.
 */

enum {
	CSV_FIELD = 64 * 1024, /* bytes of a field, without its quotes */
	CSV_ROW = 1024 * 1024, /* bytes of a row, without its line end */
	CSV_FIELDS = 4096,     /* fields of a row */
	CSV_CHUNK = 64 * 1024  /* bytes asked of the system at once */
};

/* What is wrong with a row. */
enum csv_flaw {
	CSV_SOUND,
	CSV_QUOTE_INSIDE, /* a quote in a field that does not begin with one */
	CSV_AFTER_QUOTE,  /* something between a closing quote and delimiter */
	CSV_UNENDED,      /* a quote that nothing closes */
	CSV_NUL,          /* a NUL byte */
	CSV_RETURN,       /* a carriage return without a line feed */
	CSV_LONG_FIELD,
	CSV_LONG_ROW,
	CSV_MANY_FIELDS,
	CSV_ENCODED /* not in the encoding that the file is said to have */
};

struct csv_field {
	const char *text; /* UTF-8, with a NUL; no NUL inside */
	size_t n;         /* its bytes, without the NUL */
	const char *raw;  /* as in the file, with its quotes */
	size_t raw_n;
};

struct csv {
	/* What may be looked at. */
	char delimiter;     /* ',', ';' or tab */
	enum csv_flaw flaw; /* of the row */
	uint64_t line;      /* where the row begins, from 1 */
	size_t n;           /* fields of the row; 0 when flawed */
	const char *raw;    /* the row as in the file, without line end */
	size_t raw_n;       /* at most CSV_ROW: is_cut when it had more */
	bool is_cut;
	uint64_t read_bytes; /* of the file so far */
	uint64_t file_bytes; /* 0 when not known: a pipe */
	struct csv_field *field;

	/* The reader's own. */
	enum codepage encoding;
	bool is_file;
	int fd;             /* when is_file, else */
	const uint8_t *src; /* the bytes that are left */
	size_t src_n;
	uint8_t *buf; /* the row and what was read beyond it */
	size_t buf_max;
	size_t from; /* of the row in buf */
	size_t end;
	char *text;
	size_t text_max;
	size_t field_max;
	uint64_t next_line;
	bool is_end;  /* nothing more can be read */
	bool is_over; /* the row is longer than CSV_ROW */
	int err;      /* of the system, sticky */
};

/* csv_open: read the file at path; delimiter 0 finds it out from the first
 * line: the one of comma, semicolon and tab that is there most often.
 * ERR_NOT_FOUND, ERR_DENIED, ERR_IO, ERR_NOMEM; csv_close may follow. */
int csv_open(struct csv *c, const char *path, char delimiter,
	     enum codepage encoding);

/* csv_bytes: the same over n bytes that stay the caller's.  ERR_NOMEM. */
int csv_bytes(struct csv *c, const void *p, size_t n, char delimiter,
	      enum codepage encoding);

/* csv_next: go to the next row.  ERR_NOT_FOUND at the end; ERR_FORMAT: a
 * flawed row, of which c->raw is the first line; go on with the next.  ERR_IO,
 * ERR_NOMEM: no more rows.  What the row lends is valid until the next call. */
int csv_next(struct csv *c);

/* csv_close: NULL-safe, and may be repeated. */
void csv_close(struct csv *c);

/* csv_flaw_text: what is wrong, in the person's language. */
const char *csv_flaw_text(enum csv_flaw flaw);

/* csv_put: write n bytes as one field: in quotes where the rules want it, and
 * where a spreadsheet might take it for a formula (it begins with = + - @, a
 * tab or a carriage return).  No byte is changed but that quotes double. */
void csv_put(FILE *file, const char *p, size_t n, char delimiter);

#endif
