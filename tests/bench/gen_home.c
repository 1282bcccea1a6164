#include "crypto/curve.h"
#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "node/home.h"
#include "proto/entry.h"
#include "store/log.h"
#include "store/private.h"
#include "store/store.h"
#include "tests/bench/bench.h"
#include "tests/bench/gen_priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Changes when the same plan makes another ledger: homes of before are made
 * anew. */
enum { GEN_VERSION = 1 };

enum { MARK = 128 };

void gen_remove(const char *dir)
{
	char path[2 * BENCH_PATH];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL) {
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			gen_remove(path);
		else
			unlink(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

/* A home that was finished says what is in it. */
static void mark_text(char out[static MARK], const struct gen_plan *plan)
{
	snprintf(out, MARK, "bench %d: %zu entries in %zu feeds\n", GEN_VERSION,
		 plan->entries, plan->feeds);
}

static bool is_marked(const char *dir, const struct gen_plan *plan)
{
	char path[BENCH_PATH], want[MARK], got[MARK] = "";
	FILE *f;
	bool ok;

	mark_text(want, plan);
	bench_join(path, dir, "bench");
	f = fopen(path, "r");
	ok = f != NULL && fgets(got, sizeof(got), f) != NULL &&
	     strcmp(got, want) == 0;
	if (f != NULL)
		fclose(f);
	return ok;
}

/* Finished, and of a layout that this program reads. */
static bool is_usable(const char *dir, const struct gen_plan *plan)
{
	struct store *s = NULL;
	struct home h;
	bool ok = is_marked(dir, plan) && home_init(&h, dir) == 0 &&
		  store_open(&s, h.ledger, STORE_READ) == 0;

	store_close(s);
	return ok;
}

static void mark(const char *dir, const struct gen_plan *plan)
{
	char path[BENCH_PATH], text[MARK];
	FILE *f;

	mark_text(text, plan);
	bench_join(path, dir, "bench");
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		bench_stop("cannot write %s", path);
}

static void write_key(const struct home *h, enum home_key which,
		      const uint8_t secret[static KEYFILE_SECRET])
{
	char path[HOME_PATH];

	bench_must(home_key_path(h, path, which), "a key's path");
	bench_must(keyfile_create(path, home_key_kind(which), secret, NULL),
		   path);
}

/* An empty folder with the keys of a person. */
static void make_home(struct home *h, const char *dir,
		      const struct gen_plan *plan, size_t who)
{
	struct profile profile = { .name = "", .place = "FR-88" };
	uint8_t secret[KEYFILE_SECRET];

	gen_remove(dir);
	bench_must(home_init(h, dir), dir);
	bench_must(home_create(h), dir);
	gen_seed(secret, GEN_IDENTITY, who);
	write_key(h, KEY_IDENTITY, secret);
	gen_seed(secret, GEN_NODE, who);
	write_key(h, KEY_NODE, secret);
	gen_transport(secret, who);
	write_key(h, KEY_TRANSPORT, secret);
	gen_seed(secret, GEN_MEMBER, who);
	write_key(h, KEY_MEMBER, secret);
	bench_must(home_new_keys(h, NULL), dir);
	gen_label(profile.label, plan, who);
	bench_must(profile_save(&profile, h), h->profile);
}

static struct pubkey feed_of(size_t who)
{
	struct seckey *key = gen_key(GEN_NODE, who);
	struct pubkey feed = seckey_pub(key);

	seckey_close(key);
	return feed;
}

/* The ledger of a person that knows its network. */
static struct store *make_ledger(const struct home *h, const struct id *network,
				 size_t who)
{
	struct pubkey feed = feed_of(who);
	struct store *s = NULL;

	bench_must(store_open(&s, h->ledger, STORE_CREATE), h->ledger);
	bench_must(store_begin(s), h->ledger);
	bench_must(store_init(s, network), h->ledger);
	bench_must(store_set_own(s, &feed), h->ledger);
	bench_must(store_commit(s), h->ledger);
	return s;
}

struct raw {
	const uint8_t *p;
	size_t n;
};

struct list {
	struct raw *at;
	size_t n;
};

static void list_entry(void *arg, const uint8_t *raw, size_t n)
{
	struct list *l = arg;

	l->at[l->n++] = (struct raw){ raw, n };
}

static int append(struct store *s, const struct raw *raw)
{
	struct entry e;
	struct id id;
	int err = entry_decode(&e, raw->p, raw->n);

	if (err != 0)
		return err;
	id = entry_id(&e);
	return store_append(s, &e, &id);
}

/* One batch from `at` on; where it ends. */
static size_t append_batch(struct store *s, const struct list *l, size_t at)
{
	size_t bytes, i;
	int err;

	do {
		err = store_begin(s);
		bytes = 0;
		for (i = at; err == 0 && i < l->n && bytes < STORE_BATCH_MAX;
		     i++) {
			err = append(s, &l->at[i]);
			bytes += l->at[i].n;
		}
		if (err == 0)
			err = store_commit(s);
		else
			store_abort(s);
	} while (err == ERR_BUSY);
	bench_must(err, "the store, while making a ledger");
	return i;
}

static void append_all(struct store *s, const struct gen *g)
{
	struct list l = { .n = 0 };

	l.at = malloc(g->plan.entries * sizeof(*l.at));
	if (l.at == NULL)
		bench_stop("no memory for the ledger");
	gen_each(g, list_entry, &l);
	for (size_t at = 0; at < l.n;)
		at = append_batch(s, &l, at);
	free(l.at);
}

void gen_home(const char *dir, struct gen *g, const struct gen_plan *plan)
{
	struct store *s;
	struct home h;
	double start = bench_now();

	if (is_usable(dir, plan))
		return;
	bench_say("making %s: %zu entries in %zu feeds", dir, plan->entries,
		  plan->feeds);
	if (g->feeds == NULL)
		gen_open(g, plan);
	make_home(&h, dir, plan, GEN_HUB);
	s = make_ledger(&h, &g->network, GEN_HUB);
	bench_say("  signed after %.1f s", bench_now() - start);
	append_all(s, g);
	store_close(s);
	mark(dir, plan);
	bench_say("  stored after %.1f s", bench_now() - start);
}

struct loading {
	struct gen *g;
	struct store *s;
	size_t n;
};

static int load_entry(void *arg, const uint8_t *raw, size_t n)
{
	gen_keep(arg, raw, n);
	return 0;
}

static int load_feed(void *arg, const struct head *head)
{
	struct loading *l = arg;
	struct gen_feed *f;

	if (l->n == l->g->plan.feeds)
		bench_stop("a home has more feeds than were made");
	f = &l->g->feeds[l->n++];
	f->feed = head->feed;
	return store_entries(l->s, &head->feed, 1, load_entry, f);
}

void gen_load(struct gen *g, const char *dir, const struct gen_plan *plan)
{
	struct loading l = { .g = g };
	struct home h;

	*g = (struct gen){ .plan = *plan };
	g->feeds = calloc(plan->feeds, sizeof(*g->feeds));
	if (g->feeds == NULL)
		bench_stop("no memory for the ledger");
	bench_must(home_init(&h, dir), dir);
	bench_must(store_open(&l.s, h.ledger, STORE_READ), h.ledger);
	if (!store_network(l.s, &g->network))
		bench_stop("%s has no network", dir);
	bench_must(store_heads(l.s, load_feed, &l), h.ledger);
	store_close(l.s);
	if (l.n != plan->feeds)
		bench_stop("%s has %zu feeds, not %zu", dir, l.n, plan->feeds);
	for (size_t i = 0; i < l.n; i++)
		g->bytes +=
			g->feeds[i].n - g->feeds[i].entries * sizeof(uint32_t);
}

static void copy_file(const char *to, const char *from)
{
	char *buf = malloc(1 << 20);
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	size_t n;

	if (buf == NULL || in == NULL || out == NULL)
		bench_stop("cannot copy %s to %s", from, to);
	while ((n = fread(buf, 1, 1 << 20, in)) > 0)
		if (fwrite(buf, 1, n, out) != n)
			bench_stop("cannot write %s", to);
	if (ferror(in) || fclose(out) != 0)
		bench_stop("cannot copy %s to %s", from, to);
	fclose(in);
	free(buf);
}

void gen_copy(const char *dir, const char *from, const struct gen_plan *plan,
	      size_t who)
{
	char source[BENCH_PATH], target[BENCH_PATH];
	struct pubkey feed = feed_of(who);
	struct store *s = NULL;
	struct home h;

	make_home(&h, dir, plan, who);
	bench_join(source, from, "ledger/data.mdb");
	bench_join(target, dir, "ledger");
	if (mkdir(target, 0700) != 0)
		bench_stop("cannot make %s", target);
	bench_join(target, dir, "ledger/data.mdb");
	copy_file(target, source);
	bench_must(store_open(&s, h.ledger, STORE_WRITE), h.ledger);
	bench_must(store_begin(s), h.ledger);
	bench_must(store_set_own(s, &feed), h.ledger);
	bench_must(store_commit(s), h.ledger);
	store_close(s);
}

void gen_empty(const char *dir, const struct gen_plan *plan)
{
	uint8_t charter[LIMIT_CHARTER], raw[LIMIT_ENTRY];
	struct id network = hash_id(charter, gen_charter(charter));
	size_t who = gen_auditor(plan);
	struct seckey *key = gen_key(GEN_NODE, who);
	struct raw open = { raw, 0 };
	struct list l = { &open, 1 };
	struct store *s;
	struct home h;

	open.n = gen_open_entry(raw, &network, who, key);
	seckey_close(key);
	make_home(&h, dir, plan, who);
	s = make_ledger(&h, &network, who);
	append_batch(s, &l, 0);
	store_close(s);
}

static size_t carried(const uint8_t *raw, size_t n)
{
	struct entry e;

	bench_must(entry_decode(&e, raw, n), "an entry");
	return entry_tail(&e).n + SIG_SIZE;
}

size_t gen_append(const char *dir, const struct gen_plan *plan, size_t from,
		  size_t n)
{
	size_t first = (plan->feeds + 99) / 100 + 1 + from;
	uint8_t raw[LIMIT_ENTRY], buf[GEN_ROOM];
	struct store *s = NULL;
	size_t bytes = 0;
	struct home h;

	bench_must(home_init(&h, dir), dir);
	bench_must(store_open(&s, h.ledger, STORE_WRITE), h.ledger);
	for (size_t i = first; i < first + n; i++) {
		struct seckey *key = gen_key(GEN_NODE, i);
		struct pubkey feed = seckey_pub(key);
		struct list l = { NULL, 1 };
		struct record rec;
		struct head head;
		struct raw at = { raw, 0 };

		bench_must(store_head(s, &feed, &head), "a maker's feed");
		gen_produce(&rec, buf, i, head.seq);
		at.n = gen_sign(raw, &rec, key, head.seq + 1, &head.id);
		l.at = &at;
		append_batch(s, &l, 0);
		bytes += carried(raw, at.n);
		seckey_close(key);
	}
	store_close(s);
	return bytes;
}

enum { CURSORS = 16, CURSOR_KEY = 33 };

/* The keys of cursors, as host_cursor.c has them. */
struct cursors {
	uint8_t key[CURSORS][CURSOR_KEY];
	size_t n;
};

static int note_cursor(void *arg, const uint8_t *key, size_t key_n,
		       const uint8_t *value, size_t value_n)
{
	struct cursors *c = arg;

	(void)value;
	(void)value_n;
	if (key_n == CURSOR_KEY && c->n < CURSORS)
		memcpy(c->key[c->n++], key, key_n);
	return 0;
}

void gen_forget(const char *dir)
{
	struct cursors c = { .n = 0 };
	struct store *s = NULL;
	struct home h;

	bench_must(home_init(&h, dir), dir);
	bench_must(store_open(&s, h.ledger, STORE_WRITE), h.ledger);
	bench_must(store_each(s, TABLE_PEERS, "c", 1, note_cursor, &c), dir);
	for (size_t i = 0; i < c.n; i++)
		bench_must(store_del(s, TABLE_PEERS, c.key[i], CURSOR_KEY),
			   dir);
	store_close(s);
}
