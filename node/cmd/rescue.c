#include "node/cmd/rescue.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/safe/recovery.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include <stdio.h>
#include <unistd.h>

int rescue_passphrase(char out[static PASSPHRASE_SIZE], const struct args *args,
		      bool is_new)
{
	const char *file = args_get(args, "passphrase-file");

	if (file != NULL)
		return passphrase_read(out, file);
	return passphrase_ask(out, is_new);
}

static int cannot_read(const char *path, int err)
{
	if (err == ERR_SIGNATURE || err == ERR_FORMAT || err == ERR_LIMIT) {
		say_error(_("%s cannot be opened: the passphrase is wrong, or "
			    "this is no whole backup"),
			  path);
		return EXIT_DATA;
	}
	say_error(_("%s cannot be read: %s"), path, err_reason(err));
	return err == ERR_NOT_FOUND || err == ERR_DENIED ? EXIT_INPUT
							 : exit_of(err);
}

int rescue_file(struct backup *b, const char *path, const char *passphrase)
{
	int err = backup_read(b, path, passphrase);

	return err == 0 ? EXIT_DONE : cannot_read(path, err);
}

static int bad_code(int err, unsigned group)
{
	if (err == ERR_SIGNATURE && group > 0)
		say_error(_("there is a typing error in group %u of the code"),
			  group);
	else if (err == ERR_FORMAT)
		say_error(_("the code is not whole: look at group %u"), group);
	else
		say_error(_("this is not a recovery code"));
	return EXIT_DATA;
}

int rescue_code(uint8_t seed[static SEED_SIZE])
{
	char line[4 * RECOVERY_SIZE] = "";
	unsigned group = 0;
	int err;

	if (isatty(STDIN_FILENO))
		say_note(_("the recovery code, 14 groups of 5 characters:"));
	if (fgets(line, sizeof(line), stdin) == NULL)
		line[0] = '\0';
	err = recovery_decode(seed, &group, line);
	bytes_wipe(line, sizeof(line));
	return err == 0 ? EXIT_DONE : bad_code(err, group);
}
