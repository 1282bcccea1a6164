#include "proto/grow.h"

#include "crypto/err.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int grow(void *array, size_t *max, size_t n, size_t size)
{
	size_t want = *max < 16 ? 32 : *max * 2;
	void *p;

	if (n < *max)
		return 0;
	if (want > SIZE_MAX / size)
		return ERR_NOMEM;
	/* The caller's pointer has another type, so it is moved as bytes. */
	memcpy(&p, array, sizeof(p));
	p = realloc(p, want * size);
	if (p == NULL)
		return ERR_NOMEM;
	memcpy(array, &p, sizeof(p));
	*max = want;
	return 0;
}
