#include "proto/book/countersign.h"

#include "crypto/hash.h"

#include <string.h>

static const char domain[] = "maillon/1 receipt";

enum { PARTS = 5, MESSAGE = PARTS * ID_SIZE };

static void put_fact(uint8_t out[static ID_SIZE], const struct record *rec,
		     enum fact fact)
{
	const struct value *v = &rec->v[fact];
	struct id id = { { 0 } };

	if (record_has(rec, fact))
		id = hash_id(v->p, v->n);
	memcpy(out, id.b, ID_SIZE);
}

/* PROTOCOL: The message is network id || deliver || H(accepted) || H(refused)
 * || H(number), where H is the BLAKE2b-256 of the value as it stands in the
 * facts, and 32 zero bytes for a fact that is not there. */
static void fill(uint8_t out[static MESSAGE], const struct id *network,
		 const struct record *rec)
{
	struct id deliver = record_id(rec, FACT_DELIVER);

	memcpy(out, network->b, ID_SIZE);
	memcpy(out + ID_SIZE, deliver.b, ID_SIZE);
	put_fact(out + 2 * ID_SIZE, rec, FACT_ACCEPTED);
	put_fact(out + 3 * ID_SIZE, rec, FACT_REFUSED);
	put_fact(out + 4 * ID_SIZE, rec, FACT_NUMBER);
}

int countersign_make(struct sig *out, const struct seckey *key,
		     const struct id *network, const struct record *receive)
{
	uint8_t message[MESSAGE];

	fill(message, network, receive);
	return sign_make(out, key, domain, message, sizeof(message));
}

bool countersign_check(const struct id *network, const struct record *receive)
{
	struct pubkey key = record_key(receive, FACT_RECEIPT_KEY);
	uint8_t message[MESSAGE];
	struct sig sig;

	if (!record_has(receive, FACT_RECEIPT_KEY) ||
	    !record_has(receive, FACT_RECEIPT_SIG))
		return false;
	memcpy(sig.b, receive->v[FACT_RECEIPT_SIG].p, SIG_SIZE);
	fill(message, network, receive);
	return sign_check(&sig, &key, domain, message, sizeof(message)) == 0;
}
