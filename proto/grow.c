#include "proto/grow.h"

#include "crypto/err.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int grow_to(void *array, size_t *max, size_t n, size_t size)
{
	void *p;

	if (n <= *max)
		return 0;
	if (n > SIZE_MAX / size)
		return ERR_NOMEM;
	/* The caller's pointer has another type, so it is moved as bytes. */
	memcpy(&p, array, sizeof(p));
	p = realloc(p, n * size);
	if (p == NULL)
		return ERR_NOMEM;
	memcpy(array, &p, sizeof(p));
	*max = n;
	return 0;
}

int grow(void *array, size_t *max, size_t n, size_t size)
{
	if (n < *max)
		return 0;
	return grow_to(array, max, *max < 16 ? 32 : *max * 2, size);
}
