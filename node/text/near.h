#ifndef NODE_TEXT_NEAR_H
#define NODE_TEXT_NEAR_H

#include <stddef.h>

/*
 * near -- which of some words a mistyped one was meant to be.
 */

enum { NEAR_MAX = 3, NEAR_WORD = 64 };

/* The nearest words so far, best first. */
struct near {
	const char *word; /* what was typed */
	size_t n;
	char best[NEAR_MAX][NEAR_WORD];
	unsigned distance[NEAR_MAX];
};

/* near_init: look for words like this one.  Borrows it.  Cannot fail. */
void near_init(struct near *near, const char *word);

/* near_offer: a word that could be meant.  Kept when few enough letters differ;
 * case does not count. */
void near_offer(struct near *near, const char *word);

/* near_text: "a, b, c" into out; "" when nothing is near. */
void near_text(const struct near *near, char *out, size_t size);

#endif
