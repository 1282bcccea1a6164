#include "proto/audit_sum.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* One change of stock at its place. */
struct event {
	uint32_t account;
	uint64_t seq;
	int64_t delta;
	struct pubkey feed;
};

struct audit_sum {
	uint32_t *slot; /* open addressing; a power of two, half full at most */
	uint32_t mask;
	struct account *at;
	size_t n, max;
	struct event *events;
	size_t events_n, events_max;
};

int sum_open(struct audit_sum **out)
{
	struct audit_sum *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_NOMEM;
	s->mask = 1023;
	s->slot = malloc((size_t)(s->mask + 1) * sizeof(*s->slot));
	if (s->slot == NULL) {
		free(s);
		return ERR_NOMEM;
	}
	memset(s->slot, 0xff, (size_t)(s->mask + 1) * sizeof(*s->slot));
	*out = s;
	return 0;
}

void sum_close(struct audit_sum *s)
{
	if (s == NULL)
		return;
	free(s->slot);
	free(s->at);
	free(s->events);
	free(s);
}

/* FNV-1a over the item, mixed with bytes of the key, which is random. */
static uint32_t hash_of(const struct holder *h, const char *item, size_t n)
{
	uint32_t v = 2166136261U ^ be32_get(h->member.b) ^
		     be32_get(h->outsider.b) * 31U;

	for (size_t i = 0; i < n; i++)
		v = (v ^ (uint8_t)item[i]) * 16777619U;
	return v ^ v >> 15;
}

static bool is_same(const struct account *a, const struct holder *h,
		    const char *item, size_t n)
{
	return memcmp(a->item, item, n) == 0 && a->item[n] == '\0' &&
	       memcmp(&a->holder, h, sizeof(*h)) == 0;
}

static int widen(struct audit_sum *s)
{
	uint32_t mask = s->mask * 2 + 1;
	uint32_t *slot = malloc((size_t)(mask + 1) * sizeof(*slot));

	if (slot == NULL)
		return ERR_NOMEM;
	memset(slot, 0xff, (size_t)(mask + 1) * sizeof(*slot));
	for (uint32_t i = 0; i < s->n; i++) {
		const struct account *a = &s->at[i];
		uint32_t k = hash_of(&a->holder, a->item, strlen(a->item));

		while (slot[k & mask] != NONE)
			k++;
		slot[k & mask] = i;
	}
	free(s->slot);
	s->slot = slot;
	s->mask = mask;
	return 0;
}

static int find_account(struct audit_sum *s, uint32_t *out,
			const struct posting *p)
{
	uint32_t k;
	struct account *a;
	int err = 0;

	if (s->n * 2 > s->mask)
		err = widen(s);
	if (err == 0)
		err = grow(&s->at, &s->max, s->n, sizeof(*s->at));
	if (err != 0)
		return err;
	k = hash_of(&p->holder, p->item, p->item_n);
	while (s->slot[k & s->mask] != NONE) {
		uint32_t i = s->slot[k & s->mask];

		if (is_same(&s->at[i], &p->holder, p->item, p->item_n)) {
			*out = i;
			return 0;
		}
		k++;
	}
	a = &s->at[s->n];
	memset(a, 0, sizeof(*a));
	a->holder = p->holder;
	memcpy(a->item, p->item, p->item_n);
	*out = (uint32_t)s->n;
	s->slot[k & s->mask] = (uint32_t)s->n++;
	return 0;
}

int sum_add(void *arg, const struct posting *p)
{
	struct audit_sum *s = arg;
	uint32_t i;
	int err = find_account(s, &i, p);

	if (err == 0)
		err = grow(&s->events, &s->events_max, s->events_n,
			   sizeof(*s->events));
	if (err != 0)
		return err;
	for (size_t c = 0; c < COL_COUNT; c++)
		s->at[i].col[c] += p->delta[c];
	if (p->delta[COL_ON_HAND] != 0)
		s->events[s->events_n++] =
			(struct event){ i, p->seq, p->delta[COL_ON_HAND],
					p->feed };
	return 0;
}

