#include "proto/audit/audit.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/audit/audit_demand.h"
#include "proto/audit/audit_rules.h"
#include "proto/wr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is entry k something for the roster?  The scan has checked certificates. */
static bool is_for_roster(const struct audit_scan *s, size_t k)
{
	const struct kind_rule *rule = kind_rule(s->at[k].kind);

	if (rule == NULL || !rule->is_roster)
		return false;
	return rule->kind != KIND_OPEN || (k == 0 && s->is_certified);
}

static int fold_roster(struct fold *f, const struct audit_proofs *proofs)
{
	bool changed;
	int err = roster_open(&f->a->roster, &f->a->network);

	for (size_t i = 0; i < f->feeds_n; i++) {
		const struct audit_scan *s = f->feeds[i].scan;
		size_t end = s->has_roster ? s->n : s->n > 0;

		for (size_t k = 0; k < end && err == 0; k++) {
			struct entry e;

			if (!is_for_roster(s, k))
				continue;
			err = entry_decode(&e, s->at[k].raw, s->at[k].raw_n);
			if (err == 0)
				err = roster_readd(f->a->roster, &changed, &e,
						   &s->at[k].id);
		}
	}
	return err == 0 ? fold_forks(f, proofs) : err;
}

void fold_name(const struct fold *f, char *out, size_t max,
	       const struct pubkey *feed)
{
	const struct roster_feed *row = roster_feed(f->a->roster, feed);
	const struct member *m =
		row == NULL ? NULL
			    : roster_member(f->a->roster, &row->identity);

	if (m != NULL)
		snprintf(out, max, "%s", m->label);
	else
		hex_encode(out, feed->b, 8);
}

static struct finding about_feed(const struct fold *f, enum finding_code code,
				 const struct pubkey *feed)
{
	struct finding x = { .code = code };

	hex_encode(x.subject, feed->b, sizeof(feed->b));
	fold_name(f, x.who, sizeof(x.who), feed);
	return x;
}

/* PROTOCOL: A feed whose entry at the seq of its pin has another id than the
 * pin counts for nothing */
static uint64_t counted_to(const struct audit_scan *s,
			   const struct roster_feed *row)
{
	uint64_t n = row->counted_to;

	if (n > 0 && n <= s->n && !id_is_zero(&row->pin) &&
	    !id_eq(&s->at[n - 1].id, &row->pin))
		return 0;
	return n;
}

/* Who each feed's entries belong to, and what is wrong with the feed. */
static int fold_feeds(struct fold *f)
{
	for (size_t i = 0; i < f->feeds_n; i++) {
		struct audit_feed *feed = &f->feeds[i];
		const struct audit_scan *s = feed->scan;
		const struct roster_feed *row =
			roster_feed(f->a->roster, &s->feed);
		struct finding x;
		int err = 0;

		if (s->is_broken) {
			struct position at = { s->feed,
					       s->broken_seq,
					       { { 0 } } };

			x = about_feed(f, s->broken, &s->feed);
			x.amount = s->broken_seq;
			finding_prove(&x, &at);
			err = findings_add(&f->a->findings, &x);
		}
		if (row != NULL &&
		    roster_member(f->a->roster, &row->identity)) {
			feed->author = row->identity;
			feed->counted_to = counted_to(s, row);
			feed->is_known = true;
		} else if (s->n > 0 && err == 0) {
			struct position at = { s->feed, s->n,
					       s->at[s->n - 1].id };

			x = about_feed(f, KEY_02, &s->feed);
			x.amount = s->n;
			finding_prove(&x, &at);
			err = findings_add(&f->a->findings, &x);
		}
		if (err != 0)
			return err;
	}
	return 0;
}

static bool is_own(void *arg, uint32_t feed, const struct pubkey *member)
{
	const struct fold *f = arg;

	return f->feeds[feed].is_known &&
	       pubkey_eq(&f->feeds[feed].author, member);
}

static void name_holder(const struct fold *f, struct finding *x,
			const struct holder *h)
{
	const struct member *m = roster_member(f->a->roster, &h->member);
	static const struct tag none;
	size_t n = 2 * sizeof(h->member.b), label = strlen(m->label);

	hex_encode(x->subject, h->member.b, sizeof(h->member.b));
	memcpy(x->who, m->label, label + 1);
	if (memcmp(&h->outsider, &none, sizeof(none)) == 0)
		return;
	x->subject[n++] = ':';
	hex_encode(x->subject + n, h->outsider.b, sizeof(h->outsider.b));
	x->who[label] = '~';
	hex_encode(x->who + label + 1, h->outsider.b, 8);
}

static int find_shortfall(void *arg, const struct shortfall *s)
{
	const struct fold *f = arg;
	const struct audit_scan *scan = f->feeds[s->feed].scan;
	struct finding x = { .code = QTY_01, .amount = s->amount };
	struct position at = { scan->feed, s->seq, scan->at[s->seq - 1].id };
	size_t n;

	name_holder(f, &x, &s->account->holder);
	n = strlen(x.subject);
	x.subject[n] = ' ';
	memcpy(x.subject + n + 1, s->account->item,
	       strlen(s->account->item) + 1);
	memcpy(x.item, s->account->item, sizeof(x.item));
	finding_prove(&x, &at);
	return findings_add(&f->a->findings, &x);
}

