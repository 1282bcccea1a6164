#include "crypto/bytes.h"
#include "crypto/checkpoint.h"
#include "crypto/err.h"
#include "crypto/merkle.h"
#include "crypto/note.h"
#include "crypto/tlogproof.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The golden file tests/vectors/tlog.txt, which another implementation wrote
 * (Python's hashlib and cryptography), made again from its leaves and seeds.
 */

enum { LEAVES = 8, TIME_S = 1586908800, TEXT_MAX = 32768 };

#define LOG     "visieres.example/maker/alice"
#define WITNESS "visieres.example/witness/treasurer-asso"

/* The leaves that certificate transparency tests with, in hex. */
static const char *const data[LEAVES] = {
	"",
	"00",
	"10",
	"2021",
	"3031",
	"40414243",
	"5051525354555657",
	"606162636465666768696a6b6c6d6e6f",
};

static struct sha leaves[LEAVES];
static struct seckey *log_key, *wit_key;
static char made[TEXT_MAX];
static size_t made_n;

static void put(const char *s)
{
	size_t n = strlen(s);

	assert_true(n < sizeof(made) - made_n);
	memcpy(made + made_n, s, n + 1);
	made_n += n;
}

static void put_number(uint64_t v)
{
	char text[DEC_SIZE];

	dec_encode(text, v);
	put(text);
}

static void put_hex(const void *p, size_t n)
{
	char text[HEX_SIZE(64)];

	hex_encode(text, p, n);
	put(text);
}

static int get(void *cookie, struct sha *out, unsigned int level,
	       uint64_t index)
{
	(void)cookie;
	if (level > 0)
		return ERR_NOT_FOUND;
	*out = leaves[index];
	return 0;
}

static const struct merkle_source source = { get, NULL };

static void put_path(const char *kind, uint64_t a, uint64_t b,
		     const struct merkle_path *p)
{
	put(kind);
	put_number(a);
	put(" ");
	put_number(b);
	for (size_t i = 0; i < p->n; i++) {
		put(" ");
		put_hex(p->hash[i].b, 32);
	}
	put("\n");
}

static void put_trees(void)
{
	struct merkle_path p;
	struct sha root;

	for (size_t i = 0; i < LEAVES; i++) {
		put("leaf ");
		put_number(i);
		put(" ");
		put_hex(leaves[i].b, 32);
		put(i > 0 ? " " : "");
		put(data[i]);
		put("\n");
	}
	for (uint64_t n = 0; n <= LEAVES; n++) {
		assert_int_equal(merkle_root_at(&root, &source, n), 0);
		put("root ");
		put_number(n);
		put(" ");
		put_hex(root.b, 32);
		put("\n");
	}
	for (uint64_t n = 1; n <= LEAVES; n++) {
		for (uint64_t i = 0; i < n; i++) {
			assert_int_equal(
				merkle_prove_inclusion(&p, &source, i, n), 0);
			put_path("inclusion ", i, n, &p);
		}
	}
	for (uint64_t n = 1; n <= LEAVES; n++) {
		for (uint64_t m = 1; m < n; m++) {
			assert_int_equal(
				merkle_prove_consistency(&p, &source, m, n), 0);
			put_path("consistency ", m, n, &p);
		}
	}
}

static struct notekey vkey_of(const char *name, uint8_t type,
			      const struct seckey *key)
{
	struct notekey vkey = { .type = type, .pub = seckey_pub(key) };

	memcpy(vkey.name, name, strlen(name) + 1);
	return vkey;
}

static void put_key(const char *who, const struct seckey *key,
		    const struct notekey *vkey)
{
	char text[NOTEKEY_SIZE];
	uint8_t seed[SEED_SIZE];

	seckey_seed(key, seed);
	put(who);
	put("-seed ");
	put_hex(seed, sizeof(seed));
	put("\n");
	put(who);
	put("-pub ");
	put_hex(vkey->pub.b, KEY_SIZE);
	put("\n");
	put(who);
	put("-vkey ");
	notekey_encode(text, vkey);
	put(text);
	put("\n");
}

/* The signed and cosigned checkpoint of all eight leaves. */
static void make_note(char out[static NOTE_MAX])
{
	char text[CHECKPOINT_SIZE], a[NOTE_LINE_SIZE], b[NOTE_LINE_SIZE];
	struct checkpoint c = { .origin = LOG, .size = LEAVES };
	size_t n;

	assert_int_equal(merkle_root_at(&c.root, &source, LEAVES), 0);
	assert_int_equal(checkpoint_encode(text, &n, &c), 0);
	assert_int_equal(note_sign(a, log_key, LOG, text, n), 0);
	assert_int_equal(note_cosign(b, wit_key, WITNESS, TIME_S, text, n), 0);
	snprintf(out, NOTE_MAX, "%s\n%s%s", text, a, b);
}

static void make_proof(char out[static TEXT_MAX], const char *note,
		       const char *extra)
{
	char b64[B64_SIZE(16)];
	struct tlogproof p = { .index = 5, .note = { note, strlen(note) } };
	size_t n;

	assert_int_equal(merkle_prove_inclusion(&p.path, &source, 5, LEAVES),
			 0);
	if (extra != NULL) {
		b64_encode(b64, extra, strlen(extra));
		p.extra = (struct text){ b64, strlen(b64) };
	}
	assert_int_equal(tlogproof_encode(out, TEXT_MAX - 1, &n, &p), 0);
	out[n] = '\0';
}

static void put_bars(const char *text)
{
	struct text rest = { text, strlen(text) }, line;
	char buf[NOTE_LINE_SIZE];

	while (text_cut(&rest, &line, '\n')) {
		assert_true(line.n < sizeof(buf));
		memcpy(buf, line.p, line.n);
		buf[line.n] = '\0';
		put("|");
		put(buf);
		put("\n");
	}
	assert_int_equal(rest.n, 0);
}

static char *read_file(const char *path)
{
	char *text = malloc(TEXT_MAX);
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(text);
	if (f == NULL) {
		free(text);
		return NULL;
	}
	n = fread(text, 1, TEXT_MAX - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void the_golden_file_is_made_again_byte_for_byte(void **state)
{
	static char note[NOTE_MAX], proof[TEXT_MAX];
	char *golden = read_file("tests/vectors/tlog.txt"), *body = golden;
	struct notekey log = vkey_of(LOG, NOTEKEY_ED25519, log_key);
	struct notekey wit = vkey_of(WITNESS, NOTEKEY_COSIGNER, wit_key);

	(void)state;
	assert_non_null(golden);
	while (*body == '#')
		body = strchr(body, '\n') + 1;
	made_n = 0;
	put_trees();
	put_key("log", log_key, &log);
	put_key("witness", wit_key, &wit);
	put("witness-time ");
	put_number(TIME_S);
	put("\nnote\n");
	make_note(note);
	put_bars(note);
	put("proof 5\n");
	make_proof(proof, note, NULL);
	put_bars(proof);
	put("proof 5 ");
	put_hex("maillon", 7);
	put("\n");
	make_proof(proof, note, "maillon");
	put_bars(proof);
	assert_string_equal(made, body);
	free(golden);
}

/* All that a stranger does with a receipt, from its text to the leaf. */
static void a_receipt_is_verified_from_its_text_alone(void **state)
{
	static char text[NOTE_MAX], proof[TEXT_MAX];
	struct notekey log = vkey_of(LOG, NOTEKEY_ED25519, log_key);
	struct notekey wit = vkey_of(WITNESS, NOTEKEY_COSIGNER, wit_key);
	struct checkpoint c;
	struct tlogproof p;
	struct note note;
	struct sha leaf = merkle_leaf("@ABC", 4);
	uint64_t time_s;

	(void)state;
	make_note(text);
	make_proof(proof, text, "maillon");
	assert_int_equal(tlogproof_decode(&p, proof, strlen(proof)), 0);
	assert_int_equal(note_decode(&note, p.note.p, p.note.n), 0);
	assert_int_equal(note_check(&note, &log), 0);
	assert_int_equal(note_check_cosign(&note, &time_s, &wit), 0);
	assert_int_equal(time_s, TIME_S);
	assert_int_equal(checkpoint_decode(&c, note.text.p, note.text.n), 0);
	assert_string_equal(c.origin, LOG);
	assert_int_equal(merkle_check_inclusion(&p.path, p.index, c.size, &leaf,
						&c.root),
			 0);
	leaf = merkle_leaf("@ABD", 4);
	assert_int_equal(merkle_check_inclusion(&p.path, p.index, c.size, &leaf,
						&c.root),
			 ERR_SIGNATURE);
}

static void assert_within(const char *text, const char *piece)
{
	if (strstr(text, piece) == NULL)
		fail_msg("the shared vectors lack: %s", piece);
}

/* Vectors that came with the plan, where the checkout lies beside them. */
static void the_shared_vectors_agree(void **state)
{
	static char note[NOTE_MAX], proof[TEXT_MAX];
	struct notekey log = vkey_of(LOG, NOTEKEY_ED25519, log_key);
	struct notekey wit = vkey_of(WITNESS, NOTEKEY_COSIGNER, wit_key);
	char *shared = read_file("../shared/vectors/tlog.txt");
	char vkey[NOTEKEY_SIZE], line[128], hex[HEX_SIZE(32)];
	struct merkle_path p;

	(void)state;
	if (shared == NULL) {
		print_message("no ../shared/vectors/tlog.txt: not compared\n");
		skip();
	}
	for (uint64_t n = 0; n <= LEAVES; n++) {
		struct sha root;

		assert_int_equal(merkle_root_at(&root, &source, n), 0);
		hex_encode(hex, root.b, 32);
		snprintf(line, sizeof(line), "\n%d %s\n", (int)n, hex);
		assert_within(shared, line);
	}
	notekey_encode(vkey, &log);
	assert_within(shared, vkey);
	notekey_encode(vkey, &wit);
	assert_within(shared, vkey);
	make_note(note);
	assert_within(shared, note);
	make_proof(proof, note, NULL);
	assert_within(shared, proof);
	assert_int_equal(merkle_prove_consistency(&p, &source, 3, 8), 0);
	for (size_t i = 0; i < p.n; i++) {
		b64_encode(line, p.hash[i].b, 32);
		assert_within(strstr(shared, "consistency 3->8"), line);
	}
	free(shared);
}

static int start(void **state)
{
	uint8_t seed[2 * SEED_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)i;
	for (size_t i = 0; i < LEAVES; i++) {
		size_t n = strlen(data[i]) / 2;
		uint8_t bytes[16];

		if (hex_decode(bytes, n, data[i], 2 * n) != 0)
			return -1;
		leaves[i] = merkle_leaf(bytes, n);
	}
	return crypto_start() != 0 || seckey_from_seed(&log_key, seed) != 0 ||
	       seckey_from_seed(&wit_key, seed + SEED_SIZE) != 0;
}

static int stop(void **state)
{
	(void)state;
	seckey_close(log_key);
	seckey_close(wit_key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(the_golden_file_is_made_again_byte_for_byte),
		UNIT(a_receipt_is_verified_from_its_text_alone),
		UNIT(the_shared_vectors_agree),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
