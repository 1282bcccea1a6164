#include "store/lock.h"

#include "crypto/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct lock {
	int fd;
};

int lock_take(struct lock **out, const char *path)
{
	struct lock *lock = malloc(sizeof(*lock));
	int err = 0;

	if (lock == NULL)
		return ERR_NOMEM;
	lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock->fd < 0)
		err = err_from_errno(errno);
	else if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0)
		err = err_from_errno(errno);
	if (err == 0) {
		*out = lock;
		return 0;
	}
	lock_release(lock);
	return err;
}

void lock_release(struct lock *lock)
{
	if (lock == NULL)
		return;
	if (lock->fd >= 0)
		close(lock->fd);
	free(lock);
}
