#include "node/net/contact.h"

#include "crypto/err.h"
#include "proto/form.h"
#include "proto/rd.h"
#include "proto/wr.h"
#include "store/private.h"

#include <stdio.h>
#include <string.h>

enum { VERSION = 1, ROW_MAX = LIMIT_ADDRESSES * (LIMIT_ADDRESS + 3) + 16 };

struct contact *contacts_find(struct contacts *c, const struct curvekey *key)
{
	for (size_t i = 0; i < c->n; i++)
		if (memcmp(&c->row[i].key, key, sizeof(*key)) == 0)
			return &c->row[i];
	return NULL;
}

static bool has_address(const struct contact *c, const char *address)
{
	for (size_t i = 0; i < c->address_n; i++)
		if (strcmp(c->address[i], address) == 0)
			return true;
	return false;
}

static void add_address(struct contact *c, const char *address)
{
	if (has_address(c, address))
		return;
	if (c->address_n < LIMIT_ADDRESSES)
		c->address_n++;
	snprintf(c->address[c->address_n - 1], sizeof(c->address[0]), "%s",
		 address);
}

struct contact *contacts_add(struct contacts *c, const struct curvekey *key,
			     const char *address)
{
	struct contact *row = contacts_find(c, key);

	if (row == NULL) {
		if (c->n == CONTACTS_MAX || address == NULL)
			return NULL;
		row = &c->row[c->n++];
		*row = (struct contact){ .key = *key, .answer = -1, .bye = -1 };
	}
	if (address != NULL)
		add_address(row, address);
	return row;
}

const char *contact_address(const struct contact *c)
{
	return c->hint[0] != '\0' ? c->hint : c->address[c->at];
}

void contact_dialled(struct contact *c)
{
	c->is_hint_tried = c->hint[0] != '\0';
}

static bool is_only_published(const struct contact *c)
{
	return !c->is_named && !c->is_kept && !c->is_hinted;
}

void contact_failed(struct contact *c, bool is_hasty, uint64_t now_ms,
		    uint32_t chance)
{
	uint32_t pause = is_hasty ? CONTACT_PAUSE_HASTY : CONTACT_PAUSE_MIN;
	uint32_t most =
		is_only_published(c) ? CONTACT_PAUSE_LONG : CONTACT_PAUSE_MAX;
	unsigned rounds;

	c->down_ms = now_ms;
	if (c->is_hint_tried) {
		c->is_hint_tried = false;
		c->hint[0] = '\0';
		c->next_ms = now_ms + CONTACT_STEP_MS;
		return;
	}
	c->failures++;
	c->at = (c->at + 1) % c->address_n;
	if (c->at != 0 || c->hint[0] != '\0') {
		c->next_ms = now_ms + CONTACT_STEP_MS;
		return;
	}
	rounds = c->failures / (unsigned)c->address_n;
	while (rounds > 1 && pause < most) {
		pause *= 2;
		rounds--;
	}
	if (pause > most)
		pause = most;
	c->next_ms = now_ms + pause - chance % (pause / 2 + 1);
}

void contacts_hurry(struct contacts *c, uint64_t now_ms, uint32_t chance)
{
	uint64_t last =
		now_ms + CONTACT_PAUSE_MAX - chance % (CONTACT_PAUSE_MAX / 2);

	for (size_t i = 0; i < c->n; i++)
		if (c->row[i].next_ms > last)
			c->row[i].next_ms = last;
}

void contact_worked(struct contact *c)
{
	c->failures = 0;
	c->at = 0;
	c->hint_pause = 0;
}

static bool hint_known(struct contact *c, const char *address, uint64_t now_ms)
{
	if (c->is_ours || now_ms < c->hint_ms || c->hint[0] != '\0' ||
	    has_address(c, address))
		return false;
	if (c->hint_pause == 0)
		c->hint_pause = CONTACT_HINT_MS;
	else if (c->hint_pause < CONTACT_HINT_MAX)
		c->hint_pause *= 2;
	c->hint_ms = now_ms + c->hint_pause;
	snprintf(c->hint, sizeof(c->hint), "%s", address);
	c->next_ms = now_ms;
	return true;
}

/* A place for a key that only a hint tells of, or NULL.  One that rests after
 * a failure is not dialled, so nobody looks at it. */
static struct contact *hint_place(struct contacts *c, bool is_member,
				  uint64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->row[i].is_hinted && c->row[i].is_stranger != is_member;
	if (n < CONTACTS_HINTED)
		return c->n < CONTACTS_MAX ? &c->row[c->n++] : NULL;
	for (size_t i = 0; i < c->n; i++) {
		struct contact *r = &c->row[i];

		if (r->is_hinted && r->is_stranger != is_member &&
		    !r->was_met && now_ms < r->next_ms &&
		    r->failures >= CONTACT_HINT_TRIES)
			return r;
	}
	return NULL;
}

