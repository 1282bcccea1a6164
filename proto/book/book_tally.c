#include "proto/book/book_tally.h"

#include "crypto/err.h"
#include "proto/book/countersign.h"
#include "proto/book/reissue.h"
#include "proto/roster/enrolled.h"

#include <string.h>

/* Is it one of the author's identity keys? */
static bool is_key_of(const struct roster *roster, const struct pubkey *key,
		      const struct pubkey *author)
{
	const struct member *m = roster_member(roster, key);

	return pubkey_eq(m == NULL ? key : &m->identity, author);
}

static bool is_author(const struct roster *roster, const struct record *rec,
		      enum fact party, const struct pubkey *author)
{
	struct pubkey key = record_key(rec, party);

	return rec->v[party].n == KEY_SIZE && is_key_of(roster, &key, author);
}

/* PROTOCOL: A member is named by its first identity; what names it by a later
 * key has nobody to receive it */
static bool is_addressed(const struct roster *roster, const struct record *rec)
{
	struct pubkey to = record_key(rec, FACT_TO);
	const struct member *m = roster_member(roster, &to);

	return rec->v[FACT_TO].n == KEY_SIZE && m != NULL &&
	       pubkey_eq(&m->identity, &to);
}

/* PROTOCOL: **B** if the addressee is a member, and not the author of the
 * delivery, and it carries a valid signature of a receipt key of the addressee,
 * which is no identity key of that author, and for which somebody stands
 * towards it (*Receipt keys*). */
bool tally_may_sign(const struct roster *roster,
		    const struct book_record *deliver, const struct pubkey *key)
{
	struct pubkey addressee = record_key(&deliver->rec, FACT_TO);

	return is_addressed(roster, &deliver->rec) &&
	       !pubkey_eq(&addressee, &deliver->author) &&
	       !is_key_of(roster, key, &deliver->author) &&
	       roster_is_enrolled(roster, &addressee, key, &deliver->author);
}

static bool is_countersigned(const struct roster *roster,
			     const struct book_record *deliver,
			     const struct book_record *receive)
{
	struct pubkey key = record_key(&receive->rec, FACT_RECEIPT_KEY);

	return record_has(&receive->rec, FACT_RECEIPT_KEY) &&
	       tally_may_sign(roster, deliver, &key) &&
	       countersign_check(roster_network(roster), &receive->rec);
}

/* PROTOCOL: the identity key that certified the feed of the receipt in its
 * newest version is vouched for towards the author of the delivery */
static bool is_vouched(const struct roster *roster,
		       const struct book_record *deliver,
		       const struct book_record *receive)
{
	const struct roster_feed *f = roster_feed(roster, &receive->said_in);

	return roster_is_vouched(roster,
				 f == NULL ? &receive->author : &f->certifier,
				 &deliver->author);
}

bool tally_is_party(const struct roster *roster,
		    const struct book_record *version, const struct pubkey *who)
{
	return is_author(roster, &version->rec, FACT_TO, who) ||
	       is_author(roster, &version->rec, FACT_BY, who);
}

enum grade book_grade(const struct roster *roster,
		      const struct book_record *deliver,
		      const struct book_record *receive)
{
	struct pubkey addressee = record_key(&deliver->rec, FACT_TO);
	bool is_sender = pubkey_eq(&receive->author, &deliver->author);
	bool is_own = deliver->rec.v[FACT_TO].n == KEY_SIZE &&
		      pubkey_eq(&receive->author, &addressee);

	/* PROTOCOL: Goods that move on need no voucher: they only change
	 * shelves inside the ledger. */
	if (is_own && !is_sender &&
	    (record_uint(&deliver->rec, FACT_FINAL) == 0 ||
	     is_vouched(roster, deliver, receive)))
		return GRADE_A;
	if (is_countersigned(roster, deliver, receive))
		return GRADE_B;
	if (is_sender || is_own || !record_has(&receive->rec, FACT_PAPER))
		return GRADE_D;
	/* PROTOCOL: **C** if it has `paper`, its author is not the carrier
	 * `by`, and the identity key that certified the feed of its newest
	 * version is vouched for towards the author of the delivery; */
	if (tally_is_party(roster, deliver, &receive->author) ||
	    !is_vouched(roster, deliver, receive))
		return GRADE_D;
	return GRADE_C;
}

