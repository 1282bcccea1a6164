#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/say.h"
#include "proto/attest/treehead.h"
#include "proto/attest/trust.h"
#include "proto/charter.h"
#include "proto/invite.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What to compare with others, and what a reader of receipts has to know: the
 * network, its founders, whose trees there are and who may witness them.  The
 * text is a policy that other people's tools read too, so the rest of it
 * stands behind a #.
 */

/* A node whose key is spoken of: its name is "LABEL-12345678". */
struct anchor {
	char name[LIMIT_LABEL + 10];
	char vkey[NOTEKEY_SIZE];
	struct pubkey member;
};

struct anchors {
	struct anchor *at; /* by member */
	size_t n;
};

static bool is_log(const struct member *m)
{
	return m->role == ROLE_ASSOCIATION;
}

static bool is_witness(const struct member *m)
{
	return m->role == ROLE_ASSOCIATION || m->role == ROLE_RECIPIENT ||
	       m->role == ROLE_AUDITOR;
}

static int by_member(const void *a, const void *b)
{
	const struct anchor *x = a, *y = b;
	int c = pubkey_cmp(&x->member, &y->member);

	return c != 0 ? c : strcmp(x->vkey, y->vkey);
}

/* The nodes of those members in standing, but not of the one `without`. */
static int collect(struct anchors *out, const struct roster *r,
		   bool (*want)(const struct member *m), uint8_t type,
		   const struct pubkey *without)
{
	size_t n = roster_feed_count(r);

	out->n = 0;
	out->at = calloc(n + 1, sizeof(*out->at));
	if (out->at == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n && out->n < TRUST_KEYS; i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		const struct member *m = roster_member(r, &f->identity);
		struct anchor *a = &out->at[out->n];
		char hex[HEX_SIZE(4)];
		struct notekey key;

		if (m == NULL || !m->is_standing || !want(m) ||
		    (without != NULL && pubkey_eq(&m->identity, without)))
			continue;
		treehead_key(&key, roster_network(r), &f->feed, type);
		notekey_encode(a->vkey, &key);
		hex_encode(hex, f->feed.b, 4);
		snprintf(a->name, sizeof(a->name), "%s-%s", m->label, hex);
		a->member = f->identity;
		out->n++;
	}
	qsort(out->at, out->n, sizeof(*out->at), by_member);
	return 0;
}

/* Where the nodes of the member of anchor i end. */
static size_t end_of(const struct anchors *a, size_t i)
{
	size_t k = i + 1;

	while (k < a->n && pubkey_eq(&a->at[k].member, &a->at[i].member))
		k++;
	return k;
}

/* Each member is one witness, whatever the number of its machines. */
static void print_quorum(const struct anchors *w, unsigned quorum)
{
	for (size_t i = 0; i < w->n; i = end_of(w, i)) {
		if (end_of(w, i) == i + 1)
			continue;
		printf("group %s-any any", w->at[i].name);
		for (size_t k = i; k < end_of(w, i); k++)
			printf(" %s", w->at[k].name);
		putchar('\n');
	}
	if (quorum == 0) {
		printf("quorum none\n");
		return;
	}
	printf("group witnesses %u", quorum);
	for (size_t i = 0; i < w->n; i = end_of(w, i))
		printf(" %s%s", w->at[i].name,
		       end_of(w, i) == i + 1 ? "" : "-any");
	printf("\nquorum witnesses\n");
}

static size_t count_members(const struct anchors *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i = end_of(a, i))
		n++;
	return n;
}

