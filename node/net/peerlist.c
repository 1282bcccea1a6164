#include "node/net/peerlist.h"

#include "crypto/err.h"
#include "node/ctl/ctl.h"
#include "node/text/i18n.h"

#include <stdlib.h>
#include <string.h>

enum { CALL_MS = 30000 };

const char *peerlist_state(const char *state)
{
	static const char *const words[] = { N_("down"),  N_("connecting"),
					     N_("hello"), N_("joining"),
					     N_("sync"),  N_("live"),
					     N_("stuck") };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i], state) == 0)
			return _(words[i]);
	return state;
}

json_t *peerlist_json(const struct peerlist_row *row)
{
	json_t *o = json_object();

	json_put(&o, "label", json_string(row->label));
	json_put(&o, "address", json_string(row->address));
	json_put(&o, "way", json_string(row->is_dialled ? "out" : "in"));
	json_put(&o, "state", json_string(row->state));
	json_put(&o, "in_step", json_boolean(row->in_step));
	json_put(&o, "last_ms", json_integer((json_int_t)row->last_ms));
	json_put(&o, "bytes_in", json_integer((json_int_t)row->bytes_in));
	json_put(&o, "bytes_out", json_integer((json_int_t)row->bytes_out));
	json_put(&o, "aside",
		 row->aside[0] != '\0' ? json_string(row->aside) : json_null());
	json_put(&o, "unequal", unequal_json(&row->unequal));
	return o;
}

void peerlist_put(struct wr *w, const struct peerlist_row *row)
{
	wr_array(w, 10);
	wr_text(w, row->label, strlen(row->label));
	wr_text(w, row->address, strlen(row->address));
	wr_text(w, row->state, strlen(row->state));
	wr_uint(w, row->is_dialled);
	wr_uint(w, row->in_step);
	wr_uint(w, row->last_ms);
	wr_uint(w, row->bytes_in);
	wr_uint(w, row->bytes_out);
	wr_text(w, row->aside, strlen(row->aside));
	unequal_put(w, &row->unequal);
}

static void get_row(struct rd *r, struct peerlist_row *row)
{
	if (rd_array(r, 10) != 10)
		rd_fail(r, ERR_FORMAT);
	rd_plain(r, row->label, LIMIT_LABEL);
	rd_plain(r, row->address, LIMIT_ADDRESS);
	rd_plain(r, row->state, PEERLIST_STATE - 1);
	row->is_dialled = rd_uint(r, 1) == 1;
	row->in_step = rd_uint(r, 1) == 1;
	row->last_ms = rd_uint(r, UINT64_MAX);
	row->bytes_in = rd_uint(r, UINT64_MAX);
	row->bytes_out = rd_uint(r, UINT64_MAX);
	rd_plain(r, row->aside, PEERLIST_FEED - 1);
	unequal_get(r, &row->unequal);
}

int peerlist_get(struct peerlist_row **rows, size_t *n, struct rd *r)
{
	uint32_t count = rd_array(r, PEERLIST_MAX);
	struct peerlist_row *list;

	if (r->err != 0)
		return r->err;
	*rows = NULL;
	*n = 0;
	if (count == 0)
		return rd_end(r);
	list = calloc(count, sizeof(*list));
	if (list == NULL)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < count; i++)
		get_row(r, &list[i]);
	if (rd_end(r) != 0) {
		free(list);
		return rd_end(r);
	}
	*rows = list;
	*n = count;
	return 0;
}

int peerlist_ask(struct peerlist_row **rows, size_t *n, const char *path)
{
	struct ctl c;
	struct rd r;
	int err = ctl_connect(&c, path);

	if (err != 0)
		return err;
	err = ctl_call(&c, &r, "peers", NULL, 0, CALL_MS);
	if (err == 0)
		err = peerlist_get(rows, n, &r);
	ctl_close(&c);
	return err;
}
