#include "proto/form.h"

#include "proto/limit.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c);
}

static bool is_alnum(char c)
{
	return is_lower(c) || is_upper(c);
}

static bool is_joint(char c)
{
	return c == '.' || c == '_' || c == '-';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool label_is_valid(const char *p, size_t n)
{
	size_t hex = 0;

	if (n < 1 || n > LIMIT_LABEL || !is_alnum(p[0]))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_alnum(p[i]) && !is_joint(p[i]))
			return false;
		if (is_hex(p[i]))
			hex++;
	}
	/* PROTOCOL: A label is never 8 or more hex digits only, so that it
	 * cannot be taken for the beginning of a key. */
	return n < 8 || hex < n;
}

static bool item_part_is_valid(const char *p, size_t n)
{
	if (n < 1 || n > LIMIT_ITEM_PART || !is_lower(p[0]))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!is_lower(p[i]) && !is_joint(p[i]))
			return false;
	return true;
}

bool item_is_valid(const char *p, size_t n)
{
	const char *slash = n == 0 ? NULL : memchr(p, '/', n);
	size_t head = slash == NULL ? n : (size_t)(slash - p);

	if (!item_part_is_valid(p, head))
		return false;
	return slash == NULL || item_part_is_valid(slash + 1, n - head - 1);
}

bool place_is_valid(const char *p, size_t n)
{
	if (n < 2 || n > LIMIT_PLACE || n == 3)
		return false;
	if (!is_upper(p[0]) || !is_upper(p[1]) || (n > 2 && p[2] != '-'))
		return false;
	for (size_t i = 3; i < n; i++)
		if (!is_upper(p[i]) && !is_digit(p[i]))
			return false;
	return true;
}

/* 1 to 65535, without a leading zero. */
static bool port_is_valid(const char *p, size_t n)
{
	unsigned port = 0;

	if (n < 1 || n > 5 || p[0] == '0')
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(p[i]))
			return false;
		port = port * 10 + (unsigned)(p[i] - '0');
	}
	return port <= 65535;
}

static bool host_is_valid(const char *p, size_t n)
{
	bool is_ipv6 = n > 2 && p[0] == '[' && p[n - 1] == ']';

	if (is_ipv6) {
		p++;
		n -= 2;
	}
	if (n < 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_ipv6 ? !is_hex(p[i]) && p[i] != ':' && p[i] != '.'
			    : !is_alnum(p[i]) && !is_joint(p[i]))
			return false;
	return true;
}

bool address_is_valid(const char *p, size_t n)
{
	static const char scheme[] = "tcp://";
	size_t head = sizeof(scheme) - 1;
	size_t colon = n;

	if (n <= head || n > LIMIT_ADDRESS || memcmp(p, scheme, head) != 0)
		return false;
	while (colon > head && p[colon - 1] != ':')
		colon--;
	if (colon == head)
		return false;
	return host_is_valid(p + head, colon - 1 - head) &&
	       port_is_valid(p + colon, n - colon);
}

bool currency_is_valid(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_upper(p[i]))
			return false;
	return n == 3;
}

bool period_is_valid(const char *p, size_t n)
{
	if (n != 4 && n != 7)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!is_digit(p[i]))
			return false;
	if (n == 4)
		return true;
	if (p[4] != '-')
		return false;
	if (p[5] == 'Q')
		return p[6] >= '1' && p[6] <= '4';
	if (p[5] == '0')
		return p[6] >= '1' && p[6] <= '9';
	return p[5] == '1' && p[6] >= '0' && p[6] <= '2';
}
