#ifndef NODE_FILE_H
#define NODE_FILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * file -- small whole files, read and replaced so that a power cut leaves the
 * old or the new one.
 *
 * Errors of all: ERR_NOT_FOUND, ERR_DENIED, ERR_FULL, ERR_IO, and those that
 * are named.
 */

/* file_read: the whole file at path into buf with a NUL, its bytes in *n.
 * ERR_LIMIT: not less than max bytes. */
int file_read(char *buf, size_t max, size_t *n, const char *path);

/* file_write: make or replace path: written beside it, synced, renamed, and
 * the folder synced.  ERR_LIMIT: the path is too long. */
int file_write(const char *path, const void *p, size_t n, mode_t mode);

/* file_make_dirs: the folder path and its missing parents, mode 0700.  What is
 * there stays as it is.  ERR_EXISTS: something that is not a folder is in the
 * way; ERR_LIMIT. */
int file_make_dirs(const char *path);

#endif
