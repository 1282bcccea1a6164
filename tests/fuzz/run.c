#include "proto/run.h"

#include "crypto/err.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* A run whose entries can all be read is the run of these entries, and at most
 * what can be read is good. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t again[LIMIT_RUN_BYTES], buf[LIMIT_ENTRY];
	static struct run_room room;
	struct run_writer w;
	struct run_walk walk;
	uint32_t read = 0, good;
	struct entry e;
	struct run run;
	bool is_brief;
	struct id id;
	size_t size;
	int err;

	if (run_decode_answer(&run, &is_brief, p, n) != 0)
		return 0;
	assert((run_decode(&run, p, n) == 0) == !is_brief);
	run_writer_init(&w, again, sizeof(again), &run.feed);
	w.is_brief = is_brief;
	run_walk_init(&walk, &run);
	while ((err = run_walk_next(&walk, &e, &id, buf)) == 0) {
		assert(run_writer_add(&w, e.raw, e.raw_n) == 0);
		assert(id_eq(&id, &w.tip));
		read++;
	}
	if (err == ERR_NOT_FOUND) {
		assert(read == run.count && run_writer_end(&w, &size) == 0);
		assert(size == n && memcmp(again, p, n) == 0);
	}
	err = run_check(&room, &good, &run, &run.prev);
	assert(good <= read && (err == 0) == (good == run.count));
	for (uint32_t i = 0; i < good; i++) {
		id = entry_id(&room.at[i].entry);
		assert(id_eq(&id, &room.at[i].id));
	}
	return 0;
}
