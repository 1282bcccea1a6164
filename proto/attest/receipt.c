#include "proto/attest/receipt.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "proto/rd.h"
#include "proto/record.h"

#include <stdlib.h>
#include <string.h>

struct id private_commit(unsigned fact, const uint8_t salt[static RECEIPT_SALT],
			 const void *value, size_t n)
{
	static const char domain[] = "maillon/1 private";
	const uint8_t number = (uint8_t)fact;
	struct hasher h;

	hasher_init(&h);
	hasher_add(&h, domain, sizeof(domain)); /* its NUL is the 00 */
	hasher_add(&h, &number, 1);
	hasher_add(&h, salt, RECEIPT_SALT);
	hasher_add(&h, value, n);
	return hasher_id(&h);
}

void receipt_release(struct receipt *r)
{
	free(r->extra);
	r->extra = NULL;
}

static void read_opened(struct receipt *r, struct rd *rd)
{
	r->opened_n = rd_array(rd, RECEIPT_OPENED);
	for (size_t i = 0; i < r->opened_n; i++) {
		struct opened *o = &r->opened[i];

		size_t parts = rd_array(rd, 3);

		if (parts < 2)
			rd_fail(rd, ERR_FORMAT);
		o->is_forgotten = parts == 2;
		o->fact = (unsigned)rd_uint(rd, FACT_LIMIT);
		if (i > 0 && o->fact <= r->opened[i - 1].fact)
			rd_fail(rd, ERR_FORMAT);
		if (!o->is_forgotten)
			rd_fixed(rd, o->salt, sizeof(o->salt));
		o->value = rd_bin(rd, RECEIPT_VALUE, &o->value_n);
	}
}

/* PROTOCOL: The `extra` line is the base64 of the canonical array [1, network,
 * entry, fields] */
static int read_extra(struct receipt *r, enum receipt_part *part)
{
	size_t n, raw_n;
	const uint8_t *raw;
	struct rd rd;
	int err;

	*part = PART_EXTRA;
	if (r->proof.extra.p == NULL)
		return ERR_FORMAT;
	r->extra = malloc(r->proof.extra.n + 1);
	if (r->extra == NULL)
		return ERR_NOMEM;
	err = b64_decode(r->extra, r->proof.extra.n, &n, r->proof.extra.p,
			 r->proof.extra.n);
	if (err != 0)
		return err;
	rd_init(&rd, r->extra, n);
	if (rd_array(&rd, 4) != 4 || rd_uint(&rd, 1) != 1)
		rd_fail(&rd, ERR_FORMAT);
	rd_fixed(&rd, r->network.b, ID_SIZE);
	raw = rd_bin(&rd, LIMIT_ENTRY, &raw_n);
	read_opened(r, &rd);
	err = rd_end(&rd);
	if (err != 0)
		return err;
	*part = PART_ENTRY;
	err = entry_decode(&r->entry, raw, raw_n);
	if (err != 0)
		return err;
	r->id = entry_id(&r->entry);
	*part = PART_SIGNATURE;
	return entry_verify(&r->entry);
}

/* Is it what the commitment hides, or the commitment itself? */
static bool is_committed(const struct opened *o, const struct record *rec)
{
	const struct value *v = &rec->v[o->fact];
	struct id got;

	if (!record_has(rec, (enum fact)o->fact))
		return false;
	if (o->is_forgotten)
		return o->value_n == v->n && memcmp(o->value, v->p, v->n) == 0;
	got = private_commit(o->fact, o->salt, o->value, o->value_n);
	return memcmp(v->p, got.b, ID_SIZE) == 0;
}

static int check_opened(const struct receipt *r)
{
	struct record rec;
	int err = 0;

	if (r->opened_n > 0)
		err = record_decode(&rec, r->entry.kind, r->entry.facts,
				    r->entry.facts_n);
	for (size_t i = 0; i < r->opened_n && err == 0; i++) {
		const struct opened *o = &r->opened[i];
		const struct fact_rule *rule = fact_rule(o->fact);

		if (rule == NULL || rule->type != TYPE_SHA ||
		    !is_committed(o, &rec))
			err = ERR_SIGNATURE;
	}
	return err;
}

