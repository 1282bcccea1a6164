#ifndef NODE_IMPORT_IMPORT_BUNDLE_H
#define NODE_IMPORT_IMPORT_BUNDLE_H

#include "node/cmd/cmd.h"

/*
 * import_bundle -- take in a bundle file: what others' nodes know, carried on
 * a stick.
 *
 * Bundles merge: runs that are held already add nothing, and the same files in
 * any order give the same ledger.
 */

/* import_bundle: take in the file at path; says what came of it.  EXIT_DONE;
 * EXIT_NO when a part of it could not be taken in; EXIT_DATA: not a bundle, or
 * of another network; EXIT_INPUT; and what desk_open returns. */
int import_bundle(struct ctx *ctx, const char *path);

#endif
