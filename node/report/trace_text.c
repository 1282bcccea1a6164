#include "node/report/trace_print.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * Two trees, one of what became of it, one of where it came from.  What is
 * reached twice is shown once with all below it.
 */

enum { CHILDREN = 30, INDENT = 30, ARRIVALS = 64 };

struct tree {
	const struct tracing *x;
	FILE *file;
	bool is_forward;
	uint32_t *first; /* of each node: its first move in `next`, or NONE */
	uint32_t *next;  /* of each move */
	bool *was_shown; /* of each node */
	bool is_pooled;  /* things lay together somewhere */
};

/* A node on its way to be printed. */
struct step {
	uint32_t move; /* by which it is reached; NONE: from the start */
	uint32_t node;
	unsigned depth;
	size_t hidden; /* moves that are not shown, instead of one */
};

#define NONE UINT32_MAX

static uint64_t share_in(const struct tree *t, const struct trace_move *m)
{
	return t->is_forward ? m->forward : m->backward;
}

/* Moves of each node, in their order. */
static void link_moves(struct tree *t)
{
	const struct trace *tr = t->x->trace;

	memset(t->first, 0xff, tr->nodes * sizeof(*t->first));
	for (size_t i = tr->moves; i-- > 0;) {
		const struct trace_move *m = &tr->move[i];
		uint32_t at = t->is_forward ? m->from : m->to;

		if (share_in(t, m) == 0)
			continue;
		t->next[i] = t->first[at];
		t->first[at] = (uint32_t)i;
	}
}

/* Goods that have not arrived for good. */
static bool is_waiting(const struct trace_node *n)
{
	return n->type == TRACE_SHELF ||
	       (n->type == TRACE_LINE && n->kind == KIND_DELIVER);
}

/* Why nothing follows where something could; NULL where nothing could. */
static const char *why_it_ends(const struct tree *t, const struct step *s)
{
	const struct trace_node *n = &t->x->trace->node[s->node];

	if (t->first[s->node] != NONE)
		return NULL;
	if (t->is_forward && n->kind == KIND_SPEND)
		return _("no purchase carries its document");
	if (!t->is_forward && n->kind == KIND_SUPPLY)
		return _("not said who paid for it");
	if (!t->is_forward && n->kind == KIND_PRODUCE)
		return _("not said what it was made of");
	return NULL;
}

static void print_line(struct tree *t, const struct step *s)
{
	const struct trace_node *n = &t->x->trace->node[s->node];
	char name[TRACE_NAME], amount[TRACE_AMOUNT] = "", line[2048];
	const char *why = why_it_ends(t, s);
	bool is_thanks = false;
	int indent = 2 * (int)(s->depth < INDENT ? s->depth : INDENT);

	trace_name(name, t->x, n);
	if (s->move != NONE) {
		const struct trace_move *m = &t->x->trace->move[s->move];

		trace_amount(amount, m, share_in(t, m));
		is_thanks = trace_is_thanks(t->x->trace, m);
		if (n->in > m->qty && n->type != TRACE_RECORD && !is_thanks)
			t->is_pooled = true;
	}
	snprintf(line, sizeof(line), "%s%s%s", name,
		 amount[0] == '\0' ? "" : ": ", amount);
	fprintf(t->file, "%*s", indent, "");
	put_safe(t->file, line, strlen(line));
	if (t->was_shown[s->node] && s->move != NONE)
		fprintf(t->file, " %s", _("(above)"));
	else if (t->is_forward && n->marked > 0 && is_waiting(n))
		fprintf(t->file, _(" (%" PRIu64 " of it are there now)"),
			n->marked);
	if (why != NULL)
		fprintf(t->file, " (%s)", why);
	if (is_thanks)
		fprintf(t->file, " (%s)",
			t->is_forward ? _("given for this delivery; trace it "
					  "to see what it paid for")
				      : _("the gift was for this delivery"));
	fputc('\n', t->file);
}

static size_t count_children(const struct tree *t, uint32_t node)
{
	size_t n = 0;

	for (uint32_t m = t->first[node]; m != NONE; m = t->next[m])
		n++;
	return n;
}

