#include "crypto/err.h"
#include "node/net/lan.h"

/*
 * A build without avahi: nobody is found on the local network.
 */

bool lan_is_built(void)
{
	return false;
}

int lan_open(struct lan **out, const struct lan_self *self)
{
	(void)out;
	(void)self;
	return ERR_NOT_FOUND;
}

void lan_close(struct lan *l)
{
	(void)l;
}

enum lan_state lan_state(struct lan *l)
{
	(void)l;
	return LAN_ABSENT;
}

bool lan_take(struct lan *l, struct lan_hint *out)
{
	(void)l;
	(void)out;
	return false;
}
