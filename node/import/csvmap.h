#ifndef NODE_IMPORT_CSVMAP_H
#define NODE_IMPORT_CSVMAP_H

#include "node/import/csv.h"
#include "node/text/say.h"
#include "proto/fact.h"
#include "proto/kind.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * csvmap -- how the columns of a table become the facts of records.
 *
 * An INI file, UTF-8, lines of at most CSVMAP_LINE bytes:
 *
 *   [record]   kind = deliver         any kind that people record
 *              parties = private      or public: what names in cells become
 *              key = colA+colB        what makes a row the same row again
 *   [csv]      delimiter = auto       or , ; tab comma semicolon
 *              decimal = .            or ,
 *              encoding = utf-8       or windows-1252
 *              date = %d/%m/%Y        default: ISO 8601
 *   [when]     only = COLUMN=VALUE    other rows are skipped; may be repeated
 *              only = COLUMN!=VALUE   these are skipped
 *              only = COLUMN>0        or <0: by the sign of a number, which
 *                                     is then recorded without it
 *   [columns]  FACT = COLUMN
 *   [set]      FACT = constant
 *   [map FACT] cell = what it means
 *
 * FACT is a fact of the kind by its name in JSON; `item` and `quantity` make
 * one line of goods (of a pledge, the quantity), `currency` is that of money
 * cells without one.  Of donor, payee and note only a commitment is recorded.
 * A line that begins with ; or # is a comment, and so is what follows a blank
 * and a ; in a value.  The options of [record] and [csv] may stand in either;
 * `date` also in [when], `key` also in [columns].
 *
 * Whatever is not known, said twice, or missing is refused, with its line.
 */

enum {
	CSVMAP_FILE = 256 * 1024, /* bytes of a map */
	CSVMAP_LINE = 190,        /* bytes of a line: below inih's 200 */
	CSVMAP_FACTS = 32,        /* columns and constants */
	CSVMAP_ONLY = 8,          /* conditions */
	CSVMAP_KEY = 16,          /* columns of a key */
	CSVMAP_PAIRS = 4096       /* translations */
};

/* What a column or constant is: an enum fact, or one of these. */
enum csvmap_what { MAP_ITEM = FACT_LIMIT, MAP_QUANTITY, MAP_CURRENCY };

struct csvmap_fact {
	unsigned what;
	bool is_constant;
	char text[CSVMAP_LINE + 1]; /* the constant, or the column's name */
	size_t column;              /* after csvmap_bind */
	unsigned line; /* of the map; 0: what goes without saying */
};

/* ONLY_ABOVE, ONLY_BELOW: than zero. */
enum csvmap_test { ONLY_IS, ONLY_IS_NOT, ONLY_ABOVE, ONLY_BELOW };

struct csvmap_only {
	enum csvmap_test test;
	char column_name[CSVMAP_LINE + 1];
	char value[CSVMAP_LINE + 1];
	size_t column;
	unsigned line;
};

struct csvmap_pair {
	unsigned what;
	unsigned line;
	char *from; /* owned; `to` lies behind it */
	const char *to;
};

struct csvmap {
	const struct kind_rule *kind;
	bool is_public; /* parties */
	char delimiter; /* 0: auto */
	char decimal;
	enum codepage encoding;
	char date[CSVMAP_LINE + 1]; /* "": ISO 8601 */
	struct csvmap_fact fact[CSVMAP_FACTS];
	size_t fact_n;
	struct csvmap_only only[CSVMAP_ONLY];
	size_t only_n;
	char key_text[CSVMAP_LINE + 1]; /* "": the whole row */
	unsigned key_line;
	size_t key[CSVMAP_KEY]; /* after csvmap_bind */
	size_t key_n;
	struct csvmap_pair *pair; /* owned; sorted by (what, from) */
	size_t pair_n;
	size_t columns; /* of the header, after csvmap_bind */
};

/* csvmap_load: read the map at path.  ERR_FORMAT: *line is where, 0 for the
 * map as a whole, and why has the sentence; ERR_NOT_FOUND, ERR_DENIED, ERR_IO,
 * ERR_LIMIT (more than CSVMAP_FILE), ERR_NOMEM.  csvmap_release follows in any
 * case.  csvmap_read: the same from n bytes. */
int csvmap_load(struct csvmap *m, unsigned *line, struct reason *why,
		const char *path);
int csvmap_read(struct csvmap *m, unsigned *line, struct reason *why,
		const char *text, size_t n);

/* csvmap_check: is everything there that the kind needs, and nothing that it
 * does not take?  A part of csvmap_read; sorts the translations. */
int csvmap_check(struct csvmap *m, unsigned *line, struct reason *why);

/* csvmap_release: NULL-safe, and may be repeated. */
void csvmap_release(struct csvmap *m);

/* csvmap_bind: find the columns in a header, whose names may have blanks
 * around them.  ERR_FORMAT, as above: a column that is not there, or of which
 * there are two. */
int csvmap_bind(struct csvmap *m, unsigned *line, struct reason *why,
		const struct csv *header);

/* csvmap_translate: what [map FACT] says about a cell; NULL when nothing. */
const char *csvmap_translate(const struct csvmap *m, unsigned what,
			     const char *cell);

/* csvmap_lines: the fact that `item` and `quantity` make together for a kind,
 * 0 when there is none. */
unsigned csvmap_lines(const struct kind_rule *kind);

#endif
