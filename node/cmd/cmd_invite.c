#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/peering.h"
#include "node/ctl/desk.h"
#include "node/join/membership.h"
#include "node/join/ticket.h"
#include "node/join/waiting.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/personal.h"
#include "node/text/qr.h"
#include "node/text/say.h"
#include "proto/book/fund.h"
#include "proto/form.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Letting others in: a link for them, and the word that admits them.
 */

enum { CALL_MS = 30000, DAYS = 7 };

static int get_role(enum role *out, const char *word)
{
	int i = word_index(FACT_ROLE, word, strlen(word));

	if (i < 0) {
		say_error(_("'%s' is no role: maker, courier, recipient, "
			    "association, treasurer or auditor"),
			  word);
		return EXIT_DATA;
	}
	*out = (enum role)i;
	return EXIT_DONE;
}

static int get_number(uint32_t *out, const struct args *args, const char *name,
		      uint32_t max)
{
	const char *text = args_get(args, name);
	uint64_t n;

	if (text == NULL)
		return EXIT_DONE;
	if (parse_uint(&n, max, text) != 0 || n == 0) {
		say_error(_("--%s takes a number from 1 to %u"), name,
			  (unsigned)max);
		return EXIT_DATA;
	}
	*out = (uint32_t)n;
	return EXIT_DONE;
}

static int get_addresses(struct invite_wish *w, const struct args *args)
{
	const char *address;
	size_t at = 0;

	while ((address = args_each(args, "address", &at)) != NULL) {
		if (peering_is_linklocal(address) ||
		    !address_is_valid(address, strlen(address))) {
			peering_no_address(address);
			return EXIT_DATA;
		}
		if (w->addresses_n == LIMIT_ADDRESSES) {
			say_error(_("an invite holds at most %d addresses"),
				  LIMIT_ADDRESSES);
			return EXIT_USAGE;
		}
		snprintf(w->addresses[w->addresses_n++],
			 sizeof(w->addresses[0]), "%s", address);
	}
	return EXIT_DONE;
}

static int get_wish(struct invite_wish *w, const struct args *args)
{
	const char *role = args_get(args, "role");
	int code = EXIT_DONE;

	memset(w, 0, sizeof(*w));
	w->role = ROLE_MAKER;
	w->uses = 1;
	w->days = DAYS;
	w->is_auto = args_has(args, "auto");
	if (role != NULL)
		code = get_role(&w->role, role);
	if (code == EXIT_DONE)
		code = get_number(&w->uses, args, "uses", TICKET_USES);
	if (code == EXIT_DONE)
		code = get_number(&w->days, args, "days", TICKET_DAYS);
	return code == EXIT_DONE ? get_addresses(w, args) : code;
}

static int invite_there(struct desk *d, char link[static INVITE_SIZE],
			const struct invite_wish *wish)
{
	uint8_t room[LIMIT_ADDRESSES * (LIMIT_ADDRESS + 3) + 64];
	struct rd reply;
	struct wr w;
	int err;

	wr_init(&w, room, sizeof(room));
	wr_uint(&w, (uint64_t)wish->role);
	wr_uint(&w, wish->uses);
	wr_uint(&w, wish->days);
	wr_uint(&w, wish->is_auto);
	wr_array(&w, (uint32_t)wish->addresses_n);
	for (size_t i = 0; i < wish->addresses_n; i++)
		wr_text(&w, wish->addresses[i], strlen(wish->addresses[i]));
	err = ctl_call(&d->ctl, &reply, "invite", &w, 5, CALL_MS);
	if (err != 0)
		return err;
	rd_plain(&reply, link, INVITE_SIZE - 1);
	return rd_end(&reply);
}

static int may_not_admit(void)
{
	say_error(_("this member may not admit others"));
	return EXIT_DENIED;
}

static int invite_failed(int err)
{
	if (err == ERR_DENIED)
		return may_not_admit();
	if (err == ERR_NOT_FOUND) {
		say_error(_("no address of this node is known; start it with "
			    "'maillon up --listen ADDR', or give --address"));
		return EXIT_CONFIG;
	}
	say_error(_("no invite was made: %s"), err_reason(err));
	return exit_of(err);
}

