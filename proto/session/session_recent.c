#include "proto/session/session_recent.h"

#include "crypto/err.h"

bool recent_is_known(const struct session *s)
{
	return (s->hello.flags & HELLO_PARTS) != 0;
}

/* Lists of feeds that do not make the roster, in the order of enum want_list:
 * what is in them waits to be asked for. */
enum { WAITING_FIRST = WANT_KNOWN, WAITING_LAST = WANT_LONGEST };

/* So long after something began to be wanted it is looked at first, and then
 * again. */
static uint64_t after_ms(const struct session *s)
{
	return s->link.recent_ms != 0 ? s->link.recent_ms : SESSION_RECENT_MS;
}

/* Entries that came in answers. */
static uint64_t come(const struct session *s)
{
	return s->stats.entries_in + s->recent_n;
}

/* So many entries are here soon: on a fast link the newest ones would only be
 * checked twice. */
static uint64_t soon(const struct session *s)
{
	uint64_t least = s->link.recent_min != 0 ? s->link.recent_min
						 : SESSION_RECENT_MIN;
	uint64_t elapsed_ms = s->now_ms - s->taking_ms;
	uint64_t n = (come(s) - s->taking_n) * RECENT_SOON * after_ms(s) /
		     (elapsed_ms > 0 ? elapsed_ms : 1);

	return n > least ? n : least;
}

/* Is more to come of them than is worth while?  What a peer claims adds up to
 * something even if it lies. */
static bool is_much(struct session *s)
{
	uint64_t left = 0, least = soon(s);

	for (int list = WAITING_FIRST; list <= WAITING_LAST; list++) {
		const struct want *row =
			wants_head(&s->wants, (enum want_list)list);

		for (; row != NULL; row = wants_next(&s->wants, row)) {
			struct session_head mine;

			if (session_held(s, &mine, &row->feed) != 0)
				return false;
			if (row->target > mine.seq)
				left += row->target - mine.seq;
			if (left > least)
				return true;
		}
	}
	return false;
}

/* Put what waits where its newest entries are asked for. */
static void sort_anew(struct session *s)
{
	for (int list = WAITING_FIRST; list <= WAITING_LAST; list++) {
		struct want *row = wants_head(&s->wants, (enum want_list)list);

		while (row != NULL) {
			struct want *next = wants_next(&s->wants, row);
			struct session_head mine;

			if (session_held(s, &mine, &row->feed) != 0)
				return;
			if (pull_list(s, row, mine.seq) == WANT_RECENT)
				wants_move(&s->wants, row, WANT_RECENT);
			row = next;
		}
	}
}

/* PROTOCOL: When a node has been taking for 2 seconds, and more than 1024
 * entries are still to come of feeds that do not make the roster, and more
 * than would come in 16 seconds at the pace so far, it asks for the newest
 * entries first */
void recent_look(struct session *s)
{
	if (wants_total(&s->wants) == s->wants.count[WANT_ASIDE]) {
		s->is_taking = false;
		s->is_recent = false;
		return;
	}
	if (!s->is_taking) {
		s->is_taking = true;
		s->taking_ms = s->looked_ms = s->now_ms;
		s->taking_n = come(s);
	}
	if (s->is_recent || !s->takes || !recent_is_known(s) ||
	    s->now_ms < s->looked_ms + after_ms(s))
		return;
	s->looked_ms = s->now_ms;
	s->is_recent = is_much(s);
	if (s->is_recent)
		sort_anew(s);
}

bool recent_is_seen(struct session *s, const struct want *row)
{
	uint8_t buf[SESSION_RECENT_BYTES];
	struct run kept;

	return row->is_seen || row->back > 0 ||
	       pubkey_eq(&row->feed, &s->self.feed) ||
	       (s->host.recent(s->host.cookie, &kept, &row->feed, buf) == 0 &&
		kept.from + kept.count > row->target);
}

/* The first of the newest entries, of which the last has this seq. */
static uint64_t first_of(uint64_t last)
{
	return last - (SESSION_RECENT - 1);
}

bool recent_ask(const struct session *s, struct msg_want *out, struct want *row,
		uint64_t held)
{
	if (!recent_is_known(s) || row->target - held <= RECENT_LEFT)
		return false;
	/* PROTOCOL: Of a feed of which it holds nothing it asks for the first
	 * entry before, which says whose the feed is. */
	row->is_recent = held > 0;
	out->from = row->is_recent ? first_of(row->target) : 1;
	out->to = row->is_recent ? row->target : 1;
	return true;
}

static void keep(struct session *s, struct want *row, const struct run *run)
{
	const struct run_entry *at = NULL;
	uint32_t good = 0;
	int err = s->host.check(s->host.cookie, &at, &good, run, &run->prev);

	if (err == ERR_SIGNATURE) {
		row->err = ERR_SIGNATURE;
		return;
	}
	if (err != 0) {
		session_bye(s, BYE_LIE, bye_text(BYE_LIE));
		return;
	}
	err = s->host.keep(s->host.cookie, run, at, good);
	if (err != 0 && err != ERR_EXISTS && err != ERR_DENIED &&
	    err != ERR_CONFLICT && err != ERR_LIMIT)
		session_trouble(s, err);
}

void recent_take(struct session *s, struct want *row, const struct run *run)
{
	if (run->from != row->to - row->span + 1) {
		session_bye(s, BYE_ORDER, "entries not asked for");
		return;
	}
	row->span -= run->count;
	s->asked_n -= run->count;
	s->recent_n += run->count;
	/* Where a frame was full the rest comes in the next one, by itself. */
	if (row->span == 0)
		keep(s, row, run);
}

void recent_done(struct session *s, struct want *row)
{
	struct session_head mine;
	bool is_lie = row->err != 0 || row->span > 0;

	row->err = 0;
	row->is_recent = false;
	row->is_seen = true;
	if (session_held(s, &mine, &row->feed) != 0)
		return;
	wants_move(&s->wants, row, pull_list(s, row, mine.seq));
	if (is_lie)
		session_lie(s, "newest entries that come to nothing");
}

/* PROTOCOL: When what came goes up to there and its last id is what they
 * follow, they are taken in as if they had come then; else they are dropped,
 * and asked for like others. */
void recent_join(struct session *s, const struct pubkey *feed)
{
	uint8_t buf[SESSION_RECENT_BYTES];
	struct session_head mine;
	struct run kept;
	uint32_t good;
	int err = ERR_CHAIN;

	if (s->host.recent(s->host.cookie, &kept, feed, buf) != 0 ||
	    session_held(s, &mine, feed) != 0 || kept.from != mine.seq + 1)
		return;
	if (id_eq(&kept.prev, &mine.id))
		err = take_in(s, &kept, &good);
	if (err != 0 && err != ERR_STATE)
		err = s->host.drop(s->host.cookie, feed);
	if (err != 0 && err != ERR_STATE)
		session_trouble(s, err);
}
