#include "node/export/export.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/purse.h"
#include "node/export/ascii.h"
#include "node/export/journal.h"
#include "node/export/money.h"
#include "node/text/parse.h"
#include "proto/book/fund.h"
#include "store/book.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * A journal is read by other people's programs, which add it up again.  Each
 * column of the book is an account of each holder; what stands in no equation
 * (sent, claimed, refused, no good) is a posting in parentheses, which need not
 * balance.  At the end every figure is asserted as the running book has it, so
 * `hledger check` compares two ways of counting.
 *
 * Texts of other people stand in descriptions only, made safe; accounts and
 * commodities are made of labels, keys and items, whose letters are harmless.
 */

static const struct {
	const char *name;
	int sign;
	bool is_memo;
} accounts[COL_COUNT] = {
	[COL_PRODUCED] = { "production", -1, false },
	[COL_REJECTED] = { "suivi:rebuts", 1, true },
	[COL_SUPPLIED] = { "apports", -1, false },
	[COL_FOUND] = { "trouvailles", -1, false },
	[COL_CONSUMED] = { "consommation", 1, false },
	[COL_MOVED] = { "suivi:deplaces", 1, true },
	[COL_DELIVERED] = { "suivi:livres", 1, true },
	[COL_ACK_A] = { "remis:A", 1, false },
	[COL_ACK_B] = { "remis:B", 1, false },
	[COL_ACK_C] = { "remis:C", 1, false },
	[COL_CLAIMED] = { "suivi:declares", 1, true },
	[COL_REFUSED] = { "suivi:refuses", 1, true },
	[COL_IN_TRANSIT] = { "transit", 1, false },
	[COL_ON_HAND] = { "actifs:stock", 1, false },
	[COL_LOST] = { "pertes", 1, false },
	[COL_RECEIVED] = { "passage:recus", -1, false },
	[COL_HANDED] = { "passage:remis", 1, false },
};

/* The journal under way. */
struct writing {
	const struct exporting *x;
	uint64_t last_ms; /* date of the newest entry */
	struct holder holder;
	uint32_t columns; /* of holder that any item has */
	bool has_holder;
};

static void put_holder(FILE *file, const struct writing *w, enum column c,
		       const struct holder *h)
{
	static const struct tag own = { { 0 } };
	char name[PARTY_TEXT], hex[HEX_SIZE(TAG_SIZE)];

	export_member(name, w->x->roster, &h->member);
	fprintf(file, "%s:%s", accounts[c].name, name);
	if (memcmp(h->outsider.b, own.b, TAG_SIZE) == 0)
		return;
	hex_encode(hex, h->outsider.b, TAG_SIZE);
	fprintf(file, ":%s", hex);
}

/* A posting; is_asserted: nothing moves, and this is what is there. */
static void put_posting(const struct writing *w, enum column c,
			const struct holder *h, const char *item, size_t item_n,
			int64_t qty, bool is_asserted)
{
	FILE *file = w->x->file;

	fputs(accounts[c].is_memo ? "    (" : "    ", file);
	put_holder(file, w, c, h);
	fputs(accounts[c].is_memo ? ")  " : "  ", file);
	if (is_asserted)
		fprintf(file, "0 \"%.*s\" = ", (int)item_n, item);
	fprintf(file, "%" PRId64 " \"%.*s\"\n", accounts[c].sign * qty,
		(int)item_n, item);
}

static int put_part(void *arg, const struct posting *p)
{
	const struct writing *w = arg;

	for (enum column c = 0; c < COL_COUNT; c++)
		if (p->delta[c] != 0)
			put_posting(w, c, &p->holder, p->item, p->item_n,
				    p->delta[c], false);
	return 0;
}

/* A text that neither ends the description nor begins a comment; in ASCII,
 * because hledger reads files in the character set of the locale. */
static void put_words(FILE *file, const char *text, size_t n)
{
	char words[MONEY_TEXT];
	size_t i;

	for (i = 0; i < n && i + 1 < sizeof(words); i++)
		words[i] = strchr(";\"*!()", text[i]) != NULL ? '.' : text[i];
	words[i] = '\0';
	put_ascii(file, words);
}

static void put_head(const struct writing *w, uint64_t ms, bool is_pending,
		     const struct pubkey *feed, uint64_t seq)
{
	char day[DAY_SIZE], ref[REF_TEXT];

	export_day(day, "%Y-%m-%d", ms);
	ref_text(ref, w->x->roster, feed, seq);
	fprintf(w->x->file, "\n%s %c (%s) ", day, is_pending ? '!' : '*', ref);
}

static void put_id(const struct writing *w, const struct id *id)
{
	char hex[HEX_SIZE(ID_SIZE)];

	hex_encode(hex, id->b, ID_SIZE);
	fprintf(w->x->file, "  ; record:%s\n", hex);
}

