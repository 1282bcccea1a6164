#include "node/net/lantxt.h"

#include "crypto/bytes.h"
#include "crypto/err.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { VERSION, NETWORK, KEY };

static const char *const name[LANTXT_STRINGS] = {
	[VERSION] = "v=",
	[NETWORK] = "net=",
	[KEY] = "key=",
};

void lantxt_put(char out[static LANTXT_STRINGS][LANTXT_STRING],
		const struct id *network, const struct curvekey *key)
{
	char net[HEX_SIZE(LANTXT_NETWORK)], hex[HEX_SIZE(sizeof(key->b))];

	hex_encode(net, network->b, LANTXT_NETWORK);
	hex_encode(hex, key->b, sizeof(key->b));
	snprintf(out[VERSION], LANTXT_STRING, "%s1", name[VERSION]);
	snprintf(out[NETWORK], LANTXT_STRING, "%s%s", name[NETWORK], net);
	snprintf(out[KEY], LANTXT_STRING, "%s%s", name[KEY], hex);
}

void lantxt_name(char out[static LANTXT_NAME], const struct curvekey *key,
		 unsigned nth)
{
	char hex[HEX_SIZE(6)];

	hex_encode(hex, key->b, 6);
	if (nth == 0)
		snprintf(out, LANTXT_NAME, "maillon-%s", hex);
	else
		snprintf(out, LANTXT_NAME, "maillon-%s-%u", hex, nth % 1000);
}

void lantxt_init(struct lantxt *t)
{
	memset(t, 0, sizeof(*t));
}

static bool read_value(struct lantxt *t, size_t which, const char *p, size_t n)
{
	switch (which) {
	case VERSION:
		return n == 1 && p[0] == '1';
	case NETWORK:
		return hex_decode(t->network, LANTXT_NETWORK, p, n) == 0;
	case KEY:
		return hex_decode(t->key.b, sizeof(t->key.b), p, n) == 0;
	}
	return false;
}

void lantxt_add(struct lantxt *t, const void *p, size_t n)
{
	const char *text = p;

	for (size_t i = 0; i < LANTXT_STRINGS; i++) {
		size_t name_n = strlen(name[i]);

		if (n < name_n || strncasecmp(text, name[i], name_n) != 0 ||
		    (t->seen >> i & 1) != 0)
			continue;
		t->seen |= 1U << i;
		if (read_value(t, i, text + name_n, n - name_n))
			t->good |= 1U << i;
	}
}

bool lantxt_is_of(const struct lantxt *t, const struct id *network)
{
	return t->good == (1U << LANTXT_STRINGS) - 1 &&
	       memcmp(t->network, network->b, LANTXT_NETWORK) == 0;
}

/* 0, or one that is of no use. */
static int check_v4(const struct in_addr *in)
{
	uint32_t v4 = ntohl(in->s_addr);

	return v4 >> 24 == 0 || v4 >> 24 == 127 || v4 >> 28 >= 14 ? ERR_LIMIT
								  : 0;
}

static int check_v6(const struct in6_addr *in)
{
	return IN6_IS_ADDR_UNSPECIFIED(in) || IN6_IS_ADDR_LOOPBACK(in) ||
			       IN6_IS_ADDR_LINKLOCAL(in) ||
			       IN6_IS_ADDR_MULTICAST(in) ||
			       IN6_IS_ADDR_V4MAPPED(in) ||
			       IN6_IS_ADDR_V4COMPAT(in)
		       ? ERR_LIMIT
		       : 0;
}

int lantxt_address(char out[static LIMIT_ADDRESS + 1], const char *host,
		   uint16_t port)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr v4;
	struct in6_addr v6;
	int err;

	if (port == 0)
		return ERR_FORMAT;
	if (inet_pton(AF_INET, host, &v4) == 1) {
		err = check_v4(&v4);
		if (err == 0 &&
		    inet_ntop(AF_INET, &v4, text, sizeof(text)) != NULL)
			snprintf(out, LIMIT_ADDRESS + 1, "tcp://%s:%u", text,
				 port);
		return err;
	}
	if (inet_pton(AF_INET6, host, &v6) != 1)
		return ERR_FORMAT;
	err = check_v6(&v6);
	if (err == 0 && inet_ntop(AF_INET6, &v6, text, sizeof(text)) != NULL)
		snprintf(out, LIMIT_ADDRESS + 1, "tcp://[%s]:%u", text, port);
	return err;
}
