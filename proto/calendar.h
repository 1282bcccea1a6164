#ifndef PROTO_CALENDAR_H
#define PROTO_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * calendar -- dates and periods in milliseconds since 1970 UTC.
 *
 * The Gregorian calendar, days of 86,400 seconds, no time zones.  Pure.
 */

enum { YEAR_FIRST = 1970, YEAR_LAST = 9999 };

#define DAY_MS 86400000ULL

/* month_days: of a month, 1 to 12. */
unsigned month_days(unsigned year, unsigned month);

/* days_before: days from 1970-01-01 to the first of a month of YEAR_FIRST to
 * YEAR_LAST + 1. */
uint64_t days_before(unsigned year, unsigned month);

/* A span of time [from_ms, to_ms). */
struct period {
	char text[8]; /* "2020", "2020-Q2", "2020-04" */
	uint64_t from_ms;
	uint64_t to_ms;
};

/* period_read: a year, a quarter or a month of 1970 to 9998, n bytes.
 * ERR_FORMAT: not such a text; ERR_LIMIT: outside of these years. */
int period_read(struct period *out, const char *p, size_t n);

/* period_has: does a time lie in it? */
bool period_has(const struct period *p, uint64_t ms);

#endif
