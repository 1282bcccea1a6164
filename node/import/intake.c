#include "node/import/intake.h"

#include "crypto/err.h"
#include "proto/run.h"
#include "store/evidence.h"
#include "store/log.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

enum {
	GROW_TRIES = 4,
	CALL_MS = 60000 /* half a megabyte on a slow card */
};

/* The id before a run's first entry, as we hold it.  ERR_NOT_FOUND: we do not
 * hold that far. */
static int held_before(struct store *s, struct id *out, const struct run *run)
{
	uint8_t raw[LIMIT_ENTRY];
	size_t n;
	int err;

	if (run->from == 1)
		return store_network(s, out) ? 0 : ERR_NOT_FOUND;
	err = store_entry(s, &run->feed, run->from - 1, raw, &n);
	if (err == 0)
		*out = hash_id(raw, n);
	return err;
}

static int append_good(struct store *s, struct intake_row *row,
		       const struct run_entry *at, uint32_t good)
{
	for (uint32_t i = 0; i < good; i++) {
		int err = store_append(s, &at[i].entry, &at[i].id);

		if (err == ERR_EXISTS)
			continue;
		if (err != 0)
			return err;
		row->added++;
	}
	return 0;
}

/* What is held otherwise proves that the feed forked, if the run shows where;
 * it is left out all the same. */
static int take_fork(struct store *s, struct intake_row *row,
		     const struct run *run)
{
	uint64_t split;
	int err = store_fork(s, run, &split);

	row->fate = INTAKE_FORK;
	switch (err) {
	case ERR_CHAIN:
	case ERR_SIGNATURE:
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
	case ERR_DENIED:
		return 0;
	}
	return err;
}

static int take_proof(struct store *s, struct intake_row *row,
		      const struct intake_run *bytes)
{
	int err = store_evidence(s, bytes->p, bytes->n);

	switch (err) {
	case 0:
	case ERR_EXISTS:
		row->fate = INTAKE_DONE;
		return 0;
	case ERR_DENIED:
		row->fate = INTAKE_LATER;
		return 0;
	case ERR_FORMAT:
	case ERR_LIMIT:
	case ERR_CHAIN:
	case ERR_SIGNATURE:
		return 0; /* a batch that this spoilt is not committed */
	}
	return err;
}

/* What a refusal says of the run; other errors end the batch. */
static int fate_of(int err, enum intake_fate *fate)
{
	if (err == ERR_DENIED || err == ERR_NOT_FOUND)
		*fate = INTAKE_LATER;
	else if (err == ERR_CONFLICT || err == ERR_CHAIN)
		*fate = INTAKE_FORK;
	else
		return err;
	return 0;
}

static int take_one(struct store *s, struct intake_row *row,
		    const struct intake_run *bytes, struct run_room *room)
{
	struct run run;
	struct id prev;
	uint32_t good;
	int err;

	*row = (struct intake_row){ INTAKE_BROKEN, 0 };
	if (run_decode(&run, bytes->p, bytes->n) != 0)
		return take_proof(s, row, bytes);
	err = held_before(s, &prev, &run);
	if (err != 0)
		return fate_of(err, &row->fate);
	err = run_check(room, &good, &run, &prev);
	if (err == ERR_CHAIN)
		return take_fork(s, row, &run);
	row->fate = err == 0 ? INTAKE_DONE : INTAKE_BROKEN;
	err = append_good(s, row, room->at, good);
	if (err == ERR_CONFLICT || err == ERR_CHAIN)
		return take_fork(s, row, &run);
	return err == 0 ? 0 : fate_of(err, &row->fate);
}

static int take_batch(struct store *s, struct intake_row *out,
		      const struct intake_run *runs, size_t n,
		      struct run_room *room)
{
	int err = store_begin(s);

	for (size_t i = 0; i < n && err == 0; i++)
		err = take_one(s, &out[i], &runs[i], room);
	if (err == 0)
		return store_commit(s);
	store_abort(s);
	return err;
}

/* ERR_BUSY: the store's map must grow, which takes a new batch. */
int intake_take(struct keeper *k, struct intake_row *out,
		const struct intake_run *runs, size_t n)
{
	struct run_room *room = malloc(sizeof(*room));
	int err = room == NULL ? ERR_NOMEM : ERR_BUSY;

	for (int i = 0; i < GROW_TRIES && err == ERR_BUSY; i++)
		err = take_batch(k->store, out, runs, n, room);
	free(room);
	return err;
}

