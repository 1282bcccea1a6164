#include "proto/book/posting.h"

static const char *const names[COL_COUNT] = {
	"produced",   "rejected", "supplied", "found",    "consumed", "moved",
	"delivered",  "A",        "B",        "C",        "claimed",  "refused",
	"in_transit", "on_hand",  "lost",     "received", "handed"
};

const char *column_name(enum column c)
{
	return names[c];
}
