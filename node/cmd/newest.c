#include "node/cmd/newest.h"

#include "crypto/err.h"
#include "node/cmd/table.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/log.h"
#include "store/recent.h"

#include <stdio.h>

struct visiting {
	struct store *s;
	newest_visit *visit;
	void *arg;
	uint8_t raw[LIMIT_ENTRY];
};

static int visit_run(void *arg, const struct run *run)
{
	struct visiting *v = arg;
	struct run_walk walk;
	struct entry e;
	struct head head;
	struct id id;
	int err = store_head(v->s, &run->feed, &head);

	if (err != 0)
		return err == ERR_NOT_FOUND ? 0 : err;
	run_walk_init(&walk, run);
	while (err == 0 && walk.left > 0) {
		err = run_walk_next(&walk, &e, &id, v->raw);
		if (err == 0 && e.seq > head.seq)
			err = v->visit(v->arg, &e);
	}
	return err;
}

int newest_each(struct store *s, newest_visit *visit, void *arg)
{
	struct visiting v = { .s = s, .visit = visit, .arg = arg };

	return store_recent_each(s, visit_run, &v);
}

struct summing {
	struct newest *out;
	const struct narrow *narrow;
	struct pubkey feed; /* of the last one that was shown */
};

static int add(void *arg, const struct entry *e)
{
	struct summing *x = arg;
	struct record rec;

	if (x->narrow != NULL && !narrow_feed(x->narrow, &e->feed))
		return 0;
	x->out->feeds += !pubkey_eq(&x->feed, &e->feed);
	x->out->entries++;
	x->feed = e->feed;
	if (record_decode(&rec, e->kind, e->facts, e->facts_n) != 0)
		return 0;
	return glimpse_add(&x->out->glimpse, &rec);
}

int newest_sum(struct newest *out, struct store *s, const struct narrow *narrow)
{
	struct summing x = { .out = out, .narrow = narrow };

	return newest_each(s, add, &x);
}

void newest_release(struct newest *n)
{
	glimpse_release(&n->glimpse);
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

json_t *newest_json(const struct newest *n)
{
	json_t *out = json_object(), *items = json_array();

	for (size_t i = 0; i < n->glimpse.n; i++) {
		const struct glimpse_row *row = &n->glimpse.at[i];
		json_t *item = json_object();

		json_put(&item, "item", json_string(row->item));
		json_put(&item, "produced", number(row->produced));
		json_put(&item, "delivered", number(row->delivered));
		json_put(&item, "received", number(row->received));
		json_push(&items, item);
	}
	json_put(&out, "feeds", number(n->feeds));
	json_put(&out, "entries", number(n->entries));
	json_put(&out, "items", items);
	return out;
}

int newest_table(const struct newest *n)
{
	struct table t;
	int code;

	puts(_("seen in the newest entries, not yet replayed, and in no figure "
	       "above:"));
	if (n->glimpse.n == 0) {
		puts(_("nothing of goods"));
		return EXIT_DONE;
	}
	table_init(&t, "lrrr");
	table_put(&t, _("item"));
	table_put(&t, _("produced"));
	table_put(&t, _("delivered"));
	table_put(&t, _("received"));
	for (size_t i = 0; i < n->glimpse.n; i++) {
		const struct glimpse_row *row = &n->glimpse.at[i];

		table_put(&t, row->item);
		table_number(&t, (int64_t)row->produced);
		table_number(&t, (int64_t)row->delivered);
		table_number(&t, (int64_t)row->received);
	}
	code = table_print(&t, stdout);
	if (n->glimpse.is_cut)
		puts(_("and more"));
	return code;
}
