#include "node/text/party.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/ctl/desk.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "proto/entry.h"
#include "store/book.h"
#include "store/log.h"

#include <stdio.h>
#include <string.h>

enum { PREFIX_MIN = 8, SHOWN = 4 };

static size_t feeds_of(const struct roster *r, const struct pubkey *identity)
{
	size_t n = 0;

	for (size_t i = 0; i < roster_feed_count(r); i++)
		if (pubkey_eq(&roster_feed_at(r, i)->identity, identity))
			n++;
	return n;
}

/* How many digits of a feed tell it from all others; 8 at least. */
static size_t digits_needed(const struct roster *r, const struct pubkey *feed)
{
	size_t need = PREFIX_MIN / 2;

	for (size_t i = 0; r != NULL && i < roster_feed_count(r); i++) {
		const struct pubkey *o = &roster_feed_at(r, i)->feed;
		size_t same = 0;

		while (same < KEY_SIZE && o->b[same] == feed->b[same])
			same++;
		if (same < KEY_SIZE && same >= need)
			need = same + 1;
	}
	return need;
}

void feed_text(char out[static REF_TEXT], const struct roster *roster,
	       const struct pubkey *feed)
{
	const struct roster_feed *f =
		roster == NULL ? NULL : roster_feed(roster, feed);

	if (f != NULL && feeds_of(roster, &f->identity) == 1 &&
	    member_label(out, roster, &f->identity))
		return;
	hex_encode(out, feed->b, digits_needed(roster, feed));
}

void ref_text(char out[static REF_TEXT], const struct roster *roster,
	      const struct pubkey *feed, uint64_t seq)
{
	size_t n;

	feed_text(out, roster, feed);
	n = strlen(out);
	out[n] = '/';
	dec_encode(out + n + 1, seq);
}

/* Entries that a text may mean. */
struct search {
	struct desk *desk;
	const char *prefix; /* hex digits, lower case */
	uint64_t seq;
	struct position found[SHOWN];
	size_t n; /* may be more than SHOWN */
};

static void offer(struct search *s, const struct position *at)
{
	if (s->n < SHOWN)
		s->found[s->n] = *at;
	s->n++;
}

/* The lower-case form of 8 to 64 hex digits, or false. */
static bool take_hex(char out[static HEX_SIZE(ID_SIZE)], const char *p,
		     size_t n)
{
	if (n < PREFIX_MIN || n > 2 * (size_t)ID_SIZE)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = p[i];

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
		out[i] = c;
	}
	out[n] = '\0';
	return true;
}

static int id_at(struct desk *d, struct id *out, const struct pubkey *feed,
		 uint64_t seq)
{
	uint8_t raw[LIMIT_ENTRY];
	struct entry e;
	size_t n;
	int err = store_entry(d->store, feed, seq, raw, &n);

	if (err == 0)
		err = entry_decode(&e, raw, n);
	if (err == 0)
		*out = entry_id(&e);
	return err;
}

/* One feed that the part before the slash names. */
static int offer_place(struct search *s, const struct pubkey *feed)
{
	struct position at = { .feed = *feed, .seq = s->seq };
	int err = id_at(s->desk, &at.id, feed, s->seq);

	if (err == 0)
		offer(s, &at);
	return err == ERR_NOT_FOUND ? 0 : err;
}

static int by_feed_prefix(void *arg, const struct head *head)
{
	struct search *s = arg;
	char hex[HEX_SIZE(KEY_SIZE)];

	hex_encode(hex, head->feed.b, KEY_SIZE);
	if (strncmp(hex, s->prefix, strlen(s->prefix)) != 0)
		return 0;
	return offer_place(s, &head->feed);
}

static int by_label(struct search *s, const char *label, size_t n)
{
	const struct roster *r = desk_roster(s->desk);
	int err = 0;

	for (size_t i = 0; r != NULL && err == 0 && i < roster_feed_count(r);
	     i++) {
		const struct roster_feed *f = roster_feed_at(r, i);
		const struct member *m = roster_member(r, &f->identity);

		if (m != NULL && strlen(m->label) == n &&
		    memcmp(m->label, label, n) == 0)
			err = offer_place(s, &f->feed);
	}
	return err;
}

