#ifndef PROTO_AUDIT_AUDIT_MONEY_H
#define PROTO_AUDIT_AUDIT_MONEY_H

#include "proto/audit/audit_rules.h"
#include "proto/book/closing.h"

/*
 * audit_money -- what the rules about money share; only audit*.c include this.
 */

/* One gift, spending or bank statement; values borrow of the entry. */
struct cash {
	uint32_t kind;
	const struct member *party; /* who recorded it, for its association */
	bool is_money;              /* it moved the balance of a fund */
	bool is_campaign;           /* a gift to one */
	bool is_upkeep;             /* spent, and not for the mission */
	uint64_t date_ms, minor;
	char currency[4];
	struct value doc;
	struct value fund; /* of a statement: its currency */
	struct value ref;  /* of a gift; of a statement, its period */
	struct period period;
	uint64_t opening, closing;
	uint32_t feed, at;
};

struct purse {
	struct cash *at; /* owned */
	size_t n, max;
	struct cases *cases;
};

/* cash_case: a case about one of them; its item is the reference. */
int cash_case(struct purse *p, enum finding_code code, const struct cash *at,
	      uint64_t amount);

/* bank_tell: statements against one another and against the records; orders
 * them anew. */
int bank_tell(struct purse *p);

/* closing_tell: closed periods: what is late, and balances that are wrong. */
int closing_tell(struct fold *f, struct cases *cases);

#endif
