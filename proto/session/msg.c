#include "proto/session/msg.h"

#include "crypto/err.h"
#include "proto/value.h"
#include "proto/wr.h"

#include <assert.h>
#include <string.h>

enum { FEEDS_MAX = INT32_MAX };

static void rd_id(struct rd *r, struct id *id)
{
	rd_fixed(r, id->b, sizeof(id->b));
}

static void rd_cursor(struct rd *r, struct msg_cursor *c)
{
	rd_fixed(r, c->instance, sizeof(c->instance));
	c->arrival = rd_uint(r, LIMIT_SEQ);
}

static void wr_cursor(struct wr *w, const struct msg_cursor *c)
{
	wr_bin(w, c->instance, sizeof(c->instance));
	wr_uint(w, c->arrival);
}

static void rd_hello(struct rd *r, struct msg_hello *m)
{
	rd_id(r, &m->network);
	rd_fixed(r, m->feed.b, sizeof(m->feed.b));
	m->feeds = rd_uint(r, FEEDS_MAX);
	rd_id(r, &m->frontier);
	rd_id(r, &m->roster);
	rd_cursor(r, &m->here);
	rd_cursor(r, &m->there);
	m->credit = rd_uint(r, LIMIT_CREDIT_MAX);
	m->flags = (uint32_t)rd_uint(r, UINT32_MAX);
	rd_fixed(r, m->nonce, sizeof(m->nonce));
	scope_read(r, &m->scope);
	if (m->credit < LIMIT_CREDIT_MIN)
		rd_fail(r, ERR_LIMIT);
}

static void wr_hello(struct wr *w, const struct msg_hello *m)
{
	wr_bin(w, m->network.b, sizeof(m->network.b));
	wr_bin(w, m->feed.b, sizeof(m->feed.b));
	wr_uint(w, m->feeds);
	wr_bin(w, m->frontier.b, sizeof(m->frontier.b));
	wr_bin(w, m->roster.b, sizeof(m->roster.b));
	wr_cursor(w, &m->here);
	wr_cursor(w, &m->there);
	wr_uint(w, m->credit);
	wr_uint(w, m->flags);
	wr_bin(w, m->nonce, sizeof(m->nonce));
	scope_write(w, &m->scope);
}

static void rd_open(struct rd *r, struct msg_open *m)
{
	m->raw = NULL;
	m->raw_n = 0;
	if (!rd_nil(r))
		m->raw = rd_bin(r, LIMIT_ENTRY, &m->raw_n);
}

static void wr_open(struct wr *w, const struct msg_open *m)
{
	if (m->raw == NULL)
		wr_nil(w);
	else
		wr_bin(w, m->raw, m->raw_n);
}

static void rd_heads(struct rd *r, struct msg_heads *m)
{
	m->flags = (unsigned)rd_uint(r, HEADS_FLAGS);
	msg_read_heads(r, &m->rows);
	if ((m->flags & HEADS_SOME) != 0 && (m->flags & HEADS_START) == 0)
		rd_fail(r, ERR_FORMAT);
	/* A frame that says nothing may only frame a listing. */
	if (m->rows.count == 0 && (m->flags & (HEADS_START | HEADS_END)) == 0)
		rd_fail(r, ERR_FORMAT);
}

static void rd_run(struct rd *r, struct msg_run *m)
{
	uint32_t n;

	m->done = (uint32_t)rd_uint(r, MSG_ROWS_MAX);
	n = rd_array(r, LIMIT_FRAME);
	if (n == 0 && m->done == 0)
		rd_fail(r, ERR_FORMAT);
	msg_read_bins(r, &m->runs, n, LIMIT_RUN_BYTES);
}

static void rd_digest(struct rd *r, struct msg_digest *m)
{
	m->ask = rd_uint(r, 1) == 1;
	m->feeds = rd_uint(r, FEEDS_MAX);
	rd_id(r, &m->frontier);
	rd_id(r, &m->roster);
	m->arrival = rd_uint(r, LIMIT_SEQ);
}

