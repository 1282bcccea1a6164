#include "node/report/source.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "proto/grow.h"
#include "store/book.h"
#include "store/log.h"

#include <stdlib.h>
#include <string.h>

bool source_has(const struct source *s, uint64_t ms)
{
	return !s->has_period || period_has(&s->period, ms);
}

struct walking {
	struct source *s;
	uint64_t kinds;
	book_visit *visit;
	void *arg;
};

static int show(struct walking *w, const struct book_record *rec)
{
	struct book_record newest;
	struct id target;
	enum ref ref;
	bool is_any = true;
	int err;

	if (rec->rec.kind > 63 || (w->kinds >> rec->rec.kind & 1) == 0)
		return 0;
	if (rec->rec.kind == KIND_CORRECT)
		return source_has(w->s, record_date(rec))
			       ? w->visit(w->arg, rec)
			       : 0;
	if (book_ref(&rec->rec, &ref, &target) && ref != REF_ORPHAN)
		return 0;
	err = book_acting(&w->s->view, rec, &newest, &is_any);
	if (err != 0 || !is_any || !source_has(w->s, record_date(&newest)))
		return err;
	return w->visit(w->arg, &newest);
}

static int show_feed(void *arg, const struct head *head)
{
	struct walking *w = arg;
	uint64_t end = head->counted < head->seq ? head->counted : head->seq;
	int err = 0;

	if (!narrow_feed(w->s->narrow, &head->feed))
		return 0;
	for (uint64_t seq = 1; seq <= end && err == 0; seq++) {
		struct book_record rec;

		err = store_record(w->s->store, &head->feed, seq, &rec);
		if (err == 0)
			err = show(w, &rec);
		else if (err == ERR_NOT_FOUND)
			err = 0;
	}
	return err;
}

int source_each(struct source *s, uint64_t kinds, book_visit *visit, void *arg)
{
	struct walking w = { s, kinds, visit, arg };

	return store_heads(s->store, show_feed, &w);
}

/* Goods of a period: the postings of its roots. */
struct posting_up {
	struct source *s;
	struct figures *f;
	struct id *absent; /* roots that are not here and were added up */
	size_t n, max;
};

static int post(void *arg, const struct posting *p)
{
	struct posting_up *up = arg;

	if (!narrow_member(up->s->narrow, &p->holder.member))
		return 0;
	return figures_add(up->f, p->item, p->item_n, p->delta);
}

static int post_root(void *arg, const struct book_record *rec)
{
	struct posting_up *up = arg;
	struct id root;
	int err;

	err = book_root(&up->s->view, &root, &rec->id);
	if (err != 0 || id_eq(&root, &rec->id))
		return err == 0 ? book_eval(&up->s->view, &root, post, up, NULL)
				: err;
	for (size_t i = 0; i < up->n; i++)
		if (id_eq(&up->absent[i], &root))
			return 0;
	err = grow(&up->absent, &up->max, up->n, sizeof(*up->absent));
	if (err != 0)
		return err;
	up->absent[up->n++] = root;
	return book_eval(&up->s->view, &root, post, up, NULL);
}

static int goods_of_audit(struct source *s, struct figures *f)
{
	int err = 0;

	for (size_t i = 0; i < s->audit->accounts_n && err == 0; i++) {
		const struct account *a = &s->audit->accounts[i];

		if (narrow_member(s->narrow, &a->holder.member))
			err = figures_add(f, a->item, strlen(a->item), a->col);
	}
	return err;
}

static int goods_of_period(struct source *s, struct figures *f)
{
	const uint64_t kinds =
		SOURCE_KIND(KIND_PRODUCE) | SOURCE_KIND(KIND_DELIVER) |
		SOURCE_KIND(KIND_LOSE) | SOURCE_KIND(KIND_COUNT) |
		SOURCE_KIND(KIND_SUPPLY);
	struct posting_up up = { .s = s, .f = f };
	int err = source_each(s, kinds, post_root, &up);

	free(up.absent);
	return err;
}

int source_goods(struct source *s, const struct figures **out)
{
	struct figures *f = &s->goods;
	int err = 0;

	*out = f;
	if (s->has_goods)
		return 0;
	if (s->has_period)
		err = goods_of_period(s, f);
	else if (s->audit != NULL)
		err = goods_of_audit(s, f);
	else
		err = figures_sum(f, s->store, s->narrow);
	s->has_goods = err == 0;
	return err;
}

static void put_given(struct report *r, const char *text)
{
	if (text == NULL)
		put_none(r);
	else
		put_text(r, text);
}

void source_about(struct source *s, struct report *r)
{
	static const struct heading columns[] = {
		{ "network_name", N_("Network"), 'l', false },
		{ "network", N_("Network id"), 'l', false },
		{ "as_of", N_("As of"), 'l', false },
		{ "period", N_("Period"), 'l', false },
		{ "under", N_("Of members under"), 'l', false },
		{ "place", N_("Of members in"), 'l', false },
		{ "cut", N_("Cut"), 'l', false },
		{ "entries", N_("Entries"), 'l', false },
		{ "feeds", N_("Feeds"), 'l', false },
		{ "members", N_("Members"), 'l', false },
		{ NULL, NULL, 0, false },
	};
	const struct charter *charter = roster_charter(s->roster);
	const struct id *network = roster_network(s->roster);

	report_facts(r, "about", N_("What this is of"), columns);
	put_given(r, charter == NULL ? NULL : charter->name);
	put_hex(r, network->b, sizeof(network->b));
	if (s->as_of_ms == 0)
		put_none(r);
	else
		put_time(r, s->as_of_ms);
	put_given(r, s->has_period ? s->period.text : NULL);
	put_given(r, s->under);
	put_given(r, s->place);
	if (s->audit == NULL) {
		put_none(r);
		put_none(r);
		put_none(r);
	} else {
		put_hex(r, s->audit->cut.b, sizeof(s->audit->cut.b));
		put_count(r, (int64_t)s->audit->entries);
		put_count(r, (int64_t)s->audit->tips_n);
	}
	put_count(r, (int64_t)roster_count(s->roster));
}

int report_parts(struct report *r, struct source *s, report_part *const *part)
{
	int err = 0;

	source_about(s, r);
	for (; err == 0 && *part != NULL; part++)
		err = (*part)(r, s);
	return err;
}

void put_member(struct report *r, const struct source *s,
		const struct pubkey *member)
{
	char name[PARTY_TEXT];

	labels_member(&s->labels, name, member);
	put_text(r, name);
}

void put_holder(struct report *r, const struct source *s,
		const struct holder *h)
{
	static const struct tag own;
	char name[2 * PARTY_TEXT];
	size_t n;

	labels_member(&s->labels, name, &h->member);
	n = strlen(name);
	if (memcmp(&h->outsider, &own, sizeof(own)) != 0) {
		memcpy(name + n, " ", 2);
		outsider_text(name + n + 1, s->desk, &h->member, &h->outsider);
	}
	put_text(r, name);
}

void put_ref(struct report *r, const struct source *s,
	     const struct pubkey *feed, uint64_t seq)
{
	char ref[REF_TEXT];

	labels_ref(&s->labels, ref, feed, seq);
	put_text(r, ref);
}

void put_fact_text(struct report *r, const struct record *rec, enum fact f)
{
	char text[256 + 1];
	const struct value *v = &rec->v[f];

	if (!record_has(rec, f) || v->n >= sizeof(text)) {
		put_none(r);
		return;
	}
	memcpy(text, v->p, v->n);
	text[v->n] = '\0';
	put_text(r, text);
}