static int by_place(struct search *s, const char *text, size_t head_n)
{
	char hex[HEX_SIZE(ID_SIZE)];

	s->prefix = hex;
	if (take_hex(hex, text, head_n))
		return store_heads(s->desk->store, by_feed_prefix, s);
	return by_label(s, text, head_n);
}

static int by_id_prefix(void *arg, const struct position *at)
{
	offer(arg, at);
	return 0;
}

static int first_reissue(void *arg, const struct book_record *rec)
{
	struct search *s = arg;
	struct position at = { rec->feed, rec->seq, rec->id };

	offer(s, &at);
	return 1;
}

static int by_id(struct search *s, const char *hex, bool *is_reissue,
		 struct id *original)
{
	struct store *store = s->desk->store;
	uint8_t prefix[ID_SIZE] = { 0 };
	size_t n = strlen(hex);
	char even[HEX_SIZE(ID_SIZE)];
	struct book_view view;
	int err;

	memset(even, '0', sizeof(even));
	memcpy(even, hex, n);
	hex_decode(prefix, sizeof(prefix), even, 2 * (size_t)ID_SIZE);
	err = store_find_prefix(store, prefix, n, by_id_prefix, s);
	if (err != 0 || s->n > 0 || n != 2 * (size_t)ID_SIZE)
		return err;
	err = store_view_open(store, &view);
	if (err != 0)
		return err;
	memcpy(original->b, prefix, ID_SIZE);
	err = view.refs(view.cookie, original, REF_ORPHAN, first_reissue, s);
	store_view_close(store);
	*is_reissue = s->n > 0;
	return err < 0 ? err : 0;
}

static int too_many(const struct search *s, const char *text,
		    struct reason *why)
{
	char list[SHOWN * (REF_TEXT + 2)] = "";
	size_t at = 0;

	for (size_t i = 0; i < s->n && i < SHOWN; i++) {
		char feed[HEX_SIZE(8)], id[HEX_SIZE(8)];

		hex_encode(feed, s->found[i].feed.b, 8);
		hex_encode(id, s->found[i].id.b, 8);
		at += (size_t)snprintf(list + at, sizeof(list) - at,
				       "%s%s/%llu (%s)", i == 0 ? "" : ", ",
				       feed,
				       (unsigned long long)s->found[i].seq, id);
	}
	return reason_set(why, ERR_EXISTS,
			  _("'%s' may be any of %zu records: %s"), text, s->n,
			  list);
}

int ref_resolve(struct ref_found *out, struct desk *d, const char *text,
		struct reason *why)
{
	struct search s = { .desk = d };
	struct ref_found found = { .is_reissue = false };
	const char *slash = strrchr(text, '/');
	char hex[HEX_SIZE(ID_SIZE)];
	int err;

	if (slash != NULL && slash > text &&
	    dec_decode(&s.seq, LIMIT_SEQ, slash + 1, strlen(slash + 1)) == 0 &&
	    s.seq > 0)
		err = by_place(&s, text, (size_t)(slash - text));
	else if (slash == NULL && take_hex(hex, text, strlen(text)))
		err = by_id(&s, hex, &found.is_reissue, &found.original);
	else
		return reason_set(why, ERR_FORMAT,
				  _("'%s' is not a record: write LABEL/NUMBER, "
				    "or 8 or more digits of its id"),
				  text);
	if (err != 0)
		return reason_set(why, err, _("'%s' cannot be looked up: %s"),
				  text, err_reason(err));
	if (s.n == 0)
		return reason_set(why, ERR_NOT_FOUND,
				  _("there is no record '%s' here"), text);
	if (s.n > 1)
		return too_many(&s, text, why);
	found.feed = s.found[0].feed;
	found.seq = s.found[0].seq;
	found.id = s.found[0].id;
	*out = found;
	return 0;
}
