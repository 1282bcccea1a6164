#include "crypto/note.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/hash.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define DASH         "\xe2\x80\x94 "
#define COSIGN_FIRST "cosignature/v1\n"

enum {
	ID = 4,
	STAMP = 8,
	BLOB_SIGN = ID + SIG_SIZE,
	BLOB_COSIGN = ID + STAMP + SIG_SIZE,
	BLOB_ID_TEXT = 8, /* characters of base64 that hold the id, and more */
	VKEY_BYTES = 1 + KEY_SIZE,
	/* "cosignature/v1\ntime N\n" before a text */
	COSIGN_HEAD_MAX = 64
};

_Static_assert((BLOB_COSIGN + 2) / 3 * 4 == 104, "NOTE_LINE_SIZE");
_Static_assert(COSIGN_HEAD_MAX + NOTE_TEXT_MAX <= SIGN_MAX, "sign_text");

/* The text that a cosigner signs. */
struct cosigned {
	size_t n;
	char p[COSIGN_HEAD_MAX + NOTE_TEXT_MAX];
};

bool note_is_name(struct text name)
{
	if (name.n == 0 || name.n > NOTE_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == '+')
			return false;
	return true;
}

/* White_Space in Unicode, above ASCII. */
static bool is_space(uint32_t cp)
{
	return cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 ||
	       cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

/* UTF-8, and no control character but newlines? */
static bool is_clean(struct text t)
{
	uint32_t cp;

	for (size_t i = 0, len; i < t.n; i += len) {
		len = utf8_step(&cp, t.p + i, t.n - i);
		if (len == 0 || (cp < 0x20 && cp != '\n'))
			return false;
	}
	return true;
}

/* May this stand for a name in a line of somebody else's? */
static bool is_foreign_name(struct text t)
{
	uint32_t cp;

	if (t.n == 0)
		return false;
	for (size_t i = 0, len; i < t.n; i += len) {
		len = utf8_step(&cp, t.p + i, t.n - i);
		if (len == 0 || cp <= ' ' || cp == '+' || is_space(cp))
			return false;
	}
	return true;
}

static int read_line(struct note_sig *out, struct text line)
{
	uint8_t id[BLOB_ID_TEXT / 4 * 3];
	size_t n;

	if (!text_skip(&line, DASH) || !text_cut(&line, &out->name, ' '))
		return ERR_FORMAT;
	if (!is_foreign_name(out->name))
		return ERR_FORMAT;
	out->blob = line;
	/* Well formed as a whole, and longer than an id? */
	if (b64_decode(id, ID, &n, line.p, line.n) != ERR_LIMIT)
		return ERR_FORMAT;
	if (b64_decode(id, sizeof(id), &n, line.p, BLOB_ID_TEXT) != 0)
		return ERR_FORMAT;
	out->key_id = be32_get(id);
	return 0;
}

/* The length of the text in a note, its last newline included; 0 if there is
 * no empty line. */
static size_t text_end(const char *p, size_t n)
{
	for (size_t i = n; i >= 2; i--)
		if (p[i - 1] == '\n' && p[i - 2] == '\n')
			return i - 1;
	return 0;
}

int note_decode(struct note *out, const char *p, size_t n)
{
	struct note note = { 0 };
	struct text rest, line;
	int err;

	if (n > NOTE_MAX)
		return ERR_LIMIT;
	note.text.p = p;
	note.text.n = text_end(p, n);
	if (note.text.n == 0 || !is_clean((struct text){ p, n }))
		return ERR_FORMAT;
	if (note.text.n > NOTE_TEXT_MAX)
		return ERR_LIMIT;
	rest.p = p + note.text.n + 1;
	rest.n = n - note.text.n - 1;
	while (text_cut(&rest, &line, '\n')) {
		if (note.n == NOTE_SIGS_MAX)
			return ERR_LIMIT;
		err = read_line(&note.sig[note.n++], line);
		if (err != 0)
			return err;
	}
	if (note.n == 0 || rest.n > 0)
		return ERR_FORMAT;
	*out = note;
	return 0;
}

uint32_t notekey_id(const char *name, uint8_t type, const struct pubkey *pub)
{
	uint8_t buf[NOTE_NAME_MAX + 1 + VKEY_BYTES];
	size_t n = strlen(name);
	struct sha sha;

	assert(n <= NOTE_NAME_MAX);
	memcpy(buf, name, n);
	buf[n++] = '\n';
	buf[n++] = type;
	memcpy(buf + n, pub->b, sizeof(pub->b));
	sha = hash_sha(buf, n + sizeof(pub->b));
	return be32_get(sha.b);
}

static int check_signable(const char *name, const char *text, size_t n)
{
	struct text t = { text, n };

	if (!note_is_name((struct text){ name, strlen(name) }))
		return ERR_FORMAT;
	if (n > NOTE_TEXT_MAX)
		return ERR_LIMIT;
	if (n == 0 || text[n - 1] != '\n' || !is_clean(t))
		return ERR_FORMAT;
	return text_skip(&t, COSIGN_FIRST) ? ERR_FORMAT : 0;
}

static void put_line(char line[static NOTE_LINE_SIZE], const char *name,
		     const uint8_t *blob, size_t n)
{
	char text[B64_SIZE(BLOB_COSIGN)];

	b64_encode(text, blob, n);
	snprintf(line, NOTE_LINE_SIZE, DASH "%s %s\n", name, text);
}

int note_sign(char line[static NOTE_LINE_SIZE], const struct seckey *key,
	      const char *name, const char *text, size_t n)
{
	uint8_t blob[BLOB_SIGN];
	struct pubkey pub = seckey_pub(key);
	struct sig sig;
	int err = check_signable(name, text, n);

	if (err == 0)
		err = sign_text(&sig, key, text, n);
	if (err != 0)
		return err;
	be32_put(blob, notekey_id(name, NOTEKEY_ED25519, &pub));
	memcpy(blob + ID, sig.b, SIG_SIZE);
	put_line(line, name, blob, sizeof(blob));
	return 0;
}

static void join(struct cosigned *out, uint64_t time_s, struct text text)
{
	char stamp[DEC_SIZE];
	int n;

	dec_encode(stamp, time_s);
	n = snprintf(out->p, COSIGN_HEAD_MAX, COSIGN_FIRST "time %s\n", stamp);
	memcpy(out->p + n, text.p, text.n);
	out->n = (size_t)n + text.n;
}

int note_cosign(char line[static NOTE_LINE_SIZE], const struct seckey *key,
		const char *name, uint64_t time_s, const char *text, size_t n)
{
	uint8_t blob[BLOB_COSIGN];
	struct pubkey pub = seckey_pub(key);
	struct cosigned msg;
	struct sig sig;
	int err = check_signable(name, text, n);

	if (err == 0 && time_s > INT64_MAX)
		err = ERR_LIMIT;
	if (err != 0)
		return err;
	join(&msg, time_s, (struct text){ text, n });
	err = sign_text(&sig, key, msg.p, msg.n);
	if (err != 0)
		return err;
	be32_put(blob, notekey_id(name, NOTEKEY_COSIGNER, &pub));
	be64_put(blob + ID, time_s);
	memcpy(blob + ID + STAMP, sig.b, SIG_SIZE);
	put_line(line, name, blob, sizeof(blob));
	return 0;
}

static bool is_by(const struct note_sig *sig, const struct notekey *key,
		  uint32_t id)
{
	return sig->key_id == id && text_is(sig->name, key->name);
}

int note_check(const struct note *note, const struct notekey *key)
{
	uint32_t id = notekey_id(key->name, NOTEKEY_ED25519, &key->pub);
	int err = ERR_NOT_FOUND;

	for (size_t i = 0; i < note->n; i++) {
		uint8_t blob[BLOB_SIGN];
		struct sig sig;
		size_t n;

		if (!is_by(&note->sig[i], key, id))
			continue;
		if (b64_decode(blob, sizeof(blob), &n, note->sig[i].blob.p,
			       note->sig[i].blob.n) != 0 ||
		    n != sizeof(blob))
			return ERR_SIGNATURE;
		memcpy(sig.b, blob + ID, SIG_SIZE);
		err = sign_text_check(&sig, &key->pub, note->text.p,
				      note->text.n);
		if (err != 0)
			return ERR_SIGNATURE;
	}
	return err;
}

static int check_cosig(const struct note_sig *line, uint64_t *time_s,
		       const struct pubkey *pub, struct text text)
{
	uint8_t blob[BLOB_COSIGN];
	struct cosigned msg;
	struct sig sig;
	uint64_t stamp;
	size_t n;

	if (b64_decode(blob, sizeof(blob), &n, line->blob.p, line->blob.n) !=
		    0 ||
	    n != sizeof(blob))
		return ERR_SIGNATURE;
	stamp = be64_get(blob + ID);
	if (stamp > INT64_MAX)
		return ERR_SIGNATURE;
	memcpy(sig.b, blob + ID + STAMP, SIG_SIZE);
	join(&msg, stamp, text);
	if (sign_text_check(&sig, pub, msg.p, msg.n) != 0)
		return ERR_SIGNATURE;
	*time_s = stamp;
	return 0;
}

int note_check_cosign(const struct note *note, uint64_t *time_s,
		      const struct notekey *key)
{
	uint32_t id = notekey_id(key->name, NOTEKEY_COSIGNER, &key->pub);
	uint64_t first = UINT64_MAX, stamp;
	int err;

	for (size_t i = 0; i < note->n; i++) {
		if (!is_by(&note->sig[i], key, id))
			continue;
		err = check_cosig(&note->sig[i], &stamp, &key->pub, note->text);
		if (err != 0)
			return err;
		if (stamp < first)
			first = stamp;
	}
	if (first == UINT64_MAX)
		return ERR_NOT_FOUND;
	*time_s = first;
	return 0;
}

void notekey_encode(char out[static NOTEKEY_SIZE], const struct notekey *key)
{
	uint8_t bytes[VKEY_BYTES], id[ID];
	char b64[B64_SIZE(VKEY_BYTES)], hex[HEX_SIZE(ID)];

	bytes[0] = key->type;
	memcpy(bytes + 1, key->pub.b, KEY_SIZE);
	b64_encode(b64, bytes, sizeof(bytes));
	be32_put(id, notekey_id(key->name, key->type, &key->pub));
	hex_encode(hex, id, sizeof(id));
	snprintf(out, NOTEKEY_SIZE, "%s+%s+%s", key->name, hex, b64);
}

int notekey_decode(struct notekey *out, const char *text, size_t n)
{
	uint8_t bytes[VKEY_BYTES], id[ID];
	struct text rest = { text, n }, name, hex;
	struct notekey key = { 0 };
	size_t size;

	if (!text_cut(&rest, &name, '+') || !text_cut(&rest, &hex, '+'))
		return ERR_FORMAT;
	if (!note_is_name(name) || hex_decode(id, ID, hex.p, hex.n) != 0)
		return ERR_FORMAT;
	if (b64_decode(bytes, sizeof(bytes), &size, rest.p, rest.n) != 0 ||
	    size != sizeof(bytes))
		return ERR_FORMAT;
	if (bytes[0] != NOTEKEY_ED25519 && bytes[0] != NOTEKEY_COSIGNER)
		return ERR_FORMAT;
	memcpy(key.name, name.p, name.n);
	key.type = bytes[0];
	memcpy(key.pub.b, bytes + 1, KEY_SIZE);
	if (be32_get(id) != notekey_id(key.name, key.type, &key.pub))
		return ERR_SIGNATURE;
	*out = key;
	return 0;
}
