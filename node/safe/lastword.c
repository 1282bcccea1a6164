#include "node/safe/lastword.h"

#include "node/text/say.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* Nothing but system calls is safe here: no catalogue of messages either. */
static void on_bus(int sig)
{
	static const char text[] =
		"maillon: the ledger's file is damaged or cut short, or its "
		"disk fails; go on with a copy of this home\n";
	ssize_t put = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)sig;
	(void)put;
	_exit(EXIT_DATA);
}

void lastword_install(void)
{
	struct sigaction act = { .sa_handler = on_bus };

	sigemptyset(&act.sa_mask);
	sigaction(SIGBUS, &act, NULL);
}
