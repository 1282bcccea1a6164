#include "proto/book/reissue.h"

#include "crypto/err.h"

bool reissue_own(const struct record *rec, enum ref *ref, struct id *target)
{
	static const enum ref own[] = { REF_CORRECT, REF_DELIVER };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (!book_refers(rec, own[i], target))
			continue;
		*ref = own[i];
		return true;
	}
	*ref = REF_REQUEST;
	return rec->kind == KIND_PLEDGE &&
	       book_refers(rec, REF_REQUEST, target);
}

/* PROTOCOL: A record issues another one again if its orphan is that one's id,
 * both are of one author and one kind, and both refer to nothing else or
 * belong to one root. */
static int is_same(const struct book_view *view, const struct book_record *a,
		   const struct book_record *b, bool *out)
{
	struct id x, y;
	enum ref ref;
	bool has_own = reissue_own(&a->rec, &ref, &x);
	int err = 0;

	*out = false;
	if (a->rec.kind != b->rec.kind || !pubkey_eq(&a->author, &b->author) ||
	    reissue_own(&b->rec, &ref, &y) != has_own)
		return 0;
	if (has_own) {
		err = book_root(view, &x, &x);
		if (err == 0)
			err = book_root(view, &y, &y);
		if (err != 0 || !id_eq(&x, &y))
			return err;
	}
	*out = true;
	return 0;
}

/* Where the re-issues of one record hang. */
struct top {
	struct id id;
	bool is_name; /* references to id reach the record */
	bool is_here;
};

/* One link upwards from at: *more, and at is the record above; or the top. */
static int climb(const struct book_view *view, struct top *top,
		 struct book_record *at, bool *more)
{
	struct book_record above;
	struct id own;
	enum ref ref;
	int err;

	*more = false;
	if (!book_refers(&at->rec, REF_ORPHAN, &top->id)) {
		*top = (struct top){ at->id, true, true };
		return 0;
	}
	err = view->get(view->cookie, &above, &top->id);
	if (err == ERR_NOT_FOUND) {
		/* PROTOCOL: The id of a record that is not here is a name of
		 * its re-issue only if the re-issue refers to nothing else. */
		top->is_name = !reissue_own(&at->rec, &ref, &own);
		top->is_here = false;
		return 0;
	}
	top->is_name = false;
	top->is_here = true;
	if (err == 0)
		err = is_same(view, at, &above, more);
	if (err == 0 && *more)
		*at = above;
	return err;
}

static int find_top(const struct book_view *view, struct top *out,
		    const struct book_record *rec)
{
	struct book_record at;
	unsigned links = 0;
	bool more = true;
	int err = 0;

	if (!record_has(&rec->rec, FACT_ORPHAN)) {
		*out = (struct top){ rec->id, true, true };
		return 0;
	}
	book_copy(&at, rec);
	while (err == 0 && more && links++ < LIMIT_LINKS)
		err = climb(view, out, &at, &more);
	return err;
}

/* Looking for a re-issue of the same record before (feed, seq) of `than`. */
struct earlier {
	const struct book_view *view;
	const struct book_record *than;
	struct book_record *copy; /* NULL: not wanted */
	bool is_there;
};

static int find_earlier(void *arg, const struct book_record *rec)
{
	struct earlier *x = arg;
	int err;

	if (rec->seq == x->than->seq && pubkey_eq(&rec->feed, &x->than->feed))
		return 1;
	err = is_same(x->view, rec, x->than, &x->is_there);
	if (err == 0 && x->is_there && x->copy != NULL)
		book_copy(x->copy, rec);
	return err != 0 ? err : x->is_there;
}

int reissue_is_silent(const struct book_view *view,
		      const struct book_record *rec, bool *out)
{
	struct earlier x = { .view = view, .than = rec };
	struct book_record first;
	struct id target;
	int err;

	*out = false;
	if (!book_refers(&rec->rec, REF_ORPHAN, &target))
		return 0;
	err = view->get(view->cookie, &first, &target);
	if (err == 0)
		err = is_same(view, rec, &first, out);
	else if (err == ERR_NOT_FOUND)
		err = 0;
	if (err != 0 || *out)
		return err;
	/* PROTOCOL: A record and its re-issues are one record: the original
	 * counts if it is here, else the re-issue at the smallest (feed, seq),
	 * and the others are silent. */
	err = view->refs(view->cookie, &target, REF_ORPHAN, find_earlier, &x);
	/* It does not see itself when its feed has LIMIT_REFS before it. */
	*out = x.is_there || err == 0;
	return err < 0 ? err : 0;
}

int reissue_acts(const struct book_view *view, const struct book_record *rec,
		 bool *out)
{
	struct book_record original;
	struct id target;
	bool silent;
	int err;

	*out = true;
	if (!book_refers(&rec->rec, REF_ORPHAN, &target))
		return 0;
	*out = false;
	err = view->get(view->cookie, &original, &target);
	if (err != ERR_NOT_FOUND)
		return err;
	err = reissue_is_silent(view, rec, &silent);
	*out = err == 0 && !silent;
	return err;
}

struct names {
	const struct book_view *view;
	const struct book_record *of;
	reissue_name *visit;
	void *arg;
	unsigned depth;
};

static int name_below(void *arg, const struct book_record *rec)
{
	struct names below = *(struct names *)arg;
	bool same;
	int err = is_same(below.view, rec, below.of, &same);

	if (err != 0 || !same)
		return err;
	err = below.visit(below.arg, &rec->id, true);
	if (err != 0 || ++below.depth == REISSUE_DEPTH)
		return err;
	return below.view->refs(below.view->cookie, &rec->id, REF_ORPHAN,
				name_below, &below);
}

int reissue_names(const struct book_view *view, const struct book_record *rec,
		  reissue_name *visit, void *arg)
{
	struct names names = { view, rec, visit, arg, 0 };
	struct top top;
	int err = find_top(view, &top, rec);

	if (err == 0 && top.is_name)
		err = visit(arg, &top.id, top.is_here);
	if (err != 0)
		return err;
	return view->refs(view->cookie, &top.id, REF_ORPHAN, name_below,
			  &names);
}

/* Looking for the first re-issue of a kind. */
struct first {
	struct book_record *out;
	uint32_t kind;
};

static int find_first(void *arg, const struct book_record *rec)
{
	struct first *x = arg;

	if (rec->rec.kind != x->kind)
		return 0;
	book_copy(x->out, rec);
	return 1;
}

int reissue_acting(const struct book_view *view, struct book_record *out,
		   const struct id *id, uint32_t kind)
{
	struct book_record rec;
	struct first first = { &rec, kind };
	struct earlier x = { .view = view, .than = &rec, .copy = out };
	struct top top;
	int err = view->get(view->cookie, &rec, id);

	if (err == ERR_NOT_FOUND) {
		err = view->refs(view->cookie, id, REF_ORPHAN, find_first,
				 &first);
		err = err > 0 ? 0 : err == 0 ? ERR_NOT_FOUND : err;
	}
	if (err == 0 && rec.rec.kind != kind)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = find_top(view, &top, &rec);
	if (err != 0)
		return err;
	if (top.is_here && top.is_name)
		return view->get(view->cookie, out, &top.id);
	if (top.is_here) /* it says to re-issue what it does not */
		return ERR_NOT_FOUND;
	err = view->refs(view->cookie, &top.id, REF_ORPHAN, find_earlier, &x);
	if (err == 0)
		return ERR_NOT_FOUND;
	if (err > 0 && !x.is_there)
		*out = rec;
	return err < 0 ? err : 0;
}
