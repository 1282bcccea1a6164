#ifndef STORE_MDB_ERR_H
#define STORE_MDB_ERR_H

#include <stdint.h>

/*
 * mdb_err -- LMDB's return codes as ours, translated once.
 */

/* mdb_err: the enum err for a code of LMDB about the environment in folder
 * dir; 0 for 0.  A full disk shows as EIO, because LMDB does not look at errno
 * when a write comes up short: with less than STORE_FREE_MIN left it is
 * ERR_FULL. */
int mdb_err(int rc, const char *dir);

/* disk_space: bytes free on the disk of folder dir.  ERR_IO. */
int disk_space(uint64_t *out, const char *dir);

#endif
