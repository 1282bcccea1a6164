#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/audit/audit_rules.h"
#include "proto/book/reissue.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

enum {
	PARTS = 16, /* that a crew is given: none waits long for the last */
	AHEAD = 4   /* entries that memory is asked for before they are read */
};

/* Some feeds, one after the other, which nobody else works at. */
struct part {
	const struct fold *f;
	size_t first, end; /* feeds */
	struct roster *roster;
	struct book_view view;
	struct index_reader reader;
	struct audit_sum *sum;
	struct findings findings;
	struct id *absent; /* roots known by their re-issues only */
	size_t absent_n, absent_max;
	size_t last_feed; /* that a posting was in */
	struct cases cases;
	struct marks marks;
	int64_t in_transit, claimed; /* of the record under way */
	int64_t signed_for, papers;
	int err;
};

static int post(void *arg, const struct posting *p)
{
	struct part *part = arg;
	const struct fold *f = part->f;

	if (p->currency != NULL)
		return 0; /* fold_funds has it, gift by gift */
	part->in_transit += p->delta[COL_IN_TRANSIT];
	part->claimed += p->delta[COL_CLAIMED];
	part->signed_for += p->delta[COL_ACK_A] + p->delta[COL_ACK_B];
	part->papers += p->delta[COL_ACK_C];
	if (!pubkey_eq(&f->feeds[part->last_feed].scan->feed, &p->feed))
		part->last_feed = index_feed(f->index, &p->feed);
	return sum_add(part->sum, p, (uint32_t)part->last_feed);
}

/* One record of a part. */
struct spot {
	size_t feed, at;
	const struct scanned *s;
};

static struct finding about(const struct fold *f, enum finding_code code,
			    const struct spot *spot)
{
	const struct pubkey *feed = &f->feeds[spot->feed].scan->feed;
	struct position at = { *feed, spot->at + 1, spot->s->id };
	struct finding x = { .code = code };

	hex_encode(x.subject, at.id.b, sizeof(at.id.b));
	fold_name(f, x.who, sizeof(x.who), feed);
	finding_prove(&x, &at);
	return x;
}

static int prove_with(void *arg, const struct book_record *rec)
{
	struct position at = { rec->feed, rec->seq, rec->id };

	finding_prove(arg, &at);
	return 0;
}

static int find_over(struct part *part, const struct spot *spot)
{
	struct finding x = about(part->f, QTY_02, spot);
	int err = part->view.refs(part->view.cookie, &spot->s->id, REF_DELIVER,
				  prove_with, &x);

	return err == 0 ? findings_add(&part->findings, &x) : err;
}

/* Who refers to what is not here: a receipt may say how it was sent. */
struct naming {
	bool has_final;
	uint64_t final;
	bool is_there; /* a re-issue has the name */
};

/* PROTOCOL: The id of a record that is not here is a name of its re-issue only
 * if the re-issue refers to nothing else. */
static int is_name(void *arg, const struct book_record *rec)
{
	struct naming *n = arg;
	struct id id;
	enum ref ref;

	/* PROTOCOL: a re-issue that is final or not, unlike what a receipt
	 * says, has not the name */
	n->is_there = n->is_there ||
		      (!reissue_own(&rec->rec, &ref, &id) &&
		       (!n->has_final ||
			n->final == record_uint(&rec->rec, FACT_FINAL)));
	return 0;
}

static struct naming name_by(const struct scanned *s)
{
	struct naming n = { .is_there = false };
	struct record rec;
	struct entry e;

	if (s->kind == KIND_RECEIVE &&
	    entry_decode(&e, s->raw, s->raw_n) == 0 &&
	    record_decode(&rec, e.kind, e.facts, e.facts_n) == 0 &&
	    record_has(&rec, FACT_FINAL)) {
		n.has_final = true;
		n.final = record_uint(&rec, FACT_FINAL);
	}
	return n;
}

static int find_dangling(struct part *part, const struct spot *spot,
			 const struct scan_link *l)
{
	struct naming name;
	struct finding x;
	int err;

	if (l->is_here || l->is_over)
		return 0;
	if (l->ref != REF_ORPHAN) {
		name = name_by(spot->s);
		err = part->view.refs(part->view.cookie, &l->target, REF_ORPHAN,
				      is_name, &name);
		if (err != 0 || name.is_there)
			return err;
		x = about(part->f, REF_01, spot);
		return findings_add(&part->findings, &x);
	}
	err = grow(&part->absent, &part->absent_max, part->absent_n,
		   sizeof(*part->absent));
	if (err == 0)
		part->absent[part->absent_n++] = l->target;
	return err;
}

