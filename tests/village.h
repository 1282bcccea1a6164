#ifndef TESTS_VILLAGE_H
#define TESTS_VILLAGE_H

#include "tests/rotation_world.h"

/*
 * village -- a founder, an association that it admitted, and two makers whom
 * that one admitted; each has the feed of its number.
 */

enum { FOUNDER, ASSO, LEA, NINO };

static inline struct world *village(void)
{
	struct world *w = world_open(1);

	for (size_t i = 0; i < 4; i++)
		world_begin(w, i);
	world_admit(w, FOUNDER, ASSO, true);
	world_admit(w, ASSO, LEA, false);
	world_admit(w, ASSO, NINO, false);
	return w;
}

#endif
