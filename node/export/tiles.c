#include "node/export/export.h"

#include "crypto/err.h"
#include "crypto/keyfile.h"
#include "crypto/merkle.h"
#include "node/proof/logtree.h"
#include "proto/attest/treehead.h"
#include "proto/grow.h"
#include "store/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * c2sp.org/tlog-tiles v0.1.0: `checkpoint`, tile/L/N with 256 hashes each (the
 * last one of a level is tile/L/N.p/W with W of them), tile/entries/N with the
 * leaves, each after its length in two bytes.  A leaf is the id of an entry.
 */

enum { TILE = 256, PATH_MAX_OURS = 4096 };

struct tiling {
	const struct exporting *x;
	char dir[PATH_MAX_OURS - 160]; /* where it grows */
	bool has;
	struct pubkey feed;      /* whose tree */
	struct attest_mark mark; /* the checkpoint that is exported */
	uint64_t mark_ms;        /* when it was made, as its node said */
	struct logtree_ids ids;
	struct sha *hash; /* of the level under way */
	size_t hash_n, hash_max;
};

static int make_dir(const char *path)
{
	if (mkdir(path, 0777) == 0 || errno == EEXIST)
		return 0;
	return errno == EACCES ? ERR_DENIED : ERR_IO;
}

/* A number as the path of a tile: 1234067 is x001/x234/067. */
static void number_path(char out[static 64], uint64_t n)
{
	char text[64];
	size_t at = sizeof(text) - 4;

	snprintf(text + at, 4, "%03u", (unsigned)(n % 1000));
	for (n /= 1000; n > 0; n /= 1000) {
		char part[8];

		snprintf(part, sizeof(part), "x%03u/", (unsigned)(n % 1000));
		at -= 5;
		memcpy(text + at, part, 5);
	}
	memcpy(out, text + at, sizeof(text) - at);
}

/* Every folder on the way to a file below t->dir. */
static int make_way(char *path, size_t from)
{
	int err = 0;

	for (char *p = path + from; err == 0 && (p = strchr(p, '/')) != NULL;
	     p++) {
		*p = '\0';
		err = make_dir(path);
		*p = '/';
	}
	return err;
}

static int write_file(const struct tiling *t, const char *name, const void *p,
		      size_t n)
{
	char path[PATH_MAX_OURS];
	FILE *file;
	bool ok;
	int err;

	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	err = make_way(path, strlen(t->dir) + 1);
	if (err != 0)
		return err;
	file = fopen(path, "wb");
	if (file == NULL)
		return errno == EACCES ? ERR_DENIED : ERR_IO;
	ok = fwrite(p, 1, n, file) == n && fflush(file) == 0 &&
	     fsync(fileno(file)) == 0;
	return fclose(file) == 0 && ok ? 0 : ERR_IO;
}

/* One tile of `level` ("0", "entries"): w of its TILE things. */
static int write_tile(const struct tiling *t, const char *level, uint64_t n,
		      size_t w, const void *p, size_t size)
{
	char name[128], number[64];

	number_path(number, n);
	if (w == TILE)
		snprintf(name, sizeof(name), "tile/%s/%s", level, number);
	else
		snprintf(name, sizeof(name), "tile/%s/%s.p/%zu", level, number,
			 w);
	return write_file(t, name, p, size);
}

/* Hashes of one level become tiles, and full ones the hashes of the next. */
static int write_levels(struct tiling *t)
{
	int err = 0;

	for (unsigned level = 0; t->hash_n > 0 && err == 0; level++) {
		size_t full = 0;
		char name[8];

		snprintf(name, sizeof(name), "%u", level);
		for (size_t i = 0; i < t->hash_n && err == 0; i += TILE) {
			size_t w = t->hash_n - i < TILE ? t->hash_n - i : TILE;
			struct merkle m;

			err = write_tile(t, name, i / TILE, w, t->hash + i,
					 w * sizeof(*t->hash));
			merkle_init(&m);
			/* Fewer than MERKLE_SIZE_MAX, so it cannot fail. */
			for (size_t k = 0; k < TILE && w == TILE; k++)
				merkle_append(&m, &t->hash[i + k]);
			if (w == TILE)
				t->hash[full++] = merkle_root(&m);
		}
		t->hash_n = full;
	}
	return err;
}

/* The leaves themselves, and what the tree is made of. */
static int write_leaves(struct tiling *t)
{
	uint8_t bundle[TILE * (2 + ID_SIZE)];
	const struct attest_source source = logtree_source(&t->ids);
	size_t in = 0, left = t->mark.head.size;
	struct attest tree;
	int err = logtree_load(&tree, t->x->store, &t->feed);

	t->ids.store = t->x->store;
	for (size_t i = 0; i < tree.runs_n && left > 0; i++) {
		const struct attest_run *r = &tree.runs[i];

		for (uint64_t seq = r->from;
		     seq <= r->to && left > 0 && err == 0; seq++, left--) {
			struct id id;

			err = source.id(source.cookie, &id, &r->feed, seq);
			if (err == 0)
				err = grow(&t->hash, &t->hash_max, t->hash_n,
					   sizeof(*t->hash));
			if (err != 0)
				break;
			t->hash[t->hash_n++] = merkle_leaf(id.b, ID_SIZE);
			bundle[in++] = 0;
			bundle[in++] = ID_SIZE;
			memcpy(bundle + in, id.b, ID_SIZE);
			in += ID_SIZE;
			if (in < sizeof(bundle) && left > 1)
				continue;
			err = write_tile(t, "entries", (t->hash_n - 1) / TILE,
					 in / (2 + ID_SIZE), bundle, in);
			in = 0;
		}
	}
	attest_release(&tree);
	return err;
}

