#include "node/cmd/adopting.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/holding.h"
#include "node/cmd/rescue.h"
#include "node/safe/newkey.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

struct adopting {
	const char *file; /* NULL: from a code */
	char passphrase[PASSPHRASE_SIZE];
	bool has_passphrase;
	bool is_sealed; /* where it comes from */
	bool is_late;
	struct id network;
	uint8_t seed[SEED_SIZE];
};

static int read_file(struct adopting *x)
{
	struct backup *b = calloc(1, sizeof(*b));
	int code;

	if (b == NULL)
		return exit_of(ERR_NOMEM);
	code = rescue_file(b, x->file, x->passphrase);
	if (code == EXIT_DONE) {
		memcpy(x->seed, b->identity, SEED_SIZE);
		x->network = b->network;
		x->is_sealed = b->is_sealed;
	}
	backup_release(b);
	free(b);
	return code;
}

static int read_key(struct adopting *x, const struct args *args)
{
	int code = EXIT_DONE;

	x->file = args_get(args, "adopt");
	x->has_passphrase =
		x->file != NULL || args_has(args, "passphrase-file");
	if (x->has_passphrase)
		code = rescue_passphrase(x->passphrase, args, false);
	if (code != EXIT_DONE)
		return code;
	return x->file != NULL ? read_file(x) : rescue_code(x->seed);
}

/* A home that is sealed stays so.  What seals it is known to be right: it
 * opened the backup, or opens the key that is here. */
static int find_seal(const char **out, const struct adopting *x,
		     const struct keeper *k)
{
	struct seckey *old = NULL;
	bool is_sealed = keeper_unseal(k, &old, NULL) == ERR_STATE;
	int err = 0;

	if (is_sealed && x->file == NULL)
		err = keeper_unseal(k, &old,
				    x->has_passphrase ? x->passphrase : NULL);
	seckey_close(old);
	*out = is_sealed || x->is_sealed ? x->passphrase : NULL;
	return err;
}

static int failed(const struct ctx *ctx, int err)
{
	switch (err) {
	case ERR_STATE:
	case ERR_SIGNATURE:
		return keeper_sealed(err);
	case ERR_NOT_FOUND:
		say_error(_("this home has not heard of that identity key: run "
			    "'maillon up --once', where 'rotate --identity' "
			    "was run and then here, or read a bundle file made "
			    "there with 'maillon import bundle FILE', and try "
			    "again"));
		return EXIT_AGAIN;
	case ERR_DENIED:
		say_error(_("that is not the identity key of this member that "
			    "is in force: take a backup made after the last "
			    "'rotate --identity'"));
		return EXIT_DATA;
	}
	say_error(_("the key in %s cannot be replaced: %s"), ctx->home.keys,
		  err_reason(err));
	return exit_of(err);
}

static int adopt(struct adopting *x, struct ctx *ctx, struct keeper *k)
{
	const char *seal = NULL;
	struct id network;
	int err = find_seal(&seal, x, k);

	if (err == 0 && x->file != NULL && store_network(k->store, &network) &&
	    !id_eq(&network, &x->network))
		err = ERR_DENIED;
	k->home.passphrase = seal;
	if (err == 0)
		err = newkey_adopt(k, &x->is_late, x->seed, seal);
	k->home.passphrase = NULL;
	if (err != 0)
		return failed(ctx, err);
	say_note(_("this home has the identity key that is in force, for new "
		   "nodes, backups and recovery codes"));
	if (x->is_late)
		say_note(_("what this machine recorded had ceased to count: it "
			   "goes on under a new node key, and has recorded "
			   "again what others do not count"));
	return EXIT_DONE;
}

int adopting_key(struct ctx *ctx, const struct args *args)
{
	struct adopting *x = calloc(1, sizeof(*x));
	struct keeper *k = NULL;
	int code;

	if (x == NULL)
		return exit_of(ERR_NOMEM);
	code = read_key(x, args);
	if (code == EXIT_DONE)
		code = holding_open(&k, ctx);
	if (code == EXIT_DONE)
		code = adopt(x, ctx, k);
	keeper_close(k);
	bytes_wipe(x, sizeof(*x));
	free(x);
	return code;
}