static void print_text(const struct roster *r, const struct charter *c,
		       const struct anchors *logs, const struct anchors *w)
{
	char hex[HEX_SIZE(ID_SIZE)];

	printf("# ");
	put_safe(stdout, c->name, strlen(c->name));
	hex_encode(hex, roster_network(r)->b, ID_SIZE);
	printf("\n# network %s\n", hex);
	for (size_t i = 0; i < c->founders_n; i++) {
		char print[FINGERPRINT_SIZE];

		fingerprint(print, &c->founders[i].identity);
		hex_encode(hex, c->founders[i].identity.b, KEY_SIZE);
		printf("# founder %s %s %s\n", c->founders[i].label, print,
		       hex);
	}
	for (size_t i = 0; i < logs->n; i++)
		printf("# %s\nlog %s\n", logs->at[i].name, logs->at[i].vkey);
	for (size_t i = 0; i < w->n; i++)
		printf("witness %s %s\n", w->at[i].name, w->at[i].vkey);
	print_quorum(w, c->quorum);
	if (count_members(w) < c->quorum)
		say_warn(_("the network asks for %u witnesses and knows %zu: "
			   "no receipt can be verified until there are more"),
			 c->quorum, count_members(w));
}

static json_t *anchors_json(const struct anchors *a)
{
	json_t *all = json_array();

	for (size_t i = 0; i < a->n && all != NULL; i++) {
		json_t *row = json_object();

		json_put(&row, "name", json_string(a->at[i].name));
		json_put(&row, "member", json_key(&a->at[i].member));
		json_put(&row, "vkey", json_string(a->at[i].vkey));
		json_push(&all, row);
	}
	return all;
}

static int print_json(const struct roster *r, const struct charter *c,
		      const struct anchors *logs, const struct anchors *w)
{
	json_t *founders = json_array();
	json_t *o = json_object();

	for (size_t i = 0; i < c->founders_n && founders != NULL; i++) {
		char print[FINGERPRINT_SIZE];
		json_t *f = json_object();

		fingerprint(print, &c->founders[i].identity);
		json_put(&f, "label", json_string(c->founders[i].label));
		json_put(&f, "fingerprint", json_string(print));
		json_put(&f, "identity", json_key(&c->founders[i].identity));
		json_push(&founders, f);
	}
	json_put(&o, "schema", json_string("maillon.trust/1"));
	json_put(&o, "network", json_id(roster_network(r)));
	json_put(&o, "name", json_string(c->name));
	json_put(&o, "quorum", json_integer(c->quorum));
	json_put(&o, "founders", founders);
	json_put(&o, "logs", anchors_json(logs));
	json_put(&o, "witnesses", anchors_json(w));
	return json_line(stdout, o);
}

static int print_trust(const struct desk *d)
{
	const struct roster *r = desk_roster(d);
	const struct charter *c = roster_charter(r);
	struct anchors logs = { .at = NULL }, witnesses = { .at = NULL };
	int code = EXIT_DONE;
	int err;

	if (c == NULL) {
		say_error(_("the charter of this network is not here yet"));
		return EXIT_CONFIG;
	}
	err = collect(&logs, r, is_log, NOTEKEY_ED25519, NULL);
	/* No tree witnesses itself: where there is one only, its member is no
	 * witness at all, for readers that do not know that rule either. */
	if (err == 0)
		err = collect(&witnesses, r, is_witness, NOTEKEY_COSIGNER,
			      count_members(&logs) == 1 ? &logs.at[0].member
							: NULL);
	if (err != 0)
		say_error("%s", err_reason(err));
	if (err != 0)
		code = exit_of(err);
	else if (d->ctx->is_json)
		code = print_json(r, c, &logs, &witnesses);
	else
		print_text(r, c, &logs, &witnesses);
	free(logs.at);
	free(witnesses.at);
	return code == EXIT_DONE ? out_end() : code;
}

static int run_trust(struct ctx *ctx, const struct args *args)
{
	struct desk d;
	int code = desk_read(&d, ctx);

	(void)args;
	if (code == EXIT_DONE)
		code = print_trust(&d);
	desk_close(&d);
	return code;
}

const struct command cmd_trust = {
	.name = "trust",
	.run = run_trust,
	.usage = "",
	.summary = N_("print what to compare with others: the network, its "
		      "founders, and whose keys vouch for receipts"),
	.detail = N_("The output is a policy file for 'maillon verify --trust' "
		     "and for other people's tools. Hand it over by another "
		     "way than the receipts."),
	.options = (const struct option_rule[]){ { NULL, NULL, NULL } },
	.has_json = true,
};
