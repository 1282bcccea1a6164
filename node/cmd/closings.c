#include "node/cmd/closings.h"

#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>

struct loading {
	struct closings *all;
	struct book_view view;
};

static int load_one(void *arg, const struct book_record *rec)
{
	struct loading *l = arg;
	struct closings *all = l->all;
	struct closing one;
	bool is_any;
	int err = closing_of(&l->view, rec, &one, &is_any);

	if (err != 0 || !is_any)
		return err;
	err = grow(&all->at, &all->max, all->n, sizeof(*all->at));
	if (err == 0)
		all->at[all->n++] = one;
	else
		closing_release(&one);
	return err;
}

int closings_load(struct closings *c, struct store *s)
{
	struct loading l = { .all = c };
	int err;

	*c = (struct closings){ .at = NULL };
	err = store_view_open(s, &l.view);
	if (err != 0)
		return err;
	err = store_kind(s, KIND_PERIOD, load_one, &l);
	store_view_close(s);
	return err;
}

void closings_release(struct closings *c)
{
	for (size_t i = 0; i < c->n; i++)
		closing_release(&c->at[i]);
	free(c->at);
	*c = (struct closings){ .at = NULL };
}

const struct closing *closings_within(const struct closings *c,
				      const struct pubkey *party,
				      uint64_t from_ms, uint64_t to_ms)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct period *p = &c->at[i].period;

		if (pubkey_eq(&c->at[i].party, party) &&
		    p->from_ms <= from_ms && to_ms <= p->to_ms)
			return &c->at[i];
	}
	return NULL;
}

struct adding {
	struct funds *funds;
	struct closing_past past;
};

static int add_one(void *arg, const struct book_record *rec)
{
	struct adding *a = arg;

	return closing_add(a->funds, &a->past, rec);
}

int closings_sum(struct funds *f, struct sha *hash, const struct closing *c,
		 struct store *s)
{
	struct book_view view;
	struct adding a = { f, { c, &view } };
	struct id network;
	int err = store_view_open(s, &view);

	if (err != 0)
		return err;
	err = store_kind(s, KIND_DONATE, add_one, &a);
	if (err == 0)
		err = store_kind(s, KIND_SPEND, add_one, &a);
	store_view_close(s);
	if (err == 0 && store_network(s, &network))
		err = closing_hash(hash, c, &network, f);
	return err;
}
