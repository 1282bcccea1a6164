#include "node/safe/recovery.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/hash.h"

#include <string.h>

enum {
	DATA = RECOVERY_GROUP - 1,       /* symbols of a group */
	SYMBOLS = RECOVERY_GROUPS * DATA /* 5 bits each */
};

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Times x in GF(32), modulo x^5 + x^2 + 1. */
static uint8_t twice(uint8_t v)
{
	unsigned w = (unsigned)v << 1;

	return (uint8_t)((w & 32) != 0 ? w ^ 37 : w);
}

/* One symbol over the others of a group and its place: any single wrong one,
 * and any two neighbours exchanged, change it. */
static uint8_t check_of(const uint8_t data[static DATA], unsigned group)
{
	uint8_t sum = (uint8_t)(group + 1);

	for (unsigned i = 0; i < DATA; i++)
		sum = twice(sum) ^ data[i];
	return twice(sum);
}

/* The seed, and behind it a hash of it, as symbols. */
static void spread(uint8_t out[static SYMBOLS],
		   const uint8_t seed[static SEED_SIZE])
{
	static const char use[] = "maillon/1 recovery";
	uint8_t text[sizeof(use) + SEED_SIZE];
	struct id hash;

	memcpy(text, use, sizeof(use));
	memcpy(text + sizeof(use), seed, SEED_SIZE);
	hash = hash_id(text, sizeof(text));
	bytes_wipe(text, sizeof(text));

	for (unsigned i = 0; i < SYMBOLS; i++) {
		unsigned v = 0;

		for (unsigned b = 0; b < 5; b++) {
			unsigned at = 5 * i + b;
			const uint8_t *p = seed;

			if (at >= 8 * SEED_SIZE) {
				at -= 8 * SEED_SIZE;
				p = hash.b;
			}
			v = v << 1 | ((uint32_t)p[at / 8] >> (7 - at % 8) & 1U);
		}
		out[i] = (uint8_t)v;
	}
	bytes_wipe(&hash, sizeof(hash));
}

void recovery_encode(char out[static RECOVERY_SIZE],
		     const uint8_t seed[static SEED_SIZE])
{
	uint8_t symbol[SYMBOLS];
	char *to = out;

	spread(symbol, seed);
	for (unsigned g = 0; g < RECOVERY_GROUPS; g++) {
		const uint8_t *data = symbol + (size_t)g * DATA;

		for (unsigned i = 0; i < DATA; i++)
			*to++ = letters[data[i]];
		*to++ = letters[check_of(data, g)];
		*to++ = g + 1 < RECOVERY_GROUPS ? '-' : '\0';
	}
	bytes_wipe(symbol, sizeof(symbol));
}

/* The value of a character, -1 for none. */
static int value_of(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	at = c == '\0' ? NULL : strchr(letters, c);
	return at == NULL ? -1 : (int)(at - letters);
}

static int read_groups(uint8_t symbol[static SYMBOLS], unsigned *group,
		       const char *text)
{
	uint8_t part[RECOVERY_GROUP];
	unsigned g = 0, n = 0;

	for (; *text != '\0'; text++) {
		int v = value_of(*text);

		if (strchr(" -\t\r\n", *text) != NULL)
			continue;
		*group = g + 1;
		if (g == RECOVERY_GROUPS)
			return ERR_LIMIT;
		if (v < 0)
			return ERR_FORMAT;
		part[n++] = (uint8_t)v;
		if (n < RECOVERY_GROUP)
			continue;
		if (check_of(part, g) != part[DATA])
			return ERR_SIGNATURE;
		memcpy(symbol + (size_t)g * DATA, part, DATA);
		g++;
		n = 0;
	}
	*group = n > 0 || g == 0 ? g + 1 : g;
	bytes_wipe(part, sizeof(part));
	return g == RECOVERY_GROUPS && n == 0 ? 0 : ERR_FORMAT;
}

int recovery_decode(uint8_t seed[static SEED_SIZE], unsigned *group,
		    const char *text)
{
	uint8_t symbol[SYMBOLS], again[SYMBOLS], out[SEED_SIZE] = { 0 };
	int err = read_groups(symbol, group, text);

	for (unsigned at = 0; err == 0 && at < 8 * SEED_SIZE; at++)
		out[at / 8] |=
			(uint8_t)(((uint32_t)symbol[at / 5] >> (4 - at % 5) &
				   1U)
				  << (7 - at % 8));
	if (err == 0) {
		spread(again, out);
		if (memcmp(again, symbol, SYMBOLS) != 0) {
			*group = 0;
			err = ERR_SIGNATURE;
		}
	}
	if (err == 0)
		memcpy(seed, out, SEED_SIZE);
	bytes_wipe(symbol, sizeof(symbol));
	bytes_wipe(again, sizeof(again));
	bytes_wipe(out, sizeof(out));
	return err;
}
