#include "node/cmd/receiptkey.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

static const char kind[] = "receipt";

int receiptkey_new(struct seckey **out, const char *path)
{
	uint8_t seed[SEED_SIZE];
	struct seckey *key = NULL;
	int err = seckey_generate(&key);

	if (err != 0)
		return exit_of(err);
	seckey_seed(key, seed);
	err = keyfile_create(path, kind, seed, NULL);
	bytes_wipe(seed, sizeof(seed));
	if (err == 0) {
		*out = key;
		return EXIT_DONE;
	}
	seckey_close(key);
	say_error(_("cannot write the receipt key to %s: %s"), path,
		  err_reason(err));
	return err == ERR_FULL || err == ERR_IO ? EXIT_IO : EXIT_CREATE;
}

int receiptkey_load(struct seckey **out, const char *path)
{
	uint8_t seed[SEED_SIZE];
	int err = keyfile_load(seed, path, kind, NULL);

	if (err == 0)
		err = seckey_from_seed(out, seed);
	bytes_wipe(seed, sizeof(seed));
	switch (err) {
	case 0:
		return EXIT_DONE;
	case ERR_NOT_FOUND:
		say_error(_("there is no file %s"), path);
		return EXIT_INPUT;
	case ERR_DENIED:
		say_error(_("%s cannot be read, or can be read by others than "
			    "its owner: chmod 600 mends that"),
			  path);
		return EXIT_INPUT;
	case ERR_NOMEM:
	case ERR_IO:
		say_error(_("cannot read %s: %s"), path, err_reason(err));
		return exit_of(err);
	}
	say_error(_("%s is not a receipt key; 'maillon enrol' makes one"),
		  path);
	return EXIT_DATA;
}
