#include "proto/session/reason.h"

const char *joined_text(enum joined status)
{
	switch (status) {
	case JOINED_ADMITTED:
		return "admitted";
	case JOINED_WAITING:
		return "waiting to be accepted";
	case JOINED_REFUSED:
		return "refused";
	case JOINED_EXPIRED:
		return "the invite has expired";
	case JOINED_USED:
		return "the invite has been used";
	case JOINED_UNKNOWN:
		return "no such invite";
	case JOINED_STRANGER:
		return "not a member yet";
	case JOINED_PERSONAL:
		return "a name that holds personal data";
	case JOINED_COUNT:
		break;
	}
	return "an answer this version does not know";
}

const char *bye_text(unsigned reason)
{
	if (reason >= BYE_COUNT)
		return "a reason this version does not know";
	switch ((enum bye)reason) {
	case BYE_DONE:
		return "done";
	case BYE_VERSION:
		return "another version of the protocol";
	case BYE_NETWORK:
		return "another network";
	case BYE_KEY:
		return "the transport key is not that node's";
	case BYE_SELF:
		return "the same node";
	case BYE_TWICE:
		return "connected twice";
	case BYE_FORMAT:
		return "a frame that cannot be read";
	case BYE_ORDER:
		return "a frame out of turn";
	case BYE_DENIED:
		return "not a member";
	case BYE_CREDIT:
		return "more bytes than were granted";
	case BYE_FLOOD:
		return "too much";
	case BYE_LIE:
		return "entries that do not verify";
	case BYE_TIMEOUT:
		return "silent for too long";
	case BYE_TROUBLE:
		return "trouble at the other end";
	case BYE_COUNT:
		break;
	}
	return "a reason this version does not know";
}
