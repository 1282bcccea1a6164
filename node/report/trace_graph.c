#include "node/report/trace_print.h"

#include "crypto/err.h"
#include "node/text/escape.h"
#include "node/text/json.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"

#include <stdlib.h>
#include <string.h>

/* A trace as nodes and moves between them: JSON, and Graphviz. */

enum { ARRIVALS = 64 };

static bool is_shown(const struct trace_move *m)
{
	return m->forward > 0 || m->backward > 0;
}

/* Which nodes are shown; owned by the caller, NULL when memory is short. */
static bool *shown_nodes(const struct trace *t)
{
	bool *shown = calloc((size_t)t->nodes + 1, sizeof(*shown));

	for (uint32_t i = 0; i < t->nodes && shown != NULL; i++)
		shown[i] = t->node[i].is_start;
	for (size_t i = 0; i < t->moves && shown != NULL; i++) {
		if (!is_shown(&t->move[i]))
			continue;
		shown[t->move[i].from] = true;
		shown[t->move[i].to] = true;
	}
	return shown;
}

static json_t *text_or_null(const struct trace_text *text)
{
	return text->n == 0 ? json_null() : json_plain(text->p, text->n);
}

static void put_record(json_t **row, const struct tracing *x,
		       const struct trace_node *n)
{
	static const char *const grades[] = { "A", "B", "C", "D" };
	char ref[REF_TEXT], date[TIME_SIZE];

	labels_ref(x->labels, ref, &n->at.feed, n->at.seq);
	time_text(date, n->date);
	json_put(row, "kind", json_string(kind_rule(n->kind)->name));
	json_put(row, "ref", json_string(ref));
	json_put(row, "id", json_id(&n->at.id));
	json_put(row, "author", json_key(&n->holder.member));
	json_put(row, "date", json_string(date));
	json_put(row, "grade",
		 n->kind == KIND_RECEIVE ? json_string(grades[n->grade])
					 : json_null());
}

static void put_place(json_t **row, const struct trace_node *n)
{
	static const struct tag own;

	json_put(row, "party", json_key(&n->holder.member));
	if (n->type == TRACE_FUND) {
		json_put(row, "fund", json_plain(n->item.p, n->item.n));
		json_put(row, "currency", json_string(n->currency));
	} else if (n->type == TRACE_DOCUMENT) {
		json_put(row, "doc", json_hex(n->doc.b, sizeof(n->doc.b)));
		json_put(row, "currency", json_string(n->currency));
	} else {
		json_put(row, "outsider",
			 memcmp(&n->holder.outsider, &own, sizeof(own)) == 0
				 ? json_null()
				 : json_hex(n->holder.outsider.b, TAG_SIZE));
		json_put(row, "item", text_or_null(&n->item));
		json_put(row, "lot", text_or_null(&n->lot));
	}
	json_put(row, "came", json_integer((json_int_t)n->in));
}

static json_t *node_of(const struct tracing *x, uint32_t i)
{
	static const char *const types[] = { "record", "line", "fund",
					     "document", "shelf" };
	const struct trace_node *n = &x->trace->node[i];
	json_t *row = json_object();

	json_put(&row, "node", json_integer((json_int_t)i));
	json_put(&row, "type", json_string(types[n->type]));
	if (n->type <= TRACE_LINE)
		put_record(&row, x, n);
	else
		put_place(&row, n);
	json_put(&row, "start", json_boolean(n->is_start));
	json_put(&row, "there", json_integer((json_int_t)n->marked));
	return row;
}

static json_t *move_of(const struct trace_move *m)
{
	json_t *row = json_object();

	json_put(&row, "from", json_integer((json_int_t)m->from));
	json_put(&row, "to", json_integer((json_int_t)m->to));
	json_put(&row, "item", text_or_null(&m->item));
	json_put(&row, "currency",
		 m->item.n > 0 || m->qty == 0 ? json_null()
					      : json_string(m->currency));
	json_put(&row, "qty", json_integer((json_int_t)m->qty));
	json_put(&row, "known", json_integer((json_int_t)m->known));
	json_put(&row, "backward", json_integer((json_int_t)m->backward));
	json_put(&row, "forward", json_integer((json_int_t)m->forward));
	return row;
}

