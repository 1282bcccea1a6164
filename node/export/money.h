#ifndef NODE_EXPORT_MONEY_H
#define NODE_EXPORT_MONEY_H

#include "node/export/export.h"
#include "proto/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * money -- gifts and spendings as entries of double-entry accounts.
 *
 * The accounts are those of the French plan for associations (ANC 2018-06):
 * 512 bank, 75411 gifts, 606/623/628 what was spent, 625, 4681 and 75412
 * refunds that were given up, and class 8 for what was given in kind, apart
 * from money.  What was validated is never changed: a correction is an entry
 * that takes the record back, and another one that says it anew, both dated
 * when it was corrected.
 */

enum { MONEY_LINES = 4, MONEY_TEXT = 160 };

/* One side of an entry, of its whole amount. */
struct money_line {
	const char *account; /* as short as the plan has it */
	const char *name;
	bool is_debit;
};

/* What a record of some sort does to the accounts. */
struct money_rule {
	const char *code; /* of the journal */
	const char *journal;
	const char *text;
	struct money_line line[MONEY_LINES];
	size_t lines_n;
};

struct money_entry {
	const struct money_rule *rule;
	bool is_reversal;   /* debits are credits */
	uint64_t date_ms;   /* in the accounts */
	uint64_t piece_ms;  /* of what it is about */
	uint64_t valid_ms;  /* signed, and unalterable since */
	struct position by; /* the entry that brought it */
	struct position of; /* the record */
	unsigned order;     /* among those by one entry */
	struct pubkey party;
	uint64_t minor;
	char currency[4];
	char fund[LIMIT_LABEL + 1]; /* "" for none */
	char text[MONEY_TEXT];      /* what for, from where; perhaps "" */
};

struct money_journal {
	struct money_entry *at; /* owned; rising (valid_ms, by, order) */
	size_t n, max;
};

/* money_load: of the records of an association, NULL: of all, that narrow lets
 * through; dates are the reader's to choose.  *out is zero before, and
 * money_release follows in any case. */
int money_load(struct money_journal *out, const struct exporting *x,
	       const struct pubkey *party);
void money_release(struct money_journal *m);

/* money_cmp: the order of those of one date, by the entries that brought them.
 */
int money_cmp(const struct money_entry *x, const struct money_entry *y);

/* money_debits: is line i of an entry a debit?  A reversal has them turned. */
bool money_debits(const struct money_entry *e, size_t i);

/* money_is_bank: does an entry's line i move what is in the bank? */
bool money_is_bank(const struct money_entry *e, size_t i);

#endif
