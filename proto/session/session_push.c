#include "proto/session/session_priv.h"

#include "crypto/err.h"
#include "proto/session/pack.h"

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

void push_stop(struct session *s)
{
	list_stop(s);
	s->served.n = 0;
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
		struct pubkey feed;
		int err = 0;

		/* One that names nothing here, or not just one, is answered
		 * without a run. */
		if (row.is_short)
			err = s->host.named(s->host.cookie, &feed, row.feed.b);
		if (row.is_short && err == 0)
			row.feed = feed;
		if (err != 0 && err != ERR_NOT_FOUND) {
			session_trouble(s, err);
			return;
		}
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
	uint64_t to = row->to != 0 ? row->to : UINT64_MAX;
	uint64_t from = row->from;
	int err = 0;

	*more = true;
	while (*more && pack_room(&f->pack) >= ROOM_MIN) {
		struct run_writer w;

		pack_run_begin(&f->pack, &w, &row->feed, LIMIT_RUN_BYTES);
		/* PROTOCOL: A run that answers a row of FETCH with a feed that
		 * was cut has nil for prev, and cuts the feed likewise. */
		w.is_brief = row->is_short;
		err = s->host.read(s->host.cookie, &w, from, to, more);
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
	err = s->host.read(s->host.cookie, &w, seq + 1, UINT64_MAX, &more);
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
		err = list_dirty(s, &head, no);
		if (err == 0)
			err = push_run(s, &head, seq, &sent);
		if (err != 0 && err != ERR_NOT_FOUND)
			return err;
	}
	return 0;
}

int push_pump(struct session *s)
{
	int err = 0;

	if (s->serves && s->is_live && !s->is_listing && !s->is_hearing)
		err = push_moved(s);
	if (err == 0)
		err = list_pump(s);
	while (err == 0 && s->served.n > 0 && s->credit_out >= LIMIT_FRAME)
		err = serve(s);
	return err;
}
