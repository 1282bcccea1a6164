#ifndef PROTO_AUDIT_FINDING_H
#define PROTO_AUDIT_FINDING_H

#include "proto/value.h"

#include <stddef.h>
#include <stdint.h>

/*
 * finding -- what an audit says is wrong, with the entries that prove it.
 *
 * Each code is one rule (PROTOCOL.md, "Findings") with a severity that never
 * changes.  The sentence is English and made of the finding's own fields only,
 * so the same cut gives the same bytes; node/ says the same in other
 * languages from the same fields.
 */

enum finding_code {
	AUT_01, /* recorded by somebody whose role may not */
	DES_01, /* made after the revision was rejected or withdrawn */
	DES_02, /* made, and nobody approved the revision */
	DES_03, /* delivered after the revision was withdrawn */
	DES_04, /* two files for one revision */
	DLV_01, /* no answer for 30 days */
	DLV_02, /* no answer for 180 days */
	DLV_03, /* a paper entered by no third member */
	DLV_04, /* lost on the way, as the sender alone says */
	DLV_05, /* acknowledged by whom only the sender vouches for */
	DLV_06, /* acknowledged for good by who hands goods on */
	DUP_01, /* the same goods recorded on behalf of the maker, and by it */
	DUP_02, /* a key used twice */
	DUP_03, /* one bill spent twice */
	DUP_04, /* one reference, two gifts */
	DUP_05, /* one serial number made twice */
	DUP_06, /* supplied by a member, and sent by it */
	DUP_07, /* one signed paper, several deliveries */
	DUP_08, /* corrections of one delivery that compete */
	DUP_10, /* exact repeats */
	DUP_11, /* one label, two members */
	FIN_01, /* more spent than was given */
	FIN_02, /* gifts for a purpose, spent on something else */
	FIN_04, /* statements that do not join */
	FIN_05, /* bank against records */
	FIN_06, /* spending without a document */
	FIN_07, /* frozen balances that are wrong */
	ITM_01, /* declared in two ways */
	ITM_02, /* goods delivered as a service */
	KEY_01, /* entries beyond a pin */
	KEY_02, /* unknown key */
	KEY_04, /* more than 64 nodes */
	KEY_05, /* entries beyond a rotation */
	KEY_06, /* one key followed by two */
	LOG_01, /* chain */
	LOG_02, /* signature */
	LOG_03, /* gap */
	LOG_04, /* a checkpoint that is not the tree's */
	LOG_05, /* encoding */
	LOG_10, /* a fork */
	LOG_11, /* two roots at one size */
	LOG_12, /* a checkpoint smaller than one before it */
	LOG_13, /* attested, and closed away by an end */
	LOG_20, /* checkpoints that no quorum ever cosigned */
	LOG_21, /* and those that none has cosigned for long */
	QTY_01, /* stock below zero */
	QTY_02, /* more came of a delivery than was sent */
	QTY_04, /* facts that no record may have */
	QTY_10, /* a lot that was received, made again */
	QTY_11, /* parts that were not used */
	QTY_20, /* grams against pieces */
	QTY_21, /* grams against seconds */
	QTY_22, /* far more than usual */
	REF_01, /* dangling reference */
	TIM_01, /* a time that cannot be */
	TIM_02, /* a clock that goes back */
	TIM_03, /* recorded before it happened */
	TIM_11, /* late for a closed period */
	FINDING_CODES
};

enum severity {
	SEVERITY_BREACH,  /* E: proved */
	SEVERITY_EXPLAIN, /* W: wants an explanation */
	SEVERITY_LAG      /* L: something is not here yet */
};

enum {
	FINDING_PROOFS = 8, /* entries named by one finding at most */
	FINDING_TEXT = 320, /* bytes of a sentence with its NUL */
	FINDING_SUBJECT = 208
};

struct finding {
	enum finding_code code;
	char subject[FINDING_SUBJECT]; /* a feed, an entry, a holder and item */
	char who[LIMIT_LABEL + 24];    /* label of whom it is about, for text */
	char item[LIMIT_ITEM + 1];     /* "" when it is about no item */
	uint64_t amount;               /* how much too much, or a seq */
	struct position proof[FINDING_PROOFS]; /* rising (feed, seq) */
	size_t proofs;
};

struct findings {
	struct finding *at; /* owned */
	size_t n, max;
};

/* finding_name: "LOG-01"; finding_severity: fixed for the code;
 * severity_letter: 'E', 'W' or 'L'. */
const char *finding_name(enum finding_code code);
enum severity finding_severity(enum finding_code code);
char severity_letter(enum severity s);

/* finding_sentence: its sentence in English, with {n}, {who} and {item} where
 * the finding's own go; what translations start from. */
const char *finding_sentence(const struct finding *f);

/* finding_fill: a sentence, or its translation, filled in from f and cut at
 * FINDING_TEXT.  Cannot fail. */
void finding_fill(char out[static FINDING_TEXT], const char *sentence,
		  const struct finding *f);

/* finding_prove: add an entry to the proofs; beyond FINDING_PROOFS it is left
 * out, so the earliest entries should come first. */
void finding_prove(struct finding *f, const struct position *at);

/* findings_add: copy f to the end.  ERR_NOMEM. */
int findings_add(struct findings *all, const struct finding *f);

/* findings_sort: by code, subject, first entry, and each one's proofs by
 * (feed, seq), as reports list them. */
void findings_sort(struct findings *all);

/* findings_release: free them. */
void findings_release(struct findings *all);

#endif
