#ifndef NODE_CMD_RESCUE_H
#define NODE_CMD_RESCUE_H

#include "node/cmd/cmd.h"
#include "node/safe/backup.h"
#include "node/safe/secretfile.h"

/*
 * rescue -- what was kept for bad days, as a person hands it in.  All say what
 * is wrong and return exit codes; the caller wipes what they filled.
 */

/* rescue_passphrase: from the file that --passphrase-file names, else typed;
 * twice when it is_new. */
int rescue_passphrase(char out[static PASSPHRASE_SIZE], const struct args *args,
		      bool is_new);

/* rescue_file: a backup; backup_release also when it failed. */
int rescue_file(struct backup *b, const char *path, const char *passphrase);

/* rescue_code: a recovery code, from stdin. */
int rescue_code(uint8_t seed[static SEED_SIZE]);

#endif
