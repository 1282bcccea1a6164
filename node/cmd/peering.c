#include "node/cmd/peering.h"

#include "crypto/bytes.h"
#include "node/cmd/cmd.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "proto/form.h"

#include <string.h>
#include <strings.h>

static bool get_key(struct curvekey *out, const char *text)
{
	size_t n;

	if (strlen(text) == 2 * sizeof(out->b))
		return parse_bytes(out->b, sizeof(out->b), text) == 0;
	return b64url_decode(out->b, sizeof(out->b), &n, text, strlen(text)) ==
		       0 &&
	       n == sizeof(out->b);
}

bool peering_is_linklocal(const char *text)
{
	static const char first[] = "tcp://[fe80:";

	return strncasecmp(text, first, strlen(first)) == 0;
}

void peering_no_address(const char *text)
{
	if (peering_is_linklocal(text))
		say_error(_("'%s' leads nowhere from elsewhere: an address "
			    "with fe80 holds on one cable only; give another "
			    "one of that machine"),
			  text);
	else
		say_error(_("'%s' is no address: tcp://HOST:PORT is wanted"),
			  text);
}

int peering_parse(struct daemon_peer *out, bool *has_key, const char *text)
{
	const char *hash = strchr(text, '#');
	size_t n = hash != NULL ? (size_t)(hash - text) : strlen(text);

	*has_key = hash != NULL;
	if (peering_is_linklocal(text)) {
		peering_no_address(text);
		return EXIT_USAGE;
	}
	if (!address_is_valid(text, n) ||
	    (*has_key && !get_key(&out->key, hash + 1))) {
		say_error(_("'%s' is no peer: tcp://HOST:PORT#KEY is wanted, "
			    "with the key in hex or base64"),
			  text);
		return EXIT_USAGE;
	}
	memcpy(out->address, text, n);
	out->address[n] = '\0';
	return EXIT_DONE;
}

void peering_unequal(const struct daemon_result *r, const struct roster *roster)
{
	char text[UNEQUAL_TEXT];

	unequal_text(text, &r->unequal, roster);
	say_error(_("not in step with %s, and nothing more can be exchanged: "
		    "%s; update the older of the two programs, then run "
		    "'maillon fsck' on both machines"),
		  r->peer, text);
}
