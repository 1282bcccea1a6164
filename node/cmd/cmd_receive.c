#include "node/cmd/cmd.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/receiptkey.h"
#include "node/cmd/recording.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/book/book_tally.h"
#include "proto/book/countersign.h"
#include "store/book.h"

#include <stdlib.h>
#include <string.h>

/* A delivery that is being received, and what becomes of its lines. */
struct receipt {
	struct recording *r;
	struct id deliver;
	enum grade grade;   /* what our word is worth */
	struct seckey *key; /* of --receipt-key; NULL: none */
	struct pubkey feed; /* of this home */
	size_t own;         /* what it said of the delivery before */
	uint64_t receipt;   /* seq of the last receipt among that; 0: none */
	size_t n;
	struct goods open[LIMIT_LINES]; /* what is open of each line */
	struct goods accepted[LIMIT_LINES];
	struct goods refused[LIMIT_LINES];
};

/* What one may still say about line i: one's own grade adds up, and takes
 * nothing away from what a better one said. */
static uint64_t open_of(const struct receipt *x, const struct delivery *d,
			size_t i)
{
	uint64_t known = d->said[x->grade][i] + d->lost[i];

	return known >= d->line[i].qty ? 0 : d->line[i].qty - known;
}

static void copy_lines(struct receipt *x, const struct delivery *d)
{
	x->n = d->n;
	for (size_t i = 0; i < d->n; i++) {
		struct goods *g = &x->open[i];

		memcpy(g->item, d->line[i].item, d->line[i].item_n);
		g->item[d->line[i].item_n] = '\0';
		g->qty = open_of(x, d, i);
		x->accepted[i] = *g;
		x->accepted[i].qty = 0;
		x->refused[i] = x->accepted[i];
	}
}

/* Is the key one that the sender cannot have made? */
static int check_key(struct receipt *x, const struct book_record *deliver)
{
	const struct roster *roster = desk_roster(&x->r->desk);
	struct pubkey key = seckey_pub(x->key);

	x->grade = GRADE_B;
	if (record_uint(&deliver->rec, FACT_FINAL) == 0) {
		say_error(_("goods that move on are received by the addressee "
			    "itself"));
		return EXIT_DENIED;
	}
	if (tally_may_sign(roster, deliver, &key))
		return EXIT_DONE;
	say_error(_("the key in %s is not enrolled for the addressee of this "
		    "delivery by anybody whom its sender did not admit; see "
		    "'maillon help enrol'"),
		  args_get(x->r->args, "receipt-key"));
	return EXIT_DENIED;
}

/* Whose word is this: the addressee's, the sender's, that of a third member
 * with a paper?  EXIT_DENIED for anybody else. */
static int check_standing(struct receipt *x, const struct book_record *deliver)
{
	const struct desk *d = &x->r->desk;
	const struct roster *roster = desk_roster(d);
	const struct member *me = roster_member(roster, &d->identity);
	struct pubkey to = record_key(&deliver->rec, FACT_TO);
	struct book_record mine = { .author = d->identity };

	if (x->key != NULL)
		return check_key(x, deliver);
	record_init(&mine.rec, KIND_RECEIVE);
	if (args_has(x->r->args, "paper"))
		record_set_bytes(&mine.rec, FACT_PAPER, to.b, KEY_SIZE);
	x->grade = book_grade(roster, deliver, &mine);
	if (x->grade == GRADE_D)
		remark(&x->r->remarks,
		       pubkey_eq(&deliver->author, &d->identity)
			       ? _("you sent this: your word is kept as a "
				   "claim, and acknowledges nothing")
			       : _("nobody but the sender vouches for you "
				   "here: your word is kept as a claim, and "
				   "acknowledges nothing"));
	if (pubkey_eq(&deliver->author, &d->identity) ||
	    pubkey_eq(&to, &d->identity) ||
	    (x->grade == GRADE_C && me != NULL && me->is_standing))
		return EXIT_DONE;
	say_error(_("only the addressee, the sender, or with --paper another "
		    "member who did not carry it, and whom others than the "
		    "sender admitted, can acknowledge this delivery"));
	return EXIT_DENIED;
}

