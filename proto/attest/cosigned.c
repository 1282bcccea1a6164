#include "proto/attest/cosigned.h"

#include "crypto/err.h"
#include "proto/record.h"

#include <string.h>

int cosigned_read(struct cosigned *out, const struct entry *e,
		  const struct id *id, const struct id *network)
{
	struct cosigned c = { .witness = e->feed,
			      .at = { e->feed, e->seq, *id } };
	struct record rec;
	uint64_t time_ms;
	int err;

	if (e->kind != KIND_COSIGN ||
	    record_decode(&rec, e->kind, e->facts, e->facts_n) != 0)
		return ERR_FORMAT;
	err = origin_decode(&c.head.network, &c.head.feed,
			    (const char *)rec.v[FACT_ORIGIN].p,
			    rec.v[FACT_ORIGIN].n);
	time_ms = record_uint(&rec, FACT_COSIGNED_MS);
	/* PROTOCOL: A cosignature of the witness's own tree, of another
	 * network, or at a time that is not a whole second counts for
	 * nothing. */
	if (err != 0 || !id_eq(&c.head.network, network) ||
	    pubkey_eq(&c.head.feed, &e->feed) || time_ms % 1000 != 0)
		return ERR_FORMAT;
	c.time_s = time_ms / 1000;
	c.head.size = record_uint(&rec, FACT_SIZE);
	memcpy(c.head.root.b, rec.v[FACT_ROOT].p, sizeof(c.head.root.b));
	memcpy(c.sig.b, rec.v[FACT_NOTE_SIG].p, SIG_SIZE);
	err = treehead_cosign_check(&c.head, &c.witness, c.time_s, &c.sig);
	if (err == 0)
		*out = c;
	return err;
}

int cosigned_encode(uint8_t out[static 512], size_t *out_n,
		    const struct cosigned *c)
{
	char origin[ORIGIN_SIZE];
	struct record rec;

	origin_encode(origin, &c->head.network, &c->head.feed);
	record_init(&rec, KIND_COSIGN);
	record_set_bytes(&rec, FACT_ORIGIN, origin, strlen(origin));
	record_set_uint(&rec, FACT_SIZE, c->head.size);
	record_set_bytes(&rec, FACT_ROOT, c->head.root.b,
			 sizeof(c->head.root.b));
	record_set_uint(&rec, FACT_COSIGNED_MS, c->time_s * 1000);
	record_set_bytes(&rec, FACT_NOTE_SIG, c->sig.b, SIG_SIZE);
	return record_encode(&rec, out, 512, out_n);
}
