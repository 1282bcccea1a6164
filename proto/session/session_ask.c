#include "proto/session/session_recent.h"

#include "crypto/err.h"
#include "proto/session/pack.h"

#include <string.h>

/* Give the feeds that were nobody's another chance: the roster has changed. */
static void retry(struct session *s)
{
	struct want *row = wants_head(&s->wants, WANT_ASIDE);

	s->has_news = false;
	/* What was left out may make the roster by now: hear it all again. */
	if (s->has_dropped && !s->takes && s->has_begun)
		list_all(s);
	while (row != NULL) {
		struct want *next = wants_next(&s->wants, row);

		if (row->err == ERR_DENIED) {
			row->err = 0;
			wants_move(&s->wants, row, pull_list(s, row, 0));
		}
		row = next;
	}
}

/* A FETCH frame as it fills: so many rows from the head of each list. */
struct asking {
	struct pack pack;
	uint32_t n[WANT_LISTS];
	uint64_t span; /* entries that these are to bring */
};

/* So many entries may be under way: what is asked for cannot be taken back, and
 * how fast they come is seen only when they do.  Those that make the roster
 * come first whatever they are. */
static uint64_t asked_max(const struct session *s)
{
	return recent_is_known(s)
		       ? ASKED_MIN + (s->stats.entries_in + s->recent_n) / 2
		       : UINT64_MAX / 2;
}

static uint64_t room(const struct session *s, const struct asking *ask)
{
	uint64_t under_way = s->asked_n + ask->span, max = asked_max(s);

	return under_way < max ? max - under_way : 0;
}

/* From where, and up to where, a row is asked for in the usual order. */
static void ask_part(struct session *s, struct msg_want *out,
		     const struct want *row, uint64_t held, uint64_t most)
{
	struct run kept;
	uint8_t buf[SESSION_RECENT_BYTES];

	out->from = held + 1;
	if (!recent_is_known(s) || row->is_first)
		return;
	/* PROTOCOL: History is then asked for up to where these begin, and
	 * they are not sent again. */
	if (s->host.recent(s->host.cookie, &kept, &row->feed, buf) == 0 &&
	    kept.from > held + 1 && kept.from <= row->target)
		out->to = kept.from - 1;
	if (most < ASKED_MIN)
		most = ASKED_MIN;
	if (most < (out->to != 0 ? out->to : row->target) - held)
		out->to = held + most;
}

/* What to ask of a row of which there is more to come. */
static void plan(struct session *s, const struct asking *ask,
		 struct msg_want *out, struct want *row, enum want_list list,
		 uint64_t held)
{
	bool is_own = pubkey_eq(&row->feed, &s->self.feed);
	bool is_whole = s->own_whole && is_own;
	uint64_t last;

	row->is_recent = false;
	if (is_whole || row->back > held)
		out->from = 1;
	else if (row->back > 0 || list == WANT_FIRST || list == WANT_ALONE)
		out->from = held + 1 - row->back;
	else if (list != WANT_RECENT || !recent_ask(s, out, row, held))
		ask_part(s, out, row, held, room(s, ask));
	last = out->to != 0 ? out->to : row->target;
	row->to = out->to;
	row->span = 0;
	if (list != WANT_FIRST && !row->is_first && last >= out->from)
		row->span = last - out->from < UINT32_MAX
				    ? (uint32_t)(last - out->from + 1)
				    : UINT32_MAX;
	row->is_short =
		row->tries == 0 && row->back == 0 && !is_own && !row->is_recent;
	row->is_met = false;
	out->is_short = row->is_short;
}

/* False when it has to wait until less is under way. */
static bool ask_row(struct session *s, struct asking *ask, struct want *row,
		    enum want_list list, uint64_t held)
{
	struct msg_want out = { .feed = row->feed };

	plan(s, ask, &out, row, list, held);
	if (row->span > room(s, ask) && s->asked_n + ask->span > 0)
		return false;
	pack_want(&ask->pack, &out);
	ask->n[list]++;
	ask->span += row->span;
	return true;
}

static int ask_from(struct session *s, struct asking *ask, enum want_list list,
		    uint32_t max)
{
	struct want *row = wants_head(&s->wants, list);

	while (row != NULL && ask->pack.count < LIMIT_HEADS &&
	       ask->n[list] < max) {
		struct want *next = wants_next(&s->wants, row);
		struct session_head mine;
		bool is_whole =
			s->own_whole && pubkey_eq(&row->feed, &s->self.feed);

		if (session_held(s, &mine, &row->feed) != 0)
			return ERR_STATE;
		/* Another session may have brought it. */
		if (row->back == 0 && !is_whole &&
		    (mine.seq >= row->target ||
		     is_ended(s, &row->feed, mine.seq)))
			wants_drop(&s->wants, row);
		else if (!ask_row(s, ask, row, list, mine.seq))
			break;
		row = next;
	}
	return 0;
}

