#include "tests/bench/watch.h"

#include "crypto/bytes.h"
#include "crypto/curve.h"
#include "crypto/err.h"
#include "node/home.h"
#include "store/log.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_US = 2000, STEP_S = 60 };

void watch_open(struct watch *w, const char *home)
{
	struct home h;

	bench_must(home_init(&h, home), home);
	bench_must(store_open(&w->store, h.ledger, STORE_READ), h.ledger);
	snprintf(w->socket, sizeof(w->socket), "%s", h.socket);
}

void watch_close(struct watch *w)
{
	store_close(w->store);
	w->store = NULL;
}

uint64_t watch_entries(struct watch *w)
{
	uint64_t n;

	bench_must(store_entry_count(w->store, &n), "counting entries");
	return n;
}

void watch_pause(long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

bool watch_until(struct watch *w, uint64_t entries, double seconds,
		 void (*each)(void *arg), void *arg)
{
	double end = bench_now() + seconds;

	while (watch_entries(w) < entries) {
		if (bench_now() > end)
			return false;
		if (each != NULL)
			each(arg);
		watch_pause(LOOK_US);
	}
	return true;
}

struct peerlist_row watch_in_step(const struct watch *w)
{
	double end = bench_now() + STEP_S;

	while (bench_now() < end) {
		struct peerlist_row *rows = NULL, row;
		size_t n = 0;
		int err = peerlist_ask(&rows, &n, w->socket);

		for (size_t i = 0; err == 0 && i < n; i++)
			if (rows[i].in_step) {
				row = rows[i];
				free(rows);
				return row;
			}
		free(rows);
		watch_pause(10000);
	}
	bench_stop("two nodes did not come into step");
}

void peer_text(char *out, size_t max, const struct node *n, size_t who)
{
	char key[HEX_SIZE(32)];
	struct curvepair pair;
	uint8_t secret[32];

	gen_transport(secret, who);
	curvepair_from_secret(&pair, secret);
	hex_encode(key, pair.pub.b, sizeof(pair.pub.b));
	snprintf(out, max, "%s#%s", n->address, key);
}
