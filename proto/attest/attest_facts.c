#include "proto/attest/attest.h"

#include "crypto/err.h"
#include "proto/wr.h"

#include <string.h>

enum {
	PLACE_MAX = 1 + 34 + 9 + 34, /* bytes of one */
	PLACES_MAX = 400             /* of one entry */
};

_Static_assert(PLACES_MAX <= LIMIT_PINS &&
		       PLACES_MAX * PLACE_MAX + 16 <= ATTEST_FACTS,
	       "an attest of the largest places fits");

static void put_place(struct wr *w, const struct position *p)
{
	wr_array(w, 3);
	wr_bin(w, p->feed.b, KEY_SIZE);
	wr_uint(w, p->seq);
	wr_bin(w, p->id.b, ID_SIZE);
}

int attest_encode(uint8_t out[static ATTEST_FACTS], size_t *out_n,
		  const struct position *places, size_t n, size_t *used)
{
	uint8_t list[PLACES_MAX * PLACE_MAX + 3];
	size_t count = n < PLACES_MAX ? n : PLACES_MAX, list_n;
	struct record rec;
	struct wr w;
	int err;

	wr_init(&w, list, sizeof(list));
	wr_array(&w, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		put_place(&w, &places[i]);
	err = wr_end(&w, &list_n);
	if (err != 0)
		return err;
	record_init(&rec, KIND_ATTEST);
	record_set_bytes(&rec, FACT_RUNS, list, list_n);
	err = record_encode(&rec, out, ATTEST_FACTS, out_n);
	if (err == 0)
		*used = count;
	return err;
}

int attest_checkpoint(uint8_t out[static 256], size_t *out_n,
		      const struct treehead *head, const struct sig *sig,
		      const struct position *after)
{
	uint8_t place[96];
	size_t place_n = 0;
	struct record rec;
	struct wr w;

	record_init(&rec, KIND_CHECKPOINT);
	record_set_uint(&rec, FACT_SIZE, head->size);
	record_set_bytes(&rec, FACT_ROOT, head->root.b, sizeof(head->root.b));
	record_set_bytes(&rec, FACT_NOTE_SIG, sig->b, SIG_SIZE);
	if (after != NULL) {
		wr_init(&w, place, sizeof(place));
		put_place(&w, after);
		if (wr_end(&w, &place_n) != 0)
			return ERR_LIMIT;
		record_set_bytes(&rec, FACT_AFTER, place, place_n);
	}
	return record_encode(&rec, out, 256, out_n);
}