/* Where the first line behind `at` ends. */
static size_t line_end(struct text t, size_t at)
{
	while (at < t.n && t.p[at] != '\n')
		at++;
	return at < t.n ? at + 1 : t.n;
}

/* Which part of a note that is not well-formed is at fault: the checkpoint, or
 * the first line of signature, which is the log's, or one after it. */
static enum receipt_part note_fault(struct text t)
{
	struct checkpoint c;
	struct note note;
	size_t at = 0;

	while (at < t.n && t.p[at] != '\n')
		at = line_end(t, at);
	if (checkpoint_decode(&c, t.p, at) != 0)
		return PART_CHECKPOINT;
	return note_decode(&note, t.p, line_end(t, line_end(t, at))) != 0
		       ? PART_LOG
		       : PART_COSIGN;
}

static int read_checkpoint(struct receipt *r, enum receipt_part *part)
{
	struct id network;
	int err = note_decode(&r->note, r->proof.note.p, r->proof.note.n);

	if (err != 0) {
		*part = note_fault(r->proof.note);
		return err;
	}
	*part = PART_CHECKPOINT;
	err = checkpoint_decode(&r->checkpoint, r->note.text.p, r->note.text.n);
	if (err != 0)
		return err;
	*part = PART_ORIGIN;
	err = origin_decode(&network, &r->log, r->checkpoint.origin,
			    strlen(r->checkpoint.origin));
	if (err == 0 && !id_eq(&network, &r->network))
		err = ERR_FORMAT;
	return err;
}

/* PROTOCOL: Each signature line whose name is of this form must verify under
 * the key in its name */
static int check_line(const struct receipt *r, const struct note_sig *s,
		      enum receipt_part *part)
{
	struct notekey key;
	struct pubkey feed;
	struct id network;
	uint64_t time_s;

	if (origin_decode(&network, &feed, s->name.p, s->name.n) != 0)
		return 0; /* somebody else's; receipt_judge asks who */
	if (pubkey_eq(&feed, &r->log)) {
		*part = PART_LOG;
		treehead_key(&key, &network, &feed, NOTEKEY_ED25519);
		if (s->key_id != notekey_id(key.name, key.type, &key.pub))
			return ERR_SIGNATURE;
		return note_check(&r->note, &key);
	}
	*part = PART_COSIGN;
	treehead_key(&key, &network, &feed, NOTEKEY_COSIGNER);
	if (s->key_id != notekey_id(key.name, key.type, &key.pub))
		return ERR_SIGNATURE;
	return note_check_cosign(&r->note, &time_s, &key);
}

static int check_lines(const struct receipt *r, enum receipt_part *part)
{
	struct notekey key;
	int err;

	*part = PART_LOG;
	treehead_key(&key, &r->network, &r->log, NOTEKEY_ED25519);
	err = note_check(&r->note, &key);
	for (size_t i = 0; i < r->note.n && err == 0; i++)
		err = check_line(r, &r->note.sig[i], part);
	return err;
}

static int check_path(const struct receipt *r)
{
	struct sha leaf = merkle_leaf(r->id.b, ID_SIZE);

	return merkle_check_inclusion(&r->proof.path, r->proof.index,
				      r->checkpoint.size, &leaf,
				      &r->checkpoint.root);
}

static int read_all(struct receipt *r, enum receipt_part *part,
		    const char *text, size_t n)
{
	int err;

	*part = PART_FORM;
	err = tlogproof_decode(&r->proof, text, n);
	if (err == 0)
		err = read_extra(r, part);
	if (err == 0) {
		*part = PART_OPENED;
		err = check_opened(r);
	}
	if (err == 0)
		err = read_checkpoint(r, part);
	if (err == 0)
		err = check_lines(r, part);
	if (err == 0) {
		*part = PART_PATH;
		err = check_path(r);
	}
	return err;
}

