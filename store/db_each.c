#include "store/db.h"

#include "crypto/err.h"

#include <string.h>

static bool begins_with(struct span key, struct span prefix)
{
	return key.n >= prefix.n &&
	       (prefix.n == 0 || memcmp(key.p, prefix.p, prefix.n) == 0);
}

int db_each(struct db *db, enum db_table table, struct span prefix,
	    db_visit *visit, void *arg)
{
	struct db_walk walk;
	int err = db_walk_open(db, &walk, table);

	if (err == 0)
		err = db_walk_seek(&walk, prefix.p, prefix.n);
	while (err == 0 && begins_with(walk.key, prefix)) {
		int stop = visit(arg, walk.key, walk.value);

		if (stop != 0) {
			db_walk_close(&walk);
			return stop;
		}
		err = db_walk_next(&walk);
	}
	db_walk_close(&walk);
	return err == ERR_NOT_FOUND ? 0 : err;
}
