#include "crypto/bytes.h"
#include "node/keeper.h"
#include "proto/entry.h"
#include "proto/kind.h"
#include "proto/record.h"
#include "proto/wr.h"
#include "store/log.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * pen -- a member that writes what no honest program would.
 *
 *   pen HOME
 *
 * Each record of the home's own feed is written again once for each hostile
 * text, with that text in every fact of free text that its kind takes; what is
 * no plain text is signed and chained all the same, and the last text at the
 * last time that there is.  Then comes an entry of a kind that nobody knows,
 * with the text under a number that nobody knows.  Prints how many entries
 * there are now.  HOME is one whose node does not run.
 */

enum { COPIES_OF = 64, STRANGE_KIND = 900, STRANGE_FACT = 200 };

static const char *const texts[] = {
	"=HYPERLINK(\"http://evil.example\";\"x\")",
	"+1+cmd|' /C calc'!A0",
	"-2+3",
	"@SUM(A1:A9)",
	" \t=1+2",
	"\r=1+2",
	"\xef\xbc\x9d"
	"1+2", /* a wide equals sign */
	"<script>document.title='run'</script>",
	"\"><img src=x onerror=alert(1)>",
	"';]]><svg onload=alert(1)>",
	"a;b,c|d\\\"e\"};//",
	"  comment ; tag:value",
	"\x1b[2J\x1b]0;title\x07",
	"\xc2\x9b"
	"31m\xc2\x9d"
	"0;title\xc2\x9c", /* the same in C1 */
	"line\nmaillon: all is well\r\nend",
	"nul\x01\x02\x7f",
	"\xe2\x80\xae"
	"desrever", /* written from the right */
	"zero\xe2\x80\x8bwidth\xef\xbb\xbf\xe2\x81\xa6",
	"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d = -1", /* Hebrew */
	"\xe9\x9d\xa2\xe5\x85\xb7\xe9\x9d\xa2\xe5\x85\xb7\xe9\x9d\xa2\xe5\x85"
	"\xb7\xe9\x9d\xa2\xe5\x85\xb7\xe9\x9d\xa2\xe5\x85\xb7" /* wide */
	"<b>=a text as long as is allowed, and longer than that by far, which "
	"goes on and on and on and on and on and on and on and on and on and "
	"on and on and on and on and on and on and on and on and on and on and "
	"on and on and on and on and on and on",
};

/* A fact on its way: its bytes, canonical. */
struct piece {
	unsigned key;
	const uint8_t *p;
	size_t n;
};

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "pen: %s\n", what);
	exit(2);
}

/* As much of a text as the fact may have, whole characters. */
static size_t cut(const char *text, size_t max)
{
	size_t n = strlen(text);

	if (n > max)
		for (n = max; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
			n--;
	return n;
}

/* The facts of an entry with the text wherever one may stand. */
static size_t rewrite(uint8_t *out, size_t max, const struct entry *e,
		      const char *text, bool is_last)
{
	const struct kind_rule *kind = kind_rule(e->kind);
	struct piece piece[256] = { { 0, NULL, 0 } };
	struct wr w;
	struct rd r;
	uint32_t pairs;
	size_t n, all = 0;

	rd_init(&r, e->facts, e->facts_n);
	pairs = rd_map(&r, 255);
	for (; pairs > 0; pairs--) {
		unsigned key = (unsigned)rd_uint(&r, 255);

		piece[key].p = r.p;
		rd_skip(&r, 8);
		piece[key].n = (size_t)(r.p - piece[key].p);
	}
	must(rd_end(&r) == 0, "what it recorded cannot be read");
	piece[FACT_WHEN].n = is_last ? SIZE_MAX : piece[FACT_WHEN].n;
	/* A key that was used before would make it no record of its own. */
	piece[FACT_KEY].n = 0;
	for (unsigned key = 0; key < FACT_LIMIT; key++) {
		const struct fact_rule *rule = fact_rule(key);

		if (rule != NULL && rule->type == TYPE_TEXT &&
		    kind_takes(kind, key))
			piece[key].n = SIZE_MAX;
	}
	for (unsigned key = 0; key < 256; key++)
		all += piece[key].n > 0;
	wr_init(&w, out, max);
	wr_map(&w, (uint32_t)all);
	for (unsigned key = 0; key < 256; key++) {
		if (piece[key].n == 0)
			continue;
		wr_uint(&w, key);
		if (key == FACT_WHEN && is_last)
			wr_uint(&w, LIMIT_TIME_MS);
		else if (piece[key].n == SIZE_MAX)
			wr_text(&w, text, cut(text, fact_rule(key)->max));
		else
			wr_raw(&w, piece[key].p, piece[key].n);
	}
	must(wr_end(&w, &n) == 0, "too long");
	return n;
}

static void sign(struct keeper *k, struct head *head, uint32_t kind,
		 const uint8_t *facts, size_t facts_n)
{
	static uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	struct id id;
	size_t n;
	struct entry_plan plan = { .seq = head->seq + 1,
				   .prev = head->id,
				   .time_ms =
					   UINT64_C(1590969600000) + head->seq,
				   .kind = kind,
				   .facts = facts,
				   .facts_n = facts_n };

	must(entry_seal(raw, &n, &plan, k->node) == 0 &&
		     entry_decode(&e, raw, n) == 0,
	     "not even an entry");
	id = entry_id(&e);
	must(store_append(k->store, &e, &id) == 0, "not taken in");
	head->seq = e.seq;
	head->id = id;
}

static void sign_strange(struct keeper *k, struct head *head, const char *text)
{
	uint8_t facts[1024];
	struct wr w;
	size_t n;

	wr_init(&w, facts, sizeof(facts));
	wr_map(&w, 1);
	wr_uint(&w, STRANGE_FACT);
	wr_text(&w, text, strlen(text));
	must(wr_end(&w, &n) == 0, "too long");
	sign(k, head, STRANGE_KIND, facts, n);
}

/* One record again, and again. */
static void sign_copies(struct keeper *k, struct head *head, uint64_t seq)
{
	static uint8_t raw[LIMIT_ENTRY], facts[LIMIT_ENTRY];
	const struct kind_rule *kind;
	const size_t all = sizeof(texts) / sizeof(texts[0]);
	struct entry e;
	size_t n;

	must(store_entry(k->store, &k->feed, seq, raw, &n) == 0 &&
		     entry_decode(&e, raw, n) == 0,
	     "its own entry is not there");
	kind = kind_rule(e.kind);
	if (kind == NULL || !kind->is_recorded)
		return;
	for (size_t i = 0; i < all; i++)
		sign(k, head, e.kind, facts,
		     rewrite(facts, sizeof(facts), &e, texts[i], i + 1 == all));
}

int main(int argc, char **argv)
{
	struct home home;
	struct keeper *k;
	struct head head;
	uint64_t last;

	must(argc == 2, "usage: pen HOME");
	must(crypto_start() == 0, "no randomness");
	must(home_init(&home, argv[1]) == 0 && keeper_open(&k, &home) == 0,
	     "this home cannot be opened");
	must(store_begin(k->store) == 0 &&
		     store_head(k->store, &k->feed, &head) == 0,
	     "no feed");
	last = head.seq < COPIES_OF ? head.seq : COPIES_OF;
	for (uint64_t seq = 1; seq <= last; seq++)
		sign_copies(k, &head, seq);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		sign_strange(k, &head, texts[i]);
	must(store_commit(k->store) == 0, "not kept");
	keeper_mark(k);
	printf("%llu\n", (unsigned long long)head.seq);
	keeper_close(k);
	return 0;
}
