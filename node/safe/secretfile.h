#ifndef NODE_SAFE_SECRETFILE_H
#define NODE_SAFE_SECRETFILE_H

#include <stdbool.h>

/*
 * secretfile -- a passphrase out of the first line of a file, so that none
 * ever stands on a command line, where every process can read it.
 */

enum { PASSPHRASE_SIZE = 1026 }; /* with its newline and NUL */

/* passphrase_read: the first line of the file at path, or of stdin for "-",
 * without its newline, at least 1 character.  An exit code, after saying what
 * is wrong; the caller wipes out. */
int passphrase_read(char out[static PASSPHRASE_SIZE], const char *path);

/* passphrase_ask: the same, typed at the terminal without being shown; twice
 * when it is_new.  EXIT_USAGE, after saying so: there is no terminal. */
int passphrase_ask(char out[static PASSPHRASE_SIZE], bool is_new);

#endif
