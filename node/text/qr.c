#include "node/text/qr.h"

#include "crypto/err.h"

#include <errno.h>

#include <qrencode.h>

enum { QUIET = 2 }; /* squares around; telephones do with less than four */

static bool is_dark(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return false;
	return code->data[y * code->width + x] & 1;
}

/* What is light is drawn: the terminal's background stands for dark. */
static const char *block(bool upper_dark, bool lower_dark)
{
	if (upper_dark)
		return lower_dark ? " " : "\u2584";
	return lower_dark ? "\u2580" : "\u2588";
}

int qr_print(FILE *file, const char *text, bool has_color)
{
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);

	if (code == NULL)
		return errno == ERANGE ? ERR_LIMIT : ERR_NOMEM;
	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		fputs(has_color ? "\033[40;97m" : "", file);
		for (int x = -QUIET; x < code->width + QUIET; x++)
			fputs(block(is_dark(code, x, y),
				    is_dark(code, x, y + 1)),
			      file);
		fputs(has_color ? "\033[0m\n" : "\n", file);
	}
	QRcode_free(code);
	return 0;
}
