#include "node/cmd/asked.h"

#include "crypto/err.h"
#include "store/book.h"

static int load(struct asked *out, const struct book_view *view,
		const struct id *id)
{
	struct book_record rec, newest;
	int err = view->get(view->cookie, &rec, id);

	if (err == 0) {
		newest = rec;
		err = book_newest(view, &newest, &out->occurred);
	}
	return err == 0 ? demand_of(view, &rec, out->line, &out->n) : err;
}

int asked_load(struct asked *out, struct desk *d, const struct id *id)
{
	struct book_view view;
	int err = store_view_open(d->store, &view);

	out->occurred = true;
	out->n = 0;
	if (err != 0)
		return err;
	err = load(out, &view, id);
	store_view_close(d->store);
	return err == ERR_NOT_FOUND ? 0 : err;
}
