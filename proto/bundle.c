#include "proto/bundle.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/charter.h"
#include "proto/rd.h"
#include "proto/run.h"
#include "proto/wr.h"

#include <string.h>

static const char magic[BUNDLE_MAGIC + 1] = "maillon-bundle/1\n";

enum {
	LENGTH_N = 4,    /* bytes of a record's length */
	VERSION_AT = 15, /* of the digit in the first line */
	/* A pair of runs holds facts three deeper than an entry does. */
	EVIDENCE_DEPTH = LIMIT_DEPTH + 3
};

/* Check what a record holds as far as its type goes; for a run, how many
 * entries it has. */
static int check_body(enum bundle_type type, const void *p, size_t n,
		      uint64_t *entries)
{
	struct charter charter;
	struct run run;
	struct rd r;
	int err = ERR_FORMAT;

	switch (type) {
	case BUNDLE_CHARTER:
		err = charter_decode(&charter, p, n);
		break;
	case BUNDLE_EVIDENCE:
		rd_init(&r, p, n);
		rd_skip(&r, EVIDENCE_DEPTH);
		err = rd_end(&r);
		break;
	case BUNDLE_RUN:
		err = run_decode(&run, p, n);
		if (err == 0)
			*entries += run.count;
		break;
	case BUNDLE_END:
		break;
	}
	return err;
}

/* Two branches of a fork may be longer than any other record. */
static size_t payload_max(enum bundle_type type)
{
	return type == BUNDLE_EVIDENCE ? BUNDLE_PROOF : LIMIT_FRAME;
}

void bundle_writer_init(struct bundle_writer *w)
{
	hasher_init(&w->hasher);
	w->entries = 0;
	w->has_charter = false;
	w->has_end = false;
}

int bundle_put(struct bundle_writer *w, uint8_t out[static BUNDLE_ROOM],
	       size_t *n, enum bundle_type type, const void *body,
	       size_t body_n)
{
	size_t head = w->has_charter ? 0 : BUNDLE_MAGIC;
	uint64_t entries = w->entries;
	size_t len;
	struct wr wr;
	int err;

	if (w->has_end || type == BUNDLE_END ||
	    (type == BUNDLE_CHARTER) == w->has_charter)
		return ERR_STATE;
	err = check_body(type, body, body_n, &entries);
	if (err != 0)
		return err;
	wr_init(&wr, out + head + LENGTH_N, payload_max(type));
	wr_array(&wr, 2);
	wr_uint(&wr, type);
	if (type == BUNDLE_CHARTER)
		wr_bin(&wr, body, body_n);
	else
		wr_raw(&wr, body, body_n);
	err = wr_end(&wr, &len);
	if (err != 0)
		return err;
	memcpy(out, magic, head);
	be32_put(out + head, (uint32_t)len);
	*n = head + LENGTH_N + len;
	hasher_add(&w->hasher, out, *n);
	w->entries = entries;
	w->has_charter = true;
	return 0;
}

int bundle_put_end(struct bundle_writer *w, uint8_t out[static BUNDLE_ROOM],
		   size_t *n)
{
	struct id check;
	struct wr wr;
	size_t len;
	int err;

	if (!w->has_charter || w->has_end)
		return ERR_STATE;
	check = hasher_id(&w->hasher);
	wr_init(&wr, out + LENGTH_N, LIMIT_FRAME);
	wr_array(&wr, 3);
	wr_uint(&wr, BUNDLE_END);
	wr_uint(&wr, w->entries);
	wr_bin(&wr, check.b, sizeof(check.b));
	err = wr_end(&wr, &len);
	if (err != 0)
		return err;
	be32_put(out, (uint32_t)len);
	*n = LENGTH_N + len;
	w->has_end = true;
	return 0;
}

int bundle_open(struct bundle *b, const void *p, size_t n)
{
	if (n < BUNDLE_MAGIC || memcmp(p, magic, VERSION_AT) != 0)
		return ERR_FORMAT;
	if (memcmp(p, magic, BUNDLE_MAGIC) != 0)
		return ERR_VERSION;
	*b = (struct bundle){ .p = p, .n = n, .at = BUNDLE_MAGIC };
	hasher_init(&b->hasher);
	hasher_add(&b->hasher, p, BUNDLE_MAGIC);
	return 0;
}

/* A reader of the payload of the record at b->at. */
static int frame_at(const struct bundle *b, struct rd *r)
{
	const uint8_t *p = b->p + b->at;
	size_t left = b->n - b->at;
	uint32_t len;

	if (left < LENGTH_N)
		return ERR_FORMAT;
	len = be32_get(p);
	/* What the first two bytes of the payload say it is. */
	if (len > payload_max(left > LENGTH_N + 1 &&
					      p[LENGTH_N + 1] == BUNDLE_EVIDENCE
				      ? BUNDLE_EVIDENCE
				      : BUNDLE_RUN))
		return ERR_LIMIT;
	if (len > left - LENGTH_N)
		return ERR_FORMAT;
	rd_init(r, p + LENGTH_N, len);
	return 0;
}

static int read_body(struct bundle *b, struct rd *r, struct bundle_record *rec)
{
	if (rec->type == BUNDLE_CHARTER) {
		rec->body = rd_bin(r, LIMIT_CHARTER, &rec->body_n);
		if (rd_end(r) != 0)
			return rd_end(r);
	} else {
		rec->body = r->p;
		rec->body_n = r->n;
	}
	return check_body(rec->type, rec->body, rec->body_n, &b->entries);
}

static int read_end(struct bundle *b, struct rd *r)
{
	uint64_t entries = rd_uint(r, UINT64_MAX);
	struct hasher h = b->hasher;
	struct id check, own;

	rd_fixed(r, check.b, sizeof(check.b));
	if (rd_end(r) != 0)
		return rd_end(r);
	own = hasher_id(&h);
	if (entries != b->entries || !id_eq(&check, &own))
		return ERR_SIGNATURE;
	b->has_end = true;
	return 0;
}

static int read_record(struct bundle *b, struct bundle_record *out)
{
	struct bundle_record rec = { .offset = b->at };
	uint32_t fields;
	uint64_t type;
	struct rd r;
	size_t n;
	int err = frame_at(b, &r);

	if (err != 0)
		return err;
	n = LENGTH_N + r.n;
	fields = rd_array(&r, UINT32_MAX);
	type = rd_uint(&r, UINT64_MAX);
	if (r.err != 0)
		return r.err;
	if (type > BUNDLE_END)
		return ERR_VERSION;
	rec.type = (enum bundle_type)type;
	if (fields != (rec.type == BUNDLE_END ? 3 : 2) ||
	    (rec.type == BUNDLE_CHARTER) != (b->at == BUNDLE_MAGIC))
		return ERR_FORMAT;
	err = rec.type == BUNDLE_END ? read_end(b, &r) : read_body(b, &r, &rec);
	if (err != 0)
		return err;
	hasher_add(&b->hasher, b->p + b->at, n);
	b->at += n;
	*out = rec;
	return 0;
}

int bundle_next(struct bundle *b, struct bundle_record *out)
{
	if (b->err != 0)
		return b->err;
	if (!b->has_end)
		b->err = read_record(b, out);
	else
		b->err = b->at == b->n ? ERR_NOT_FOUND : ERR_FORMAT;
	return b->err;
}
