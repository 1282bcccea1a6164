#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * fuzz -- what every fuzzer defines.
 *
 * It is given n bytes by libFuzzer or, from the corpus, by replay.c.  It
 * returns 0 whatever they are; a property that does not hold is an assert.
 * The property of a decoder: what it accepts, encoded, gives the same bytes.
 */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#endif