static int put_move(struct writing *w, const struct move *m)
{
	const struct kind_rule *rule;
	struct book_record rec;
	int err = store_record(w->x->store, &m->feed, m->seq, &rec);

	if (err != 0)
		return err;
	rule = kind_rule(rec.rec.kind);
	put_head(w, m->date_ms, m->part == MOVE_SENT, &m->feed, m->seq);
	fputs(m->part == MOVE_OUTCOME ? "outcome" : rule->name, w->x->file);
	if (record_has(&rec.rec, FACT_LOT)) {
		fputs(" lot ", w->x->file);
		put_words(w->x->file, (const char *)rec.rec.v[FACT_LOT].p,
			  rec.rec.v[FACT_LOT].n);
	}
	put_id(w, &m->root);
	w->last_ms = m->date_ms > w->last_ms ? m->date_ms : w->last_ms;
	return moves_each(m, w->x, put_part, w);
}

/* An account of money ends with the fund, "_" where there is none. */
static void put_purse(const struct writing *w, const char *account,
		      const char *name, const struct pubkey *party,
		      const char *fund)
{
	char label[PARTY_TEXT];

	export_member(label, w->x->roster, party);
	fprintf(w->x->file, "%s%s:%s:%s", name, account, label,
		fund[0] != '\0' ? fund : "_");
}

/* What sort of account the plan's classes are. */
static const char *class_name(const char *account)
{
	switch (account[0]) {
	case '4':
		return "tiers:";
	case '5':
		return "actifs:banque:";
	case '6':
		return "charges:";
	case '7':
		return "produits:";
	}
	return "contributions:";
}

static void put_money(struct writing *w, const struct money_entry *e)
{
	char plain[MONEY_SIZE];

	put_head(w, e->date_ms, false, &e->by.feed, e->by.seq);
	fputs(e->is_reversal ? "annulation " : "", w->x->file);
	put_ascii(w->x->file, e->rule->text);
	fputc(' ', w->x->file);
	put_words(w->x->file, e->text, strlen(e->text));
	put_id(w, &e->of.id);
	for (size_t i = 0; i < e->rule->lines_n; i++) {
		const char *account = e->rule->line[i].account;

		money_plain(plain,
			    money_debits(e, i) ? (int64_t)e->minor
					       : -(int64_t)e->minor,
			    e->currency);
		fputs("    ", w->x->file);
		put_purse(w, account, class_name(account), &e->party, e->fund);
		fprintf(w->x->file, "  %s %s\n", plain, e->currency);
	}
	w->last_ms = e->date_ms > w->last_ms ? e->date_ms : w->last_ms;
}

static void put_columns(struct writing *w)
{
	for (enum column c = 0; c < COL_COUNT && w->has_holder; c++) {
		if ((w->columns >> c & 1) == 0)
			continue;
		fputs("account ", w->x->file);
		put_holder(w->x->file, w, c, &w->holder);
		fputc('\n', w->x->file);
	}
}

/* The accounts of a holder, once it has been seen with all its items.  Goods
 * may have been on the way and be there no more. */
static int declare_row(void *arg, const struct holder *h, const char *item,
		       size_t item_n, const int64_t col[static COL_COUNT])
{
	struct writing *w = arg;

	(void)item, (void)item_n;
	if (!narrow_member(w->x->narrow, &h->member))
		return 0;
	if (!w->has_holder || memcmp(h, &w->holder, sizeof(*h)) != 0) {
		put_columns(w);
		w->holder = *h;
		w->has_holder = true;
		w->columns = 1U << COL_ON_HAND | 1U << COL_IN_TRANSIT;
	}
	for (enum column c = 0; c < COL_COUNT; c++)
		if (col[c] != 0)
			w->columns |= 1U << c;
	return 0;
}

static int declare_item(void *arg, const char *item, size_t item_n,
			const int64_t col[static COL_COUNT])
{
	struct writing *w = arg;

	(void)col;
	fprintf(w->x->file, "commodity \"%.*s\"\n", (int)item_n, item);
	return 0;
}

static int assert_row(void *arg, const struct holder *h, const char *item,
		      size_t item_n, const int64_t col[static COL_COUNT])
{
	struct writing *w = arg;

	for (enum column c = 0;
	     c < COL_COUNT && narrow_member(w->x->narrow, &h->member); c++)
		if (col[c] != 0)
			put_posting(w, c, h, item, item_n, col[c], true);
	return 0;
}

/* One account of money. */
struct money_account {
	const char *account;
	const struct money_entry *e;
};

static int account_cmp(const void *a, const void *b)
{
	const struct money_account *x = a, *y = b;
	int c = strcmp(x->account, y->account);

	if (c == 0)
		c = pubkey_cmp(&x->e->party, &y->e->party);
	return c != 0 ? c : strcmp(x->e->fund, y->e->fund);
}