static void wr_digest(struct wr *w, const struct msg_digest *m)
{
	wr_uint(w, m->ask ? 1 : 0);
	wr_uint(w, m->feeds);
	wr_bin(w, m->frontier.b, sizeof(m->frontier.b));
	wr_bin(w, m->roster.b, sizeof(m->roster.b));
	wr_uint(w, m->arrival);
}

static void rd_join(struct rd *r, struct msg_join *m)
{
	uint32_t n;

	rd_fixed(r, m->invite, sizeof(m->invite));
	rd_id(r, &m->proof);
	rd_plain(r, m->label, LIMIT_LABEL);
	rd_plain(r, m->place, LIMIT_PLACE);
	rd_plain(r, m->name, LIMIT_NAME);
	if (!label_is_valid(m->label, strlen(m->label)) ||
	    !place_is_valid(m->place, strlen(m->place)))
		rd_fail(r, ERR_FORMAT);
	n = rd_array(r, LIMIT_PENDING);
	if (n == 0)
		rd_fail(r, ERR_FORMAT);
	msg_read_bins(r, &m->entries, n, LIMIT_ENTRY);
}

static void wr_join(struct wr *w, const struct msg_join *m)
{
	wr_bin(w, m->invite, sizeof(m->invite));
	wr_bin(w, m->proof.b, sizeof(m->proof.b));
	wr_text(w, m->label, strlen(m->label));
	wr_text(w, m->place, strlen(m->place));
	wr_text(w, m->name, strlen(m->name));
	wr_array(w, m->entries.count);
	wr_raw(w, m->entries.rd.p, m->entries.rd.n);
}

static void rd_bye(struct rd *r, struct msg_bye *m)
{
	m->reason = (unsigned)rd_uint(r, UINT8_MAX);
	rd_plain(r, m->text, LIMIT_BYE);
}

/* How many elements a frame of this type has, version and type included; 0
 * for a type that is not known. */
static uint32_t elements(uint64_t type)
{
	static const uint8_t n[] = {
		[MSG_HELLO] = 15, [MSG_OPEN] = 3,   [MSG_HEADS] = 4,
		[MSG_FETCH] = 3,  [MSG_RUN] = 4,    [MSG_PUSH] = 3,
		[MSG_CREDIT] = 3, [MSG_DIGEST] = 7, [MSG_JOIN] = 8,
		[MSG_JOINED] = 3, [MSG_BYE] = 4,    [MSG_WALK] = 3,
		[MSG_LIMITS] = 4, [MSG_PROOF] = 4
	};

	return type < sizeof(n) ? n[type] : 0;
}

static void rd_body(struct rd *r, struct msg *m)
{
	switch (m->type) {
	case MSG_HELLO:
		rd_hello(r, &m->u.hello);
		break;
	case MSG_OPEN:
		rd_open(r, &m->u.open);
		break;
	case MSG_HEADS:
		rd_heads(r, &m->u.heads);
		break;
	case MSG_FETCH:
		msg_read_wants(r, &m->u.fetch);
		if (m->u.fetch.count == 0)
			rd_fail(r, ERR_FORMAT);
		break;
	case MSG_RUN:
		rd_run(r, &m->u.run);
		break;
	case MSG_PUSH:
		m->u.push.done = 0;
		msg_read_bins(r, &m->u.push.runs, 1, LIMIT_RUN_BYTES);
		break;
	case MSG_CREDIT:
		m->u.credit = rd_uint(r, LIMIT_CREDIT_MAX);
		if (m->u.credit == 0)
			rd_fail(r, ERR_FORMAT);
		break;
	case MSG_DIGEST:
		rd_digest(r, &m->u.digest);
		break;
	case MSG_JOIN:
		rd_join(r, &m->u.join);
		break;
	case MSG_JOINED:
		m->u.joined = (enum joined)rd_uint(r, JOINED_COUNT - 1);
		break;
	case MSG_BYE:
		rd_bye(r, &m->u.bye);
		break;
	case MSG_WALK:
		msg_read_nodes(r, &m->u.walk);
		if (m->u.walk.count == 0)
			rd_fail(r, ERR_FORMAT);
		break;
	case MSG_LIMITS:
		m->u.limits.is_last = rd_uint(r, 1) != 0;
		msg_read_limits(r, &m->u.limits.rows);
		break;
	case MSG_PROOF:
		m->u.proof.is_last = rd_uint(r, 1) != 0;
		m->u.proof.p = rd_bin(r, LIMIT_FRAME, &m->u.proof.n);
		if (m->u.proof.n == 0)
			rd_fail(r, ERR_FORMAT);
		break;
	}
}

