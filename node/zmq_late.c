#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <zmq.h>

/*
 * zmq_late -- libzmq under its own names, loaded when it is first asked for
 * its version.
 *
 * It brings fifteen other libraries, which takes longer than all else that a
 * command like `totals` does, and few commands go to the network.  So the
 * program is linked with these functions, each of which hands on to the one of
 * that name in the library; everything else in node/ calls libzmq as anybody
 * does, and the tests are linked with it.  What node/ calls and what is not
 * here does not link.
 *
 * Without the library zmq_version says 0.0.0, which net_open refuses; nothing
 * else is called then.
 */

/* Of all of 4.x. */
static const char library[] = "libzmq.so.5";

/* What node/ calls. */
/* clang-format off */
#define FUNCTIONS(each)                                                    \
	each(version) each(has) each(ctx_new) each(ctx_set) each(ctx_term) \
	each(socket) each(close) each(bind) each(connect) each(getsockopt) \
	each(setsockopt) each(socket_monitor) each(poll) each(send)        \
	each(recv) each(msg_init) each(msg_recv) each(msg_close)           \
	each(msg_data) each(msg_size) each(msg_more) each(msg_get)         \
	each(msg_gets)
/* clang-format on */

#define POINTER(f) __typeof__(zmq_##f) *f;
#define NAME(f)    { "zmq_" #f, offsetof(struct functions, f) },

struct functions {
	FUNCTIONS(POINTER)
};

static const struct {
	const char *name;
	size_t at;
} names[] = { FUNCTIONS(NAME) };

static struct functions real;
static bool is_loaded;

/* All or none. */
static void load(void)
{
	void *lib = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	struct functions found;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		void *f = lib == NULL ? NULL : dlsym(lib, names[i].name);

		if (f == NULL)
			return;
		/* POSIX has pointers to functions and to data alike, and C
		 * moves them only as bytes. */
		memcpy((char *)&found + names[i].at, &f, sizeof(f));
	}
	real = found;
	is_loaded = true;
}

void zmq_version(int *major, int *minor, int *patch)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	if (is_loaded) {
		real.version(major, minor, patch);
		return;
	}
	*major = 0;
	*minor = 0;
	*patch = 0;
}

void *zmq_ctx_new(void)
{
	return real.ctx_new();
}

int zmq_ctx_set(void *context, int option, int value)
{
	return real.ctx_set(context, option, value);
}

int zmq_ctx_term(void *context)
{
	return real.ctx_term(context);
}

int zmq_has(const char *capability)
{
	return real.has(capability);
}

void *zmq_socket(void *context, int type)
{
	return real.socket(context, type);
}

int zmq_close(void *s)
{
	return real.close(s);
}

int zmq_bind(void *s, const char *address)
{
	return real.bind(s, address);
}

int zmq_connect(void *s, const char *address)
{
	return real.connect(s, address);
}

int zmq_getsockopt(void *s, int option, void *value, size_t *n)
{
	return real.getsockopt(s, option, value, n);
}

int zmq_setsockopt(void *s, int option, const void *value, size_t n)
{
	return real.setsockopt(s, option, value, n);
}

int zmq_socket_monitor(void *s, const char *address, int events)
{
	return real.socket_monitor(s, address, events);
}

int zmq_poll(zmq_pollitem_t *items, int n, long timeout)
{
	return real.poll(items, n, timeout);
}

int zmq_send(void *s, const void *p, size_t n, int flags)
{
	return real.send(s, p, n, flags);
}

int zmq_recv(void *s, void *p, size_t n, int flags)
{
	return real.recv(s, p, n, flags);
}

int zmq_msg_init(zmq_msg_t *msg)
{
	return real.msg_init(msg);
}

int zmq_msg_recv(zmq_msg_t *msg, void *s, int flags)
{
	return real.msg_recv(msg, s, flags);
}

int zmq_msg_close(zmq_msg_t *msg)
{
	return real.msg_close(msg);
}

void *zmq_msg_data(zmq_msg_t *msg)
{
	return real.msg_data(msg);
}

size_t zmq_msg_size(const zmq_msg_t *msg)
{
	return real.msg_size(msg);
}

int zmq_msg_more(const zmq_msg_t *msg)
{
	return real.msg_more(msg);
}

int zmq_msg_get(const zmq_msg_t *msg, int property)
{
	return real.msg_get(msg, property);
}

const char *zmq_msg_gets(const zmq_msg_t *msg, const char *property)
{
	return real.msg_gets(msg, property);
}
