#ifndef NODE_CMD_PURSE_H
#define NODE_CMD_PURSE_H

#include "node/cmd/narrow.h"
#include "node/text/json.h"
#include "proto/book/demand.h"
#include "proto/book/fund.h"
#include "store/store.h"

#include <stdint.h>
#include <stdio.h>

/*
 * purse -- funds and demand, for those who print them.
 */

/* purse_fund, purse_demand: one row of `funds` and of `demand`. */
json_t *purse_fund(const struct fund *f);
json_t *purse_demand(const struct demand *d);

/* purse_funds: all funds as rows. */
json_t *purse_funds(const struct funds *f);

/* purse_funds_table, purse_demand_table: the same for people, demand at a time
 * (0: not known).  Nothing is printed where there is nothing.  Exit codes. */
int purse_funds_table(FILE *file, const struct funds *f,
		      const struct roster *roster);
int purse_demand_table(FILE *file, const struct demands *d, uint64_t as_of_ms);

/* purse_kept_table: the same, names from what the store keeps of members. */
int purse_kept_table(FILE *file, const struct funds *f, struct store *s);

/* purse_kept: the funds that the store keeps, of all, or of an association and
 * those below it.  Errors of the store, ERR_NOMEM. */
int purse_kept(struct funds *f, struct store *s, const struct pubkey *under);

/* purse_sum: the funds of the running book, merged, of members whom narrow lets
 * through.  Takes time in proportion to the records about money, however long
 * the ledger is.  Errors of the store, ERR_NOMEM. */
int purse_sum(struct funds *f, struct store *s, const struct narrow *n);

#endif
