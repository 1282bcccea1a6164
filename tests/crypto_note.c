#include "crypto/note.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

#define DASH "\xe2\x80\x94 "
#define TEXT "log.example\n3\nrBer\n"

static struct seckey *log_key, *wit_key;
static struct notekey log_vkey = { "log.example", NOTEKEY_ED25519, { { 0 } } };
static struct notekey wit_vkey = { "wit.example", NOTEKEY_COSIGNER, { { 0 } } };

/* A note under construction; room for the largest and a little more. */
static char note_buf[NOTE_MAX + 4096];
static size_t note_len;

static void put(const char *s)
{
	size_t n = strlen(s);

	assert_true(n < sizeof(note_buf) - note_len);
	memcpy(note_buf + note_len, s, n + 1);
	note_len += n;
}

static void start_note(const char *text)
{
	note_len = 0;
	put(text);
	put("\n");
}

static void put_signature(const char *text)
{
	char line[NOTE_LINE_SIZE];

	assert_int_equal(
		note_sign(line, log_key, log_vkey.name, text, strlen(text)), 0);
	put(line);
}

static void put_cosignature(const char *text, uint64_t time_s)
{
	char line[NOTE_LINE_SIZE];

	assert_int_equal(note_cosign(line, wit_key, wit_vkey.name, time_s, text,
				     strlen(text)),
			 0);
	put(line);
}

/* TEXT, signed by the log and cosigned at 1586908800. */
static void put_note(void)
{
	start_note(TEXT);
	put_signature(TEXT);
	put_cosignature(TEXT, 1586908800);
}

static int decode(struct note *out)
{
	return note_decode(out, note_buf, note_len);
}

/* The example of c2sp.org/signed-note. */
static void the_standards_example_verifies(void **state)
{
	static const char vkey[] =
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYc"
		"rnKv3U2k";
	static const char text[] =
		"This is an example message.\n\n" DASH
		"example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONnc"
		"AlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
	char again[NOTEKEY_SIZE];
	struct notekey key;
	struct note note;
	uint64_t time_s;

	(void)state;
	assert_int_equal(notekey_decode(&key, vkey, strlen(vkey)), 0);
	assert_string_equal(key.name, "example.com/foo");
	assert_int_equal(key.type, NOTEKEY_ED25519);
	assert_int_equal(notekey_id(key.name, key.type, &key.pub), 0x530d903a);
	notekey_encode(again, &key);
	assert_string_equal(again, vkey);

	assert_int_equal(note_decode(&note, text, strlen(text)), 0);
	assert_int_equal(note_check(&note, &key), 0);
	assert_int_equal(note_check_cosign(&note, &time_s, &key),
			 ERR_NOT_FOUND);
}

static void a_note_is_its_text_an_empty_line_and_signatures(void **state)
{
	struct note note;

	(void)state;
	put_note();
	assert_int_equal(decode(&note), 0);
	assert_true(text_is(note.text, TEXT));
	assert_int_equal(note.n, 2);
	assert_true(text_is(note.sig[0].name, "log.example"));
	assert_true(text_is(note.sig[1].name, "wit.example"));
	assert_int_equal(
		note.sig[0].key_id,
		notekey_id("log.example", NOTEKEY_ED25519, &log_vkey.pub));
	assert_int_equal(note.sig[0].blob.n, 92);
	assert_int_equal(note.sig[1].blob.n, 104);
	/* It borrows. */
	assert_ptr_equal(note.text.p, note_buf);
}

static void each_signature_is_checked_for_its_own_key(void **state)
{
	struct notekey key = log_vkey;
	uint64_t time_s = 7;
	struct note note;

	(void)state;
	put_note();
	assert_int_equal(decode(&note), 0);
	assert_int_equal(note_check(&note, &log_vkey), 0);
	assert_int_equal(note_check_cosign(&note, &time_s, &wit_vkey), 0);
	assert_true(time_s == 1586908800);

	time_s = 7;
	assert_int_equal(note_check(&note, &wit_vkey), ERR_NOT_FOUND);
	assert_int_equal(note_check_cosign(&note, &time_s, &log_vkey),
			 ERR_NOT_FOUND);
	assert_int_equal(time_s, 7);
	key.pub = wit_vkey.pub;
	assert_int_equal(note_check(&note, &key), ERR_NOT_FOUND);
	key = log_vkey;
	key.name[0] = 'L';
	assert_int_equal(note_check(&note, &key), ERR_NOT_FOUND);

	/* A witness that publishes its key with the other type. */
	key = wit_vkey;
	key.type = NOTEKEY_ED25519;
	assert_int_equal(note_check_cosign(&note, &time_s, &key), 0);
}

