#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/book/trace_inside.h"
#include "proto/grow.h"

#include <stdlib.h>
#include <string.h>

int trace_open(struct trace **out)
{
	struct trace *t = calloc(1, sizeof(*t));
	struct trace_inside *in = calloc(1, sizeof(*in));

	if (t != NULL && in != NULL) {
		in->mask = 1023;
		in->slot = malloc((size_t)(in->mask + 1) * sizeof(*in->slot));
	}
	if (t == NULL || in == NULL || in->slot == NULL) {
		free(t);
		free(in);
		return ERR_NOMEM;
	}
	memset(in->slot, 0xff, (size_t)(in->mask + 1) * sizeof(*in->slot));
	t->inside = in;
	*out = t;
	return 0;
}

void trace_close(struct trace *t)
{
	if (t == NULL)
		return;
	free(t->inside->event);
	free(t->inside->thanks);
	free(t->inside->slot);
	free(t->inside);
	free(t->node);
	free(t->move);
	free(t);
}

int trace_new(struct trace *t, const struct trace_node *like, uint32_t *out)
{
	size_t max = t->nodes_max;
	int err;

	if (t->nodes == TRACE_NONE - 1)
		return ERR_LIMIT;
	err = grow(&t->node, &max, t->nodes, sizeof(*t->node));
	if (err != 0)
		return err;
	t->nodes_max = max > TRACE_NONE ? TRACE_NONE : (uint32_t)max;
	*out = t->nodes++;
	t->node[*out] = *like;
	t->node[*out].next = TRACE_NONE;
	return 0;
}

static uint32_t mix(uint32_t v, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		v = (v ^ b[i]) * 16777619U;
	return v;
}

/* FNV-1a, begun with bytes of a key, which is random. */
static uint32_t hash_of(const struct trace_node *n)
{
	uint32_t v = 2166136261U ^ be32_get(n->holder.member.b) ^
		     be32_get(n->doc.b) ^ (uint32_t)n->type;

	v = mix(v, n->holder.outsider.b, TAG_SIZE);
	v = mix(v, n->item.p, n->item.n);
	v = mix(v, "/", 1);
	v = mix(v, n->lot.p, n->lot.n);
	v = mix(v, n->currency, strlen(n->currency));
	return v ^ v >> 15;
}

static bool is_text(const struct trace_text *a, const struct trace_text *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

static bool is_same(const struct trace_node *a, const struct trace_node *b)
{
	return a->type == b->type &&
	       memcmp(&a->holder, &b->holder, sizeof(a->holder)) == 0 &&
	       is_text(&a->item, &b->item) && is_text(&a->lot, &b->lot) &&
	       strcmp(a->currency, b->currency) == 0 &&
	       sha_eq(&a->doc, &b->doc);
}

static bool is_place(const struct trace_node *n)
{
	return n->type >= TRACE_FUND;
}

static int widen(struct trace *t)
{
	struct trace_inside *in = t->inside;
	uint32_t mask = in->mask * 2 + 1;
	uint32_t *slot = malloc(((size_t)mask + 1) * sizeof(*slot));

	if (slot == NULL)
		return ERR_NOMEM;
	memset(slot, 0xff, ((size_t)mask + 1) * sizeof(*slot));
	for (uint32_t i = 0; i < t->nodes; i++) {
		uint32_t k;

		if (!is_place(&t->node[i]))
			continue;
		k = hash_of(&t->node[i]);
		while (slot[k & mask] != TRACE_NONE)
			k++;
		slot[k & mask] = i;
	}
	free(in->slot);
	in->slot = slot;
	in->mask = mask;
	return 0;
}

int trace_place(struct trace *t, const struct trace_node *like, uint32_t *out)
{
	struct trace_inside *in = t->inside;
	uint32_t k;
	int err = in->places > in->mask / 2 ? widen(t) : 0;

	if (err != 0)
		return err;
	for (k = hash_of(like); in->slot[k & in->mask] != TRACE_NONE; k++)
		if (is_same(&t->node[in->slot[k & in->mask]], like)) {
			*out = in->slot[k & in->mask];
			return 0;
		}
	err = trace_new(t, like, out);
	if (err != 0)
		return err;
	in->slot[k & in->mask] = *out;
	in->places++;
	return 0;
}
