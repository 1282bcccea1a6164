#include "node/ctl/desk.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/ctl/desk_wire.h"
#include "node/ledger.h"
#include "node/safe/renewal.h"
#include "node/text/i18n.h"
#include "node/text/names.h"
#include "node/text/say.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	WAIT_TRIES = 500, /* for other commands that hold the lock in turn */
	WAIT_MS = 10,
	CALL_MS = 30000 /* a daemon on a slow card syncs in less */
};

static int no_network(void)
{
	say_error(_("no network joined yet; 'maillon join LINK' joins one, "
		    "'maillon found NAME' founds one"));
	return EXIT_CONFIG;
}

static int cannot_open(const struct desk *d, int err)
{
	if (err == ERR_NOT_FOUND)
		return no_network();
	if (err == ERR_STATE || err == ERR_SIGNATURE)
		return renewal_sealed(err);
	say_error(_("the ledger in %s cannot be opened: %s"), d->ctx->home.dir,
		  err_reason(err));
	return exit_of(err);
}

/* Who we are, as the files beside the ledger say. */
static int load_member(struct desk *d)
{
	int err = home_identity(&d->ctx->home, &d->identity);

	if (err == 0)
		err = home_member(&d->ctx->home, &d->member);
	if (err != 0) {
		say_error(_("the keys in %s cannot be read: %s"),
			  d->ctx->home.keys, err_reason(err));
		return exit_of(err);
	}
	return EXIT_DONE;
}

static int start(struct desk *d, struct ctx *ctx)
{
	int code;

	*d = (struct desk){ .ctx = ctx, .ctl = { .fd = -1 } };
	code = need_home(ctx);
	return code == EXIT_DONE ? load_member(d) : code;
}

/* The ledger is open: is it one, and whose feed is ours? */
static int check_network(struct desk *d)
{
	struct id network;

	if (!store_network(d->store, &network) ||
	    !store_own(d->store, &d->feed))
		return no_network();
	return EXIT_DONE;
}

static int open_reader(struct desk *d, enum store_mode mode)
{
	int err = ledger_open(&d->store, &d->ctx->home, mode);

	return err != 0 ? cannot_open(d, err) : check_network(d);
}

int desk_read(struct desk *d, struct ctx *ctx)
{
	int code = start(d, ctx);

	return code == EXIT_DONE ? open_reader(d, STORE_READ) : code;
}

int desk_glance(struct desk *d, struct ctx *ctx)
{
	int code = start(d, ctx);

	return code == EXIT_DONE ? open_reader(d, STORE_GLANCE) : code;
}

/* Our own keeper, or the socket of the daemon that has the lock.  Another
 * command may hold it for a moment, so ask more than once. */
static int find_way(struct desk *d)
{
	const struct timespec pause = { 0, WAIT_MS * 1000000L };
	int err = ERR_BUSY;

	for (int i = 0; i < WAIT_TRIES; i++) {
		err = keeper_open(&d->keeper, &d->ctx->home);
		if (err != ERR_BUSY)
			return err;
		err = ctl_connect(&d->ctl, d->ctx->home.socket);
		if (err != ERR_NOT_FOUND && err != ERR_BUSY)
			return err;
		nanosleep(&pause, NULL);
	}
	return ERR_BUSY;
}

int desk_open(struct desk *d, struct ctx *ctx)
{
	int code = start(d, ctx);
	int err;

	if (code != EXIT_DONE)
		return code;
	err = find_way(d);
	if (err == ERR_BUSY) {
		say_error(_("%s is in use by a process that does not answer; "
			    "try again"),
			  ctx->home.dir);
		return EXIT_AGAIN;
	}
	if (err != 0)
		return cannot_open(d, err);
	if (d->keeper == NULL)
		return open_reader(d, STORE_READ);
	d->store = d->keeper->store;
	return check_network(d);
}

void desk_close(struct desk *d)
{
	if (d->keeper == NULL)
		store_close(d->store);
	keeper_close(d->keeper);
	ctl_close(&d->ctl);
	free(d->kept);
	d->kept = NULL;
	d->kept_n = 0;
	bytes_wipe(&d->member, sizeof(d->member));
	d->store = NULL;
	d->keeper = NULL;
}

const struct roster *desk_roster(const struct desk *d)
{
	return store_roster(d->store);
}

struct tag desk_tag(const struct desk *d, const char *text, size_t n)
{
	return hash_tag(&d->member, "maillon/1 key", text, n);
}

/* How many of n drafts one batch takes, at least 1. */
static size_t batch_size(const struct draft *drafts, size_t n)
{
	size_t bytes = 0, count = 0;

	while (count < n && count < KEEPER_DRAFTS) {
		bytes += drafts[count].facts_n;
		if (bytes > KEEPER_BYTES && count > 0)
			break;
		count++;
	}
	return count;
}

