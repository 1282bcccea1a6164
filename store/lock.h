#ifndef STORE_LOCK_H
#define STORE_LOCK_H

/*
 * lock -- one writing process at a time.
 *
 * An flock on a file that stays; the system drops it when the process ends,
 * however it ends.  Held for as long as the process may write.
 */

struct lock; /* opaque */

/* lock_take: make the file (0600) if missing and lock it, without waiting.
 * ERR_BUSY when another process, or this one, holds it; ERR_NOT_FOUND when
 * there is no such folder; ERR_DENIED, ERR_FULL, ERR_IO, ERR_NOMEM. */
int lock_take(struct lock **out, const char *path);

/* lock_release: unlock; NULL is fine. */
void lock_release(struct lock *lock);

#endif
