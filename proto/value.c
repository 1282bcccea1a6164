#include "proto/value.h"

#include "crypto/err.h"
#include "proto/wr.h"

#include <string.h>

static void add_up(struct rd *r, uint64_t *sum, uint64_t v, uint64_t max)
{
	/* Both are at most max < 2^63, so this cannot wrap. */
	*sum += v;
	if (*sum > max)
		rd_fail(r, ERR_LIMIT);
}

static int item_cmp(const char *a, size_t a_n, const char *b, size_t b_n)
{
	int c = memcmp(a, b, a_n < b_n ? a_n : b_n);

	if (c != 0)
		return c;
	return a_n < b_n ? -1 : a_n > b_n;
}

static void rd_line(struct rd *r, struct line *line)
{
	const char *p;

	if (rd_array(r, 2) != 2)
		rd_fail(r, ERR_FORMAT);
	p = rd_text(r, LIMIT_ITEM, &line->item_n);
	if (p == NULL || !item_is_valid(p, line->item_n))
		rd_fail(r, ERR_FORMAT);
	line->item = p;
	line->qty = rd_uint(r, LIMIT_QTY);
}

static void check_lines(struct rd *r, uint64_t least, struct sums *sums)
{
	uint32_t n = rd_array(r, LIMIT_LINES);
	struct line before = { NULL, 0, 0 };

	if (n == 0)
		rd_fail(r, ERR_FORMAT);
	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		struct line line;

		rd_line(r, &line);
		if (r->err != 0)
			return;
		if (line.qty < least ||
		    (i > 0 && item_cmp(before.item, before.item_n, line.item,
				       line.item_n) >= 0))
			rd_fail(r, ERR_FORMAT);
		add_up(r, &sums->qty, line.qty, LIMIT_QTY);
		before = line;
	}
}

static void check_money(struct rd *r, uint64_t least, struct sums *sums)
{
	const char *currency;
	uint64_t minor;
	size_t n;

	if (rd_array(r, 2) != 2)
		rd_fail(r, ERR_FORMAT);
	minor = rd_uint(r, LIMIT_QTY);
	currency = rd_text(r, 3, &n);
	if (minor < least || currency == NULL ||
	    !currency_is_valid(currency, n))
		rd_fail(r, ERR_FORMAT);
	add_up(r, &sums->minor, minor, LIMIT_QTY);
}

static void rd_position(struct rd *r, struct position *out)
{
	if (rd_array(r, 3) != 3)
		rd_fail(r, ERR_FORMAT);
	rd_fixed(r, out->feed.b, sizeof(out->feed.b));
	out->seq = rd_uint(r, LIMIT_SEQ);
	rd_fixed(r, out->id.b, sizeof(out->id.b));
}

static void check_positions(struct rd *r)
{
	uint32_t n = rd_array(r, LIMIT_PINS);
	struct position at, before = { 0 };

	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		rd_position(r, &at);
		if (i > 0 && pubkey_cmp(&before.feed, &at.feed) >= 0)
			rd_fail(r, ERR_FORMAT);
		before = at;
	}
	if (n == 0)
		rd_fail(r, ERR_FORMAT);
}

static void check_ids(struct rd *r)
{
	uint32_t n = rd_array(r, LIMIT_PINS);
	struct id id, before = { 0 };

	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		rd_fixed(r, id.b, sizeof(id.b));
		if (i > 0 && id_cmp(&before, &id) >= 0)
			rd_fail(r, ERR_FORMAT);
		before = id;
	}
	if (n == 0)
		rd_fail(r, ERR_FORMAT);
}

static void check_addresses(struct rd *r)
{
	uint32_t n = rd_array(r, LIMIT_ADDRESSES);

	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		size_t len;
		const char *p = rd_text(r, LIMIT_ADDRESS, &len);

		if (p == NULL || !address_is_valid(p, len))
			rd_fail(r, ERR_FORMAT);
	}
}

static void check_text(struct rd *r, const struct fact_rule *rule,
		       struct value *v)
{
	const char *p = NULL;
	bool ok = false;

