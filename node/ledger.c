#include "node/ledger.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/lock.h"

static int upgrade(const struct home *home)
{
	struct store *s = NULL;
	int err;

	if (store_is_later(home->ledger))
		return ERR_VERSION;
	say_note(_("an earlier version of Maillon wrote the ledger in %s; it "
		   "is being brought up to date, which may take a while"),
		 home->dir);
	err = store_open(&s, home->ledger, STORE_UPGRADE);
	store_close(s);
	return err;
}

int ledger_write(struct store **out, const struct home *home,
		 enum store_mode mode)
{
	int err = store_open(out, home->ledger, mode);

	if (err != ERR_VERSION)
		return err;
	err = upgrade(home);
	return err == 0 ? store_open(out, home->ledger, mode) : err;
}

int ledger_open(struct store **out, const struct home *home,
		enum store_mode mode)
{
	struct lock *lock = NULL;
	int err = store_open(out, home->ledger, mode);

	if (err != ERR_VERSION)
		return err;
	err = lock_take(&lock, home->lock);
	if (err == 0)
		err = ledger_write(out, home, mode);
	lock_release(lock);
	return err;
}