int receipt_read(struct receipt *out, enum receipt_part *part, const char *text,
		 size_t n)
{
	int err;

	memset(out, 0, sizeof(*out));
	err = read_all(out, part, text, n);
	if (err == 0)
		*part = PART_NONE;
	else
		receipt_release(out);
	return err == ERR_NOT_FOUND ? ERR_SIGNATURE : err;
}

/* A believed witness that cosigned. */
struct vote {
	size_t witness;
	uint64_t time_s;
};

static int by_time(const void *a, const void *b)
{
	const struct vote *x = a, *y = b;

	return x->time_s < y->time_s ? -1 : x->time_s > y->time_s;
}

/* Who of the policy cosigned, and when; how many. */
static size_t collect(struct vote *votes, const struct receipt *r,
		      const struct trust *t, enum receipt_part *part)
{
	size_t n = 0;

	for (size_t i = 0; i < trust_witnesses(t); i++) {
		const struct notekey *key = trust_witness(t, i);
		uint64_t time_s;
		int err;

		/* A tree does not witness itself. */
		if (pubkey_eq(&key->pub, &r->log))
			continue;
		err = note_check_cosign(&r->note, &time_s, key);
		if (err == ERR_SIGNATURE)
			*part = PART_COSIGN;
		if (err == 0)
			votes[n++] = (struct vote){ i, time_s };
	}
	return n;
}

/* Is every line that is not of this network's form one of the policy's? */
static bool are_known(const struct receipt *r, const struct trust *t)
{
	for (size_t i = 0; i < r->note.n; i++) {
		const struct note_sig *s = &r->note.sig[i];
		struct pubkey feed;
		struct id network;
		bool is_known = origin_decode(&network, &feed, s->name.p,
					      s->name.n) == 0;

		for (size_t k = 0; k < trust_witnesses(t) && !is_known; k++) {
			const struct notekey *w = trust_witness(t, k);

			is_known = text_is(s->name, w->name) &&
				   s->key_id == notekey_id(w->name,
							   NOTEKEY_COSIGNER,
							   &w->pub);
		}
		if (!is_known)
			return false;
	}
	return true;
}

static void count_votes(struct receipt_verdict *out, struct vote *votes,
			bool *has, const struct trust *t)
{
	bool is_met = trust_is_met(t, has);

	if (out->witnesses > 0)
		qsort(votes, out->witnesses, sizeof(*votes), by_time);
	for (size_t i = 0; i < out->witnesses && !out->has_time; i++) {
		has[votes[i].witness] = true;
		if (!trust_is_met(t, has))
			continue;
		is_met = true;
		out->has_time = true;
		out->time_s = votes[i].time_s;
	}
	if (!is_met && out->part == PART_NONE)
		out->part = PART_QUORUM;
}

int receipt_judge(struct receipt_verdict *out, const struct receipt *r,
		  const struct trust *trust)
{
	const struct text origin = { r->checkpoint.origin,
				     strlen(r->checkpoint.origin) };
	const struct notekey *log = trust_log(trust, origin);
	size_t n = trust_witnesses(trust);
	struct vote *votes = calloc(n + 1, sizeof(*votes));
	bool *has = calloc(n + 1, sizeof(*has));
	int err = votes == NULL || has == NULL ? ERR_NOMEM : 0;

	*out = (struct receipt_verdict){ .part = PART_NONE };
	if (err == 0) {
		if (log == NULL || note_check(&r->note, log) != 0)
			out->part = PART_ANCHOR;
		else if (!are_known(r, trust))
			out->part = PART_COSIGN;
		out->witnesses = collect(votes, r, trust, &out->part);
		count_votes(out, votes, has, trust);
	}
	free(votes);
	free(has);
	return err;
}
