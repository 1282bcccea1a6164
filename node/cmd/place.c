#include "node/cmd/place.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/safe/secretfile.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/evidence/evidence.h"
#include "store/store.h"

int place_set(struct recording *r, const struct position *at)
{
	int err = form_position(r->form, FACT_POSITION, at);

	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

static int load_identity(struct recording *r, struct seckey **out)
{
	const char *file = args_get(r->args, "passphrase-file");
	char passphrase[PASSPHRASE_SIZE];
	int code = file == NULL ? EXIT_DONE : passphrase_read(passphrase, file);
	int err;

	if (code != EXIT_DONE)
		return code;
	err = home_seckey(&r->ctx->home, out, KEY_IDENTITY,
			  file == NULL ? NULL : passphrase);
	bytes_wipe(passphrase, sizeof(passphrase));
	if (err == 0)
		return EXIT_DONE;
	if (err == ERR_STATE)
		say_error(_("the identity key is sealed; give "
			    "--passphrase-file"));
	else if (err == ERR_SIGNATURE)
		say_error(_("that is not the passphrase of the identity key"));
	else
		say_error(_("the keys in %s cannot be read: %s"),
			  r->ctx->home.keys, err_reason(err));
	return err == ERR_STATE || err == ERR_SIGNATURE ? EXIT_DENIED
							: exit_of(err);
}

int place_sign(struct recording *r, const struct position *at,
	       const char *domain)
{
	uint8_t claim[PLACE_CLAIM];
	struct seckey *key = NULL;
	struct id network;
	struct sig sig;
	int code = load_identity(r, &key);
	int err;

	if (code != EXIT_DONE)
		return code;
	store_network(r->desk.store, &network);
	place_claim(claim, &network, at);
	err = sign_make(&sig, key, domain, claim, sizeof(claim));
	if (err == 0)
		err = form_bytes(r->form, FACT_PROOF, sig.b, SIG_SIZE);
	seckey_close(key);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}
