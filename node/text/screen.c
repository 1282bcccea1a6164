#include "node/text/screen.h"

#include "node/text/escape.h"

#include <stdlib.h>
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
	size_t n, taken, blanks;

	for (; *text != '\0'; at = indent) {
		size_t room = columns > at + LEAST ? columns - at : LEAST;

		n = columns == 0 ? strlen(text) : text_fit(text, room, &taken);
		for (blanks = 0; columns > 0 && n > blanks; blanks++)
			if (text[n - blanks - 1] != ' ')
				break;
		fwrite(text, 1, n - blanks, file);
		text += n;
		while (columns > 0 && *text == ' ')
			text++;
		fprintf(file, "\n%*s", *text == '\0' ? 0 : (int)indent, "");
	}
}

FILE *screen_begin(struct screen_line *line, FILE *file, size_t columns)
{
	*line = (struct screen_line){ NULL, 0, NULL };
	if (columns > 0)
		line->held = open_memstream(&line->text, &line->n);
	return line->held == NULL ? file : line->held;
}

void screen_end(struct screen_line *line, FILE *file, size_t at, size_t indent,
		size_t columns)
{
	if (line->held == NULL || fclose(line->held) != 0 || line->n == 0)
		fputc('\n', file);
	else
		screen_fold(file, line->text, at, indent, columns);
	free(line->text);
}
