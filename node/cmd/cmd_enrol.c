#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/receiptkey.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/roster/enrolled.h"
#include "proto/wr.h"

#include <string.h>

/* A receipt key, and for whom. */
struct enrolment {
	struct recording r;
	struct pubkey key;
	struct pubkey who; /* whose it becomes; zero: somebody new */
};

static int get_key(struct enrolment *x)
{
	const struct args *args = x->r.args;
	const char *path = args_get(args, "new");
	struct seckey *key = NULL;
	int code;

	if ((path == NULL) != (args->pos_n == 2)) {
		say_error(_("give either a KEY or --new FILE"));
		return EXIT_USAGE;
	}
	if (path == NULL) {
		if (parse_bytes(x->key.b, KEY_SIZE, args->pos[1]) == 0 &&
		    pubkey_can_sign(&x->key))
			return EXIT_DONE;
		say_error(_("'%s' is no public key: 64 hex digits, as the "
			    "key's owner reads them out"),
			  args->pos[1]);
		return EXIT_DATA;
	}
	code = receiptkey_new(&key, path);
	if (code == EXIT_DONE)
		x->key = seckey_pub(key);
	seckey_close(key);
	return code;
}

/* Is it a member, or with --place somebody to be admitted by that key? */
static int find_who(struct enrolment *x)
{
	const struct roster *roster = desk_roster(&x->r.desk);
	const struct pubkey *me = &x->r.desk.identity;
	const char *text = x->r.args->pos[0];
	struct reason why = { "" };
	struct party party;
	int err = party_resolve(&party, roster, &x->r.desk.member, text, &why);

	if (err == ERR_NOT_FOUND && args_has(x->r.args, "place"))
		memset(&x->who, 0, sizeof(x->who));
	else if (err != 0)
		return recording_refuse(err, &why);
	else if (!party.is_member) {
		say_error(_("only members have receipt keys; with --place "
			    "PLACE a new label becomes one"));
		return EXIT_DATA;
	} else
		x->who = party.member;
	if (roster_may_admit(roster, me) || pubkey_eq(me, &x->who))
		return EXIT_DONE;
	say_error(_("only who may admit members may enrol keys for others"));
	return EXIT_DENIED;
}

static int fill_keys(struct enrolment *x)
{
	uint8_t buf[2 * KEY_SIZE];
	struct wr w;
	int err;

	if (roster_has_key(desk_roster(&x->r.desk), &x->who, &x->key)) {
		say_error(_("this key is enrolled for %s already"),
			  x->r.args->pos[0]);
		return EXIT_DATA;
	}
	wr_init(&w, buf, sizeof(buf));
	wr_array(&w, 1);
	wr_bin(&w, x->key.b, KEY_SIZE);
	err = form_bytes(x->r.form, FACT_WHO, x->who.b, KEY_SIZE);
	if (err == 0)
		err = form_bytes(x->r.form, FACT_ENROLLED, w.p, w.n);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

/* Somebody without a node: the key is the identity. */
static int fill_admit(struct enrolment *x)
{
	static const struct option_fact facts[] = {
		{ "place", FACT_PLACE },
		{ "name", FACT_NAME },
		{ NULL, 0 },
	};
	int err;

	form_init(x->r.form, KIND_ADMIT);
	err = form_bytes(x->r.form, FACT_WHO, x->key.b, KEY_SIZE);
	if (err == 0)
		err = form_uint(x->r.form, FACT_ROLE, ROLE_RECIPIENT);
	if (err != 0)
		return recording_refuse(err, NULL);
	err = recording_set(&x->r, FACT_LABEL, x->r.args->pos[0]);
	return err == EXIT_DONE ? recording_options(&x->r, facts) : err;
}

static int run_enrol(struct ctx *ctx, const struct args *args)
{
	struct enrolment x;
	int code = recording_open(&x.r, ctx, args, KIND_KEYS);

	if (code == EXIT_DONE)
		code = find_who(&x);
	if (code == EXIT_DONE)
		code = get_key(&x);
	if (code == EXIT_DONE)
		code = pubkey_is_zero(&x.who) ? fill_admit(&x) : fill_keys(&x);
	return recording_end(&x.r, code);
}

const struct command cmd_enrol = {
	.name = "enrol",
	.run = run_enrol,
	.usage = "PARTY KEY | PARTY --new FILE [--place PLACE] [--name TEXT]",
	.summary = N_("let a key sign receipts for a recipient"),
	.detail =
		N_("For a hospital without a node, whose telephone or stick "
		   "holds a key: what it signs ('maillon receive REF "
		   "--receipt-key FILE') is of grade B, whoever passes it on, "
		   "unless the sender, or somebody whom the sender admitted, "
		   "enrolled it. With --place a label that nobody has yet "
		   "becomes a recipient by that key. An enrolment is not "
		   "taken back."),
	.options =
		(const struct option_rule[]){
			{ "new", "FILE",
			  N_("make a key, and write it to this file") },
			{ "place", "PLACE",
			  N_("admit a new recipient who is there, like "
			     "FR-88") },
			{ "name", "TEXT",
			  N_("its display name; public, and for ever") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 2,
};
