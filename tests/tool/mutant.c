#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * mutant -- every file that differs from one in a byte, or ends too early.
 *
 *   mutant FILE DIR
 *
 * Of each byte three other values, DIR/b-AT-VALUE, and FILE cut before it,
 * DIR/c-AT.  Exit code 1 when something cannot be read or written.
 */

enum { FILE_MAX = 1 << 20 };

static int put(const char *dir, const char *name, const char *p, size_t n)
{
	char path[4096];
	FILE *f;
	int bad;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	if (f == NULL)
		return 1;
	bad = fwrite(p, 1, n, f) != n;
	return fclose(f) != 0 || bad;
}

static int mutate(const char *dir, char *p, size_t n)
{
	static const char flips[] = { 1, 4, 0x20 };
	char name[64];
	int bad = 0;

	for (size_t at = 0; at < n && !bad; at++) {
		snprintf(name, sizeof(name), "c-%zu", at);
		bad = put(dir, name, p, at);
		for (size_t k = 0; k < sizeof(flips) && !bad; k++) {
			p[at] ^= flips[k];
			snprintf(name, sizeof(name), "b-%zu-%02x", at,
				 (unsigned)(unsigned char)p[at]);
			bad = put(dir, name, p, n);
			p[at] ^= flips[k];
		}
	}
	return bad;
}

int main(int argc, char **argv)
{
	static char file[FILE_MAX];
	FILE *f = argc == 3 ? fopen(argv[1], "rb") : NULL;
	size_t n = f == NULL ? 0 : fread(file, 1, sizeof(file), f);

	if (f != NULL)
		fclose(f);
	if (n == 0 || n == sizeof(file) || mutate(argv[2], file, n) != 0) {
		fprintf(stderr, "mutant FILE DIR: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}