/* Whoever holds the key's id but not the key. */
static void a_known_key_that_does_not_verify_spoils_the_note(void **state)
{
	struct note note;
	uint64_t time_s = 7;

	(void)state;
	start_note(TEXT);
	put_signature("log.example\n4\nrBer\n");
	assert_int_equal(decode(&note), 0);
	assert_int_equal(note_check(&note, &log_vkey), ERR_SIGNATURE);
	start_note(TEXT);
	put_signature(TEXT);
	put_signature("log.example\n4\nrBer\n");
	assert_int_equal(decode(&note), 0);
	assert_int_equal(note_check(&note, &log_vkey), ERR_SIGNATURE);

	start_note(TEXT);
	put_cosignature(TEXT, 5);
	put_cosignature("log.example\n4\nrBer\n", 6);
	assert_int_equal(decode(&note), 0);
	assert_int_equal(note_check_cosign(&note, &time_s, &wit_vkey),
			 ERR_SIGNATURE);
	assert_int_equal(time_s, 7);
}

static void the_earliest_of_two_cosignatures_counts(void **state)
{
	struct note note;
	uint64_t time_s;

	(void)state;
	for (int first = 0; first < 2; first++) {
		start_note(TEXT);
		put_cosignature(TEXT, first == 0 ? 100 : 200);
		put_cosignature(TEXT, first == 0 ? 200 : 100);
		assert_int_equal(decode(&note), 0);
		assert_int_equal(note_check_cosign(&note, &time_s, &wit_vkey),
				 0);
		assert_int_equal(time_s, 100);
	}
}

static void a_blob_of_the_wrong_size_does_not_verify(void **state)
{
	static const size_t sizes[] = { 5, 67, 69, 75, 77, 3000 };
	static uint8_t blob[3000];
	static char b64[B64_SIZE(sizeof(blob))];
	struct note note;
	uint64_t time_s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		be32_put(blob, notekey_id("log.example", NOTEKEY_ED25519,
					  &log_vkey.pub));
		b64_encode(b64, blob, sizes[i]);
		start_note(TEXT);
		put(DASH "log.example ");
		put(b64);
		put("\n");
		assert_int_equal(decode(&note), 0);
		assert_int_equal(note_check(&note, &log_vkey), ERR_SIGNATURE);

		be32_put(blob, notekey_id("wit.example", NOTEKEY_COSIGNER,
					  &wit_vkey.pub));
		b64_encode(b64, blob, sizes[i]);
		start_note(TEXT);
		put(DASH "wit.example ");
		put(b64);
		put("\n");
		assert_int_equal(decode(&note), 0);
		assert_int_equal(note_check_cosign(&note, &time_s, &wit_vkey),
				 ERR_SIGNATURE);
	}
}

/* ML-DSA-44 signatures have 2420 bytes; names may be in any script. */
static void lines_of_strangers_are_skipped(void **state)
{
	static uint8_t blob[2432];
	static char b64[B64_SIZE(sizeof(blob))];
	uint64_t time_s;
	struct note note;

	(void)state;
	memset(blob, 0x5a, sizeof(blob));
	b64_encode(b64, blob, sizeof(blob));
	start_note(TEXT);
	put(DASH "quantum.example ");
	put(b64);
	put("\n");
	put_signature(TEXT);
	put(DASH "t\xc3\xa9moin.example/\xe2\x82\xac AAAAAAA=\n");
	put_cosignature(TEXT, 9);
	assert_int_equal(decode(&note), 0);
	assert_int_equal(note.n, 4);
	assert_int_equal(note.sig[0].key_id, 0x5a5a5a5a);
	assert_int_equal(note_check(&note, &log_vkey), 0);
	assert_int_equal(note_check_cosign(&note, &time_s, &wit_vkey), 0);
}

static void the_last_empty_line_ends_the_text(void **state)
{
	static const char text[] = "one\n\ntwo\n\n\nthree\n";
	struct note note;

	(void)state;
	start_note(text);
	put_signature(text);
	assert_int_equal(decode(&note), 0);
	assert_true(text_is(note.text, text));
	assert_int_equal(note_check(&note, &log_vkey), 0);
}

