#include "node/proof/verify.h"

#include "crypto/bytes.h"
#include "crypto/err.h"
#include "node/file.h"
#include "node/proof/bare.h"
#include "node/text/i18n.h"
#include "node/text/say.h"
#include "proto/kind.h"
#include "proto/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *word;
	const char *text; /* "...: TEXT" */
} parts[] = {
	[PART_NONE] = { "none", "" },
	[PART_FORM] = { "form", N_("it is no receipt, or a line of it is not "
				   "well-formed") },
	[PART_EXTRA] = { "extra", N_("the extra line does not hold an entry") },
	[PART_ENTRY] = { "entry", N_("the entry is not well-formed") },
	[PART_SIGNATURE] = { "signature", N_("the entry's signature does not "
					     "verify") },
	[PART_OPENED] = { "opened",
			  N_("a private field is not the one that the "
			     "entry commits to") },
	[PART_CHECKPOINT] = { "checkpoint", N_("the checkpoint is not "
					       "well-formed") },
	[PART_ORIGIN] = { "origin", N_("the checkpoint is of another "
				       "network") },
	[PART_LOG] = { "log", N_("the signature of the checkpoint does not "
				 "verify") },
	[PART_COSIGN] = { "cosignature", N_("a cosignature does not verify, or "
					    "is of an unknown witness") },
	[PART_PATH] = { "path", N_("the path does not lead from the entry to "
				   "the checkpoint") },
	[PART_ANCHOR] = { "anchor", N_("the tree's key is not among those that "
				       "are trusted") },
	[PART_QUORUM] = { "quorum",
			  N_("too few trusted witnesses have cosigned "
			     "the checkpoint") },
};

const char *part_word(enum receipt_part part)
{
	return parts[part].word;
}

/* A whole file of at most max bytes, with a NUL. */
static int read_all(char **out, size_t *n, const char *path, size_t max)
{
	char *text = malloc(max + 1);
	int err = text == NULL ? ERR_NOMEM : file_read(text, max + 1, n, path);

	if (err == 0)
		*out = text;
	else
		free(text);
	return err;
}

int verify_trust(struct trust **out, const char *path)
{
	char *text = NULL;
	unsigned line = 0;
	size_t n = 0;
	int err = read_all(&text, &n, path, TRUST_MAX);

	if (err != 0) {
		say_error(_("%s cannot be read: %s"), path, err_reason(err));
		return err == ERR_LIMIT ? EXIT_DATA : EXIT_INPUT;
	}
	err = trust_decode(out, text, n, &line);
	free(text);
	if (err == 0)
		return EXIT_DONE;
	if (line > 0)
		say_error(_("%s, line %u: this is no line of a policy, as "
			    "'maillon trust' prints them"),
			  path, line);
	else
		say_error(_("%s names no log, or no quorum: it is no policy, "
			    "as 'maillon trust' prints them"),
			  path);
	return EXIT_DATA;
}

void verify_file(struct verified *out, const char *path,
		 const struct trust *trust)
{
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	out->is_judged = trust != NULL;
	out->err = read_all(&out->text, &n, path, TLOGPROOF_MAX);
	if (out->err == ERR_LIMIT) { /* larger than any receipt */
		out->err = 0;
		out->part = PART_FORM;
		return;
	}
	if (out->err != 0)
		return;
	out->has_receipt =
		receipt_read(&out->receipt, &out->part, out->text, n) == 0;
	if (!out->has_receipt || trust == NULL)
		return;
	out->err = receipt_judge(&out->verdict, &out->receipt, trust);
	out->part = out->verdict.part;
}

void verified_release(struct verified *v)
{
	if (v->has_receipt)
		receipt_release(&v->receipt);
	free(v->text);
	memset(v, 0, sizeof(*v));
}

int verified_code(const struct verified *v)
{
	if (v->err != 0)
		return v->err == ERR_NOMEM ? exit_of(v->err) : EXIT_INPUT;
	return v->part == PART_NONE && v->is_judged ? EXIT_DONE : EXIT_NO;
}

static void put_hex(FILE *file, const char *name, const void *p, size_t n)
{
	char hex[HEX_SIZE(ID_SIZE)];

	hex_encode(hex, p, n);
	fprintf(file, "  %-10s %s\n", name, hex);
}

static void put_time(FILE *file, const char *name, uint64_t time_s)
{
	char text[32] = "?";
	time_t t = (time_t)time_s;
	struct tm tm;

	if (time_s < 253402300800 && gmtime_r(&t, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(file, "  %-10s %s\n", name, text);
}

static void put_receipt(FILE *file, const struct receipt *r)
{
	const struct kind_rule *rule = kind_rule(r->entry.kind);
	struct record rec;

	put_hex(file, "id", r->id.b, ID_SIZE);
	fprintf(file, "  %-10s %s\n", "record",
		rule == NULL ? "?" : rule->name);
	put_hex(file, "feed", r->entry.feed.b, KEY_SIZE);
	fprintf(file, "  %-10s %" PRIu64 "\n", "seq", r->entry.seq);
	put_time(file, _("says"), r->entry.time_ms / 1000);
	if (record_decode(&rec, r->entry.kind, r->entry.facts,
			  r->entry.facts_n) == 0)
		bare_facts(file, &rec);
	else
		fprintf(file, "  %s\n",
			_("(of a kind or form that does not count)"));
	for (size_t i = 0; i < r->opened_n; i++) {
		const char *name = fact_rule(r->opened[i].fact)->name;

		if (r->opened[i].is_forgotten) {
			fprintf(file, "  %-10s %s\n", _("forgotten"), name);
			continue;
		}
		fprintf(file, "  %-10s ", name);
		put_safe(file, (const char *)r->opened[i].value,
			 r->opened[i].value_n);
		fputc('\n', file);
	}
	put_hex(file, "network", r->network.b, ID_SIZE);
	put_hex(file, "tree", r->log.b, KEY_SIZE);
	fprintf(file, "  %-10s %" PRIu64 " / %" PRIu64 "\n", "leaf",
		r->proof.index, r->checkpoint.size);
}

void verified_print(FILE *file, const struct verified *v, const char *path)
{
	if (v->err != 0) {
		say_error(_("%s cannot be read: %s"), path, err_reason(v->err));
		return;
	}
	if (v->part != PART_NONE) {
		say_error(_("%s: refused: %s"), path, _(parts[v->part].text));
		return;
	}
	put_safe(file, path, strlen(path));
	if (!v->is_judged) {
		fprintf(file, ": %s\n",
			_("consistent, but nobody vouches for this key"));
		put_receipt(file, &v->receipt);
		return;
	}
	fprintf(file, ": %s\n", _("verified"));
	put_receipt(file, &v->receipt);
	fprintf(file, "  %-10s %zu\n", _("witnesses"), v->verdict.witnesses);
	if (v->verdict.has_time)
		put_time(file, _("by"), v->verdict.time_s);
}

int verify_files(const char *trust, const char *const *paths, size_t n)
{
	struct trust *t = NULL;
	int code = EXIT_DONE;

	if (trust != NULL)
		code = verify_trust(&t, trust);
	for (size_t i = 0; i < n && (trust == NULL || t != NULL); i++) {
		struct verified v;
		int one;

		verify_file(&v, paths[i], t);
		verified_print(stdout, &v, paths[i]);
		one = verified_code(&v);
		if (one > code)
			code = one;
		verified_release(&v);
	}
	trust_close(t);
	if (code == EXIT_DONE || code == EXIT_NO) {
		int end = out_end();

		if (end != EXIT_DONE)
			code = end;
	}
	return code;
}
