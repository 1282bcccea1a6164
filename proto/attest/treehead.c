#include "proto/attest/treehead.h"

#include "crypto/bytes.h"
#include "crypto/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "maillon/"

enum { COSIGN_SIZE = CHECKPOINT_SIZE + 64 };

void origin_encode(char out[static ORIGIN_SIZE], const struct id *network,
		   const struct pubkey *feed)
{
	char *p = out + strlen(PREFIX);

	memcpy(out, PREFIX, strlen(PREFIX));
	hex_encode(p, network->b, ID_SIZE);
	p[2 * ID_SIZE] = '/';
	hex_encode(p + 2 * ID_SIZE + 1, feed->b, KEY_SIZE);
}

int origin_decode(struct id *network, struct pubkey *feed, const char *text,
		  size_t n)
{
	const char *p = text + strlen(PREFIX);
	struct pubkey f;
	struct id net;

	if (n != ORIGIN_SIZE - 1 || memcmp(text, PREFIX, strlen(PREFIX)) != 0 ||
	    p[2 * ID_SIZE] != '/' ||
	    hex_decode(net.b, ID_SIZE, p, 2 * ID_SIZE) != 0 ||
	    hex_decode(f.b, KEY_SIZE, p + 2 * ID_SIZE + 1, 2 * KEY_SIZE) != 0)
		return ERR_FORMAT;
	*network = net;
	*feed = f;
	return 0;
}

int treehead_text(char out[static CHECKPOINT_SIZE], size_t *n,
		  const struct treehead *h)
{
	struct checkpoint c = { .size = h->size, .root = h->root };

	origin_encode(c.origin, &h->network, &h->feed);
	return checkpoint_encode(out, n, &c);
}

/* The message of a cosignature: c2sp.org/tlog-cosignature v1.0.1. */
static int cosign_text(char out[static COSIGN_SIZE], size_t *n,
		       const struct treehead *h, uint64_t time_s)
{
	char text[CHECKPOINT_SIZE];
	size_t text_n;
	int err = treehead_text(text, &text_n, h);

	if (err == 0 && time_s > INT64_MAX)
		err = ERR_LIMIT;
	if (err != 0)
		return err;
	*n = (size_t)snprintf(out, COSIGN_SIZE,
			      "cosignature/v1\ntime %" PRIu64 "\n%s", time_s,
			      text);
	return 0;
}

int treehead_sign(struct sig *out, const struct treehead *h,
		  const struct seckey *key)
{
	char text[CHECKPOINT_SIZE];
	size_t n;
	int err = treehead_text(text, &n, h);

	return err == 0 ? sign_text(out, key, text, n) : err;
}

int treehead_check(const struct treehead *h, const struct sig *sig)
{
	char text[CHECKPOINT_SIZE];
	size_t n;
	int err = treehead_text(text, &n, h);

	return err == 0 ? sign_text_check(sig, &h->feed, text, n) : err;
}

int treehead_cosign(struct sig *out, const struct treehead *h,
		    const struct seckey *key, uint64_t time_s)
{
	char text[COSIGN_SIZE];
	size_t n;
	int err = cosign_text(text, &n, h, time_s);

	return err == 0 ? sign_text(out, key, text, n) : err;
}

int treehead_cosign_check(const struct treehead *h,
			  const struct pubkey *witness, uint64_t time_s,
			  const struct sig *sig)
{
	char text[COSIGN_SIZE];
	size_t n;
	int err = cosign_text(text, &n, h, time_s);

	return err == 0 ? sign_text_check(sig, witness, text, n) : err;
}

/* A signature line: U+2014, the name, and the blob behind its key id. */
static void put_line(char line[static NOTE_LINE_SIZE], const struct notekey *k,
		     const uint8_t *blob, size_t n)
{
	uint8_t bytes[4 + 8 + SIG_SIZE];
	char b64[B64_SIZE(sizeof(bytes))];

	be32_put(bytes, notekey_id(k->name, k->type, &k->pub));
	memcpy(bytes + 4, blob, n);
	b64_encode(b64, bytes, 4 + n);
	snprintf(line, NOTE_LINE_SIZE, "\xe2\x80\x94 %s %s\n", k->name, b64);
}

void treehead_line(char line[static NOTE_LINE_SIZE], const struct treehead *h,
		   const struct sig *sig)
{
	struct notekey key;

	treehead_key(&key, &h->network, &h->feed, NOTEKEY_ED25519);
	put_line(line, &key, sig->b, SIG_SIZE);
}

void treehead_cosign_line(char line[static NOTE_LINE_SIZE],
			  const struct treehead *h,
			  const struct pubkey *witness, uint64_t time_s,
			  const struct sig *sig)
{
	struct notekey key;
	uint8_t blob[8 + SIG_SIZE];

	treehead_key(&key, &h->network, witness, NOTEKEY_COSIGNER);
	be64_put(blob, time_s);
	memcpy(blob + 8, sig->b, SIG_SIZE);
	put_line(line, &key, blob, sizeof(blob));
}

void treehead_key(struct notekey *out, const struct id *network,
		  const struct pubkey *feed, uint8_t type)
{
	memset(out, 0, sizeof(*out));
	origin_encode(out->name, network, feed);
	out->type = type;
	out->pub = *feed;
}
