#include "crypto/sign.h"
#include "node/proof/verify.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include <stdio.h>
#include <string.h>

/*
 * maillon-verify -- receipts, checked by a small static program that knows
 * nothing of ledgers, homes or networks.
 */

static int usage(void)
{
	fprintf(stderr, _("usage: %s\n"),
		"maillon-verify [--trust FILE] FILE...");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const char *paths[1024];
	const char *trust = NULL;
	size_t n = 0;
	int i = 1;

	i18n_start();
	if (crypto_start() != 0) {
		say_error(_("libsodium cannot be started"));
		return EXIT_IO;
	}
	for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (trust != NULL && strncmp(argv[i], "--trust", 7) == 0) {
			say_error(_("--%s is given twice"), "trust");
			return usage();
		}
		if (strncmp(argv[i], "--trust=", 8) == 0)
			trust = argv[i] + 8;
		else if (strcmp(argv[i], "--trust") == 0 && i + 1 < argc)
			trust = argv[++i];
		else
			return usage();
	}
	for (; i < argc && n < sizeof(paths) / sizeof(paths[0]); i++)
		paths[n++] = argv[i];
	return n == 0 || i < argc ? usage() : verify_files(trust, paths, n);
}
