#ifndef CRYPTO_ERR_H
#define CRYPTO_ERR_H

/*
 * err -- the one error enum of the tree.
 *
 * Every function that can fail returns 0 or one of these; results are written
 * through pointers, on success only.  Codes of errno, libsodium, LMDB and
 * ZeroMQ are translated once, by the wrapper that receives them.  They live
 * in crypto/ because it is the room every other room may look into.
 */
enum err {
	ERR_FORMAT = -1,    /* bytes that are not what the protocol says */
	ERR_LIMIT = -2,     /* well-formed, but above a named maximum */
	ERR_SIGNATURE = -3, /* a signature, seal or checksum does not verify */
	ERR_CHAIN = -4,     /* seq or prev does not follow the entry before */
	ERR_NOT_FOUND = -5, /* no such thing here */
	ERR_EXISTS = -6,    /* already there, and will not be replaced */
	ERR_CONFLICT = -7,  /* another signed entry holds that place: a fork */
	ERR_DENIED = -8,    /* the author, key or person may not do that */
	ERR_BUSY = -9,      /* held by another process; try again */
	ERR_NOMEM = -10,    /* memory */
	ERR_IO = -11,       /* the disk or the network failed underneath */
	ERR_FULL = -12,     /* disk full */
	ERR_VERSION = -13,  /* written by another version of this software */
	ERR_STATE = -14,    /* valid, but not now: a peer out of turn */
	ERR_FOLDER = -15    /* a folder, where a file is wanted */
};

/* err_text: a short English phrase for err, never NULL; "no error" for 0.
 * Static storage. */
const char *err_text(int err);

/* err_from_errno: what a failed system call means, for the wrapper that made
 * it; ERR_IO for all that has no code of its own.  Never 0. */
int err_from_errno(int code);

#endif
