#ifndef NODE_REPORT_EXPORT_H
#define NODE_REPORT_EXPORT_H

#include <stdio.h>

/*
 * export -- the ledger in the forms that others read.
 *
 * Each writer gets an open store and the stream to write to, says on stderr
 * what went wrong, and returns an exit code.  Nothing is changed.
 */

struct store;

/* export_bundle: the network in one file: charter, then runs (PROTOCOL.md,
 * "Bundle"), of every feed whose member was admitted. */
int export_bundle(struct store *s, FILE *file);

/* export_jsonl: every entry as one JSON object a line, in the order (feed,
 * seq), as `log --json` prints them. */
int export_jsonl(struct store *s, FILE *file);

#endif
