#ifndef TESTS_NOMEM_H
#define TESTS_NOMEM_H

#include <stddef.h>

/*
 * nomem -- an allocator whose k-th call fails.
 *
 * Included by tests/<layer>_<name>_nomem.c only; the Makefile links those with
 * --wrap, so that every malloc, calloc and realloc of ours comes here first.
 * A test sets nomem_after to 0, 1, 2, ... and repeats its call until it
 * succeeds; each failure must be ERR_NOMEM and leave nothing behind (the
 * sanitizers see leaks).  Libraries keep the real allocator.
 */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

/* Calls that still succeed before the one that fails; negative: none fails. */
static int nomem_after = -1;

/* Is this the call that fails?  Only one does: what cleans up may allocate. */
static int nomem_now(void)
{
	return nomem_after >= 0 && nomem_after-- == 0;
}

void *__wrap_malloc(size_t n)
{
	return nomem_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return nomem_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return nomem_now() ? NULL : __real_realloc(p, n);
}

#endif
