#include "proto/audit/audit_rules.h"

#include "crypto/err.h"
#include "proto/roster/rotation.h"

#include <stdlib.h>
#include <string.h>

/*
 * What a member's feeds show beside their records: too many of them, entries
 * beyond a pin, keys used twice, facts that no record may have; and two members
 * with one name.
 */

enum { NODES_MAX = 64 };

static int feed_case(const struct fold *f, struct cases *cases,
		     enum finding_code code, size_t feed, size_t at)
{
	struct audit_case c = {
		.code = code,
		.feed = (uint32_t)feed,
		.at = (uint32_t)at,
		.who = roster_member(f->a->roster, &f->feeds[feed].author),
		.amount = 1,
	};

	return cases_add(cases, &c);
}

/* Records whose key another one of their member has used.  What was issued
 * again after a loss has its key from before. */
static int tell_keys(const struct fold *f, struct cases *cases, size_t feed)
{
	const struct audit_scan *s = f->feeds[feed].scan;
	int err = 0;

	for (size_t i = 0; i < s->keys_n && err == 0; i++) {
		uint32_t at = s->keys[i].at;

		if (at < s->n && s->at[at].is_shadowed && !s->at[at].is_again)
			err = feed_case(f, cases, DUP_02, feed, at);
	}
	return err;
}

/* What no program that keeps to the protocol signs. */
static int tell_bad(const struct fold *f, struct cases *cases, size_t feed)
{
	const struct audit_feed *at = &f->feeds[feed];
	int err = 0;

	if (!at->scan->has_bad)
		return 0;
	for (size_t k = 0; k < at->scan->n && k < at->counted_to && err == 0;
	     k++)
		if (at->scan->at[k].is_bad)
			err = feed_case(f, cases, QTY_04, feed, k);
	return err;
}

/* What a member signed after it was dismissed, or what nobody had seen; or what
 * stands in a feed that a rotation ends. */
static int tell_beyond(const struct fold *f, struct cases *cases, size_t feed)
{
	const struct audit_feed *at = &f->feeds[feed];
	enum finding_code code = KEY_01;
	int err = 0;

	if (roster_member(f->a->roster, &at->author)->is_standing)
		code = KEY_05;
	for (size_t k = at->counted_to; k < at->scan->n && err == 0; k++)
		err = feed_case(f, cases, code, feed, k);
	return err;
}

static int by_keys(const void *a, const void *b)
{
	const struct rotation *x = a, *y = b;
	int c = pubkey_cmp(&x->who, &y->who);

	if (c == 0)
		c = pubkey_cmp(&x->from, &y->from);
	return c != 0 ? c : pubkey_cmp(&x->to, &y->to);
}

/* Where the entry of a rotation stands; false when that feed is of nobody. */
static bool find_feed(const struct fold *f, size_t *out,
		      const struct pubkey *feed)
{
	for (size_t i = 0; i < f->feeds_n; i++)
		if (f->feeds[i].is_known &&
		    pubkey_eq(&f->feeds[i].scan->feed, feed)) {
			*out = i;
			return true;
		}
	return false;
}

static int tell_rotation(const struct fold *f, struct cases *cases,
			 const struct rotation *x)
{
	struct audit_case c = { .code = KEY_06, .amount = 1 };
	size_t feed;

	c.who = roster_member(f->a->roster, &x->who);
	if (c.who == NULL || !find_feed(f, &feed, &x->at.feed))
		return 0;
	c.feed = (uint32_t)feed;
	c.at = (uint32_t)(x->at.seq - 1);
	return cases_add(cases, &c);
}

/* Those that one key signed, for more than one to follow it. */
static int tell_rotations(const struct fold *f, struct cases *cases)
{
	const struct roster *r = f->a->roster;
	size_t n = 0, all = roster_rotation_count(r), end;
	struct rotation *x = calloc(all + 1, sizeof(*x));
	int err = 0;

	if (x == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < all; i++) {
		x[n] = roster_rotation_at(r, i);
		n += x[n].is_signed;
	}
	qsort(x, n, sizeof(*x), by_keys);
	for (size_t i = 0; i < n && err == 0; i = end) {
		for (end = i + 1; end < n; end++)
			if (!pubkey_eq(&x[i].who, &x[end].who) ||
			    !pubkey_eq(&x[i].from, &x[end].from))
				break;
		if (pubkey_eq(&x[i].to, &x[end - 1].to))
			continue;
		for (size_t k = i; k < end && err == 0; k++)
			err = tell_rotation(f, cases, &x[k]);
	}
	free(x);
	return err;
}

