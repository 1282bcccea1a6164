#ifndef NODE_TEXT_SAY_H
#define NODE_TEXT_SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * say -- what people read on stderr, and the exit codes of programs.
 *
 * One line per message: the thing, the reason, what to do.  Every line is made
 * safe for a terminal here, so names and texts that other people wrote can be
 * given to say_error as they are.  What goes to stdout and comes from the
 * ledger passes through text_safe first.
 */

/* Exit codes: the part of sysexits(3) that CONTRACT promises to scripts. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_NO = 1,           /* the answer is no: findings, not found */
	EXIT_USAGE = 64,       /* not how the command is used */
	EXIT_DATA = 65,        /* bad data */
	EXIT_INPUT = 66,       /* cannot open input */
	EXIT_UNAVAILABLE = 69, /* no peer, no daemon */
	EXIT_CREATE = 73,      /* cannot create output */
	EXIT_IO = 74,          /* disk or network failed underneath */
	EXIT_AGAIN = 75,       /* try again, or still waiting */
	EXIT_PROTOCOL = 76,    /* the other side does not keep the protocol */
	EXIT_DENIED = 77,      /* not permitted */
	EXIT_CONFIG = 78       /* configuration, or no network joined yet */
};

/* exit_of: the exit code for an enum err, when nothing more is known about
 * where it came from; 0 for 0. */
int exit_of(int err);

/* err_reason: a short phrase for an enum err in the person's language. */
const char *err_reason(int err);

/* say_error, say_warn, say_note: "maillon: ...", "maillon: warning: ...", and
 * the bare line, to stderr with a newline. */
void say_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A sentence on its way to a person: why something was refused.  Functions
 * that fill one do so on failure only. */
enum { REASON_SIZE = 512 };
struct reason {
	char text[REASON_SIZE];
};

/* reason_set: format the sentence, cut at REASON_SIZE; returns err, so that
 * `return reason_set(why, ERR_FORMAT, ...)` reads well. */
int reason_set(struct reason *why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* TEXT_SAFE_SIZE: room for n bytes made safe, with the NUL. */
#define TEXT_SAFE_SIZE(n) (4 * (size_t)(n) + 1)

/* text_safe: n bytes of text into out with a NUL: control, direction and
 * invisible characters and bytes that are not UTF-8 become \xHH.  Cut at size
 * between characters.  Returns out. */
char *text_safe(char *out, size_t size, const char *text, size_t n);

/* put_safe: the same to a stream, without a limit. */
void put_safe(FILE *file, const char *text, size_t n);

/* out_end: flush stdout.  EXIT_DONE, or EXIT_IO after saying that what was
 * printed may be incomplete (a full disk, a closed pipe). */
int out_end(void);

#endif
