#include "node/join/membership.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/join/opening.h"
#include "node/join/ticket.h"
#include "proto/wr.h"
#include "store/log.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

static int begin_batch(struct keeper *k, const struct membership_start *m)
{
	int err = store_begin(k->store);

	if (err == 0)
		err = store_init(k->store, &m->network);
	if (err == 0)
		err = opening_append(k, m);
	if (err == 0)
		err = store_commit(k->store);
	if (err == 0) {
		keeper_mark(k);
		return 0;
	}
	store_abort(k->store);
	return err;
}

int membership_begin(const struct home *home, const struct membership_start *m)
{
	struct keeper *k;
	struct id network;
	struct pubkey own;
	int err = keeper_create(&k, home);

	if (err != 0)
		return err;
	if (store_network(k->store, &network) && store_own(k->store, &own)) {
		if (!id_eq(&network, &m->network))
			err = ERR_EXISTS;
		goto done;
	}
	err = begin_batch(k, m);
done:
	keeper_close(k);
	return err;
}

/* The addresses of the wish, or those that our `address` entry has. */
static int put_addresses(struct invite *inv, const struct keeper *k,
			 const struct invite_wish *wish)
{
	if (wish->addresses_n > LIMIT_ADDRESSES)
		return ERR_LIMIT;
	memcpy(inv->addresses, wish->addresses, sizeof(inv->addresses));
	inv->addresses_n = wish->addresses_n;
	if (inv->addresses_n == 0)
		inv->addresses_n = roster_addresses(store_roster(k->store),
						    &k->feed, inv->addresses);
	return inv->addresses_n > 0 ? 0 : ERR_NOT_FOUND;
}

int membership_invite(struct keeper *k, char link[static INVITE_SIZE],
		      const struct invite_wish *wish, uint64_t now_ms)
{
	const struct roster *r = store_roster(k->store);
	const struct member *me = roster_member(r, &k->identity);
	struct ticket t = { .role = wish->role,
			    .is_auto = wish->is_auto,
			    .uses = wish->uses };
	struct invite inv = { .transport = k->transport.pub,
			      .role = wish->role,
			      .is_auto = wish->is_auto };
	int err;

	if (me == NULL || !roster_may_admit(r, &k->identity))
		return ERR_DENIED;
	if (wish->uses == 0 || wish->uses > TICKET_USES || wish->days == 0 ||
	    wish->days > TICKET_DAYS)
		return ERR_LIMIT;
	err = put_addresses(&inv, k, wish);
	if (err != 0)
		return err;
	bytes_random(t.secret, sizeof(t.secret));
	t.expires_s = now_ms / 1000 + (uint64_t)wish->days * 24 * 3600;
	inv.network = *roster_network(r);
	inv.expires_s = t.expires_s;
	memcpy(inv.secret, t.secret, sizeof(inv.secret));
	snprintf(inv.label, sizeof(inv.label), "%s", me->label);
	err = invite_encode(link, &inv);
	if (err == 0)
		err = ticket_put(&t, k->store);
	bytes_wipe(&t, sizeof(t));
	bytes_wipe(&inv, sizeof(inv));
	return err;
}

/* Entries to show, until enough are there. */
struct showing {
	struct wr w;
	uint32_t count;
};

static int show(void *arg, const uint8_t *raw, size_t n)
{
	struct showing *s = arg;

	if (s->count == LIMIT_PENDING || s->w.max - s->w.n < n + 8)
		return ERR_LIMIT;
	wr_bin(&s->w, raw, n);
	s->count++;
	return 0;
}

int membership_join(struct keeper *k, struct msg_join *out,
		    uint8_t entries[static JOIN_ENTRIES],
		    const struct invite *invite)
{
	struct showing s = { .count = 0 };
	struct profile profile;
	int err = profile_load(&profile, &k->home);

	if (err != 0)
		return err;
	wr_init(&s.w, entries, JOIN_ENTRIES);
	err = store_entries(k->store, &k->feed, 1, show, &s);
	if (err != 0 && err != ERR_LIMIT)
		return err == ERR_NOT_FOUND ? ERR_STATE : err;
	if (s.count == 0)
		return ERR_LIMIT;
	memset(out, 0, sizeof(*out));
	invite_id(out->invite, invite->secret);
	out->proof = invite_proof(invite->secret, &invite->network, &k->feed,
				  &k->identity, &k->transport.pub);
	snprintf(out->label, sizeof(out->label), "%s", profile.label);
	snprintf(out->place, sizeof(out->place), "%s", profile.place);
	snprintf(out->name, sizeof(out->name), "%s", profile.name);
	out->entries.count = s.count;
	rd_init(&out->entries.rd, entries, s.w.n);
	return 0;
}
