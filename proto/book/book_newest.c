#include "crypto/err.h"
#include "proto/book/book.h"
#include "proto/book/reissue.h"

/* The correction that is chosen of those of one version. */
struct choice {
	const struct book_view *view;
	const struct book_record *of; /* the record, in its newest version */
	bool is_made;
	struct book_record *made;
};

/* Does rec refer to the same as `of`, itself? */
static bool keeps_place(const struct record *rec, const struct record *of)
{
	struct id x, y;
	enum ref ref;
	bool has = reissue_own(of, &ref, &x);

	/* PROTOCOL: Nor does a correction of a delivery or of a receipt
	 * change whether it is final. */
	if (record_uint(rec, FACT_FINAL) != record_uint(of, FACT_FINAL))
		return false;
	if (reissue_own(rec, &ref, &y) != has)
		return false;
	return !has || id_eq(&x, &y);
}

static bool is_fitting(const struct book_record *of,
		       const struct book_record *correct)
{
	const struct value *facts = &correct->rec.v[FACT_FACTS];
	struct record rec;

	if (correct->rec.kind != KIND_CORRECT ||
	    !pubkey_eq(&correct->author, &of->author))
		return false;
	if (!record_has(&correct->rec, FACT_FACTS))
		return true;
	/* PROTOCOL: The facts of a correction are those of the kind that it
	 * corrects, without key and orphan, and refer to what the record
	 * referred to; a correction that is otherwise has no effect. */
	return record_decode(&rec, of->rec.kind, facts->p, facts->n) == 0 &&
	       !record_has(&rec, FACT_KEY) && !record_has(&rec, FACT_ORPHAN) &&
	       keeps_place(&rec, &of->rec);
}

static int weigh_correction(void *arg, const struct book_record *rec)
{
	struct choice *choice = arg;
	bool silent;
	int err;

	/* PROTOCOL: Of several corrections of one version the one with the
	 * smallest id counts. */
	if (choice->is_made && id_cmp(&choice->made->id, &rec->id) < 0)
		return 0;
	if (!is_fitting(choice->of, rec))
		return 0;
	err = reissue_is_silent(choice->view, rec, &silent);
	if (err != 0 || silent)
		return err;
	choice->is_made = true;
	book_copy(choice->made, rec);
	return 0;
}

static int weigh_name(void *arg, const struct id *name, bool is_here)
{
	struct choice *choice = arg;

	(void)is_here;
	return choice->view->refs(choice->view->cookie, name, REF_CORRECT,
				  weigh_correction, choice);
}

int book_versions(const struct book_view *view, struct book_record *rec,
		  book_version_visit *visit, void *arg)
{
	const struct kind_rule *rule = kind_rule(rec->rec.kind);
	struct book_record next;
	struct choice choice = { .view = view, .of = rec, .made = &next };
	unsigned versions = 0;
	int err;

	rec->said_in = rec->feed;
	err = visit(arg, rec, rec, true);
	/* What corrects a correction is a version of what that corrects. */
	if (err != 0 || rule == NULL || !rule->is_recorded ||
	    rule->kind == KIND_CORRECT)
		return err;
	err = reissue_names(view, rec, weigh_name, &choice);
	while (err == 0 && choice.is_made &&
	       versions++ < kind_versions(rule->kind)) {
		struct book_record made = next;
		const struct value *facts = &made.rec.v[FACT_FACTS];
		bool occurred = record_has(&made.rec, FACT_FACTS);

		rec->said_in = made.feed;
		if (occurred)
			err = record_decode(&rec->rec, rule->kind, facts->p,
					    facts->n);
		if (err == 0)
			err = visit(arg, rec, &made, occurred);
		choice.is_made = false;
		if (err == 0)
			err = reissue_names(view, &made, weigh_name, &choice);
	}
	return err;
}

/* What is known of the last version so far. */
struct latest {
	bool *occurred;
	struct id *version;
};

static int keep_latest(void *arg, const struct book_record *rec,
		       const struct book_record *by, bool occurred)
{
	struct latest *l = arg;

	(void)rec;
	*l->occurred = occurred;
	*l->version = by->id;
	return 0;
}

int book_version(const struct book_view *view, struct book_record *rec,
		 bool *occurred, struct id *version)
{
	struct latest l = { occurred, version };

	return book_versions(view, rec, keep_latest, &l);
}

int book_newest(const struct book_view *view, struct book_record *rec,
		bool *occurred)
{
	struct id version;

	return book_version(view, rec, occurred, &version);
}

int book_acting(const struct book_view *view, const struct book_record *rec,
		struct book_record *out, bool *is_any)
{
	bool occurred = false;
	int err = reissue_acts(view, rec, is_any);

	if (err != 0 || !*is_any)
		return err;
	book_copy(out, rec);
	err = book_newest(view, out, &occurred);
	*is_any = occurred;
	return err;
}
