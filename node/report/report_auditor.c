#include "node/report/source.h"

#include "node/text/i18n.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/* PROTOCOL: produced + supplied + found = on_hand + in_transit + A + B + C +
 * consumed + lost */
static int part_equation(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "item", N_("item"), 'l', false },
		{ "came", N_("came in"), 'r', false },
		{ "went", N_("is accounted for"), 'r', false },
		{ "difference", N_("difference"), 'r', false },
		{ NULL, NULL, 0, false },
	};
	const struct figures *f;
	int err = source_goods(s, &f);

	report_section(r, "equation", N_("What came and where it went"),
		       columns, N_("none recorded"))
		->note = N_("Came in: produced, supplied, found, received. "
			    "Accounted for: on hand, in transit, "
			    "acknowledged, consumed, lost, handed on.");
	for (size_t i = 0; i < f->n && err == 0; i++) {
		const int64_t *c = f->at[i].col;
		int64_t came = c[COL_PRODUCED] + c[COL_SUPPLIED] +
			       c[COL_FOUND] + c[COL_RECEIVED];
		int64_t went = c[COL_ON_HAND] + c[COL_IN_TRANSIT] +
			       c[COL_ACK_A] + c[COL_ACK_B] + c[COL_ACK_C] +
			       c[COL_CONSUMED] + c[COL_LOST] + c[COL_HANDED];

		put_text(r, f->at[i].item);
		put_count(r, came);
		put_count(r, went);
		put_count(r, came - went);
	}
	return err;
}

/* How quantities are known, and what was corrected. */
struct looking {
	struct report *r;
	struct source *s;
	int64_t by_source[5]; /* good pieces; the last: not said */
};

static int take_produce(void *arg, const struct book_record *rec)
{
	struct looking *l = arg;
	struct line lines[LIMIT_LINES];
	size_t n, at = 4;

	if (record_has(&rec->rec, FACT_SOURCE))
		at = record_uint(&rec->rec, FACT_SOURCE) % 4;
	n = record_lines(&rec->rec, FACT_LINES, lines);
	for (size_t i = 0; i < n; i++)
		l->by_source[at] += (int64_t)lines[i].qty;
	return 0;
}

static int part_sources(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "source", N_("how it is known"), 'l', false },
		{ "produced", N_("produced"), 'r', true },
		{ NULL, NULL, 0, false },
	};
	static const char *const words[] = { N_("declared"), N_("inferred"),
					     N_("reported"), N_("measured"),
					     N_("not said") };
	struct looking l = { r, s, { 0 } };
	int err = source_each(s, SOURCE_KIND(KIND_PRODUCE), take_produce, &l);

	report_section(r, "sources", N_("How quantities are known"), columns,
		       N_("none recorded"));
	for (size_t i = 0; i < 5 && err == 0; i++) {
		if (l.by_source[i] == 0)
			continue;
		put_word(r, words[i]);
		put_count(r, l.by_source[i]);
	}
	return err;
}

static int take_correction(void *arg, const struct book_record *rec)
{
	struct looking *l = arg;
	struct book_record of;
	struct id target = record_id(&rec->rec, FACT_TARGET);
	int err;

	put_ref(l->r, l->s, &rec->feed, rec->seq);
	err = l->s->view.get(l->s->view.cookie, &of, &target);
	if (err == 0)
		put_ref(l->r, l->s, &of.feed, of.seq);
	else
		put_hex(l->r, target.b, sizeof(target.b));
	put_word(l->r, record_has(&rec->rec, FACT_FACTS) ? N_("incorrect data")
							 : N_("did not occur"));
	put_fact_text(l->r, &rec->rec, FACT_REASON);
	return 0;
}

static int part_corrections(struct report *r, struct source *s)
{
	static const struct heading columns[] = {
		{ "ref", N_("record"), 'l', false },
		{ "of", N_("corrects"), 'l', false },
		{ "why", N_("why"), 'l', false },
		{ "reason", N_("reason"), 'l', false },
		{ NULL, NULL, 0, false },
	};
	struct looking l = { r, s, { 0 } };

	report_section(r, "corrections", N_("Corrections"), columns,
		       N_("none found"));
	return source_each(s, SOURCE_KIND(KIND_CORRECT), take_correction, &l);
}

static void put_finding(struct report *r, struct source *s,
			const struct finding *f)
{
	char text[FINDING_TEXT];

	finding_fill(text,
		     s->is_english ? finding_sentence(f)
				   : _(finding_sentence(f)),
		     f);
	put_text(r, finding_name(f->code));
	put_text(r, text);
	if (f->proofs > 0)
		put_ref(r, s, &f->proof[0].feed, f->proof[0].seq);
	else
		put_none(r);
	put_count(r, (int64_t)f->proofs);
	put_text(r, f->subject);
}

static void put_findings(struct report *r, struct source *s,
			 enum severity severity, const char *key,
			 const char *title)
{
	static const struct heading columns[] = {
		{ "code", N_("code"), 'l', false },
		{ "text", N_("what"), 'l', false },
		{ "ref", N_("first proof"), 'l', false },
		{ "proofs", N_("proofs"), 'r', false },
		{ "subject", N_("subject"), 'l', false },
		{ NULL, NULL, 0, false },
	};
	const struct findings *all = &s->audit->findings;

	report_section(r, key, title, columns, N_("none found"));
	for (size_t i = 0; i < all->n; i++)
		if (finding_severity(all->at[i].code) == severity)
			put_finding(r, s, &all->at[i]);
}

static int part_findings(struct report *r, struct source *s)
{
	put_findings(r, s, SEVERITY_BREACH, "breaches",
		     N_("Breaches that are proved"));
	put_findings(r, s, SEVERITY_EXPLAIN, "to_explain",
		     N_("What wants explaining"));
	put_findings(r, s, SEVERITY_LAG, "on_the_way",
		     N_("What is not here yet"));
	return 0;
}

int report_auditor(struct report *r, struct source *s)
{
	static report_part *const parts[] = { part_findings,    part_evidence,
					      part_goods,       part_equation,
					      part_sources,     part_funds,
					      part_demand,      part_closings,
					      part_corrections, NULL };

	report_init(r, "auditor", N_("Auditor's report"));
	return report_parts(r, s, parts);
}

int report_public(struct report *r, struct source *s)
{
	static report_part *const parts[] = { part_goods, part_evidence, NULL };

	report_init(r, "public", N_("What was made and what arrived"));
	return report_parts(r, s, parts);
}

int report_donor(struct report *r, struct source *s)
{
	static report_part *const parts[] = { part_funds,     part_spending,
					      part_campaigns, part_goods,
					      part_evidence,  NULL };
	int err;

	report_init(r, "donor", N_("What became of what you gave"));
	err = report_parts(r, s, parts);
	if (err == 0)
		r->section[r->n - 1].note =
			N_("Your receipt is a file that proves your own gift: "
			   "'maillon verify' checks it without an account and "
			   "without a network, and so do other people's "
			   "tools.");
	return err;
}