/* The stack grows by the moves of each node once. */
static int push_children(struct tree *t, struct step **stack, size_t *n,
			 size_t *max, const struct step *of)
{
	size_t all = count_children(t, of->node);
	size_t shown = all > CHILDREN ? CHILDREN : all, i = shown;
	uint32_t m = t->first[of->node];

	if (*n + shown + 1 > *max) {
		size_t want = 2 * (*n + shown + 1);
		struct step *more = realloc(*stack, want * sizeof(*more));

		if (more == NULL)
			return ERR_NOMEM;
		*stack = more;
		*max = want;
	}
	if (all > shown)
		(*stack)[(*n)++] = (struct step){ NONE, of->node, of->depth + 1,
						  all - shown };
	for (; i > 0; i--, m = t->next[m]) {
		const struct trace_move *x = &t->x->trace->move[m];

		(*stack)[*n + i - 1] =
			(struct step){ m, t->is_forward ? x->to : x->from,
				       of->depth + 1, 0 };
	}
	*n += shown;
	return 0;
}

static void print_hidden(const struct tree *t, unsigned depth, size_t n)
{
	fprintf(t->file, "%*s", 2 * (int)depth, "");
	fprintf(t->file, _("and %zu more; --json has all\n"), n);
}

static int print_tree(struct tree *t, uint32_t start)
{
	struct step *stack = NULL;
	struct step at = { NONE, start, 0, 0 };
	size_t n = 0, max = 0;
	int err = 0;

	print_line(t, &at);
	t->was_shown[start] = true;
	err = push_children(t, &stack, &n, &max, &at);
	while (err == 0 && n > 0) {
		at = stack[--n];
		if (at.hidden > 0) {
			print_hidden(t, at.depth, at.hidden);
			continue;
		}
		print_line(t, &at);
		if (t->was_shown[at.node])
			continue;
		t->was_shown[at.node] = true;
		err = push_children(t, &stack, &n, &max, &at);
	}
	free(stack);
	return err;
}

static int print_way(struct tree *t, bool is_forward, const char *title,
		     const char *none)
{
	const struct trace *tr = t->x->trace;
	size_t n = 0;
	int err = 0;

	t->is_forward = is_forward;
	link_moves(t);
	memset(t->was_shown, 0, tr->nodes * sizeof(*t->was_shown));
	fprintf(t->file, "%s\n", title);
	for (uint32_t i = 0; i < tr->nodes && err == 0; i++) {
		const struct step at = { NONE, i, 0, 0 };

		if (!tr->node[i].is_start || t->was_shown[i] ||
		    (t->first[i] == NONE && why_it_ends(t, &at) == NULL))
			continue;
		if (n++ < CHILDREN)
			err = print_tree(t, i);
	}
	if (n > CHILDREN)
		print_hidden(t, 0, n - CHILDREN);
	if (n == 0)
		fprintf(t->file, "%s\n", none);
	return err;
}

static void print_arrivals(const struct tracing *x, FILE *file)
{
	static const char grades[] = "ABCD";
	struct trace_arrival rows[ARRIVALS];
	size_t n = trace_arrivals(x->trace, rows, ARRIVALS);

	fprintf(file, "\n%s\n", _("What arrived of it"));
	if (n == 0)
		fprintf(file, "%s\n", _("nothing yet"));
	for (size_t i = 0; i < n; i++)
		fprintf(file,
			rows[i].grade == GRADE_D
				? _("%" PRIu64 " %s, said by the sender only\n")
				: _("%" PRIu64 " %s, acknowledged (%c)\n"),
			rows[i].qty, rows[i].item, grades[rows[i].grade]);
}

int trace_text(const struct tracing *x, FILE *file)
{
	const struct trace *tr = x->trace;
	struct tree t = { .x = x, .file = file };
	int err = ERR_NOMEM;

	t.first = calloc((size_t)tr->nodes + 1, sizeof(*t.first));
	t.next = calloc(tr->moves + 1, sizeof(*t.next));
	t.was_shown = calloc((size_t)tr->nodes + 1, sizeof(*t.was_shown));
	if (t.first != NULL && t.next != NULL && t.was_shown != NULL)
		err = print_way(&t, false, _("Where it came from"),
				_("nothing that is recorded"));
	if (err == 0) {
		fputc('\n', file);
		err = print_way(&t, true, _("What became of it"),
				_("nothing yet"));
	}
	if (err == 0) {
		print_arrivals(x, file);
		if (t.is_pooled)
			fprintf(file, "\n%s\n",
				_("Where money or goods lay together, shares "
				  "are proportional and rounded down; what is "
				  "lost in rounding stays where it lay. Of "
				  "several materials the largest share "
				  "counts."));
	} else {
		say_error("%s", err_reason(err));
	}
	free(t.first);
	free(t.next);
	free(t.was_shown);
	return err == 0 ? EXIT_DONE : exit_of(err);
}
