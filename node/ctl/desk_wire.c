#include "node/ctl/desk_wire.h"

#include "crypto/err.h"
#include "node/ctl/ctl_wire.h"
#include "node/ctl/desk.h"
#include "store/private.h"

#include <string.h>

void wire_put_drafts(struct wr *w, const struct draft *drafts, size_t n)
{
	wr_array(w, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		wr_array(w, 3);
		wr_uint(w, drafts[i].kind);
		wr_uint(w, drafts[i].time_ms);
		wr_bin(w, drafts[i].facts, drafts[i].facts_n);
	}
}

int wire_get_drafts(struct rd *r, struct draft out[static KEEPER_DRAFTS],
		    size_t *n)
{
	uint32_t count = rd_array(r, KEEPER_DRAFTS);

	for (uint32_t i = 0; i < count && r->err == 0; i++) {
		if (rd_array(r, 3) != 3)
			rd_fail(r, ERR_FORMAT);
		out[i].kind = (uint32_t)rd_uint(r, LIMIT_KIND);
		out[i].time_ms = rd_uint(r, LIMIT_TIME_MS);
		out[i].facts = rd_bin(r, LIMIT_ENTRY, &out[i].facts_n);
	}
	*n = count;
	return rd_end(r);
}

void wire_put_recorded(struct wr *w, int err, size_t bad,
		       const struct recorded *rows, size_t n)
{
	wr_array(w, 3);
	wr_uint(w, (uint64_t)-err);
	wr_uint(w, err == 0 ? 0 : bad);
	wr_array(w, err == 0 ? (uint32_t)n : 0);
	for (size_t i = 0; err == 0 && i < n; i++) {
		wr_array(w, 4);
		wr_bin(w, rows[i].feed.b, KEY_SIZE);
		wr_uint(w, rows[i].seq);
		wr_bin(w, rows[i].id.b, ID_SIZE);
		wr_uint(w, rows[i].was_there);
	}
}

int wire_get_recorded(struct rd *r, struct recorded *out, size_t n, size_t *bad)
{
	uint64_t code, at;
	uint32_t count;

	if (rd_array(r, 3) != 3)
		rd_fail(r, ERR_FORMAT);
	code = rd_uint(r, CTL_CODE_MAX);
	at = rd_uint(r, n);
	count = rd_array(r, KEEPER_DRAFTS);
	if (r->err == 0 && count != (code == 0 ? n : 0))
		rd_fail(r, ERR_FORMAT);
	for (uint32_t i = 0; i < count && r->err == 0; i++) {
		if (rd_array(r, 4) != 4)
			rd_fail(r, ERR_FORMAT);
		rd_fixed(r, out[i].feed.b, KEY_SIZE);
		out[i].seq = rd_uint(r, LIMIT_SEQ);
		rd_fixed(r, out[i].id.b, ID_SIZE);
		out[i].was_there = rd_uint(r, 1) != 0;
	}
	if (rd_end(r) != 0)
		return ERR_FORMAT;
	if (code != 0)
		*bad = (size_t)at;
	return -(int)code;
}

static int serve_record(struct keeper *k, struct ctl_request *req,
			struct ctl_reply *reply)
{
	struct draft drafts[KEEPER_DRAFTS];
	struct recorded rows[KEEPER_DRAFTS];
	size_t n, bad = 0;
	int err = wire_get_drafts(&req->args, drafts, &n);

	if (err != 0)
		return err;
	bad = n;
	err = keeper_record(k, rows, drafts, n, &bad);
	wire_put_recorded(&reply->value, err, bad, rows, n);
	return 0;
}

typedef int keep_rows(struct keeper *k, const struct keepsake *rows, size_t n);

static int serve_rows(struct keeper *k, struct ctl_request *req,
		      struct ctl_reply *reply, keep_rows *keep)
{
	struct keepsake rows[KEEPER_DRAFTS];
	struct rd *r = &req->args;
	uint32_t n = rd_array(r, KEEPER_DRAFTS);
	int err;

	for (uint32_t i = 0; i < n && r->err == 0; i++) {
		if (rd_array(r, 2) != 2)
			rd_fail(r, ERR_FORMAT);
		rows[i].key = rd_bin(r, TABLE_KEY_MAX, &rows[i].key_n);
		rows[i].value = rd_bin(r, TABLE_VALUE_MAX, &rows[i].value_n);
	}
	err = rd_end(r);
	if (err == 0)
		err = keep(k, rows, n);
	if (err == 0)
		wr_uint(&reply->value, n);
	return err;
}

int desk_serve(struct keeper *k, struct ctl_request *req,
	       struct ctl_reply *reply)
{
	if (strcmp(req->verb, "record") == 0)
		return serve_record(k, req, reply);
	if (strcmp(req->verb, "remember") == 0)
		return serve_rows(k, req, reply, keeper_remember);
	if (strcmp(req->verb, "forget") == 0)
		return serve_rows(k, req, reply, keeper_forget);
	return ERR_NOT_FOUND;
}
