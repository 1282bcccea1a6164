#include "node/cmd/remark.h"

#include "node/text/i18n.h"
#include "node/text/say.h"

#include <stdarg.h>
#include <stdio.h>

void remark(struct remarks *r, const char *fmt, ...)
{
	va_list args;

	if (r->n == REMARKS) {
		r->more++;
		return;
	}
	va_start(args, fmt);
	vsnprintf(r->text[r->n++], REMARK_SIZE, fmt, args);
	va_end(args);
}

void remarks_say(const struct remarks *r)
{
	for (size_t i = 0; i < r->n; i++)
		say_warn("%s", r->text[i]);
	if (r->more > 0)
		say_warn(_("there is more to say: %zu"), r->more);
}
