#ifndef NODE_TEXT_PERSONAL_H
#define NODE_TEXT_PERSONAL_H

#include "node/text/say.h"
#include "proto/record.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * personal -- texts that look like they are about a person.
 *
 * PRV-01: what is recorded is public and stays for ever, so e-mail addresses,
 * telephone numbers and IBANs are refused in it before it is signed, unless
 * the person says that everybody may read them, in whatever digits and however
 * the @ is spelled (node/text/compat.h).  Names cannot be told from
 * other words; the prompts ask for pseudonyms.
 */

enum personal { PERSONAL_NONE, PERSONAL_EMAIL, PERSONAL_PHONE, PERSONAL_IBAN };

/* personal_find: what a text of n bytes holds.  Of a code (a lot, a number) ten
 * digits in a row are no telephone number.  An IBAN has a valid checksum. */
enum personal personal_find(const char *text, size_t n, bool is_code);

/* personal_check: no text of the record holds any of it; ERR_FORMAT, and why
 * names the fact.  personal_name: the same of a public name.  personal_text: of
 * any text that is to be public; what is how the person knows it. */
int personal_check(const struct record *rec, struct reason *why);
int personal_name(const char *name, struct reason *why);
int personal_text(const char *what, const char *text, bool is_code,
		  struct reason *why);

#endif
