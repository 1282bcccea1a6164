#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/proof/logtree.h"
#include "node/proof/opened.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/attest/receipt.h"
#include "store/book.h"
#include "store/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The receipt under way, and the best checkpoint for it so far. */
struct making {
	struct desk desk;
	struct ref_found at;
	uint8_t raw[LIMIT_ENTRY];
	size_t raw_n;
	bool is_attested; /* by some tree, closed or not */
	bool has;
	struct pubkey tree;
	struct attest_mark mark;
	uint64_t index;
	struct cosigned *cosigned; /* of the mark, one of each witness */
	size_t cosigned_n;
	struct logtree_ids ids;
	struct sha *leaves;
	size_t leaves_n;
	struct opened opened[RECEIPT_OPENED];
	struct opened_rows rows;
};

/* Of the cosignatures of one tree those of this head, the first of each
 * witness; moved to the front, their number. */
static size_t choose(struct logtree_cosigned *all, const struct treehead *head)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct cosigned *c = &all->at[i];
		bool is_again = false;

		for (size_t k = 0; k < n; k++)
			is_again = is_again ||
				   pubkey_eq(&all->at[k].witness, &c->witness);
		if (!is_again && c->head.size == head->size &&
		    sha_eq(&c->head.root, &head->root)) {
			struct cosigned moved = *c;

			all->at[i] = all->at[n];
			all->at[n++] = moved;
		}
	}
	return n;
}

static int keep_best(struct making *m, const struct attest_mark *mark,
		     uint64_t index, const struct cosigned *rows, size_t n)
{
	struct cosigned *copy;

	if (m->has && n <= m->cosigned_n)
		return 0;
	copy = malloc((n + 1) * sizeof(*copy));
	if (copy == NULL)
		return ERR_NOMEM;
	if (n > 0)
		memcpy(copy, rows, n * sizeof(*copy));
	free(m->cosigned);
	m->cosigned = copy;
	m->cosigned_n = n;
	m->has = true;
	m->tree = mark->head.feed;
	m->mark = *mark;
	m->index = index;
	return 0;
}

/* Every checkpoint of a tree that holds the entry; the oldest of those with
 * the most witnesses is kept. */
static int look_in(struct making *m, const struct pubkey *feed)
{
	struct store *s = m->desk.store;
	struct logtree_cosigned all = { .at = NULL };
	struct attest_point *points = NULL;
	struct attest t;
	uint64_t index;
	int err = logtree_load(&t, s, feed);

	if (err != 0 || attest_find(&t, &index, &m->at.feed, m->at.seq) != 0)
		goto done;
	m->is_attested = true;
	err = logtree_witnesses(&all, s, feed);
	if (err == 0)
		err = logtree_roots(&points, &t, s);
	for (size_t i = 0; i < t.marks_n && err == 0; i++)
		if (t.marks[i].head.size > index &&
		    attest_judge(&t, i, points, t.marks_n) == ATTEST_RIGHT) {
			size_t n = choose(&all, &t.marks[i].head);

			err = keep_best(m, &t.marks[i], index, all.at, n);
		}
done:
	free(points);
	free(all.at);
	attest_release(&t);
	return err;
}

static int take_leaf(void *arg, const struct sha *leaf)
{
	struct making *m = arg;

	m->leaves[m->leaves_n++] = *leaf;
	return 0;
}

static int leaf_at(void *cookie, struct sha *out, unsigned int level,
		   uint64_t index)
{
	const struct making *m = cookie;

	if (level > 0)
		return ERR_NOT_FOUND;
	*out = m->leaves[index];
	return 0;
}

static int prove(struct making *m, struct merkle_path *path)
{
	const struct attest_source ids = logtree_source(&m->ids);
	const struct merkle_source leaves = { leaf_at, m };
	uint64_t size = m->mark.head.size, held;
	struct attest t;
	int err = logtree_load(&t, m->desk.store, &m->tree);

	m->ids.store = m->desk.store;
	m->leaves = calloc((size_t)size, sizeof(*m->leaves));
	if (err == 0 && m->leaves == NULL)
		err = ERR_NOMEM;
	if (err == 0)
		err = attest_leaves(&t, &ids, size, &held, take_leaf, m);
	if (err == 0)
		err = merkle_prove_inclusion(path, &leaves, m->index, size);
	attest_release(&t);
	return err;
}

