#include "node/report/audit_json.h"

#include "crypto/bytes.h"
#include "node/cmd/purse.h"
#include "node/text/json.h"
#include "node/text/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *cut_of(const struct audit *a)
{
	json_t *cut = json_object(), *tips = json_array();
	json_t *forks = json_array();

	json_put(&cut, "digest", json_id(&a->cut));
	json_put(&cut, "feeds", json_integer((json_int_t)a->tips_n));
	json_put(&cut, "entries", json_integer((json_int_t)a->entries));
	for (size_t i = 0; i < a->tips_n && tips != NULL; i++)
		json_push(&tips, json_position(&a->tips[i].feed, a->tips[i].seq,
					       &a->tips[i].id));
	json_put(&cut, "tips", tips);
	for (size_t i = 0; i < a->forks_n && forks != NULL; i++) {
		json_t *fork = json_object();

		json_put(&fork, "feed", json_key(&a->forks[i].feed));
		json_put(&fork, "seq",
			 json_integer((json_int_t)a->forks[i].seq));
		json_push(&forks, fork);
	}
	json_put(&cut, "forks", forks);
	return cut;
}

static json_t *items_of(const struct audit_item *items, size_t n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n && all != NULL; i++)
		json_push(&all, json_item(items[i].item, strlen(items[i].item),
					  items[i].unit, items[i].col));
	return all;
}

static json_t *associations_of(const struct audit *a)
{
	json_t *all = json_array();

	for (size_t i = 0; i < a->associations_n && all != NULL; i++) {
		const struct audit_association *x = &a->associations[i];
		json_t *row = json_object();

		json_put(&row, "party", json_key(&x->party));
		json_put(&row, "label", json_string(x->label));
		json_put(&row, "items", items_of(x->items, x->items_n));
		json_push(&all, row);
	}
	return all;
}

static json_t *finding_of(const struct finding *f)
{
	char letter[2] = { severity_letter(finding_severity(f->code)), '\0' };
	json_t *row = json_object(), *entries = json_array();
	char text[FINDING_TEXT];

	finding_fill(text, finding_sentence(f), f);
	json_put(&row, "code", json_string(finding_name(f->code)));
	json_put(&row, "severity", json_string(letter));
	json_put(&row, "subject", json_string(f->subject));
	for (size_t i = 0; i < f->proofs && entries != NULL; i++)
		json_push(&entries,
			  json_position(&f->proof[i].feed, f->proof[i].seq,
					&f->proof[i].id));
	json_put(&row, "entries", entries);
	json_put(&row, "text", json_string(text));
	return row;
}

static json_t *findings_of(const struct findings *f)
{
	json_t *all = json_array();

	for (size_t i = 0; i < f->n && all != NULL; i++)
		json_push(&all, finding_of(&f->at[i]));
	return all;
}

uint64_t audit_as_of(const struct audit *a, const struct audit_say *how)
{
	if (how->has_as_of)
		return how->as_of_ms;
	return a->attested.has_time ? a->attested.time_ms : 0;
}

static json_t *time_of(const struct audit *a, const struct audit_say *how)
{
	char text[TIME_SIZE];

	if (!how->has_as_of && !a->attested.has_time)
		return json_null();
	time_text(text, audit_as_of(a, how));
	return json_string(text);
}

static json_t *demand_of_audit(const struct audit *a,
			       const struct audit_say *how)
{
	json_t *all = json_array();
	struct demand row;
	size_t at = 0;

	while (all != NULL &&
	       demands_next(&a->demand, &at, audit_as_of(a, how), &row))
		json_push(&all, purse_demand(&row));
	return all;
}

static json_t *report_of(const struct audit *a, const struct audit_say *how)
{
	json_t *r = json_object();

	json_put(&r, "schema", json_string("maillon.audit/1"));
	json_put(&r, "rules", json_integer(AUDIT_RULES));
	json_put(&r, "network", json_id(&a->network));
	json_put(&r, "signatures",
		 json_string(how->every_signature ? "all" : "heads"));
	json_put(&r, "as_of", time_of(a, how));
	json_put(&r, "cut", cut_of(a));
	json_put(&r, "items", items_of(a->items, a->items_n));
	json_put(&r, "associations", associations_of(a));
	json_put(&r, "funds", purse_funds(&a->funds));
	json_put(&r, "demand", demand_of_audit(a, how));
	json_put(&r, "findings", findings_of(&a->findings));
	return r;
}

char *audit_line(const struct audit *a, const struct audit_say *how,
		 struct id *report)
{
	static const char tail[] = ",\"report\":\"\",\"anchored\":false}";
	json_t *r = report_of(a, how);
	char *head = r == NULL ? NULL : json_bytes(r);
	size_t n = head == NULL ? 0 : strlen(head);
	size_t room = n + sizeof(tail) + 2 * ID_SIZE;
	char *line = head == NULL ? NULL : malloc(room);
	char hex[HEX_SIZE(ID_SIZE)];

	if (line != NULL) {
		/* The digest is over the object without its closing brace:
		 * what stands before `,"report"`. */
		*report = hash_id(head, n - 1);
		hex_encode(hex, report->b, ID_SIZE);
		snprintf(line, room, "%.*s,\"report\":\"%s\",\"anchored\":%s}",
			 (int)(n - 1), head, hex,
			 how->is_anchored ? "true" : "false");
	}
	free(head);
	json_decref(r);
	return line;
}
