#include "node/export/dedicated.h"

#include "node/cmd/closings.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

static int fund_cmp(const void *a, const void *b)
{
	return strcmp(((const struct dedicated *)a)->fund,
		      ((const struct dedicated *)b)->fund);
}

/* What an entry does to a fund: money that came in or went out. */
static int64_t moved(const struct money_entry *e)
{
	int64_t sum = 0;

	for (size_t i = 0; i < e->rule->lines_n; i++)
		if (money_is_bank(e, i))
			sum += money_debits(e, i) ? (int64_t)e->minor
						  : -(int64_t)e->minor;
	return sum;
}

static int add(struct dedications *out, const struct money_entry *e,
	       bool is_before)
{
	struct dedicated one = { .closing = moved(e) };
	int err = grow(&out->at, &out->max, out->n, sizeof(one));

	memcpy(one.fund, e->fund, sizeof(one.fund));
	if (is_before)
		one.opening = one.closing;
	if (err == 0)
		out->at[out->n++] = one;
	return err;
}

/* Each fund once; one that is overspent has nothing to keep. */
static void merge(struct dedications *d)
{
	size_t n = 0;

	if (d->n > 0)
		qsort(d->at, d->n, sizeof(*d->at), fund_cmp);
	for (size_t i = 0; i < d->n; i++) {
		if (n > 0 && fund_cmp(&d->at[n - 1], &d->at[i]) == 0) {
			d->at[n - 1].opening += d->at[i].opening;
			d->at[n - 1].closing += d->at[i].closing;
		} else {
			d->at[n++] = d->at[i];
		}
	}
	d->n = n;
	for (size_t i = 0; i < n; i++) {
		if (d->at[i].opening < 0)
			d->at[i].opening = 0;
		if (d->at[i].closing < 0)
			d->at[i].closing = 0;
	}
}

/* Has the association closed the year that ends here? */
static bool is_closed(const struct closings *all, const struct pubkey *party,
		      uint64_t to_ms)
{
	for (size_t i = 0; i < all->n; i++)
		if (pubkey_eq(&all->at[i].party, party) &&
		    all->at[i].period.to_ms == to_ms &&
		    strlen(all->at[i].period.text) == 4)
			return true;
	return false;
}

static int fill(struct dedications *out, const struct exporting *x,
		const struct money_journal *m, const char *currency)
{
	const struct period *p = x->period;
	struct closings all;
	struct period year;
	bool has_opening, has_closing;
	int err = closings_load(&all, x->store);

	if (err == 0)
		err = period_read(&year, p->text, 4);
	for (size_t i = 0; i < m->n && err == 0; i++) {
		const struct money_entry *e = &m->at[i];

		if (e->fund[0] != '\0' && e->date_ms < p->to_ms &&
		    strcmp(e->currency, currency) == 0)
			err = add(out, e, e->date_ms < year.from_ms);
	}
	merge(out);
	has_opening = err == 0 &&
		      is_closed(&all, &x->accounts->identity, year.from_ms);
	has_closing = strlen(p->text) == 4 &&
		      is_closed(&all, &x->accounts->identity, p->to_ms);
	for (size_t i = 0; i < out->n; i++) {
		if (!has_opening)
			out->at[i].opening = 0;
		if (!has_closing)
			out->at[i].closing = out->at[i].opening;
	}
	closings_release(&all);
	return err;
}

int dedications_load(struct dedications *out, const struct exporting *x,
		     const struct money_journal *m, const char *currency)
{
	return x->period == NULL ? 0 : fill(out, x, m, currency);
}
