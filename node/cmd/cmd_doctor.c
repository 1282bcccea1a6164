#include "node/cmd/cmd.h"

#include "crypto/err.h"
#include "node/ctl/ctl.h"
#include "node/net/contact.h"
#include "node/net/knock.h"
#include "node/net/lan.h"
#include "node/net/peerlist.h"
#include "node/safe/heldkey.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "node/text/screen.h"
#include "proto/entry.h"
#include "store/lock.h"
#include "store/log.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

/*
 * What is wrong with this machine or this home, and what to do.
 *
 * Looks and changes nothing, beside a node that runs or without one.
 */

enum {
	KNOCKS = 8, /* addresses of others that are tried */
	LOW = 4,    /* times STORE_FREE_MIN: little space */
	CLOCK_MS = 300000,
	LAN_TRIES = 30, /* times LAN_NAP_MS: for avahi and who is there */
	LAN_NAP_MS = 50,
	WHAT_AT = 16 /* column of a terminal */
};

/* When the first release was made: no clock is right that is before. */
#define CLOCK_FIRST_MS 1767225600000ULL /* 2026-01-01 */

enum state { STATE_OK, STATE_NOTE, STATE_BAD };

struct doctor {
	struct ctx *ctx;
	struct store *store; /* NULL when it cannot be read */
	json_t *checks;      /* NULL when text is wanted */
	bool is_up;          /* a node runs here */
	bool is_ill;
};

static const char *const words[] = {
	[STATE_OK] = "ok",
	[STATE_NOTE] = "note",
	[STATE_BAD] = "bad",
};

/* What is a sentence in English, N_(). */
static void tell(struct doctor *d, enum state state, const char *name,
		 const char *about, const char *what)
{
	size_t columns = screen_columns(stdout);
	struct screen_line line;
	json_t *row;
	FILE *file;

	d->is_ill = d->is_ill || state == STATE_BAD;
	if (d->checks == NULL) {
		printf("%-4s  %-8s  ", words[state], name);
		file = screen_begin(&line, stdout, columns);
		put_safe(file, about, strlen(about));
		fprintf(file, "%s%s", about[0] != '\0' ? ": " : "", _(what));
		screen_end(&line, stdout, WHAT_AT, WHAT_AT, columns);
		return;
	}
	row = json_object();
	json_put(&row, "check", json_string(name));
	json_put(&row, "state", json_string(words[state]));
	json_put(&row, "about", json_plain(about, strlen(about)));
	json_put(&row, "text", json_string(what));
	json_push(&d->checks, row);
}

static void look_at_home(struct doctor *d)
{
	const struct home *h = &d->ctx->home;
	struct stat st;

	if (stat(h->dir, &st) != 0)
		tell(d, STATE_BAD, "home", h->dir,
		     N_("cannot be read; look at its owner"));
	else if ((st.st_mode & 022) != 0)
		tell(d, STATE_BAD, "home", h->dir,
		     N_("others may write into it; 'chmod 700' it"));
	else
		tell(d, STATE_OK, "home", h->dir, N_("is there"));
}

static void look_at_key(struct doctor *d, enum home_key which)
{
	char path[HOME_PATH];
	struct stat st;

	if (home_key_path(&d->ctx->home, path, which) != 0)
		return;
	if (stat(path, &st) != 0)
		tell(d, STATE_BAD, "keys", path,
		     N_("is missing; 'maillon restore' brings a backup back"));
	else if ((st.st_mode & 077) != 0)
		tell(d, STATE_BAD, "keys", path,
		     N_("others may read it; 'chmod 600' it"));
	else
		tell(d, STATE_OK, "keys", path,
		     N_("is there, for its owner only"));
}

static void look_at_lock(struct doctor *d)
{
	const struct home *h = &d->ctx->home;
	struct lock *lock;
	struct ctl ctl;
	int err;

	d->is_up = ctl_connect(&ctl, h->socket) == 0;
	if (d->is_up) {
		ctl_close(&ctl);
		tell(d, STATE_OK, "lock", "", N_("a node runs here"));
		return;
	}
	err = lock_take(&lock, h->lock);
	if (err == 0) {
		lock_release(lock);
		tell(d, STATE_NOTE, "lock", "",
		     N_("no node runs here; 'maillon up' starts it"));
	} else if (err == ERR_BUSY) {
		tell(d, STATE_NOTE, "lock", h->lock,
		     N_("a command is at work; ask again in a moment"));
	} else {
		tell(d, STATE_BAD, "lock", h->lock,
		     N_("cannot be taken; look at its owner"));
	}
}

