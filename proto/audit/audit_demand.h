#ifndef PROTO_AUDIT_AUDIT_DEMAND_H
#define PROTO_AUDIT_AUDIT_DEMAND_H

#include "proto/audit/audit_fold.h"

/*
 * audit_demand -- requests and money in an audit; only audit*.c include this.
 */

/* fold_demand: a->demand, settled.  ERR_NOMEM. */
int fold_demand(struct fold *f);

/* fold_funds: a->funds, merged, and FIN-01.  ERR_NOMEM. */
int fold_funds(struct fold *f);

#endif
