#include "crypto/err.h"

#include <errno.h>

const char *err_text(int err)
{
	if (err == 0)
		return "no error";
	switch ((enum err)err) {
	case ERR_FORMAT:
		return "not in the expected format";
	case ERR_LIMIT:
		return "above the limit";
	case ERR_SIGNATURE:
		return "the signature or checksum does not verify";
	case ERR_CHAIN:
		return "does not follow the entry before it";
	case ERR_NOT_FOUND:
		return "not found";
	case ERR_EXISTS:
		return "exists already";
	case ERR_CONFLICT:
		return "another signed entry holds that place";
	case ERR_DENIED:
		return "not permitted";
	case ERR_BUSY:
		return "in use by another process";
	case ERR_NOMEM:
		return "out of memory";
	case ERR_IO:
		return "reading or writing failed";
	case ERR_FULL:
		return "the disk is full";
	case ERR_VERSION:
		return "written by another version of this software";
	case ERR_STATE:
		return "not possible now";
	case ERR_FOLDER:
		return "is a folder, not a file";
	}
	return "unknown error";
}

int err_from_errno(int code)
{
	switch (code) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EEXIST:
		return ERR_EXISTS;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case EAGAIN:
	case EBUSY:
		return ERR_BUSY;
	case ENOMEM:
		return ERR_NOMEM;
	case ENOSPC:
	case EDQUOT:
		return ERR_FULL;
	case EISDIR:
		return ERR_FOLDER;
	}
	return ERR_IO;
}
