#ifndef PROTO_GROW_H
#define PROTO_GROW_H

#include <stddef.h>

/*
 * grow -- room for one more element in an array that doubles.
 *
 * For arrays whose ceiling is set by what was admitted elsewhere (entries that
 * are held, members of the roster), never by what a stranger claims.
 */

/* grow: array is the address of a pointer to elements of `size` bytes, n of
 * which are in use and *max have room.  After 0 there is room for n + 1;
 * ERR_NOMEM changes nothing. */
int grow(void *array, size_t *max, size_t n, size_t size);

/* grow_to: room for n elements in all, if there is less. */
int grow_to(void *array, size_t *max, size_t n, size_t size);

#endif
