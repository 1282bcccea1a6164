#ifndef TESTS_BENCH_HANDSHAKE_H
#define TESTS_BENCH_HANDSHAKE_H

#include "tests/bench/run.h"

#include <stddef.h>

/*
 * handshake -- what a connection costs before the first frame.
 */

/* handshake_bytes: dial the node of person `who` and say nothing; the bytes of
 * TCP, both ways, up to the end of the CURVE handshake, ZMTP's greeting and
 * READY included. */
size_t handshake_bytes(const struct node *n, size_t who);

#endif