/* Where a run of our own feed says something else than we hold, or more. */
static int compare(struct keeper *k, uint64_t *differs, bool *is_new,
		   const struct intake_run *bytes, struct run_room *room)
{
	uint8_t raw[LIMIT_ENTRY];
	struct run run;
	struct id prev;
	uint32_t good = 0;
	size_t n;

	if (run_decode(&run, bytes->p, bytes->n) != 0 ||
	    !pubkey_eq(&run.feed, &k->feed) ||
	    held_before(k->store, &prev, &run) != 0)
		return 0;
	(void)run_check(room, &good, &run, &prev);
	for (uint32_t i = 0; i < good; i++) {
		uint64_t seq = room->at[i].entry.seq;
		int err = store_entry(k->store, &k->feed, seq, raw, &n);
		struct id here;

		if (err == ERR_NOT_FOUND) {
			*is_new = true;
			return 0;
		}
		if (err != 0)
			return err;
		here = hash_id(raw, n);
		if (!id_eq(&here, &room->at[i].id)) {
			*differs = *differs == 0 || seq < *differs ? seq
								   : *differs;
			return 0;
		}
	}
	return 0;
}

int intake_own(struct keeper *k, uint64_t *differs, bool *is_new,
	       const struct intake_run *runs, size_t n)
{
	struct run_room *room = malloc(sizeof(*room));
	int err = room == NULL ? ERR_NOMEM : 0;

	*differs = 0;
	*is_new = false;
	for (size_t i = 0; i < n && err == 0; i++)
		err = compare(k, differs, is_new, &runs[i], room);
	free(room);
	return err;
}

int intake_serve(struct keeper *k, struct ctl_request *req,
		 struct ctl_reply *reply, uint64_t *differs, bool *is_new)
{
	struct intake_run runs[INTAKE_RUNS];
	struct intake_row rows[INTAKE_RUNS];
	struct rd *r = &req->args;
	uint32_t n;
	int err;

	*differs = 0;
	*is_new = false;
	if (strcmp(req->verb, "take") != 0)
		return ERR_NOT_FOUND;
	n = rd_array(r, INTAKE_RUNS);
	for (uint32_t i = 0; i < n; i++)
		runs[i].p = rd_bin(r, LIMIT_EVIDENCE, &runs[i].n);
	err = rd_end(r);
	if (err == 0)
		err = intake_own(k, differs, is_new, runs, n);
	/* First the daemon goes on under a new key. */
	for (uint32_t i = 0; *differs > 0 && i < n; i++)
		rows[i] = (struct intake_row){ INTAKE_LATER, 0 };
	if (err == 0 && n > 0 && *differs == 0)
		err = intake_take(k, rows, runs, n);
	if (err != 0)
		return err;
	wr_array(&reply->value, n);
	for (uint32_t i = 0; i < n; i++) {
		wr_array(&reply->value, 2);
		wr_uint(&reply->value, (uint64_t)rows[i].fate);
		wr_uint(&reply->value, rows[i].added);
	}
	return 0;
}

int intake_call(struct ctl *ctl, struct intake_row *out,
		const struct intake_run *runs, size_t n)
{
	size_t max = 64;
	uint8_t *room;
	struct rd r;
	struct wr w;
	int err;

	for (size_t i = 0; i < n; i++)
		max += runs[i].n + 8;
	room = malloc(max);
	if (room == NULL)
		return ERR_NOMEM;
	wr_init(&w, room, max);
	wr_array(&w, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		wr_bin(&w, runs[i].p, runs[i].n);
	err = ctl_call(ctl, &r, "take", &w, 1, CALL_MS);
	free(room);
	if (err != 0)
		return err;
	if (rd_array(&r, INTAKE_RUNS) != n)
		rd_fail(&r, ERR_FORMAT);
	for (size_t i = 0; i < n && r.err == 0; i++) {
		if (rd_array(&r, 2) != 2)
			rd_fail(&r, ERR_FORMAT);
		out[i].fate = (enum intake_fate)rd_uint(&r, INTAKE_FORK);
		out[i].added = rd_uint(&r, LIMIT_SEQ);
	}
	return rd_end(&r);
}
