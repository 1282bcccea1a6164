#ifndef NODE_IMPORT_FILEMAP_H
#define NODE_IMPORT_FILEMAP_H

#include <stddef.h>
#include <stdint.h>

/*
 * filemap -- a whole file in memory, to be read only.
 *
 * What lies in a file may change under whoever maps it: nothing read from it
 * is believed twice without being checked twice.
 */

struct filemap {
	const uint8_t *p;
	size_t n;
	void *base; /* NULL when closed */
};

/* filemap_open: map the regular file at path.  ERR_NOT_FOUND, ERR_DENIED,
 * ERR_IO; ERR_FORMAT: empty, or not a regular file. */
int filemap_open(struct filemap *f, const char *path);

/* filemap_close: a zeroed or closed one is fine. */
void filemap_close(struct filemap *f);

#endif
