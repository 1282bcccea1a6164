#ifndef NODE_TEXT_FORM_H
#define NODE_TEXT_FORM_H

#include "node/keeper.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * form -- a record that is being filled in from texts.
 *
 * Commands, CSV rows and `correct --set` all come to a draft this way: facts
 * are set one by one from what a person or a file says, form_end checks the
 * whole.  A form owns the bytes of its facts.  A sentence in `why` names the
 * fact and the reason whenever something is refused.
 */

enum { FORM_ROOM = LIMIT_ENTRY };

struct form {
	struct record rec;
	bool may_name;      /* texts about persons are meant to be public */
	const char *called; /* the option a text came with, NULL: its fact */
	size_t used;
	uint8_t room[FORM_ROOM];  /* what rec's values point into */
	uint8_t facts[FORM_ROOM]; /* after form_end */
	size_t facts_n;
};

/* form_open: an empty form on the heap (it is large).  ERR_NOMEM.  form_close:
 * NULL is fine. */
int form_open(struct form **out, enum kind kind);
void form_close(struct form *f);

/* form_init: the same again for another record.  Cannot fail. */
void form_init(struct form *f, enum kind kind);

/* form_uint, form_bytes, form_text: a value as it is; bytes are copied.
 * ERR_LIMIT: no room. */
int form_uint(struct form *f, enum fact fact, uint64_t v);
int form_bytes(struct form *f, enum fact fact, const void *p, size_t n);
int form_text(struct form *f, enum fact fact, const char *text);

/* form_lines: a list of goods; repeats of an item add up.  ERR_LIMIT: too many
 * lines, a sum above LIMIT_QTY, or a quantity 0 where the fact (a stock take's
 * count apart) allows none.  n 0 takes the fact away. */
int form_lines(struct form *f, enum fact fact, const struct goods *goods,
	       size_t n);

/* form_position: a place in a feed.  form_positions: a list of them, in rising
 * order of feed; n 0 sets nothing.  ERR_LIMIT: no room. */
int form_position(struct form *f, enum fact fact, const struct position *at);
int form_positions(struct form *f, enum fact fact, const struct position *at,
		   size_t n);

/* form_money, form_party: as they are. */
int form_money(struct form *f, enum fact fact, const struct money *m);
int form_party(struct form *f, enum fact fact, const struct party *p);

/* form_set: read text as the fact's type wants it: a number, a time, a word, a
 * line of goods ("50 visor, 2 clip" for several), money, a party, a REF or id,
 * hex digits, a text.  d resolves parties and REFs and may be NULL where the
 * type needs neither.  Errors of the readers, with a sentence. */
int form_set(struct form *f, struct desk *d, enum fact fact, const char *text,
	     struct reason *why);

/* form_doc: the SHA-256 of the file at path as the fact's value.  An exit
 * code, after saying what is wrong; an empty file documents nothing. */
int form_doc(struct form *f, enum fact fact, const char *path);

/* form_end: check the record as a whole and make a draft that borrows from f.
 * ERR_FORMAT, also when a text is about a person (personal.h) and may_name is
 * not set; ERR_LIMIT. */
int form_end(struct form *f, struct draft *out, uint64_t time_ms,
	     struct reason *why);

#endif
