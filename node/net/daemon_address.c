#include "node/net/daemon_priv.h"

#include "crypto/err.h"
#include "node/cmd/cmd.h"
#include "proto/form.h"
#include "proto/record.h"
#include "proto/wr.h"
#include "store/store.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* What stands between "tcp://" and the last colon. */
static bool host_is(const char *address, const char *host)
{
	const char *from = address + strlen("tcp://");
	const char *colon = strrchr(address, ':');

	return colon >= from && (size_t)(colon - from) == strlen(host) &&
	       strncmp(from, host, strlen(host)) == 0;
}

static bool is_wildcard(const char *address)
{
	return host_is(address, "*") || host_is(address, "0.0.0.0") ||
	       host_is(address, "[::]");
}

bool daemon_is_loopback(const char *address)
{
	return strncmp(address, "tcp://127.", 10) == 0 ||
	       host_is(address, "[::1]") || host_is(address, "localhost");
}

/* The same host, any port. */
static int bind_elsewhere(struct daemon *d, const char *address,
			  char bound[static LIMIT_ADDRESS + 1])
{
	char other[LIMIT_ADDRESS + 1];
	const char *colon = strrchr(address, ':');

	snprintf(other, sizeof(other), "%.*s:*", (int)(colon - address),
		 address);
	return net_bind(d->net, other, bound);
}

bool daemon_listen(struct daemon *d)
{
	for (size_t i = 0; i < d->wish->listen_n; i++) {
		const char *address = d->wish->listen[i];
		char *bound = d->bound[d->bound_n];
		int err = net_bind(d->net, address, bound);

		if (err == ERR_EXISTS && d->wish->may_move)
			err = bind_elsewhere(d, address, bound);
		if (err != 0) {
			snprintf(d->result->address, sizeof(d->result->address),
				 "%s", address);
			daemon_end(d, DAEMON_BIND, err);
			return false;
		}
		/* Others are told only of what somebody chose: the address of
		 * a home's line would stay in the ledger for ever.  That of
		 * this machine alone would lead each of them to itself. */
		d->is_public[d->bound_n++] =
			!is_wildcard(address) && !daemon_is_loopback(address);
		printf("ready %s\n", bound);
	}
	fflush(stdout);
	return true;
}

/* A list of addresses that is being made. */
struct list {
	char (*out)[LIMIT_ADDRESS + 1];
	size_t n;
};

static void add(struct list *l, const char *address)
{
	if (l->n == LIMIT_ADDRESSES ||
	    !address_is_valid(address, strlen(address)))
		return;
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->out[i], address) == 0)
			return;
	snprintf(l->out[l->n++], LIMIT_ADDRESS + 1, "%s", address);
}

static void add_announced(struct list *l, const struct daemon *d)
{
	for (size_t i = 0; i < d->wish->announce_n; i++)
		add(l, d->wish->announce[i]);
}

/* Is it one that another machine can use? */
static bool is_usable(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;
		uint32_t v4 = ntohl(in->sin_addr.s_addr);

		return v4 >> 24 != 127 && v4 >> 16 != 0xa9fe;
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)sa;

		return !IN6_IS_ADDR_LOOPBACK(&in->sin6_addr) &&
		       !IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr);
	}
	return false;
}

/* The port that `bound` has, at one of this machine's addresses. */
static void add_interface(struct list *l, const struct sockaddr *sa,
			  const char *bound)
{
	char host[INET6_ADDRSTRLEN];
	char address[LIMIT_ADDRESS + 1];
	const char *port = strrchr(bound, ':');
	bool is_v6 = sa->sa_family == AF_INET6;
	const struct sockaddr_in *v4 = (const void *)sa;
	const struct sockaddr_in6 *v6 = (const void *)sa;
	const void *in = is_v6 ? (const void *)&v6->sin6_addr
			       : (const void *)&v4->sin_addr;

	if (inet_ntop(sa->sa_family, in, host, sizeof(host)) == NULL)
		return;
	snprintf(address, sizeof(address),
		 is_v6 ? "tcp://[%s]%s" : "tcp://%s%s", host, port);
	add(l, address);
}

static void add_interfaces(struct list *l, const char *bound)
{
	struct ifaddrs *all;

	if (getifaddrs(&all) != 0)
		return;
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
		if (i->ifa_addr != NULL && is_usable(i->ifa_addr))
			add_interface(l, i->ifa_addr, bound);
	freeifaddrs(all);
}

size_t daemon_addresses(const struct daemon *d,
			char out[static LIMIT_ADDRESSES][LIMIT_ADDRESS + 1])
{
	struct list l = { out, 0 };
	char loopback[LIMIT_ADDRESS + 1];

	add_announced(&l, d);
	for (size_t i = 0; i < d->bound_n; i++)
		if (!is_wildcard(d->bound[i]))
			add(&l, d->bound[i]);
	for (size_t i = 0; i < d->bound_n; i++)
		if (is_wildcard(d->bound[i]))
			add_interfaces(&l, d->bound[i]);
	if (l.n == 0 && d->bound_n > 0) {
		snprintf(loopback, sizeof(loopback), "tcp://127.0.0.1%s",
			 strrchr(d->bound[0], ':'));
		add(&l, loopback);
	}
	return l.n;
}

static int record(struct daemon *d, const struct list *l)
{
	uint8_t value[LIMIT_ADDRESSES * (LIMIT_ADDRESS + 3) + 8];
	uint8_t facts[sizeof(value) + 16];
	struct draft draft = { .kind = KIND_ADDRESS,
			       .time_ms = cmd_now(),
			       .facts = facts };
	struct recorded out;
	struct record rec;
	struct wr w;
	size_t n;
	int err;

	wr_init(&w, value, sizeof(value));
	wr_array(&w, (uint32_t)l->n);
	for (size_t i = 0; i < l->n; i++)
		wr_text(&w, l->out[i], strlen(l->out[i]));
	err = wr_end(&w, &n);
	if (err != 0)
		return err;
	record_init(&rec, KIND_ADDRESS);
	record_set_bytes(&rec, FACT_ADDRESSES, value, n);
	err = record_encode(&rec, facts, sizeof(facts), &draft.facts_n);
	if (err == 0)
		err = keeper_record(d->keeper, &out, &draft, 1, NULL);
	return err;
}

void daemon_publish(struct daemon *d)
{
	char ours[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	char told[LIMIT_ADDRESSES][LIMIT_ADDRESS + 1];
	struct list l = { ours, 0 };
	size_t told_n;
	bool is_same;
	int err;

	if (d->has_published || d->wish->mode != DAEMON_LIVE ||
	    !daemon_is_in(d))
		return;
	d->has_published = true;
	add_announced(&l, d);
	for (size_t i = 0; i < d->bound_n; i++)
		if (d->is_public[i])
			add(&l, d->bound[i]);
	told_n = roster_addresses(store_roster(d->keeper->store),
				  &d->keeper->feed, told);
	is_same = told_n == l.n;
	for (size_t i = 0; is_same && i < l.n; i++)
		is_same = strcmp(ours[i], told[i]) == 0;
	if (l.n == 0 || is_same)
		return;
	peers_settle(d);
	err = record(d, &l);
	if (err == 0)
		err = host_refresh(d->host);
	log_event(&d->log, "event=address-published count=%zu error=\"%s\"",
		  l.n, err_text(err));
	peers_settle(d);
}
