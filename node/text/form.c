#include "node/text/form.h"

#include "crypto/err.h"
#include "node/text/i18n.h"
#include "node/text/personal.h"
#include "proto/wr.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int form_open(struct form **out, enum kind kind)
{
	struct form *f = malloc(sizeof(*f));

	if (f == NULL)
		return ERR_NOMEM;
	f->may_name = false;
	form_init(f, kind);
	*out = f;
	return 0;
}

void form_close(struct form *f)
{
	free(f);
}

void form_init(struct form *f, enum kind kind)
{
	record_init(&f->rec, kind);
	f->called = NULL;
	f->used = 0;
	f->facts_n = 0;
}

int form_uint(struct form *f, enum fact fact, uint64_t v)
{
	record_set_uint(&f->rec, fact, v);
	return 0;
}

int form_bytes(struct form *f, enum fact fact, const void *p, size_t n)
{
	uint8_t *at = f->room + f->used;

	if (n > FORM_ROOM - f->used)
		return ERR_LIMIT;
	memcpy(at, p, n);
	f->used += n;
	record_set_bytes(&f->rec, fact, at, n);
	return 0;
}

int form_text(struct form *f, enum fact fact, const char *text)
{
	return form_bytes(f, fact, text, strlen(text));
}

int form_lines(struct form *f, enum fact fact, const struct goods *goods,
	       size_t n)
{
	struct line lines[LIMIT_LINES];
	uint8_t *at = f->room + f->used;
	size_t len;
	int err;

	if (n == 0) {
		record_unset(&f->rec, fact);
		return 0;
	}
	if (n > LIMIT_LINES)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++) {
		if (goods[i].qty == 0 && fact != FACT_COUNTED)
			return ERR_LIMIT;
		lines[i] = (struct line){ goods[i].item, strlen(goods[i].item),
					  goods[i].qty };
	}
	err = lines_encode(at, FORM_ROOM - f->used, &len, lines, n);
	if (err != 0)
		return err;
	f->used += len;
	record_set_bytes(&f->rec, fact, at, len);
	return 0;
}

static void put_position(struct wr *w, const struct position *at)
{
	wr_array(w, 3);
	wr_bin(w, at->feed.b, KEY_SIZE);
	wr_uint(w, at->seq);
	wr_bin(w, at->id.b, ID_SIZE);
}

/* What was written into the room, if there was enough of it. */
static int take(struct form *f, enum fact fact, const struct wr *w)
{
	if (w->err != 0)
		return w->err;
	f->used += w->n;
	record_set_bytes(&f->rec, fact, w->p, w->n);
	return 0;
}

int form_position(struct form *f, enum fact fact, const struct position *at)
{
	struct wr w;

	wr_init(&w, f->room + f->used, FORM_ROOM - f->used);
	put_position(&w, at);
	return take(f, fact, &w);
}

int form_positions(struct form *f, enum fact fact, const struct position *at,
		   size_t n)
{
	struct wr w;

	if (n == 0)
		return 0;
	wr_init(&w, f->room + f->used, FORM_ROOM - f->used);
	wr_array(&w, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		put_position(&w, &at[i]);
	return take(f, fact, &w);
}

int form_money(struct form *f, enum fact fact, const struct money *m)
{
	uint8_t room[16];
	struct wr w;

	wr_init(&w, room, sizeof(room));
	wr_array(&w, 2);
	wr_uint(&w, m->minor);
	wr_text(&w, m->currency, 3);
	return form_bytes(f, fact, room, w.n);
}

int form_party(struct form *f, enum fact fact, const struct party *p)
{
	size_t n;
	const void *bytes = party_bytes(p, &n);

	return form_bytes(f, fact, bytes, n);
}

int form_doc(struct form *f, enum fact fact, const char *path)
{
	struct stat st;
	struct sha sha;
	int err;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		say_error(_("%s is a folder; a file is wanted"), path);
		return EXIT_INPUT;
	}
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0) {
		say_error(_("%s is empty, and shows nothing"), path);
		return EXIT_DATA;
	}
	err = hash_sha_file(&sha, path);
	if (err == 0)
		err = form_bytes(f, fact, sha.b, sizeof(sha.b));
	if (err == 0)
		return EXIT_DONE;
	say_error(_("%s cannot be read: %s"), path, err_reason(err));
	return EXIT_INPUT;
}

int form_end(struct form *f, struct draft *out, uint64_t time_ms,
	     struct reason *why)
{
	int err =
		record_encode(&f->rec, f->facts, sizeof(f->facts), &f->facts_n);

	if (err == ERR_LIMIT)
		return reason_set(why, err,
				  _("the quantities of one record, or its "
				    "amounts, may not add up to more than "
				    "%llu"),
				  (unsigned long long)LIMIT_QTY);
	if (err != 0)
		return reason_set(why, err,
				  _("the record is not complete, or its parts "
				    "do not fit together"));
	if (!f->may_name)
		err = personal_check(&f->rec, why);
	if (err != 0)
		return err;
	*out = (struct draft){ f->rec.kind, time_ms, f->facts, f->facts_n };
	return 0;
}
