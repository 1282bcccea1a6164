#include "proto/roster/amendment.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/roster/limits.h"
#include "proto/roster/roster_fold.h"

#include <stdlib.h>
#include <string.h>

/* One founder's word for one charter. */
struct ballot {
	uint64_t number;
	struct id charter;
	struct pubkey by;
	size_t said;
};

struct ballots {
	struct ballot *at; /* rising number, charter, by */
	size_t n;
};

const struct charter *roster_first_charter(const struct roster *r)
{
	return r->has_charter ? &r->charter : NULL;
}

uint64_t roster_amended(const struct roster *r, struct id *charter)
{
	*charter = r->fold.charter_id;
	return r->fold.amended;
}

/* PROTOCOL: It keeps currency, created_ms and nonce, and all founders. */
bool amendment_keeps(const struct charter *now, const struct charter *next)
{
	for (size_t i = 0; i < now->founders_n; i++)
		if (!charter_has_founder(next, &now->founders[i].identity))
			return false;
	return strcmp(now->currency, next->currency) == 0 &&
	       now->created_ms == next->created_ms &&
	       memcmp(now->nonce, next->nonce, CHARTER_NONCE) == 0;
}

static int by_all(const void *a, const void *b)
{
	const struct ballot *x = a, *y = b;
	int c;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	c = id_cmp(&x->charter, &y->charter);
	return c != 0 ? c : pubkey_cmp(&x->by, &y->by);
}

/* *is_one: it is a ballot, and counts so far. */
static int read_ballot(struct ballot *out, bool *is_one, const struct fold *f,
		       const struct roster *r, size_t i)
{
	const struct said *s = &r->said[i];
	struct record rec;
	uint64_t upto;
	int err;

	*is_one = false;
	if (s->kind != KIND_CHARTER)
		return 0;
	err = keys_founder(&out->by, &upto, f, r, &s->feed);
	if (err != 0 || s->seq > upto)
		return err;
	said_read(&rec, s);
	if (!record_has(&rec, FACT_NUMBER) ||
	    dec_decode(&out->number, LIMIT_SEQ,
		       (const char *)rec.v[FACT_NUMBER].p,
		       rec.v[FACT_NUMBER].n) != 0)
		return 0;
	memcpy(out->charter.b, s->key, ID_SIZE);
	out->said = i;
	*is_one = true;
	return 0;
}

static int collect(struct ballots *b, const struct fold *f,
		   const struct roster *r)
{
	size_t n = 0;
	bool is_one;
	int err = 0;

	*b = (struct ballots){ NULL, 0 };
	for (size_t i = 0; i < r->said_n; i++)
		n += r->said[i].kind == KIND_CHARTER;
	if (n == 0)
		return 0;
	b->at = calloc(n, sizeof(*b->at));
	if (b->at == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < r->said_n && err == 0; i++) {
		err = read_ballot(&b->at[b->n], &is_one, f, r, i);
		b->n += err == 0 && is_one;
	}
	qsort(b->at, b->n, sizeof(*b->at), by_all);
	return err;
}

/* What the ballots from *at on, up to another charter, propose to follow now;
 * *at goes on behind them.  False when it may not follow, or no founder wants
 * it. */
static bool read_proposal(struct proposal *out, const struct ballots *b,
			  size_t *at, const struct roster *r,
			  const struct charter *now)
{
	const struct ballot *first = &b->at[*at];
	struct record rec;
	const struct value *v = &rec.v[FACT_CHARTER];

	out->id = first->charter;
	out->by_n = 0;
	for (; *at < b->n && b->at[*at].number == first->number &&
	       id_eq(&b->at[*at].charter, &first->charter);
	     ++*at) {
		const struct pubkey *by = &b->at[*at].by;

		if (charter_has_founder(now, by) &&
		    (out->by_n == 0 || !pubkey_eq(&out->by[out->by_n - 1], by)))
			out->by[out->by_n++] = *by;
	}
	said_read(&rec, &r->said[first->said]);
	return out->by_n > 0 &&
	       charter_decode(&out->charter, v->p, v->n) == 0 &&
	       amendment_keeps(now, &out->charter);
}

