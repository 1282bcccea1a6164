#ifndef NODE_EXPORT_EPCIS_H
#define NODE_EXPORT_EPCIS_H

#include "node/export/export.h"
#include "node/text/json.h"
#include "proto/book/catalog.h"

/*
 * epcis -- records as EPCIS 2.0 events, with the business steps and
 * dispositions of CBV 2.0.
 *
 * Names are URIs of one form, maillon:NETWORK/..., because no member needs a
 * GS1 prefix: entry/ID, party/KEY, outsider/HANDLE, item/PRODUCT/REVISION and
 * then perhaps lot/LOT.
 */

/* What the events of one document share. */
struct epcis {
	const struct exporting *x;
	struct catalog items;
	char network[2 * ID_SIZE + 1];
	json_t *known; /* classes that were commissioned, as keys */
};

/* epcis_events: add what one version of a record is to an array, perhaps
 * nothing; `by` is the entry that brought it.  *events is NULL when memory is
 * short; errors of the view. */
int epcis_events(json_t **events, struct epcis *d,
		 const struct book_record *rec, const struct book_record *by);

/* epcis_time: a time as EPCIS has it. */
json_t *epcis_time(uint64_t ms);

#endif
