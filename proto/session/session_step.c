#include "proto/session/session_priv.h"

#include "crypto/err.h"
#include "proto/roster/roster.h"

#include <string.h>

void step_stand(struct session *s, struct stand *out)
{
	struct digest d;

	s->host.frontier(s->host.cookie, &d);
	memset(out, 0, sizeof(*out));
	out->feeds = d.count;
	out->frontier = digest_id(&d);
	out->roster = s->host.digest(s->host.cookie);
	out->arrival = s->host.arrival(s->host.cookie);
}

bool step_is_same(const struct stand *a, const struct stand *b)
{
	return a->feeds == b->feeds && id_eq(&a->frontier, &b->frontier) &&
	       id_eq(&a->roster, &b->roster);
}

/* Is nothing left to be told, given or taken? */
static bool is_settled(const struct session *s)
{
	return s->has_begun && s->serves && push_is_done(s) &&
	       pull_is_done(s) && limits_are_done(s) && walk_is_done(s);
}

bool session_in_step(const struct session *s)
{
	return !s->is_closed && !s->is_stale && !s->owes_digest &&
	       is_settled(s) && step_is_same(&s->told, &s->heard);
}

/* Has a side moved since we last began to compare?  The other one alone could
 * have us compare without end. */
static bool has_moved(struct session *s)
{
	if (s->listed_at != s->moves)
		return true;
	if (step_is_same(&s->compared, &s->heard))
		return false;
	return session_pay(s, LOOKS);
}

/* Only a change can help: tell it, with what differs. */
static void stuck(struct session *s)
{
	if ((s->is_stuck && s->has_told_stuck) || s->is_closed)
		return;
	if (!s->is_stuck)
		s->stuck_ms = s->now_ms;
	s->is_stuck = true;
	s->is_live = true;
	s->has_told_stuck = true;
	differ_tell(s);
}

/* Both have all that the other told, and yet they differ.  Compare heads; if
 * nothing has come since that was done, all heads; and if that was done, only a
 * change can help.  (Relays that never agree would go on for ever; see nips
 * issue 540.) */
static void differ(struct session *s)
{
	if (!id_eq(&s->told.roster, &s->heard.roster))
		limits_tell(s);
	if (has_moved(s))
		walk_begin(s);
	else if (!s->has_listed)
		list_all(s);
	else
		stuck(s);
}

/* We answered, and yet they differ; and nothing has come since the other side
 * has listed all heads.  So it is stuck, and has to know what we have. */
static void answered_otherwise(struct session *s)
{
	if (s->heard_at != s->moves)
		return;
	if (has_moved(s) || !s->has_listed)
		list_all(s);
	else
		stuck(s);
}

void step_digest(struct session *s, const struct msg_digest *m)
{
	s->heard.feeds = m->feeds;
	s->heard.frontier = m->frontier;
	s->heard.roster = m->roster;
	s->heard.arrival = m->arrival;
	if (m->ask) {
		s->owes_digest = true;
		return;
	}
	if (!s->asks) {
		session_bye(s, BYE_ORDER, "DIGEST was not asked for");
		return;
	}
	s->asks = false;
	if (!step_is_same(&s->told, &s->heard)) {
		/* What was told since the question is not in the answer. */
		if (s->is_stale || !is_settled(s) || s->asked_at != s->moves)
			s->is_stale = true;
		else
			differ(s);
	}
}

static int say(struct session *s, bool ask)
{
	struct msg m = { .type = MSG_DIGEST };
	struct stand now;
	int err = s->host.flush(s->host.cookie);

	if (err == ERR_BUSY)
		return err;
	if (err != 0) {
		session_trouble(s, err);
		return ERR_STATE;
	}
	step_stand(s, &now);
	m.u.digest.ask = ask;
	m.u.digest.feeds = now.feeds;
	m.u.digest.frontier = now.frontier;
	m.u.digest.roster = now.roster;
	m.u.digest.arrival = now.arrival;
	err = session_send_msg(s, &m);
	if (err != 0)
		return err;
	s->told = now;
	s->is_stale = false;
	return 0;
}

int step_pump(struct session *s)
{
	int err;

	if (!is_settled(s))
		return 0;
	if (s->owes_digest) {
		err = say(s, false);
		if (err != 0)
			return err;
		s->owes_digest = false;
		/* What was nobody's when it was offered may have come since. */
		if (!id_eq(&s->told.roster, &s->heard.roster))
			limits_tell(s);
		if (!step_is_same(&s->told, &s->heard))
			answered_otherwise(s);
	}
	if (!s->is_stale || s->asks)
		return 0;
	/* While entries trickle in, one question for all of them. */
	if (s->is_live && s->now_ms < s->moved_ms + SESSION_QUIET_MS)
		return 0;
	err = say(s, true);
	if (err != 0)
		return err;
	s->asks = true;
	s->asked_at = s->moves;
	return 0;
}
