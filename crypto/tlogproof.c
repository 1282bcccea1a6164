#include "crypto/tlogproof.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/note.h"

#include <string.h>

#define FIRST "c2sp.org/tlog-proof@v1"

/* What encode has written so far; full sticks once something did not fit. */
struct sink {
	char *p;
	size_t n, max;
	bool full;
};

static void put(struct sink *s, const char *p, size_t n)
{
	if (s->full || n > s->max - s->n) {
		s->full = true;
		return;
	}
	memcpy(s->p + s->n, p, n);
	s->n += n;
}

static void put_text(struct sink *s, const char *text)
{
	put(s, text, strlen(text));
}

static int check_extra(struct text extra)
{
	size_t n;

	if (extra.n > TLOGPROOF_EXTRA_MAX)
		return ERR_LIMIT;
	/* Above a limit of nothing: well formed, and something. */
	return b64_decode(NULL, 0, &n, extra.p, extra.n) == ERR_LIMIT
		       ? 0
		       : ERR_FORMAT;
}

static int check_note(struct text note)
{
	if (note.n > NOTE_MAX)
		return ERR_LIMIT;
	return note.n > 0 ? 0 : ERR_FORMAT;
}

int tlogproof_encode(char *out, size_t max, size_t *n,
		     const struct tlogproof *p)
{
	struct sink s = { .p = out, .max = max };
	char index[DEC_SIZE], hash[B64_SIZE(sizeof(struct sha))];
	int err = check_note(p->note);

	if (err == 0 && p->extra.p != NULL)
		err = check_extra(p->extra);
	if (err != 0)
		return err;
	if (p->index >= MERKLE_SIZE_MAX || p->path.n > MERKLE_PATH_MAX)
		return ERR_LIMIT;

	put_text(&s, FIRST "\n");
	if (p->extra.p != NULL) {
		put_text(&s, "extra ");
		put(&s, p->extra.p, p->extra.n);
		put_text(&s, "\n");
	}
	dec_encode(index, p->index);
	put_text(&s, "index ");
	put_text(&s, index);
	for (size_t i = 0; i < p->path.n; i++) {
		b64_encode(hash, p->path.hash[i].b, sizeof(struct sha));
		put_text(&s, "\n");
		put_text(&s, hash);
	}
	put_text(&s, "\n\n");
	put(&s, p->note.p, p->note.n);
	if (s.full || s.n > TLOGPROOF_MAX)
		return ERR_LIMIT;
	*n = s.n;
	return 0;
}

/* The hashes of a path, up to and with the empty line. */
static int read_path(struct merkle_path *path, struct text *rest)
{
	struct text line;
	size_t n;

	for (;;) {
		struct sha *hash = &path->hash[path->n];

		if (!text_cut(rest, &line, '\n'))
			return ERR_FORMAT;
		if (line.n == 0)
			return 0;
		if (path->n == MERKLE_PATH_MAX)
			return ERR_LIMIT;
		if (b64_decode(hash->b, sizeof(hash->b), &n, line.p, line.n) !=
			    0 ||
		    n != sizeof(hash->b))
			return ERR_FORMAT;
		path->n++;
	}
}

int tlogproof_decode(struct tlogproof *out, const char *text, size_t n)
{
	struct text rest = { text, n }, line;
	struct tlogproof p = { 0 };
	int err;

	if (n > TLOGPROOF_MAX)
		return ERR_LIMIT;
	if (!text_skip(&rest, FIRST "\n") || !text_cut(&rest, &line, '\n'))
		return ERR_FORMAT;
	if (text_skip(&line, "extra ")) {
		p.extra = line;
		err = check_extra(line);
		if (err != 0)
			return err;
		if (!text_cut(&rest, &line, '\n'))
			return ERR_FORMAT;
	}
	if (!text_skip(&line, "index "))
		return ERR_FORMAT;
	err = dec_decode(&p.index, MERKLE_SIZE_MAX - 1, line.p, line.n);
	if (err == 0)
		err = read_path(&p.path, &rest);
	p.note = rest;
	if (err == 0)
		err = check_note(p.note);
	if (err == 0)
		*out = p;
	return err;
}
