#ifndef NODE_NET_LOG_H
#define NODE_NET_LOG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * log -- what a daemon tells whoever runs it: lines of key=value on stderr.
 *
 * English, one event a line, nothing personal, safe for a terminal.  More than
 * LOG_BURST lines at once, or LOG_RATE a second in the long run, are counted
 * instead of written, so nobody outside can fill a disk.
 */

enum { LOG_BURST = 100, LOG_RATE = 5, LOG_LINE = 512 };

struct log {
	bool is_on; /* false: everything is dropped */
	uint64_t since_ms;
	uint32_t tokens_m; /* thousandths of a line */
	uint64_t dropped;  /* since the last line */
};

/* log_init: nothing written yet. */
void log_init(struct log *l, bool is_on);

/* log_event: "event=..." and what belongs to it. */
void log_event(struct log *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
