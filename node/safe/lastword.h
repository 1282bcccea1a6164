#ifndef NODE_SAFE_LASTWORD_H
#define NODE_SAFE_LASTWORD_H

/*
 * lastword -- one line, when the ledger's file is not what it says it is.
 *
 * The ledger is a map of its file.  Where the file ends too early, or the disk
 * fails under it, touching the page is no error that a call could return: it is
 * SIGBUS; store/db raises the same when LMDB finds pages that it cannot go on
 * with.  The process cannot go on, and what it has committed is safe, so it
 * says what happened and ends with EXIT_DATA.
 */

/* lastword_install: for the whole process, once, before a ledger is opened. */
void lastword_install(void);

#endif
