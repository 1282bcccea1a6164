#ifndef NODE_NET_CONTACT_H
#define NODE_NET_CONTACT_H

#include "crypto/curve.h"
#include "proto/invite.h"
#include "proto/limit.h"
#include "proto/roster/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * contact -- nodes that we dial: where they are, and when to try again.
 *
 * A contact is a transport key with the addresses where it may answer.  It was
 * named on the command line, is kept in this home since an invite led there
 * (TABLE_PEERS), or has published its address.  A failed try moves on to the
 * next address; after all of them comes a pause, which doubles from 1 to 60
 * seconds, less up to a half by chance, so that a hub that comes back is not
 * called by everybody at once.
 *
 * What is only published may be the address of somebody who has nothing to do
 * with it: then the pause doubles up to an hour while others are there, a
 * member has one place however many nodes it says it has, and who cannot be
 * reached in CONTACT_TRIES rounds gives it to another, if there is one.
 *
 * A hint of where one is on the local network is worth one dial: it takes no
 * place among the addresses, and the next one waits CONTACT_HINT_MS, twice as
 * long each time it led nowhere.  Nodes that only a hint told of have
 * CONTACTS_HINTED places, and keys that nobody in the roster has as many more;
 * those that lead nowhere have to give theirs up.
 */

enum {
	CONTACTS_MAX = 64,
	CONTACTS_PUBLISHED = 8,   /* of those that are only published */
	CONTACTS_HINTED = 8,      /* of those that are only hinted at */
	CONTACT_PAUSE_MIN = 1000, /* ms */
	CONTACT_PAUSE_MAX = 60000,
	CONTACT_PAUSE_LONG = 3600000, /* of what is only published */
	CONTACT_TRIES = 13,           /* an hour and a half and more */
	CONTACT_PAUSE_HASTY = 250,    /* the first pause with --once */
	CONTACT_STEP_MS = 50,         /* between two addresses of one contact */
	CONTACT_HINT_MS = 10000,
	CONTACT_HINT_MAX = 640000,
	CONTACT_HINT_TRIES = 4 /* before its place may be taken */
};

struct contact {
	struct curvekey key;
	struct pubkey who; /* of what is only published: the member */
	char address[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	size_t address_n; /* at least 1 */
	size_t at;        /* the one to try next */
	bool is_named;
	bool is_kept;
	bool is_hinted;               /* nothing but a hint told of it */
	bool is_stranger;             /* of those: in no roster then */
	char hint[LIMIT_ADDRESS + 1]; /* to try first, once; "": none */
	bool is_hint_tried;           /* the dial under way goes there */
	uint64_t hint_ms;             /* no other hint before */
	uint32_t hint_pause;          /* ms */
	bool is_ours;      /* it turned out to be this node: never again */
	unsigned failures; /* in a row */
	uint64_t next_ms;  /* not before */
	uint64_t down_ms;  /* when the last failure was; 0 none yet */
	bool was_met;      /* proved who it is, since the start */
	int answer;        /* enum joined it told last, or -1 */
	uint64_t told_ms;  /* when it did */
	int bye;           /* enum bye it closed with last, or -1 */
};

struct contacts {
	bool is_hasty; /* short pauses: somebody waits for the end */
	size_t n;
	struct contact row[CONTACTS_MAX];
};

/* contacts_add: the contact with this key, new or not, with this address too
 * (NULL: without).  NULL when there are too many. */
struct contact *contacts_add(struct contacts *c, const struct curvekey *key,
			     const char *address);

/* contacts_find: by key, or NULL. */
struct contact *contacts_find(struct contacts *c, const struct curvekey *key);

/* contacts_publish: add members' nodes that have published an address: those
 * who may admit first, then others, until CONTACTS_PUBLISHED are there.  start
 * is a random number: not everybody begins with the same.  self is left out.
 * now_ms: those that lead nowhere give up their places; 0: they do not. */
void contacts_publish(struct contacts *c, const struct roster *r,
		      const struct pubkey *self, uint32_t start,
		      uint64_t now_ms);

/* contacts_hint: somebody on the local network says that this key is there;
 * is_member: the roster has it.  False: of no use, or too many or too often. */
bool contacts_hint(struct contacts *c, const struct curvekey *key,
		   bool is_member, const char *address, uint64_t now_ms);

/* contact_address: the one to try now. */
const char *contact_address(const struct contact *c);

/* contact_dialled: that one is being tried. */
void contact_dialled(struct contact *c);

/* contact_failed: it did not work, or ended; chance is a random number. */
void contact_failed(struct contact *c, bool is_hasty, uint64_t now_ms,
		    uint32_t chance);

/* contacts_hurry: nobody at all is there, so none waits longer than a minute
 * from now; chance is a random number. */
void contacts_hurry(struct contacts *c, uint64_t now_ms, uint32_t chance);

/* contact_worked: it was worth it: the next pause is the shortest. */
void contact_worked(struct contact *c);

struct store;

/* contacts_load: add the kept ones.  Errors of the store; rows that are
 * damaged are passed over. */
int contacts_load(struct contacts *c, struct store *s);

/* contact_keep: remember the node of an invite.  Errors of store_put. */
int contact_keep(struct store *s, const struct invite *inv);

#endif
