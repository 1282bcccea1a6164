#include "node/text/i18n.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOMAIN "maillon"

/* The value that gettext would take the language of messages from. */
static const char *asked_for(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return "C";
}

static bool is_plain_locale(const char *name)
{
	return strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0 ||
	       strncmp(name, "C.", 2) == 0;
}

/* gettext is silent in the C locale and asks LANGUAGE in any other, so a
 * locale that every machine has stands in for the one that is missing. */
static void stand_in(const char *asked)
{
	char language[32];
	size_t n = strcspn(asked, ".@");

	if (n == 0 || n >= sizeof(language))
		return;
	memcpy(language, asked, n);
	language[n] = '\0';
	if (setlocale(LC_MESSAGES, "C.UTF-8") != NULL ||
	    setlocale(LC_MESSAGES, "en_US.UTF-8") != NULL)
		setenv("LANGUAGE", language, 0);
}

static void find_catalogues(void)
{
	static const char *const places[] = { "/locale", "/../share/locale" };
	char dir[1024];
	char path[1100];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	struct stat st;
	char *slash;

	if (n <= 0)
		return;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", dir, places[i]);
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			bindtextdomain(DOMAIN, path);
			return;
		}
	}
}

void i18n_start(void)
{
	const char *asked = asked_for();

	if (setlocale(LC_MESSAGES, "") == NULL && !is_plain_locale(asked))
		stand_in(asked);
	find_catalogues();
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
}
