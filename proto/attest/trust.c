#include "proto/attest/trust.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

enum { NOBODY = -1, NONE = -2, UNSAID = -3 };

/* A witness or a group: what a quorum is made of. */
struct node {
	char name[TRUST_NAME + 1];
	int group;      /* the node that it is a member of, or NOBODY */
	size_t witness; /* SIZE_MAX: a group */
	size_t need;    /* of a group */
	size_t members;
};

struct trust {
	struct notekey *logs;
	size_t logs_n, logs_max;
	struct notekey *witnesses;
	size_t witnesses_n, witnesses_max;
	struct node *nodes; /* members before their groups */
	size_t nodes_n, nodes_max;
	int quorum; /* a node, NONE or UNSAID */
};

/* The next word of a line; empty when there is none. */
static struct text word(struct text *line)
{
	struct text w;

	while (line->n > 0 && (*line->p == ' ' || *line->p == '\t')) {
		line->p++;
		line->n--;
	}
	w = (struct text){ line->p, 0 };
	while (w.n < line->n && w.p[w.n] != ' ' && w.p[w.n] != '\t')
		w.n++;
	line->p += w.n;
	line->n -= w.n;
	return w;
}

static int find_node(const struct trust *t, struct text name)
{
	for (size_t i = 0; i < t->nodes_n; i++)
		if (text_is(name, t->nodes[i].name))
			return (int)i;
	return NOBODY;
}

static int add_node(struct trust *t, struct text name, struct node n)
{
	int err;

	if (name.n == 0 || text_is(name, "none") ||
	    find_node(t, name) != NOBODY)
		return ERR_FORMAT;
	if (name.n > TRUST_NAME || t->nodes_n == (size_t)2 * TRUST_KEYS)
		return ERR_LIMIT;
	err = grow(&t->nodes, &t->nodes_max, t->nodes_n, sizeof(*t->nodes));
	if (err != 0)
		return err;
	memcpy(n.name, name.p, name.n);
	n.name[name.n] = '\0';
	t->nodes[t->nodes_n++] = n;
	return 0;
}

/* One key more in a list in which each stands once. */
static int add_key(struct notekey **list, size_t *n, size_t *max,
		   struct text vkey)
{
	struct notekey key;
	int err = notekey_decode(&key, vkey.p, vkey.n);

	for (size_t i = 0; i < *n && err == 0; i++)
		if (pubkey_eq(&(*list)[i].pub, &key.pub) ||
		    strcmp((*list)[i].name, key.name) == 0)
			err = ERR_FORMAT;
	if (err == 0 && *n == TRUST_KEYS)
		err = ERR_LIMIT;
	if (err == 0)
		err = grow(list, max, *n, sizeof(**list));
	if (err == 0)
		(*list)[(*n)++] = key;
	return err;
}

/* A line ends after at most one more word, an address to ask. */
static int end_of(struct text line)
{
	word(&line);
	return word(&line).n == 0 ? 0 : ERR_FORMAT;
}

static int take_log(struct trust *t, struct text line)
{
	struct text vkey = word(&line);
	int err = add_key(&t->logs, &t->logs_n, &t->logs_max, vkey);

	return err == 0 ? end_of(line) : err;
}

static int take_witness(struct trust *t, struct text line)
{
	struct node n = { .group = NOBODY, .witness = t->witnesses_n };
	struct text name = word(&line), vkey = word(&line);
	int err = add_key(&t->witnesses, &t->witnesses_n, &t->witnesses_max,
			  vkey);

	if (err == 0)
		err = add_node(t, name, n);
	return err == 0 ? end_of(line) : err;
}

static int read_need(struct node *n, struct text how)
{
	uint64_t k;
	int err;

	if (text_is(how, "all") || text_is(how, "any")) {
		n->need = text_is(how, "all") ? n->members : 1;
		return n->members > 0 ? 0 : ERR_FORMAT;
	}
	err = dec_decode(&k, TRUST_KEYS, how.p, how.n);
	n->need = (size_t)k;
	return err == 0 && k == 0 ? ERR_FORMAT : err;
}

