#include "proto/audit/audit_rules.h"

#include "proto/book/reissue.h"

/*
 * Corrections of one delivery that compete: two machines of a member may have
 * corrected it apart, and one who chooses ids has taken away what others
 * answered, without a version that shows it.
 */

struct rivals {
	const struct look *look;
	unsigned n;      /* corrections of the version under way */
	uint64_t losers; /* of all versions */
};

static int count_one(void *arg, const struct book_record *rec)
{
	struct rivals *r = arg;
	bool silent;
	int err;

	if (rec->rec.kind != KIND_CORRECT ||
	    !pubkey_eq(&rec->author, &r->look->rec->author))
		return 0;
	err = reissue_is_silent(r->look->view, rec, &silent);
	if (err == 0 && !silent)
		r->n++;
	return err;
}

static int count_name(void *arg, const struct id *name, bool is_here)
{
	const struct rivals *r = arg;
	const struct book_view *view = r->look->view;

	(void)is_here;
	return view->refs(view->cookie, name, REF_CORRECT, count_one, arg);
}

static int count_version(void *arg, const struct book_record *rec,
			 const struct book_record *by, bool occurred)
{
	struct rivals *r = arg;
	int err;

	(void)rec, (void)occurred;
	r->n = 0;
	err = reissue_names(r->look->view, by, count_name, r);
	r->losers += r->n > 1 ? r->n - 1 : 0;
	return err;
}

int rival_look(const struct look *l)
{
	struct rivals r = { .look = l };
	struct book_record rec;
	bool acts;
	int err = reissue_acts(l->view, l->rec, &acts);

	if (err != 0 || !acts)
		return err;
	book_copy(&rec, l->rec);
	err = book_versions(l->view, &rec, count_version, &r);
	return err == 0 && r.losers > 0 ? look_case(l, DUP_08, NULL, r.losers)
					: err;
}