static const struct {
	const char *why;
	const char *note;
	int err;
} notes[] = {
	{ "one signature", "t\n\n" DASH "n AAAAAAA=\n", 0 },
	{ "an empty text line", "\n\n" DASH "n AAAAAAA=\n", 0 },
	{ "nothing", "", ERR_FORMAT },
	{ "one newline", "\n", ERR_FORMAT },
	{ "no text", "\n" DASH "n AAAAAAA=\n", ERR_FORMAT },
	{ "no signature", "t\n\n", ERR_FORMAT },
	{ "no empty line", "t\n" DASH "n AAAAAAA=\n", ERR_FORMAT },
	{ "no newline at the end", "t\n\n" DASH "n AAAAAAA=", ERR_FORMAT },
	{ "a line after it", "t\n\n" DASH "n AAAAAAA=\nx", ERR_FORMAT },
	{ "an empty line after it", "t\n\n" DASH "n AAAAAAA=\n\n", ERR_FORMAT },
	{ "a hyphen for the dash", "t\n\n- n AAAAAAA=\n", ERR_FORMAT },
	{ "an en dash", "t\n\n\xe2\x80\x93 n AAAAAAA=\n", ERR_FORMAT },
	{ "no space after the dash", "t\n\n\xe2\x80\x94n AAAAAAA=\n",
	  ERR_FORMAT },
	{ "two spaces", "t\n\n" DASH "n  AAAAAAA=\n", ERR_FORMAT },
	{ "a space at the end", "t\n\n" DASH "n AAAAAAA= \n", ERR_FORMAT },
	{ "no name", "t\n\n" DASH " AAAAAAA=\n", ERR_FORMAT },
	{ "no blob", "t\n\n" DASH "n \n", ERR_FORMAT },
	{ "only a name", "t\n\n" DASH "n\n", ERR_FORMAT },
	{ "only an id", "t\n\n" DASH "n AAAAAA==\n", ERR_FORMAT },
	{ "less than an id", "t\n\n" DASH "n AAAA\n", ERR_FORMAT },
	{ "no padding", "t\n\n" DASH "n AAAAAAA\n", ERR_FORMAT },
	{ "stray bits", "t\n\n" DASH "n AAAAAAB=\n", ERR_FORMAT },
	{ "the URL alphabet", "t\n\n" DASH "n AAAAAA-_\n", ERR_FORMAT },
	{ "bad base64 far away", "t\n\n" DASH "n AAAAAAAAAAAA*AAA\n",
	  ERR_FORMAT },
	{ "a plus in the name", "t\n\n" DASH "n+m AAAAAAA=\n", ERR_FORMAT },
	{ "a no-break space", "t\n\n" DASH "n\xc2\xa0m AAAAAAA=\n",
	  ERR_FORMAT },
	{ "a next line", "t\n\n" DASH "n\xc2\x85m AAAAAAA=\n", ERR_FORMAT },
	{ "an ogham space", "t\n\n" DASH "n\xe1\x9a\x80 AAAAAAA=\n",
	  ERR_FORMAT },
	{ "an en quad", "t\n\n" DASH "n\xe2\x80\x80 AAAAAAA=\n", ERR_FORMAT },
	{ "a hair space", "t\n\n" DASH "n\xe2\x80\x8a AAAAAAA=\n", ERR_FORMAT },
	{ "no space, the one after", "t\n\n" DASH "n\xe2\x80\x8b AAAAAAA=\n",
	  0 },
	{ "a line separator", "t\n\n" DASH "n\xe2\x80\xa8 AAAAAAA=\n",
	  ERR_FORMAT },
	{ "a narrow space", "t\n\n" DASH "n\xe2\x80\xaf AAAAAAA=\n",
	  ERR_FORMAT },
	{ "a mathematical space", "t\n\n" DASH "n\xe2\x81\x9f AAAAAAA=\n",
	  ERR_FORMAT },
	{ "an ideographic space", "t\n\n" DASH "n\xe3\x80\x80 AAAAAAA=\n",
	  ERR_FORMAT },
	{ "a tab in the text", "t\tu\n\n" DASH "n AAAAAAA=\n", ERR_FORMAT },
	{ "a return in the text", "t\r\n\n" DASH "n AAAAAAA=\n", ERR_FORMAT },
	{ "unit separator", "t\x1f\n\n" DASH "n AAAAAAA=\n", ERR_FORMAT },
	{ "half a character", "t\xe2\x80\n\n" DASH "n AAAAAAA=\n", ERR_FORMAT },
	{ "another encoding", "caf\xe9\n\n" DASH "n AAAAAAA=\n", ERR_FORMAT },
	{ "a bad name", "t\n\n" DASH "n\xff AAAAAAA=\n", ERR_FORMAT },
	{ "a control in a name", "t\n\n" DASH "n\x01 AAAAAAA=\n", ERR_FORMAT },
	{ "one good line, one bad",
	  "t\n\n" DASH "n AAAAAAA=\n" DASH "m AAAAAA=\n", ERR_FORMAT },
};