static int currency_cmp(const void *a, const void *b)
{
	return memcmp(a, b, 3);
}

static void declare_currencies(const struct writing *w,
			       const struct money_journal *m, char (*all)[3])
{
	for (size_t i = 0; i < m->n; i++)
		memcpy(all[i], m->at[i].currency, 3);
	if (m->n > 0)
		qsort(all, m->n, sizeof(*all), currency_cmp);
	for (size_t i = 0; i < m->n; i++)
		if (i == 0 || currency_cmp(all[i - 1], all[i]) != 0)
			fprintf(w->x->file, "commodity %.3s\n", all[i]);
}

static int declare_money(const struct writing *w, const struct money_journal *m)
{
	struct money_account *at = calloc(m->n * MONEY_LINES + 1, sizeof(*at));
	char(*currencies)[3] = calloc(m->n + 1, sizeof(*currencies));
	size_t n = 0;
	int err = at == NULL || currencies == NULL ? ERR_NOMEM : 0;

	for (size_t i = 0; i < m->n && err == 0; i++)
		for (size_t k = 0; k < m->at[i].rule->lines_n; k++)
			at[n++] = (struct money_account){
				m->at[i].rule->line[k].account, &m->at[i]
			};
	if (n > 0)
		qsort(at, n, sizeof(*at), account_cmp);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && account_cmp(&at[i - 1], &at[i]) == 0)
			continue;
		fputs("account ", w->x->file);
		put_purse(w, at[i].account, class_name(at[i].account),
			  &at[i].e->party, at[i].e->fund);
		fputc('\n', w->x->file);
	}
	if (err == 0)
		declare_currencies(w, m, currencies);
	free(at);
	free(currencies);
	return err;
}

static int declare_all(struct writing *w, const struct money_journal *m)
{
	char hex[HEX_SIZE(ID_SIZE)];
	int err;

	hex_encode(hex, roster_network(w->x->roster)->b, ID_SIZE);
	fprintf(w->x->file, "; maillon: network %s\n", hex);
	err = store_totals(w->x->store, declare_item, w);
	if (err == 0)
		err = store_balances(w->x->store, declare_row, w);
	if (err == 0)
		put_columns(w);
	return err == 0 ? declare_money(w, m) : err;
}

static int by_date(const void *a, const void *b)
{
	const struct money_entry *x = a, *y = b;

	if (x->date_ms != y->date_ms)
		return x->date_ms < y->date_ms ? -1 : 1;
	return money_cmp(x, y);
}

/* Both in one order of dates, which hledger checks and ledger relies on. */
static int put_all(struct writing *w, const struct moves *moves,
		   const struct money_journal *m)
{
	size_t i = 0, k = 0;
	int err = 0;

	while (err == 0 && (i < moves->n || k < m->n)) {
		if (k == m->n ||
		    (i < moves->n && moves->at[i].date_ms <= m->at[k].date_ms))
			err = put_move(w, &moves->at[i++]);
		else
			put_money(w, &m->at[k++]);
	}
	return err;
}

static int assert_money(const struct writing *w)
{
	struct funds f = { NULL, 0, 0 };
	char plain[MONEY_SIZE];
	int err = purse_sum(&f, w->x->store, w->x->narrow);

	for (size_t i = 0; i < f.n && err == 0; i++) {
		money_plain(plain, fund_balance(&f.at[i]), f.at[i].currency);
		fputs("    ", w->x->file);
		put_purse(w, "512", class_name("512"), &f.at[i].party,
			  f.at[i].label);
		fprintf(w->x->file, "  0 %s = %s %s\n", f.at[i].currency, plain,
			f.at[i].currency);
	}
	funds_release(&f);
	return err;
}

static int assert_all(struct writing *w)
{
	char day[DAY_SIZE];
	int err;

	export_day(day, "%Y-%m-%d", w->last_ms);
	fprintf(w->x->file, "\n%s * what the book has\n", day);
	err = store_balances(w->x->store, assert_row, w);
	return err == 0 ? assert_money(w) : err;
}

int export_hledger(const struct exporting *x)
{
	struct writing w = { .x = x };
	struct money_journal m = { NULL, 0, 0 };
	struct moves moves = { NULL, 0, 0 };
	int err = money_load(&m, x, NULL);

	if (err == 0)
		err = moves_load(&moves, x);
	if (m.n > 0)
		qsort(m.at, m.n, sizeof(*m.at), by_date);
	if (err == 0)
		err = declare_all(&w, &m);
	if (err == 0)
		err = put_all(&w, &moves, &m);
	if (err == 0 && moves.n + m.n > 0)
		err = assert_all(&w);
	money_release(&m);
	free(moves.at);
	return err;
}
