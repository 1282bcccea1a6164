#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/proof/checkpointing.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A whole ledger may have to be hashed first. */
enum { CALL_MS = 600000 };

static void print_ref(const struct desk *d, uint64_t seq, const struct id *id)
{
	char ref[REF_TEXT], hex[HEX_SIZE(ID_SIZE)];

	ref_text(ref, desk_roster(d), &d->feed, seq);
	hex_encode(hex, id->b, ID_SIZE);
	printf("%s %s\n", ref, hex);
}

static int ask_checkpoint(struct desk *d, struct checkpointed *out)
{
	struct rd r;
	int err;

	if (d->keeper != NULL)
		return checkpoint_make(d->keeper, out, d->ctx->now_ms);
	err = ctl_call(&d->ctl, &r, "checkpoint", NULL, 0, CALL_MS);
	if (err != 0)
		return err;
	rd_array(&r, 4);
	out->seq = rd_uint(&r, LIMIT_SEQ);
	rd_fixed(&r, out->id.b, ID_SIZE);
	out->size = rd_uint(&r, LIMIT_SEQ);
	out->is_new = rd_uint(&r, 1) == 1;
	return rd_end(&r);
}

static int refuse_checkpoint(const struct desk *d, int err)
{
	if (err == ERR_DENIED)
		say_error(_("only an association makes checkpoints, and this "
			    "member is none"));
	else if (err == ERR_STATE)
		say_error(_("entries that this node attested are not here any "
			    "more; get them back with 'maillon up --once' "
			    "first"));
	else
		say_error(_("no checkpoint was made: %s"),
			  d->ctl.reason[0] != '\0' ? d->ctl.reason
						   : err_reason(err));
	return err == ERR_STATE ? EXIT_AGAIN : exit_of(err);
}

static int run_checkpoint(struct ctx *ctx, const struct args *args)
{
	struct checkpointed c;
	struct desk d;
	int code = desk_open(&d, ctx);
	int err;

	(void)args;
	if (code == EXIT_DONE) {
		err = ask_checkpoint(&d, &c);
		if (err != 0) {
			code = refuse_checkpoint(&d, err);
		} else {
			print_ref(&d, c.seq, &c.id);
			if (!c.is_new)
				say_note(_("nothing new since the checkpoint "
					   "at %llu entries"),
					 (unsigned long long)c.size);
			code = out_end();
		}
	}
	desk_close(&d);
	return code;
}

const struct command cmd_checkpoint = {
	.name = "checkpoint",
	.run = run_checkpoint,
	.usage = "",
	.summary = N_("attest what is new, so that it cannot be changed later "
		      "unnoticed"),
	.detail = N_("An association's node signs the state of a tree over its "
		     "own entries and those of the members it admitted; others "
		     "cosign it, receipts are made from it. A running node "
		     "does this by itself every hour when something is new."),
	.options = (const struct option_rule[]){ { NULL, NULL, NULL } },
};

static int ask_cosign(struct desk *d, struct cosign_result *out,
		      const struct pubkey *feed)
{
	uint8_t room[64];
	struct wr w;
	struct rd r;
	int err;

	if (d->keeper != NULL)
		return cosign_make(d->keeper, out, feed, d->ctx->now_ms);
	wr_init(&w, room, sizeof(room));
	wr_bin(&w, feed->b, KEY_SIZE);
	err = ctl_call(&d->ctl, &r, "cosign", &w, 1, CALL_MS);
	if (err != 0)
		return err;
	rd_array(&r, 5);
	out->answer = (enum cosign_answer)rd_uint(&r, COSIGN_CLOCK);
	out->seq = rd_uint(&r, LIMIT_SEQ);
	rd_fixed(&r, out->id.b, ID_SIZE);
	out->size = rd_uint(&r, LIMIT_SEQ);
	out->had = rd_uint(&r, LIMIT_SEQ);
	return rd_end(&r);
}

