#include "node/export/epcis.h"

#include "crypto/bytes.h"
#include "crypto/err.h"

#include <string.h>

enum { URI = 512 };

/* The name of a party: a member, or an outsider of somebody's book. */
static json_t *party_uri(const struct epcis *d, const void *p, size_t n)
{
	char uri[URI], hex[HEX_SIZE(KEY_SIZE)];

	hex_encode(hex, p, n);
	snprintf(uri, sizeof(uri), "maillon:%s/%s/%s", d->network,
		 n == KEY_SIZE ? "party" : "outsider", hex);
	return json_string(uri);
}

static json_t *entry_uri(const struct epcis *d, const struct id *id,
			 const char *part)
{
	char uri[URI], hex[HEX_SIZE(ID_SIZE)];

	hex_encode(hex, id->b, ID_SIZE);
	snprintf(uri, sizeof(uri), "maillon:%s/entry/%s%s", d->network, hex,
		 part);
	return json_string(uri);
}

/* A class of goods: item and lot, what a URI does not hold as %HH. */
static void class_uri(char out[static URI], const struct epcis *d,
		      const char *item, size_t item_n, const struct value *lot)
{
	size_t n = (size_t)snprintf(out, URI, "maillon:%s/item/%.*s",
				    d->network, (int)item_n, item);

	if (lot == NULL)
		return;
	n += (size_t)snprintf(out + n, URI - n, "/lot/");
	for (size_t i = 0; i < lot->n && n + 4 < URI; i++) {
		unsigned char c = lot->p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') ||
			     (c != '\0' && strchr("._~-", c) != NULL);

		n += (size_t)snprintf(out + n, URI - n, plain ? "%c" : "%%%02X",
				      c);
	}
}

/* UN/ECE Recommendation 20; none for pieces, and for what has no code. */
static const char *unit_code(const char *unit)
{
	static const struct {
		const char *unit, *code;
	} codes[] = { { "g", "GRM" },    { "gram", "GRM" },  { "grams", "GRM" },
		      { "kg", "KGM" },   { "m", "MTR" },     { "metre", "MTR" },
		      { "l", "LTR" },    { "litre", "LTR" }, { "hour", "HUR" },
		      { "hours", "HUR" } };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].unit, unit) == 0)
			return codes[i].code;
	return NULL;
}

/* Lines of goods as quantities; what was counted as none says nothing here. */
static json_t *quantities(const struct epcis *d, const struct book_record *rec,
			  enum fact fact, const struct value *lot)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&rec->rec, fact, lines);
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *q = json_object();
		char uri[URI], item[LIMIT_ITEM + 1];
		const char *code;

		if (lines[i].qty == 0) {
			json_decref(q);
			continue;
		}
		memcpy(item, lines[i].item, lines[i].item_n);
		item[lines[i].item_n] = '\0';
		class_uri(uri, d, item, lines[i].item_n, lot);
		json_put(&q, "epcClass", json_string(uri));
		json_put(&q, "quantity",
			 json_integer((json_int_t)lines[i].qty));
		code = unit_code(catalog_unit(&d->items, item));
		if (code != NULL)
			json_put(&q, "uom", json_string(code));
		json_push(&out, q);
	}
	return out;
}

static const struct value *lot_of(const struct book_record *rec)
{
	return record_has(&rec->rec, FACT_LOT) ? &rec->rec.v[FACT_LOT] : NULL;
}

/* What every event begins with. */
struct event {
	const char *type;
	const char *action; /* NULL: has none */
	const char *step;   /* NULL: none of the vocabulary fits */
	const char *disposition;
	const char *part; /* of its id, "" for the first of an entry */
};

json_t *epcis_time(uint64_t ms)
{
	char text[TIME_SIZE];

	export_time(text, ms);
	return json_string(text);
}

static json_t *begin(const struct epcis *d, const struct event *e,
		     const struct book_record *rec, const struct id *by,
		     uint64_t by_ms)
{
	struct tag outsider = record_tag(&rec->rec, FACT_FOR);
	json_t *o = json_object(), *point = json_object();
	bool is_own = !record_has(&rec->rec, FACT_FOR);

	json_put(&o, "eventID", entry_uri(d, by, e->part));
	json_put(&o, "type", json_string(e->type));
	json_put(&o, "eventTime", epcis_time(export_date(rec)));
	json_put(&o, "eventTimeZoneOffset", json_string("+00:00"));
	json_put(&o, "recordTime", epcis_time(by_ms));
	if (e->action != NULL)
		json_put(&o, "action", json_string(e->action));
	if (e->step != NULL)
		json_put(&o, "bizStep", json_string(e->step));
	if (e->disposition != NULL)
		json_put(&o, "disposition", json_string(e->disposition));
	json_put(&point, "id",
		 is_own ? party_uri(d, rec->author.b, KEY_SIZE)
			: party_uri(d, outsider.b, TAG_SIZE));
	json_put(&o, "readPoint", point);
	return o;
}

