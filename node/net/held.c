#include "node/net/held.h"

#include "node/net/daemon_priv.h"

#include <string.h>

static void give(struct peer *p, const void *data, size_t n)
{
	if (p->session != NULL && p->over_ms == 0)
		session_recv(p->session, data, n, p->d->now_ms);
}

static void give_oldest(struct daemon *d)
{
	struct held *h = &d->held;
	size_t i = h->at;

	h->at = (h->at + 1) % HELD_FRAMES;
	h->n--;
	give(h->frame[i].peer, h->frame[i].p, h->frame[i].n);
	ahead_over(d->host->ahead, h->frame[i].runs);
}

void held_put(struct daemon *d, struct peer *p, const void *data, size_t n)
{
	struct held *h = &d->held;
	size_t i;

	if (h->n == HELD_FRAMES)
		give_oldest(d);
	if (n > LIMIT_FRAME) {
		held_flush(d);
		give(p, data, n);
		return;
	}
	i = (h->at + h->n++) % HELD_FRAMES;
	memcpy(h->frame[i].p, data, n);
	h->frame[i].n = n;
	h->frame[i].peer = p;
	if (p->session != NULL && p->over_ms == 0)
		session_foresee(p->session, h->frame[i].p, n);
	h->frame[i].runs = ahead_count(d->host->ahead);
}

void held_flush(struct daemon *d)
{
	while (d->held.n > 0)
		give_oldest(d);
}
