#ifndef NODE_IMPORT_CELL_H
#define NODE_IMPORT_CELL_H

#include "node/text/say.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * cell -- numbers, money and dates as the cells of other programs' tables
 * write them.
 *
 * More is understood than parse.h allows a person to type, but still each text
 * has one meaning or none: what a cell means never depends on the cell beside
 * it or on the locale.  A refusal fills `why` with one sentence.
 */

enum { CELL_MAX = 8192 }; /* bytes of a cell that becomes a fact, and NUL */

/* cell_trim: copy n bytes without the blanks around them, ASCII, no-break and
 * narrow no-break ones.  ERR_LIMIT: not less than CELL_MAX are left. */
int cell_trim(char out[static CELL_MAX], const char *text, size_t n,
	      struct reason *why);

/* cell_qty: a whole number from min (0 or 1) to max.  Thousands may stand
 * apart by one blank of any of the kinds above, and zeros may follow the
 * decimal sign ('.' or ','): "80", "80.0", "1 234".  ERR_FORMAT: empty, no
 * number, not whole; ERR_LIMIT: negative, less than min, above max. */
int cell_qty(uint64_t *out, const char *text, char decimal, uint64_t min,
	     uint64_t max, struct reason *why);

/* cell_lower: copy text with ASCII letters in lower case; out has room for it.
 * Items are written so. */
void cell_lower(char *out, const char *text);

/* cell_money: the same amounts with decimals, as parse_money wants them.  The
 * currency is that of the cell ("12,50 EUR", "12,50 €"), else `currency`,
 * which may be "".  ERR_FORMAT. */
int cell_money(char *out, size_t size, const char *text, char decimal,
	       const char *currency, struct reason *why);

/* cell_sign: is a number below zero (-1), zero or no cell at all (0), or above
 * (1)?  2 for what is no number.  *bare, when not NULL, is the text after the
 * sign, '-', '+' or U+2212, and blanks. */
int cell_sign(const char **bare, const char *text, char decimal);

/* cell_time: ms since 1970 UTC.  format NULL: ISO 8601 as parse_time reads it.
 * Otherwise like strptime: %d %m %H %M %S of one or two digits, %Y of four, %y
 * of two (69 to 99 are 1969 to 1999), %z an offset, %% and literal text; UTC
 * unless %z says otherwise.  ERR_FORMAT: empty, not of this form, or a day
 * that the calendar does not have; ERR_LIMIT: before 1970. */
int cell_time(uint64_t *out, const char *text, const char *format,
	      struct reason *why);

/* cell_format_is_valid: does a format have day, month and year once each, and
 * nothing that cell_time does not know? */
bool cell_format_is_valid(const char *format);

#endif
