#include "crypto/err.h"
#include "proto/book/book.h"
#include "proto/book/reissue.h"

#include <string.h>

/* The fact with which this kind refers in this way, 0 when it does not. */
static unsigned ref_fact(uint32_t kind, enum ref ref)
{
	switch (ref) {
	case REF_CORRECT:
		return kind == KIND_CORRECT || kind == KIND_ATTACH ? FACT_TARGET
								   : 0;
	case REF_DELIVER:
		return kind == KIND_RECEIVE || kind == KIND_LOSE ? FACT_DELIVER
								 : 0;
	case REF_ORPHAN:
		return FACT_ORPHAN;
	case REF_REQUEST:
		return kind == KIND_PLEDGE || kind == KIND_DELIVER
			       ? FACT_REQUEST
			       : 0;
	case REF_COUNT:
		break;
	}
	return 0;
}

bool book_has_refs(const struct record *rec)
{
	return record_has(rec, FACT_TARGET) || record_has(rec, FACT_DELIVER) ||
	       record_has(rec, FACT_ORPHAN) || record_has(rec, FACT_REQUEST);
}

bool book_refers(const struct record *rec, enum ref ref, struct id *target)
{
	unsigned f = ref_fact(rec->kind, ref);

	if (f == 0 || !record_has(rec, f))
		return false;
	*target = record_id(rec, f);
	return true;
}

/* PROTOCOL: A record belongs to what it refers to itself, and a record that
 * refers to nothing itself belongs to its orphan. */
bool book_ref(const struct record *rec, enum ref *ref, struct id *target)
{
	if (reissue_own(rec, ref, target))
		return true;
	*ref = REF_ORPHAN;
	return book_refers(rec, REF_ORPHAN, target);
}

void book_copy(struct book_record *to, const struct book_record *from)
{
	memcpy(to, from, offsetof(struct book_record, rec));
	record_copy(&to->rec, &from->rec);
}

/* References are hashes of what they refer to, so chains cannot be circles; but
 * anybody can make long ones.
 *
 * PROTOCOL: A record that is more than 512 links away from its root has no
 * effect.  Its root here is no root of anything. */
int book_root(const struct book_view *view, struct id *root,
	      const struct id *id)
{
	struct book_record rec;
	struct id at = *id;
	unsigned links = 0;
	enum ref ref;
	int err;

	do {
		err = view->get(view->cookie, &rec, &at);
	} while (err == 0 && ++links < LIMIT_LINKS &&
		 book_ref(&rec.rec, &ref, &at));
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	*root = at;
	return 0;
}

/* What refers to rec belonged to rec's own id while rec was not here, and
 * belongs to rec's root when it is. */
int book_touched(const struct book_view *view, struct id out[static 2],
		 const struct book_record *rec)
{
	struct id target;
	enum ref ref;

	out[0] = rec->id;
	out[1] = rec->id;
	if (!book_ref(&rec->rec, &ref, &target))
		return 0;
	return book_root(view, &out[1], &target);
}
