#include "node/import/csv.h"

#include "crypto/err.h"
#include "node/text/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { END = -1 }; /* instead of a byte: there is none */

static size_t pull(struct csv *c, uint8_t *out, size_t max)
{
	ssize_t got;

	if (!c->is_file) {
		size_t n = c->src_n < max ? c->src_n : max;

		if (n > 0)
			memcpy(out, c->src, n);
		c->src += n;
		c->src_n -= n;
		return n;
	}
	do
		got = read(c->fd, out, max);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		c->err = err_from_errno(errno);
	return got < 0 ? 0 : (size_t)got;
}

/* Read on behind what is there; the row's start moves to the front. */
static void fill(struct csv *c)
{
	size_t got;

	if (c->is_end)
		return;
	if (c->from > 0) {
		memmove(c->buf, c->buf + c->from, c->end - c->from);
		c->end -= c->from;
		c->from = 0;
	}
	if (c->buf_max - c->end < CSV_CHUNK) {
		size_t max = c->buf_max +
			     (c->buf_max < CSV_CHUNK ? CSV_CHUNK : c->buf_max);
		uint8_t *more = realloc(c->buf, max);

		if (more == NULL) {
			c->err = ERR_NOMEM;
			c->is_end = true;
			return;
		}
		c->buf = more;
		c->buf_max = max;
	}
	got = pull(c, c->buf + c->end, CSV_CHUNK);
	c->end += got;
	c->read_bytes += got;
	c->is_end = got == 0;
}

/* The byte at offset i of the row, or END.  A row may have CSV_ROW bytes and
 * a line end of two. */
static int byte_at(struct csv *c, size_t i)
{
	while (c->end - c->from <= i && !c->is_end) {
		if (i >= CSV_ROW + 2) {
			c->is_over = true;
			return END;
		}
		fill(c);
	}
	if (i >= CSV_ROW + 2) {
		c->is_over = true;
		return END;
	}
	return c->end - c->from > i ? c->buf[c->from + i] : END;
}

/* How many bytes the line end at offset i has; 0 when none is there. */
static size_t line_end(struct csv *c, size_t i)
{
	int ch = byte_at(c, i);

	if (ch == '\n')
		return 1;
	return ch == '\r' && byte_at(c, i + 1) == '\n' ? 2 : 0;
}

static enum csv_flaw quoted(struct csv *c, size_t *i)
{
	size_t from = ++*i;
	int ch;

	for (;; ++*i) {
		ch = byte_at(c, *i);
		if (ch == '"') {
			if (byte_at(c, *i + 1) != '"')
				break;
			++*i;
		}
		if (ch == END)
			return CSV_UNENDED;
		if (ch == '\0')
			return CSV_NUL;
		if (*i - from >= CSV_FIELD)
			return CSV_LONG_FIELD;
	}
	ch = byte_at(c, ++*i);
	if (ch != END && ch != (unsigned char)c->delimiter &&
	    line_end(c, *i) == 0)
		return CSV_AFTER_QUOTE;
	return CSV_SOUND;
}

static enum csv_flaw unquoted(struct csv *c, size_t *i)
{
	size_t from = *i;

	for (;; ++*i) {
		int ch = byte_at(c, *i);

		if (ch == END || ch == (unsigned char)c->delimiter ||
		    ch == '\n')
			return CSV_SOUND;
		if (ch == '\r')
			return line_end(c, *i) > 0 ? CSV_SOUND : CSV_RETURN;
		if (ch == '"')
			return CSV_QUOTE_INSIDE;
		if (ch == '\0')
			return CSV_NUL;
		if (*i - from >= CSV_FIELD)
			return CSV_LONG_FIELD;
	}
}

/* Room for one field more. */
static bool has_room(struct csv *c)
{
	size_t max = c->field_max > 0 ? 2 * c->field_max : 32;
	struct csv_field *more;

	if (c->n < c->field_max)
		return true;
	more = realloc(c->field, max * sizeof(*more));
	if (more == NULL) {
		c->err = ERR_NOMEM;
		return false;
	}
	c->field = more;
	c->field_max = max;
	return true;
}

/* Find the fields of the row, as offsets for now: buf may still move. */
static enum csv_flaw scan(struct csv *c, size_t *len)
{
	enum csv_flaw flaw;
	size_t i = 0;

	c->is_over = false;
	for (c->n = 0; c->n < CSV_FIELDS && has_room(c);) {
		size_t from = i;

		flaw = byte_at(c, i) == '"' ? quoted(c, &i) : unquoted(c, &i);
		if (c->is_over || i > CSV_ROW)
			return CSV_LONG_ROW;
		if (flaw != CSV_SOUND)
			return flaw;
		c->field[c->n].n = from;
		c->field[c->n++].raw_n = i - from;
		if (byte_at(c, i) != (unsigned char)c->delimiter) {
			*len = i;
			return CSV_SOUND;
		}
		i++;
	}
	return CSV_MANY_FIELDS;
}

/* A field without its quotes, as UTF-8; NULL when it is not encoded so. */
static char *decode(const struct csv *c, struct csv_field *f, char *out)
{
	const char *p = f->raw;
	const char *end = f->raw + f->raw_n;
	bool is_quoted = p < end && *p == '"';

	f->text = out;
	if (is_quoted) {
		p++;
		end--;
	}
	while (p < end) {
		size_t n, step;

		if ((unsigned char)*p < 0x80) {
			/* Of a doubled quote one is meant. */
			p += is_quoted && *p == '"';
			*out++ = *p++;
			continue;
		}
		step = codepage_step(out, &n, c->encoding, p,
				     (size_t)(end - p));
		if (step == 0)
			return NULL;
		p += step;
		out += n;
	}
	f->n = (size_t)(out - f->text);
	*out++ = '\0';
	return out;
}

