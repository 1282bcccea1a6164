#include "node/cmd/purse.h"

#include "node/cmd/table.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/grow.h"
#include "store/book.h"

json_t *purse_fund(const struct fund *f)
{
	json_t *row = json_object();

	json_put(&row, "party", json_key(&f->party));
	json_put(&row, "fund", json_string(f->label));
	json_put(&row, "currency", json_string(f->currency));
	json_put(&row, "donated", json_integer((json_int_t)f->donated));
	json_put(&row, "spent", json_integer((json_int_t)f->spent));
	json_put(&row, "balance", json_integer((json_int_t)fund_balance(f)));
	return row;
}

json_t *purse_demand(const struct demand *d)
{
	json_t *row = json_object();

	json_put(&row, "item", json_string(d->item));
	json_put(&row, "place", json_string(d->place));
	json_put(&row, "requested", json_integer((json_int_t)d->requested));
	json_put(&row, "pledged", json_integer((json_int_t)d->pledged));
	json_put(&row, "acknowledged",
		 json_integer((json_int_t)d->acknowledged));
	return row;
}

json_t *purse_funds(const struct funds *f)
{
	json_t *all = json_array();

	for (size_t i = 0; i < f->n && all != NULL; i++)
		json_push(&all, purse_fund(&f->at[i]));
	return all;
}

static void put_money(struct table *t, int64_t minor, const char *currency)
{
	char text[MONEY_SIZE];

	money_plain(text, minor, currency);
	table_put(t, text);
}

static void fund_heads(struct table *t)
{
	table_init(t, "lllrrr");
	table_put(t, _("association"));
	table_put(t, _("fund"));
	table_put(t, "");
	table_put(t, _("donated"));
	table_put(t, _("spent"));
	table_put(t, _("balance"));
}

static void fund_line(struct table *t, const struct fund *f, const char *name)
{
	table_put(t, name);
	table_put(t, f->label[0] == '\0' ? "-" : f->label);
	table_put(t, f->currency);
	put_money(t, f->donated, f->currency);
	put_money(t, f->spent, f->currency);
	put_money(t, fund_balance(f), f->currency);
}

int purse_funds_table(FILE *file, const struct funds *f,
		      const struct roster *roster)
{
	char name[PARTY_TEXT];
	struct table t;

	if (f->n == 0)
		return EXIT_DONE;
	fund_heads(&t);
	for (size_t i = 0; i < f->n; i++) {
		member_text(name, roster, &f->at[i].party);
		fund_line(&t, &f->at[i], name);
	}
	return table_print(&t, file);
}

int purse_kept_table(FILE *file, const struct funds *f, struct store *s)
{
	char name[PARTY_TEXT];
	struct table t;

	if (f->n == 0)
		return EXIT_DONE;
	fund_heads(&t);
	for (size_t i = 0; i < f->n; i++) {
		rank_text(name, s, &f->at[i].party);
		fund_line(&t, &f->at[i], name);
	}
	return table_print(&t, file);
}

int purse_demand_table(FILE *file, const struct demands *d, uint64_t as_of_ms)
{
	struct demand row;
	struct table t;
	size_t at = 0;

	table_init(&t, "llrrr");
	while (demands_next(d, &at, as_of_ms, &row)) {
		if (t.n == 0) {
			table_put(&t, _("item"));
			table_put(&t, _("place"));
			table_put(&t, _("requested"));
			table_put(&t, _("pledged"));
			table_put(&t, _("acknowledged"));
		}
		table_put(&t, row.item);
		table_put(&t, row.place);
		table_number(&t, row.requested);
		table_number(&t, row.pledged);
		table_number(&t, row.acknowledged);
	}
	return table_print(&t, file);
}

static int add_fund(void *arg, const struct fund *fund)
{
	struct funds *f = arg;
	int err = grow(&f->at, &f->max, f->n, sizeof(*f->at));

	if (err == 0)
		f->at[f->n++] = *fund;
	return err;
}

int purse_kept(struct funds *f, struct store *s, const struct pubkey *under)
{
	int err = store_funds(s, under, add_fund, f);

	funds_sort(f);
	return err;
}

/* The running sum. */
struct adding {
	struct funds *funds;
	const struct narrow *narrow;
	struct book_view view;
};

static int add_record(void *arg, const struct book_record *rec)
{
	struct adding *a = arg;

	if (!narrow_member(a->narrow, &rec->author))
		return 0;
	return funds_add(a->funds, &a->view, rec);
}

int purse_sum(struct funds *f, struct store *s, const struct narrow *n)
{
	struct adding a = { .funds = f, .narrow = n };
	int err = store_view_open(s, &a.view);

	if (err != 0)
		return err;
	err = store_kind(s, KIND_DONATE, add_record, &a);
	if (err == 0)
		err = store_kind(s, KIND_SPEND, add_record, &a);
	store_view_close(s);
	funds_sort(f);
	funds_merge(f);
	return err;
}
