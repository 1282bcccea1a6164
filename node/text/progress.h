#ifndef NODE_TEXT_PROGRESS_H
#define NODE_TEXT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * progress -- a bar on the terminal for what takes its time.
 *
 * Nothing is drawn where stderr is no terminal, nor in the first
 * PROGRESS_AFTER_MS, so short work stays silent.  Drawn at most every
 * PROGRESS_EVERY_MS, so it may be told of every row.
 */

enum { PROGRESS_AFTER_MS = 500, PROGRESS_EVERY_MS = 100 };

struct progress {
	bool is_on;
	bool is_drawn;
	const char *what; /* borrowed: what is being done */
	uint64_t next_ms; /* when to draw */
};

/* progress_start: begin with what is done, a word or two for the person. */
void progress_start(struct progress *p, const char *what);

/* progress_at: done of total, in any unit; total 0 when it is not known. */
void progress_at(struct progress *p, uint64_t done, uint64_t total);

/* progress_end: take the bar away, before anything else is said. */
void progress_end(struct progress *p);

#endif
