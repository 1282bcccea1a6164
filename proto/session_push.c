#include "proto/session_priv.h"

#include "crypto/err.h"
#include "proto/pack.h"

#include <stdlib.h>
#include <string.h>

enum {
	ROWS_MIN = 16,
	ROOM_MIN = 1024 /* bytes: below, no entry is looked for that may fit */
};

bool push_is_known(const struct session *s, uint32_t no, uint64_t *seq)
{
	for (unsigned i = 0; i < KNOWN; i++)
		if (s->known[i].is_set && s->known[i].no == no) {
			*seq = s->known[i].seq;
			return true;
		}
	return false;
}

void push_know(struct session *s, uint32_t no, uint64_t seq)
{
	unsigned at = s->known_at;

	for (unsigned i = 0; i < KNOWN; i++)
		if (s->known[i].is_set && s->known[i].no == no)
			at = i;
	if (s->known[at].is_set && s->known[at].no == no) {
		if (s->known[at].seq < seq)
			s->known[at].seq = seq;
		return;
	}
	s->known[at].no = no;
	s->known[at].seq = seq;
	s->known[at].is_set = true;
	s->known_at = (at + 1) % KNOWN;
}

/* Every head we hold may be news to the peer. */
static int dirty_all(struct session *s)
{
	int err = 0;

	if (s->serves)
		err = bits_fill(&s->dirty, s->host.head_end(s->host.cookie));
	if (err != 0)
		session_trouble(s, err);
	return err;
}

void push_list(struct session *s)
{
	if (dirty_all(s) != 0)
		return;
	/* One that is under way goes round once more and ends once. */
	if (!s->is_listing)
		s->owes_list = true;
	s->is_listing = true;
	s->scan_no = 0;
	s->is_scan_rest = false;
	s->listed_at = s->moves;
	s->is_stale = true;
	s->is_live = false;
	s->is_stuck = false;
	s->has_dropped = false;
	s->is_again = true;
}

void push_hear(struct session *s)
{
	/* What it was sent may not have been taken: now it says what it has. */
	memset(s->known, 0, sizeof(s->known));
	/* What our own listing has said need not be said again. */
	if (!s->is_listing)
		dirty_all(s);
}

void push_covered(struct session *s, const struct session_head *mine,
		  const struct msg_head *row)
{
	if (row->seq < mine->seq ||
	    (row->seq == mine->seq && memcmp(row->id, mine->id.b, MSG_SHORT)))
		return;
	bits_clear(&s->dirty, mine->no);
	if (s->is_live)
		push_know(s, mine->no, row->seq);
}

void push_stop(struct session *s)
{
	bits_empty(&s->dirty);
	s->served.n = 0;
	s->owes_list = false;
	s->is_listing = false;
}

bool push_is_done(const struct session *s)
{
	return !s->is_listing && s->dirty.count == 0 && s->served.n == 0;
}

static int grow_served(struct served *v, uint32_t n)
{
	uint32_t max = v->max == 0 ? ROWS_MIN : v->max;
	struct msg_want *row;

	while (max < n)
		max *= 2;
	if (max == v->max)
		return 0;
	row = malloc(max * sizeof(*row));
	if (row == NULL)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < v->n; i++)
		row[i] = v->row[(v->at + i) % v->max];
	free(v->row);
	v->row = row;
	v->max = max;
	v->at = 0;
	return 0;
}

void push_fetch(struct session *s, const struct msg_list *m)
{
	struct msg_list rows = *m;
	struct msg_want row;

	if (!s->serves) {
		session_bye(s, BYE_DENIED, bye_text(BYE_DENIED));
		return;
	}
	if (s->served.n + rows.count > MSG_ROWS_MAX) {
		session_bye(s, BYE_FLOOD, "too many rows of FETCH");
		return;
	}
	if (grow_served(&s->served, s->served.n + rows.count) != 0) {
		session_trouble(s, ERR_NOMEM);
		return;
	}
	while (msg_next_want(&rows, &row)) {
		struct served *v = &s->served;

		v->row[(v->at + v->n) % v->max] = row;
		v->n++;
	}
}

/* A RUN frame as it fills, and how far it brings the rows asked for. */
struct filling {
	struct pack pack;
	uint32_t done;    /* rows that end with it */
	uint64_t from;    /* where the row after these goes on */
	uint64_t entries; /* in it */
};

/* Put what fits of one row into the frame; *more when some is left. */
static int fill_row(struct session *s, struct filling *f,
		    const struct msg_want *row, bool *more)
{
	uint64_t from = row->from;
	int err = 0;

	*more = true;
	while (*more && pack_room(&f->pack) >= ROOM_MIN) {
		struct run_writer w;

		pack_run_begin(&f->pack, &w, &row->feed, LIMIT_RUN_BYTES);
		err = s->host.read(s->host.cookie, &w, from, more);
		if (err == ERR_NOT_FOUND) {
			*more = false;
			return 0;
		}
		if (err != 0)
			return err;
		pack_run_end(&f->pack, &w);
		from += w.count;
		f->entries += w.count;
		if (w.count == 0)
			break;
	}
	f->from = from;
	return 0;
}

