#ifndef NODE_TEXT_PARSE_H
#define NODE_TEXT_PARSE_H

#include "proto/calendar.h"
#include "proto/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * parse -- quantities, items, money, times as people type them, and back.
 *
 * Strict: a text has one meaning or none, whatever the locale.  All take a
 * NUL-terminated text, write their result on success only, and allow no white
 * space but where the form has it.  ERR_FORMAT: not such a thing; ERR_LIMIT:
 * such a thing, but zero where that is nonsense, or above its maximum.
 */

/* parse_uint: decimal digits, at most max.  A minus sign before digits is
 * ERR_LIMIT: a number, but never one that is allowed. */
int parse_uint(uint64_t *out, uint64_t max, const char *text);

/* parse_qty: 1 to LIMIT_QTY. */
int parse_qty(uint64_t *out, const char *text);

/* parse_item, parse_label, parse_place: check the form and copy.  A place may
 * be typed in lower case. */
int parse_item(char out[static LIMIT_ITEM + 1], const char *text);
int parse_label(char out[static LIMIT_LABEL + 1], const char *text);
int parse_place(char out[static LIMIT_PLACE + 1], const char *text);

/* A line of goods that owns its item; qty 0 where a count allows it. */
struct goods {
	char item[LIMIT_ITEM + 1];
	uint64_t qty;
};

/* parse_line: "50 visor/v30", blanks between. */
int parse_line(struct goods *out, const char *text);

/* parse_lines: lines out of arguments: "QTY ITEM" as one argument, or as two.
 * At most LIMIT_LINES; *bad is the argument that is wrong, on failure only. */
int parse_lines(struct goods out[static LIMIT_LINES], size_t *n,
		const char *const *arg, size_t arg_n, size_t *bad);

/* Money in minor units, and an ISO 4217 code. */
struct money {
	uint64_t minor; /* 1 to LIMIT_QTY; 0 where a balance allows it */
	char currency[4];
};

/* parse_money: "50 EUR", "12.50 EUR", "12,5 EUR", "1250c EUR".  Digits after
 * the point as the currency has them (EUR 2, XPF 0, TND 3).  parse_balance
 * allows zero. */
int parse_money(struct money *out, const char *text);
int parse_balance(struct money *out, const char *text);

/* parse_time: "2020-04-01", or with "T" or a blank "14:30", "14:30:05",
 * fractions (cut to ms), and then nothing or "Z" or " UTC" (UTC) or an offset
 * "+02:00", "+0200", "+02".  1970 to 9999, to ms since 1970 UTC. */
int parse_time(uint64_t *out, const char *text);

/* parse_period: a year, a quarter or a month of 1970 to 9998, in UTC. */
int parse_period(struct period *out, const char *text);

/* parse_bytes: exactly n bytes from 2n hex digits of either case. */
int parse_bytes(void *out, size_t n, const char *text);

enum { TIME_SIZE = 32, MONEY_SIZE = 32 };

/* time_text: "2020-04-01T14:30:05Z", with ".250" when there are ms; a time
 * after 9999 as its number of ms.  Cannot fail. */
void time_text(char out[static TIME_SIZE], uint64_t ms);

/* money_text: "12.50 EUR"; money_plain: "12.50" alone, and of a negative
 * amount too.  Cannot fail. */
void money_text(char out[static MONEY_SIZE], const struct money *m);
void money_plain(char out[static MONEY_SIZE], int64_t minor,
		 const char *currency);

/* place_is_under: is place the same as `in`, or a part of it ("FR-88" lies in
 * "FR")? */
bool place_is_under(const char *place, const char *in);

#endif