static json_t *arrivals_of(const struct trace *t)
{
	static const char *const grades[] = { "A", "B", "C", "D" };
	struct trace_arrival rows[ARRIVALS];
	size_t n = trace_arrivals(t, rows, ARRIVALS);
	json_t *all = json_array();

	for (size_t i = 0; i < n && all != NULL; i++) {
		json_t *row = json_object();

		json_put(&row, "item", json_string(rows[i].item));
		json_put(&row, "grade", json_string(grades[rows[i].grade]));
		json_put(&row, "qty", json_integer((json_int_t)rows[i].qty));
		json_push(&all, row);
	}
	return all;
}

int trace_json(const struct tracing *x, FILE *file)
{
	const struct trace *t = x->trace;
	bool *shown = shown_nodes(t);
	json_t *out = json_object(), *nodes = json_array(),
	       *moves = json_array();

	for (uint32_t i = 0; i < t->nodes && shown != NULL && nodes != NULL;
	     i++)
		if (shown[i])
			json_push(&nodes, node_of(x, i));
	for (size_t i = 0; i < t->moves && moves != NULL; i++)
		if (is_shown(&t->move[i]))
			json_push(&moves, move_of(&t->move[i]));
	json_put(&out, "schema", json_string("maillon.trace/1"));
	json_put(&out, "network",
		 json_id(roster_network(desk_roster(x->desk))));
	json_put(&out, "id", json_id(&x->ref->id));
	json_put(&out, "rounding", json_string("down, rest stays"));
	json_put(&out, "arrived", arrivals_of(t));
	json_put(&out, "nodes", shown == NULL ? NULL : nodes);
	json_put(&out, "moves", moves);
	if (shown == NULL)
		json_decref(nodes);
	free(shown);
	return json_line(file, out);
}

static void dot_node(const struct tracing *x, uint32_t i, FILE *file)
{
	const struct trace_node *n = &x->trace->node[i];
	char name[TRACE_NAME];

	trace_name(name, x, n);
	fprintf(file, "\tn%lu [label=\"", (unsigned long)i);
	dot_text(file, name, strlen(name));
	fprintf(file, "\"%s%s];\n",
		n->type > TRACE_LINE ? ", style=rounded" : "",
		n->is_start ? ", penwidth=3" : "");
}

static void dot_move(const struct trace_move *m, FILE *file)
{
	char amount[TRACE_AMOUNT];

	trace_amount(amount, m, m->forward > 0 ? m->forward : m->backward);
	fprintf(file, "\tn%lu -> n%lu [label=\"", (unsigned long)m->from,
		(unsigned long)m->to);
	dot_text(file, amount, strlen(amount));
	fputs("\"];\n", file);
}

int trace_dot(const struct tracing *x, FILE *file)
{
	const struct trace *t = x->trace;
	bool *shown = shown_nodes(t);

	if (shown == NULL) {
		say_error("%s", err_reason(ERR_NOMEM));
		return exit_of(ERR_NOMEM);
	}
	fputs("digraph trace {\n\trankdir=LR;\n\tcharset=\"UTF-8\";\n"
	      "\tnode [shape=box, fontname=\"sans-serif\"];\n"
	      "\tedge [fontname=\"sans-serif\", fontsize=10];\n",
	      file);
	for (uint32_t i = 0; i < t->nodes; i++)
		if (shown[i])
			dot_node(x, i, file);
	for (size_t i = 0; i < t->moves; i++)
		if (is_shown(&t->move[i]))
			dot_move(&t->move[i], file);
	fputs("}\n", file);
	free(shown);
	return EXIT_DONE;
}