static int event_cmp(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	int c;

	if (x->account != y->account)
		return x->account < y->account ? -1 : 1;
	c = pubkey_cmp(&x->feed, &y->feed);
	if (c != 0)
		return c;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* The end of the events of one account in one feed. */
static size_t end_of_feed(const struct audit_sum *s, size_t i)
{
	size_t j = i;

	while (j < s->events_n &&
	       s->events[j].account == s->events[i].account &&
	       pubkey_eq(&s->events[j].feed, &s->events[i].feed))
		j++;
	return j;
}

/* All that came in, in events [from, to). */
static int64_t credits(const struct audit_sum *s, size_t from, size_t to)
{
	int64_t sum = 0;

	for (size_t i = from; i < to; i++)
		if (s->events[i].delta > 0)
			sum += s->events[i].delta;
	return sum;
}

/* Follow the balance through events [from, to) of one feed, `favour` having
 * come in elsewhere.  One entry may both give and take (an assembly that uses
 * what it makes): its changes are taken together. */
static void follow(const struct audit_sum *s, size_t from, size_t to,
		   int64_t favour, struct shortfall *out)
{
	int64_t balance = favour, worst = 0;

	for (size_t i = from; i < to; i++) {
		const struct event *e = &s->events[i];

		balance += e->delta;
		if (i + 1 < to && s->events[i + 1].seq == e->seq)
			continue;
		if (balance < 0 && out->amount == 0 && worst == 0) {
			out->feed = e->feed;
			out->seq = e->seq;
		}
		if (balance < worst)
			worst = balance;
	}
	if ((uint64_t)-worst > out->amount)
		out->amount = (uint64_t)-worst;
}

struct watch {
	bool (*is_own)(void *arg, const struct pubkey *feed,
		       const struct pubkey *member);
	int (*visit)(void *arg, const struct shortfall *f);
	void *arg;
};

/* Events [from, to) are those of one account. */
static int watch_account(const struct audit_sum *s, size_t from, size_t to,
			 const struct watch *w)
{
	const struct account *a = &s->at[s->events[from].account];
	struct shortfall f = { .account = a };
	int64_t all = credits(s, from, to);
	int64_t end = a->col[COL_ON_HAND];

	for (size_t i = from; i < to;) {
		size_t next = end_of_feed(s, i);

		if (w->is_own(w->arg, &s->events[i].feed, &a->holder.member))
			follow(s, i, next, all - credits(s, i, next), &f);
		i = next;
	}
	if (end < 0 && (uint64_t)-end > f.amount) {
		if (f.amount == 0) {
			f.feed = s->events[to - 1].feed;
			f.seq = s->events[to - 1].seq;
		}
		f.amount = (uint64_t)-end;
	}
	return f.amount == 0 ? 0 : w->visit(w->arg, &f);
}

int sum_shortfalls(struct audit_sum *s,
		   bool (*is_own)(void *arg, const struct pubkey *feed,
				  const struct pubkey *member),
		   int (*visit)(void *arg, const struct shortfall *f),
		   void *arg)
{
	struct watch w = { is_own, visit, arg };

	if (s->events_n > 0)
		qsort(s->events, s->events_n, sizeof(*s->events), event_cmp);
	for (size_t i = 0; i < s->events_n;) {
		size_t next = i;
		int err;

		while (next < s->events_n &&
		       s->events[next].account == s->events[i].account)
			next++;
		err = watch_account(s, i, next, &w);
		if (err != 0)
			return err;
		i = next;
	}
	return 0;
}

static int account_cmp(const void *a, const void *b)
{
	const struct account *x = a, *y = b;
	int c = memcmp(&x->holder, &y->holder, sizeof(x->holder));

	return c != 0 ? c : strcmp(x->item, y->item);
}

/* Sorting moves the accounts, so the slots and events are void from here. */
const struct account *sum_accounts(struct audit_sum *s, size_t *n)
{
	if (s->n > 0)
		qsort(s->at, s->n, sizeof(*s->at), account_cmp);
	*n = s->n;
	return s->at;
}