/* PROTOCOL: Of several receipts of a delivery with one signature only the one
 * at the smallest (feed, seq) is of grade B, and of them 64 at most */
static bool is_repeated(struct tally *t, const struct book_record *receive)
{
	const struct value *sig = &receive->rec.v[FACT_RECEIPT_SIG];
	struct id id = hash_id(sig->p, sig->n);

	for (size_t i = 0; i < t->signed_n; i++)
		if (id_eq(&t->signatures[i], &id))
			return true;
	if (t->signed_n == TALLY_SIGNATURES)
		return true;
	t->signatures[t->signed_n++] = id;
	return false;
}

enum grade tally_grade(const struct tally *t, const struct book_record *receive)
{
	struct pubkey from = record_key(&receive->rec, FACT_FROM);
	enum grade g = book_grade(t->view->roster, t->deliver, receive);

	/* PROTOCOL: nor was it carrier or addressee in the first version of the
	 * delivery */
	if (g == GRADE_C &&
	    tally_is_party(t->view->roster, t->first, &receive->author))
		return GRADE_D;
	/* PROTOCOL: A receipt of a delivery that is not here is of grade D for
	 * its re-issue, unless its `from` is the author of the re-issue. */
	if (t->is_absent && !pubkey_eq(&from, &t->deliver->author))
		return GRADE_D;
	/* PROTOCOL: It is of grade D, too, if it says another `final` than the
	 * re-issue: */
	if (t->is_absent && record_has(&receive->rec, FACT_FINAL) &&
	    (record_uint(&receive->rec, FACT_FINAL) != 0) != t->is_final)
		return GRADE_D;
	/* PROTOCOL: A member's stock moves only by its own entries, so goods
	 * that move on arrive by grade A or not at all. */
	if (!t->is_final && g != GRADE_A)
		return GRADE_D;
	return g;
}

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

static int tally_accepted(struct tally *t, const struct book_record *receive,
			  enum grade g)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&receive->rec, FACT_ACCEPTED, lines);
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		size_t at = find_line(t, &lines[i]);

		if (at == SIZE_MAX) {
			t->over = t->over || g != GRADE_D;
			continue;
		}
		t->accepted[g][at] += lines[i].qty;
		if (!t->is_final && g == GRADE_A)
			err = emit_arrival(t, receive, &lines[i]);
	}
	return err;
}

/* Is (feed, seq) behind the place of the last refusal? */
static bool is_later(const struct tally *t, const struct book_record *rec)
{
	int c = pubkey_cmp(&rec->feed, &t->refused_in);

	return t->refused_seq == 0 || c > 0 ||
	       (c == 0 && rec->seq > t->refused_seq);
}

static void tally_refused(struct tally *t, const struct book_record *receive,
			  enum grade g)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&receive->rec, FACT_REFUSED, lines);

	for (size_t i = 0; i < n; i++) {
		size_t at = find_line(t, &lines[i]);

		if (at == SIZE_MAX) {
			t->over = t->over || g != GRADE_D;
			continue;
		}
		t->refused[g][at] += lines[i].qty;
		if (g != GRADE_D && is_later(t, receive)) {
			t->refused_in = receive->feed;
			t->refused_seq = receive->seq;
		}
	}
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
	struct book_record newest;
	bool occurred, silent;
	enum grade g;
	int err = reissue_is_silent(t->view, rec, &silent);

	if (err != 0 || silent)
		return err;
	book_copy(&newest, rec);
	err = book_newest(t->view, &newest, &occurred);
	if (err != 0 || !occurred)
		return err;
	if (newest.rec.kind == KIND_LOSE)
		tally_loss(t, &newest);
	if (newest.rec.kind != KIND_RECEIVE)
		return 0;
	g = tally_grade(t, &newest);
	if (g == GRADE_B && is_repeated(t, &newest))
		g = GRADE_D;
	err = tally_accepted(t, &newest, g);
	if (err == 0)
		tally_refused(t, &newest, g);
	return err;
}

