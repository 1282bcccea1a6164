#include "proto/invite.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/form.h"
#include "proto/rd.h"
#include "proto/wr.h"

#include <string.h>

static const char scheme[] = "maillon:";
static const char unchecked[] = "1:", checked[] = "2:";

enum {
	SCHEME_N = sizeof(scheme) - 1,
	HEAD_N = SCHEME_N + sizeof(checked) - 1,
	/* Bytes that a link of LIMIT_INVITE characters holds. */
	BYTES_MAX = (LIMIT_INVITE - HEAD_N) / 4 * 3 + 2,
	CHECK_N = 3,
	FLAG_AUTO = 1
};

/* The unkeyed hash of domain || 00 || p. */
static struct id domain_hash(const char *domain, const void *p, size_t n)
{
	struct hasher h;

	hasher_init(&h);
	hasher_add(&h, domain, strlen(domain) + 1);
	hasher_add(&h, p, n);
	return hasher_id(&h);
}

static void rd_addresses(struct rd *r, struct invite *inv)
{
	size_t n = rd_array(r, LIMIT_ADDRESSES);

	if (n == 0)
		rd_fail(r, ERR_FORMAT);
	for (size_t i = 0; i < n && r->err == 0; i++) {
		char *address = inv->addresses[i];

		rd_plain(r, address, LIMIT_ADDRESS);
		if (!address_is_valid(address, strlen(address)))
			rd_fail(r, ERR_FORMAT);
	}
	inv->addresses_n = n;
}

static int decode_bytes(struct invite *out, const uint8_t *p, size_t n)
{
	struct invite inv;
	uint32_t fields;
	struct rd r;

	memset(&inv, 0, sizeof(inv));
	rd_init(&r, p, n);
	fields = rd_array(&r, UINT32_MAX);
	if (rd_uint(&r, UINT64_MAX) != 1)
		rd_fail(&r, ERR_VERSION);
	if (fields != 9)
		rd_fail(&r, ERR_FORMAT);
	rd_fixed(&r, inv.network.b, sizeof(inv.network.b));
	rd_fixed(&r, inv.transport.b, sizeof(inv.transport.b));
	rd_fixed(&r, inv.secret, sizeof(inv.secret));
	inv.expires_s = rd_uint(&r, LIMIT_TIME_MS / 1000);
	inv.role = (enum role)rd_uint(&r, ROLE_AUDITOR);
	inv.is_auto = rd_uint(&r, FLAG_AUTO) == FLAG_AUTO;
	rd_plain(&r, inv.label, LIMIT_LABEL);
	if (!label_is_valid(inv.label, strlen(inv.label)))
		rd_fail(&r, ERR_FORMAT);
	rd_addresses(&r, &inv);
	if (rd_end(&r) == 0)
		*out = inv;
	bytes_wipe(&inv, sizeof(inv));
	return rd_end(&r);
}

/* Whoever types a link types a letter wrong, or leaves some out at its end. */
static int check(size_t *n, const uint8_t *p)
{
	struct id want;

	if (*n < CHECK_N)
		return ERR_SIGNATURE;
	*n -= CHECK_N;
	want = domain_hash("maillon/1 link", p, *n);
	return memcmp(p + *n, want.b, CHECK_N) == 0 ? 0 : ERR_SIGNATURE;
}

int invite_decode(struct invite *out, const char *text, size_t n)
{
	uint8_t bytes[BYTES_MAX];
	bool is_checked;
	size_t bytes_n;
	int err;

	if (n > LIMIT_INVITE)
		return ERR_LIMIT;
	if (n < HEAD_N || memcmp(text, scheme, SCHEME_N) != 0)
		return ERR_FORMAT;
	is_checked = memcmp(text + SCHEME_N, checked, HEAD_N - SCHEME_N) == 0;
	if (!is_checked &&
	    memcmp(text + SCHEME_N, unchecked, HEAD_N - SCHEME_N) != 0)
		return ERR_VERSION;
	err = b64url_decode(bytes, sizeof(bytes), &bytes_n, text + HEAD_N,
			    n - HEAD_N);
	if (is_checked)
		err = err == 0 ? check(&bytes_n, bytes) : ERR_SIGNATURE;
	if (err == 0)
		err = decode_bytes(out, bytes, bytes_n);
	bytes_wipe(bytes, sizeof(bytes));
	return err;
}

