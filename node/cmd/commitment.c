#include "node/cmd/commitment.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/proof/opened.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/attest/receipt.h"
#include "proto/form.h"
#include "proto/rd.h"
#include "store/private.h"

#include <string.h>

/* The commitment that a record has, if it is to this text. */
static bool has_text(const struct recording *r, const struct record *earlier,
		     enum fact fact, const char *text, struct id *out)
{
	uint8_t key[OPENED_KEY], row[OPENED_ROW];
	size_t n;

	if (earlier == NULL || !record_has(earlier, fact))
		return false;
	*out = record_id(earlier, fact);
	opened_key(key, out);
	return store_get(r->desk.store, TABLE_PRIVATE, key, sizeof(key), row,
			 sizeof(row), &n) == 0 &&
	       n == RECEIPT_SALT + strlen(text) &&
	       memcmp(row + RECEIPT_SALT, text, strlen(text)) == 0;
}

/* A new one, kept before it is recorded: a commitment that nobody can open
 * is worth nothing. */
static int make(struct recording *r, enum fact fact, const char *text,
		struct id *out)
{
	uint8_t key[OPENED_KEY], row[OPENED_ROW];
	size_t n = strlen(text);
	const struct keepsake keep = { key, sizeof(key), row,
				       RECEIPT_SALT + n };
	int code;

	bytes_random(row, RECEIPT_SALT);
	memcpy(row + RECEIPT_SALT, text, n);
	*out = private_commit(fact, row, text, n);
	opened_key(key, out);
	code = desk_remember(&r->desk, &keep, 1);
	bytes_wipe(row, sizeof(row));
	return code;
}

int commitment_set(struct recording *r, struct form *form,
		   const struct record *earlier, const char *option,
		   enum fact fact, const char *text)
{
	struct id made;
	int code = EXIT_DONE, err;

	if (text[0] == '\0' || strlen(text) > RECEIPT_VALUE ||
	    !utf8_is_plain(text, strlen(text))) {
		say_error(_("--%s is empty, longer than %d bytes, or holds "
			    "characters that cannot be shown"),
			  option, RECEIPT_VALUE);
		return EXIT_DATA;
	}
	if (!has_text(r, earlier, fact, text, &made))
		code = make(r, fact, text, &made);
	if (code != EXIT_DONE)
		return code;
	err = form_bytes(form, fact, made.b, sizeof(made.b));
	return err == 0 ? EXIT_DONE : recording_refuse(err, NULL);
}

int commitment_option(struct recording *r, const char *option, enum fact fact)
{
	const char *text = args_get(r->args, option);

	return text == NULL ? EXIT_DONE
			    : commitment_set(r, r->form, recording_earlier(r),
					     option, fact, text);
}

bool commitment_is_of(enum fact fact)
{
	return fact == FACT_DONOR || fact == FACT_PAYEE || fact == FACT_NOTE;
}
