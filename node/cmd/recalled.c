#include "node/cmd/recalled.h"

#include "node/cmd/withdrawn.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/book.h"

#include <stdio.h>
#include <string.h>

enum { LOTS = 20 };

struct recalling {
	struct withdrawn withdrawn;
	json_t *rows; /* NULL: lines on stdout */
	void (*head)(const char *text);
	size_t lots;
};

/* Goods of ours that were withdrawn. */
static int tell_recalled(void *arg, const struct holder *holder,
			 const char *item, size_t item_n,
			 const int64_t col[static COL_COUNT])
{
	struct recalling *s = arg;
	const struct verdict *v = withdrawn_find(&s->withdrawn, item, item_n);
	char text[WITHDRAWN_TEXT];
	json_t *row;

	(void)holder;
	if (v == NULL || (col[COL_ON_HAND] <= 0 && col[COL_IN_TRANSIT] <= 0))
		return 0;
	if (s->rows != NULL) {
		row = json_object();
		json_put(&row, "item", json_plain(item, item_n));
		json_put(&row, "on_hand", json_integer(col[COL_ON_HAND]));
		json_put(&row, "in_transit", json_integer(col[COL_IN_TRANSIT]));
		json_put(&row, "verdict", json_string(withdrawn_word(v)));
		json_put(&row, "by", json_key(&v->author));
		json_put(&row, "reason",
			 json_plain((const char *)v->reason.p, v->reason.n));
		json_push(&s->rows, row);
		return 0;
	}
	withdrawn_text(text, &s->withdrawn, v);
	s->head(_("recalled"));
	put_safe(stdout, item, item_n);
	printf(_(": %lld on hand, %lld in transit; "),
	       (long long)col[COL_ON_HAND], (long long)col[COL_IN_TRANSIT]);
	put_safe(stdout, text, strlen(text));
	putchar('\n');
	return 0;
}

static int tell_lot(void *arg, const struct verdict *v, const char *goods)
{
	struct recalling *s = arg;
	char text[WITHDRAWN_TEXT], ref[REF_TEXT];
	json_t *row;

	if (s->rows != NULL) {
		row = json_object();
		json_put(&row, "item", json_plain(v->item, v->item_n));
		json_put(&row, "of", json_id(&v->target));
		json_put(&row, "verdict", json_string(withdrawn_word(v)));
		json_put(&row, "by", json_key(&v->author));
		json_put(&row, "reason",
			 json_plain((const char *)v->reason.p, v->reason.n));
		json_push(&s->rows, row);
		return 0;
	}
	if (s->lots++ >= LOTS)
		return 0;
	withdrawn_text(text, &s->withdrawn, v);
	withdrawn_ref(ref, &s->withdrawn, v);
	s->head(_("recalled"));
	put_safe(stdout, goods, strlen(goods));
	fputs("; ", stdout);
	put_safe(stdout, text, strlen(text));
	printf(_(" (who may have some: 'maillon recall %s')"), ref);
	putchar('\n');
	return 0;
}

static void look(struct recalling *s, struct desk *d)
{
	int err = withdrawn_open(&s->withdrawn, d);

	if (err == 0)
		err = store_balances_of(d->store, &d->identity, tell_recalled,
					s);
	if (err == 0)
		err = withdrawn_lots(&s->withdrawn, NULL, tell_lot, s);
	if (s->lots > LOTS) {
		s->head(_("recalled"));
		printf(_("and %zu more lots: 'maillon log --kind approve'"),
		       s->lots - LOTS);
		putchar('\n');
	}
	if (err != 0)
		say_warn(_("whether goods were recalled cannot be told: %s"),
			 err_reason(err));
	withdrawn_close(&s->withdrawn);
}

json_t *recalled_json(struct desk *d)
{
	struct recalling s = { .rows = json_array() };

	if (s.rows != NULL)
		look(&s, d);
	return s.rows;
}

void recalled_print(struct desk *d, void (*head)(const char *text))
{
	struct recalling s = { .head = head };

	look(&s, d);
}