static int decode_row(struct csv *c, size_t len)
{
	size_t need = 3 * len + c->n;
	char *out;

	c->raw = (const char *)c->buf + c->from;
	c->raw_n = len;
	if (need > c->text_max) {
		char *more = realloc(c->text, need);

		if (more == NULL)
			return ERR_NOMEM;
		c->text = more;
		c->text_max = need;
	}
	out = c->text;
	for (size_t i = 0; i < c->n && out != NULL; i++) {
		c->field[i].raw = c->raw + c->field[i].n;
		out = decode(c, &c->field[i], out);
	}
	if (out == NULL)
		c->flaw = CSV_ENCODED;
	return 0;
}

/* A flawed row is the line it began on. */
static void first_line(struct csv *c)
{
	size_t len = 0;

	c->is_over = false;
	c->n = 0;
	while (line_end(c, len) == 0 && byte_at(c, len) != END && len < CSV_ROW)
		len++;
	c->is_cut = line_end(c, len) == 0 && byte_at(c, len) != END;
	c->raw = (const char *)c->buf + c->from;
	c->raw_n = len;
}

/* Step over the row that was given out last. */
static void step_over(struct csv *c)
{
	const char *raw = c->raw;

	for (size_t i = 0; i < c->raw_n; i++)
		c->next_line += raw[i] == '\n';
	c->from += c->raw_n;
	c->raw_n = 0;
	while (c->is_cut && line_end(c, 0) == 0 && byte_at(c, 0) != END)
		c->from++;
	c->is_cut = false;
}

int csv_next(struct csv *c)
{
	size_t len = 0;
	size_t eol;
	int err;

	step_over(c);
	/* The end of the last row, and empty lines. */
	while ((eol = line_end(c, 0)) > 0) {
		c->from += eol;
		c->next_line++;
	}
	c->line = c->next_line;
	c->n = 0;
	if (byte_at(c, 0) == END)
		return c->err != 0 ? c->err : ERR_NOT_FOUND;
	c->flaw = scan(c, &len);
	err = c->err;
	if (err == 0 && c->flaw == CSV_SOUND)
		err = decode_row(c, len);
	if (err == 0 && c->flaw != CSV_SOUND) {
		first_line(c);
		err = c->err != 0 ? c->err : ERR_FORMAT;
	}
	return err;
}

static char most_frequent(struct csv *c)
{
	static const char known[] = { ',', ';', '\t' };
	size_t count[sizeof(known)] = { 0 };
	bool is_quoted = false;
	size_t best = 0;
	int ch;

	for (size_t i = 0; (ch = byte_at(c, i)) != END; i++) {
		if (ch == '"')
			is_quoted = !is_quoted;
		if (ch == '\n' && !is_quoted)
			break;
		for (size_t k = 0; k < sizeof(known) && !is_quoted; k++)
			count[k] += ch == known[k];
	}
	for (size_t k = 1; k < sizeof(known); k++)
		if (count[k] > count[best])
			best = k;
	return known[best];
}

static int start(struct csv *c, char delimiter)
{
	c->next_line = 1;
	if (c->encoding == CODEPAGE_UTF8 && byte_at(c, 0) == 0xef &&
	    byte_at(c, 1) == 0xbb && byte_at(c, 2) == 0xbf)
		c->from += 3;
	c->delimiter = delimiter != '\0' ? delimiter : most_frequent(c);
	return c->err;
}

int csv_open(struct csv *c, const char *path, char delimiter,
	     enum codepage encoding)
{
	struct stat st;

	*c = (struct csv){ .encoding = encoding };
	c->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (c->fd < 0)
		return err_from_errno(errno);
	c->is_file = true;
	if (fstat(c->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		c->file_bytes = (uint64_t)st.st_size;
	return start(c, delimiter);
}

int csv_bytes(struct csv *c, const void *p, size_t n, char delimiter,
	      enum codepage encoding)
{
	*c = (struct csv){
		.encoding = encoding, .src = p, .src_n = n, .file_bytes = n
	};
	return start(c, delimiter);
}

void csv_close(struct csv *c)
{
	if (c == NULL)
		return;
	if (c->is_file)
		close(c->fd);
	free(c->field);
	free(c->buf);
	free(c->text);
	*c = (struct csv){ .is_end = true, .err = ERR_STATE };
}

const char *csv_flaw_text(enum csv_flaw flaw)
{
	switch (flaw) {
	case CSV_SOUND:
		break;
	case CSV_QUOTE_INSIDE:
		return _("a quote inside a field that does not begin with one");
	case CSV_AFTER_QUOTE:
		return _("text between a closing quote and the delimiter");
	case CSV_UNENDED:
		return _("a quote that nothing closes");
	case CSV_NUL:
		return _("a NUL byte");
	case CSV_RETURN:
		return _("a carriage return without a line feed");
	case CSV_LONG_FIELD:
		return _("a field longer than 64 KiB");
	case CSV_LONG_ROW:
		return _("a row longer than 1 MiB");
	case CSV_MANY_FIELDS:
		return _("a row of more than 4096 fields");
	case CSV_ENCODED:
		return _("text that is not in the encoding of the map");
	}
	return _("nothing");
}

void csv_put(FILE *file, const char *p, size_t n, char delimiter)
{
	bool is_quoted = n > 0 && strchr("=+-@\t\r", *p) != NULL;

	for (size_t i = 0; i < n; i++)
		is_quoted = is_quoted || p[i] == '"' || p[i] == '\n' ||
			    p[i] == '\r' || p[i] == delimiter;
	if (is_quoted)
		putc('"', file);
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"')
			putc('"', file);
		putc(p[i], file);
	}
	if (is_quoted)
		putc('"', file);
}
