#include "proto/book/share.h"

/* 128 bits, because C11 has no such integer everywhere. */
struct wide {
	uint64_t high, low;
};

static struct wide product(uint64_t a, uint64_t b)
{
	uint64_t a1 = a >> 32, a0 = a & UINT32_MAX;
	uint64_t b1 = b >> 32, b0 = b & UINT32_MAX;
	uint64_t low = a0 * b0;
	uint64_t mid = a1 * b0 + (low >> 32);
	uint64_t over = a0 * b1 + (mid & UINT32_MAX);

	return (struct wide){ a1 * b1 + (mid >> 32) + (over >> 32),
			      over << 32 | (low & UINT32_MAX) };
}

/* Long division, bit by bit; the quotient is known to fit. */
static uint64_t divide(struct wide n, uint64_t by)
{
	uint64_t rest = n.high, out = 0;

	for (int i = 63; i >= 0; i--) {
		bool carry = rest >> 63 != 0;

		rest = rest << 1 | (n.low >> i & 1);
		out <<= 1;
		if (carry || rest >= by) {
			rest -= by;
			out |= 1;
		}
	}
	return out;
}

uint64_t share_of(uint64_t qty, struct share s)
{
	if (s.whole == 0)
		return 0;
	if (s.part >= s.whole)
		return qty;
	return divide(product(qty, s.part), s.whole);
}

bool share_is_more(struct share a, struct share b)
{
	struct wide x, y;

	if (a.whole == 0 || a.part == 0)
		return false;
	if (b.whole == 0)
		return true;
	x = product(a.part, b.whole);
	y = product(b.part, a.whole);
	return x.high != y.high ? x.high > y.high : x.low > y.low;
}