static int encode_bytes(uint8_t *out, size_t *n, const struct invite *inv)
{
	struct invite again;
	struct id hash;
	struct wr w;
	size_t len;
	int err;

	if (inv->addresses_n > LIMIT_ADDRESSES)
		return ERR_LIMIT;
	wr_init(&w, out, BYTES_MAX - CHECK_N);
	wr_array(&w, 9);
	wr_uint(&w, 1);
	wr_bin(&w, inv->network.b, sizeof(inv->network.b));
	wr_bin(&w, inv->transport.b, sizeof(inv->transport.b));
	wr_bin(&w, inv->secret, sizeof(inv->secret));
	wr_uint(&w, inv->expires_s);
	wr_uint(&w, inv->role);
	wr_uint(&w, inv->is_auto ? FLAG_AUTO : 0);
	wr_text(&w, inv->label, strlen(inv->label));
	wr_array(&w, (uint32_t)inv->addresses_n);
	for (size_t i = 0; i < inv->addresses_n; i++)
		wr_text(&w, inv->addresses[i], strlen(inv->addresses[i]));
	err = wr_end(&w, &len);
	if (err == 0)
		err = decode_bytes(&again, out, len);
	bytes_wipe(&again, sizeof(again));
	if (err != 0)
		return err;
	hash = domain_hash("maillon/1 link", out, len);
	memcpy(out + len, hash.b, CHECK_N);
	*n = len + CHECK_N;
	return 0;
}

int invite_encode(char out[static INVITE_SIZE], const struct invite *inv)
{
	uint8_t bytes[BYTES_MAX];
	char text[B64_SIZE(BYTES_MAX)];
	size_t n;
	int err = encode_bytes(bytes, &n, inv);

	if (err == 0) {
		b64url_encode(text, bytes, n);
		if (HEAD_N + strlen(text) > LIMIT_INVITE)
			err = ERR_LIMIT;
	}
	if (err == 0) {
		memcpy(out, scheme, SCHEME_N);
		memcpy(out + SCHEME_N, checked, HEAD_N - SCHEME_N);
		memcpy(out + HEAD_N, text, strlen(text) + 1);
	}
	bytes_wipe(bytes, sizeof(bytes));
	bytes_wipe(text, sizeof(text));
	return err;
}

void invite_id(uint8_t out[static INVITE_ID],
	       const uint8_t secret[static INVITE_SECRET])
{
	struct id hash = domain_hash("maillon/1 invite", secret, INVITE_SECRET);

	memcpy(out, hash.b, INVITE_ID);
}

struct id invite_proof(const uint8_t secret[static INVITE_SECRET],
		       const struct id *network, const struct pubkey *feed,
		       const struct pubkey *identity,
		       const struct curvekey *transport)
{
	uint8_t claim[ID_SIZE + 3 * KEY_SIZE];
	struct secret key = { { 0 } };
	struct id proof;

	memcpy(key.b, secret, INVITE_SECRET);
	memcpy(claim, network->b, ID_SIZE);
	memcpy(claim + ID_SIZE, feed->b, KEY_SIZE);
	memcpy(claim + ID_SIZE + KEY_SIZE, identity->b, KEY_SIZE);
	memcpy(claim + ID_SIZE + 2 * KEY_SIZE, transport->b, KEY_SIZE);
	proof = hash_mac(&key, "maillon/1 join", claim, sizeof(claim));
	bytes_wipe(&key, sizeof(key));
	return proof;
}

void fingerprint(char out[static FINGERPRINT_SIZE],
		 const struct pubkey *identity)
{
	/* Crockford's base32: no I, L, O or U, which are misheard or misread
	 * most. */
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct id hash = domain_hash("maillon/1 fingerprint", identity->b,
				     sizeof(identity->b));
	uint32_t bits = 0;
	unsigned held = 0;
	size_t at = 0;
	char *to = out;

	for (unsigned i = 0; i < 16; i++) {
		if (held < 5) {
			bits = bits << 8 | hash.b[at++];
			held += 8;
		}
		held -= 5;
		if (i > 0 && i % 4 == 0)
			*to++ = '-';
		*to++ = letters[bits >> held & 31];
	}
	*to = '\0';
}
