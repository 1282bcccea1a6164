#include "node/cmd/partial.h"

#include "node/cmd/followed.h"
#include "node/net/heard.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "store/log.h"

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

bool partial_text(char out[static PARTIAL_TEXT], struct store *s)
{
	struct counted held = { 0, 0 };
	struct heard h;

	if (heard_get(s, &h) != 0 || h.entries == 0 ||
	    store_heads(s, count, &held) != 0)
		return false;
	/* Another process may have taken in more since that was noted. */
	if (h.begun > held.feeds)
		h.begun = held.feeds;
	snprintf(out, PARTIAL_TEXT,
		 _("not complete yet: %llu of %llu feeds are here up to their "
		   "tip, %llu of %llu entries are replayed; the others are "
		   "still to come"),
		 (unsigned long long)(held.feeds - h.begun),
		 (unsigned long long)(held.feeds + h.feeds - h.begun),
		 (unsigned long long)held.entries,
		 (unsigned long long)(held.entries + h.entries));
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
