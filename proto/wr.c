#include "proto/wr.h"

#include "crypto/err.h"

#include <msgpack.h>

static int put(void *data, const char *p, size_t n)
{
	struct wr *w = data;

	if (w->err != 0 || n > w->max - w->n) {
		w->err = ERR_LIMIT;
		return -1;
	}
	if (n > 0)
		memcpy(w->p + w->n, p, n);
	w->n += n;
	return 0;
}

static msgpack_packer packer(struct wr *w)
{
	return (msgpack_packer){ .data = w, .callback = put };
}

void wr_init(struct wr *w, void *p, size_t max)
{
	w->p = p;
	w->max = max;
	w->n = 0;
	w->err = 0;
}

void wr_uint(struct wr *w, uint64_t v)
{
	msgpack_packer pk = packer(w);

	msgpack_pack_uint64(&pk, v);
}

void wr_array(struct wr *w, uint32_t n)
{
	msgpack_packer pk = packer(w);

	msgpack_pack_array(&pk, n);
}

void wr_map(struct wr *w, uint32_t n)
{
	msgpack_packer pk = packer(w);

	msgpack_pack_map(&pk, n);
}

void wr_bin(struct wr *w, const void *p, size_t n)
{
	msgpack_packer pk = packer(w);

	msgpack_pack_bin(&pk, n);
	put(w, p, n);
}

void wr_text(struct wr *w, const char *text, size_t n)
{
	msgpack_packer pk = packer(w);

	msgpack_pack_str(&pk, n);
	put(w, text, n);
}

void wr_nil(struct wr *w)
{
	msgpack_packer pk = packer(w);

	msgpack_pack_nil(&pk);
}

void wr_raw(struct wr *w, const void *p, size_t n)
{
	put(w, p, n);
}

int wr_end(const struct wr *w, size_t *n)
{
	if (w->err == 0)
		*n = w->n;
	return w->err;
}