static void add_packed(struct hasher *h, struct wr *w)
{
	hasher_add(h, w->p, w->n);
	w->n = 0;
}

/* PROTOCOL: The digest of a cut is the BLAKE2b-256 of the canonical array [1,
 * network, tips, forks]. */
static int fold_cut(struct fold *f)
{
	struct audit *a = f->a;
	uint8_t buf[128];
	struct hasher h;
	struct wr w;

	a->tips = calloc(f->feeds_n + 1, sizeof(*a->tips));
	if (a->tips == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < f->feeds_n; i++) {
		const struct audit_scan *s = f->feeds[i].scan;

		if (!f->feeds[i].is_known || s->n == 0)
			continue;
		a->tips[a->tips_n++] =
			(struct audit_tip){ s->feed, s->n, s->at[s->n - 1].id };
		a->entries += s->n;
	}
	hasher_init(&h);
	wr_init(&w, buf, sizeof(buf));
	wr_array(&w, 4);
	wr_uint(&w, 1);
	wr_bin(&w, a->network.b, sizeof(a->network.b));
	wr_array(&w, (uint32_t)a->tips_n);
	add_packed(&h, &w);
	for (size_t i = 0; i < a->tips_n; i++) {
		wr_array(&w, 3);
		wr_bin(&w, a->tips[i].feed.b, KEY_SIZE);
		wr_uint(&w, a->tips[i].seq);
		wr_bin(&w, a->tips[i].id.b, ID_SIZE);
		add_packed(&h, &w);
	}
	wr_array(&w, (uint32_t)a->forks_n);
	add_packed(&h, &w);
	for (size_t i = 0; i < a->forks_n; i++) {
		wr_array(&w, 2);
		wr_bin(&w, a->forks[i].feed.b, KEY_SIZE);
		wr_uint(&w, a->forks[i].seq);
		add_packed(&h, &w);
	}
	a->cut = hasher_id(&h);
	return 0;
}

static void name_of(void *arg, char *out, size_t max, const struct pubkey *feed)
{
	fold_name(arg, out, max, feed);
}

/* Are checkpoints and cosignatures those of the entries? */
static int fold_attested(struct fold *f)
{
	const struct attest_names names = { f, name_of };

	return audit_attest(&f->a->attested, &f->a->findings, f->a->roster,
			    f->feeds, f->feeds_n, &names);
}

static int fold_all(struct fold *f, const struct audit_given *given)
{
	int err = fold_roster(f, given->proofs);

	if (err == 0)
		err = fold_feeds(f);
	if (err == 0)
		err = find_forks(f);
	if (err == 0)
		err = index_open(&f->index, f->feeds, f->feeds_n);
	if (err == 0)
		err = fold_attested(f);
	if (err == 0)
		err = rules_prepare(f, given->as_of_ms);
	if (err == 0)
		err = fold_book(f);
	if (err == 0)
		err = sum_shortfalls(f->a->sum, is_own, find_shortfall, f);
	if (err == 0)
		err = fold_figures(f);
	if (err == 0)
		err = fold_funds(f);
	if (err == 0)
		err = fold_demand(f);
	if (err == 0)
		err = fold_cut(f);
	if (err == 0)
		err = rules_tell(f);
	if (err == 0)
		findings_sort(&f->a->findings);
	return err;
}

int audit_open(struct audit **out, const struct id *network,
	       struct audit_scan *scans, size_t n)
{
	return audit_open_with(out, network, scans, n, NULL, NULL);
}

int audit_open_with(struct audit **out, const struct id *network,
		    struct audit_scan *scans, size_t n,
		    const struct audit_given *given,
		    const struct audit_crew *crew)
{
	static const struct audit_given nothing = { NULL, NULL };
	struct rules rules = { .has_as_of = false };
	struct fold f = { .feeds_n = n, .crew = crew, .rules = &rules };
	int err = ERR_NOMEM;

	f.a = calloc(1, sizeof(*f.a));
	f.feeds = calloc(n + 1, sizeof(*f.feeds));
	if (f.a == NULL || f.feeds == NULL)
		goto done;
	f.a->network = *network;
	for (size_t i = 0; i < n; i++)
		f.feeds[i].scan = &scans[i];
	err = fold_all(&f, given == NULL ? &nothing : given);
	if (err != 0)
		goto done;
	*out = f.a;
	f.a = NULL;
done:
	audit_close(f.a);
	index_close(f.index);
	catalog_release(&f.catalog);
	rules_release(&rules);
	free(f.feeds);
	return err;
}

void audit_close(struct audit *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < a->associations_n; i++)
		free(a->associations[i].items);
	free(a->associations);
	free(a->items);
	free(a->tips);
	free(a->forks);
	free(a->attested.bounds);
	free(a->attested.since);
	free(a->attested.trees);
	funds_release(&a->funds);
	demands_release(&a->demand);
	findings_release(&a->findings);
	sum_close(a->sum);
	roster_close(a->roster);
	free(a);
}

bool audit_is_clean(const struct audit *a)
{
	for (size_t i = 0; i < a->findings.n; i++)
		if (finding_severity(a->findings.at[i].code) != SEVERITY_LAG)
			return false;
	return true;
}