static int make(struct making *m, char **text, size_t *n)
{
	struct receipt_plan plan = { .raw = m->raw,
				     .raw_n = m->raw_n,
				     .opened = m->opened,
				     .index = m->index,
				     .head = m->mark.head,
				     .sig = m->mark.sig,
				     .cosigned = m->cosigned,
				     .cosigned_n = m->cosigned_n };
	bool is_forgotten = false;
	struct record rec;
	struct entry e;
	int err = prove(m, &plan.path);

	if (err == 0)
		err = entry_decode(&e, m->raw, m->raw_n);
	if (err == 0 && record_decode(&rec, e.kind, e.facts, e.facts_n) == 0) {
		plan.opened_n =
			opened_find(m->opened, &m->rows, m->desk.store, &rec);
		for (size_t i = 0; i < plan.opened_n && !is_forgotten; i++)
			is_forgotten = m->opened[i].is_forgotten;
		if (is_forgotten)
			say_note(_("a private field of this record was "
				   "forgotten: the receipt says so, and holds "
				   "its hash only"));
	}
	if (plan.cosigned_n > NOTE_SIGS_MAX - 1)
		plan.cosigned_n = NOTE_SIGS_MAX - 1;
	return err == 0 ? receipt_encode(text, n, &plan) : err;
}

static int look_everywhere(struct making *m)
{
	const struct roster *r = desk_roster(&m->desk);
	int err = 0;

	for (size_t i = 0; i < roster_feed_count(r) && err == 0; i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		const struct member *who = roster_member(r, &f->identity);

		if (who != NULL && who->role == ROLE_ASSOCIATION)
			err = look_in(m, &f->feed);
	}
	return err;
}

static void warn_of_quorum(const struct making *m)
{
	const struct charter *c = roster_charter(desk_roster(&m->desk));

	if (c != NULL && m->cosigned_n < c->quorum)
		say_warn(
			_("this checkpoint has %zu of the %u cosignatures that "
			  "the network asks for: a reader will refuse the "
			  "receipt until there are more; make it again then"),
			m->cosigned_n, c->quorum);
}

static int print(struct making *m)
{
	struct book_view view;
	char *text = NULL;
	size_t n = 0;
	int err = store_view_open(m->desk.store, &view);

	if (err == 0) {
		err = look_everywhere(m);
		if (err == 0 && m->has)
			err = make(m, &text, &n);
		store_view_close(m->desk.store);
	}
	if (err != 0) {
		say_error(_("no receipt can be made: %s"), err_reason(err));
		return exit_of(err);
	}
	if (!m->has) {
		say_error(
			m->is_attested
				? _("no checkpoint covers this entry that can "
				    "be checked here; sync and try again")
				: _("no association has attested this entry "
				    "yet: its node does so every hour, or at "
				    "once with 'maillon checkpoint'; then sync "
				    "and try again"));
		return EXIT_AGAIN;
	}
	fwrite(text, 1, n, stdout);
	free(text);
	warn_of_quorum(m);
	return out_end();
}

static int find(struct making *m, const char *text)
{
	struct reason why = { "" };
	int err = ref_resolve(&m->at, &m->desk, text, &why);

	if (err == 0)
		err = store_entry(m->desk.store, &m->at.feed, m->at.seq, m->raw,
				  &m->raw_n);
	if (err == 0)
		return EXIT_DONE;
	say_error("%s", why.text[0] != '\0' ? why.text : err_reason(err));
	if (err == ERR_NOT_FOUND)
		return EXIT_NO;
	return err == ERR_EXISTS || err == ERR_FORMAT ? EXIT_DATA
						      : exit_of(err);
}

static int run_receipt(struct ctx *ctx, const struct args *args)
{
	struct making *m = calloc(1, sizeof(*m));
	int code;

	if (m == NULL) {
		say_error("%s", err_reason(ERR_NOMEM));
		return EXIT_AGAIN;
	}
	code = desk_read(&m->desk, ctx);
	if (code == EXIT_DONE)
		code = find(m, args->pos[0]);
	if (code == EXIT_DONE)
		code = print(m);
	desk_close(&m->desk);
	free(m->cosigned);
	free(m->leaves);
	free(m);
	return code;
}

const struct command cmd_receipt = {
	.name = "receipt",
	.run = run_receipt,
	.usage = "REF",
	.summary = N_("prove one record in a text file, for somebody without "
		      "a ledger"),
	.detail = N_("Prints the signed entry, its place in the association's "
		     "tree, and the signatures of the association and of its "
		     "witnesses; and what only this home knows of it, the name "
		     "of a donor for instance: give it to whom it concerns. "
		     "'maillon verify' checks it anywhere, and so does "
		     "maillon-verify alone. Exit code 75: not attested yet."),
	.options = (const struct option_rule[]){ { NULL, NULL, NULL } },
	.pos_min = 1,
	.pos_max = 1,
};