	switch (rule->type) {
	case TYPE_LABEL:
		p = rd_text(r, LIMIT_LABEL, &v->n);
		ok = p != NULL && label_is_valid(p, v->n);
		break;
	case TYPE_ITEM:
		p = rd_text(r, LIMIT_ITEM, &v->n);
		ok = p != NULL && item_is_valid(p, v->n);
		break;
	case TYPE_PLACE:
		p = rd_text(r, LIMIT_PLACE, &v->n);
		ok = p != NULL && place_is_valid(p, v->n);
		break;
	case TYPE_PERIOD:
		p = rd_text(r, 7, &v->n);
		ok = p != NULL && period_is_valid(p, v->n);
		break;
	default: /* TYPE_TEXT: the caller's switch is the full one */
		p = rd_text(r, (size_t)rule->max, &v->n);
		ok = p != NULL && v->n > 0 && utf8_is_plain(p, v->n);
		break;
	}
	v->p = (const uint8_t *)p;
	if (!ok)
		rd_fail(r, ERR_FORMAT);
}

/* A byte string of exactly a or b bytes. */
static void check_fixed(struct rd *r, struct value *v, size_t a, size_t b)
{
	v->p = rd_bin(r, a > b ? a : b, &v->n);
	if (v->p == NULL || (v->n != a && v->n != b))
		rd_fail(r, ERR_FORMAT);
}

static uint64_t word_max(const struct fact_rule *rule)
{
	uint64_t n = 0;

	while (rule->word[n] != NULL)
		n++;
	return n - 1;
}

static void check_list(struct rd *r, enum fact_type type, struct sums *sums)
{
	if (type == TYPE_LINES || type == TYPE_LINES0)
		check_lines(r, type == TYPE_LINES ? 1 : 0, sums);
	else if (type == TYPE_MONEY || type == TYPE_MONEY0)
		check_money(r, type == TYPE_MONEY ? 1 : 0, sums);
	else if (type == TYPE_POSITIONS)
		check_positions(r);
	else if (type == TYPE_IDS || type == TYPE_KEYS)
		check_ids(r);
	else
		check_addresses(r);
}

/* A map, of which more is said once the kind of the record that it corrects is
 * known. */
static void check_facts(struct rd *r)
{
	struct rd ahead = *r;

	if (rd_map(&ahead, LIMIT_FACTS) == 0 && ahead.err == 0)
		rd_fail(r, ERR_FORMAT);
	if (ahead.err != 0)
		rd_fail(r, ahead.err);
	rd_skip(r, LIMIT_DEPTH - 2);
}

void value_read(struct value *v, struct rd *r, const struct fact_rule *rule,
		struct sums *sums)
{
	const uint8_t *start = r->p;
	struct position at;

	*v = (struct value){ 0, NULL, 0 };
	switch (rule->type) {
	case TYPE_UINT:
		v->u = rd_uint(r, rule->max);
		if (rule->key == FACT_REJECTED || rule->key == FACT_QTY)
			add_up(r, &sums->qty, v->u, LIMIT_QTY);
		break;
	case TYPE_TIME:
		v->u = rd_uint(r, LIMIT_TIME_MS);
		break;
	case TYPE_WORD:
		v->u = rd_uint(r, word_max(rule));
		break;
	case TYPE_TEXT:
	case TYPE_LABEL:
	case TYPE_ITEM:
	case TYPE_PLACE:
	case TYPE_PERIOD:
		check_text(r, rule, v);
		break;
	case TYPE_BYTES:
		v->p = rd_bin(r, (size_t)rule->max, &v->n);
		if (v->n == 0)
			rd_fail(r, ERR_FORMAT);
		break;
	case TYPE_TAG:
		check_fixed(r, v, TAG_SIZE, TAG_SIZE);
		break;
	case TYPE_ID:
	case TYPE_KEY:
	case TYPE_SHA:
		check_fixed(r, v, ID_SIZE, ID_SIZE);
		break;
	case TYPE_SIG:
		check_fixed(r, v, SIG_SIZE, SIG_SIZE);
		break;
	case TYPE_PARTY:
		check_fixed(r, v, KEY_SIZE, TAG_SIZE);
		break;
	case TYPE_POSITION:
		rd_position(r, &at);
		break;
	case TYPE_FACTS:
		check_facts(r);
		break;
	case TYPE_LINES:
	case TYPE_LINES0:
	case TYPE_MONEY:
	case TYPE_MONEY0:
	case TYPE_POSITIONS:
	case TYPE_IDS:
	case TYPE_KEYS:
	case TYPE_ADDRESSES:
		check_list(r, rule->type, sums);
		break;
	}
	if (r->err == 0 && v->p == NULL) {
		v->p = start;
		v->n = (size_t)(r->p - start);
	}
}