/* Hand in one batch through the daemon. */
static int record_there(struct desk *d, struct recorded *out,
			const struct draft *drafts, size_t n, size_t *bad)
{
	struct rd reply;
	struct wr w;
	uint8_t *room = malloc(WIRE_ROOM);
	int err;

	if (room == NULL)
		return ERR_NOMEM;
	wr_init(&w, room, WIRE_ROOM);
	wire_put_drafts(&w, drafts, n);
	err = ctl_call(&d->ctl, &reply, "record", &w, 1, CALL_MS);
	if (err == 0)
		err = wire_get_recorded(&reply, out, n, bad);
	free(room);
	if (err == 0)
		err = store_refresh(d->store);
	return err;
}

static int record_failed(const struct desk *d, int err)
{
	bool is_gone = d->keeper == NULL && d->ctl.fd < 0;

	if (is_gone) {
		say_error(_("the daemon did not answer, so this may be "
			    "recorded or not: look with 'maillon log'; with "
			    "--key it is safe to try again"));
		return EXIT_UNAVAILABLE;
	}
	if (err == ERR_STATE)
		return no_network();
	if (err == ERR_DENIED) {
		say_error(_("nothing was recorded: this machine's feed was "
			    "closed by its member; 'maillon restore' on a "
			    "clean machine begins another"));
		return EXIT_DENIED;
	}
	if (err == ERR_EXISTS)
		say_error(_("this key was used before for another record; give "
			    "each record a key of its own"));
	else if (err == ERR_FULL)
		say_error(_("nothing was recorded: the disk of %s is nearly "
			    "full; free some space and try again"),
			  d->ctx->home.dir);
	else
		say_error(_("nothing was recorded: %s"),
			  d->ctl.reason[0] != '\0' ? d->ctl.reason
						   : err_reason(err));
	return err == ERR_EXISTS ? EXIT_DATA : exit_of(err);
}

static int record_all(struct desk *d, struct recorded *out,
		      const struct draft *drafts, size_t n, size_t *done,
		      size_t *bad)
{
	struct recorded rows[KEEPER_DRAFTS];
	size_t at = 0, wrong = 0, count = 0;
	int err = 0;

	for (; at < n; at += count) {
		count = batch_size(drafts + at, n - at);
		wrong = count;
		err = d->keeper != NULL
			      ? keeper_record(d->keeper, rows, drafts + at,
					      count, &wrong)
			      : record_there(d, rows, drafts + at, count,
					     &wrong);
		if (err != 0)
			break;
		if (out != NULL)
			memcpy(out + at, rows, count * sizeof(rows[0]));
	}
	if (done != NULL)
		*done = at;
	if (err == 0)
		return EXIT_DONE;
	if (bad != NULL && wrong < count) {
		*bad = at + wrong;
		return EXIT_DATA;
	}
	return record_failed(d, err);
}

/* Make the names known that the next records use. */
static int record_names(struct desk *d)
{
	struct names *names;
	int code = EXIT_DONE;

	if (d->kept_n == 0)
		return EXIT_DONE;
	names = malloc(sizeof(*names));
	if (names == NULL)
		return record_failed(d, ERR_NOMEM);
	names_fill(names, d->kept, d->kept_n, d->ctx->now_ms);
	d->kept_n = 0;
	code = desk_remember(d, names->rows, names->rows_n);
	if (code == EXIT_DONE && names->drafts_n > 0)
		code = record_all(d, NULL, names->drafts, names->drafts_n, NULL,
				  NULL);
	free(names);
	return code;
}

int desk_record(struct desk *d, struct recorded *out,
		const struct draft *drafts, size_t n, size_t *done, size_t *bad)
{
	int code;

	if (done != NULL)
		*done = 0;
	code = record_names(d);
	return code == EXIT_DONE ? record_all(d, out, drafts, n, done, bad)
				 : code;
}

int desk_one(struct desk *d, struct recorded *out, const struct draft *draft)
{
	return desk_record(d, out, draft, 1, NULL, NULL);
}

static int rows_there(struct desk *d, const char *verb,
		      const struct keepsake *rows, size_t n)
{
	size_t max = 64;
	uint8_t *room;
	struct rd reply;
	struct wr w;
	int err;

	for (size_t i = 0; i < n; i++)
		max += rows[i].key_n + rows[i].value_n + 16;
	room = malloc(max);
	if (room == NULL)
		return ERR_NOMEM;
	wr_init(&w, room, max);
	wr_array(&w, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		wr_array(&w, 2);
		wr_bin(&w, rows[i].key, rows[i].key_n);
		wr_bin(&w, rows[i].value, rows[i].value_n);
	}
	err = ctl_call(&d->ctl, &reply, verb, &w, 1, CALL_MS);
	free(room);
	return err;
}

int desk_remember(struct desk *d, const struct keepsake *rows, size_t n)
{
	int err = d->keeper != NULL ? keeper_remember(d->keeper, rows, n)
				    : rows_there(d, "remember", rows, n);

	return err == 0 ? EXIT_DONE : record_failed(d, err);
}

int desk_forget(struct desk *d, const struct keepsake *rows, size_t n)
{
	int err = d->keeper != NULL ? keeper_forget(d->keeper, rows, n)
				    : rows_there(d, "forget", rows, n);

	return err == 0 ? EXIT_DONE : record_failed(d, err);
}