/* The first ballot of this number, or where it would be. */
static size_t find_number(const struct ballots *b, uint64_t number)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (b->at[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Founders are at most LIMIT_FOUNDERS, so there is room. */
static void sponsor(struct fold *f, const struct proposal *p)
{
	for (size_t i = 0; i < p->charter.founders_n; i++) {
		const struct pubkey *who = &p->charter.founders[i].identity;
		struct sponsored *s = &f->sponsored[f->sponsored_n];

		if (charter_has_founder(&f->charter, who))
			continue;
		s->founder = *who;
		memcpy(s->by, p->by, sizeof(s->by));
		s->by_n = p->by_n;
		f->sponsored_n++;
	}
}

const struct sponsored *fold_sponsored(const struct fold *f,
				       const struct pubkey *founder)
{
	for (size_t i = 0; i < f->sponsored_n; i++)
		if (pubkey_eq(&f->sponsored[i].founder, founder))
			return &f->sponsored[i];
	return NULL;
}

/* Those who signed for a founder were founders before it: one pass from the
 * last added to the first is enough. */
static bool is_sponsored_by(const struct fold *f, size_t climbed, size_t sender)
{
	const struct pubkey *want = &f->people[sender].m.identity;
	bool is_above[LIMIT_FOUNDERS] = { false };

	for (size_t i = f->sponsored_n; i > 0; i--) {
		const struct sponsored *s = &f->sponsored[i - 1];

		for (size_t k = 0; k < climbed; k++)
			is_above[i - 1] =
				is_above[i - 1] ||
				pubkey_eq(&f->people[f->climb[k]].m.identity,
					  &s->founder);
		if (!is_above[i - 1])
			continue;
		for (size_t k = 0; k < s->by_n; k++) {
			const struct sponsored *up =
				fold_sponsored(f, &s->by[k]);

			if (pubkey_eq(&s->by[k], want))
				return true;
			if (up != NULL)
				is_above[up - f->sponsored] = true;
		}
	}
	return false;
}

bool fold_depends(const struct fold *f, size_t who, size_t sender)
{
	if (sender == SIZE_MAX)
		return false;
	if (who == sender || fold_is_below(f, who, sender))
		return true;
	return f->sponsored_n > 0 &&
	       is_sponsored_by(f, fold_climb(f, who), sender);
}

bool roster_depends(const struct roster *r, const struct pubkey *who,
		    const struct pubkey *sender)
{
	size_t w = fold_person(&r->fold, who);

	return w != SIZE_MAX &&
	       fold_depends(&r->fold, w, fold_person(&r->fold, sender));
}

/* PROTOCOL: An amendment is in force when more than half of the founders before
 * it have said it; at one number the one with the smallest id. */
static bool adopt(struct fold *f, const struct ballots *b,
		  const struct roster *r, struct proposal *p)
{
	uint64_t number = f->amended + 1;
	size_t at = find_number(b, number);

	while (at < b->n && b->at[at].number == number) {
		if (!read_proposal(p, b, &at, r, &f->charter) ||
		    2 * p->by_n <= f->charter.founders_n)
			continue;
		sponsor(f, p);
		f->charter = p->charter;
		f->charter_id = p->id;
		f->amended = number;
		return true;
	}
	return false;
}

int fold_amend(struct fold *f, const struct roster *r)
{
	struct proposal *p;
	struct ballots b;
	int err;

	f->charter_id = r->network;
	if (!r->has_charter)
		return 0;
	f->charter = r->charter;
	err = keys_agree(f, r);
	if (err != 0)
		return err;
	err = collect(&b, f, r);
	if (err != 0 || b.n == 0) {
		free(b.at);
		return err;
	}
	p = malloc(sizeof(*p));
	f->sponsored = calloc(LIMIT_FOUNDERS, sizeof(*f->sponsored));
	err = p == NULL || f->sponsored == NULL ? ERR_NOMEM : 0;
	while (err == 0 && adopt(f, &b, r, p))
		err = keys_agree(f, r);
	free(b.at);
	free(p);
	return err;
}

int roster_proposals(const struct roster *r, proposal_visit *visit, void *arg)
{
	uint64_t number = r->fold.amended + 1;
	struct proposal *p;
	struct ballots b;
	size_t at;
	int err = collect(&b, &r->fold, r);

	if (err != 0) {
		free(b.at);
		return err;
	}
	p = malloc(sizeof(*p));
	if (p == NULL)
		err = ERR_NOMEM;
	at = find_number(&b, number);
	while (err == 0 && at < b.n && b.at[at].number == number)
		if (read_proposal(p, &b, &at, r, &r->fold.charter))
			err = visit(arg, p);
	free(b.at);
	free(p);
	return err;
}