static int take_group(struct trust *t, struct text line)
{
	struct node n = { .group = NOBODY, .witness = SIZE_MAX };
	struct text name = word(&line), how = word(&line), member;
	int self = (int)t->nodes_n, err = 0;

	for (member = word(&line); member.n > 0; member = word(&line)) {
		int i = find_node(t, member);

		if (i == NOBODY || t->nodes[i].group != NOBODY)
			return ERR_FORMAT;
		t->nodes[i].group = self;
		n.members++;
	}
	err = read_need(&n, how);
	return err == 0 ? add_node(t, name, n) : err;
}

static int take_quorum(struct trust *t, struct text line)
{
	struct text name = word(&line);

	if (t->quorum != UNSAID || word(&line).n != 0)
		return ERR_FORMAT;
	t->quorum = text_is(name, "none") ? NONE : find_node(t, name);
	return t->quorum == NOBODY ? ERR_FORMAT : 0;
}

static int take_line(struct trust *t, struct text line)
{
	struct text what = word(&line);

	if (what.n == 0 || what.p[0] == '#')
		return 0;
	if (text_is(what, "log"))
		return take_log(t, line);
	if (text_is(what, "witness"))
		return take_witness(t, line);
	if (text_is(what, "group"))
		return take_group(t, line);
	return text_is(what, "quorum") ? take_quorum(t, line) : ERR_FORMAT;
}

static int decode(struct trust *t, struct text all, unsigned *line)
{
	struct text piece;
	int err = 0;

	for (*line = 1; err == 0 && text_cut(&all, &piece, '\n'); ++*line)
		err = take_line(t, piece);
	if (err != 0) {
		--*line;
		return err;
	}
	if (all.n > 0)
		return ERR_FORMAT;
	*line = 0;
	return t->quorum == UNSAID || t->logs_n == 0 ? ERR_FORMAT : 0;
}

int trust_decode(struct trust **out, const char *text, size_t n, unsigned *line)
{
	struct trust *t = calloc(1, sizeof(*t));
	int err;

	*line = 0;
	if (t == NULL)
		return ERR_NOMEM;
	t->quorum = UNSAID;
	err = n > TRUST_MAX ? ERR_LIMIT
			    : decode(t, (struct text){ text, n }, line);
	if (err == 0)
		*out = t;
	else
		trust_close(t);
	return err == ERR_SIGNATURE ? ERR_FORMAT : err;
}

void trust_close(struct trust *t)
{
	if (t == NULL)
		return;
	free(t->logs);
	free(t->witnesses);
	free(t->nodes);
	free(t);
}

const struct notekey *trust_log(const struct trust *t, struct text name)
{
	for (size_t i = 0; i < t->logs_n; i++)
		if (text_is(name, t->logs[i].name))
			return &t->logs[i];
	return NULL;
}

size_t trust_witnesses(const struct trust *t)
{
	return t->witnesses_n;
}

const struct notekey *trust_witness(const struct trust *t, size_t i)
{
	return &t->witnesses[i];
}

/* Is node i met, given how many members of each node are? */
static bool is_met(const struct trust *t, size_t i, const bool *has,
		   const size_t *met)
{
	const struct node *n = &t->nodes[i];

	return n->witness != SIZE_MAX ? has[n->witness] : met[i] >= n->need;
}

bool trust_is_met(const struct trust *t, const bool *has)
{
	size_t *met;
	bool answer = false;

	if (t->quorum == NONE)
		return true;
	met = calloc(t->nodes_n, sizeof(*met));
	for (size_t i = 0; met != NULL && i < t->nodes_n; i++) {
		bool ok = is_met(t, i, has, met);

		if (ok && t->nodes[i].group != NOBODY)
			met[t->nodes[i].group]++;
		if ((int)i == t->quorum)
			answer = ok;
	}
	free(met);
	return answer;
}
