#include "proto/session/session_priv.h"

#include "crypto/err.h"
#include "proto/session/pack.h"

#include <stdlib.h>
#include <string.h>

/*
 * What this side holds below some nodes of the tree, and what follows from what
 * the other side said of them.
 */

/* One node. */
struct part {
	uint32_t node;
	enum msg_prints form;
	const uint8_t *theirs; /* fingerprints that came */
	uint32_t theirs_n;     /* how many */
	bool *is_met;          /* PRINTS_HEADS that came: we hold that head */
	struct digest *child;  /* PRINTS_CHILDREN: ours */
	uint8_t *mine;         /* PRINTS_HEADS to be told */
	uint32_t mine_n, mine_max;
};

/* Nodes in rising order, none above another. */
struct parts {
	struct part *at;
	uint32_t n;
	unsigned depths; /* bit d: there are nodes at depth d */
	struct secret key;
};

static void parts_release(struct parts *p)
{
	for (uint32_t i = 0; p->at != NULL && i < p->n; i++) {
		free(p->at[i].is_met);
		free(p->at[i].child);
		free(p->at[i].mine);
	}
	free(p->at);
}

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

static int parts_init(struct parts *p, const struct session *s, uint32_t max)
{
	*p = (struct parts){ .key = print_key(s) };
	p->at = calloc(max > 0 ? max : 1, sizeof(*p->at));
	return p->at == NULL ? ERR_NOMEM : 0;
}

/* One more node, behind the others. */
static int parts_add(struct parts *p, struct part **out, uint32_t node,
		     enum msg_prints form)
{
	struct part *part = &p->at[p->n++];

	part->node = node;
	part->form = form;
	p->depths |= 1U << tree_depth(node);
	*out = part;
	if (form != PRINTS_CHILDREN)
		return 0;
	part->child = calloc(TREE_RADIX, sizeof(*part->child));
	return part->child == NULL ? ERR_NOMEM : 0;
}

static int by_node(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->node > y->node) - (x->node < y->node);
}