static int tally_name(void *arg, const struct id *name, bool is_here)
{
	struct tally *t = arg;

	t->is_absent = !is_here;
	return t->view->refs(t->view->cookie, name, REF_DELIVER, tally_one, t);
}

void tally_start(struct tally *t, const struct book_view *view,
		 const struct book_record *deliver)
{
	t->view = view;
	t->deliver = deliver;
	t->first = deliver;
	t->emit = NULL;
	t->arg = NULL;
	t->is_final = record_uint(&deliver->rec, FACT_FINAL) != 0;
	t->is_service = record_uint(&deliver->rec, FACT_SERVICE) != 0;
	t->is_absent = false;
	t->over = false;
	t->refused_in = (struct pubkey){ { 0 } };
	t->refused_seq = 0;
	t->n = record_lines(&deliver->rec, FACT_LINES, t->line);
	for (size_t g = 0; g < GRADES; g++) {
		memset(t->accepted[g], 0, t->n * sizeof(t->accepted[g][0]));
		memset(t->refused[g], 0, t->n * sizeof(t->refused[g][0]));
	}
	memset(t->lost, 0, t->n * sizeof(t->lost[0]));
	t->signed_n = 0;
}

int tally_all(struct tally *t, const struct book_record *first)
{
	t->first = first;
	return reissue_names(t->view, first, tally_name, t);
}

static uint64_t beyond(uint64_t said, uint64_t known)
{
	return said > known ? said - known : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* PROTOCOL: Line by line, a lower grade adds only what it has beyond the
 * higher ones: of what it accepted and refused together, first what it
 * accepted more than they did, then what it refused more. */
void tally_line(const struct tally *t, size_t i,
		uint64_t accepted[static GRADES],
		uint64_t refused[static GRADES])
{
	uint64_t acc = 0, ref = 0;

	for (size_t g = 0; g < GRADES; g++) {
		uint64_t a = t->accepted[g][i], r = t->refused[g][i];
		uint64_t more = beyond(a + r, acc + ref);

		accepted[g] = least(beyond(a, acc), more);
		more -= accepted[g];
		refused[g] = least(beyond(r, ref), more);
		/* PROTOCOL: What is claimed is in transit, and never more than
		 * that: accepted' of D is at most what the last row below
		 * leaves, and two who claim the same goods claim them once. */
		if (g == GRADE_D)
			accepted[g] = least(
				accepted[g],
				beyond(t->line[i].qty, acc + ref + t->lost[i]));
		acc += accepted[g];
		ref += refused[g];
	}
}

/* Grades A to C: what counts as having happened. */
static int64_t good(const uint64_t by[static GRADES])
{
	return (int64_t)(by[GRADE_A] + by[GRADE_B] + by[GRADE_C]);
}

static int emit_sent(struct tally *t, size_t i,
		     const uint64_t acc[static GRADES])
{
	struct posting p = posting_at(t->deliver, &t->line[i]);
	int64_t qty = (int64_t)t->line[i].qty;
	int64_t lost = (int64_t)t->lost[i];

	p.delta[t->is_final ? COL_DELIVERED : COL_MOVED] = qty;
	/* PROTOCOL: A service is made by being delivered, and is on no shelf.
	 */
	if (t->is_service)
		p.delta[COL_PRODUCED] = qty;
	else
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
	p.delta[t->is_service ? COL_PRODUCED : COL_ON_HAND] =
		t->is_service ? -back : back;
	return t->emit(t->arg, &p);
}

int tally_delivery(struct tally *t, const struct book_view *view,
		   struct book_record *first, struct book_record *newest,
		   const struct id *deliver)
{
	bool occurred;
	int err = reissue_acting(view, first, deliver, KIND_DELIVER);

	if (err != 0)
		return err;
	book_copy(newest, first);
	err = book_newest(view, newest, &occurred);
	if (err == 0 && !occurred)
		err = ERR_STATE;
	if (err != 0)
		return err;
	tally_start(t, view, newest);
	return tally_all(t, first);
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
