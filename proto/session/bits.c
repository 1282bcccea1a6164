#include "proto/session/bits.h"

#include "crypto/err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void bits_release(struct bits *b)
{
	free(b->word);
	*b = (struct bits){ .word = NULL };
}

static int grow(struct bits *b, uint32_t words)
{
	uint32_t to = b->words == 0 ? 16 : b->words;
	uint64_t *word;

	while (to < words)
		to *= 2;
	if (to == b->words)
		return 0;
	word = realloc(b->word, to * sizeof(*word));
	if (word == NULL)
		return ERR_NOMEM;
	memset(word + b->words, 0, (to - b->words) * sizeof(*word));
	b->word = word;
	b->words = to;
	return 0;
}

int bits_set(struct bits *b, uint32_t no)
{
	uint64_t bit = 1ULL << (no % 64);
	int err;

	assert(no < BITS_NONE);
	err = grow(b, no / 64 + 1);
	if (err != 0)
		return err;
	b->count += (b->word[no / 64] & bit) == 0;
	b->word[no / 64] |= bit;
	return 0;
}

bool bits_test(const struct bits *b, uint32_t no)
{
	return no / 64 < b->words && (b->word[no / 64] >> no % 64 & 1) != 0;
}

int bits_fill(struct bits *b, uint32_t end)
{
	for (uint32_t no = 0; no < end; no++) {
		int err = bits_set(b, no);

		if (err != 0)
			return err;
	}
	return 0;
}

void bits_clear(struct bits *b, uint32_t no)
{
	uint64_t bit = 1ULL << (no % 64);

	if (no / 64 >= b->words)
		return;
	b->count -= (b->word[no / 64] & bit) != 0;
	b->word[no / 64] &= ~bit;
}

void bits_empty(struct bits *b)
{
	if (b->words > 0)
		memset(b->word, 0, b->words * sizeof(*b->word));
	b->count = 0;
}

uint32_t bits_next(const struct bits *b, uint32_t from)
{
	for (uint32_t i = from / 64; i < b->words; i++) {
		uint64_t w = b->word[i];

		if (i == from / 64)
			w &= ~0ULL << (from % 64);
		if (w == 0)
			continue;
		for (uint32_t k = 0; k < 64; k++)
			if ((w >> k & 1) != 0)
				return i * 64 + k;
	}
	return BITS_NONE;
}
