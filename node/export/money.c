#include "node/export/money.h"

#include "crypto/err.h"
#include "proto/book/fund.h"
#include "proto/book/reissue.h"
#include "proto/grow.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

#define BANK                          \
	{                             \
		"512", "Banque", true \
	}
#define BANK_OUT                       \
	{                              \
		"512", "Banque", false \
	}

enum sort { GIFT, GOODS, WORK, LEND, WAIVED, MISSION, RAISING, RUNNING };

static const struct money_rule rules[] = {
	[GIFT] = { "BQ",
		   "Banque",
		   "Don manuel",
		   { BANK, { "75411", "Dons manuels", false } },
		   2 },
	[GOODS] = { "CV",
		    "Contributions volontaires",
		    "Don en nature",
		    { { "860", "Secours en nature", true },
		      { "870", "Dons en nature", false } },
		    2 },
	[WORK] = { "CV",
		   "Contributions volontaires",
		   "Bénévolat",
		   { { "864", "Personnel bénévole", true },
		     { "875", "Bénévolat", false } },
		   2 },
	[LEND] = { "CV",
		   "Contributions volontaires",
		   "Prestation en nature",
		   { { "861", "Mises à disposition gratuite", true },
		     { "871", "Prestations en nature", false } },
		   2 },
	[WAIVED] = { "OD",
		     "Opérations diverses",
		     "Abandon de frais",
		     { { "6251", "Voyages et déplacements", true },
		       { "4681", "Frais des bénévoles", false },
		       { "4681", "Frais des bénévoles", true },
		       { "75412", "Abandons de frais par les bénévoles",
			 false } },
		     4 },
	[MISSION] = { "AC",
		      "Achats",
		      "Achat",
		      { { "6068", "Autres matières et fournitures", true },
			BANK_OUT },
		      2 },
	[RAISING] = { "AC",
		      "Achats",
		      "Frais de recherche de fonds",
		      { { "623", "Publicité, publications, relations publiques",
			  true },
			BANK_OUT },
		      2 },
	[RUNNING] = { "AC",
		      "Achats",
		      "Frais de fonctionnement",
		      { { "628", "Divers", true }, BANK_OUT },
		      2 },
};

static const struct money_rule *rule_of(const struct record *rec)
{
	static const enum sort by_category[] = { MISSION, RAISING, RUNNING };

	if (rec->kind == KIND_SPEND)
		return &rules[by_category[record_uint(rec, FACT_CATEGORY) % 3]];
	if (record_uint(rec, FACT_WAIVED) != 0)
		return &rules[WAIVED];
	if (record_has(rec, FACT_IN_KIND))
		return &rules[GOODS];
	if (record_has(rec, FACT_HOURS))
		return &rules[WORK];
	return &rules[record_has(rec, FACT_KM) ? LEND : GIFT];
}

/* One record on its way into the journal, version by version. */
struct entering {
	struct money_journal *out;
	const struct member *keeper;
	bool is_standing; /* the last version occurred: it is last in out */
	unsigned order;
};

static void add_text(char out[static MONEY_TEXT], const struct record *rec,
		     enum fact fact)
{
	size_t n = strlen(out);
	const struct value *v = &rec->v[fact];

	if (!record_has(rec, fact) || v->n + 1 >= MONEY_TEXT - n)
		return;
	if (n > 0)
		out[n++] = ' ';
	memcpy(out + n, v->p, v->n);
	n += v->n;
	/* Where a gift was collected, without a reference there. */
	if (fact == FACT_SOURCE_REF && out[n - 1] == ':')
		n--;
	out[n] = '\0';
}

static void fill(struct money_entry *m, const struct book_record *rec)
{
	const struct value *fund = &rec->rec.v[FACT_FUND];

	m->rule = rule_of(&rec->rec);
	m->piece_ms = export_date(rec);
	record_money(&rec->rec, FACT_AMOUNT, &m->minor, m->currency);
	if (record_has(&rec->rec, FACT_FUND) && fund->n <= LIMIT_LABEL)
		memcpy(m->fund, fund->p, fund->n);
	add_text(m->text, &rec->rec, FACT_PURPOSE);
	add_text(m->text, &rec->rec, FACT_SOURCE_REF);
	add_text(m->text, &rec->rec, FACT_CAMPAIGN);
}

static int put(struct entering *e, const struct money_entry *m)
{
	int err = grow(&e->out->at, &e->out->max, e->out->n, sizeof(*m));

	if (err == 0) {
		e->out->at[e->out->n] = *m;
		e->out->at[e->out->n++].order = e->order++;
	}
	return err;
}

static int enter_version(void *arg, const struct book_record *rec,
			 const struct book_record *by, bool occurred)
{
	struct entering *e = arg;
	struct money_entry m = { .rule = NULL };
	bool was_standing = e->is_standing;
	int err = 0;

	if (was_standing)
		m = e->out->at[e->out->n - 1];
	m.is_reversal = true;
	m.date_ms = export_date(by);
	m.valid_ms = by->time_ms;
	m.by = (struct position){ by->feed, by->seq, by->id };
	if (was_standing)
		err = put(e, &m);
	e->is_standing = occurred;
	if (err != 0 || !occurred)
		return err;
	m.is_reversal = false;
	m.of = (struct position){ rec->feed, rec->seq, rec->id };
	m.party = e->keeper->association;
	memset(m.fund, 0, sizeof(m.fund));
	m.text[0] = '\0';
	fill(&m, rec);
	return put(e, &m);
}

struct loading {
	struct money_journal *out;
	const struct exporting *x;
	const struct pubkey *party;
};

static int load_one(void *arg, const struct book_record *rec)
{
	const struct loading *l = arg;
	struct entering e = { .out = l->out };
	struct book_record newest = *rec;
	bool acts;
	int err;

	e.keeper = fund_keeper(l->x->roster, &rec->author);
	if (e.keeper == NULL ||
	    (l->party != NULL &&
	     !pubkey_eq(l->party, &e.keeper->association)) ||
	    (l->party == NULL && !narrow_member(l->x->narrow, &rec->author)))
		return 0;
	err = reissue_acts(l->x->view, rec, &acts);
	if (err != 0 || !acts)
		return err;
	return book_versions(l->x->view, &newest, enter_version, &e);
}

int money_cmp(const struct money_entry *x, const struct money_entry *y)
{
	int c = pubkey_cmp(&x->by.feed, &y->by.feed);

	if (c != 0)
		return c;
	if (x->by.seq != y->by.seq)
		return x->by.seq < y->by.seq ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int by_validation(const void *a, const void *b)
{
	const struct money_entry *x = a, *y = b;

	if (x->valid_ms != y->valid_ms)
		return x->valid_ms < y->valid_ms ? -1 : 1;
	return money_cmp(x, y);
}

int money_load(struct money_journal *out, const struct exporting *x,
	       const struct pubkey *party)
{
	struct loading l = { out, x, party };
	int err = store_kind(x->store, KIND_DONATE, load_one, &l);

	if (err == 0)
		err = store_kind(x->store, KIND_SPEND, load_one, &l);
	if (err == 0 && out->n > 0)
		qsort(out->at, out->n, sizeof(*out->at), by_validation);
	return err;
}

void money_release(struct money_journal *m)
{
	free(m->at);
	*m = (struct money_journal){ NULL, 0, 0 };
}

bool money_debits(const struct money_entry *e, size_t i)
{
	return e->rule->line[i].is_debit != e->is_reversal;
}

bool money_is_bank(const struct money_entry *e, size_t i)
{
	return strcmp(e->rule->line[i].account, "512") == 0;
}