static int by_author(const void *a, const void *b)
{
	const struct audit_feed *x = *(const struct audit_feed *const *)a;
	const struct audit_feed *y = *(const struct audit_feed *const *)b;
	int c = pubkey_cmp(&x->author, &y->author);

	return c != 0 ? c : pubkey_cmp(&x->scan->feed, &y->scan->feed);
}

/* The first entry of each feed beyond the 64th, and so many cases as there
 * are feeds. */
static int tell_nodes(const struct fold *f, struct cases *cases)
{
	const struct audit_feed **at = calloc(f->feeds_n + 1, sizeof(*at));
	size_t n = 0, end;
	int err = 0;

	if (at == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < f->feeds_n; i++)
		if (f->feeds[i].is_known && f->feeds[i].scan->n > 0)
			at[n++] = &f->feeds[i];
	qsort(at, n, sizeof(*at), by_author);
	for (size_t i = 0; i < n && err == 0; i = end) {
		for (end = i + 1; end < n; end++)
			if (!pubkey_eq(&at[i]->author, &at[end]->author))
				break;
		for (size_t k = i; end - i > NODES_MAX && k < end && err == 0;
		     k++)
			err = feed_case(f, cases, KEY_04,
					(size_t)(at[k] - f->feeds), 0);
	}
	free(at);
	return err;
}

/* A standing member and its first feed. */
struct named {
	const struct member *who;
	size_t feed;
};

static int by_label(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int c = pubkey_cmp(&x->who->association, &y->who->association);

	if (c == 0)
		c = strcmp(x->who->label, y->who->label);
	if (c == 0)
		c = pubkey_cmp(&x->who->identity, &y->who->identity);
	return c != 0 ? c : (x->feed > y->feed) - (x->feed < y->feed);
}

/* Rows [i, end) have one label and association, and their members are told once
 * when there are two of them. */
static int tell_namesakes(const struct fold *f, struct cases *cases,
			  const struct named *at, size_t n)
{
	int err = 0;

	for (size_t k = 0; k < n && err == 0; k++) {
		if (at[n - 1].who == at[0].who ||
		    (k > 0 && at[k].who == at[k - 1].who))
			continue;
		err = feed_case(f, cases, DUP_11, at[k].feed, 0);
		if (err == 0) /* one finding, about the first of them */
			cases->at[cases->n - 1].who = at[0].who;
	}
	return err;
}

/* PROTOCOL: Two standing members that book to one association have one label.
 */
static int tell_names(const struct fold *f, struct cases *cases)
{
	struct named *at = calloc(f->feeds_n + 1, sizeof(*at));
	size_t n = 0, end;
	int err = 0;

	if (at == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < f->feeds_n; i++) {
		const struct member *m =
			f->feeds[i].is_known && f->feeds[i].scan->n > 0
				? roster_member(f->a->roster,
						&f->feeds[i].author)
				: NULL;

		if (m != NULL && m->is_standing)
			at[n++] = (struct named){ m, i };
	}
	qsort(at, n, sizeof(*at), by_label);
	for (size_t i = 0; i < n && err == 0; i = end) {
		for (end = i + 1; end < n; end++)
			if (!pubkey_eq(&at[i].who->association,
				       &at[end].who->association) ||
			    strcmp(at[i].who->label, at[end].who->label) != 0)
				break;
		err = tell_namesakes(f, cases, at + i, end - i);
	}
	free(at);
	return err;
}

int member_tell(struct fold *f, struct cases *cases)
{
	int err = tell_nodes(f, cases);

	if (err == 0)
		err = tell_rotations(f, cases);
	if (err == 0)
		err = tell_names(f, cases);

	for (size_t i = 0; i < f->feeds_n && err == 0; i++) {
		if (!f->feeds[i].is_known)
			continue;
		err = tell_keys(f, cases, i);
		if (err == 0)
			err = tell_bad(f, cases, i);
		if (err == 0)
			err = tell_beyond(f, cases, i);
	}
	return err;
}
