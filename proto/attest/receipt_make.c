#include "proto/attest/receipt.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/wr.h"

#include <stdlib.h>
#include <string.h>

enum { EXTRA_MAX = LIMIT_ENTRY + 1024 + RECEIPT_OPENED * (RECEIPT_VALUE + 64) };

static int encode_extra(uint8_t *out, size_t *n,
			const struct receipt_plan *plan)
{
	struct wr w;

	wr_init(&w, out, EXTRA_MAX);
	wr_array(&w, 4);
	wr_uint(&w, 1);
	wr_bin(&w, plan->head.network.b, ID_SIZE);
	wr_bin(&w, plan->raw, plan->raw_n);
	wr_array(&w, (uint32_t)plan->opened_n);
	for (size_t i = 0; i < plan->opened_n; i++) {
		const struct opened *o = &plan->opened[i];

		wr_array(&w, o->is_forgotten ? 2 : 3);
		wr_uint(&w, o->fact);
		if (!o->is_forgotten)
			wr_bin(&w, o->salt, RECEIPT_SALT);
		wr_bin(&w, o->value, o->value_n);
	}
	return wr_end(&w, n);
}

/* The checkpoint with all its signature lines, into out of NOTE_MAX bytes. */
static int make_note(char *out, size_t *n, const struct receipt_plan *plan)
{
	char text[CHECKPOINT_SIZE], line[NOTE_LINE_SIZE];
	size_t at;
	int err = treehead_text(text, &at, &plan->head);

	if (err != 0)
		return err;
	memcpy(out, text, at);
	out[at++] = '\n';
	for (size_t i = 0; i <= plan->cosigned_n; i++) {
		if (i == 0)
			treehead_line(line, &plan->head, &plan->sig);
		else
			treehead_cosign_line(line, &plan->head,
					     &plan->cosigned[i - 1].witness,
					     plan->cosigned[i - 1].time_s,
					     &plan->cosigned[i - 1].sig);
		if (strlen(line) > NOTE_MAX - at)
			return ERR_LIMIT;
		memcpy(out + at, line, strlen(line));
		at += strlen(line);
	}
	*n = at;
	return 0;
}

/* All that is too large for a stack. */
struct making {
	uint8_t extra[EXTRA_MAX];
	char b64[B64_SIZE(EXTRA_MAX)];
	char note[NOTE_MAX];
	char text[TLOGPROOF_MAX];
};

static int make(struct making *m, size_t *n, const struct receipt_plan *plan)
{
	struct tlogproof p = { .index = plan->index, .path = plan->path };
	enum receipt_part part;
	struct receipt again;
	size_t extra_n;
	int err = encode_extra(m->extra, &extra_n, plan);

	if (err != 0)
		return err;
	b64_encode(m->b64, m->extra, extra_n);
	p.extra = (struct text){ m->b64, strlen(m->b64) };
	p.note.p = m->note;
	err = make_note(m->note, &p.note.n, plan);
	if (err == 0)
		err = tlogproof_encode(m->text, sizeof(m->text), n, &p);
	if (err == 0)
		err = receipt_read(&again, &part, m->text, *n);
	if (err == 0)
		receipt_release(&again);
	return err;
}

int receipt_encode(char **out, size_t *n, const struct receipt_plan *plan)
{
	struct making *m = malloc(sizeof(*m));
	char *text = NULL;
	size_t size;
	int err = m == NULL ? ERR_NOMEM : make(m, &size, plan);

	if (err == 0) {
		text = malloc(size + 1);
		err = text == NULL ? ERR_NOMEM : 0;
	}
	if (err == 0) {
		memcpy(text, m->text, size);
		text[size] = '\0';
		*out = text;
		*n = size;
	}
	free(m);
	return err;
}
