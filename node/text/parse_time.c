#include "node/text/parse.h"

#include "crypto/err.h"

#include <stdio.h>
#include <string.h>

/* What is left of a text that is being read; NULL once it does not fit. */
struct reader {
	const char *p;
};

static unsigned take(struct reader *r, unsigned count, unsigned max)
{
	unsigned v = 0;

	for (unsigned i = 0; i < count && r->p != NULL; i++) {
		if (*r->p < '0' || *r->p > '9')
			r->p = NULL;
		else
			v = 10 * v + (unsigned)(*r->p++ - '0');
	}
	if (v > max)
		r->p = NULL;
	return v;
}

/* Step over c if it comes next. */
static bool comes(struct reader *r, char c)
{
	if (r->p == NULL || *r->p != c)
		return false;
	r->p++;
	return true;
}

static void need(struct reader *r, char c)
{
	if (!comes(r, c))
		r->p = NULL;
}

/* The ms of a date; the year is checked by the caller. */
static uint64_t take_date(struct reader *r, unsigned *year)
{
	unsigned y = take(r, 4, YEAR_LAST), m, d;

	need(r, '-');
	m = take(r, 2, 12);
	need(r, '-');
	d = take(r, 2, 31);
	*year = y;
	if (r->p == NULL || y == 0 || m == 0 || d == 0 ||
	    d > month_days(y, m)) {
		r->p = NULL;
		return 0;
	}
	return y < YEAR_FIRST ? 0 : (days_before(y, m) + d - 1) * DAY_MS;
}

/* Digits after the second, cut to milliseconds. */
static uint64_t take_fraction(struct reader *r)
{
	uint64_t ms = take(r, 1, 9) * 100;

	for (unsigned unit = 10; r->p != NULL && *r->p >= '0' && *r->p <= '9';
	     unit /= 10, r->p++)
		ms += (uint64_t)(*r->p - '0') * unit;
	return ms;
}

static uint64_t take_clock(struct reader *r)
{
	uint64_t ms = take(r, 2, 23) * 3600000ULL;

	need(r, ':');
	ms += take(r, 2, 59) * 60000ULL;
	if (comes(r, ':')) {
		ms += take(r, 2, 59) * 1000ULL;
		if (comes(r, '.') || comes(r, ','))
			ms += take_fraction(r);
	}
	return ms;
}

/* Ms that the local time is ahead of UTC. */
static int64_t take_offset(struct reader *r)
{
	int64_t sign, ms;

	if (r->p == NULL || *r->p == '\0' || comes(r, 'Z'))
		return 0;
	if (strcmp(r->p, " UTC") == 0 || strcmp(r->p, "UTC") == 0) {
		r->p += strlen(r->p);
		return 0;
	}
	comes(r, ' ');
	sign = comes(r, '-') ? -1 : 1;
	if (sign > 0)
		need(r, '+');
	ms = (int64_t)take(r, 2, 23) * 3600000;
	if (r->p != NULL && *r->p != '\0') {
		comes(r, ':');
		ms += (int64_t)take(r, 2, 59) * 60000;
	}
	return sign * ms;
}

int parse_time(uint64_t *out, const char *text)
{
	struct reader r = { text };
	unsigned year;
	uint64_t ms = take_date(&r, &year);
	int64_t offset = 0;

	if (r.p != NULL && *r.p != '\0') {
		if (!comes(&r, 'T') && !comes(&r, 't'))
			need(&r, ' ');
		ms += take_clock(&r);
		offset = take_offset(&r);
	}
	if (r.p == NULL || *r.p != '\0')
		return ERR_FORMAT;
	if (year < YEAR_FIRST || (int64_t)ms < offset)
		return ERR_LIMIT;
	ms = (uint64_t)((int64_t)ms - offset);
	if (ms >= days_before(YEAR_LAST + 1, 1) * DAY_MS)
		return ERR_LIMIT;
	*out = ms;
	return 0;
}

int parse_period(struct period *out, const char *text)
{
	return period_read(out, text, strlen(text));
}

void time_text(char out[static TIME_SIZE], uint64_t ms)
{
	uint64_t days = ms / DAY_MS, rest = ms % DAY_MS;
	unsigned y, m;
	int n;

	if (days >= days_before(YEAR_LAST + 1, 1)) {
		snprintf(out, TIME_SIZE, "%llu", (unsigned long long)ms);
		return;
	}
	y = YEAR_FIRST + (unsigned)(days / 366);
	while (days_before(y + 1, 1) <= days)
		y++;
	for (m = 1; m < 12 && days_before(y, m + 1) <= days; m++)
		;
	n = snprintf(out, TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u", y, m,
		     (unsigned)(days - days_before(y, m) + 1),
		     (unsigned)(rest / 3600000), (unsigned)(rest / 60000 % 60),
		     (unsigned)(rest / 1000 % 60));
	if (rest % 1000 != 0)
		n += snprintf(out + n, TIME_SIZE - (size_t)n, ".%03u",
			      (unsigned)(rest % 1000));
	snprintf(out + n, TIME_SIZE - (size_t)n, "Z");
}