static int print_link(const struct ctx *ctx, const char *link)
{
	printf("%s\n", link);
	fflush(stdout);
	if (isatty(STDERR_FILENO) &&
	    qr_print(stderr, link, ctx->has_color) != 0)
		say_warn(_("the link is too long for a QR code"));
	return EXIT_DONE;
}

static int run_invite(struct ctx *ctx, const struct args *args)
{
	char link[INVITE_SIZE];
	struct invite_wish wish;
	struct desk d;
	int code = get_wish(&wish, args);
	int err;

	if (code != EXIT_DONE)
		return code;
	code = desk_open(&d, ctx);
	if (code == EXIT_DONE) {
		err = d.keeper != NULL ? membership_invite(d.keeper, link,
							   &wish, ctx->now_ms)
				       : invite_there(&d, link, &wish);
		code = err == 0 ? print_link(ctx, link) : invite_failed(err);
	}
	desk_close(&d);
	bytes_wipe(link, sizeof(link));
	return code;
}

const struct command cmd_invite = {
	.name = "invite",
	.run = run_invite,
	.usage = "[--role ROLE] [--uses N] [--days N] [--auto] [--address "
		 "ADDR]...",
	.summary = N_("make a link with which somebody can join"),
	.detail = N_("The link is a secret: whoever has it may ask to join. "
		     "It is good once and for 7 days if not said otherwise. "
		     "With --auto the running node admits whoever shows it; "
		     "otherwise 'members' lists who waits and 'accept' lets "
		     "them in. --address says where this node can be reached, "
		     "where that is not what it listens on."),
	.options =
		(const struct option_rule[]){
			{ "role", "ROLE",
			  N_("maker, courier, recipient, association, "
			     "treasurer or auditor") },
			{ "uses", "N",
			  N_("for so many members; 1 if not said") },
			{ "days", "N", N_("valid for so long; 7 if not said") },
			{ "auto", NULL, N_("admit without asking anybody") },
			{ "address", "ADDR...",
			  N_("where this node is reached: tcp://HOST:PORT") },
			{ NULL, NULL, NULL } },
};

/* Whom the argument names: somebody who waits, else a member. */
static int find_who(struct desk *d, struct pubkey *out, const char *text)
{
	struct reason why = { "" };
	struct party party;
	int err = waiting_find(out, d->store, text);

	if (err == 0)
		return EXIT_DONE;
	if (err == ERR_EXISTS) {
		say_error(_("more than one who waits is called %s; give the "
			    "fingerprint"),
			  text);
		return EXIT_DATA;
	}
	err = party_resolve(&party, desk_roster(d), &d->member, text, &why);
	if (err == 0 && party.is_member) {
		*out = party.member;
		return EXIT_DONE;
	}
	if (err != 0 && why.text[0] != '\0')
		say_error("%s", why.text);
	else
		say_error(_("nobody called %s waits or is a member"), text);
	return EXIT_DATA;
}

static int accept_there(struct desk *d, struct admitted *out,
			const struct admit_wish *wish)
{
	uint8_t room[64];
	struct rd r;
	struct wr w;
	int err;

	wr_init(&w, room, sizeof(room));
	wr_bin(&w, wish->who.b, KEY_SIZE);
	if (wish->has_role)
		wr_uint(&w, (uint64_t)wish->role);
	else
		wr_nil(&w);
	wr_uint(&w, wish->may_admit);
	err = ctl_call(&d->ctl, &r, "accept", &w, 3, CALL_MS);
	if (err != 0)
		return err;
	if (rd_array(&r, 5) != 5)
		rd_fail(&r, ERR_FORMAT);
	rd_fixed(&r, out->at.feed.b, KEY_SIZE);
	out->at.seq = rd_uint(&r, LIMIT_SEQ);
	rd_fixed(&r, out->at.id.b, ID_SIZE);
	rd_plain(&r, out->label, LIMIT_LABEL);
	out->is_renamed = rd_uint(&r, 1) == 1;
	err = rd_end(&r);
	return err == 0 ? store_refresh(d->store) : err;
}

static int accept_failed(const char *text, int err)
{
	switch (err) {
	case ERR_DENIED:
		say_error(_("this member may not admit %s"), text);
		return EXIT_DENIED;
	case ERR_EXISTS:
		say_error(_("%s is a member already, and in that role"), text);
		return EXIT_CREATE;
	case ERR_NOT_FOUND:
		say_error(_("nobody called %s waits or is a member"), text);
		return EXIT_DATA;
	}
	say_error(_("%s was not admitted: %s"), text, err_reason(err));
	return exit_of(err);
}

