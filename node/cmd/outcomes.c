#include "node/cmd/outcomes.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/cmd/recording.h"
#include "node/cmd/tell.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/party.h"
#include "node/text/say.h"
#include "proto/book/closing.h"
#include "proto/book/demand.h"
#include "proto/book/outcome.h"

#include <string.h>

static const char grade_names[] = "ABCD";

/* Where it is told, of which delivery. */
struct telling {
	struct desk *desk;
	json_t *rows;             /* NULL: on stdout */
	struct pubkey sender, to; /* zero: an outsider */
	bool is_final, is_service;
	size_t n;
	/* of the one record that is asked about */
	const struct id *asked;
	enum grade grade;
};

/* What is to be known of the delivery itself. */
static int look_at(struct telling *t, const struct book_view *view,
		   const struct id *deliver)
{
	struct book_record rec;
	bool occurred;
	int err = view->get(view->cookie, &rec, deliver);

	if (err == 0)
		err = book_newest(view, &rec, &occurred);
	if (err != 0)
		return err;
	t->sender = rec.author;
	t->is_final = record_uint(&rec.rec, FACT_FINAL) != 0;
	t->is_service = record_uint(&rec.rec, FACT_SERVICE) != 0;
	if (rec.rec.v[FACT_TO].n == KEY_SIZE)
		t->to = record_key(&rec.rec, FACT_TO);
	return 0;
}

static const char *worth(enum grade g, bool is_final)
{
	if (!is_final)
		return g == GRADE_A ? _("received")
				    : _("a claim: goods that move on are "
					"received by who gets them");
	switch (g) {
	case GRADE_A:
		return _("A: the recipient says so");
	case GRADE_B:
		return _("B: signed with the recipient's receipt key");
	case GRADE_C:
		return _("C: a signed paper, entered by somebody else");
	case GRADE_D:
		break;
	}
	return _("D: a claim, which acknowledges nothing");
}

static json_t *json_lines(const struct record *rec, enum fact f)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(rec, f, lines);
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *one = json_object();

		json_put(&one, "item",
			 json_plain(lines[i].item, lines[i].item_n));
		json_put(&one, "qty", json_integer((json_int_t)lines[i].qty));
		json_push(&all, one);
	}
	return all;
}

static json_t *json_said(const struct telling *t, const struct book_record *rec,
			 enum grade g)
{
	const struct record *r = &rec->rec;
	const struct value *reason = &r->v[FACT_REASON];
	bool is_loss = r->kind == KIND_LOSE;
	char ref[REF_TEXT];
	json_t *row = json_object();

	ref_text(ref, desk_roster(t->desk), &rec->feed, rec->seq);
	json_put(&row, "ref", json_string(ref));
	json_put(&row, "id", json_id(&rec->id));
	json_put(&row, "kind", json_string(kind_rule(r->kind)->name));
	json_put(&row, "grade",
		 is_loss ? json_null() : json_plain(&grade_names[g], 1));
	json_put(&row, "date", json_integer((json_int_t)record_date(rec)));
	json_put(&row, "accepted", json_lines(r, FACT_ACCEPTED));
	json_put(&row, "refused", json_lines(r, FACT_REFUSED));
	json_put(&row, "lost", json_lines(r, FACT_LINES));
	json_put(&row, "reason",
		 record_has(r, FACT_REASON)
			 ? json_plain((const char *)reason->p, reason->n)
			 : json_null());
	return row;
}

static void print_goods(const struct telling *t, const struct book_record *rec,
			enum fact f, const char *word, const char **before)
{
	if (!record_has(&rec->rec, f))
		return;
	printf("%s%s ", *before, word);
	tell_fact(stdout, t->desk, &rec->author, f, &rec->rec.v[f]);
	*before = ", ";
}

static void print_said(const struct telling *t, const struct book_record *rec,
		       enum grade g)
{
	char ref[REF_TEXT], date[TIME_SIZE];
	const char *before = "";
	bool is_loss = rec->rec.kind == KIND_LOSE;

