#include "crypto/err.h"
#include "node/net/clock.h"
#include "node/net/lan.h"
#include "node/net/lantxt.h"

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-client/publish.h>
#include <avahi-common/error.h>
#include <avahi-common/simple-watch.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * With avahi, whose libraries are loaded only here: they bring D-Bus and what
 * that needs, which no other command wants.
 *
 * All of avahi's objects belong to the thread.  The lock is for what the
 * other side sees: the state and the hints.
 */

enum { STRINGS_MAX = 16, NAMES_MAX = 8 };

/* What of the two libraries is called. */
/* clang-format off */
#define FUNCTIONS(each)                                                 \
	each(simple_poll_new) each(simple_poll_free)                    \
	each(simple_poll_get) each(simple_poll_iterate)                 \
	each(string_list_new_from_array) each(string_list_free)         \
	each(address_snprint) each(client_new) each(client_free)        \
	each(entry_group_new) each(entry_group_reset)                   \
	each(entry_group_add_service_strlst) each(entry_group_commit)   \
	each(service_browser_new) each(service_browser_free)            \
	each(service_resolver_new) each(service_resolver_free)
/* clang-format on */

#define POINTER(f) __typeof__(avahi_##f) *f;
#define NAME(f)    { "avahi_" #f, offsetof(struct functions, f) },

struct functions {
	FUNCTIONS(POINTER)
};

static const struct {
	const char *name;
	size_t at;
} names[] = { FUNCTIONS(NAME) };

struct lan {
	struct functions api;
	struct lan_self self;
	pthread_t thread;
	int wake; /* readable: end */
	bool is_over;

	pthread_mutex_t lock;
	enum lan_state state;
	struct lan_hint hint[LAN_HINTS];
	size_t hint_n;

	AvahiSimplePoll *poll;
	AvahiClient *client;
	AvahiEntryGroup *group;
	AvahiServiceBrowser *browser;
	AvahiServiceResolver *lookup[LAN_LOOKUPS];
	size_t burst;     /* lookups since the last look around */
	unsigned nth;     /* of our name: it was taken */
	uint64_t look_ms; /* the next look around */
	bool has_failed;  /* the daemon went: all anew */
};

bool lan_is_built(void)
{
	return true;
}

/* The client's library brings the common one. */
static int load(struct functions *out)
{
	void *lib = dlopen("libavahi-client.so.3", RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		void *f = lib == NULL ? NULL : dlsym(lib, names[i].name);

		if (f == NULL)
			return ERR_NOT_FOUND;
		/* See zmq_late.c. */
		memcpy((char *)out + names[i].at, &f, sizeof(f));
	}
	return 0;
}

static void set_state(struct lan *l, enum lan_state state)
{
	pthread_mutex_lock(&l->lock);
	l->state = state;
	pthread_mutex_unlock(&l->lock);
}

static void add_hint(struct lan *l, const struct lan_hint *hint)
{
	pthread_mutex_lock(&l->lock);
	if (l->hint_n < LAN_HINTS)
		l->hint[l->hint_n++] = *hint;
	pthread_mutex_unlock(&l->lock);
}

/* Avahi's list has the last string first. */
static void read_strings(struct lantxt *t, const AvahiStringList *txt)
{
	const AvahiStringList *string[STRINGS_MAX];
	size_t n = 0;

	lantxt_init(t);
	for (; txt != NULL && n < STRINGS_MAX; txt = txt->next)
		string[n++] = txt;
	while (n-- > 0)
		lantxt_add(t, string[n]->text, string[n]->size);
}

static void found(struct lan *l, const AvahiAddress *address, uint16_t port,
		  const AvahiStringList *txt)
{
	char host[AVAHI_ADDRESS_STR_MAX];
	struct lan_hint hint;
	struct lantxt t;

	read_strings(&t, txt);
	if (!lantxt_is_of(&t, &l->self.network) ||
	    memcmp(&t.key, &l->self.key, sizeof(t.key)) == 0 ||
	    l->api.address_snprint(host, sizeof(host), address) == NULL)
		return;
	hint.key = t.key;
	if (lantxt_address(hint.address, host, port) == 0)
		add_hint(l, &hint);
}