/* How many rows of a list of long feeds may be asked for now.  What is asked
 * for cannot be taken back, and whatever moves meanwhile waits behind it. */
static uint32_t long_room(const struct session *s, uint32_t weight)
{
	return (LONG_MAX_ASKED - s->long_asked) / weight;
}

/* PROTOCOL: So that most feeds are there long before all history is, feeds of
 * which more than 256 entries are to come are asked for when there are no
 * others, and those of more than 4096 last. */
static int gather_long(struct session *s, struct asking *ask)
{
	const uint32_t *count = s->wants.count;

	if (s->is_hearing || count[WANT_KNOWN] != 0 || count[WANT_REST] != 0)
		return 0;
	if (count[WANT_LONG] != 0)
		return ask_from(s, ask, WANT_LONG, long_room(s, 1));
	return ask_from(s, ask, WANT_LONGEST, long_room(s, LONGEST_WEIGHT));
}

/* What is not for the roster, in the order of its use. */
static int gather_rest(struct session *s, struct asking *ask)
{
	const uint32_t *count = s->wants.count;
	/* PROTOCOL: Feeds of members who may admit are asked for first, and
	 * feeds that it does not know only when it has these. */
	bool has_first = count[WANT_FIRST] == 0 && s->first_asked == 0;
	int err = 0;

	if (has_first)
		err = ask_from(s, ask, WANT_RECENT, UINT32_MAX);
	/* PROTOCOL: Before any more history it asks for the newest entries of
	 * all feeds. */
	if (err != 0 || count[WANT_RECENT] > ask->n[WANT_RECENT])
		return err;
	err = ask_from(s, ask, WANT_KNOWN, UINT32_MAX);
	if (err == 0 && has_first)
		err = ask_from(s, ask, WANT_REST, UINT32_MAX);
	if (err == 0 && has_first)
		err = gather_long(s, ask);
	return err;
}

static int gather(struct session *s, struct asking *ask)
{
	const uint32_t *count = s->wants.count;
	int err;

	pack_init(&ask->pack);
	memset(ask->n, 0, sizeof(ask->n));
	ask->span = 0;
	err = ask_from(s, ask, WANT_FIRST, UINT32_MAX);
	/* Not each few entries a frame of their own. */
	if (err == 0 && 2 * s->asked_n <= asked_max(s))
		err = gather_rest(s, ask);
	if (err == 0 && ask->pack.count == 0 && count[WANT_ASKED] == 0)
		err = ask_from(s, ask, WANT_ALONE, 1);
	return err;
}

uint32_t pull_weight(const struct want *row)
{
	return row->is_longest ? LONGEST_WEIGHT : row->is_long;
}

/* What was sent is under way now. */
static void asked(struct session *s, const struct asking *ask)
{
	for (unsigned list = 0; list < WANT_LISTS; list++)
		for (uint32_t i = 0; i < ask->n[list]; i++) {
			struct want *row =
				wants_head(&s->wants, (enum want_list)list);

			row->is_alone = list == WANT_ALONE;
			row->is_long = list == WANT_LONG;
			row->is_longest = list == WANT_LONGEST;
			s->first_asked += row->is_first;
			s->long_asked += pull_weight(row);
			s->asked_n += row->span;
			wants_move(&s->wants, row, WANT_ASKED);
		}
}

int pull_pump(struct session *s)
{
	const uint32_t *count = s->wants.count;

	recent_look(s);
	if (s->has_news && count[WANT_FIRST] == 0 && s->first_asked == 0)
		retry(s);
	/* A row asked alone stays alone. */
	if (count[WANT_ASKED] == 1 &&
	    wants_head(&s->wants, WANT_ASKED)->is_alone)
		return 0;
	while (count[WANT_ASKED] + LIMIT_HEADS <= MSG_ROWS_MAX) {
		struct asking ask;
		const uint8_t *frame;
		size_t n;
		int err = gather(s, &ask);

		if (err == 0 && ask.pack.count == 0)
			return 0;
		if (err != 0)
			return err;
		frame = pack_end(&ask.pack, &n, MSG_FETCH, 0);
		err = session_send(s, frame, n);
		if (err != 0)
			return err;
		asked(s, &ask);
		if (ask.n[WANT_ALONE] > 0)
			return 0;
	}
	return 0;
}
