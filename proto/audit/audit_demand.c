#include "proto/audit/audit_demand.h"

#include "crypto/bytes.h"

#include <stdio.h>
#include <string.h>

/* Takes in one record that counts. */
typedef int take_record(void *sum, const struct book_view *view,
			const struct book_record *rec);

/* All records of two kinds, which may be the same. */
static int each(struct fold *f, enum kind a, enum kind b, take_record *take,
		void *sum)
{
	struct book_view view = index_view(f->index, f->a->roster);
	struct book_record rec;
	int err = 0;

	for (size_t i = 0; i < f->feeds_n; i++) {
		const struct audit_scan *s = f->feeds[i].scan;

		if (!scan_has(s, a, a) && !scan_has(s, b, b))
			continue;
		for (size_t k = 0; k < s->n && err == 0; k++) {
			if ((s->at[k].kind != a && s->at[k].kind != b) ||
			    !index_counts(&f->feeds[i], k))
				continue;
			err = index_record(f->index, &rec, i, k);
			if (err == 0)
				err = take(sum, &view, &rec);
		}
	}
	return err;
}

static int take_request(void *sum, const struct book_view *view,
			const struct book_record *rec)
{
	return demands_add(sum, view, rec);
}

int fold_demand(struct fold *f)
{
	int err = each(f, KIND_REQUEST, KIND_REQUEST, take_request,
		       &f->a->demand);

	demands_settle(&f->a->demand);
	return err;
}

static int take_money(void *sum, const struct book_view *view,
		      const struct book_record *rec)
{
	return funds_add(sum, view, rec);
}

/* Parts first to end - 1 are one fund: was more spent than was given? */
static int find_overspent(struct fold *f, size_t first, size_t end)
{
	const struct fund *at = f->a->funds.at;
	const struct member *m = roster_member(f->a->roster, &at[first].party);
	struct finding x = { .code = FIN_01 };
	int64_t left = 0;
	size_t n;

	for (size_t i = first; i < end; i++) {
		left += fund_balance(&at[i]);
		if (at[i].spent > 0)
			finding_prove(&x, &at[i].at);
	}
	if (left >= 0)
		return 0;
	hex_encode(x.subject, at[first].party.b, KEY_SIZE);
	n = strlen(x.subject);
	snprintf(x.subject + n, sizeof(x.subject) - n, " %s %s",
		 at[first].label, at[first].currency);
	snprintf(x.who, sizeof(x.who), "%s", m == NULL ? "" : m->label);
	snprintf(x.item, sizeof(x.item), "%s", at[first].currency);
	x.amount = (uint64_t)-left;
	return findings_add(&f->a->findings, &x);
}

int fold_funds(struct fold *f)
{
	struct funds *funds = &f->a->funds;
	int err = each(f, KIND_DONATE, KIND_SPEND, take_money, funds);

	funds_sort(funds);
	for (size_t i = 0, end; i < funds->n && err == 0; i = end) {
		for (end = i + 1; end < funds->n; end++)
			if (!fund_is_same(&funds->at[i], &funds->at[end]))
				break;
		err = find_overspent(f, i, end);
	}
	funds_merge(funds);
	return err;
}
