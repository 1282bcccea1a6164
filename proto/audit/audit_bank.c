#include "proto/audit/audit_money.h"

#include "crypto/err.h"

#include <stdlib.h>
#include <string.h>

/*
 * What banks say: statements join, and agree with the records of their period.
 */

static int purse_cmp(const struct cash *x, const struct cash *y)
{
	int c = pubkey_cmp(&x->party->association, &y->party->association);

	return c != 0 ? c : strcmp(x->currency, y->currency);
}

static uint64_t start_of(const struct cash *c)
{
	return c->kind == KIND_BANK ? c->period.from_ms : c->date_ms;
}

/* Statements stand after the records, by period. */
static int bank_cmp(const void *a, const void *b)
{
	const struct cash *x = a, *y = b;
	int c = purse_cmp(x, y);

	if (c == 0)
		c = (x->kind == KIND_BANK) - (y->kind == KIND_BANK);
	if (c == 0)
		c = (start_of(x) > start_of(y)) - (start_of(x) < start_of(y));
	if (c == 0 && x->kind == KIND_BANK)
		c = (x->period.to_ms > y->period.to_ms) -
		    (x->period.to_ms < y->period.to_ms);
	if (c == 0)
		c = (x->feed > y->feed) - (x->feed < y->feed);
	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

/* What the records [0, n) dated before a time add up to; sum[i] is that of
 * the first i. */
static int64_t sum_at(const struct cash *at, const int64_t *sum, size_t n,
		      uint64_t time_ms)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (at[mid].date_ms < time_ms)
			low = mid + 1;
		else
			high = mid;
	}
	return sum[low];
}

static bool is_same_period(const struct cash *a, const struct cash *b)
{
	return a->period.from_ms == b->period.from_ms &&
	       a->period.to_ms == b->period.to_ms;
}

static uint64_t apart(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)(a - b) : (uint64_t)(b - a);
}

/* The last statements so far of years, quarters and months. */
struct ended {
	uint64_t to_ms; /* 0: there are none */
	int64_t closing;
};

enum { YEARS, QUARTERS, MONTHS, SPANS };

static size_t span_of(const struct period *p)
{
	return strlen(p->text) == 4 ? YEARS
	       : p->text[5] == 'Q'  ? QUARTERS
				    : MONTHS;
}

/* PROTOCOL: What ended just before is a statement of as long a period, else of
 * a longer one, else of a shorter one. */
static const struct ended *just_before(const struct ended last[static SPANS],
				       const struct period *p)
{
	size_t own = span_of(p);

	if (last[own].to_ms == p->from_ms)
		return &last[own];
	for (size_t i = 0; i < SPANS; i++)
		if (last[i].to_ms == p->from_ms)
			return &last[i];
	return NULL;
}

/* PROTOCOL: The statements of one period add up: they are of several accounts.
 */
static int tell_statements(struct purse *p, const struct cash *at,
			   const int64_t *sum, size_t records, size_t n)
{
	struct ended last[SPANS] = { { 0, 0 } };
	size_t end;
	int err = 0;

	for (size_t i = records; i < n && err == 0; i = end) {
		const struct period *span = &at[i].period;
		const struct ended *before = just_before(last, span);
		int64_t opening = 0, closing = 0, moved;
		struct cash here = at[i];

		for (end = i; end < n && is_same_period(&at[i], &at[end]);
		     end++) {
			opening += (int64_t)at[end].opening;
			closing += (int64_t)at[end].closing;
		}
		moved = sum_at(at, sum, records, span->to_ms) -
			sum_at(at, sum, records, span->from_ms);
		if (closing - opening != moved)
			err = cash_case(p, FIN_05, &at[i],
					apart(closing - opening, moved));
		here.ref = here.fund; /* the currency */
		if (err == 0 && before != NULL && before->closing != opening)
			err = cash_case(p, FIN_04, &here,
					apart(before->closing, opening));
		last[span_of(span)] = (struct ended){ span->to_ms, closing };
	}
	return err;
}

/* One association and currency: records first, then statements. */
static int tell_purse(struct purse *p, const struct cash *at, size_t n)
{
	int64_t *sum = calloc(n + 1, sizeof(*sum));
	size_t records = 0;
	int err;

	if (sum == NULL)
		return ERR_NOMEM;
	for (; records < n && at[records].kind != KIND_BANK; records++) {
		int64_t minor =
			at[records].is_money ? (int64_t)at[records].minor : 0;

		sum[records + 1] =
			sum[records] +
			(at[records].kind == KIND_SPEND ? -minor : minor);
	}
	err = tell_statements(p, at, sum, records, n);
	free(sum);
	return err;
}

int bank_tell(struct purse *p)
{
	size_t end;
	int err = 0;

	if (p->n > 0)
		qsort(p->at, p->n, sizeof(*p->at), bank_cmp);
	for (size_t i = 0; i < p->n && err == 0; i = end) {
		for (end = i + 1; end < p->n; end++)
			if (purse_cmp(&p->at[i], &p->at[end]) != 0)
				break;
		if (p->at[end - 1].kind == KIND_BANK)
			err = tell_purse(p, p->at + i, end - i);
	}
	return err;
}