static int print_admitted(struct desk *d, const struct admitted *a)
{
	char ref[REF_TEXT], id[HEX_SIZE(ID_SIZE)];

	ref_text(ref, desk_roster(d), &a->at.feed, a->at.seq);
	hex_encode(id, a->at.id.b, ID_SIZE);
	printf("%s %s\n", ref, id);
	if (a->is_renamed)
		say_note(_("the label was taken; this member is called %s"),
			 a->label);
	return EXIT_DONE;
}

/* What admits it says its label and name to everybody, for ever. */
static int ask_public(struct desk *d, const struct pubkey *who, bool is_meant)
{
	struct reason why = { "" };
	struct waiting w;
	void *room = NULL;
	int code = EXIT_DONE;

	/* A member's are public already. */
	if (waiting_load(&w, &room, who, d->store) != 0)
		return EXIT_DONE;
	if (!is_meant &&
	    (personal_text(_("the label"), w.label, true, &why) != 0 ||
	     personal_text(_("the name"), w.name, false, &why) != 0)) {
		say_error("%s", why.text);
		code = EXIT_DATA;
	} else if (w.name[0] != '\0') {
		say_note(_("'%s' and the name '%s' are public in the network "
			   "from now on, and for ever: a person's are "
			   "pseudonyms"),
			 w.label, w.name);
	} else {
		say_note(_("'%s' is public in the network from now on, and "
			   "for ever: a person's is a pseudonym"),
			 w.label);
	}
	free(room);
	return code;
}

/* Roles hold for the past, too: of whom does what was recorded of money cease
 * to count? */
static bool gives_up_accounts(const struct roster *r,
			      const struct admit_wish *wish)
{
	return wish->has_role && wish->role != ROLE_ASSOCIATION &&
	       wish->role != ROLE_TREASURER &&
	       fund_keeper(r, &wish->who) != NULL;
}

static int accept_one(struct ctx *ctx, struct desk *d, const char *text,
		      struct admit_wish *wish, bool is_meant)
{
	struct admitted out;
	int code = find_who(d, &wish->who, text);
	int err;

	if (code == EXIT_DONE)
		code = ask_public(d, &wish->who, is_meant);
	if (code != EXIT_DONE)
		return code;
	if (gives_up_accounts(desk_roster(d), wish))
		say_warn(_("what %s recorded of gifts, spendings and the bank "
			   "counts no more, the past included, as long as the "
			   "role is another: a treasurer who leaves is "
			   "dismissed instead ('maillon dismiss')"),
			 text);
	err = d->keeper != NULL
		      ? membership_accept(d->keeper, &out, wish, ctx->now_ms)
		      : accept_there(d, &out, wish);
	return err == 0 ? print_admitted(d, &out) : accept_failed(text, err);
}

static int run_accept(struct ctx *ctx, const struct args *args)
{
	const char *role = args_get(args, "role");
	struct admit_wish wish = { .has_role = role != NULL,
				   .may_admit = args_has(args, "may-admit") };
	int code = role != NULL ? get_role(&wish.role, role) : EXIT_DONE;
	struct desk d;

	if (code != EXIT_DONE)
		return code;
	code = desk_open(&d, ctx);
	if (code == EXIT_DONE)
		code = accept_one(ctx, &d, args->pos[0], &wish,
				  args_has(args, "public"));
	desk_close(&d);
	return code;
}

const struct command cmd_accept = {
	.name = "accept",
	.run = run_accept,
	.usage = "PARTY [--role ROLE] [--may-admit] [--public]",
	.summary = N_("admit who waits, or change a member's role"),
	.detail = N_("PARTY is the label, the fingerprint or the beginning of "
		     "the key of somebody who waits: compare the fingerprint "
		     "by phone first. Its label and name become public, for "
		     "ever: a person's are a pseudonym. For a member, the "
		     "role it is to have from now on."),
	.options =
		(const struct option_rule[]){
			{ "role", "ROLE",
			  N_("instead of the one the invite was for") },
			{ "may-admit", NULL, N_("may admit others in turn") },
			{ "public", NULL,
			  N_("a telephone number, an e-mail address or a bank "
			     "account in a text is meant to be read by "
			     "everybody") },
			{ NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
};
