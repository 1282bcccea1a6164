#ifndef NODE_EXPORT_DEDICATED_H
#define NODE_EXPORT_DEDICATED_H

#include "node/export/money.h"

#include <stddef.h>
#include <stdint.h>

/*
 * dedicated -- what is left of gifts that were given for a purpose.
 *
 * The French plan for associations (ANC 2018-06, articles 132-1 and on) has
 * them pass through account 196 where a year ends: what is not spent of a fund
 * is a charge of the year (6896) and stands on the balance sheet, and what is
 * spent of what stood there is income of a later one (7896).  A year ends when
 * the association closes it.
 */

struct dedicated {
	char fund[LIMIT_LABEL + 1];
	int64_t opening; /* on 196 when the year of x->period begins */
	int64_t closing; /* and after the period, if that is a closed year */
};

struct dedications {
	struct dedicated *at; /* owned; rising fund */
	size_t n, max;
};

/* dedications_load: the funds of x->accounts in one currency, out of a journal
 * of its money; none where x->period is NULL.  *out is zero before, and the
 * caller frees out->at, after errors too. */
int dedications_load(struct dedications *out, const struct exporting *x,
		     const struct money_journal *m, const char *currency);

#endif
