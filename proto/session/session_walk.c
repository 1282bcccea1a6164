#include "proto/session/session_priv.h"

#include "crypto/err.h"
#include "proto/session/pack.h"

#include <stdlib.h>
#include <string.h>

/* Above this many buckets a listing of all heads is hardly longer. */
enum { BUCKETS_MANY = TREE_BUCKETS / 2 };

/* The key of this session's fingerprints: both nonces, the dialler's first. */
static struct secret print_key(const struct session *s)
{
	const uint8_t *mine = s->link.random, *theirs = s->hello.nonce;
	struct secret key;

	memcpy(key.b, s->link.is_dialled ? mine : theirs, MSG_NONCE);
	memcpy(key.b + MSG_NONCE, s->link.is_dialled ? theirs : mine,
	       MSG_NONCE);
	return key;
}

/* The tree of what we hold now, for the caller to free; NULL, and the session
 * has ended, when there is none. */
static struct digest_tree *tree_now(struct session *s)
{
	struct digest_tree *t = malloc(sizeof(*t));
	uint32_t end = s->host.head_end(s->host.cookie);
	int err = t == NULL ? ERR_NOMEM : 0;

	if (t != NULL)
		tree_init(t);
	for (uint32_t no = 0; no < end && err == 0; no++) {
		struct session_head head;

		err = s->host.head_at(s->host.cookie, &head, no);
		if (err == 0)
			tree_add(t, &head.feed, head.seq, &head.id);
		if (err == ERR_NOT_FOUND)
			err = 0;
	}
	if (err == 0)
		return t;
	free(t);
	session_trouble(s, err);
	return NULL;
}

void walk_begin(struct session *s)
{
	struct digest mine;

	s->host.frontier(s->host.cookie, &mine);
	if (!s->serves || s->is_listing || mine.count < WALK_MIN ||
	    s->heard.feeds < WALK_MIN) {
		list_all(s);
		return;
	}
	s->owes_top = true;
	s->is_walking = true;
	s->has_listed = false;
	s->listed_at = s->moves;
	s->is_stale = true;
	s->is_live = false;
	s->is_stuck = false;
	s->is_again = true;
}

/* Which of the 32 fingerprints differ: bit i for the i-th. */
static uint32_t differing(const uint8_t *a, const uint8_t *b)
{
	uint32_t mask = 0;

	for (unsigned i = 0; i < TREE_RADIX; i++)
		if (memcmp(a + (size_t)i * TREE_PRINT,
			   b + (size_t)i * TREE_PRINT, TREE_PRINT) != 0)
			mask |= 1U << i;
	return mask;
}

void walk_top(struct session *s, const uint8_t *prints)
{
	struct secret key = print_key(s);
	uint8_t mine[TREE_PRINTS];
	struct digest_tree *t;

	if (s->has_nodes) {
		session_bye(s, BYE_ORDER, "a walk within another");
		return;
	}
	/* To build a tree is work that a peer could ask for without end. */
	s->idle_rows += WALK_ROWS;
	if (s->idle_rows > IDLE_ROWS) {
		session_bye(s, BYE_FLOOD, "walks without end");
		return;
	}
	if (!s->serves) {
		list_all(s);
		return;
	}
	t = tree_now(s);
	if (t == NULL)
		return;
	tree_top(t, mine, &key);
	free(t);
	s->owes_nodes = differing(mine, prints);
	s->has_nodes = true;
}

void walk_nodes(struct session *s, const struct msg_list *m)
{
	struct secret key = print_key(s);
	struct msg_list rows = *m;
	struct msg_node row;
	struct buckets differ;
	struct digest_tree *t;

	if (!s->has_asked_top) {
		session_bye(s, BYE_ORDER, "NODES were not asked for");
		return;
	}
	s->has_asked_top = false;
	/* A listing that the peer began meanwhile has ended the walk. */
	if (!s->is_walking)
		return;
	s->is_walking = false;
	t = tree_now(s);
	if (t == NULL)
		return;
	buckets_empty(&differ);
	while (msg_next_node(&rows, &row)) {
		uint8_t mine[TREE_PRINTS];
		uint32_t mask;

		tree_node(t, mine, &key, row.i);
		mask = differing(mine, row.prints);
		for (unsigned k = 0; k < TREE_RADIX; k++)
			if ((mask >> k & 1) != 0)
				buckets_add(&differ, row.i * TREE_RADIX + k);
	}
	free(t);
	if (buckets_count(&differ) > BUCKETS_MANY)
		list_all(s);
	else if (buckets_count(&differ) > 0)
		list_some(s, &differ);
}

void walk_buckets(struct session *s, const struct msg_list *m)
{
	struct msg_list list = *m;
	unsigned bucket;

	if (s->has_scope) {
		session_bye(s, BYE_ORDER, "BUCKETS without a listing");
		return;
	}
	buckets_empty(&s->heard_scope);
	while (msg_next_bucket(&list, &bucket))
		buckets_add(&s->heard_scope, bucket);
	s->has_scope = true;
}

static int say_top(struct session *s)
{
	struct secret key = print_key(s);
	struct msg m = { .type = MSG_TOP };
	struct digest_tree *t = tree_now(s);
	uint8_t prints[TREE_PRINTS];

	if (t == NULL)
		return ERR_STATE;
	tree_top(t, prints, &key);
	free(t);
	m.u.top = prints;
	return session_send_msg(s, &m);
}

static int say_nodes(struct session *s)
{
	struct secret key = print_key(s);
	struct digest_tree *t = tree_now(s);
	const uint8_t *frame;
	struct pack p;
	size_t n;

	if (t == NULL)
		return ERR_STATE;
	pack_init(&p);
	for (unsigned i = 0; i < TREE_RADIX; i++) {
		uint8_t prints[TREE_PRINTS];
		struct msg_node row = { .i = i, .prints = prints };

		if ((s->owes_nodes >> i & 1) == 0)
			continue;
		tree_node(t, prints, &key, i);
		pack_node(&p, &row);
	}
	free(t);
	frame = pack_end(&p, &n, MSG_NODES, 0);
	return session_send(s, frame, n);
}

int walk_pump(struct session *s)
{
	int err = 0;

	if (s->owes_top) {
		err = say_top(s);
		if (err != 0)
			return err;
		s->owes_top = false;
		s->has_asked_top = true;
	}
	if (s->has_nodes) {
		err = say_nodes(s);
		if (err != 0)
			return err;
		s->has_nodes = false;
	}
	return 0;
}

bool walk_is_done(const struct session *s)
{
	return !s->owes_top && !s->is_walking && !s->has_nodes;
}
