#include "proto/book_tally.h"

#include <string.h>

static size_t find_line(const struct tally *t, const struct line *l)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->line[i].item_n == l->item_n &&
		    memcmp(t->line[i].item, l->item, l->item_n) == 0)
			return i;
	return SIZE_MAX;
}

struct posting posting_at(const struct book_record *rec,
			  const struct line *line)
{
	struct posting p = { .feed = rec->feed, .seq = rec->seq };

	p.holder.member = rec->author;
	p.holder.outsider = record_tag(&rec->rec, FACT_FOR);
	p.item = line->item;
	p.item_n = line->item_n;
	return p;
}

/* What the addressee took in of goods that move on: its own shelf fills at the
 * place of its own receipt. */
static int emit_arrival(struct tally *t, const struct book_record *receive,
			const struct line *line)
{
	struct posting p = posting_at(receive, line);

	if (t->emit == NULL)
		return 0;
	p.holder.outsider = (struct tag){ { 0 } };
	p.delta[COL_RECEIVED] = (int64_t)line->qty;
	p.delta[COL_ON_HAND] = (int64_t)line->qty;
	return t->emit(t->arg, &p);
}

static int tally_receive(struct tally *t, const struct book_record *receive)
{
	enum grade g = book_grade(t->view->roster, t->deliver, receive);
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&receive->rec, FACT_ACCEPTED, lines);

	/* PROTOCOL: A member's stock moves only by its own entries, so goods
	 * that move on arrive by grade A or not at all. */
	if (!t->is_final && g != GRADE_A)
		g = GRADE_D;
	for (size_t i = 0; i < n; i++) {
		size_t at = find_line(t, &lines[i]);
		int err = 0;

		if (at == SIZE_MAX) {
			t->over = t->over || g != GRADE_D;
			continue;
		}
		t->accepted[g][at] += lines[i].qty;
		if (!t->is_final && g == GRADE_A)
			err = emit_arrival(t, receive, &lines[i]);
		if (err != 0)
			return err;
	}
	n = record_lines(&receive->rec, FACT_REFUSED, lines);
	for (size_t i = 0; i < n; i++) {
		size_t at = find_line(t, &lines[i]);

		if (at == SIZE_MAX) {
			t->over = t->over || g != GRADE_D;
			continue;
		}
		t->refused[g][at] += lines[i].qty;
		t->refused_in = receive->feed;
		t->refused_seq = receive->seq;
	}
	return 0;
}

static void tally_loss(struct tally *t, const struct book_record *lose)
{
	struct line lines[LIMIT_LINES];
	size_t n;

	if (!pubkey_eq(&lose->author, &t->deliver->author))
		return;
	n = record_lines(&lose->rec, FACT_LINES, lines);
	for (size_t i = 0; i < n; i++) {
		size_t at = find_line(t, &lines[i]);

		if (at == SIZE_MAX)
			t->over = true;
		else
			t->lost[at] += lines[i].qty;
	}
}

static int tally_one(void *arg, const struct book_record *rec)
{
	struct tally *t = arg;
	struct book_record newest = *rec;
	bool occurred;
	int err = book_newest(t->view, &newest, &occurred);

	if (err != 0 || !occurred)
		return err;
	if (newest.rec.kind == KIND_RECEIVE)
		return tally_receive(t, &newest);
	if (newest.rec.kind == KIND_LOSE)
		tally_loss(t, &newest);
	return 0;
}

/* Those who refer to a re-issue refer to the record. */
static int tally_reissue(void *arg, const struct book_record *rec)
{
	struct tally *t = arg;

	if (!pubkey_eq(&rec->author, &t->deliver->author))
		return 0;
	return t->view->refs(t->view->cookie, &rec->id, REF_DELIVER, tally_one,
			     t);
}

int tally_all(struct tally *t, const struct id *root)
{
	int err;

	t->is_final = record_uint(&t->deliver->rec, FACT_FINAL) != 0;
	t->n = record_lines(&t->deliver->rec, FACT_LINES, t->line);
	err = t->view->refs(t->view->cookie, root, REF_DELIVER, tally_one, t);
	if (err == 0)
		err = t->view->refs(t->view->cookie, root, REF_ORPHAN,
				    tally_reissue, t);
	return err;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* PROTOCOL: Line by line, a lower grade adds only what it has beyond the
 * higher ones. */
static void beyond(uint64_t out[static GRADES], uint64_t by[][LIMIT_LINES],
		   size_t line)
{
	uint64_t known = 0;

	for (size_t g = 0; g < GRADES; g++) {
		uint64_t now = most(known, by[g][line]);

		out[g] = now - known;
		known = now;
	}
}

void tally_line(struct tally *t, size_t i, uint64_t accepted[static GRADES],
		uint64_t refused[static GRADES])
{
	beyond(accepted, t->accepted, i);
	beyond(refused, t->refused, i);
}

/* Grades A to C: what counts as having happened. */
static int64_t good(const uint64_t by[static GRADES])
{
	return (int64_t)(by[GRADE_A] + by[GRADE_B] + by[GRADE_C]);
}

static int emit_sent(struct tally *t, size_t i, const uint64_t acc[])
{
	struct posting p = posting_at(t->deliver, &t->line[i]);
	int64_t qty = (int64_t)t->line[i].qty;
	int64_t lost = (int64_t)t->lost[i];

	p.delta[t->is_final ? COL_DELIVERED : COL_MOVED] = qty;
	p.delta[COL_ON_HAND] = -qty;
	p.delta[COL_IN_TRANSIT] = qty - good(acc) - lost;
	p.delta[COL_LOST] = lost;
	p.delta[COL_CLAIMED] = (int64_t)acc[GRADE_D];
	if (t->is_final) {
		p.delta[COL_ACK_A] = (int64_t)acc[GRADE_A];
		p.delta[COL_ACK_B] = (int64_t)acc[GRADE_B];
		p.delta[COL_ACK_C] = (int64_t)acc[GRADE_C];
	} else {
		p.delta[COL_HANDED] = good(acc);
	}
	return t->emit(t->arg, &p);
}

/* Refused goods come back to the sender by an entry that is not the sender's:
 * a credit from another feed. */
static int emit_returned(struct tally *t, size_t i, int64_t back)
{
	struct posting p = posting_at(t->deliver, &t->line[i]);

	if (back == 0)
		return 0;
	p.feed = t->refused_in;
	p.seq = t->refused_seq;
	p.delta[COL_REFUSED] = back;
	p.delta[COL_IN_TRANSIT] = -back;
	p.delta[COL_ON_HAND] = back;
	return t->emit(t->arg, &p);
}

int tally_emit(struct tally *t)
{
	for (size_t i = 0; i < t->n; i++) {
		uint64_t acc[GRADES], ref[GRADES];
		int64_t sum;
		int err;

		tally_line(t, i, acc, ref);
		sum = good(acc) + good(ref) + (int64_t)t->lost[i];
		t->over = t->over || sum > (int64_t)t->line[i].qty;
		err = emit_sent(t, i, acc);
		if (err == 0)
			err = emit_returned(t, i, good(ref));
		if (err != 0)
			return err;
	}
	return 0;
}
