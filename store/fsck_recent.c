#include "store/fsck_priv.h"

#include "crypto/err.h"
#include "store/recent.h"

#include <stdlib.h>

struct recent_check {
	struct fsck *f;
	struct run_room *room;
};

/* Are these signed entries of the feed with this number, beyond its head? */
static bool is_recent(struct recent_check *c, struct span key,
		      struct span value, const struct feed_row *row)
{
	uint32_t good;
	struct run run;

	if (key.n != NO_SIZE || value.n > RECENT_BYTES || row->seq == 0 ||
	    run_decode(&run, value.p, value.n) != 0 || run.count > RECENT_MAX ||
	    !pubkey_eq(&run.feed, &row->feed) ||
	    run.from + run.count - 1 <= row->seq)
		return false;
	return run_check(c->room, &good, &run, &run.prev) == 0;
}

static int check_recent(void *arg, struct span key, struct span value)
{
	struct recent_check *c = arg;
	struct feed_row row;
	uint32_t no;
	int err = no_decode(&no, key);

	c->f->report.rows++;
	if (err == 0)
		err = feeds_find_no(&c->f->s->feeds, &row, no);
	if (err != 0 && err != ERR_NOT_FOUND && err != ERR_FORMAT)
		return err;
	if (err != 0)
		fsck_say(c->f, FSCK_RECENT, NULL, 0);
	else if (!is_recent(c, key, value, &row))
		fsck_say(c->f, FSCK_RECENT, &row.feed, row.seq);
	return 0;
}

int fsck_recent(struct fsck *f)
{
	struct recent_check c = { f, malloc(sizeof(*c.room)) };
	int err;

	if (c.room == NULL)
		return ERR_NOMEM;
	err = db_each(f->s->db, DB_RECENT, (struct span){ NULL, 0 },
		      check_recent, &c);
	free(c.room);
	return err;
}
