#ifndef NODE_IMPORT_ROWFORM_H
#define NODE_IMPORT_ROWFORM_H

#include "node/ctl/desk.h"
#include "node/import/cell.h"
#include "node/import/csv.h"
#include "node/import/csvmap.h"
#include "node/proof/opened.h"
#include "node/text/form.h"
#include "node/text/party.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * rowform -- one row of a table becomes the facts of one record.
 *
 * What a cell says is read by cell.h, then by form.h; what the map says in
 * [set] and [map FACT] is read as on the command line, a cell that names a
 * party as an outsider's name.  Nothing is written anywhere: the names that
 * the record uses, and what opens its commitments, are given back, to be kept
 * before it is recorded.
 *
 * The idempotency key covers the kind and the row's own texts (those of the
 * map's key columns, else all), without the file, its encoding, its delimiter
 * or what its columns mean: the same row is the same record, from any copy of
 * the table and under any map of that kind.
 */

enum {
	ROWFORM_NAMES = 8,  /* parties of one record */
	ROWFORM_SECRETS = 3 /* texts that are only committed to: note, donor,
	                       payee */
};

/* A text about a person: the record holds the commitment, with a new salt each
 * time. */
struct rowsecret {
	enum fact fact;
	struct id made;
	size_t n;                /* of row */
	uint8_t row[OPENED_ROW]; /* as opened.h keeps it: salt and text */
};

struct rowform {
	struct desk *desk;           /* finds REFs; NULL where there are none */
	const struct roster *roster; /* NULL is a network of nobody */
	struct secret member;
	size_t skip;   /* first columns that are not the row's own */
	bool may_name; /* see form.h */

	/* After rowform_fill. */
	struct form *form;
	struct draft draft; /* borrows from form; its time is 0 */
	struct tag key;
	uint64_t when_ms; /* 0: none */
	struct party name[ROWFORM_NAMES];
	size_t name_n;
	struct rowsecret secret[ROWFORM_SECRETS];
	size_t secret_n;

	/* Of the row that is being filled in. */
	struct goods goods;
	bool has_item, has_qty;
	char currency[CELL_MAX];
	char cell[CELL_MAX];
	char text[CELL_MAX + 8]; /* a cell in another form */
};

/* rowform_open: ERR_NOMEM.  rowform_close: NULL is fine. */
int rowform_open(struct rowform **out, struct desk *desk,
		 const struct roster *roster, const struct secret *member);
void rowform_close(struct rowform *f);

/* rowform_check: can the constants of a map be what it says?  ERR_FORMAT and
 * the like, with the line of the map. */
int rowform_check(struct rowform *f, unsigned *line, struct reason *why,
		  const struct csvmap *m);

/* rowform_wants: does the row fulfil the conditions of [when]?  row has the
 * map's number of columns. */
bool rowform_wants(const struct csvmap *m, const struct csv *row);

/* rowform_fill: the record of a sound row.  Any error but ERR_NOMEM and ERR_IO
 * says in why what is wrong with the row. */
int rowform_fill(struct rowform *f, const struct csvmap *m,
		 const struct csv *row, struct reason *why);

#endif
