#include "node/join/opening.h"

#include "crypto/err.h"
#include "node/safe/heldkey.h"
#include "proto/entry.h"
#include "proto/record.h"
#include "proto/wr.h"
#include "store/log.h"
#include "store/store.h"

#include <string.h>

enum { PLACE_ROOM = 96 };

/* The facts of an `open` while they are put together. */
struct opening {
	const struct membership_start *start;
	struct sig cert;
	struct pubkey certifier;
	uint8_t after[PLACE_ROOM];
	uint8_t facts[LIMIT_CHARTER + 512];
	size_t facts_n;
};

static int certify(struct opening *o, const struct keeper *k)
{
	uint8_t text[ID_SIZE + KEY_SIZE];
	struct seckey *identity;
	int err = keeper_unseal(k, &identity, o->start->passphrase);

	if (err != 0)
		return err;
	o->certifier = seckey_pub(identity);
	memcpy(text, o->start->network.b, ID_SIZE);
	memcpy(text + ID_SIZE, k->feed.b, KEY_SIZE);
	err = sign_make(&o->cert, identity, "maillon/1 node", text,
			sizeof(text));
	seckey_close(identity);
	return err;
}

static int put_after(struct record *rec, struct opening *o)
{
	const struct position *after = o->start->after;
	struct wr w;
	size_t n;
	int err;

	wr_init(&w, o->after, sizeof(o->after));
	wr_array(&w, 3);
	wr_bin(&w, after->feed.b, KEY_SIZE);
	wr_uint(&w, after->seq);
	wr_bin(&w, after->id.b, ID_SIZE);
	err = wr_end(&w, &n);
	if (err == 0)
		record_set_bytes(rec, FACT_AFTER, o->after, n);
	return err;
}

static int encode_open(struct opening *o, const struct keeper *k)
{
	struct record rec;
	int err = certify(o, k);

	if (err != 0)
		return err;
	record_init(&rec, KIND_OPEN);
	record_set_bytes(&rec, FACT_IDENTITY, o->certifier.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_TRANSPORT, k->transport.pub.b,
			 sizeof(k->transport.pub.b));
	record_set_bytes(&rec, FACT_CERT, o->cert.b, SIG_SIZE);
	if (o->start->charter != NULL)
		record_set_bytes(&rec, FACT_CHARTER, o->start->charter,
				 o->start->charter_n);
	if (o->start->after != NULL)
		err = put_after(&rec, o);
	if (err != 0)
		return err;
	return record_encode(&rec, o->facts, sizeof(o->facts), &o->facts_n);
}

static int append_open(struct keeper *k, const struct opening *o)
{
	struct entry_plan plan = {
		.seq = 1,
		.prev = o->start->network,
		.time_ms = o->start->now_ms,
		.kind = KIND_OPEN,
		.facts = o->facts,
		.facts_n = o->facts_n,
	};
	uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	struct id id;
	size_t n;
	int err = entry_seal(raw, &n, &plan, k->node);

	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err != 0)
		return err;
	id = entry_id(&e);
	return store_append(k->store, &e, &id);
}

int opening_append(struct keeper *k, const struct membership_start *start)
{
	struct opening o = { .start = start };
	int err = encode_open(&o, k);

	if (err == 0)
		err = store_set_own(k->store, &k->feed);
	if (err == 0)
		err = heldkey_put(k->store, &o.certifier);
	return err == 0 ? append_open(k, &o) : err;
}
