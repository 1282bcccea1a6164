#include "proto/audit/audit_rules.h"

#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

int look_case(const struct look *l, enum finding_code code,
	      const struct line *line, uint64_t amount)
{
	struct audit_case c = {
		.code = code,
		.feed = (uint32_t)l->feed,
		.at = (uint32_t)l->at,
		.who = roster_member(l->roster, &l->f->feeds[l->feed].author),
		.amount = amount,
	};

	if (line != NULL) {
		c.item = line->item;
		c.item_n = line->item_n;
	}
	return cases_add(l->cases, &c);
}

const struct catalog_row *look_declaration(const struct look *l,
					   const struct line *line)
{
	char item[LIMIT_ITEM + 1];

	memcpy(item, line->item, line->item_n);
	item[line->item_n] = '\0';
	return catalog_find(&l->f->catalog, item);
}

int rules_prepare(struct fold *f, const uint64_t *as_of_ms)
{
	const struct audit_attested *at = &f->a->attested;
	struct rules *r = f->rules;

	r->has_as_of = as_of_ms != NULL || at->has_time;
	r->as_of_ms = as_of_ms != NULL ? *as_of_ms : at->time_ms;
	return design_prepare(f, &r->cases);
}

void rules_release(struct rules *r)
{
	verdicts_release(&r->verdicts);
	free(r->marks.at);
	cases_release(&r->cases);
	*r = (struct rules){ .has_as_of = false };
}

int rules_join(struct rules *r, const struct cases *cases,
	       const struct marks *marks)
{
	struct marks *m = &r->marks;
	int err = cases_join(&r->cases, cases);

	for (size_t i = 0; i < marks->n && err == 0; i++) {
		err = grow(&m->at, &m->max, m->n, sizeof(*m->at));
		if (err == 0)
			m->at[m->n++] = marks->at[i];
	}
	return err;
}

int rules_look(const struct look *l)
{
	int err = time_look(l);

	if (err == 0 && l->rec->rec.kind == KIND_PRODUCE)
		err = quantity_look(l);
	if (err == 0 && l->rec->rec.kind == KIND_DELIVER)
		err = delivery_look(l);
	if (err == 0)
		err = design_look(l);
	return err == 0 ? dup_look(l) : err;
}

int rules_tell(struct fold *f)
{
	struct cases *cases = &f->rules->cases;
	int err = time_tell(f, cases);

	if (err == 0)
		err = dup_tell(f, cases, &f->rules->marks);
	if (err == 0)
		err = supply_tell(f, cases);
	if (err == 0)
		err = member_tell(f, cases);
	if (err == 0)
		err = delivery_tell(f, cases);
	if (err == 0)
		err = money_tell(f, cases);
	if (err == 0)
		err = witness_tell(f, cases);
	if (err == 0)
		err = end_tell(f, cases);
	if (err == 0)
		err = quantity_tell(f, cases);
	return err == 0 ? cases_tell(f, cases) : err;
}

/* One record that counts, if it has an effect. */
static int visit_one(struct fold *f, struct look *l, rules_visit *visit,
		     void *arg)
{
	struct book_record first, newest;
	bool is_any;
	int err = index_record(f->index, &first, l->feed, l->at);

	if (err == 0)
		err = book_acting(l->view, &first, &newest, &is_any);
	if (err != 0 || !is_any)
		return err;
	l->rec = &newest;
	return visit(f, l, arg);
}

int rules_feed(struct fold *f, size_t feed, uint32_t first, uint32_t last,
	       rules_visit *visit, void *arg)
{
	const struct audit_scan *s = f->feeds[feed].scan;
	struct book_view view = index_view(f->index, f->a->roster);
	struct look l = {
		.f = f, .roster = f->a->roster, .view = &view, .feed = feed
	};
	int err = 0;

	if (!scan_has(s, first, last))
		return 0;
	for (; l.at < s->n && err == 0; l.at++)
		if (s->at[l.at].kind >= first && s->at[l.at].kind <= last &&
		    index_counts(&f->feeds[feed], l.at))
			err = visit_one(f, &l, visit, arg);
	return err;
}

int rules_each(struct fold *f, uint32_t first, uint32_t last,
	       rules_visit *visit, void *arg)
{
	int err = 0;

	for (size_t i = 0; i < f->feeds_n && err == 0; i++)
		err = rules_feed(f, i, first, last, visit, arg);
	return err;
}