static void what_is_no_note_is_refused(void **state)
{
	struct note note, before;

	(void)state;
	memset(&before, 0x3c, sizeof(before));
	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		int err;

		note = before;
		err = note_decode(&note, notes[i].note, strlen(notes[i].note));
		if (err != notes[i].err)
			fail_msg("%s: %d", notes[i].why, err);
		if (err != 0)
			assert_memory_equal(&note, &before, sizeof(note));
	}
	assert_int_equal(note_decode(&note, "t\0\n\n" DASH "n AAAAAAA=\n", 19),
			 ERR_FORMAT);
}

static void a_note_cut_short_loses_whole_lines_or_is_refused(void **state)
{
	struct note note;
	size_t accepted = 0;

	(void)state;
	put_note();
	for (size_t n = 0; n < note_len; n++) {
		if (note_decode(&note, note_buf, n) != 0)
			continue;
		accepted++;
		assert_int_equal(note.n, 1);
		assert_int_equal(note_buf[n - 1], '\n');
		assert_int_equal(note_check(&note, &log_vkey), 0);
	}
	assert_int_equal(accepted, 1);
}

static void no_bit_of_a_note_may_change(void **state)
{
	struct note note;
	uint64_t time_s;

	(void)state;
	put_note();
	for (size_t bit = 0; bit < 8 * note_len; bit++) {
		char *at = note_buf + bit / 8;
		char was = *at;

		*at = (char)(was ^ (char)(1 << bit % 8));
		if (decode(&note) == 0)
			assert_false(note_check(&note, &log_vkey) == 0 &&
				     note_check_cosign(&note, &time_s,
						       &wit_vkey) == 0);
		*at = was;
	}
	assert_int_equal(decode(&note), 0);
	assert_int_equal(note_check(&note, &log_vkey), 0);
}

static void as_many_signatures_as_there_is_room_for(void **state)
{
	struct note note;

	(void)state;
	start_note(TEXT);
	for (int i = 0; i < NOTE_SIGS_MAX - 1; i++)
		put(DASH "stranger AAAAAAA=\n");
	put_signature(TEXT);
	assert_int_equal(decode(&note), 0);
	assert_int_equal(note.n, NOTE_SIGS_MAX);
	assert_int_equal(note_check(&note, &log_vkey), 0);
	put(DASH "stranger AAAAAAA=\n");
	assert_int_equal(decode(&note), ERR_LIMIT);
}

static void the_longest_text_and_the_longest_note(void **state)
{
	static char text[NOTE_TEXT_MAX + 2];
	char line[NOTE_LINE_SIZE];
	struct note note;
	uint64_t time_s;

	(void)state;
	for (size_t n = NOTE_TEXT_MAX - 1; n <= NOTE_TEXT_MAX + 1; n++) {
		int want = n <= NOTE_TEXT_MAX ? 0 : ERR_LIMIT;

		memset(text, 'x', n);
		text[n - 1] = '\n';
		text[n] = '\0';
		assert_int_equal(note_sign(line, log_key, "l", text, n), want);
		assert_int_equal(note_cosign(line, wit_key, wit_vkey.name,
					     INT64_MAX, text, n),
				 want);
		start_note(text);
		put(line);
		assert_int_equal(decode(&note), want);
		if (want == 0)
			assert_int_equal(
				note_check_cosign(&note, &time_s, &wit_vkey),
				0);
	}

	/* The blob fills the note up; base64 grows by four. */
	start_note(TEXT);
	put(DASH "x");
	while ((note_len + 2) % 4 != NOTE_MAX % 4)
		put("x");
	put(" ");
	while (note_len + 1 < NOTE_MAX)
		put("AAAA");
	put("\n");
	assert_int_equal(note_len, NOTE_MAX);
	assert_int_equal(decode(&note), 0);
	note_len--;
	put("x\n");
	assert_int_equal(decode(&note), ERR_LIMIT);
}

