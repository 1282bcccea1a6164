#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/proof/verify.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/say.h"

#include <string.h>

static json_t *opened_json(const struct receipt *r)
{
	json_t *o = json_object();

	for (size_t i = 0; i < r->opened_n; i++)
		if (!r->opened[i].is_forgotten)
			json_put(&o, fact_rule(r->opened[i].fact)->name,
				 json_plain((const char *)r->opened[i].value,
					    r->opened[i].value_n));
	return o;
}

static json_t *forgotten_json(const struct receipt *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->opened_n; i++)
		if (r->opened[i].is_forgotten)
			json_array_append_new(
				a, json_string(
					   fact_rule(r->opened[i].fact)->name));
	return a;
}

static json_t *verified_json(const struct verified *v, const char *path)
{
	const struct receipt *r = &v->receipt;
	json_t *o = json_object();

	json_put(&o, "schema", json_string("maillon.verify/1"));
	json_put(&o, "file", json_plain(path, strlen(path)));
	json_put(&o, "verified", json_boolean(verified_code(v) == EXIT_DONE));
	json_put(&o, "anchored", json_boolean(v->is_judged));
	json_put(&o, "fault", json_string(part_word(v->part)));
	if (!v->has_receipt)
		return o;
	json_put(&o, "network", json_id(&r->network));
	json_put(&o, "tree", json_key(&r->log));
	json_put(&o, "index", json_integer((json_int_t)r->proof.index));
	json_put(&o, "size", json_integer((json_int_t)r->checkpoint.size));
	json_put(&o, "witnesses",
		 json_integer((json_int_t)v->verdict.witnesses));
	json_put(&o, "by_ms",
		 v->verdict.has_time
			 ? json_integer((json_int_t)v->verdict.time_s * 1000)
			 : json_null());
	json_put(&o, "entry", json_entry(&r->entry, &r->id, NULL));
	json_put(&o, "opened", opened_json(r));
	json_put(&o, "forgotten", forgotten_json(r));
	return o;
}

static int print_json(const char *trust, const char *const *paths, size_t n)
{
	struct trust *t = NULL;
	int code = trust == NULL ? EXIT_DONE : verify_trust(&t, trust);

	for (size_t i = 0; i < n && (trust == NULL || t != NULL); i++) {
		struct verified v;
		int one;

		verify_file(&v, paths[i], t);
		if (v.err != 0)
			say_error(_("%s cannot be read: %s"), paths[i],
				  err_reason(v.err));
		one = json_line(stdout, verified_json(&v, paths[i]));
		if (one == EXIT_DONE)
			one = verified_code(&v);
		if (one > code)
			code = one;
		verified_release(&v);
	}
	trust_close(t);
	return code;
}

static int run_verify(struct ctx *ctx, const struct args *args)
{
	const char *trust = args_get(args, "trust");

	return ctx->is_json ? print_json(trust, args->pos, args->pos_n)
			    : verify_files(trust, args->pos, args->pos_n);
}

const struct command cmd_verify = {
	.name = "verify",
	.run = run_verify,
	.usage = "[--trust FILE] FILE...",
	.summary = N_("check receipts, without a ledger and without a network"),
	.detail =
		N_("FILE is what 'maillon receipt' printed. Without --trust a "
		   "receipt can only be consistent, because anybody can make "
		   "a network of his own; --trust takes what 'maillon trust' "
		   "printed on a machine that you believe. Exit code 0: "
		   "verified; 1: refused, saying which part is at fault, or "
		   "nobody vouches for its key; 66: cannot be read."),
	.options =
		(const struct option_rule[]){
			{ "trust", "FILE", N_("whose keys to believe") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = ARGS_MAX,
	.has_json = true,
};