static int fill(struct session *s, struct filling *f)
{
	bool more = false;

	pack_init(&f->pack);
	f->done = 0;
	f->entries = 0;
	while (!more && f->done < s->served.n &&
	       pack_room(&f->pack) >= ROOM_MIN) {
		uint32_t at = (s->served.at + f->done) % s->served.max;
		int err = fill_row(s, f, &s->served.row[at], &more);

		if (err != 0)
			return err;
		if (!more)
			f->done++;
	}
	/* An entry that does not fit an empty frame does not exist. */
	if (f->done == 0 && f->pack.count == 0)
		return ERR_LIMIT;
	if (!more)
		f->from = 0;
	return 0;
}

/* Send one frame of what was asked for. */
static int serve(struct session *s)
{
	struct filling f;
	const uint8_t *frame;
	size_t n;
	int err = fill(s, &f);

	if (err != 0) {
		session_trouble(s, err);
		return ERR_STATE;
	}
	frame = pack_end(&f.pack, &n, MSG_RUN, f.done);
	err = session_send(s, frame, n);
	if (err != 0)
		return err;
	s->credit_out -= n;
	s->stats.entries_out += f.entries;
	s->served.at = (s->served.at + f.done) % s->served.max;
	s->served.n -= f.done;
	if (f.from != 0)
		s->served.row[s->served.at].from = f.from;
	return 0;
}

/* Send the entries of feed no after seq, if they are few; *sent tells. */
static int push_run(struct session *s, const struct session_head *head,
		    uint64_t seq, bool *sent)
{
	struct run_writer w;
	struct pack pack;
	const uint8_t *frame;
	size_t n;
	bool more;
	int err;

	*sent = false;
	pack_init(&pack);
	pack_run_begin(&pack, &w, &head->feed, SESSION_PUSH_MAX);
	err = s->host.read(s->host.cookie, &w, seq + 1, &more);
	if (err == ERR_NOT_FOUND || (err == 0 && (more || w.count == 0)))
		return 0;
	if (err != 0) {
		session_trouble(s, err);
		return ERR_STATE;
	}
	pack_run_end(&pack, &w);
	frame = pack_end(&pack, &n, MSG_PUSH, 0);
	err = session_send(s, frame, n);
	if (err != 0)
		return err;
	s->credit_out -= n;
	s->stats.entries_out += w.count;
	push_know(s, head->no, seq + w.count);
	bits_clear(&s->dirty, head->no);
	*sent = true;
	return 0;
}

/* The head of a dirty feed that the peer should be told of; ERR_NOT_FOUND, and
 * the feed is not dirty any more, when there is none. */
static int dirty_head(struct session *s, struct session_head *head, uint32_t no)
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

/* PROTOCOL: A head that moves while nothing else is under way goes out with
 * its entries, if the other side held the entry before and they are few. */
static int push_moved(struct session *s)
{
	uint32_t no = bits_next(&s->dirty, 0);

	for (; no != BITS_NONE; no = bits_next(&s->dirty, no + 1)) {
		struct session_head head;
		uint64_t seq;
		bool sent;
		int err;

		if (s->credit_out < LIMIT_FRAME)
			return 0;
		if (!push_is_known(s, no, &seq))
			continue;
		err = dirty_head(s, &head, no);
		if (err == 0)
			err = push_run(s, &head, seq, &sent);
		if (err != 0 && err != ERR_NOT_FOUND)
			return err;
	}
	return 0;
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
		int err = dirty_head(s, &head, no);

		if (err == 0 && head.is_first != s->is_scan_rest) {
			row.feed = head.feed;
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
		flags |= HEADS_START;
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
	if (is_end)
		s->is_listing = false;
	s->scan_no = rows.next == BITS_NONE ? 0 : rows.next;
	if (rows.next == BITS_NONE)
		s->is_scan_rest = !is_rest;
	return 0;
}

int push_pump(struct session *s)
{
	int err = 0;

	if (s->serves && s->is_live && !s->is_listing && !s->is_hearing)
		err = push_moved(s);
	/* While the peer lists, what it says spares us rows. */
	while (err == 0 &&
	       (s->is_listing || (s->dirty.count > 0 && !s->is_hearing)))
		err = say_heads(s);
	while (err == 0 && s->served.n > 0 && s->credit_out >= LIMIT_FRAME)
		err = serve(s);
	return err;
}