static const struct {
	const char *why;
	const char *name;
	const char *text;
	int err;
} unsignable[] = {
	{ "fine", "n", "t\n", 0 },
	{ "fine in any script", "n", "\xe2\x82\xac\n", 0 },
	{ "empty", "n", "", ERR_FORMAT },
	{ "no newline", "n", "t", ERR_FORMAT },
	{ "a tab", "n", "a\tb\n", ERR_FORMAT },
	{ "not UTF-8", "n", "\xe9\n", ERR_FORMAT },
	{ "a cosigner's message", "n", "cosignature/v1\ntime 1\nt\n",
	  ERR_FORMAT },
	{ "almost one", "n", "cosignature/v2\ntime 1\nt\n", 0 },
	{ "no name", "", "t\n", ERR_FORMAT },
	{ "a plus", "a+b", "t\n", ERR_FORMAT },
	{ "a space", "a b", "t\n", ERR_FORMAT },
	{ "a newline", "a\nb", "t\n", ERR_FORMAT },
	{ "delete", "a\x7f", "t\n", ERR_FORMAT },
	{ "not ASCII", "\xc3\xa9", "t\n", ERR_FORMAT },
};

static void only_what_a_note_can_hold_is_signed(void **state)
{
	char line[NOTE_LINE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unsignable); i++) {
		const char *text = unsignable[i].text;
		size_t n = strlen(text);
		int a, b;

		memset(line, 0x11, sizeof(line));
		a = note_sign(line, log_key, unsignable[i].name, text, n);
		if (a != 0)
			assert_int_equal(line[0], 0x11);
		b = note_cosign(line, log_key, unsignable[i].name, 1, text, n);
		if (a != unsignable[i].err || b != a)
			fail_msg("%s: %d, %d", unsignable[i].why, a, b);
	}
	assert_int_equal(note_sign(line, log_key, "n", "a\0\n", 3), ERR_FORMAT);
	assert_int_equal(note_cosign(line, log_key, "n",
				     (uint64_t)INT64_MAX + 1, "t\n", 2),
			 ERR_LIMIT);
}

/* A log's key, used for both, must not make one signature that is both. */
static void a_signature_is_no_cosignature_of_anything(void **state)
{
	struct notekey key = wit_vkey;
	char line[NOTE_LINE_SIZE];
	struct note note;
	uint64_t time_s;

	(void)state;
	key.pub = log_vkey.pub;
	assert_int_equal(note_cosign(line, log_key, key.name, 0, "t\n", 2), 0);
	start_note("t\n");
	put(line);
	assert_int_equal(decode(&note), 0);
	assert_int_equal(note_check(&note, &key), ERR_NOT_FOUND);
	assert_int_equal(note_check_cosign(&note, &time_s, &key), 0);
	assert_int_equal(time_s, 0);
}

static void a_time_beyond_the_limit_does_not_verify(void **state)
{
	uint8_t blob[76] = { 0 };
	char b64[B64_SIZE(76)], msg[128] = "cosignature/v1\n"
					   "time 9223372036854775808\n" TEXT;
	struct note note;
	struct sig sig;
	uint64_t time_s;

	(void)state;
	assert_int_equal(sign_text(&sig, wit_key, msg, strlen(msg)), 0);
	be32_put(blob,
		 notekey_id("wit.example", NOTEKEY_COSIGNER, &wit_vkey.pub));
	be64_put(blob + 4, (uint64_t)INT64_MAX + 1);
	memcpy(blob + 12, sig.b, SIG_SIZE);
	b64_encode(b64, blob, sizeof(blob));
	start_note(TEXT);
	put(DASH "wit.example ");
	put(b64);
	put("\n");
	assert_int_equal(decode(&note), 0);
	assert_int_equal(note_check_cosign(&note, &time_s, &wit_vkey),
			 ERR_SIGNATURE);
}

static void names_end_at_their_limit(void **state)
{
	struct notekey key = log_vkey, back;
	char text[NOTEKEY_SIZE + 8], line[NOTE_LINE_SIZE];
	struct text name = { key.name, NOTE_NAME_MAX };

	(void)state;
	memset(key.name, 'n', NOTE_NAME_MAX);
	assert_true(note_is_name(name));
	notekey_encode(text, &key);
	assert_int_equal(strlen(text), NOTEKEY_SIZE - 1);
	assert_int_equal(notekey_decode(&back, text, strlen(text)), 0);
	assert_memory_equal(&back, &key, sizeof(key));
	assert_int_equal(note_cosign(line, log_key, key.name, INT64_MAX, TEXT,
				     strlen(TEXT)),
			 0);
	assert_int_equal(strlen(line), NOTE_LINE_SIZE - 1);

	memmove(text + 1, text, strlen(text) + 1);
	name = (struct text){ text, NOTE_NAME_MAX + 1 };
	assert_false(note_is_name(name));
	assert_int_equal(notekey_decode(&back, text, strlen(text)), ERR_FORMAT);
	text[NOTE_NAME_MAX + 1] = '\0';
	assert_int_equal(note_sign(line, log_key, text, "t\n", 2), ERR_FORMAT);
}