	ref_text(ref, desk_roster(t->desk), &rec->feed, rec->seq);
	time_text(date, record_date(rec));
	date[strcspn(date, "T")] = '\0';
	printf("  %-12s %s  ", ref, date);
	print_goods(t, rec, FACT_ACCEPTED, _("accepted"), &before);
	print_goods(t, rec, FACT_REFUSED, _("refused"), &before);
	if (is_loss)
		print_goods(t, rec, FACT_LINES, _("lost"), &before);
	if (record_has(&rec->rec, FACT_REASON)) {
		printf(": ");
		tell_fact(stdout, t->desk, &rec->author, FACT_REASON,
			  &rec->rec.v[FACT_REASON]);
	}
	if (record_has(&rec->rec, FACT_NOTICE))
		printf(", %s", _("with a notice"));
	if (!is_loss)
		printf(" (%s)", worth(g, t->is_final));
	else if (!pubkey_eq(&rec->author, &t->sender))
		printf(" (%s)", _("not the sender's word: without effect"));
	putchar('\n');
}

static int say(void *arg, const struct book_record *rec, enum grade g)
{
	struct telling *t = arg;

	if (t->rows != NULL) {
		json_push(&t->rows, json_said(t, rec, g));
		return 0;
	}
	if (t->n++ == 0)
		puts(_("What was said of it:"));
	print_said(t, rec, g);
	return 0;
}

json_t *outcomes_lines(const struct delivery *d)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < d->n; i++) {
		json_t *row = json_object();
		const struct {
			const char *name;
			uint64_t qty;
		} cells[] = {
			{ "sent", d->line[i].qty },
			{ "accepted", d->accepted[i] },
			{ "refused", d->refused[i] },
			{ "lost", d->lost[i] },
			{ "claimed", d->graded[GRADE_D][i] },
			{ "open", delivery_open(d, i) },
			{ "A", d->graded[GRADE_A][i] },
			{ "B", d->graded[GRADE_B][i] },
			{ "C", d->graded[GRADE_C][i] },
		};

		json_put(&row, "item",
			 json_plain(d->line[i].item, d->line[i].item_n));
		for (size_t k = 0; k < sizeof(cells) / sizeof(cells[0]); k++)
			json_put(&row, cells[k].name,
				 json_integer((json_int_t)cells[k].qty));
		json_push(&rows, row);
	}
	return rows;
}

static void print_line(const struct delivery *d, size_t i, bool is_final)
{
	const char *before = _("    accepted by grade: ");

	printf("  ");
	put_safe(stdout, d->line[i].item, d->line[i].item_n);
	printf(_(": %llu sent, %llu accepted, %llu refused, %llu lost, "
		 "%llu claimed, %llu open"),
	       (unsigned long long)d->line[i].qty,
	       (unsigned long long)d->accepted[i],
	       (unsigned long long)d->refused[i],
	       (unsigned long long)d->lost[i],
	       (unsigned long long)d->graded[GRADE_D][i],
	       (unsigned long long)delivery_open(d, i));
	putchar('\n');
	if (!is_final || d->accepted[i] == 0)
		return;
	for (size_t g = GRADE_A; g < GRADE_D; g++) {
		if (d->graded[g][i] == 0)
			continue;
		printf("%s%c %llu", before, grade_names[g],
		       (unsigned long long)d->graded[g][i]);
		before = ", ";
	}
	putchar('\n');
}

/* Is there more of a line than was sent, whoever said what of it? */
static bool is_over(const struct delivery *d, size_t i)
{
	uint64_t gone = d->accepted[i] + d->refused[i] + d->lost[i];

	for (size_t g = GRADE_A; g < GRADE_D; g++)
		if (d->said[g][i] > d->line[i].qty)
			return true;
	return gone > d->line[i].qty;
}

/* Did several say something of a line, with proofs of different grades? */
static bool is_weaker(const struct delivery *d, size_t i)
{
	size_t n = 0;

	for (size_t g = GRADE_A; g <= GRADE_D; g++)
		n += d->said[g][i] > 0;
	return n > 1;
}

/* Whether the addressee can still say anything. */
static bool is_gone(const struct telling *t)
{
	const struct member *m = roster_member(desk_roster(t->desk), &t->to);

	return m != NULL && !m->is_standing;
}