static void look_at_disk(struct doctor *d)
{
	struct statvfs fs;
	unsigned long long left;
	char about[64];

	if (statvfs(d->ctx->home.dir, &fs) != 0) {
		tell(d, STATE_BAD, "disk", d->ctx->home.dir,
		     N_("does not say how much is free"));
		return;
	}
	left = (unsigned long long)fs.f_bavail * fs.f_frsize;
	snprintf(about, sizeof(about), "%llu MiB", left >> 20);
	if (left < STORE_FREE_MIN)
		tell(d, STATE_BAD, "disk", about,
		     N_("too little is free: nothing is recorded any more; "
			"make room"));
	else if (left < LOW * STORE_FREE_MIN)
		tell(d, STATE_NOTE, "disk", about,
		     N_("little is free; make room soon"));
	else
		tell(d, STATE_OK, "disk", about, N_("are free"));
}

static void look_at_ledger(struct doctor *d)
{
	const char *dir = d->ctx->home.ledger;
	int err = store_open(&d->store, dir, STORE_READ);

	if (err == ERR_NOT_FOUND)
		tell(d, STATE_BAD, "ledger", dir,
		     N_("no network joined yet; 'maillon join LINK' joins "
			"one"));
	else if (err == ERR_VERSION)
		tell(d, STATE_BAD, "ledger", dir,
		     N_("is of another version; one 'maillon status' of a "
			"version that is not older takes it over"));
	else if (err != 0)
		tell(d, STATE_BAD, "ledger", dir,
		     N_("cannot be read; see 'maillon fsck'"));
	else if (store_is_damaged(d->store))
		tell(d, STATE_BAD, "ledger", dir,
		     N_("is damaged; see 'maillon fsck'"));
	else
		tell(d, STATE_OK, "ledger", dir, N_("can be read"));
}

/* Is the identity key the one that others of this member have, too? */
static void look_at_identity(struct doctor *d)
{
	struct pubkey identity;

	if (d->store != NULL && home_identity(&d->ctx->home, &identity) == 0 &&
	    heldkey_is_behind(d->store, store_roster(d->store), &identity))
		tell(d, STATE_BAD, "keys", "",
		     N_("another identity key of this member is in force than "
			"the one of this home; take it over with 'maillon "
			"rotate --adopt FILE', from a backup made where it was "
			"made"));
}

/* What this node signed last, in its own clock; 0 when nothing. */
static uint64_t last_signed_ms(struct store *s)
{
	uint8_t raw[LIMIT_ENTRY];
	struct pubkey own;
	struct head head;
	struct entry e;
	size_t n;

	if (s == NULL || !store_own(s, &own) ||
	    store_head(s, &own, &head) != 0 ||
	    store_entry(s, &own, head.seq, raw, &n) != 0 ||
	    entry_decode(&e, raw, n) != 0)
		return 0;
	return e.time_ms;
}

static void look_at_clock(struct doctor *d)
{
	uint64_t now_ms = d->ctx->now_ms;
	char about[TIME_SIZE];

	time_text(about, now_ms);
	if (now_ms < CLOCK_FIRST_MS)
		tell(d, STATE_BAD, "clock", about,
		     N_("is in the past; set the clock"));
	else if (now_ms + CLOCK_MS < last_signed_ms(d->store))
		tell(d, STATE_BAD, "clock", about,
		     N_("is before what this node signed last; set the "
			"clock"));
	else
		tell(d, STATE_OK, "clock", about, N_("looks right"));
}

static const char *knocked(int err)
{
	switch (err) {
	case 0:
		return N_("answers");
	case ERR_NOT_FOUND:
		return N_("no such host; is there a network, and is the name "
			  "right?");
	case ERR_DENIED:
		return N_("the machine is there, and no node listens");
	}
	return N_("does not answer; is there a network, and is that machine "
		  "on?");
}

/* One that answers is enough to take part. */
static void look_for_contacts(struct doctor *d, struct contacts *c)
{
	size_t tried = 0, there = 0;

	for (size_t i = 0; i < c->n && tried < KNOCKS; i++)
		for (size_t j = 0; j < c->row[i].address_n && tried < KNOCKS;
		     j++) {
			const char *address = c->row[i].address[j];
			int err = knock(address);

			tried++;
			there += err == 0;
			tell(d, err == 0 ? STATE_OK : STATE_NOTE, "peers",
			     address, knocked(err));
		}
	if (tried == 0)
		tell(d, STATE_NOTE, "peers", "",
		     N_("none is known; give one with 'maillon up --peer'"));
	else if (there == 0)
		tell(d, STATE_BAD, "peers", "",
		     N_("nobody can be reached; what is recorded stays here "
			"until somebody is"));
}

