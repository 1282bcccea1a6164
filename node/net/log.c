#include "node/net/log.h"

#include "node/net/clock.h"
#include "node/text/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 1000, FULL = LOG_BURST * LINE };

void log_init(struct log *l, bool is_on)
{
	*l = (struct log){ .is_on = is_on,
			   .since_ms = clock_ms(),
			   .tokens_m = FULL };
}

static bool may_write(struct log *l)
{
	uint64_t now_ms = clock_ms();
	uint64_t passed = now_ms - l->since_ms;
	uint64_t tokens_m = l->tokens_m;

	tokens_m += passed < FULL ? passed * LOG_RATE : FULL;
	if (tokens_m > FULL)
		tokens_m = FULL;
	l->since_ms = now_ms;
	l->tokens_m = (uint32_t)tokens_m;
	if (tokens_m < LINE)
		return false;
	l->tokens_m -= LINE;
	return true;
}

void log_event(struct log *l, const char *fmt, ...)
{
	char line[LOG_LINE];
	va_list ap;

	if (!l->is_on)
		return;
	if (!may_write(l)) {
		l->dropped++;
		return;
	}
	if (l->dropped > 0)
		fprintf(stderr, "event=log-dropped lines=%llu\n",
			(unsigned long long)l->dropped);
	l->dropped = 0;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	put_safe(stderr, line, strlen(line));
	fputc('\n', stderr);
}
