#include "node/report/trace_load.h"

#include "crypto/err.h"
#include "store/book.h"
#include "store/log.h"

struct loading {
	struct trace *trace;
	struct store *store;
	const struct book_view *view;
};

static int read_feed(void *arg, const struct head *head)
{
	const struct loading *l = arg;
	uint64_t end = head->counted < head->seq ? head->counted : head->seq;
	int err = 0;

	for (uint64_t seq = 1; seq <= end && err == 0; seq++) {
		struct book_record rec;

		err = store_record(l->store, &head->feed, seq, &rec);
		if (err == 0)
			err = trace_add(l->trace, l->view, &rec);
		else if (err == ERR_NOT_FOUND)
			err = 0;
	}
	return err;
}

int trace_load(struct trace **out, struct store *s,
	       const struct book_view *view)
{
	struct loading l = { .store = s, .view = view };
	int err = trace_open(&l.trace);

	*out = l.trace;
	if (err == 0)
		err = store_heads(s, read_feed, &l);
	return err == 0 ? trace_lay(l.trace) : err;
}
