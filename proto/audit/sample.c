#include "proto/audit/sample.h"

#include <string.h>

struct id sample_rank(const struct id *cut, const char *seed,
		      const void *subject, size_t n)
{
	static const char tag[] = "maillon/1 sample"; /* with its 00 */
	struct id seeded = hash_id(seed, strlen(seed));
	struct hasher h;

	hasher_init(&h);
	hasher_add(&h, tag, sizeof(tag));
	hasher_add(&h, cut->b, sizeof(cut->b));
	hasher_add(&h, seeded.b, sizeof(seeded.b));
	hasher_add(&h, subject, n);
	return hasher_id(&h);
}
