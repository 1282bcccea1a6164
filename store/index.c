#include "store/index.h"

#include <string.h>

bool index_has_id(uint32_t kind)
{
	return kind != KIND_ATTEST && kind != KIND_CHECKPOINT &&
	       kind != KIND_COSIGN;
}

bool index_has_kind(uint32_t kind)
{
	return kind == KIND_ATTEST || kind == KIND_END || kind == KIND_DESIGN ||
	       kind == KIND_APPROVE || kind == KIND_REQUEST ||
	       kind == KIND_CAMPAIGN || kind == KIND_DONATE ||
	       kind == KIND_SPEND || kind == KIND_BANK || kind == KIND_PERIOD;
}

size_t references(const struct record *rec,
		  struct reference out[static REFERENCES_MAX])
{
	static const enum ref ways[] = { REF_CORRECT, REF_DELIVER, REF_ORPHAN,
					 REF_REQUEST };
	size_t n = 0;

	for (size_t i = 0; i < REF_COUNT; i++) {
		out[n].ref = ways[i];
		if (book_refers(rec, ways[i], &out[n].target))
			n++;
	}
	return n;
}

/* What each kind of row needs at hand. */
struct making {
	const struct indexed *x;
	index_visit *visit;
	void *arg;
	struct span no;
};

static int refs_rows(const struct making *m)
{
	struct reference refs[REFERENCES_MAX];
	const struct entry *e = m->x->entry;
	size_t n = references(m->x->rec, refs);
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++) {
		uint8_t key[REF_KEY_SIZE];

		ref_key(key, &refs[i].target, refs[i].ref, &e->feed, e->seq);
		err = m->visit(m->arg, DB_REF,
			       (struct span){ key, sizeof(key) }, m->no);
	}
	return err;
}

static int key_row(const struct making *m)
{
	const struct entry *e = m->x->entry;
	uint8_t key[KEY_KEY_SIZE];
	struct tag tag;

	if (!record_has(m->x->rec, FACT_KEY))
		return 0;
	tag = record_tag(m->x->rec, FACT_KEY);
	key_key(key, &m->x->feed->identity, &tag, &e->feed, e->seq);
	return m->visit(m->arg, DB_KEY, (struct span){ key, sizeof(key) },
			m->no);
}

/* What a record of this kind says, or in newer a correction of one would have
 * it say (of what kind it is that is corrected is not known here); or NULL. */
static const struct record *says(const struct record *rec, enum kind kind,
				 struct record *newer)
{
	const struct value *facts = &rec->v[FACT_FACTS];

	if (rec->kind != KIND_CORRECT)
		return rec->kind == kind ? rec : NULL;
	if (!record_has(rec, FACT_FACTS) ||
	    record_decode(newer, kind, facts->p, facts->n) != 0)
		return NULL;
	return newer;
}

/* On whose standing a grade hangs: of the member to whom a delivery is
 * addressed, or of who entered a paper, the author, who stands here as zero. */
static bool graded_by(const struct record *rec, struct pubkey *out)
{
	const struct record *said;
	struct record newer;

	*out = (struct pubkey){ { 0 } };
	said = says(rec, KIND_RECEIVE, &newer);
	if (said != NULL)
		return record_has(said, FACT_PAPER);
	said = says(rec, KIND_DELIVER, &newer);
	if (said == NULL)
		return false;
	*out = record_key(said, FACT_TO);
	return said->v[FACT_TO].n == KEY_SIZE;
}

static int sent_row(const struct making *m)
{
	const struct place at = { m->x->feed->no, m->x->entry->seq };
	uint8_t key[SENT_KEY_SIZE];
	struct pubkey member;

	if (!graded_by(m->x->rec, &member))
		return 0;
	sent_key(key, &member, at);
	return m->visit(m->arg, DB_SENT, (struct span){ key, sizeof(key) },
			(struct span){ NULL, 0 });
}

static int item_row(const struct making *m)
{
	const struct entry *e = m->x->entry;
	const struct value *item = &m->x->rec->v[FACT_ITEM];
	uint8_t key[ITEM_KEY_SIZE];
	size_t n;

	if (m->x->rec->kind != KIND_ITEM)
		return 0;
	n = item_key(key, (const char *)item->p, item->n, &e->feed, e->seq);
	return m->visit(m->arg, DB_ITEM, (struct span){ key, n }, m->no);
}

static int kind_row(const struct making *m)
{
	const struct place at = { m->x->feed->no, m->x->entry->seq };
	uint8_t key[KIND_KEY_SIZE];

	if (!index_has_kind(m->x->entry->kind))
		return 0;
	key[0] = (uint8_t)m->x->entry->kind;
	place_encode(key + 1, at);
	return m->visit(m->arg, DB_KIND, (struct span){ key, sizeof(key) },
			(struct span){ NULL, 0 });
}

static int record_rows(const struct making *m)
{
	int err = refs_rows(m);

	if (err == 0)
		err = key_row(m);
	if (err == 0)
		err = sent_row(m);
	if (err == 0)
		err = item_row(m);
	return err;
}

int index_rows(const struct indexed *x, index_visit *visit, void *arg)
{
	const struct kind_rule *rule = kind_rule(x->entry->kind);
	const struct place at = { x->feed->no, x->entry->seq };
	uint8_t no[NO_SIZE], place[PLACE_SIZE];
	struct making m = { x, visit, arg, { no, sizeof(no) } };
	int err = 0;

	no_encode(no, at.no);
	place_encode(place, at);
	if (index_has_id(x->entry->kind))
		err = visit(arg, DB_ID, (struct span){ x->id->b, HALF_SIZE },
			    (struct span){ place, sizeof(place) });
	if (err == 0 && rule != NULL && rule->is_roster)
		err = visit(arg, DB_ROSTER,
			    (struct span){ place, sizeof(place) },
			    (struct span){ NULL, 0 });
	if (err == 0 && x->rec != NULL)
		err = record_rows(&m);
	if (err == 0 && (x->rec != NULL || x->entry->kind == KIND_ATTEST ||
			 x->entry->kind == KIND_END))
		err = kind_row(&m);
	return err;
}