static void add_pair(json_t **list, const char *type, const char *name,
		     json_t *uri)
{
	json_t *o = json_object();

	json_put(&o, "type", json_string(type));
	json_put(&o, name, uri);
	json_push(list, o);
}

/* One version of one record. */
struct version {
	struct epcis *d;
	const struct book_record *rec;
	const struct book_record *by;
	json_t *events; /* those that it is */
};

static json_t *event(struct version *v, const struct event *e)
{
	return begin(v->d, e, v->rec, &v->by->id, v->by->time_ms);
}

static void add_sides(const struct version *v, json_t **o, const char *owner,
		      const struct book_record *sent)
{
	const struct value *to = &sent->rec.v[FACT_TO];
	json_t *from = json_array(), *at = json_array();

	add_pair(&from, "possessing_party", "source",
		 party_uri(v->d, sent->author.b, KEY_SIZE));
	if (owner != NULL)
		add_pair(&from, owner, "source",
			 party_uri(v->d, sent->author.b, KEY_SIZE));
	add_pair(&at, "possessing_party", "destination",
		 party_uri(v->d, to->p, to->n));
	if (owner != NULL)
		add_pair(&at, owner, "destination",
			 party_uri(v->d, to->p, to->n));
	json_put(o, "sourceList", from);
	json_put(o, "destinationList", at);
}

/* Was each class of the record made before?  Marks all as made. */
static bool was_made(struct version *v)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&v->rec->rec, FACT_LINES, lines);
	bool was = false;

	for (size_t i = 0; i < n; i++) {
		char uri[URI];

		class_uri(uri, v->d, lines[i].item, lines[i].item_n,
			  lot_of(v->rec));
		was = was || json_object_get(v->d->known, uri) != NULL;
		json_object_set_new(v->d->known, uri, json_true());
	}
	return was;
}

static void on_produce(struct version *v)
{
	bool made = was_made(v), uses = record_has(&v->rec->rec, FACT_USE);
	struct event e = { uses ? "TransformationEvent" : "ObjectEvent",
			   uses ? NULL : "ADD",
			   made ? "creating_class_instance" : "commissioning",
			   "active", "" };
	json_t *o = event(v, &e);

	if (uses)
		json_put(&o, "inputQuantityList",
			 quantities(v->d, v->rec, FACT_USE, NULL));
	json_put(&o, uses ? "outputQuantityList" : "quantityList",
		 quantities(v->d, v->rec, FACT_LINES, lot_of(v->rec)));
	json_push(&v->events, o);
}

static void on_deliver(struct version *v)
{
	static const struct event e = { "ObjectEvent", "OBSERVE", "shipping",
					"in_transit", "" };
	bool final = record_uint(&v->rec->rec, FACT_FINAL) != 0;
	struct id request = record_id(&v->rec->rec, FACT_REQUEST);
	json_t *o = event(v, &e), *papers = json_array();

	json_put(&o, "quantityList",
		 quantities(v->d, v->rec, FACT_LINES, lot_of(v->rec)));
	add_pair(&papers, "desadv", "bizTransaction",
		 entry_uri(v->d, &v->rec->id, ""));
	if (record_has(&v->rec->rec, FACT_REQUEST))
		add_pair(&papers, "po", "bizTransaction",
			 entry_uri(v->d, &request, ""));
	json_put(&o, "bizTransactionList", papers);
	add_sides(v, &o, final ? "owning_party" : NULL, v->rec);
	json_push(&v->events, o);
}

static uint64_t sum_of(const struct book_record *rec, enum fact fact)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&rec->rec, fact, lines);
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += lines[i].qty;
	return sum;
}

/* Part of a receipt: what was accepted, or what went back. */
static void receipt_part(struct version *v, const struct event *e,
			 enum fact fact, const char *paper,
			 const struct book_record *sent)
{
	struct id deliver = record_id(&v->rec->rec, FACT_DELIVER);
	json_t *o, *papers = json_array();

	o = event(v, e);
	json_put(&o, "quantityList",
		 quantities(v->d, v->rec, fact,
			    sent != NULL ? lot_of(sent) : NULL));
	add_pair(&papers, paper, "bizTransaction",
		 entry_uri(v->d, &v->rec->id, ""));
	add_pair(&papers, "desadv", "bizTransaction",
		 entry_uri(v->d, &deliver, ""));
	json_put(&o, "bizTransactionList", papers);
	if (sent != NULL && fact == FACT_ACCEPTED) {
		add_sides(v, &o, NULL, sent);
		if (sum_of(v->rec, FACT_ACCEPTED) < sum_of(sent, FACT_LINES))
			json_put(&o, "persistentDisposition",
				 json_pack("{s:[s]}", "set",
					   "mismatch_quantity"));
	}
	json_push(&v->events, o);
}

