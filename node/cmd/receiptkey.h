#ifndef NODE_CMD_RECEIPTKEY_H
#define NODE_CMD_RECEIPTKEY_H

#include "crypto/sign.h"

/*
 * receiptkey -- files that hold a key for signing receipts.
 *
 * Such a key stands for a recipient who has no node: in a telephone, or in a
 * file on the stick that lies at the reception.
 */

/* receiptkey_new: a fresh key, also in a file that must not exist yet.  The
 * caller closes it.  An exit code; says what is wrong. */
int receiptkey_new(struct seckey **out, const char *path);

/* receiptkey_load: the key in a file.  The caller closes it.  An exit code;
 * says what is wrong. */
int receiptkey_load(struct seckey **out, const char *path);

#endif
