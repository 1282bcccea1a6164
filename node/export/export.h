#ifndef NODE_EXPORT_EXPORT_H
#define NODE_EXPORT_EXPORT_H

#include "node/cmd/narrow.h"
#include "node/text/json.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "proto/book/book.h"
#include "proto/book/catalog.h"
#include "proto/calendar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * export -- the ledger in the forms that others read.
 *
 * Each writer gets what to export and where to write it, changes nothing, and
 * returns 0 or an enum err: the command says it.  A view of the store is open
 * meanwhile, so that what is exported is one moment.
 *
 * Nothing that is private to this home is ever written: outsiders are their
 * public names, else their handles.
 */

struct store;

struct exporting {
	struct store *store;
	const struct roster *roster;
	const struct book_view *view;
	const struct narrow *narrow;   /* whose records */
	const struct period *period;   /* dated when; NULL: at any time */
	const struct member *accounts; /* the association whose money it is */
	const char *dir;               /* of a format that is a folder */
	FILE *file;                    /* of all others */
};

/* export_bundle: the network in one file: charter, then runs (PROTOCOL.md,
 * "Bundle"), of every feed whose member was admitted. */
int export_bundle(const struct exporting *x);

/* export_jsonl: every entry as one JSON object a line, in the order (feed,
 * seq), as `log --json` prints them. */
int export_jsonl(const struct exporting *x);

/* export_hledger: goods and money as a journal that hledger and ledger read,
 * whose last entries assert every figure of the running book. */
int export_hledger(const struct exporting *x);

/* export_csv: a row for each line of each record that counts, in its newest
 * version, for spreadsheets: semicolons, decimal commas, a byte order mark. */
int export_csv(const struct exporting *x);

/* export_fec: the money of one association as a French FEC (article A47 A-1 of
 * the LPF); export_paheko: the same for Paheko's import. */
int export_fec(const struct exporting *x);
int export_paheko(const struct exporting *x);

/* export_description: what is to accompany the FEC of this name. */
void export_description(FILE *file, const char *name, const char *currency);

/* export_epcis: goods as one EPCIS 2.0 document in JSON-LD. */
int export_epcis(const struct exporting *x);

/* export_tiles: the tree of the association's node as a static folder
 * (c2sp.org/tlog-tiles).  ERR_NOT_FOUND: it has no checkpoint whose entries are
 * all here; ERR_EXISTS: the folder is there already. */
int export_tiles(const struct exporting *x);

/* export_json: print a value compactly, and drop the reference; NULL is memory
 * short. */
int export_json(FILE *file, json_t *value);

/* A record that counts and is to be exported, by its place; what sorts it is
 * the date of its newest version. */
struct spot {
	uint64_t date_ms;
	struct pubkey feed;
	uint64_t seq;
};

struct spots {
	struct spot *at; /* owned; rising (date, feed, seq) */
	size_t n, max;
};

/* export_spots: those that narrow and period let through; *out is zero before,
 * and the caller frees out->at, after errors too. */
int export_spots(struct spots *out, const struct exporting *x);

/* export_items: what items are; catalog_release follows, after errors too. */
int export_items(struct catalog *out, const struct exporting *x);

/* export_date: when it happened, as far as anybody said. */
uint64_t export_date(const struct book_record *rec);

/* export_time: a time for programs that know no years beyond 9999 (RFC 3339):
 * whatever is later is the last moment of that year. */
void export_time(char out[static TIME_SIZE], uint64_t ms);

/* export_day: its date in a form of strftime's, of %Y, %m and %d alone. */
enum { DAY_SIZE = 16 };
void export_day(char out[static DAY_SIZE], const char *form, uint64_t ms);

/* export_member: a member's label where that is unique, else its key. */
void export_member(char out[static PARTY_TEXT], const struct roster *roster,
		   const struct pubkey *member);

/* export_party: of a record's fact of type party or tag: a member, or the
 * public name of an outsider of author's book, else "~" and its handle; "" when
 * the record does not have it. */
void export_party(char out[static PARTY_TEXT], const struct roster *roster,
		  const struct book_record *rec, enum fact fact);

#endif
