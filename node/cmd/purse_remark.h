#ifndef NODE_CMD_PURSE_REMARK_H
#define NODE_CMD_PURSE_REMARK_H

#include "node/cmd/recording.h"

/*
 * purse_remark -- what is odd about money that is being recorded.
 */

/* purse_remark: a period that is closed or not over, a currency that is not the
 * network's, more than a fund has, a reference that another gift has, a
 * campaign that nobody announced, or that was announced before, gifts of
 * several sorts in one.  For any kind of record; says nothing when the ledger
 * cannot be read.  Takes time in proportion to the records about money. */
void purse_remark(struct recording *r);

#endif
