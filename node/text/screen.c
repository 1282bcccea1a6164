#include "node/text/screen.h"

#include "node/text/escape.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL = 80, LEAST = 20 };

size_t screen_columns(FILE *file)
{
	struct winsize w = { .ws_col = 0 };
	int fd = fileno(file);

	if (fd < 0 || isatty(fd) != 1)
		return 0;
	return ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col
							      : USUAL;
}

void screen_fold(FILE *file, const char *text, size_t at, size_t indent,
		 size_t columns)
{
	size_t n, taken;

	for (; *text != '\0'; at = indent) {
		size_t room = columns > at + LEAST ? columns - at : LEAST;

		n = columns == 0 ? strlen(text) : text_fit(text, room, &taken);
		fwrite(text, 1, n, file);
		text += n;
		text += *text == ' ';
		fprintf(file, "\n%*s", *text == '\0' ? 0 : (int)indent, "");
	}
}