#define B64 "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

static const struct {
	const char *why;
	const char *vkey;
	int err;
} vkeys[] = {
	{ "as it should be", "example.com/foo+530d903a+" B64, 0 },
	{ "another id", "example.com/foo+530d903b+" B64, ERR_SIGNATURE },
	{ "another name", "example.com/fop+530d903a+" B64, ERR_SIGNATURE },
	{ "upper-case id", "example.com/foo+530D903a+" B64, ERR_FORMAT },
	{ "short id", "example.com/foo+530d903+" B64, ERR_FORMAT },
	{ "long id", "example.com/foo+0530d903a+" B64, ERR_FORMAT },
	{ "no id", "example.com/foo+" B64, ERR_FORMAT },
	{ "empty id", "example.com/foo++" B64, ERR_FORMAT },
	{ "no name", "+530d903a+" B64, ERR_FORMAT },
	{ "a space in the name", "example.com/ foo+530d903a+" B64, ERR_FORMAT },
	{ "no key", "example.com/foo+530d903a+", ERR_FORMAT },
	{ "only a name", "example.com/foo", ERR_FORMAT },
	{ "a newline after", "example.com/foo+530d903a+" B64 "\n", ERR_FORMAT },
	{ "a space before", " example.com/foo+530d903a+" B64, ERR_FORMAT },
	{ "a byte more", "example.com/foo+530d903a+" B64 "AA==", ERR_FORMAT },
	{ "a byte less",
	  "example.com/foo+530d903a+"
	  "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U0=",
	  ERR_FORMAT },
	{ "type 2",
	  "example.com/foo+530d903a+"
	  "AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	  ERR_FORMAT },
	{ "empty", "", ERR_FORMAT },
};

static void verifier_keys_are_strict(void **state)
{
	struct notekey key, before;

	(void)state;
	memset(&before, 0x21, sizeof(before));
	for (size_t i = 0; i < ARRAY_LEN(vkeys); i++) {
		size_t n = strlen(vkeys[i].vkey);
		int err;

		key = before;
		err = notekey_decode(&key, vkeys[i].vkey, n);
		if (err != vkeys[i].err)
			fail_msg("%s: %d", vkeys[i].why, err);
		if (err != 0)
			assert_memory_equal(&key, &before, sizeof(key));
	}
	for (size_t n = 0; n < strlen(vkeys[0].vkey); n++)
		assert_int_not_equal(notekey_decode(&key, vkeys[0].vkey, n), 0);
}

static int start(void **state)
{
	static const uint8_t log_seed[SEED_SIZE] = { 1 };
	static const uint8_t wit_seed[SEED_SIZE] = { 2 };

	(void)state;
	if (crypto_start() != 0 || seckey_from_seed(&log_key, log_seed) != 0 ||
	    seckey_from_seed(&wit_key, wit_seed) != 0)
		return -1;
	log_vkey.pub = seckey_pub(log_key);
	wit_vkey.pub = seckey_pub(wit_key);
	return 0;
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
		UNIT(the_standards_example_verifies),
		UNIT(a_note_is_its_text_an_empty_line_and_signatures),
		UNIT(each_signature_is_checked_for_its_own_key),
		UNIT(a_known_key_that_does_not_verify_spoils_the_note),
		UNIT(the_earliest_of_two_cosignatures_counts),
		UNIT(a_blob_of_the_wrong_size_does_not_verify),
		UNIT(lines_of_strangers_are_skipped),
		UNIT(the_last_empty_line_ends_the_text),
		UNIT(what_is_no_note_is_refused),
		UNIT(a_note_cut_short_loses_whole_lines_or_is_refused),
		UNIT(no_bit_of_a_note_may_change),
		UNIT(as_many_signatures_as_there_is_room_for),
		UNIT(the_longest_text_and_the_longest_note),
		UNIT(only_what_a_note_can_hold_is_signed),
		UNIT(a_signature_is_no_cosignature_of_anything),
		UNIT(a_time_beyond_the_limit_does_not_verify),
		UNIT(names_end_at_their_limit),
		UNIT(verifier_keys_are_strict),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
