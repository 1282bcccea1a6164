#include "node/safe/secretfile.h"

#include "crypto/bytes.h"
#include "node/text/i18n.h"
#include "node/text/say.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Read without stdio, whose buffers would keep a copy. */
static ssize_t read_some(char *out, size_t max, int fd)
{
	size_t n = 0;

	while (n < max && memchr(out, '\n', n) == NULL) {
		ssize_t got = read(fd, out + n, max - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

int passphrase_read(char out[static PASSPHRASE_SIZE], const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read_some(out, PASSPHRASE_SIZE - 1, fd) : -1;
	int code = errno;
	char *end;

	if (fd >= 0 && !is_stdin)
		close(fd);
	if (n < 0) {
		say_error(_("the passphrase cannot be read from %s: %s"), path,
			  strerror(code));
		return EXIT_INPUT;
	}
	out[n] = '\0';
	end = strchr(out, '\n');
	if (end != NULL)
		*end = '\0';
	if (out[0] != '\0' && strlen(out) < PASSPHRASE_SIZE - 1 &&
	    (end != NULL || n < PASSPHRASE_SIZE - 1))
		return EXIT_DONE;
	bytes_wipe(out, PASSPHRASE_SIZE);
	say_error(_("the first line of %s is no passphrase: it is empty or "
		    "longer than 1024 characters"),
		  path);
	return EXIT_DATA;
}

static int ask_once(char out[static PASSPHRASE_SIZE], int fd,
		    const char *question)
{
	struct termios was, hidden;
	ssize_t n;

	if (tcgetattr(fd, &was) != 0)
		return EXIT_USAGE;
	hidden = was;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	say_note("%s", question);
	tcsetattr(fd, TCSAFLUSH, &hidden);
	n = read_some(out, PASSPHRASE_SIZE - 1, fd);
	tcsetattr(fd, TCSAFLUSH, &was);
	out[n < 0 ? 0 : n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (out[0] != '\0')
		return EXIT_DONE;
	say_error(_("no passphrase was given"));
	return EXIT_DATA;
}

int passphrase_ask(char out[static PASSPHRASE_SIZE], bool is_new)
{
	char again[PASSPHRASE_SIZE];
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	int code = EXIT_USAGE;

	if (fd >= 0)
		code = ask_once(out, fd, _("passphrase:"));
	if (code == EXIT_USAGE)
		say_error(_("there is no terminal to ask for the passphrase; "
			    "give --passphrase-file"));
	if (code == EXIT_DONE && is_new)
		code = ask_once(again, fd, _("the same again:"));
	if (code == EXIT_DONE && is_new && strcmp(out, again) != 0) {
		say_error(_("the two passphrases differ"));
		code = EXIT_DATA;
	}
	bytes_wipe(again, sizeof(again));
	if (fd >= 0)
		close(fd);
	return code;
}
