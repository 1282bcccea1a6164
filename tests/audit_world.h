#ifndef TESTS_AUDIT_WORLD_H
#define TESTS_AUDIT_WORLD_H

#include "proto/audit/audit.h"
#include "proto/wr.h"
#include "tests/unit.h"
#include "tests/world.h"

#include <stdlib.h>
#include <string.h>

/*
 * audit_world -- a world (world.h), audited; and records of money and demand
 * for it.
 */

/* An audit with what it borrows. */
struct audited {
	struct audit_scan scan[WORLD_PEOPLE];
	size_t n;
	struct audit *audit;
};

static inline int audited_by_feed(const void *a, const void *b)
{
	return pubkey_cmp(&((const struct audit_scan *)a)->feed,
			  &((const struct audit_scan *)b)->feed);
}

static inline void audited_scan(struct audited *x, const struct world *w,
				bool every)
{
	memset(x, 0, sizeof(*x));
	for (size_t i = 0; i < w->n; i++) {
		struct audit_scan *s = &x->scan[x->n++];

		scan_init(s, &w->who[i].feed, &w->network, every);
		for (uint64_t k = 0; k < w->who[i].seq; k++)
			assert_int_equal(scan_entry(s, w->who[i].entries[k].p,
						    w->who[i].entries[k].n),
					 0);
		assert_int_equal(scan_end(s), 0);
	}
	qsort(x->scan, x->n, sizeof(x->scan[0]), audited_by_feed);
}

/* every: verify the signature of every entry. */
static inline void audited_open(struct audited *x, const struct world *w,
				bool every)
{
	audited_scan(x, w, every);
	assert_int_equal(audit_open(&x->audit, &w->network, x->scan, x->n), 0);
}

/* Ages are measured at as_of_ms. */
static inline void audited_open_at(struct audited *x, const struct world *w,
				   uint64_t as_of_ms)
{
	const struct audit_given given = { NULL, &as_of_ms };

	audited_scan(x, w, false);
	assert_int_equal(audit_open_with(&x->audit, &w->network, x->scan, x->n,
					 &given, NULL),
			 0);
}

static inline void audited_close(struct audited *x)
{
	audit_close(x->audit);
	for (size_t i = 0; i < x->n; i++)
		scan_release(&x->scan[i]);
}

/* Person 0 dismisses person 1, whose one admission is `admit`, pinning its feed
 * at seq with this id. */
static inline void world_dismiss(struct world *w, const struct id *admit,
				 uint64_t seq, const struct id *pin)
{
	uint8_t admits[64], pins[128];
	struct record rec;
	struct wr a, p;

	wr_init(&a, admits, sizeof(admits));
	wr_array(&a, 1);
	wr_bin(&a, admit->b, ID_SIZE);
	wr_init(&p, pins, sizeof(pins));
	wr_array(&p, 1);
	wr_array(&p, 3);
	wr_bin(&p, w->who[1].feed.b, KEY_SIZE);
	wr_uint(&p, seq);
	wr_bin(&p, pin->b, ID_SIZE);
	record_init(&rec, KIND_DISMISS);
	record_set_bytes(&rec, FACT_WHO, w->who[1].identity.b, KEY_SIZE);
	record_set_bytes(&rec, FACT_ADMITS, admits, a.n);
	record_set_bytes(&rec, FACT_PINS, pins, p.n);
	world_record(w, 0, &rec);
}

/* Another node of person i, whose feed opens now. */
static inline size_t world_second_node(struct world *w, size_t i)
{
	size_t j = world_person(w);

	seckey_close(w->who[j].identity_key);
	w->who[j].identity_key = world_key(1, i);
	w->who[j].identity = w->who[i].identity;
	world_open_feed(w, j, NULL);
	return j;
}

/* Minor units of a currency as a value, good for the next calls. */
static inline struct bytes world_money(uint64_t minor, const char *currency)
{
	static uint8_t ring[16][32];
	static unsigned next;
	struct bytes b = { ring[next++ % 16], 0 };

	struct wr w;

	wr_init(&w, b.p, sizeof(ring[0]));
	wr_array(&w, 2);
	wr_uint(&w, minor);
	wr_text(&w, currency, 3);
	b.n = w.n;
	return b;
}

/* A gift or a spending, to be added to. */
static inline struct record world_cash(enum kind kind, uint64_t minor,
				       const char *currency, const char *fund)
{
	struct bytes b = world_money(minor, currency);
	struct record rec;

	record_init(&rec, kind);
	record_set_bytes(&rec, FACT_AMOUNT, b.p, b.n);
	if (kind == KIND_SPEND)
		record_set_bytes(&rec, FACT_PURPOSE, "filament", 8);
	if (fund[0] != '\0')
		record_set_bytes(&rec, FACT_FUND, fund, strlen(fund));
	return rec;
}

/* The correction of a record of person i: new facts, or NULL: it did not
 * occur. */
static inline struct id world_correct(struct world *w, size_t i,
				      const struct id *target,
				      const struct record *facts)
{
	uint8_t buf[1024];
	struct record rec;
	size_t n;

	record_init(&rec, KIND_CORRECT);
	record_set_bytes(&rec, FACT_TARGET, target->b, ID_SIZE);
	record_set_uint(&rec, FACT_WHY,
			facts == NULL ? WHY_DID_NOT_OCCUR : WHY_INCORRECT_DATA);
	if (facts != NULL) {
		assert_int_equal(record_encode(facts, buf, sizeof(buf), &n), 0);
		record_set_bytes(&rec, FACT_FACTS, buf, n);
	}
	return world_record(w, i, &rec);
}

#endif