/* What rd_line found good; no longer than that in any case, for there is no
 * more room for it elsewhere. */
static void line_again(struct rd *r, struct line *line)
{
	rd_array(r, 2);
	line->item = (const char *)rd_again(r, &line->item_n);
	if (line->item_n > LIMIT_ITEM)
		rd_fail(r, ERR_LIMIT);
	line->qty = rd_uint(r, LIMIT_QTY);
}

size_t value_lines(const struct value *v, struct line out[static LIMIT_LINES])
{
	struct rd r;
	uint32_t n;

	rd_init(&r, v->p, v->n);
	n = rd_array(&r, LIMIT_LINES);
	for (uint32_t i = 0; i < n; i++)
		line_again(&r, &out[i]);
	return r.err == 0 ? n : 0;
}

size_t value_positions(const struct value *v, enum fact_type type,
		       struct position *out, size_t max)
{
	uint32_t n = 1;
	struct rd r;

	rd_init(&r, v->p, v->n);
	if (type == TYPE_POSITIONS)
		n = rd_array(&r, LIMIT_PINS);
	if (n > max)
		n = (uint32_t)max;
	for (uint32_t i = 0; i < n; i++)
		rd_position(&r, &out[i]);
	return r.err == 0 ? n : 0;
}

size_t value_ids(const struct value *v, struct id *out, size_t max)
{
	struct rd r;
	uint32_t n;

	rd_init(&r, v->p, v->n);
	n = rd_array(&r, LIMIT_PINS);
	if (n > max)
		n = (uint32_t)max;
	for (uint32_t i = 0; i < n; i++)
		rd_fixed(&r, out[i].b, sizeof(out[i].b));
	return r.err == 0 ? n : 0;
}

bool value_money(const struct value *v, uint64_t *minor,
		 char currency[static 4])
{
	uint64_t amount;
	const char *p;
	struct rd r;
	size_t n;

	rd_init(&r, v->p, v->n);
	rd_array(&r, 2);
	amount = rd_uint(&r, LIMIT_QTY);
	p = rd_text(&r, 3, &n);
	if (p == NULL || n != 3)
		return false;
	*minor = amount;
	memcpy(currency, p, 3);
	currency[3] = '\0';
	return true;
}

/* Insertion sort: at most 64 lines, usually one. */
static void sort_lines(struct line *lines, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct line l = lines[i];
		size_t j = i;

		while (j > 0 && item_cmp(lines[j - 1].item, lines[j - 1].item_n,
					 l.item, l.item_n) > 0) {
			lines[j] = lines[j - 1];
			j--;
		}
		lines[j] = l;
	}
}

/* Fold lines of the same item into one; the new count, or 0 when a sum is
 * above LIMIT_QTY. */
static size_t merge_lines(struct line *lines, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct line *last = kept == 0 ? NULL : &lines[kept - 1];

		if (lines[i].qty > LIMIT_QTY)
			return 0;
		if (last != NULL &&
		    item_cmp(last->item, last->item_n, lines[i].item,
			     lines[i].item_n) == 0) {
			last->qty += lines[i].qty;
			if (last->qty > LIMIT_QTY)
				return 0;
		} else {
			lines[kept++] = lines[i];
		}
	}
	return kept;
}

int lines_encode(void *out, size_t max, size_t *n, struct line *lines,
		 size_t count)
{
	struct wr w;

	sort_lines(lines, count);
	count = merge_lines(lines, count);
	if (count == 0 || count > LIMIT_LINES)
		return ERR_LIMIT;
	wr_init(&w, out, max);
	wr_array(&w, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		wr_array(&w, 2);
		wr_text(&w, lines[i].item, lines[i].item_n);
		wr_uint(&w, lines[i].qty);
	}
	return wr_end(&w, n);
}
