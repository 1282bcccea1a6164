#include "node/text/say.h"

#include "crypto/err.h"
#include "crypto/text.h"
#include "node/text/i18n.h"
#include "proto/rd.h"

#include <stdarg.h>
#include <string.h>

enum { LINE_MAX_BYTES = 4096 };

int exit_of(int err)
{
	if (err == 0)
		return EXIT_DONE;
	switch ((enum err)err) {
	case ERR_FORMAT:
	case ERR_LIMIT:
	case ERR_SIGNATURE:
	case ERR_CHAIN:
	case ERR_CONFLICT:
	case ERR_STATE:
		return EXIT_DATA;
	case ERR_NOT_FOUND:
		return EXIT_NO;
	case ERR_FOLDER:
		return EXIT_INPUT;
	case ERR_EXISTS:
		return EXIT_CREATE;
	case ERR_DENIED:
		return EXIT_DENIED;
	case ERR_BUSY:
	case ERR_NOMEM:
		return EXIT_AGAIN;
	case ERR_IO:
	case ERR_FULL:
		return EXIT_IO;
	case ERR_VERSION:
		return EXIT_CONFIG;
	}
	return EXIT_IO;
}

const char *err_reason(int err)
{
	switch ((enum err)err) {
	case ERR_FORMAT:
		return _("it is not in the form that it should have");
	case ERR_LIMIT:
		return _("it is above what is allowed");
	case ERR_SIGNATURE:
		return _("its signature does not verify");
	case ERR_CHAIN:
		return _("it does not follow the entry before");
	case ERR_NOT_FOUND:
		return _("it is not here");
	case ERR_EXISTS:
		return _("it is there already");
	case ERR_CONFLICT:
		return _("another signed entry holds its place");
	case ERR_DENIED:
		return _("it is not permitted");
	case ERR_BUSY:
		return _("another process holds it; try again");
	case ERR_NOMEM:
		return _("there is not enough memory");
	case ERR_IO:
		return _("the disk or the network failed");
	case ERR_FULL:
		return _("the disk is full");
	case ERR_VERSION:
		return _("another version of Maillon wrote it");
	case ERR_STATE:
		return _("it is not possible now");
	case ERR_FOLDER:
		return _("it is a folder, and a file is wanted");
	}
	return _("no error");
}

/* The next piece of text in safe form: at most 4 bytes and a NUL to out.  How
 * many bytes of text it stands for. */
static size_t safe_piece(char out[static 5], const char *text, size_t n)
{
	uint32_t cp;
	size_t len = utf8_step(&cp, text, n);

	if (len > 0 && utf8_is_plain(text, len)) {
		memcpy(out, text, len);
		out[len] = '\0';
		return len;
	}
	snprintf(out, 5, "\\x%02x", (unsigned)(unsigned char)text[0]);
	return 1;
}

char *text_safe(char *out, size_t size, const char *text, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n;) {
		char piece[5];
		size_t len;

		i += safe_piece(piece, text + i, n - i);
		len = strlen(piece);
		if (at + len + 1 > size)
			break;
		memcpy(out + at, piece, len);
		at += len;
	}
	out[at] = '\0';
	return out;
}

void put_safe(FILE *file, const char *text, size_t n)
{
	for (size_t i = 0; i < n;) {
		char piece[5];

		i += safe_piece(piece, text + i, n - i);
		fputs(piece, file);
	}
}

__attribute__((format(printf, 2, 0))) static void say(const char *before,
						      const char *fmt,
						      va_list ap)
{
	char line[LINE_MAX_BYTES];

	vsnprintf(line, sizeof(line), fmt, ap);
	fputs(before, stderr);
	put_safe(stderr, line, strlen(line));
	fputc('\n', stderr);
}

void say_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("maillon: ", fmt, ap);
	va_end(ap);
}

void say_warn(const char *fmt, ...)
{
	char before[64];
	va_list ap;

	snprintf(before, sizeof(before), "maillon: %s: ", _("warning"));
	va_start(ap, fmt);
	say(before, fmt, ap);
	va_end(ap);
}

void say_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

int reason_set(struct reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (why != NULL) {
		va_start(ap, fmt);
		vsnprintf(why->text, sizeof(why->text), fmt, ap);
		va_end(ap);
	}
	return err;
}

int out_end(void)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return EXIT_DONE;
	say_error(_("what was printed may be incomplete: the output cannot be "
		    "written to"));
	return EXIT_IO;
}
