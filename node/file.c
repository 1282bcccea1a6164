#include "node/file.h"

#include "crypto/err.h"
#include "crypto/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 1200 };

int file_read(char *buf, size_t max, size_t *n, const char *path)
{
	size_t at = 0;
	ssize_t got;
	int err = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_from_errno(errno);
	while ((got = read(fd, buf + at, max - at)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			err = err_from_errno(errno);
			goto done;
		}
		at += (size_t)got;
		if (at == max) {
			err = ERR_LIMIT;
			goto done;
		}
	}
	buf[at] = '\0';
	*n = at;
done:
	close(fd);
	return err;
}

static int write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t put = write(fd, at, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return err_from_errno(errno);
		at += put;
		n -= (size_t)put;
	}
	return fsync(fd) == 0 ? 0 : err_from_errno(errno);
}

int file_write(const char *path, const void *p, size_t n, mode_t mode)
{
	char temp[PATH_ROOM];
	int err, fd;

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return ERR_LIMIT;
	/* Left behind by a run that was cut: nobody else writes here. */
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return err_from_errno(errno);
	err = write_all(fd, p, n);
	if (close(fd) != 0 && err == 0)
		err = err_from_errno(errno);
	if (err == 0 && rename(temp, path) != 0)
		err = err_from_errno(errno);
	if (err != 0) {
		unlink(temp);
		return err;
	}
	return file_sync_dir(path);
}

static int make_dir(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return file_sync_dir(path);
	if (errno != EEXIST)
		return err_from_errno(errno);
	if (stat(path, &st) != 0)
		return err_from_errno(errno);
	return S_ISDIR(st.st_mode) ? 0 : ERR_EXISTS;
}

int file_make_dirs(const char *path)
{
	char part[PATH_ROOM];
	size_t n = strlen(path);
	struct stat st;

	if (n >= sizeof(part))
		return ERR_LIMIT;
	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : ERR_EXISTS;
	memcpy(part, path, n + 1);
	for (size_t i = 1; i < n; i++) {
		int err;

		if (part[i] != '/')
			continue;
		part[i] = '\0';
		/* A parent that is there may be one we could not make. */
		err = stat(part, &st) == 0 ? 0 : make_dir(part);
		part[i] = '/';
		if (err != 0)
			return err;
	}
	return make_dir(path);
}
