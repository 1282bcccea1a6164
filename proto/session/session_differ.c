#include "proto/session/session_differ.h"

#include "crypto/err.h"
#include "proto/roster/roster_limit.h"
#include "proto/session/session_priv.h"

#include <string.h>

static void forget(struct differs *d, bool is_evidence)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < d->n; i++)
		if (d->row[i].is_evidence != is_evidence)
			d->row[kept++] = d->row[i];
	d->n = kept;
}

/* Where it stands among them, or d->n. */
static uint32_t find(const struct differs *d, const struct differ *x)
{
	uint32_t i = 0;

	while (i < d->n && (d->row[i].is_evidence != x->is_evidence ||
			    !pubkey_eq(&d->row[i].feed, &x->feed)))
		i++;
	return i;
}

static void put(struct differs *d, const struct differ *x)
{
	uint32_t i = find(d, x);

	if (i < DIFFERS)
		d->row[i] = *x;
	if (i == d->n && i < DIFFERS)
		d->n++;
}

static void take_out(struct differs *d, const struct differ *x)
{
	uint32_t i = find(d, x);

	if (i < d->n)
		d->row[i] = d->row[--d->n];
}

void differ_begin(struct session *s)
{
	forget(&s->differs, false);
	bits_empty(&s->differs.unseen);
	if (bits_fill(&s->differs.unseen, s->host.head_end(s->host.cookie)))
		session_trouble(s, ERR_NOMEM);
}

static bool is_same(const struct session_head *mine, const struct differ *x)
{
	return mine->seq == x->seq &&
	       (x->seq == 0 || memcmp(x->id, mine->id.b, MSG_SHORT) == 0);
}

void differ_row(struct session *s, const struct session_head *mine,
		const struct msg_head *row)
{
	struct differ x = { .feed = row->feed, .seq = row->seq };

	memcpy(x.id, row->id, MSG_SHORT);
	if (mine->seq > 0)
		bits_clear(&s->differs.unseen, mine->no);
	if (is_same(mine, &x))
		take_out(&s->differs, &x);
	else
		put(&s->differs, &x);
}

void differ_end(struct session *s)
{
	struct differs *d = &s->differs;
	uint32_t no = bits_next(&d->unseen, 0);

	for (; no != BITS_NONE && d->n < DIFFERS;
	     no = bits_next(&d->unseen, no + 1)) {
		struct session_head head;
		struct differ x = { .seq = 0 };
		int err;

		err = s->host.head_at(s->host.cookie, &head, no);
		if (err != 0 && err != ERR_NOT_FOUND)
			session_trouble(s, err);
		if (err != 0)
			continue;
		x.feed = head.feed;
		put(d, &x);
	}
	bits_release(&d->unseen);
}

/* What is held otherwise, of evidence; NULL when it is the same. */
static bool has_other(const struct session *s, const struct differ *x,
		      struct session_differ *out)
{
	const struct feed_limit *l =
		roster_limit(s->host.roster(s->host.cookie), &x->feed);
	uint64_t fork = l == NULL ? 0 : l->fork;
	uint64_t end = l == NULL ? 0 : l->end.seq;

	out->here = fork != x->seq ? fork : end;
	out->there = fork != x->seq ? x->seq : x->end;
	return fork != x->seq || end != x->end;
}

/* Is the evidence of this feed in the digests of this session? */
static bool is_compared(const struct session *s, const struct pubkey *feed)
{
	struct session_head head;

	return (s->self.scope.n == 0 && s->hello.scope.n == 0) ||
	       s->host.head(s->host.cookie, &head, feed) == 0;
}

void differ_limits(struct session *s)
{
	forget(&s->differs, true);
}

void differ_limit(struct session *s, const struct msg_limit *row)
{
	struct session_differ none;
	struct differ x = { .feed = row->feed,
			    .is_evidence = true,
			    .seq = row->fork,
			    .end = row->end };

	/* Lists may be long, and told again and again. */
	if (s->differs.n == DIFFERS)
		return;
	if (is_compared(s, &row->feed) && has_other(s, &x, &none))
		put(&s->differs, &x);
}

/* The same of heads. */
static bool is_other(const struct session *s, const struct differ *x,
		     struct session_differ *out)
{
	struct session_head mine;

	if (s->host.head(s->host.cookie, &mine, &x->feed) != 0)
		mine.seq = 0;
	out->here = mine.seq;
	out->there = x->seq;
	return !is_same(&mine, x);
}

size_t session_differs(const struct session *s, bool *roster,
		       struct session_differ out[static SESSION_DIFFERS])
{
	const struct differs *d = &s->differs;
	size_t n = 0;

	bool heads = s->told.feeds != s->heard.feeds ||
		     !id_eq(&s->told.frontier, &s->heard.frontier);

	*roster = !id_eq(&s->told.roster, &s->heard.roster);
	for (uint32_t i = 0; i < d->n && n < SESSION_DIFFERS; i++) {
		const struct differ *x = &d->row[i];

		out[n].feed = x->feed;
		out[n].is_evidence = x->is_evidence;
		if (x->is_evidence ? *roster && has_other(s, x, &out[n])
				   : heads && is_other(s, x, &out[n]))
			n++;
	}
	return n;
}

void differ_tell(struct session *s)
{
	struct session_differ row[SESSION_DIFFERS];
	struct session_note note = { .event = SESSION_STUCK, .differs = row };
	bool roster;

	note.differs_n = session_differs(s, &roster, row);
	s->host.event(s->host.cookie, &note);
}
