#include "store/mdb_err.h"

#include "crypto/err.h"
#include "store/store.h"

#include <lmdb.h>
#include <sys/statvfs.h>

int disk_space(uint64_t *out, const char *dir)
{
	struct statvfs fs;

	if (statvfs(dir, &fs) != 0)
		return ERR_IO;
	*out = (uint64_t)fs.f_bavail * fs.f_frsize;
	return 0;
}

static int from_io(const char *dir)
{
	uint64_t space;

	if (disk_space(&space, dir) == 0 && space < STORE_FREE_MIN)
		return ERR_FULL;
	return ERR_IO;
}

int mdb_err(int rc, const char *dir)
{
	switch (rc) {
	case MDB_SUCCESS:
		return 0;
	case MDB_NOTFOUND:
		return ERR_NOT_FOUND;
	case MDB_KEYEXIST:
		return ERR_EXISTS;
	case MDB_MAP_FULL:
	case MDB_READERS_FULL:
	case MDB_MAP_RESIZED:
	case MDB_TXN_FULL:
		return ERR_BUSY;
	case MDB_VERSION_MISMATCH:
		return ERR_VERSION;
	case MDB_BAD_TXN:
	case MDB_BAD_RSLOT:
		return ERR_STATE;
	}
	if (rc < 0)
		return ERR_FORMAT;
	rc = err_from_errno(rc);
	return rc == ERR_IO ? from_io(dir) : rc;
}