/* A record that belongs to another has its effect there; *next is the first
 * link at this record or later. */
static int book_link(struct part *part, const struct spot *spot, size_t *next)
{
	const struct audit_scan *s = part->f->feeds[spot->feed].scan;
	size_t i = *next;

	while (i < s->links_n &&
	       (s->links[i].at < spot->at || !s->links[i].is_root))
		i++;
	*next = i;
	return find_dangling(part, spot, &s->links[i]);
}

static struct look look_of(struct part *part, const struct spot *spot,
			   const struct book_record *rec)
{
	return (struct look){
		.f = part->f,
		.roster = part->roster,
		.view = &part->view,
		.cases = &part->cases,
		.marks = &part->marks,
		.feed = spot->feed,
		.at = spot->at,
		.rec = rec,
		.in_transit = part->in_transit,
		.claimed = part->claimed,
		.signed_for = part->signed_for,
		.papers = part->papers,
	};
}

/* Hold a record against the rules, in its newest version. */
static int look_at(struct part *part, const struct spot *spot,
		   const struct book_record *rec)
{
	const struct look look = look_of(part, spot, rec);

	return rules_look(&look);
}

/* And whatever its newest version is, a withdrawal included. */
static int look_at_versions(struct part *part, const struct spot *spot,
			    const struct book_record *first)
{
	const struct look look = look_of(part, spot, first);

	return first->rec.kind == KIND_DELIVER ? rival_look(&look) : 0;
}

static int book_target_at(struct part *part, const struct spot *spot)
{
	struct book_record first, newest;
	bool over = false, is_any = false;
	int err = index_record(part->f->index, &first, spot->feed, spot->at);

	if (err == 0)
		err = book_eval_record(&part->view, &first, post, part, &over);
	if (err == 0 && over)
		err = find_over(part, spot);
	if (err == 0)
		err = look_at_versions(part, spot, &first);
	if (err == 0)
		err = book_acting(&part->view, &first, &newest, &is_any);
	return err == 0 && is_any ? look_at(part, spot, &newest) : err;
}

static int book_root_at(struct part *part, const struct spot *spot)
{
	struct book_record rec;
	int err;

	part->in_transit = 0;
	part->claimed = 0;
	part->signed_for = 0;
	part->papers = 0;
	if (spot->s->is_target)
		return book_target_at(part, spot);
	err = index_record(part->f->index, &rec, spot->feed, spot->at);
	if (err == 0)
		err = book_alone(&rec, post, part);
	return err == 0 ? look_at(part, spot, &rec) : err;
}

static void book_feed(struct part *part, size_t feed)
{
	const struct audit_feed *at = &part->f->feeds[feed];
	const struct audit_scan *s = at->scan;
	size_t next = 0;

	for (size_t k = 0; k < s->n && part->err == 0; k++) {
		const struct spot spot = { feed, k, &s->at[k] };

		if (k + AHEAD < s->n)
			bytes_fetch(s->at[k + AHEAD].raw,
				    s->at[k + AHEAD].raw_n);

		if (!index_counts(at, k) || s->at[k].kind == KIND_ITEM)
			continue;
		if (s->at[k].is_part)
			part->err = book_link(part, &spot, &next);
		else
			part->err = book_root_at(part, &spot);
	}
}

static void book_part(void *parts, size_t i)
{
	struct part *part = (struct part *)parts + i;

	for (size_t k = part->first; k < part->end && part->err == 0; k++)
		book_feed(part, k);
}

static int part_open(struct part *part, const struct fold *f)
{
	int err = roster_reader(&part->roster, f->a->roster);

	part->f = f;
	part->last_feed = part->first;
	if (err == 0)
		err = sum_open(&part->sum);
	if (err == 0)
		part->view = index_walk(&part->reader, f->index, part->roster);
	return err;
}

static void part_close(struct part *part)
{
	roster_reader_close(part->roster);
	sum_close(part->sum);
	findings_release(&part->findings);
	free(part->absent);
	cases_release(&part->cases);
	free(part->marks.at);
}