static int delivery_refused(int err)
{
	if (err == ERR_STATE)
		say_error(_("this delivery was withdrawn by its sender"));
	else if (err == ERR_NOT_FOUND)
		say_error(
			_("this is not a delivery that counts here: its sender "
			  "may not be admitted yet, or not have sent it yet"));
	else
		return recording_refuse(err, NULL);
	return EXIT_DATA;
}

static int count_own(void *arg, const struct book_record *rec)
{
	struct receipt *x = arg;

	if (!pubkey_eq(&rec->feed, &x->feed))
		return 0;
	x->own++;
	if (rec->rec.kind == KIND_RECEIVE)
		x->receipt = rec->seq;
	return 0;
}

/* PROTOCOL: only the first 256 refer to anything by it */
static int check_number(struct receipt *x, const struct book_view *view)
{
	int err = 0;

	if (store_own(x->r->desk.store, &x->feed))
		err = view->refs(view->cookie, &x->deliver, REF_DELIVER,
				 count_own, x);
	if (err != 0)
		return recording_refuse(err, NULL);
	if (x->own < LIMIT_REFS)
		return EXIT_DONE;
	say_error(_("%d receipts and losses of this delivery are recorded "
		    "here, and more do not count: correct one of them"),
		  LIMIT_REFS);
	return EXIT_DATA;
}

/* How the delivery stands in the book now. */
static int look_up(struct receipt *x)
{
	struct book_view view;
	struct book_record deliver;
	struct delivery *d;
	bool occurred;
	int err = store_view_open(x->r->desk.store, &view);
	int code = EXIT_DONE;

	if (err != 0)
		return recording_refuse(err, NULL);
	d = calloc(1, sizeof(*d));
	err = d == NULL ? ERR_NOMEM
			: view.get(view.cookie, &deliver, &x->deliver);
	if (err == 0)
		err = book_newest(&view, &deliver, &occurred);
	if (err == 0)
		err = book_delivery(&view, d, &x->deliver);
	if (err == 0)
		code = check_standing(x, &deliver);
	if (err == 0 && code == EXIT_DONE)
		code = check_number(x, &view);
	if (err == 0 && code == EXIT_DONE) {
		copy_lines(x, d);
		/* Whose delivery it is, so that nobody can issue another one
		 * under its id and be believed (PROTOCOL.md, "Re-issues"). */
		err = form_bytes(x->r->form, FACT_FROM, deliver.author.b,
				 KEY_SIZE);
	}
	if (err == 0 && code == EXIT_DONE)
		err = form_uint(x->r->form, FACT_FINAL,
				record_uint(&deliver.rec, FACT_FINAL));
	free(d);
	store_view_close(x->r->desk.store);
	return err == 0 ? code : delivery_refused(err);
}

static struct goods *find(struct goods *lines, size_t n, const char *item,
			  size_t item_n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(lines[i].item) == item_n &&
		    memcmp(lines[i].item, item, item_n) == 0)
			return &lines[i];
	return NULL;
}

/* "48" of a delivery of one item, or "visor/v30=48". */
static int take_quantity(struct receipt *x, struct goods *lines,
			 const char *text)
{
	const char *equals = strchr(text, '=');
	const char *number = equals == NULL ? text : equals + 1;
	struct goods *line = NULL;
	uint64_t qty;

	if (equals != NULL)
		line = find(lines, x->n, text, (size_t)(equals - text));
	else if (x->n == 1)
		line = &lines[0];
	if (line == NULL && equals == NULL) {
		say_error(_("the delivery has several items: write ITEM=%s"),
			  text);
		return EXIT_DATA;
	}
	if (line == NULL) {
		say_error(_("the delivery has no %.*s"), (int)(equals - text),
			  text);
		return EXIT_DATA;
	}
	if (parse_uint(&qty, LIMIT_QTY, number) != 0) {
		say_error(_("'%s' is not a whole number from 0 to %llu"),
			  number, (unsigned long long)LIMIT_QTY);
		return EXIT_DATA;
	}
	line->qty += qty;
	return EXIT_DONE;
}

