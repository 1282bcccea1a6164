#include "node/export/export.h"

#include "crypto/err.h"
#include "node/text/json.h"
#include "store/log.h"

static int line_of_entry(void *arg, const uint8_t *raw, size_t n)
{
	const struct exporting *x = arg;
	struct entry e;
	struct id id;
	int err = entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	id = entry_id(&e);
	err = export_json(x->file, json_entry(&e, &id, x->roster));
	if (err == 0 && fputc('\n', x->file) == EOF)
		err = ERR_IO;
	return err;
}

static int lines_of_feed(void *arg, const struct head *head)
{
	const struct exporting *x = arg;

	if (!narrow_feed(x->narrow, &head->feed))
		return 0;
	return store_entries(x->store, &head->feed, 1, line_of_entry, arg);
}

int export_jsonl(const struct exporting *x)
{
	struct exporting copy = *x;

	return store_heads(x->store, lines_of_feed, &copy);
}
