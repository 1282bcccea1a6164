#ifndef PROTO_WR_H
#define PROTO_WR_H

#include <stddef.h>
#include <stdint.h>

/*
 * wr -- write canonical msgpack into the caller's buffer.
 *
 * The buffer is the ceiling: what does not fit makes the writer fail and stay
 * failed, and wr_end tells.  msgpack-c chooses the shortest forms; what it
 * packs, rd reads.  Nothing is allocated.
 */
struct wr {
	uint8_t *p; /* start of the caller's buffer */
	size_t max; /* its size, bytes */
	size_t n;   /* written so far */
	int err;    /* 0 or ERR_LIMIT */
};

/* wr_init: write into [p, p + max).  Cannot fail. */
void wr_init(struct wr *w, void *p, size_t max);

void wr_uint(struct wr *w, uint64_t v);
void wr_array(struct wr *w, uint32_t n);
void wr_map(struct wr *w, uint32_t n);
void wr_bin(struct wr *w, const void *p, size_t n);
void wr_text(struct wr *w, const char *text, size_t n);
void wr_nil(struct wr *w);

/* wr_raw: n bytes that are canonical already. */
void wr_raw(struct wr *w, const void *p, size_t n);

/* wr_end: 0 and the bytes written in *n, or ERR_LIMIT. */
int wr_end(const struct wr *w, size_t *n);

#endif