/* The node of these that a feed is below, or NULL. */
static struct part *parts_find(const struct parts *p, const struct pubkey *feed)
{
	for (unsigned depth = 0; depth <= TREE_DEPTH; depth++) {
		struct part key, *found;

		if ((p->depths >> depth & 1) == 0)
			continue;
		key.node = tree_node(feed, depth);
		found = bsearch(&key, p->at, p->n, sizeof(key), by_node);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static void add_to_child(struct part *part, const struct session_head *head)
{
	unsigned below = tree_depth(part->node) + 1;
	uint32_t child = tree_node(&head->feed, below) % TREE_RADIX;

	digest_put(&part->child[child], &head->element);
}

/* Is the head with this fingerprint among those that came?  All that look like
 * it are met. */
static bool is_among(struct part *part, const uint8_t *print)
{
	bool is_there = false;

	for (uint32_t i = 0; i < part->theirs_n; i++) {
		if (memcmp(part->theirs + (size_t)i * TREE_PRINT, print,
			   TREE_PRINT) != 0)
			continue;
		is_there = true;
		if (part->is_met != NULL)
			part->is_met[i] = true;
	}
	return is_there;
}

typedef int part_visit(struct session *s, const struct parts *p,
		       struct part *part, const struct session_head *head);

/* Hold what came of a node against one of our heads below it. */
static int compare(struct session *s, const struct parts *p, struct part *part,
		   const struct session_head *head)
{
	uint8_t print[TREE_PRINT];

	if (part->form == PRINTS_CHILDREN) {
		add_to_child(part, head);
		return 0;
	}
	tree_print_head(print, &head->element, &p->key);
	/* Of PRINTS_HEADS those are told that are not there, of PRINTS_UNKNOWN
	 * those that are. */
	if (is_among(part, print) == (part->form == PRINTS_UNKNOWN))
		return bits_set(&s->dirty, head->no);
	return 0;
}

/* Take one of our heads into what is told of a node. */
static int gather(struct session *s, const struct parts *p, struct part *part,
		  const struct session_head *head)
{
	uint32_t max = part->mine_max == 0 ? TREE_FEW : 2 * part->mine_max;
	uint8_t *mine;

	(void)s;
	if (part->form == PRINTS_CHILDREN) {
		add_to_child(part, head);
		return 0;
	}
	if (part->mine_n == MSG_PRINTS_MAX / TREE_PRINT)
		return 0;
	if (part->mine_n == part->mine_max) {
		mine = realloc(part->mine, (size_t)max * TREE_PRINT);
		if (mine == NULL)
			return ERR_NOMEM;
		part->mine = mine;
		part->mine_max = max;
	}
	tree_print_head(part->mine + (size_t)part->mine_n * TREE_PRINT,
			&head->element, &p->key);
	part->mine_n++;
	return 0;
}

/* Visit all heads that are below one of these nodes. */
static int each_head(struct session *s, struct parts *p, part_visit *visit)
{
	uint32_t end = s->host.head_end(s->host.cookie);
	int err = 0;

	for (uint32_t no = 0; p->n > 0 && no < end && err == 0; no++) {
		struct session_head head;
		struct part *part;

		err = s->host.head_at(s->host.cookie, &head, no);
		if (err == ERR_NOT_FOUND) {
			err = 0;
			continue;
		}
		part = err == 0 ? parts_find(p, &head.feed) : NULL;
		if (part != NULL)
			err = visit(s, p, part, &head);
	}
	return err;
}

/* What came, for reading. */
static int load(struct parts *p, const struct session *s,
		const struct msg_list *m)
{
	struct msg_list rows = *m;
	struct msg_node row;
	int err = parts_init(p, s, rows.count);

	while (err == 0 && msg_next_node(&rows, &row)) {
		struct part *part;

		err = parts_add(p, &part, row.node, row.form);
		part->theirs = row.prints;
		part->theirs_n = (uint32_t)(row.prints_n / TREE_PRINT);
		if (err == 0 && row.form == PRINTS_HEADS) {
			part->is_met = calloc(part->theirs_n + 1, 1);
			err = part->is_met == NULL ? ERR_NOMEM : 0;
		}
	}
	return err;
}

/* Tell which of the heads that came are not here. */
static void say_unknown(struct pack *out, struct part *part)
{
	uint8_t prints[MSG_PRINTS_MAX];
	struct msg_node row = { .node = part->node,
				.form = PRINTS_UNKNOWN,
				.prints = prints };

	for (uint32_t i = 0; i < part->theirs_n; i++) {
		if (part->is_met[i])
			continue;
		memcpy(prints + row.prints_n,
		       part->theirs + (size_t)i * TREE_PRINT, TREE_PRINT);
		row.prints_n += TREE_PRINT;
	}
	if (row.prints_n > 0)
		pack_node(out, &row);
}

/* The children that differ, as many as there is room to tell of: what is left
 * out is found by the next walk. */
static int differing(struct parts *to, const struct parts *from, size_t room)
{
	int err = 0;

	for (uint32_t i = 0; i < from->n && err == 0; i++) {
		const struct part *part = &from->at[i];

		if (part->form != PRINTS_CHILDREN)
			continue;
		for (uint32_t k = 0; k < TREE_RADIX && err == 0; k++) {
			uint32_t node = part->node * TREE_RADIX + k;
			uint64_t count = part->child[k].count;
			bool is_split = count > TREE_FEW &&
					tree_depth(node) < TREE_DEPTH;
			size_t n = is_split ? TREE_PRINTS : count * TREE_PRINT;
			uint8_t print[TREE_PRINT];
			struct part *child;

			tree_print(print, &part->child[k], &from->key);
			if (memcmp(print, part->theirs + (size_t)k * TREE_PRINT,
				   TREE_PRINT) == 0)
				continue;
			if (n > MSG_PRINTS_MAX)
				n = MSG_PRINTS_MAX;
			if (n + PACK_NODE > room || to->n == MSG_WALK_MAX)
				return 0;
			room -= n + PACK_NODE;
			err = parts_add(to, &child, node,
					is_split ? PRINTS_CHILDREN
						 : PRINTS_HEADS);
		}
	}
	return err;
}

/* Put what we hold below these nodes into a frame. */
static int say_parts(struct session *s, struct pack *out, struct parts *p)
{
	int err = each_head(s, p, gather);

	for (uint32_t i = 0; i < p->n && err == 0; i++) {
		struct part *part = &p->at[i];
		uint8_t prints[TREE_PRINTS];
		struct msg_node row = { .node = part->node,
					.form = part->form,
					.prints = part->mine,
					.prints_n = (size_t)part->mine_n *
						    TREE_PRINT };

		for (size_t k = 0; part->child != NULL && k < TREE_RADIX; k++)
			tree_print(prints + k * TREE_PRINT, &part->child[k],
				   &p->key);
		if (part->child != NULL) {
			row.prints = prints;
			row.prints_n = sizeof(prints);
		}
		pack_node(out, &row);
	}
	return err;
}

int tree_begin(struct session *s, struct pack *out)
{
	struct digest mine;
	struct parts p;
	struct part *top;
	int err = parts_init(&p, s, 1);

	s->host.frontier(s->host.cookie, &mine);
	if (err == 0)
		err = parts_add(&p, &top, TREE_TOP,
				mine.count > TREE_FEW ? PRINTS_CHILDREN
						      : PRINTS_HEADS);
	pack_init(out);
	if (err == 0)
		err = say_parts(s, out, &p);
	parts_release(&p);
	return err;
}

int tree_answer(struct session *s, struct pack *out, bool *asks,
		const struct msg_list *rows)
{
	struct parts from, to = { .at = NULL };
	int err = load(&from, s, rows);

	pack_init(out);
	if (err == 0)
		err = each_head(s, &from, compare);
	if (err == 0)
		err = parts_init(&to, s, MSG_WALK_MAX);
	for (uint32_t i = 0; i < from.n && err == 0; i++)
		if (from.at[i].form == PRINTS_HEADS)
			say_unknown(out, &from.at[i]);
	if (err == 0)
		err = differing(&to, &from, pack_room(out));
	if (to.n > MSG_WALK_MAX - out->count)
		to.n = MSG_WALK_MAX - out->count;
	if (err == 0)
		err = say_parts(s, out, &to);
	*asks = to.n > 0;
	parts_release(&to);
	parts_release(&from);
	return err;
}