/* What became of one tree, told; EXIT_DONE, EXIT_NO, EXIT_AGAIN. */
static int tell(const struct desk *d, const struct cosign_result *c,
		const char *whose)
{
	unsigned long long size = c->size, had = c->had;

	switch (c->answer) {
	case COSIGN_DONE:
		print_ref(d, c->seq, &c->id);
		return EXIT_DONE;
	case COSIGN_ALREADY:
		print_ref(d, c->seq, &c->id);
		say_note(_("the checkpoint of %s at %llu entries is cosigned "
			   "already"),
			 whose, size);
		return EXIT_DONE;
	case COSIGN_NOTHING:
		return EXIT_DONE;
	case COSIGN_UNCHECKED:
		say_error(_("not cosigned: of the %llu entries that %s attests "
			    "some are not here; try again after 'maillon up "
			    "--once'"),
			  size, whose);
		return EXIT_AGAIN;
	case COSIGN_WRONG:
		say_error(
			_("not cosigned: the checkpoint of %s at %llu entries "
			  "is not that of the entries it attests"),
			whose, size);
		return EXIT_NO;
	case COSIGN_SMALLER:
		say_error(_("not cosigned: the checkpoint of %s has %llu "
			    "entries, fewer than one before it (%llu cosigned "
			    "here)"),
			  whose, size, had);
		return EXIT_NO;
	case COSIGN_SPLIT:
		say_error(
			_("not cosigned: the checkpoint of %s at %llu entries "
			  "does not extend the one cosigned here at %llu"),
			whose, size, had);
		return EXIT_NO;
	case COSIGN_CLOCK:
		say_error(
			_("not cosigned: by the clock of this machine the "
			  "checkpoint of %s is more than a year old, or it is "
			  "before 2020, and a cosigned time stays; set the "
			  "clock"),
			whose);
		return EXIT_AGAIN;
	}
	return EXIT_NO;
}

/* The worse of two ends: a no is worse than a not yet. */
static int worse(int a, int b)
{
	return a == EXIT_NO || b == EXIT_DONE ? a : b;
}

/* Feeds of the trees to cosign, copied: what is recorded ends what the roster
 * lends. */
enum { TREES = 1024 };
struct trees {
	struct pubkey feed[TREES];
	char whose[TREES][LIMIT_LABEL + 1];
	size_t n;
};

static void find_trees(struct trees *t, const struct desk *d,
		       const struct party *party)
{
	const struct roster *r = desk_roster(d);

	t->n = 0;
	for (size_t i = 0; i < roster_feed_count(r) && t->n < TREES; i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		const struct member *m = roster_member(r, &f->identity);

		if (m == NULL || m->role != ROLE_ASSOCIATION ||
		    pubkey_eq(&f->identity, &d->identity) ||
		    (party != NULL && !pubkey_eq(&f->identity, &party->member)))
			continue;
		t->feed[t->n] = f->feed;
		memcpy(t->whose[t->n++], m->label, sizeof(m->label));
	}
}

static int cosign_all(struct desk *d, const struct trees *t)
{
	int code = EXIT_DONE;
	bool any = false;

	for (size_t i = 0; i < t->n; i++) {
		struct cosign_result c;
		int err = ask_cosign(d, &c, &t->feed[i]);

		if (err == ERR_DENIED) {
			say_error(_("associations, recipients and auditors "
				    "cosign, and this member is none of them"));
			return EXIT_DENIED;
		}
		if (err != 0) {
			say_error(_("nothing was cosigned: %s"),
				  d->ctl.reason[0] != '\0' ? d->ctl.reason
							   : err_reason(err));
			return exit_of(err);
		}
		any = any || c.answer != COSIGN_NOTHING;
		code = worse(code, tell(d, &c, t->whose[i]));
	}
	if (!any) {
		say_error(_("there is no checkpoint to cosign"));
		return EXIT_NO;
	}
	return code;
}

static int cosign(struct desk *d, const struct args *args)
{
	struct trees *trees;
	struct reason why = { "" };
	struct party party;
	int code, end, err = 0;

	if (args->pos_n > 0) {
		err = party_resolve(&party, desk_roster(d), &d->member,
				    args->pos[0], &why);
		if (err == 0 && !party.is_member)
			err = reason_set(&why, ERR_FORMAT,
					 _("%s is no member of this network"),
					 args->pos[0]);
	}
	if (err != 0) {
		say_error("%s", why.text);
		return EXIT_DATA;
	}
	trees = malloc(sizeof(*trees));
	if (trees == NULL) {
		say_error("%s", err_reason(ERR_NOMEM));
		return exit_of(ERR_NOMEM);
	}
	find_trees(trees, d, args->pos_n > 0 ? &party : NULL);
	code = cosign_all(d, trees);
	free(trees);
	end = out_end();
	return code == EXIT_DONE ? end : code;
}

static int run_cosign(struct ctx *ctx, const struct args *args)
{
	struct desk d;
	int code = desk_open(&d, ctx);

	if (code == EXIT_DONE)
		code = cosign(&d, args);
	desk_close(&d);
	return code;
}

const struct command cmd_cosign = {
	.name = "cosign",
	.run = run_cosign,
	.usage = "[PARTY]",
	.summary = N_("witness the newest checkpoints of the associations, or "
		      "of one"),
	.detail = N_("Rebuilds the tree from the entries that are here and "
		     "cosigns a checkpoint only when it is that tree's and "
		     "extends the one cosigned before. So an association "
		     "cannot show different books to different people, and "
		     "entries get a time that does not come from their "
		     "author's clock. Exit code 1: a checkpoint was refused; "
		     "75: entries are missing here, sync first."),
	.options = (const struct option_rule[]){ { NULL, NULL, NULL } },
	.pos_max = 1,
};
