#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * replay -- a main for a fuzzer without libFuzzer: feeds it the empty input,
 * then every file of the folder named, each in a block of exactly its size so
 * that the address sanitizer sees one byte too far.
 */

static void feed(const char *path)
{
	static uint8_t buf[1 << 20];
	FILE *f = fopen(path, "rb");
	uint8_t *exact;
	size_t n;

	if (f == NULL)
		return;
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	exact = malloc(n > 0 ? n : 1);
	if (exact == NULL)
		abort();
	memcpy(exact, buf, n);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

int main(int argc, char **argv)
{
	char path[4096];
	struct dirent *entry;
	DIR *dir;

	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	dir = argc == 2 ? opendir(argv[1]) : NULL;
	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		feed(path);
	}
	closedir(dir);
	return 0;
}
