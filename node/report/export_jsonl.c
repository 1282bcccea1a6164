#include "node/report/export.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/json.h"
#include "node/text/say.h"
#include "store/log.h"
#include "store/store.h"

struct lines {
	struct store *store;
	FILE *file;
};

static int line_of_entry(void *arg, const uint8_t *raw, size_t n)
{
	struct lines *l = arg;
	struct entry e;
	struct id id;
	int err = entry_decode(&e, raw, n);

	if (err != 0)
		return err;
	id = entry_id(&e);
	return json_line(l->file, json_entry(&e, &id, store_roster(l->store)));
}

static int lines_of_feed(void *arg, const struct head *head)
{
	struct lines *l = arg;

	return store_entries(l->store, &head->feed, 1, line_of_entry, l);
}

/* json_line answers with an exit code, which is positive; errors are not. */
int export_jsonl(struct store *s, FILE *file)
{
	struct lines l = { s, file };
	int err = store_heads(s, lines_of_feed, &l);

	if (err >= 0)
		return err;
	say_error(_("cannot export: %s"), err_reason(err));
	return exit_of(err);
}