static void explain(const struct telling *t, const struct delivery *d)
{
	bool is_refused = false, is_claimed = false, is_more = false;
	bool has_weaker = false, is_open = false;

	for (size_t i = 0; i < d->n; i++) {
		is_refused = is_refused || d->refused[i] > 0;
		is_claimed = is_claimed || d->graded[GRADE_D][i] > 0;
		is_more = is_more || is_over(d, i);
		has_weaker = has_weaker || is_weaker(d, i);
		is_open = is_open || delivery_open(d, i) > 0;
	}
	if (is_refused)
		puts(t->is_service
			     ? _("What was refused of a service was never "
				 "made.")
			     : _("What was refused is with the sender again."));
	if (is_claimed)
		puts(_("What is claimed is said by the sender, or could be: it "
		       "stays open until it is acknowledged."));
	if (has_weaker)
		puts(_("A weaker proof adds what it has beyond the stronger "
		       "ones."));
	if (is_more)
		puts(_("More was accepted, refused and lost than was sent: the "
		       "audit shows it (QTY-02)."));
	if (is_open && is_gone(t))
		puts(_("Who was to receive it is a member no longer: a signed "
		       "paper (C) can acknowledge what is open."));
}

static int note_one(void *arg, const struct book_record *rec)
{
	const struct telling *t = arg;

	if (pubkey_eq(&rec->author, &t->sender))
		return 0;
	puts(_("What others had said of it has no effect any more: the audit "
	       "shows it (QTY-02)."));
	return 1;
}

int outcomes_withdrawn(const struct book_view *view,
		       const struct book_record *deliver)
{
	struct telling t = { .sender = deliver->author };
	int err = view->refs(view->cookie, &deliver->id, REF_DELIVER, note_one,
			     &t);

	return err == 1 ? 0 : err;
}

int outcomes_text(struct desk *d, const struct book_view *view,
		  const struct delivery *how, const struct id *deliver)
{
	struct telling t = { .desk = d };
	int err = look_at(&t, view, deliver);

	if (err != 0)
		return err;
	for (size_t i = 0; i < how->n; i++)
		print_line(how, i, t.is_final);
	explain(&t, how);
	return outcomes_of(view, deliver, say, &t);
}

int outcomes_json(json_t **out, struct desk *d, const struct book_view *view,
		  const struct id *deliver)
{
	struct telling t = { .desk = d };
	int err;

	t.rows = json_array();
	err = t.rows == NULL ? ERR_NOMEM : outcomes_of(view, deliver, say, &t);
	*out = t.rows;
	return err;
}

static int find_asked(void *arg, const struct book_record *rec, enum grade g)
{
	struct telling *t = arg;

	if (id_eq(&rec->id, t->asked)) {
		t->n++;
		t->grade = g;
	}
	return 0;
}

int outcomes_of_text(struct desk *d, const struct book_view *view,
		     const struct book_record *rec)
{
	struct id at = record_id(&rec->rec, FACT_DELIVER);
	struct telling t = { .desk = d, .asked = &rec->id };
	struct book_record deliver;
	char ref[REF_TEXT];
	int err = view->get(view->cookie, &deliver, &at);

	if (err == ERR_NOT_FOUND) {
		puts(_("The delivery it is of does not count, or is not here: "
		       "until then it has no effect."));
		return 0;
	}
	if (err == 0)
		err = look_at(&t, view, &at);
	if (err == 0)
		err = outcomes_of(view, &at, find_asked, &t);
	if (err == ERR_STATE) {
		puts(_("The delivery it is of was withdrawn: so it has no "
		       "effect."));
		return 0;
	}
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	ref_text(ref, desk_roster(d), &deliver.feed, deliver.seq);
	printf(_("It is of the delivery %s"), ref);
	if (t.n > 0 && rec->rec.kind == KIND_RECEIVE)
		printf(" (%s)", worth(t.grade, t.is_final));
	putchar('\n');
	return 0;
}

int outcomes_request(const struct book_view *view,
		     const struct book_record *request, uint64_t now_ms)
{
	struct demand at[LIMIT_LINES];
	char date[TIME_SIZE];
	size_t n;
	int err = demand_of(view, request, at, &n);

	for (size_t i = 0; i < n && err == 0; i++) {
		printf("  ");
		put_safe(stdout, at[i].item, strlen(at[i].item));
		printf(_(": %lld requested, %lld pledged, %lld acknowledged"),
		       (long long)at[i].requested, (long long)at[i].pledged,
		       (long long)at[i].acknowledged);
		putchar('\n');
	}
	if (err == 0 && n > 0 && demand_is_over(&at[0], now_ms)) {
		time_text(date, at[0].until_ms);
		date[strcspn(date, "T")] = '\0';
		printf(_("It is over since %s."), date);
		putchar('\n');
	}
	return err;
}