static int take_quantities(struct receipt *x, struct goods *lines,
			   const char *option)
{
	const char *text;
	size_t at = 0;
	int code = EXIT_DONE;

	while (code == EXIT_DONE &&
	       (text = args_each(x->r->args, option, &at)) != NULL)
		code = take_quantity(x, lines, text);
	return code;
}

/* More than is open; perhaps it was accepted, and goes back. */
static int too_much(const struct receipt *x, size_t i)
{
	char ref[REF_TEXT];
	unsigned long long open = x->open[i].qty;

	ref_text(ref, desk_roster(&x->r->desk), &x->feed, x->receipt);
	if (x->receipt != 0 && x->refused[i].qty > open)
		say_error(_("%s: only %llu are open; what was accepted and "
			    "goes back is a correction of the receipt: maillon "
			    "correct %s --reason incorrect-data --set "
			    "accepted=... --set refused=... --set reason=..."),
			  x->open[i].item, open, ref);
	else
		say_error(_("%s: only %llu are open"), x->open[i].item, open);
	return EXIT_DATA;
}

/* Accept all that is open unless something else was said, and never more. */
static int settle(struct receipt *x)
{
	bool all = !args_has(x->r->args, "accepted");
	uint64_t sum = 0, open_sum = 0;

	for (size_t i = 0; i < x->n; i++) {
		uint64_t open = x->open[i].qty, refused = x->refused[i].qty;

		if (all && refused <= open)
			x->accepted[i].qty = open - refused;
		if (refused > open || x->accepted[i].qty > open - refused)
			return too_much(x, i);
		sum += refused + x->accepted[i].qty;
		open_sum += open;
	}
	if (sum > 0)
		return EXIT_DONE;
	say_error(open_sum == 0 ? _("nothing is open of this delivery")
				: _("that acknowledges nothing, and refuses "
				    "nothing"));
	return EXIT_DATA;
}

