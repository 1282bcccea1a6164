#include "node/import/filemap.h"

#include "crypto/err.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int map(struct filemap *f, int fd)
{
	struct stat st;
	void *base;

	if (fstat(fd, &st) != 0)
		return err_from_errno(errno);
	if (!S_ISREG(st.st_mode) || st.st_size <= 0)
		return ERR_FORMAT;
	base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (base == MAP_FAILED)
		return err_from_errno(errno);
	f->base = base;
	f->p = base;
	f->n = (size_t)st.st_size;
	return 0;
}

int filemap_open(struct filemap *f, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return err_from_errno(errno);
	err = map(f, fd);
	close(fd);
	return err;
}

void filemap_close(struct filemap *f)
{
	if (f->base != NULL)
		munmap(f->base, f->n);
	*f = (struct filemap){ NULL, 0, NULL };
}
