#ifndef NODE_REPORT_AUDIT_TEXT_H
#define NODE_REPORT_AUDIT_TEXT_H

#include "node/report/audit_json.h"
#include "proto/audit/audit.h"

#include <stdio.h>

/*
 * audit_text -- the report of an audit for people, in their language.
 */

/* audit_print: the whole report; report is its digest. */
void audit_print(FILE *file, const struct audit *a, const struct audit_say *how,
		 const struct id *report);

#endif
