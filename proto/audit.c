#include "proto/audit.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/audit_index.h"
#include "proto/catalog.h"
#include "proto/grow.h"
#include "proto/wr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is needed while folding and not afterwards. */
struct fold {
	struct audit *a;
	struct audit_feed *feeds;
	size_t feeds_n;
	struct audit_index *index;
	struct book_view view;
	struct catalog catalog;
	struct id *absent; /* roots known by their re-issues only */
	size_t absent_n, absent_max;
};

static int fold_roster(struct fold *f)
{
	bool changed;
	int err = roster_open(&f->a->roster, &f->a->network);

	for (size_t i = 0; i < f->feeds_n; i++) {
		const struct audit_scan *s = f->feeds[i].scan;

		for (size_t k = 0; k < s->n && err == 0; k++) {
			const struct kind_rule *rule = kind_rule(s->at[k].kind);
			struct entry e;

			if (rule == NULL || !rule->is_roster)
				continue;
			err = entry_decode(&e, s->at[k].raw, s->at[k].raw_n);
			if (err == 0)
				err = roster_add(f->a->roster, &changed, &e,
						 &s->at[k].id);
		}
	}
	return err == 0 ? roster_solve(f->a->roster) : err;
}

/* The label of a feed's member, or the beginning of the feed's name. */
static void name_feed(const struct fold *f, char *out, size_t max,
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
	name_feed(f, x.who, sizeof(x.who), feed);
	return x;
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
			feed->counted_to = row->counted_to;
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

/* Call each with every recorded entry that counts, in order. */
static int each_record(struct fold *f,
		       int (*each)(struct fold *f, size_t feed, size_t at,
				   struct book_record *rec))
{
	for (size_t i = 0; i < f->feeds_n; i++) {
		const struct audit_feed *feed = &f->feeds[i];
		const struct audit_scan *s = feed->scan;

		for (size_t k = 0; k < s->n && k < feed->counted_to; k++) {
			const struct kind_rule *rule = kind_rule(s->at[k].kind);
			struct book_record rec;
			int err;

			if (rule == NULL || !rule->is_recorded ||
			    s->at[k].is_shadowed ||
			    index_record(f->index, &rec, i, k) != 0)
				continue;
			err = each(f, i, k, &rec);
			if (err != 0)
				return err;
		}
	}
	return 0;
}

static int index_one(struct fold *f, size_t feed, size_t at,
		     struct book_record *rec)
{
	return index_add(f->index, feed, at, &rec->rec);
}

static int fold_index(struct fold *f)
{
	size_t records = 0;
	int err;

	for (size_t i = 0; i < f->feeds_n; i++)
		records += f->feeds[i].scan->n;
	err = index_open(&f->index, f->a->roster, f->feeds, f->feeds_n,
			 records);
	if (err == 0)
		err = each_record(f, index_one);
	if (err != 0)
		return err;
	index_mark(f->index);
	f->view = index_view(f->index);
	return 0;
}

static struct finding about_record(const struct fold *f, enum finding_code code,
				   const struct book_record *rec)
{
	struct position at = { rec->feed, rec->seq, rec->id };
	struct finding x = { .code = code };

	hex_encode(x.subject, rec->id.b, sizeof(rec->id.b));
	name_feed(f, x.who, sizeof(x.who), &rec->feed);
	finding_prove(&x, &at);
	return x;
}

static int prove_with(void *arg, const struct book_record *rec)
{
	struct position at = { rec->feed, rec->seq, rec->id };

	finding_prove(arg, &at);
	return 0;
}

static int find_over(struct fold *f, const struct book_record *rec)
{
	struct finding x = about_record(f, QTY_02, rec);
	int err = f->view.refs(f->view.cookie, &rec->id, REF_DELIVER,
			       prove_with, &x);

	return err == 0 ? findings_add(&f->a->findings, &x) : err;
}

static int find_dangling(struct fold *f, const struct book_record *rec,
			 enum ref ref, const struct id *target)
{
	struct finding x = about_record(f, REF_01, rec);
	int err;

	if (index_has(f->index, target))
		return 0;
	if (ref != REF_ORPHAN)
		return findings_add(&f->a->findings, &x);
	err = grow(&f->absent, &f->absent_max, f->absent_n, sizeof(*f->absent));
	if (err == 0)
		f->absent[f->absent_n++] = *target;
	return err;
}

static int declare(struct fold *f, const struct book_record *rec)
{
	struct book_record newest = *rec;
	bool occurred;
	int err = book_newest(&f->view, &newest, &occurred);

	if (err != 0 || !occurred)
		return err;
	return catalog_add(&f->catalog, f->a->roster, &newest);
}

static int book_one(struct fold *f, size_t feed, size_t at,
		    struct book_record *rec)
{
	bool over = false;
	struct id target;
	enum ref ref;
	int err;

	if (rec->rec.kind == KIND_ITEM)
		return declare(f, rec);
	if (book_ref(&rec->rec, &ref, &target))
		return find_dangling(f, rec, ref, &target);
	if (!f->feeds[feed].scan->at[at].is_target)
		return book_alone(rec, sum_add, f->a->sum);
	err = book_eval(&f->view, &rec->id, sum_add, f->a->sum, &over);
	return err == 0 && over ? find_over(f, rec) : err;
}

static int by_id(const void *a, const void *b)
{
	return id_cmp(a, b);
}

static int fold_book(struct fold *f)
{
	int err = each_record(f, book_one);

	if (f->absent_n > 0)
		qsort(f->absent, f->absent_n, sizeof(*f->absent), by_id);
	for (size_t i = 0; i < f->absent_n && err == 0; i++)
		if (i == 0 || !id_eq(&f->absent[i - 1], &f->absent[i]))
			err = book_eval(&f->view, &f->absent[i], sum_add,
					f->a->sum, NULL);
	return err;
}

static bool is_own(void *arg, const struct pubkey *feed,
		   const struct pubkey *member)
{
	const struct fold *f = arg;
	const struct roster_feed *row = roster_feed(f->a->roster, feed);

	return row != NULL && pubkey_eq(&row->identity, member);
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
	struct finding x = { .code = QTY_01, .amount = s->amount };
	struct position at = { s->feed, s->seq, { { 0 } } };
	size_t n;

	name_holder(f, &x, &s->account->holder);
	n = strlen(x.subject);
	x.subject[n] = ' ';
	memcpy(x.subject + n + 1, s->account->item,
	       strlen(s->account->item) + 1);
	memcpy(x.item, s->account->item, sizeof(x.item));
	for (size_t i = 0; i < f->feeds_n; i++)
		if (pubkey_eq(&f->feeds[i].scan->feed, &s->feed))
			at.id = f->feeds[i].scan->at[s->seq - 1].id;
	finding_prove(&x, &at);
	return findings_add(&f->a->findings, &x);
}

static int row_cmp(const void *a, const void *b)
{
	return strcmp(((const struct audit_item *)a)->item,
		      ((const struct audit_item *)b)->item);
}

/* Add up accounts by item; association NULL for all of them. */
static int add_items(struct fold *f, struct audit_item **out, size_t *out_n,
		     const struct pubkey *association)
{
	struct audit_item *rows = NULL;
	size_t n = 0, max = 0;

	for (size_t i = 0; i < f->a->accounts_n; i++) {
		const struct account *acc = &f->a->accounts[i];
		const struct member *m =
			roster_member(f->a->roster, &acc->holder.member);
		size_t k = 0;

		if (association != NULL &&
		    !pubkey_eq(&m->association, association))
			continue;
		while (k < n && strcmp(rows[k].item, acc->item) != 0)
			k++;
		if (k == n) {
			if (grow(&rows, &max, n, sizeof(*rows)) != 0) {
				free(rows);
				return ERR_NOMEM;
			}
			memset(&rows[n], 0, sizeof(*rows));
			memcpy(rows[n].item, acc->item, sizeof(acc->item));
			snprintf(rows[n].unit, sizeof(rows[n].unit), "%s",
				 catalog_unit(&f->catalog, acc->item));
			n++;
		}
		for (size_t c = 0; c < COL_COUNT; c++)
			rows[k].col[c] += acc->col[c];
	}
	if (n > 0)
		qsort(rows, n, sizeof(*rows), row_cmp);
	*out = rows;
	*out_n = n;
	return 0;
}

static int fold_figures(struct fold *f)
{
	struct audit *a = f->a;
	size_t members = roster_count(a->roster);
	int err;

	a->accounts = sum_accounts(a->sum, &a->accounts_n);
	err = add_items(f, &a->items, &a->items_n, NULL);
	a->associations = calloc(members + 1, sizeof(*a->associations));
	if (err != 0 || a->associations == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < members && err == 0; i++) {
		const struct member *m = roster_at(a->roster, i);
		struct audit_association *row =
			&a->associations[a->associations_n];

		if (m->role != ROLE_ASSOCIATION)
			continue;
		row->party = m->identity;
		memcpy(row->label, m->label, sizeof(row->label));
		a->associations_n++;
		err = add_items(f, &row->items, &row->items_n, &m->identity);
	}
	return err;
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
	wr_array(&w, 0);
	add_packed(&h, &w);
	a->cut = hasher_id(&h);
	return 0;
}

static void name_of(void *arg, char *out, size_t max, const struct pubkey *feed)
{
	name_feed(arg, out, max, feed);
}

/* Are checkpoints and cosignatures those of the entries? */
static int fold_attested(struct fold *f)
{
	const struct attest_names names = { f, name_of };

	return audit_attest(&f->a->attested, &f->a->findings, f->a->roster,
			    f->feeds, f->feeds_n, &names);
}

static int fold_all(struct fold *f)
{
	int err = fold_roster(f);

	if (err == 0)
		err = fold_feeds(f);
	if (err == 0)
		err = fold_index(f);
	if (err == 0)
		err = sum_open(&f->a->sum);
	if (err == 0)
		err = fold_book(f);
	if (err == 0)
		err = sum_shortfalls(f->a->sum, is_own, find_shortfall, f);
	if (err == 0)
		err = fold_figures(f);
	if (err == 0)
		err = fold_cut(f);
	if (err == 0)
		err = fold_attested(f);
	if (err == 0)
		findings_sort(&f->a->findings);
	return err;
}

int audit_open(struct audit **out, const struct id *network,
	       struct audit_scan *scans, size_t n)
{
	struct fold f = { .feeds_n = n };
	int err = ERR_NOMEM;

	f.a = calloc(1, sizeof(*f.a));
	f.feeds = calloc(n + 1, sizeof(*f.feeds));
	if (f.a == NULL || f.feeds == NULL)
		goto done;
	f.a->network = *network;
	for (size_t i = 0; i < n; i++)
		f.feeds[i].scan = &scans[i];
	err = fold_all(&f);
	if (err != 0)
		goto done;
	*out = f.a;
	f.a = NULL;
done:
	audit_close(f.a);
	index_close(f.index);
	catalog_release(&f.catalog);
	free(f.absent);
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
