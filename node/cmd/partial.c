#include "node/cmd/partial.h"

#include "node/cmd/followed.h"
#include "node/net/heard.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/log.h"
#include "store/recent.h"

#include <stdio.h>

struct counted {
	uint64_t feeds, entries;
};

static int count(void *arg, const struct head *head)
{
	struct counted *c = arg;

	c->feeds++;
	c->entries += head->seq;
	return 0;
}

bool partial_look(struct partial *out, struct store *s)
{
	struct counted held = { 0, 0 };
	struct heard h = { .entries = 0 };
	uint64_t seen = 0;
	bool is_read = heard_get(s, &h) == 0 &&
		       store_heads(s, count, &held) == 0 &&
		       store_recent_count(s, &seen) == 0;

	if (h.entries == 0 || h.begun > h.held_feeds)
		h = (struct heard){ .held_feeds = held.feeds };
	/* More may have come since that was noted. */
	*out = (struct partial){ .feeds = h.held_feeds + h.feeds - h.begun,
				 .replayed = h.held_feeds - h.begun,
				 .seen = seen < h.feeds ? seen : h.feeds,
				 .entries = h.held_entries + h.entries,
				 .held = held.entries };
	if (out->entries < held.entries)
		out->entries = held.entries;
	return is_read && h.entries > 0;
}

/* What every figure asks, also where there are very many feeds to count. */
static bool is_part(struct store *s)
{
	struct heard h;

	return heard_get(s, &h) == 0 && h.entries > 0;
}

bool partial_text(char out[static PARTIAL_TEXT], struct store *s)
{
	struct partial p;

	if (!is_part(s) || !partial_look(&p, s))
		return false;
	snprintf(out, PARTIAL_TEXT,
		 p.seen == 0
			 ? _("not complete yet: %llu of %llu feeds are here up "
			     "to their tip, %llu of %llu entries are replayed; "
			     "the others are still to come")
			 : P_("not complete yet: %llu of %llu feeds are here "
			      "up to their tip, %llu of %llu entries are "
			      "replayed; of %llu more feed the newest entries "
			      "are seen, signed; the others are still to come",
			      "not complete yet: %llu of %llu feeds are here "
			      "up to their tip, %llu of %llu entries are "
			      "replayed; of %llu more feeds the newest entries "
			      "are seen, signed; the others are still to come",
			      p.seen),
		 (unsigned long long)p.replayed, (unsigned long long)p.feeds,
		 (unsigned long long)p.held, (unsigned long long)p.entries,
		 (unsigned long long)p.seen);
	return true;
}

void partial_note(struct store *s, const struct roster *roster,
		  const struct pubkey *identity)
{
	char text[PARTIAL_TEXT];

	followed_note(s, roster, identity);
	if (partial_text(text, s))
		say_note("%s", text);
}