/* Cut the feeds into parts of about as many entries each. */
static size_t share_out(const struct fold *f, struct part *parts, size_t max)
{
	size_t each = 0, have = 0, n = 0;

	for (size_t i = 0; i < f->feeds_n; i++)
		each += f->feeds[i].scan->n;
	each = each / max + 1;
	for (size_t i = 0; i < f->feeds_n; i++) {
		if (n == 0 || (have >= each && n < max)) {
			parts[n++] = (struct part){ .first = i };
			have = 0;
		}
		have += f->feeds[i].scan->n;
		parts[n - 1].end = i + 1;
	}
	return n;
}

/* In the order of the parts, so that all comes out as if there were one. */
static int join_parts(struct fold *f, struct part *parts, size_t n)
{
	size_t accounts = 0;
	int err;

	for (size_t i = 0; i < n; i++)
		accounts += sum_count(parts[i].sum);
	err = sum_expect(f->a->sum, accounts);
	for (size_t i = 0; i < n && err == 0; i++) {
		struct part *part = &parts[i];

		err = part->err;
		if (err == 0)
			err = sum_join(f->a->sum, part->sum);
		if (err == 0)
			err = rules_join(f->rules, &part->cases, &part->marks);
		for (size_t k = 0; k < part->findings.n && err == 0; k++)
			err = findings_add(&f->a->findings,
					   &part->findings.at[k]);
	}
	return err;
}

static int by_id(const void *a, const void *b)
{
	return id_cmp(a, b);
}

/* Roots that are not here: what their re-issues do. */
static int book_absent(struct fold *f, struct part *parts, size_t n)
{
	struct part all = { .f = f };
	size_t count = 0;
	int err = 0;

	for (size_t i = 0; i < n; i++)
		count += parts[i].absent_n;
	if (count == 0)
		return 0;
	all.absent = malloc(count * sizeof(*all.absent));
	if (all.absent == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		if (parts[i].absent_n == 0)
			continue;
		memcpy(all.absent + all.absent_n, parts[i].absent,
		       parts[i].absent_n * sizeof(*all.absent));
		all.absent_n += parts[i].absent_n;
	}
	qsort(all.absent, count, sizeof(*all.absent), by_id);
	all.sum = f->a->sum;
	all.view = index_view(f->index, f->a->roster);
	for (size_t i = 0; i < count && err == 0; i++)
		if (i == 0 || !id_eq(&all.absent[i - 1], &all.absent[i]))
			err = book_eval(&all.view, &all.absent[i], post, &all,
					NULL);
	free(all.absent);
	return err;
}

static int book_parts(struct fold *f, struct part *parts, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++)
		err = part_open(&parts[i], f);
	if (err != 0)
		return err;
	if (f->crew != NULL)
		f->crew->run(f->crew->arg, book_part, parts, n);
	else
		for (size_t i = 0; i < n; i++)
			book_part(parts, i);
	err = join_parts(f, parts, n);
	return err == 0 ? book_absent(f, parts, n) : err;
}

static int declare(struct fold *f, size_t feed, size_t at)
{
	struct book_view view = index_view(f->index, f->a->roster);
	struct book_record newest;
	bool occurred;
	int err = index_record(f->index, &newest, feed, at);

	if (err == 0)
		err = book_newest(&view, &newest, &occurred);
	if (err != 0 || !occurred)
		return err;
	return catalog_add(&f->catalog,
			   roster_member(f->a->roster, &newest.author)->depth,
			   &newest);
}

static int declare_all(struct fold *f)
{
	int err = 0;

	for (size_t i = 0; i < f->feeds_n; i++) {
		const struct audit_scan *s = f->feeds[i].scan;

		if (!scan_has(s, KIND_ITEM, KIND_ITEM))
			continue;
		for (size_t k = 0; k < s->n && err == 0; k++)
			if (s->at[k].kind == KIND_ITEM &&
			    index_counts(&f->feeds[i], k))
				err = declare(f, i, k);
	}
	return err;
}

int fold_book(struct fold *f)
{
	struct part *parts = calloc(PARTS, sizeof(*parts));
	size_t n;
	int err;

	if (parts == NULL)
		return ERR_NOMEM;
	n = share_out(f, parts, f->crew == NULL ? 1 : PARTS);
	err = sum_open(&f->a->sum);
	if (err == 0)
		err = declare_all(f);
	if (err == 0)
		err = book_parts(f, parts, n);
	for (size_t i = 0; i < n; i++)
		part_close(&parts[i]);
	free(parts);
	return err;
}