int msg_decode(struct msg *out, const void *p, size_t n)
{
	uint64_t version, type;
	struct msg m;
	struct rd r;
	uint32_t count;

	if (n > LIMIT_FRAME)
		return ERR_LIMIT;
	rd_init(&r, p, n);
	count = rd_array(&r, UINT16_MAX);
	version = rd_uint(&r, UINT32_MAX);
	type = rd_uint(&r, UINT32_MAX);
	if (r.err != 0)
		return r.err;
	/* PROTOCOL: BYE is the same in every version. */
	if (version != MSG_VERSION && type != MSG_BYE)
		return ERR_VERSION;
	if (elements(type) == 0)
		return ERR_VERSION;
	if (count != elements(type))
		return ERR_FORMAT;
	memset(&m, 0, sizeof(m));
	m.type = (enum msg_type)type;
	rd_body(&r, &m);
	if (rd_end(&r) != 0)
		return rd_end(&r);
	*out = m;
	return 0;
}

static void wr_list(struct wr *w, const struct msg_list *list)
{
	wr_array(w, list->count);
	wr_raw(w, list->rd.p, list->rd.n);
}

static void wr_body(struct wr *w, const struct msg *m)
{
	switch (m->type) {
	case MSG_HELLO:
		wr_hello(w, &m->u.hello);
		break;
	case MSG_OPEN:
		wr_open(w, &m->u.open);
		break;
	case MSG_HEADS:
		wr_uint(w, m->u.heads.flags);
		wr_list(w, &m->u.heads.rows);
		break;
	case MSG_FETCH:
		wr_list(w, &m->u.fetch);
		break;
	case MSG_RUN:
		wr_uint(w, m->u.run.done);
		wr_list(w, &m->u.run.runs);
		break;
	case MSG_PUSH:
		wr_raw(w, m->u.push.runs.rd.p, m->u.push.runs.rd.n);
		break;
	case MSG_CREDIT:
		wr_uint(w, m->u.credit);
		break;
	case MSG_DIGEST:
		wr_digest(w, &m->u.digest);
		break;
	case MSG_JOIN:
		wr_join(w, &m->u.join);
		break;
	case MSG_JOINED:
		wr_uint(w, m->u.joined);
		break;
	case MSG_BYE:
		wr_uint(w, m->u.bye.reason);
		wr_text(w, m->u.bye.text, strlen(m->u.bye.text));
		break;
	case MSG_WALK:
		wr_list(w, &m->u.walk);
		break;
	case MSG_LIMITS:
		wr_uint(w, m->u.limits.is_last);
		wr_list(w, &m->u.limits.rows);
		break;
	case MSG_PROOF:
		wr_uint(w, m->u.proof.is_last);
		wr_bin(w, m->u.proof.p, m->u.proof.n);
		break;
	}
}

int msg_encode(const struct msg *m, void *out, size_t max, size_t *n)
{
	struct wr w;

	assert(elements(m->type) != 0);
	wr_init(&w, out, max < LIMIT_FRAME ? max : LIMIT_FRAME);
	wr_array(&w, elements(m->type));
	wr_uint(&w, MSG_VERSION);
	wr_uint(&w, m->type);
	wr_body(&w, m);
	return wr_end(&w, n);
}
