#include "node/report/trace_print.h"

#include "crypto/bytes.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/party.h"

#include <inttypes.h>
#include <string.h>

static const char *word_of(const struct trace_node *n)
{
	switch (n->kind) {
	case KIND_DONATE:
		return _("gift");
	case KIND_SPEND:
		return _("spending");
	case KIND_SUPPLY:
		return _("supply");
	case KIND_PRODUCE:
		return _("production");
	case KIND_DELIVER:
		return _("delivery");
	case KIND_RECEIVE:
		return n->grade == GRADE_D ? _("said to have arrived")
					   : _("receipt");
	case KIND_COUNT:
		return _("stock take");
	case KIND_LOSE:
		return _("loss");
	}
	return "";
}

static void record_name(char out[static TRACE_NAME], const struct tracing *x,
			const struct trace_node *n)
{
	static const char *const grades[] = { " A", " B", " C", "" };
	char ref[REF_TEXT], date[TIME_SIZE];

	labels_ref(x->labels, ref, &n->at.feed, n->at.seq);
	time_text(date, n->date);
	date[strcspn(date, "T")] = '\0';
	snprintf(out, TRACE_NAME, "%s %s%s, %s", ref, word_of(n),
		 n->kind == KIND_RECEIVE ? grades[n->grade] : "", date);
}

static void holder_name(char out[static 2 * PARTY_TEXT],
			const struct tracing *x, const struct holder *h)
{
	static const struct tag own;
	size_t n;

	labels_member(x->labels, out, &h->member);
	if (memcmp(&h->outsider, &own, sizeof(own)) == 0)
		return;
	n = strlen(out);
	out[n++] = ' ';
	outsider_text(out + n, x->desk, &h->member, &h->outsider);
}

void trace_name(char out[static TRACE_NAME], const struct tracing *x,
		const struct trace_node *n)
{
	char who[2 * PARTY_TEXT], hex[HEX_SIZE(4)];

	switch (n->type) {
	case TRACE_RECORD:
	case TRACE_LINE:
		record_name(out, x, n);
		return;
	case TRACE_FUND:
		holder_name(who, x, &n->holder);
		if (n->item.n == 0)
			snprintf(out, TRACE_NAME, _("money of %s"), who);
		else
			snprintf(out, TRACE_NAME, _("fund %.*s of %s"),
				 (int)n->item.n, n->item.p, who);
		return;
	case TRACE_DOCUMENT:
		hex_encode(hex, n->doc.b, 4);
		snprintf(out, TRACE_NAME, _("document %s"), hex);
		return;
	case TRACE_SHELF:
		holder_name(who, x, &n->holder);
		if (n->lot.n == 0)
			snprintf(out, TRACE_NAME, _("shelf of %s: %.*s"), who,
				 (int)n->item.n, n->item.p);
		else
			snprintf(out, TRACE_NAME,
				 _("shelf of %s: %.*s, lot %.*s"), who,
				 (int)n->item.n, n->item.p, (int)n->lot.n,
				 n->lot.p);
		return;
	}
}

void trace_amount(char out[static TRACE_AMOUNT], const struct trace_move *m,
		  uint64_t share)
{
	char part[MONEY_SIZE], whole[MONEY_SIZE];

	out[0] = '\0';
	if (m->qty == 0)
		return;
	if (m->item.n > 0) {
		snprintf(part, sizeof(part), "%" PRIu64, share);
		snprintf(whole, sizeof(whole), "%" PRIu64, m->qty);
	} else {
		money_plain(part, (int64_t)share, m->currency);
		money_plain(whole, (int64_t)m->qty, m->currency);
	}
	if (share == m->qty)
		snprintf(out, TRACE_AMOUNT, "%s ", whole);
	else
		snprintf(out, TRACE_AMOUNT, _("%s of %s "), part, whole);
	snprintf(out + strlen(out), TRACE_AMOUNT - strlen(out), "%.*s",
		 m->item.n > 0 ? (int)m->item.n : 3,
		 m->item.n > 0 ? m->item.p : m->currency);
}

static int arrival_cmp(const struct trace_arrival *a, const char *item,
		       enum grade grade)
{
	int c = strcmp(a->item, item);

	return c != 0 ? c : (int)a->grade - (int)grade;
}

static size_t add_arrival(struct trace_arrival *out, size_t n, size_t max,
			  const struct trace_move *m, enum grade grade,
			  uint64_t qty)
{
	char item[LIMIT_ITEM + 1] = "";
	size_t i = 0;

	memcpy(item, m->item.p,
	       m->item.n < LIMIT_ITEM ? m->item.n : LIMIT_ITEM);
	while (i < n && arrival_cmp(&out[i], item, grade) < 0)
		i++;
	if (i < n && arrival_cmp(&out[i], item, grade) == 0) {
		out[i].qty += qty;
		return n;
	}
	if (n == max)
		return n;
	memmove(&out[i + 1], &out[i], (n - i) * sizeof(out[0]));
	out[i] = (struct trace_arrival){ .grade = grade, .qty = qty };
	memcpy(out[i].item, item, sizeof(item));
	return n + 1;
}

size_t trace_arrivals(const struct trace *t, struct trace_arrival *out,
		      size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < t->moves; i++) {
		const struct trace_move *m = &t->move[i];
		const struct trace_node *to = &t->node[m->to];
		uint64_t qty = to->is_start ? m->qty : m->forward;

		if (qty > 0 && to->type == TRACE_LINE &&
		    to->kind == KIND_RECEIVE && to->is_final)
			n = add_arrival(out, n, max, m, to->grade, qty);
	}
	return n;
}