static void look_at_peers(struct doctor *d)
{
	struct contacts *c = calloc(1, sizeof(*c));
	struct peerlist_row *rows = NULL;
	size_t n = 0, met = 0;
	char about[64];
	struct pubkey own;

	if (d->is_up && peerlist_ask(&rows, &n, d->ctx->home.socket) == 0)
		for (size_t i = 0; i < n; i++) {
			met += rows[i].in_step;
			if (rows[i].unequal.is_known)
				tell(d, STATE_BAD, "peers", rows[i].label,
				     N_("holds something else, and nothing "
					"more can be exchanged; see 'maillon "
					"status', update the older of the two "
					"programs, then run 'maillon fsck' on "
					"both machines"));
		}
	free(rows);
	snprintf(about, sizeof(about), "%zu", met);
	if (met > 0)
		tell(d, STATE_OK, "peers", about,
		     N_("hold the same as this node"));
	else if (c != NULL && store_own(d->store, &own) &&
		 contacts_load(c, d->store) == 0) {
		contacts_publish(c, store_roster(d->store), &own, 0, 0);
		look_for_contacts(d, c);
	}
	free(c);
}

static void look_at_address(struct doctor *d)
{
	char list[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	struct pubkey own;
	size_t n = 0;

	if (store_own(d->store, &own))
		n = roster_addresses(store_roster(d->store), &own, list);
	if (n == 0)
		tell(d, STATE_OK, "address", "",
		     N_("none is published: this node dials others, and "
			"that is enough"));
	for (size_t i = 0; i < n && d->is_up; i++) {
		int err = knock(list[i]);

		tell(d, err == 0 ? STATE_OK : STATE_BAD, "address", list[i],
		     knocked(err));
	}
	for (size_t i = 0; i < n && !d->is_up; i++)
		tell(d, STATE_NOTE, "address", list[i],
		     N_("is published, and no node runs here"));
}

/* How it stands, and how many nodes of this network say to be there. */
static enum lan_state listen_around(size_t *n, const struct lan_self *self)
{
	const struct timespec nap = { .tv_nsec = LAN_NAP_MS * 1000000L };
	enum lan_state state = LAN_STARTING;
	struct lan_hint hint;
	struct lan *lan;

	*n = 0;
	if (lan_open(&lan, self) != 0)
		return LAN_ABSENT;
	for (int i = 0; i < LAN_TRIES && state != LAN_ABSENT; i++) {
		nanosleep(&nap, NULL);
		state = lan_state(lan);
		while (lan_take(lan, &hint))
			++*n;
	}
	lan_close(lan);
	return state;
}

static void look_around(struct doctor *d)
{
	struct lan_self self = { .port = 0 };
	char about[64];
	size_t n;

	if (!store_network(d->store, &self.network))
		return;
	if (!lan_is_built()) {
		tell(d, STATE_NOTE, "lan", "",
		     N_("this program was built without avahi: nodes on the "
			"local network are not found by themselves"));
		return;
	}
	if (listen_around(&n, &self) != LAN_UP) {
		tell(d, STATE_NOTE, "lan", "",
		     N_("no avahi daemon runs here: nodes on the local "
			"network are not found by themselves"));
		return;
	}
	snprintf(about, sizeof(about), "%zu", n);
	tell(d, STATE_OK, "lan", about,
	     N_("addresses of this network's nodes on the local one"));
}

static int print(struct doctor *d)
{
	json_t *all;
	int code;

	if (d->checks == NULL)
		return out_end();
	all = json_object();
	json_put(&all, "schema", json_string("maillon.doctor/1"));
	json_put(&all, "checks", d->checks);
	code = json_line(stdout, all);
	return code;
}

static int run_doctor(struct ctx *ctx, const struct args *args)
{
	static const enum home_key keys[] = { KEY_IDENTITY, KEY_NODE,
					      KEY_TRANSPORT, KEY_MEMBER };
	struct doctor d = { .ctx = ctx };
	int code = need_home(ctx);

	(void)args;
	if (code != EXIT_DONE)
		return code;
	d.checks = ctx->is_json ? json_array() : NULL;
	look_at_home(&d);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		look_at_key(&d, keys[i]);
	look_at_lock(&d);
	look_at_disk(&d);
	look_at_ledger(&d);
	look_at_identity(&d);
	look_at_clock(&d);
	if (d.store != NULL) {
		look_at_peers(&d);
		look_at_address(&d);
		look_around(&d);
	}
	store_close(d.store);
	code = print(&d);
	return code == EXIT_DONE && d.is_ill ? EXIT_NO : code;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.run = run_doctor,
	.usage = "",
	.summary = N_("check this home and this machine, and say what to do"),
	.detail = N_("One line for each check: ok, note or bad, what it was "
		     "about, and what to do. It looks at the home, the keys, "
		     "whether a node runs, the disk, the ledger, the clock, "
		     "whether others can be reached, this node's own "
		     "addresses, and the local network. Changes nothing. Exit "
		     "1 when something is "
		     "bad."),
	.options = (const struct option_rule[]){ { NULL, NULL, NULL } },
	.has_json = true,
};
