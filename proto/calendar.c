#include "proto/calendar.h"

#include "crypto/err.h"
#include "proto/form.h"

#include <string.h>

static bool is_leap(unsigned y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

unsigned month_days(unsigned y, unsigned m)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30,
					      31, 31, 30, 31, 30, 31 };

	return m == 2 && is_leap(y) ? 29 : days[m - 1];
}

uint64_t days_before(unsigned y, unsigned m)
{
	uint64_t past = y - 1;
	/* 719162 of these days passed before 1970. */
	uint64_t days = 365 * past + past / 4 - past / 100 + past / 400;

	for (unsigned i = 1; i < m; i++)
		days += month_days(y, i);
	return days - 719162;
}

/* Digits that are known to be digits. */
static unsigned number(const char *p, size_t n)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++)
		v = 10 * v + (unsigned)(p[i] - '0');
	return v;
}

int period_read(struct period *out, const char *p, size_t n)
{
	unsigned from = 1, months = 12, year;

	if (n >= sizeof(out->text) || !period_is_valid(p, n))
		return ERR_FORMAT;
	year = number(p, 4);
	if (year < YEAR_FIRST || year >= YEAR_LAST)
		return ERR_LIMIT;
	if (n > 4) {
		months = p[5] == 'Q' ? 3 : 1;
		from = months == 3 ? 3 * number(p + 6, 1) - 2
				   : number(p + 5, 2);
	}
	memcpy(out->text, p, n);
	out->text[n] = '\0';
	out->from_ms = days_before(year, from) * DAY_MS;
	out->to_ms = (from + months > 12 ? days_before(year + 1, 1)
					 : days_before(year, from + months)) *
		     DAY_MS;
	return 0;
}

bool period_has(const struct period *p, uint64_t ms)
{
	return ms >= p->from_ms && ms < p->to_ms;
}
