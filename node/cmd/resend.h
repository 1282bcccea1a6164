#ifndef NODE_CMD_RESEND_H
#define NODE_CMD_RESEND_H

#include "node/cmd/remark.h"
#include "node/ctl/desk.h"
#include "proto/record.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * resend -- a delivery that was sent otherwise than its record said, or once
 * and is recorded twice.
 */

/* resend_is_same_shelf: would these goods go to the shelf that they are on? */
bool resend_is_same_shelf(const struct desk *d, const struct record *deliver);

/* resend_remark: remark upon a correction of the delivery with this id that
 * takes away what others have said of it, from `before` to `after`; NULL when
 * it is withdrawn.  Cannot fail: what cannot be read gives no warning. */
void resend_remark(struct remarks *out, struct desk *d, const struct id *id,
		   const struct record *before, const struct record *after);

/* resend_repeat: remark upon a delivery of which one of this node's last 16
 * entries says the same of the same day.  Cannot fail, likewise. */
void resend_repeat(struct remarks *out, struct desk *d, uint64_t date_ms,
		   const struct record *deliver);

#endif
