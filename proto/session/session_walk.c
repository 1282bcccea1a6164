#include "proto/session/session_priv.h"

#include "crypto/err.h"
#include "proto/session/pack.h"

#include <stdlib.h>

void walk_begin(struct session *s)
{
	struct digest mine;

	s->host.frontier(s->host.cookie, &mine);
	if (!s->serves || s->is_listing || mine.count < WALK_MIN ||
	    s->heard.feeds < WALK_MIN || (s->hello.flags & HELLO_FINDS) == 0) {
		list_all(s);
		return;
	}
	s->owes_top = true;
	s->is_walking = true;
	s->has_listed = false;
	s->listed_at = s->moves;
	s->compared = s->heard;
	s->is_stale = true;
	s->is_live = false;
	s->is_stuck = false;
	s->is_again = true;
}

static bool is_top(const struct msg_list *m)
{
	struct msg_list rows = *m;
	struct msg_node row;

	return msg_next_node(&rows, &row) && row.node == TREE_TOP &&
	       row.form != PRINTS_UNKNOWN;
}

/* Is anything in it to be answered? */
static bool is_asking(const struct msg_list *m)
{
	struct msg_list rows = *m;
	struct msg_node row;

	while (msg_next_node(&rows, &row))
		if (row.form != PRINTS_UNKNOWN)
			return true;
	return false;
}

/* Answer what came.  Who has no more to ask begins the listing that ends the
 * walk. */
static void answer(struct session *s, const struct msg_list *m)
{
	struct pack *out = malloc(sizeof(*out));
	bool asks = false;
	int err = ERR_NOMEM;

	if (out != NULL)
		err = tree_answer(s, out, &asks, m);
	if (err != 0 || out->count == 0) {
		free(out);
		out = NULL;
	}
	if (err != 0) {
		session_trouble(s, err);
		return;
	}
	s->walk = out;
	s->is_walking = asks;
	if (asks)
		return;
	if (is_asking(m))
		list_some(s);
	else
		s->is_walking = !s->is_hearing;
}

void walk_take(struct session *s, const struct msg_list *m)
{
	if (!session_pay(s, LOOKS))
		return;
	/* PROTOCOL: When both begin at once, the dialler's goes on. */
	if (is_top(m) && s->link.is_dialled && !walk_is_done(s))
		return;
	if (is_top(m))
		s->owes_top = false;
	if (s->walk != NULL) {
		session_bye(s, BYE_ORDER, "a walk within another");
		return;
	}
	if (s->serves)
		answer(s, m);
	else
		list_all(s);
}

static int say(struct session *s)
{
	const uint8_t *frame;
	size_t n;
	int err;

	frame = pack_end(s->walk, &n, MSG_WALK, 0);
	err = session_send(s, frame, n);
	if (err != 0)
		return err;
	free(s->walk);
	s->walk = NULL;
	return 0;
}

int walk_pump(struct session *s)
{
	struct pack *top;
	int err;

	if (s->owes_top && s->walk == NULL) {
		top = malloc(sizeof(*top));
		err = top == NULL ? ERR_NOMEM : tree_begin(s, top);
		if (err != 0) {
			free(top);
			session_trouble(s, err);
			return ERR_STATE;
		}
		s->walk = top;
		s->owes_top = false;
	}
	return s->walk != NULL ? say(s) : 0;
}

bool walk_is_done(const struct session *s)
{
	return !s->owes_top && !s->is_walking && s->walk == NULL;
}
