#include "node/import/rejects.h"

#include "crypto/err.h"
#include "node/text/say.h"

#include <stdlib.h>
#include <string.h>

static const char *const own[REJECTS_COLUMNS] = { "rejected_line",
						  "rejected_reason" };

/* Is the table one that we wrote, or that was made of it? */
static size_t own_columns(const struct csv *header)
{
	if (header->n <= REJECTS_COLUMNS)
		return 0;
	for (size_t i = 0; i < REJECTS_COLUMNS; i++)
		if (strcmp(header->field[i].text, own[i]) != 0)
			return 0;
	return REJECTS_COLUMNS;
}

/* A field as it stands in the table. */
static void put_raw(FILE *file, const struct csv_field *f)
{
	bool is_formula = f->raw_n > 0 && strchr("=+-@\t", f->raw[0]) != NULL;

	if (is_formula)
		putc('"', file);
	fwrite(f->raw, 1, f->raw_n, file);
	if (is_formula)
		putc('"', file);
}

static void put_fields(struct rejects *r, FILE *file, const struct csv *c)
{
	for (size_t i = r->skip; i < c->n; i++) {
		putc(r->delimiter, file);
		put_raw(file, &c->field[i]);
	}
	if (c->flaw != CSV_SOUND) {
		putc(r->delimiter, file);
		csv_put(file, c->raw, c->raw_n, r->delimiter);
	}
	putc('\n', file);
}

int rejects_init(struct rejects *r, const struct csv *c, const char *path)
{
	size_t n = strlen(path);
	FILE *file;

	*r = (struct rejects){ .encoding = c->encoding,
			       .delimiter = c->delimiter,
			       .skip = own_columns(c) };
	if (n >= sizeof(r->path))
		return ERR_LIMIT;
	memcpy(r->path, path, n + 1);
	file = open_memstream(&r->head, &r->head_n);
	if (file == NULL)
		return ERR_NOMEM;
	fprintf(file, "%s%c%s", own[0], r->delimiter, own[1]);
	put_fields(r, file, c);
	if (fclose(file) != 0 || r->head == NULL)
		return ERR_NOMEM;
	return 0;
}

int rejects_add(struct rejects *r, const struct csv *c, const char *reason)
{
	char text[REASON_SIZE];

	if (!r->is_open) {
		int code = outfile_open(&r->out, r->path, true);

		if (code != EXIT_DONE)
			return code;
		r->is_open = true;
		fwrite(r->head, 1, r->head_n, r->out.file);
	}
	fprintf(r->out.file, "%llu%c", (unsigned long long)c->line,
		r->delimiter);
	codepage_encode(text, sizeof(text), r->encoding, reason);
	csv_put(r->out.file, text, strlen(text), r->delimiter);
	put_fields(r, r->out.file, c);
	return EXIT_DONE;
}

int rejects_close(struct rejects *r, int code)
{
	if (r->is_open)
		code = outfile_close(&r->out, code);
	r->is_open = false;
	free(r->head);
	r->head = NULL;
	return code;
}
