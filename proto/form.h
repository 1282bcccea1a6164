#ifndef PROTO_FORM_H
#define PROTO_FORM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * form -- what the short texts of the protocol look like (PROTOCOL.md,
 * "Types").
 *
 * Each function looks at n bytes, which need no NUL, and says whether they are
 * such a text.  All are ASCII, so upper and lower case is the only thing a
 * reader can mistake.
 */

/* label_is_valid: a member's label, "lea_88". */
bool label_is_valid(const char *p, size_t n);

/* item_is_valid: a product, "visor", or one revision of it, "visor/v30". */
bool item_is_valid(const char *p, size_t n);

/* place_is_valid: an ISO 3166 code, "FR" or "FR-88". */
bool place_is_valid(const char *p, size_t n);

/* address_is_valid: "tcp://HOST:PORT", an IPv6 host in brackets. */
bool address_is_valid(const char *p, size_t n);

/* currency_is_valid: three capitals, "EUR". */
bool currency_is_valid(const char *p, size_t n);

/* period_is_valid: a year, quarter or month: "2020", "2020-Q2", "2020-04". */
bool period_is_valid(const char *p, size_t n);

#endif
