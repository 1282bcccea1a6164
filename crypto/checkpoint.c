#include "crypto/checkpoint.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "crypto/merkle.h"

#include <stdio.h>
#include <string.h>

static int check(const struct checkpoint *c)
{
	struct sha empty = merkle_empty();

	if (c->size > MERKLE_SIZE_MAX)
		return ERR_LIMIT;
	if (!note_is_name((struct text){ c->origin, strlen(c->origin) }))
		return ERR_FORMAT;
	return c->size == 0 && !sha_eq(&c->root, &empty) ? ERR_FORMAT : 0;
}

int checkpoint_encode(char out[static CHECKPOINT_SIZE], size_t *n,
		      const struct checkpoint *c)
{
	char root[B64_SIZE(sizeof(c->root.b))];
	char size[DEC_SIZE];
	int err = check(c);

	if (err != 0)
		return err;
	dec_encode(size, c->size);
	b64_encode(root, c->root.b, sizeof(c->root.b));
	*n = (size_t)snprintf(out, CHECKPOINT_SIZE, "%s\n%s\n%s\n", c->origin,
			      size, root);
	return 0;
}

int checkpoint_decode(struct checkpoint *out, const char *text, size_t n)
{
	struct text rest = { text, n }, origin, size, root;
	struct checkpoint c = { 0 };
	size_t root_n;
	int err;

	if (!text_cut(&rest, &origin, '\n') || !text_cut(&rest, &size, '\n') ||
	    !text_cut(&rest, &root, '\n') || rest.n > 0)
		return ERR_FORMAT;
	if (origin.n > NOTE_NAME_MAX)
		return ERR_LIMIT;
	memcpy(c.origin, origin.p, origin.n);
	if (strlen(c.origin) != origin.n)
		return ERR_FORMAT; /* a NUL inside */
	err = dec_decode(&c.size, MERKLE_SIZE_MAX, size.p, size.n);
	if (err != 0)
		return err;
	if (b64_decode(c.root.b, sizeof(c.root.b), &root_n, root.p, root.n) !=
		    0 ||
	    root_n != sizeof(c.root.b))
		return ERR_FORMAT;
	err = check(&c);
	if (err == 0)
		*out = c;
	return err;
}