static void on_lookup(AvahiServiceResolver *r, AvahiIfIndex interface,
		      AvahiProtocol protocol, AvahiResolverEvent event,
		      const char *name, const char *type, const char *domain,
		      const char *host, const AvahiAddress *address,
		      uint16_t port, AvahiStringList *txt,
		      AvahiLookupResultFlags flags, void *arg)
{
	struct lan *l = arg;

	(void)interface, (void)protocol, (void)name, (void)type;
	(void)domain, (void)host, (void)flags;
	if (event == AVAHI_RESOLVER_FOUND && address != NULL)
		found(l, address, port, txt);
	for (size_t i = 0; i < LAN_LOOKUPS; i++)
		if (l->lookup[i] == r)
			l->lookup[i] = NULL;
	l->api.service_resolver_free(r);
}

static void on_browse(AvahiServiceBrowser *b, AvahiIfIndex interface,
		      AvahiProtocol protocol, AvahiBrowserEvent event,
		      const char *name, const char *type, const char *domain,
		      AvahiLookupResultFlags flags, void *arg)
{
	struct lan *l = arg;
	size_t at = 0;

	(void)b, (void)flags;
	if (event != AVAHI_BROWSER_NEW || l->burst == LAN_BURST)
		return;
	while (at < LAN_LOOKUPS && l->lookup[at] != NULL)
		at++;
	if (at == LAN_LOOKUPS)
		return;
	l->burst++;
	l->lookup[at] = l->api.service_resolver_new(
		l->client, interface, protocol, name, type, domain, protocol, 0,
		on_lookup, l);
}

static void publish(struct lan *l);

static void on_group(AvahiEntryGroup *g, AvahiEntryGroupState state, void *arg)
{
	struct lan *l = arg;

	l->group = g;
	if (state != AVAHI_ENTRY_GROUP_COLLISION || ++l->nth == NAMES_MAX)
		return;
	l->api.entry_group_reset(g);
	publish(l);
}

static void publish(struct lan *l)
{
	char text[LANTXT_STRINGS][LANTXT_STRING], name[LANTXT_NAME];
	const char *string[LANTXT_STRINGS];
	AvahiProtocol protocol = !l->self.has_v6   ? AVAHI_PROTO_INET
				 : !l->self.has_v4 ? AVAHI_PROTO_INET6
						   : AVAHI_PROTO_UNSPEC;
	AvahiStringList *txt;

	if (l->group == NULL)
		l->group = l->api.entry_group_new(l->client, on_group, l);
	if (l->group == NULL)
		return;
	lantxt_put(text, &l->self.network, &l->self.key);
	for (size_t i = 0; i < LANTXT_STRINGS; i++)
		string[i] = text[i];
	lantxt_name(name, &l->self.key, l->nth);
	txt = l->api.string_list_new_from_array(string, LANTXT_STRINGS);
	if (txt != NULL &&
	    l->api.entry_group_add_service_strlst(
		    l->group, AVAHI_IF_UNSPEC, protocol, 0, name, LANTXT_TYPE,
		    NULL, NULL, l->self.port, txt) == 0)
		l->api.entry_group_commit(l->group);
	l->api.string_list_free(txt);
}

/* The first call comes from within client_new. */
static void on_client(AvahiClient *c, AvahiClientState state, void *arg)
{
	struct lan *l = arg;

	l->client = c;
	switch (state) {
	case AVAHI_CLIENT_S_RUNNING:
		set_state(l, LAN_UP);
		l->look_ms = clock_ms();
		if (l->self.port != 0)
			publish(l);
		break;
	case AVAHI_CLIENT_S_REGISTERING:
	case AVAHI_CLIENT_S_COLLISION:
		/* The machine's name is being settled. */
		if (l->group != NULL)
			l->api.entry_group_reset(l->group);
		break;
	case AVAHI_CLIENT_FAILURE:
		l->has_failed = true;
		break;
	case AVAHI_CLIENT_CONNECTING:
		set_state(l, LAN_ABSENT);
		break;
	}
}

