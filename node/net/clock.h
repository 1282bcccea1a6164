#ifndef NODE_NET_CLOCK_H
#define NODE_NET_CLOCK_H

#include <stdint.h>

/*
 * clock -- the time that timers run on: it never jumps and means nothing to
 * others.  What goes into an entry is cmd_now's.
 */

/* clock_ms: milliseconds since some moment in the past, never 0. */
uint64_t clock_ms(void);

#endif