static int on_receive(struct version *v)
{
	static const struct event took = { "ObjectEvent", "OBSERVE",
					   "receiving", "available", "" };
	static const struct event back = { "ObjectEvent", "OBSERVE", "shipping",
					   "returned", "/returned" };
	struct id deliver = record_id(&v->rec->rec, FACT_DELIVER);
	struct book_record sent;
	bool occurred = false;
	int err = v->d->x->view->get(v->d->x->view->cookie, &sent, &deliver);

	if (err == 0 && sent.rec.kind == KIND_DELIVER)
		err = book_newest(v->d->x->view, &sent, &occurred);
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	if (record_has(&v->rec->rec, FACT_ACCEPTED))
		receipt_part(v, &took, FACT_ACCEPTED, "recadv",
			     occurred ? &sent : NULL);
	if (record_has(&v->rec->rec, FACT_REFUSED))
		receipt_part(v, &back, FACT_REFUSED, "rma",
			     occurred ? &sent : NULL);
	return 0;
}

/* Kinds that are one event with one list. */
static const struct simple {
	uint32_t kind;
	struct event event;
	enum fact lines;
} simples[] = {
	{ KIND_LOSE,
	  { "ObjectEvent", "DELETE", "destroying", "destroyed", "" },
	  FACT_LINES },
	{ KIND_COUNT,
	  { "ObjectEvent", "OBSERVE", "stock_taking", "active", "" },
	  FACT_COUNTED },
	{ KIND_SUPPLY,
	  { "ObjectEvent", "OBSERVE", "receiving", "available", "" },
	  FACT_LINES },
	{ KIND_REQUEST,
	  { "TransactionEvent", "ADD", NULL, NULL, "" },
	  FACT_LINES },
};

static void on_simple(struct version *v, const struct simple *s)
{
	struct event e = s->event;
	const struct value *from = &v->rec->rec.v[FACT_FROM];
	json_t *list = quantities(v->d, v->rec, s->lines, lot_of(v->rec));
	json_t *o, *pairs = json_array();

	/* What never arrived was not destroyed: nobody knows where it is. */
	if (s->kind == KIND_LOSE && record_has(&v->rec->rec, FACT_DELIVER)) {
		e.step = NULL;
		e.disposition = "unknown";
	}
	if (list != NULL && json_array_size(list) == 0) {
		json_decref(list);
		json_decref(pairs);
		return;
	}
	o = event(v, &e);
	json_put(&o, "quantityList", list);
	if (s->kind == KIND_REQUEST) {
		add_pair(&pairs, "po", "bizTransaction",
			 entry_uri(v->d, &v->rec->id, ""));
		json_put(&o, "bizTransactionList", pairs);
	} else if (s->kind == KIND_SUPPLY &&
		   record_has(&v->rec->rec, FACT_FROM)) {
		add_pair(&pairs, "owning_party", "source",
			 party_uri(v->d, from->p, from->n));
		json_put(&o, "sourceList", pairs);
	} else {
		json_decref(pairs);
	}
	json_push(&v->events, o);
}

/* A revision is of use, or is not, or is called back wherever it is; or a lot
 * of it.  What one record brought without a lot has no name here. */
static int on_approve(struct version *v)
{
	static const struct event verdicts[] = {
		{ "ObjectEvent", "OBSERVE", "inspecting", "conformant", "" },
		{ "ObjectEvent", "OBSERVE", "inspecting", "non_conformant",
		  "" },
		{ "ObjectEvent", "OBSERVE", "holding", "recalled", "" },
	};
	const struct book_view *view = v->d->x->view;
	const struct value *item = &v->rec->rec.v[FACT_ITEM], *lot = NULL;
	struct id target = record_id(&v->rec->rec, FACT_TARGET);
	struct book_record of;
	bool occurred = false;
	char uri[URI];
	json_t *o;
	int err;

	if (record_has(&v->rec->rec, FACT_TARGET)) {
		err = view->get(view->cookie, &of, &target);
		if (err == 0)
			err = book_newest(view, &of, &occurred);
		if (err != 0 || !occurred)
			return err == ERR_NOT_FOUND ? 0 : err;
		lot = lot_of(&of);
		if (lot == NULL)
			return 0;
	}
	o = event(v, &verdicts[record_uint(&v->rec->rec, FACT_VERDICT) % 3]);

	class_uri(uri, v->d, (const char *)item->p, item->n, lot);
	json_put(&o, "quantityList", json_pack("[{s:s}]", "epcClass", uri));
	json_push(&v->events, o);
	return 0;
}

int epcis_events(json_t **events, struct epcis *d,
		 const struct book_record *rec, const struct book_record *by)
{
	struct version v = { d, rec, by, *events };
	int err = 0;

	for (size_t i = 0; i < sizeof(simples) / sizeof(simples[0]); i++)
		if (simples[i].kind == rec->rec.kind)
			on_simple(&v, &simples[i]);
	if (rec->rec.kind == KIND_PRODUCE)
		on_produce(&v);
	if (rec->rec.kind == KIND_DELIVER)
		on_deliver(&v);
	if (rec->rec.kind == KIND_APPROVE)
		err = on_approve(&v);
	if (rec->rec.kind == KIND_RECEIVE)
		err = on_receive(&v);
	*events = v.events;
	return err;
}
