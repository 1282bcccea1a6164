#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/pending.h"
#include "node/cmd/table.h"
#include "node/ctl/desk.h"
#include "node/join/waiting.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/invite.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Listing who is in the network, and what to compare about it.
 */

static const char *role_word(enum role role)
{
	return fact_rule(FACT_ROLE)->word[role];
}

/* Who waited until its key followed that of a member waits no more. */
static bool is_anothers(const struct roster *r, const struct pubkey *key)
{
	const struct member *m = roster_member(r, key);

	return m != NULL && !pubkey_eq(&m->identity, key);
}

static json_t *keys_json(const struct roster *r, const struct member *m)
{
	json_t *list = json_array();
	struct pubkey key;

	for (size_t i = 0; roster_key_at(r, &key, &m->identity, i); i++)
		json_array_append_new(list, json_key(&key));
	return list;
}

static json_t *member_json(const struct roster *r, const struct member *m)
{
	struct rotation x;
	char print[FINGERPRINT_SIZE];
	json_t *o = json_object();

	fingerprint(print, &m->identity);
	json_put(&o, "label", json_string(m->label));
	json_put(&o, "name", json_string(m->name));
	json_put(&o, "role", json_string(role_word(m->role)));
	json_put(&o, "place", json_string(m->place));
	json_put(&o, "fingerprint", json_string(print));
	json_put(&o, "identity", json_key(&m->identity));
	json_put(&o, "depth", json_integer(m->depth));
	json_put(&o, "may_admit", json_boolean(m->may_admit));
	json_put(&o, "standing", json_boolean(m->is_standing));
	json_put(&o, "keys", keys_json(r, m));
	if (pending_find(&x, r, &m->identity, NULL))
		json_put(&o, "follower", pending_json(&x));
	return o;
}

struct waiters {
	json_t *list;
	const struct roster *r;
};

static int add_waiting_json(void *arg, const struct waiting *w)
{
	char print[FINGERPRINT_SIZE];
	struct waiters *l = arg;
	json_t *o;

	if (is_anothers(l->r, &w->identity))
		return 0;
	o = json_object();
	fingerprint(print, &w->identity);
	json_put(&o, "label", json_string(w->label));
	json_put(&o, "name", json_string(w->name));
	json_put(&o, "role", json_string(role_word(w->role)));
	json_put(&o, "place", json_string(w->place));
	json_put(&o, "fingerprint", json_string(print));
	json_put(&o, "identity", json_key(&w->identity));
	json_put(&o, "asked_ms", json_integer((json_int_t)w->asked_ms));
	json_put(&o, "entries", json_integer(w->entries.count));
	if (o == NULL || json_array_append_new(l->list, o) != 0)
		return ERR_NOMEM;
	return 0;
}

static int members_json(struct desk *d)
{
	const struct roster *r = desk_roster(d);
	json_t *members = json_array();
	struct waiters waiting = { json_array(), r };
	json_t *o = json_object();
	int err = 0;

	for (size_t i = 0; i < roster_count(r); i++)
		if (json_array_append_new(members,
					  member_json(r, roster_at(r, i))) != 0)
			err = ERR_NOMEM;
	if (err == 0)
		err = waiting_each(d->store, add_waiting_json, &waiting);
	json_put(&o, "schema", json_string("maillon.members/1"));
	json_put(&o, "network", json_id(roster_network(r)));
	json_put(&o, "members", members);
	json_put(&o, "waiting", waiting.list);
	if (err != 0) {
		json_decref(o);
		o = NULL;
	}
	return json_line(stdout, o);
}

static int by_depth_and_label(const void *a, const void *b)
{
	const struct member *const *x = a, *const *y = b;

	if ((*x)->depth != (*y)->depth)
		return (*x)->depth < (*y)->depth ? -1 : 1;
	return strcmp((*x)->label, (*y)->label);
}

static void put_state(struct table *t, const struct roster *r,
		      const struct member *m)
{
	struct rotation x;
	char text[PENDING_TEXT];

	if (!m->is_standing) {
		table_put(t, _("dismissed"));
	} else if (pending_find(&x, r, &m->identity, NULL)) {
		pending_text(text, &x);
		table_put(t, text);
	} else {
		table_put(t, m->may_admit ? _("may admit") : "");
	}
}

static void put_member(struct table *t, const struct roster *r,
		       const struct member *m)
{
	char print[FINGERPRINT_SIZE];

	fingerprint(print, &m->identity);
	table_put(t, m->label);
	table_put(t, role_word(m->role));
	table_put(t, m->place);
	table_put(t, print);
	put_state(t, r, m);
	table_put(t, m->name);
}

struct listing {
	struct table t;
	const struct roster *r;
};

static int put_waiting(void *arg, const struct waiting *w)
{
	char print[FINGERPRINT_SIZE], who[PARTY_TEXT], text[PARTY_TEXT + 32];
	struct listing *l = arg;
	struct table *t = &l->t;
	struct rotation x;

	if (is_anothers(l->r, &w->identity))
		return 0;
	fingerprint(print, &w->identity);
	table_put(t, w->label);
	table_put(t, role_word(w->role));
	table_put(t, w->place);
	table_put(t, print);
	if (pending_find(&x, l->r, NULL, &w->identity)) {
		member_text(who, l->r, &x.who);
		snprintf(text, sizeof(text), _("waiting, to be %s"), who);
		table_put(t, text);
	} else {
		table_put(t, w->is_refused ? _("refused") : _("waiting"));
	}
	table_put(t, w->name);
	return t->err;
}

static int members_table(struct desk *d)
{
	const struct roster *r = desk_roster(d);
	size_t n = roster_count(r);
	const struct member **list =
		calloc(n + 1, sizeof(const struct member *));
	struct listing l = { .r = r };
	int err;

	if (list == NULL)
		return exit_of(ERR_NOMEM);
	for (size_t i = 0; i < n; i++)
		list[i] = roster_at(r, i);
	qsort(list, n, sizeof(const struct member *), by_depth_and_label);
	table_init(&l.t, "llllll");
	for (size_t i = 0; i < n; i++)
		put_member(&l.t, r, list[i]);
	free(list);
	err = waiting_each(d->store, put_waiting, &l);
	if (err != 0 && err != l.t.err)
		say_warn(_("those who wait cannot be listed: %s"),
			 err_reason(err));
	return table_print(&l.t, stdout);
}

static int run_members(struct ctx *ctx, const struct args *args)
{
	struct desk d;
	int code = desk_read(&d, ctx);

	(void)args;
	if (code == EXIT_DONE)
		code = ctx->is_json ? members_json(&d) : members_table(&d);
	desk_close(&d);
	return code;
}

const struct command cmd_members = {
	.name = "members",
	.run = run_members,
	.usage = "",
	.summary = N_("list who is in the network, and who waits"),
	.options = (const struct option_rule[]){ { NULL, NULL, NULL } },
	.has_json = true,
};
