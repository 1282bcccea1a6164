#include "node/export/epcis.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/book/reissue.h"
#include "store/book.h"

#include <stdlib.h>

/*
 * The document.  A record that was corrected is there as it was, once more
 * with an errorDeclaration, and then as it is.
 */

struct document {
	const struct exporting *x;
	struct epcis epcis;
	json_t *last; /* the events of the version before */
	bool has_events;
};

static int put_events(struct document *d, json_t *events)
{
	size_t n = json_array_size(events);
	int err = events == NULL ? ERR_NOMEM : 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		fputs(d->has_events ? ",\n" : "\n", d->x->file);
		d->has_events = true;
		err = export_json(d->x->file,
				  json_incref(json_array_get(events, i)));
	}
	return err;
}

/* The events of the version before, taken back by this one. */
static int take_back(struct document *d, const json_t *events,
		     const struct book_record *by, bool occurred)
{
	size_t n = json_array_size(d->last);
	json_t *out = json_array(), *ids = json_array();
	int err;

	for (size_t i = 0; i < json_array_size(events); i++)
		json_push(&ids, json_incref(json_object_get(
					json_array_get(events, i), "eventID")));
	for (size_t i = 0; i < n; i++) {
		json_t *o = json_deep_copy(json_array_get(d->last, i));
		json_t *error = json_object();

		json_put(&error, "declarationTime", epcis_time(by->time_ms));
		json_put(&error, "reason",
			 json_string(occurred ? "incorrect_data"
					      : "did_not_occur"));
		if (occurred && json_array_size(ids) > 0)
			json_put(&error, "correctiveEventIDs",
				 json_incref(ids));
		json_put(&o, "errorDeclaration", error);
		json_push(&out, o);
	}
	json_decref(ids);
	err = put_events(d, out);
	json_decref(out);
	return err;
}

static int put_version(void *arg, const struct book_record *rec,
		       const struct book_record *by, bool occurred)
{
	struct document *d = arg;
	json_t *events = json_array();
	int err = occurred ? epcis_events(&events, &d->epcis, rec, by) : 0;

	if (err == 0)
		err = take_back(d, events, by, occurred);
	if (err == 0)
		err = put_events(d, events);
	json_decref(d->last);
	d->last = events;
	return err;
}

static int put_spot(struct document *d, const struct spot *spot)
{
	struct book_record rec;
	bool silent;
	int err = store_record(d->x->store, &spot->feed, spot->seq, &rec);

	if (err == 0)
		err = reissue_is_silent(d->x->view, &rec, &silent);
	if (err != 0 || silent)
		return err;
	json_decref(d->last);
	d->last = json_array();
	return book_versions(d->x->view, &rec, put_version, d);
}

int export_epcis(const struct exporting *x)
{
	struct document d = { .x = x, .epcis = { .x = x } };
	struct spots spots = { NULL, 0, 0 };
	char time[TIME_SIZE];
	int err = 0;

	d.epcis.known = json_object();
	if (d.epcis.known == NULL)
		err = ERR_NOMEM;
	hex_encode(d.epcis.network, roster_network(x->roster)->b, ID_SIZE);
	if (err == 0)
		err = export_items(&d.epcis.items, x);
	if (err == 0)
		err = export_spots(&spots, x);
	/* No clock: the same records are the same document. */
	export_time(time, spots.n > 0 ? spots.at[spots.n - 1].date_ms : 0);
	fprintf(x->file,
		"{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/"
		"epcis-context.jsonld\"],\n\"type\":\"EPCISDocument\","
		"\"schemaVersion\":\"2.0\",\"creationDate\":\"%s\",\n"
		"\"epcisBody\":{\"eventList\":[",
		time);
	for (size_t i = 0; i < spots.n && err == 0; i++)
		err = put_spot(&d, &spots.at[i]);
	fputs("\n]}}\n", x->file);
	catalog_release(&d.epcis.items);
	json_decref(d.epcis.known);
	json_decref(d.last);
	free(spots.at);
	return err;
}
