#include "store/ranks.h"

#include "crypto/err.h"

#include <string.h>

static size_t put(uint8_t *out, size_t at, const void *p, size_t n)
{
	memcpy(out + at, p, n);
	return at + n;
}

size_t rank_of_key(uint8_t out[static RANK_KEY_SIZE],
		   const struct pubkey *identity)
{
	out[0] = RANK_OF;
	return put(out, 1, identity->b, KEY_SIZE);
}

size_t rank_label_key(uint8_t out[static RANK_KEY_SIZE], const char *label,
		      const struct pubkey *identity)
{
	size_t n;

	out[0] = RANK_LABEL;
	n = put(out, 1, label, strlen(label) + 1);
	return identity == NULL ? n : put(out, n, identity->b, KEY_SIZE);
}

size_t rank_above_key(uint8_t out[static RANK_KEY_SIZE],
		      const struct pubkey *above,
		      const struct pubkey *association)
{
	size_t n;

	out[0] = RANK_ABOVE;
	n = put(out, 1, above->b, KEY_SIZE);
	return association == NULL ? n : put(out, n, association->b, KEY_SIZE);
}

static size_t rank_encode(uint8_t out[static RANK_SIZE], const struct member *m)
{
	out[0] = m->depth > UINT8_MAX ? UINT8_MAX : (uint8_t)m->depth;
	out[1] = (uint8_t)m->role;
	put(out, 2, m->association.b, KEY_SIZE);
	return put(out, 2 + KEY_SIZE, m->label, strlen(m->label));
}

int rank_decode(struct rank_row *out, const struct pubkey *identity,
		struct span value)
{
	size_t n = value.n - 2 - KEY_SIZE;

	if (value.n < 2 + KEY_SIZE || n > LIMIT_LABEL)
		return ERR_FORMAT;
	*out = (struct rank_row){ .identity = *identity, .depth = value.p[0] };
	out->role = (enum role)value.p[1];
	memcpy(out->association.b, value.p + 2, KEY_SIZE);
	memcpy(out->label, value.p + 2 + KEY_SIZE, n);
	return 0;
}

/* Who hears of a row, and whose it is. */
struct showing {
	db_visit *visit;
	void *arg;
	const struct pubkey *association;
};

static int show_above(void *arg, const struct member *above)
{
	struct showing *w = arg;
	uint8_t key[RANK_KEY_SIZE];
	size_t n = rank_above_key(key, &above->identity, w->association);

	if (above->role != ROLE_ASSOCIATION)
		return 0;
	return w->visit(w->arg, (struct span){ key, n },
			(struct span){ key, 0 });
}

static int show_association(struct store *s, const struct member *m,
			    struct showing *w)
{
	static const struct member all = { .role = ROLE_ASSOCIATION };
	int err = show_above(w, &all);

	if (err == 0)
		err = show_above(w, m);
	return err != 0 ? err
			: roster_above(s->roster, &m->identity, show_above, w);
}

int ranks_each(struct store *s, const struct member *m, db_visit *visit,
	       void *arg)
{
	struct showing w = { visit, arg, &m->identity };
	uint8_t key[RANK_KEY_SIZE], value[RANK_SIZE];
	size_t n = rank_of_key(key, &m->identity);
	int err = visit(arg, (struct span){ key, n },
			(struct span){ value, rank_encode(value, m) });

	n = rank_label_key(key, m->label, &m->identity);
	if (err == 0)
		err = visit(arg, (struct span){ key, n },
			    (struct span){ value, 0 });
	if (err != 0 || m->role != ROLE_ASSOCIATION)
		return err;
	return show_association(s, m, &w);
}

static int put_row(void *arg, struct span key, struct span value)
{
	struct store *s = arg;

	return db_put(s->db, DB_RANK, key, value);
}

int ranks_put(struct store *s, const struct pubkey *identity)
{
	const struct member *m = roster_member(s->roster, identity);

	return m == NULL ? 0 : ranks_each(s, m, put_row, s);
}

int ranks_rebuild(struct store *s)
{
	int err = db_clear(s->db, DB_RANK);

	for (size_t i = 0; err == 0 && i < roster_count(s->roster); i++)
		err = ranks_each(s, roster_at(s->roster, i), put_row, s);
	return err;
}
