#include "proto/roster/rotation.h"
#include "store/fsck_priv.h"

#include "crypto/err.h"
#include "proto/entry.h"
#include "proto/evidence/evidence.h"
#include "store/cut.h"

#include <string.h>

/* Does a proof still prove what its key says? */
static int check_proof(void *arg, struct span key, struct span value)
{
	struct fsck *f = arg;
	uint8_t buf[LIMIT_ENTRY], want[EVIDENCE_KEY];
	const struct roster_feed *feed;
	struct evidence e;
	int err = evidence_decode(&e, value.p, value.n);

	f->report.rows++;
	if (err == 0) {
		evidence_key(want, &e.feed, e.type);
		feed = roster_feed(f->s->roster, &e.feed);
		if (key.n != sizeof(want) || memcmp(key.p, want, key.n) != 0)
			err = ERR_FORMAT;
		else if (e.type == EVIDENCE_FORK)
			err = evidence_check_fork(&e, &f->s->network, buf);
		else if (feed != NULL)
			err = roster_check_end(f->s->roster, &e);
	}
	if (err != 0)
		fsck_say(f, FSCK_PROOF, NULL, 0);
	return 0;
}

/* Is an entry aside still the one that its key says? */
static int check_aside(void *arg, struct span key, struct span value)
{
	struct fsck *f = arg;
	struct feed_row row;
	struct place at;
	struct entry e;
	struct id id;

	f->report.rows++;
	if (key.n == ASIDE_KEY_SIZE &&
	    place_decode(&at, (struct span){ key.p, PLACE_SIZE }) == 0 &&
	    feeds_find_no(&f->s->feeds, &row, at.no) == 0 &&
	    entry_decode(&e, value.p, value.n) == 0 && e.seq == at.seq &&
	    pubkey_eq(&e.feed, &row.feed)) {
		id = entry_id(&e);
		if (memcmp(id.b, key.p + PLACE_SIZE, HALF_SIZE) == 0)
			return 0;
	}
	fsck_say(f, FSCK_PROOF, NULL, 0);
	return 0;
}

int fsck_cut(struct fsck *f)
{
	struct span all = { NULL, 0 };
	int err = f->s->roster == NULL
			  ? 0
			  : db_each(f->s->db, DB_EVIDENCE, all, check_proof, f);

	if (err == 0)
		err = db_each(f->s->db, DB_ASIDE, all, check_aside, f);
	return err;
}
