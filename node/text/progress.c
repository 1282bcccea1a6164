#include "node/text/progress.h"

#include "node/net/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 30 };

void progress_start(struct progress *p, const char *what)
{
	*p = (struct progress){ .what = what };
	p->is_on = isatty(STDERR_FILENO) == 1;
	if (p->is_on)
		p->next_ms = clock_ms() + PROGRESS_AFTER_MS;
}

void progress_at(struct progress *p, uint64_t done, uint64_t total)
{
	uint64_t now;
	int filled;

	if (!p->is_on)
		return;
	now = clock_ms();
	if (now < p->next_ms)
		return;
	p->next_ms = now + PROGRESS_EVERY_MS;
	p->is_drawn = true;
	if (total == 0) {
		fprintf(stderr, "\r%s %llu", p->what, (unsigned long long)done);
		return;
	}
	if (done > total)
		done = total;
	filled = (int)((double)done / (double)total * WIDTH);
	fprintf(stderr, "\r[%.*s%*s] %3d %%  %s", filled,
		"##############################", WIDTH - filled, "",
		(int)((double)done / (double)total * 100), p->what);
}

void progress_end(struct progress *p)
{
	if (p->is_drawn)
		fprintf(stderr, "\r\033[K");
	p->is_on = false;
	p->is_drawn = false;
}