/* A new browser tells of everybody that is there. */
static void look_around(struct lan *l)
{
	if (l->browser != NULL)
		l->api.service_browser_free(l->browser);
	l->burst = 0;
	l->browser = l->api.service_browser_new(l->client, AVAHI_IF_UNSPEC,
						AVAHI_PROTO_UNSPEC, LANTXT_TYPE,
						NULL, 0, on_browse, l);
	l->look_ms = clock_ms() + LAN_LOOK_MS;
}

static void on_wake(AvahiWatch *w, int fd, AvahiWatchEvent event, void *arg)
{
	struct lan *l = arg;
	uint64_t count;

	(void)w, (void)event;
	l->is_over = read(fd, &count, sizeof(count)) == sizeof(count);
}

/* The client takes all that was made with it along. */
static void end_client(struct lan *l)
{
	if (l->client != NULL)
		l->api.client_free(l->client);
	l->client = NULL;
	l->group = NULL;
	l->browser = NULL;
	memset(l->lookup, 0, sizeof(l->lookup));
	l->has_failed = false;
	l->nth = 0;
}

static void begin_client(struct lan *l)
{
	l->client = l->api.client_new(l->api.simple_poll_get(l->poll),
				      AVAHI_CLIENT_NO_FAIL, on_client, l, NULL);
	if (l->client == NULL)
		set_state(l, LAN_ABSENT);
}

/* With the daemon gone, or no D-Bus, another try every LAN_LOOK_MS. */
static void step(struct lan *l)
{
	if (l->has_failed) {
		end_client(l);
		set_state(l, LAN_ABSENT);
		l->look_ms = clock_ms() + LAN_LOOK_MS;
	}
	if (clock_ms() < l->look_ms)
		return;
	l->look_ms = clock_ms() + LAN_LOOK_MS;
	if (l->client == NULL)
		begin_client(l);
	else if (lan_state(l) == LAN_UP)
		look_around(l);
}

static void *run(void *arg)
{
	struct lan *l = arg;
	const AvahiPoll *api;

	l->poll = l->api.simple_poll_new();
	if (l->poll == NULL) {
		set_state(l, LAN_ABSENT);
		return NULL;
	}
	api = l->api.simple_poll_get(l->poll);
	api->watch_new(api, l->wake, AVAHI_WATCH_IN, on_wake, l);
	while (!l->is_over) {
		step(l);
		if (l->api.simple_poll_iterate(l->poll, LAN_STEP_MS) != 0)
			break;
	}
	end_client(l);
	l->api.simple_poll_free(l->poll);
	return NULL;
}

int lan_open(struct lan **out, const struct lan_self *self)
{
	struct lan *l = calloc(1, sizeof(*l));
	int err;

	if (l == NULL)
		return ERR_NOMEM;
	l->self = *self;
	l->wake = -1;
	err = load(&l->api);
	if (err != 0)
		goto fail;
	err = ERR_IO;
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wake < 0 || pthread_mutex_init(&l->lock, NULL) != 0)
		goto fail;
	if (pthread_create(&l->thread, NULL, run, l) == 0) {
		*out = l;
		return 0;
	}
	pthread_mutex_destroy(&l->lock);
fail:
	if (l->wake >= 0)
		close(l->wake);
	free(l);
	return err;
}

void lan_close(struct lan *l)
{
	const uint64_t one = 1;

	if (l == NULL)
		return;
	if (write(l->wake, &one, sizeof(one)) == sizeof(one))
		pthread_join(l->thread, NULL);
	pthread_mutex_destroy(&l->lock);
	close(l->wake);
	free(l);
}

enum lan_state lan_state(struct lan *l)
{
	enum lan_state state;

	pthread_mutex_lock(&l->lock);
	state = l->state;
	pthread_mutex_unlock(&l->lock);
	return state;
}

bool lan_take(struct lan *l, struct lan_hint *out)
{
	bool is_there;

	pthread_mutex_lock(&l->lock);
	is_there = l->hint_n > 0;
	if (is_there)
		*out = l->hint[--l->hint_n];
	pthread_mutex_unlock(&l->lock);
	return is_there;
}
