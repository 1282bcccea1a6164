#include "node/cmd/cmd.h"

#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/entry.h"
#include "store/log.h"

/* Only what can count can be documented: a reference to anything else would
 * hang in the air for ever. */
static int check_target(struct recording *r, const struct ref_found *found)
{
	const struct kind_rule *rule;
	uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	size_t n;
	int err = store_entry(r->desk.store, &found->feed, found->seq, raw, &n);

	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err != 0)
		return recording_refuse(err, NULL);
	rule = kind_rule(e.kind);
	if (rule != NULL && rule->is_recorded)
		return EXIT_DONE;
	say_error(_("'%s' is of a kind that takes no documents"),
		  r->args->pos[0]);
	return EXIT_DATA;
}

static int set_target(struct recording *r)
{
	struct ref_found found;
	int code = recording_ref(r, &found, r->args->pos[0], 0);

	if (code == EXIT_DONE)
		code = check_target(r, &found);
	if (code == EXIT_DONE &&
	    form_bytes(r->form, FACT_TARGET, found.id.b, ID_SIZE) != 0)
		code = EXIT_DATA;
	return code;
}

static int run_attach(struct ctx *ctx, const struct args *args)
{
	struct recording r;
	int code = recording_open(&r, ctx, args, KIND_ATTACH);

	if (code == EXIT_DONE && args_has(args, "doc")) {
		say_error(_("the document is the second argument; --doc is one "
			    "too many"));
		code = EXIT_USAGE;
	}
	if (code == EXIT_DONE)
		code = set_target(&r);
	if (code == EXIT_DONE)
		code = form_doc(r.form, FACT_DOC, args->pos[1]);
	return recording_end(&r, code);
}

const struct command cmd_attach = {
	.name = "attach",
	.run = run_attach,
	.usage = "REF FILE",
	.summary = N_("record that a document belongs to a record"),
	.detail = N_("Only the SHA-256 of FILE is recorded, never the file: "
		     "keep it, so that you can show it."),
	.more_options = record_options,
	.pos_min = 2,
	.pos_max = 2,
};
