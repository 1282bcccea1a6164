#include "proto/audit/audit_salt.h"

#include "crypto/bytes.h"

struct salt salt_of(const struct audit_feed *feeds, size_t feeds_n)
{
	struct hasher h;
	struct salt salt;
	struct id id;

	hasher_init(&h);
	for (size_t i = 0; i < feeds_n; i++) {
		const struct audit_scan *s = feeds[i].scan;

		if (s->n > 0)
			hasher_add(&h, s->at[s->n - 1].id.b, ID_SIZE);
	}
	id = hasher_id(&h);
	for (size_t i = 0; i < 4; i++)
		salt.odd[i] = be64_get(id.b + 8 * i) | 1;
	return salt;
}

uint64_t salt_id(const struct salt *salt, const struct id *id)
{
	return be64_get(id->b) * salt->odd[0] +
	       be64_get(id->b + 8) * salt->odd[1] +
	       be64_get(id->b + 16) * salt->odd[2] +
	       be64_get(id->b + 24) * salt->odd[3];
}

uint64_t salt_key(const struct salt *salt, const struct pubkey *member,
		  const struct tag *tag)
{
	return be64_get(tag->b) * salt->odd[0] +
	       be64_get(tag->b + 8) * salt->odd[1] +
	       be64_get(member->b) * salt->odd[2] +
	       be64_get(member->b + 8) * salt->odd[3];
}
