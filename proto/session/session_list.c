#include "proto/session/session_priv.h"

#include "crypto/err.h"
#include "proto/session/pack.h"

#include <string.h>

/* Heads we hold may be news to the peer: those that came after `arrival`. */
static int dirty_since(struct session *s, uint64_t arrival)
{
	uint32_t end = s->host.head_end(s->host.cookie);
	int err = 0;

	for (uint32_t no = 0; s->serves && no < end && err == 0; no++) {
		struct session_head head;

		err = s->host.head_at(s->host.cookie, &head, no);
		if (err == 0 && head.arrival > arrival)
			err = bits_set(&s->dirty, no);
		if (err == ERR_NOT_FOUND)
			err = 0;
	}
	if (err != 0)
		session_trouble(s, err);
	return err;
}

/* Begin a listing.  One that is under way goes round once more and ends
 * once. */
static void begin(struct session *s, bool is_some)
{
	/* What the peer held once, or we did, may have been cut off. */
	memset(s->known, 0, sizeof(s->known));
	if (!s->is_listing) {
		s->owes_list = true;
		s->is_some = is_some;
		s->is_since = false;
	}
	s->is_listing = true;
	s->scan_no = 0;
	s->is_scan_rest = false;
	s->is_stale = true;
	s->is_live = false;
	s->is_stuck = false;
	s->is_again = true;
}

void list_all(struct session *s)
{
	s->has_listed = true;
	s->has_dropped = false;
	s->listed_at = s->moves;
	s->compared = s->heard;
	/* The other side answers a listing of some heads with some, so one of
	 * all has to wait for its end. */
	s->owes_all = s->is_listing && s->is_some;
	if (!s->owes_all && dirty_since(s, 0) == 0)
		begin(s, false);
}

void list_some(struct session *s)
{
	begin(s, true);
}

void list_since(struct session *s, uint64_t arrival)
{
	if (dirty_since(s, arrival) != 0)
		return;
	begin(s, true);
	s->is_since = true;
}

void list_hear(struct session *s, bool is_some)
{
	/* What it was sent may not have been taken: now it says what it has. */
	memset(s->known, 0, sizeof(s->known));
	/* What our own listing has said need not be said again. */
	if (!is_some && (!s->is_listing || s->is_some))
		dirty_since(s, 0);
	if (!is_some) {
		s->heard_at = s->moves;
		s->has_told_stuck = false;
		differ_begin(s);
	}
	/* Before we know who it is nothing is told: then, perhaps. */
	if (!s->is_met)
		s->has_dropped = true;
	s->has_heard = true;
	s->is_walking = false;
}

void list_covered(struct session *s, const struct session_head *mine,
		  const struct msg_head *row)
{
	if (row->seq < mine->seq ||
	    (row->seq == mine->seq && memcmp(row->id, mine->id.b, MSG_SHORT)))
		return;
	/* What is held of the peer's own feed is always told it: that
	 * may be all that is left of what it has lost. */
	if (s->is_met && pubkey_eq(&row->feed, &s->peer.feed) &&
	    row->seq > mine->seq)
		return;
	bits_clear(&s->dirty, mine->no);
	if (s->is_live)
		push_know(s, mine->no, row->seq);
}

void list_stop(struct session *s)
{
	bits_empty(&s->dirty);
	s->owes_list = false;
	s->is_listing = false;
	s->owes_all = false;
}

int list_dirty(struct session *s, struct session_head *head, uint32_t no)
{
	uint64_t seq;
	int err = s->host.head_at(s->host.cookie, head, no);

	if (err == 0 && push_is_known(s, no, &seq) && seq >= head->seq)
		err = ERR_NOT_FOUND;
	if (err == ERR_NOT_FOUND) {
		bits_clear(&s->dirty, no);
	} else if (err != 0) {
		session_trouble(s, err);
		err = ERR_STATE;
	}
	return err;
}

/* Rows of HEADS as they fill a frame. */
struct rows {
	struct pack pack;
	uint32_t no[LIMIT_HEADS];
	uint32_t next; /* where the scan stands */
};

/* Fill with dirty heads of one half: the feeds of those who may admit, or the
 * rest. */
static int scan(struct session *s, struct rows *rows)
{
	uint32_t no = bits_next(&s->dirty, s->scan_no);

	pack_init(&rows->pack);
	while (no != BITS_NONE && rows->pack.count < LIMIT_HEADS) {
		struct session_head head;
		struct msg_head row;
		int err = list_dirty(s, &head, no);

		if (err == 0 && head.is_first != s->is_scan_rest) {
			row.feed = head.feed;
			/* PROTOCOL: of a feed that both held when they were in
			 * step the first 8 bytes */
			row.is_short = s->is_since && no < s->self.cursor.end;
			row.seq = head.seq;
			memcpy(row.id, head.id.b, MSG_SHORT);
			rows->no[rows->pack.count] = no;
			pack_head(&rows->pack, &row);
		}
		if (err != 0 && err != ERR_NOT_FOUND)
			return err;
		no = bits_next(&s->dirty, no + 1);
	}
	rows->next = no;
	return 0;
}

/* Send one frame of heads, if there is one to send. */
static int say_heads(struct session *s)
{
	bool is_rest = s->is_scan_rest, is_end;
	unsigned flags = is_rest ? 0 : HEADS_FIRST;
	struct rows rows;
	const uint8_t *frame;
	size_t n;
	int err = scan(s, &rows);

	if (err != 0)
		return err;
	is_end = rows.next == BITS_NONE && is_rest;
	if (s->owes_list)
		flags |= HEADS_START | (s->is_some ? HEADS_SOME : 0U);
	if (is_end && s->is_listing)
		flags |= HEADS_END;
	if (rows.pack.count > 0 || (flags & (HEADS_START | HEADS_END)) != 0) {
		frame = pack_end(&rows.pack, &n, MSG_HEADS, flags);
		err = session_send(s, frame, n);
		if (err != 0)
			return err;
		s->owes_list = false;
	}
	for (uint32_t i = 0; i < rows.pack.count; i++)
		bits_clear(&s->dirty, rows.no[i]);
	if (is_end) {
		s->is_listing = false;
		s->is_since = false;
	}
	if (is_end && s->owes_all)
		list_all(s);
	s->scan_no = rows.next == BITS_NONE ? 0 : rows.next;
	if (rows.next == BITS_NONE)
		s->is_scan_rest = !is_rest;
	return 0;
}

int list_pump(struct session *s)
{
	int err = 0;

	/* While the peer lists, what it says spares us rows. */
	while (err == 0 &&
	       (s->is_listing || (s->dirty.count > 0 && !s->is_hearing)))
		err = say_heads(s);
	return err;
}