static int set_lines(struct receipt *x, enum fact fact,
		     const struct goods *lines)
{
	struct goods some[LIMIT_LINES];
	size_t n = 0;
	int err;

	for (size_t i = 0; i < x->n; i++)
		if (lines[i].qty > 0)
			some[n++] = lines[i];
	err = form_lines(x->r->form, fact, some, n);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

/* The same command again, under its key: what was open then is not any more,
 * so what nobody said now is what was recorded then. */
static int repeat(struct receipt *x, const struct record *earlier)
{
	struct line lines[LIMIT_LINES];
	struct id of = record_id(earlier, FACT_DELIVER);
	const struct value *v = &earlier->v[FACT_ACCEPTED];

	if (args_has(x->r->args, "accepted") || !id_eq(&of, &x->deliver) ||
	    record_lines(earlier, FACT_ACCEPTED, lines) == 0)
		return EXIT_DONE;
	return form_bytes(x->r->form, FACT_ACCEPTED, v->p, v->n) == 0
		       ? EXIT_DONE
		       : EXIT_DATA;
}

/* The key's signature of all that was said; every time under another number,
 * so that no two receipts are one. */
static int countersign(struct receipt *x)
{
	const struct record *earlier = recording_earlier(x->r);
	struct form *f = x->r->form;
	struct pubkey key;
	uint8_t number[8];
	char hex[HEX_SIZE(sizeof(number))];
	struct sig sig;
	int err;

	if (x->key == NULL)
		return EXIT_DONE;
	key = seckey_pub(x->key);
	bytes_random(number, sizeof(number));
	hex_encode(hex, number, sizeof(number));
	if (earlier != NULL && record_has(earlier, FACT_NUMBER))
		err = form_bytes(f, FACT_NUMBER, earlier->v[FACT_NUMBER].p,
				 earlier->v[FACT_NUMBER].n);
	else
		err = form_text(f, FACT_NUMBER, hex);
	if (err == 0)
		err = countersign_make(&sig, x->key,
				       roster_network(desk_roster(&x->r->desk)),
				       &f->rec);
	if (err == 0)
		err = form_bytes(f, FACT_RECEIPT_KEY, key.b, KEY_SIZE);
	if (err == 0)
		err = form_bytes(f, FACT_RECEIPT_SIG, sig.b, SIG_SIZE);
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

static int fill(struct receipt *x)
{
	const struct record *earlier = recording_earlier(x->r);
	int code = look_up(x);

	if (code == EXIT_DONE)
		code = take_quantities(x, x->refused, "refused");
	if (code == EXIT_DONE)
		code = take_quantities(x, x->accepted, "accepted");
	if (code == EXIT_DONE && earlier == NULL)
		code = settle(x);
	if (code == EXIT_DONE)
		code = set_lines(x, FACT_ACCEPTED, x->accepted);
	if (code == EXIT_DONE)
		code = set_lines(x, FACT_REFUSED, x->refused);
	if (code == EXIT_DONE && earlier != NULL)
		code = repeat(x, earlier);
	return code;
}

static int run_receive(struct ctx *ctx, const struct args *args)
{
	static const struct option_fact facts[] = {
		{ "reason", FACT_REASON },
		{ NULL, 0 },
	};
	struct recording r;
	struct receipt x = { .r = &r };
	struct ref_found found;
	int code = recording_open(&r, ctx, args, KIND_RECEIVE);

	if (code == EXIT_DONE && args_has(args, "receipt-key") &&
	    args_has(args, "paper")) {
		say_error(_("either --paper or --receipt-key, not both"));
		code = EXIT_USAGE;
	}
	if (code == EXIT_DONE && args_has(args, "receipt-key"))
		code = receiptkey_load(&x.key, args_get(args, "receipt-key"));
	if (code == EXIT_DONE && args_has(args, "refused"))
		code = recording_needs(&r, &cmd_receive, "reason");
	if (code == EXIT_DONE)
		code = recording_ref(&r, &found, args->pos[0], KIND_DELIVER);
	if (code == EXIT_DONE) {
		x.deliver = found.id;
		if (form_bytes(r.form, FACT_DELIVER, found.id.b, ID_SIZE) != 0)
			code = EXIT_DATA;
	}
	if (code == EXIT_DONE)
		code = fill(&x);
	if (code == EXIT_DONE)
		code = countersign(&x);
	seckey_close(x.key);
	if (code == EXIT_DONE)
		code = recording_options(&r, facts);
	if (code == EXIT_DONE)
		code = recording_file(&r, "notice", FACT_NOTICE);
	if (code == EXIT_DONE)
		code = recording_file(&r, "paper", FACT_PAPER);
	return recording_end(&r, code);
}

const struct command cmd_receive = {
	.name = "receive",
	.run = run_receive,
	.usage = "REF [--accepted N | --accepted ITEM=N]... [--refused N | "
		 "--refused ITEM=N]... [--reason TEXT] [--notice FILE] "
		 "[--paper FILE] [--receipt-key FILE]",
	.summary = N_("acknowledge a delivery, or refuse a part of it"),
	.detail =
		N_("Without --accepted, all that is open after what is refused "
		   "is accepted. An acknowledgement by the addressee is of "
		   "grade A; one that is signed with a key enrolled for the "
		   "addressee (--receipt-key), of grade B; by another member "
		   "who holds the signed paper (--paper), of grade C; by the "
		   "sender, or by whoever only the sender admitted, only a "
		   "claim. A waiver that the recipient signed is given with "
		   "--doc: only its SHA-256 is recorded. What goes back after "
		   "it was accepted, recalled goods for instance, is a "
		   "correction of the receipt ('maillon correct'), of its "
		   "facts accepted, refused and reason: it is on the shelf of "
		   "whoever had sent it again."),
	.options =
		(const struct option_rule[]){
			{ "accepted", "N|ITEM=N...",
			  N_("how much is accepted") },
			{ "refused", "N|ITEM=N...", N_("how much is refused") },
			{ "reason", "TEXT",
			  N_("why it is refused; everybody can read this") },
			{ "notice", "FILE",
			  N_("the receiving notice; only its SHA-256 is "
			     "recorded") },
			{ "paper", "FILE",
			  N_("the signed paper; only its SHA-256 is "
			     "recorded") },
			{ "receipt-key", "FILE",
			  N_("sign with this key of the addressee") },
			{ NULL, NULL, NULL } },
	.more_options = record_options,
	.pos_min = 1,
	.pos_max = 1,
};