bool contacts_hint(struct contacts *c, const struct curvekey *key,
		   bool is_member, const char *address, uint64_t now_ms)
{
	struct contact *row = contacts_find(c, key);

	if (row != NULL)
		return hint_known(row, address, now_ms);
	row = hint_place(c, is_member, now_ms);
	if (row == NULL)
		return false;
	*row = (struct contact){ .key = *key,
				 .answer = -1,
				 .bye = -1,
				 .is_hinted = true,
				 .is_stranger = !is_member };
	add_address(row, address);
	return true;
}

/* May this member's node have a place?  Only those that nobody asked for are
 * limited.  *out is where it goes, NULL for a new row. */
static bool published_place(struct contacts *c, struct contact **out,
			    const struct pubkey *who, uint64_t now_ms)
{
	size_t n = 0;

	*out = NULL;
	for (size_t i = 0; i < c->n; i++) {
		struct contact *row = &c->row[i];

		if (!is_only_published(row))
			continue;
		if (pubkey_eq(&row->who, who))
			return false;
		n++;
		/* As it rests it is not dialled, so nobody looks at it. */
		if (now_ms < row->next_ms &&
		    row->failures / row->address_n >= CONTACT_TRIES)
			*out = row;
	}
	return n < CONTACTS_PUBLISHED || *out != NULL;
}

static void publish_feed(struct contacts *c, const struct roster *r,
			 const struct roster_feed *f, bool may_admit,
			 uint64_t now_ms)
{
	struct contact *row = contacts_find(c, &f->transport), *place;
	char address[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	const struct member *m = roster_member(r, &f->identity);
	size_t n;

	if (m == NULL || !m->is_standing || m->may_admit != may_admit)
		return;
	n = roster_addresses(r, &f->feed, address);
	if (n > 0 && row == NULL) {
		if (!published_place(c, &place, &m->identity, now_ms))
			return;
		if (place != NULL)
			*place = (struct contact){ .key = f->transport,
						   .answer = -1,
						   .bye = -1 };
		row = contacts_add(c, &f->transport, address[0]);
		if (row != NULL)
			row->who = m->identity;
	}
	for (size_t i = 0; i < n; i++)
		contacts_add(c, &f->transport, address[i]);
}

void contacts_publish(struct contacts *c, const struct roster *r,
		      const struct pubkey *self, uint32_t start,
		      uint64_t now_ms)
{
	size_t n = roster_feed_count(r);

	for (size_t i = 0; i < 2 * n; i++) {
		const struct roster_feed *f =
			roster_feed_at(r, (i + start) % n);

		if (!pubkey_eq(&f->feed, self))
			publish_feed(c, r, f, i < n, now_ms);
	}
}

static int load_row(void *arg, const uint8_t *key, size_t key_n,
		    const uint8_t *value, size_t value_n)
{
	struct contacts *c = arg;
	char address[LIMIT_ADDRESS + 1];
	struct curvekey peer;
	struct contact *row;
	struct rd r;
	uint32_t n;

	rd_init(&r, value, value_n);
	if (key_n != sizeof(peer) || rd_array(&r, 2) != 2 ||
	    rd_uint(&r, UINT32_MAX) != VERSION)
		return 0;
	memcpy(&peer, key, sizeof(peer));
	n = rd_array(&r, LIMIT_ADDRESSES);
	for (uint32_t i = 0; i < n; i++) {
		rd_plain(&r, address, LIMIT_ADDRESS);
		if (!address_is_valid(address, strlen(address)))
			return 0;
		row = contacts_add(c, &peer, address);
		if (row != NULL)
			row->is_kept = true;
	}
	return 0;
}

int contacts_load(struct contacts *c, struct store *s)
{
	return store_each(s, TABLE_PEERS, NULL, 0, load_row, c);
}

int contact_keep(struct store *s, const struct invite *inv)
{
	uint8_t row[ROW_MAX];
	struct wr w;
	size_t n;
	int err;

	wr_init(&w, row, sizeof(row));
	wr_array(&w, 2);
	wr_uint(&w, VERSION);
	wr_array(&w, (uint32_t)inv->addresses_n);
	for (size_t i = 0; i < inv->addresses_n; i++)
		wr_text(&w, inv->addresses[i], strlen(inv->addresses[i]));
	err = wr_end(&w, &n);
	if (err == 0)
		err = store_put(s, TABLE_PEERS, inv->transport.b,
				sizeof(inv->transport.b), row, n);
	return err;
}