/* The checkpoint with the log's signature, and the first cosignature of each
 * witness. */
static int write_checkpoint(const struct tiling *t)
{
	struct logtree_cosigned all = { .at = NULL };
	char text[CHECKPOINT_SIZE], line[NOTE_LINE_SIZE], *note = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&note, &n);
	int err = out == NULL ? ERR_NOMEM
			      : treehead_text(text, &n, &t->mark.head);

	if (err == 0)
		err = logtree_witnesses(&all, t->x->store, &t->feed);
	if (err == 0) {
		treehead_line(line, &t->mark.head, &t->mark.sig);
		fprintf(out, "%s\n%s", text, line);
	}
	for (size_t i = 0; i < all.n && err == 0; i++) {
		const struct cosigned *c = &all.at[i];
		size_t k = 0;

		if (c->head.size != t->mark.head.size ||
		    !sha_eq(&c->head.root, &t->mark.head.root))
			continue;
		while (k < i && (all.at[k].head.size != c->head.size ||
				 !pubkey_eq(&all.at[k].witness, &c->witness)))
			k++;
		if (k < i)
			continue;
		treehead_cosign_line(line, &t->mark.head, &c->witness,
				     c->time_s, &c->sig);
		fputs(line, out);
	}
	if (out != NULL && fclose(out) != 0 && err == 0)
		err = ERR_NOMEM;
	if (err == 0)
		err = write_file(t, "checkpoint", note, n);
	free(note);
	free(all.at);
	return err;
}

/* The newest checkpoint of one feed that is that of its entries. */
static int look_in(struct tiling *t, const struct pubkey *feed)
{
	struct attest_point *points = NULL;
	struct attest tree;
	int err = logtree_load(&tree, t->x->store, feed);

	if (err == 0)
		err = logtree_roots(&points, &tree, t->x->store);
	for (size_t i = 0; i < tree.marks_n && err == 0; i++) {
		struct entry e;
		size_t n;

		if (attest_judge(&tree, i, points, tree.marks_n) !=
		    ATTEST_RIGHT)
			continue;
		err = store_entry(t->x->store, feed, tree.marks[i].at.seq,
				  t->ids.raw, &n);
		if (err == 0)
			err = entry_decode(&e, t->ids.raw, n);
		if (err != 0 || (t->has && e.time_ms < t->mark_ms))
			continue;
		t->has = true;
		t->feed = *feed;
		t->mark = tree.marks[i];
		t->mark_ms = e.time_ms;
	}
	free(points);
	attest_release(&tree);
	return err;
}

static int look_for(struct tiling *t)
{
	const struct roster *r = t->x->roster;
	int err = 0;

	for (size_t i = 0; i < roster_feed_count(r) && err == 0; i++) {
		const struct roster_feed *f = roster_feed_at(r, i);

		if (pubkey_eq(&f->identity, &t->x->accounts->identity))
			err = look_in(t, &f->feed);
	}
	return err == 0 && !t->has ? ERR_NOT_FOUND : err;
}

/* What could not be finished does not stay. */
static void remove_tree(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, d->d_name, 0) != 0)
			remove_tree(fd, d->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	unlinkat(at, name, AT_REMOVEDIR);
}

static int write_folder(struct tiling *t)
{
	int err;

	if (mkdir(t->dir, 0777) != 0)
		return errno == EEXIST   ? ERR_EXISTS
		       : errno == EACCES ? ERR_DENIED
					 : ERR_IO;
	err = write_leaves(t);
	if (err == 0)
		err = write_levels(t);
	if (err == 0)
		err = write_checkpoint(t);
	if (err == 0 &&
	    (rename(t->dir, t->x->dir) != 0 || file_sync_dir(t->x->dir) != 0))
		err = ERR_IO;
	if (err != 0)
		remove_tree(AT_FDCWD, t->dir);
	return err;
}

/* Without the slashes at its end, which are no part of a name. */
static size_t name_length(const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && n < INT_MAX && dir[n - 1] == '/')
		n--;
	return n;
}

int export_tiles(const struct exporting *x)
{
	struct tiling *t = calloc(1, sizeof(*t));
	struct stat st;
	int err = t == NULL ? ERR_NOMEM : 0;
	int n;

	if (err == 0 && lstat(x->dir, &st) == 0)
		err = ERR_EXISTS;
	if (err == 0) {
		t->x = x;
		n = snprintf(t->dir, sizeof(t->dir), "%.*s.part",
			     (int)name_length(x->dir), x->dir);
		err = n < 0 || (size_t)n >= sizeof(t->dir) ? ERR_LIMIT : 0;
	}
	if (err == 0)
		err = look_for(t);
	if (err == 0)
		err = write_folder(t);
	if (t != NULL)
		free(t->hash);
	free(t);
	return err;
}
