#include "node/report/audit_text.h"

#include "crypto/bytes.h"
#include "node/cmd/purse.h"
#include "node/text/escape.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "node/text/screen.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* The columns that people ask for, in the order of the goods' way. */
static const struct {
	enum column col;
	const char *title;
} columns[] = {
	{ COL_PRODUCED, N_("produced") }, { COL_SUPPLIED, N_("supplied") },
	{ COL_FOUND, N_("found") },       { COL_CONSUMED, N_("consumed") },
	{ COL_LOST, N_("lost") },         { COL_ON_HAND, N_("on hand") },
	{ COL_MOVED, N_("moved") },       { COL_DELIVERED, N_("delivered") },
	{ COL_ACK_A, N_("ack. A") },      { COL_ACK_B, N_("ack. B") },
	{ COL_ACK_C, N_("ack. C") },      { COL_CLAIMED, N_("claimed") },
	{ COL_REFUSED, N_("refused") },   { COL_IN_TRANSIT, N_("in transit") },
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* Columns of a screen: where a sentence begins, and what an entry takes. */
enum { SENTENCE = 12, WHOLE = 100 };

enum { LINE = 512, PART = 64 }; /* bytes of one of ours, of a part of it */

/* A line of ours; on a screen that is too narrow it goes on below itself. */
static void __attribute__((format(printf, 2, 3)))
put_line(FILE *file, const char *fmt, ...)
{
	char line[LINE];
	size_t indent;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	line[strcspn(line, "\n")] = '\0';
	indent = strspn(line, " ");
	fwrite(line, 1, indent, file);
	screen_fold(file, line + indent, indent, indent, screen_columns(file));
}

static void pad(FILE *file, int n)
{
	fprintf(file, "%*s", n > 0 ? n : 0, "");
}

/* One item, its figures that are not zero, in two aligned columns. */
static void print_item(FILE *file, const struct audit_item *row, int width)
{
	fprintf(file, "  %s (%s)\n", row->item, row->unit);
	for (size_t i = 0; i < COLUMNS; i++) {
		const char *title = _(columns[i].title);
		int64_t v = row->col[columns[i].col];

		if (v == 0)
			continue;
		fprintf(file, "    %s", title);
		pad(file, width - (int)text_columns(title));
		fprintf(file, " %15" PRId64 "\n", v);
	}
}

static void print_items(FILE *file, const struct audit *a)
{
	int width = 0;

	for (size_t i = 0; i < COLUMNS; i++)
		if ((int)text_columns(_(columns[i].title)) > width)
			width = (int)text_columns(_(columns[i].title));
	fprintf(file, "\n%s\n", _("Goods"));
	if (a->items_n == 0)
		fprintf(file, "  %s\n", _("none recorded"));
	for (size_t i = 0; i < a->items_n; i++)
		print_item(file, &a->items[i], width);
}

/* Sections that few ledgers have are left out when they are empty. */
static void print_money_and_demand(FILE *file, const struct audit *a,
				   const struct audit_say *how)
{
	if (a->funds.n > 0) {
		fprintf(file, "\n%s\n", _("Money"));
		purse_funds_table(file, &a->funds, a->roster);
	}
	if (a->demand.n > 0) {
		fprintf(file, "\n%s\n", _("Demand"));
		purse_demand_table(file, &a->demand, audit_as_of(a, how));
	}
}

/* On a screen on which whole ids do not fit, enough to name an entry. */
static void print_finding(FILE *file, const struct finding *f, size_t width)
{
	char text[FINDING_TEXT], hex[HEX_SIZE(ID_SIZE)];
	char safe[TEXT_SAFE_SIZE(FINDING_TEXT)];
	bool is_narrow = width > 0 && width < WHOLE;

	finding_fill(text, _(finding_sentence(f)), f);
	fprintf(file, "  %c %s  ", severity_letter(finding_severity(f->code)),
		finding_name(f->code));
	screen_fold(file, text_safe(safe, sizeof(safe), text, strlen(text)),
		    SENTENCE, SENTENCE, width);
	for (size_t i = 0; i < f->proofs; i++) {
		hex_encode(hex, f->proof[i].feed.b, 8);
		fprintf(file, "           %s/%" PRIu64, hex, f->proof[i].seq);
		if (!id_is_zero(&f->proof[i].id)) {
			hex_encode(hex, f->proof[i].id.b,
				   is_narrow ? 8 : ID_SIZE);
			fprintf(file, " %s", hex);
		}
		fputc('\n', file);
	}
}

static void print_findings(FILE *file, const struct audit *a)
{
	fprintf(file, "\n%s\n", _("Findings"));
	if (a->findings.n == 0)
		fprintf(file, "  %s\n", _("none found"));
	for (size_t i = 0; i < a->findings.n; i++)
		print_finding(file, &a->findings.at[i], screen_columns(file));
}

static void print_counts(FILE *file, const struct audit *a)
{
	unsigned long long entries = a->entries, feeds = a->tips_n,
			   members = roster_count(a->roster);
	char part[3][PART];

	snprintf(part[0], PART, P_("%llu entry", "%llu entries", entries),
		 entries);
	snprintf(part[1], PART, P_("%llu feed", "%llu feeds", feeds), feeds);
	snprintf(part[2], PART, P_("%llu member", "%llu members", members),
		 members);
	put_line(file, "         %s, %s, %s\n", part[0], part[1], part[2]);
}

/* What the association's signatures and its witnesses' say. */
static void print_attested(FILE *file, const struct audit *a)
{
	const struct audit_attested *x = &a->attested;
	char checkpoints[PART], cosignatures[PART], time[TIME_SIZE];

	snprintf(checkpoints, PART,
		 P_("%zu checkpoint", "%zu checkpoints", x->checkpoints),
		 x->checkpoints);
	snprintf(cosignatures, PART,
		 P_("%zu cosignature", "%zu cosignatures", x->cosignatures),
		 x->cosignatures);
	put_line(file,
		 _("         %s, %zu not checked (entries are not here), %s\n"),
		 checkpoints, x->unchecked, cosignatures);
	if (!x->has_time)
		return;
	time_text(time, x->time_ms);
	put_line(file, _("         cosigned by a quorum of witnesses at %s\n"),
		 time);
}

void audit_print(FILE *file, const struct audit *a, const struct audit_say *how,
		 const struct id *report)
{
	const struct charter *charter = roster_charter(a->roster);
	char hex[HEX_SIZE(ID_SIZE)];

	if (!how->is_anchored)
		put_line(file, "%s",
			 _("Nothing here vouches for this network: a forged "
			   "one is consistent too. Compare its id with one you "
			   "trust, or give it with --network."));
	if (!how->is_anchored)
		fputc('\n', file);
	if (charter != NULL) {
		fputs(_("Audit of "), file);
		put_safe(file, charter->name, strlen(charter->name));
		fputc('\n', file);
	}
	hex_encode(hex, a->network.b, ID_SIZE);
	fprintf(file, "%s %s\n", _("Network"), hex);
	hex_encode(hex, a->cut.b, ID_SIZE);
	fprintf(file, "%s %s\n", _("Cut    "), hex);
	print_counts(file, a);
	put_line(file, "         %s\n",
		 how->every_signature
			 ? _("every entry hashed, every signature verified")
			 : _("every entry hashed, one signature verified per "
			     "feed and per 256 entries"));
	print_attested(file, a);
	print_items(file, a);
	print_money_and_demand(file, a, how);
	print_findings(file, a);
	hex_encode(hex, report->b, ID_SIZE);
	fprintf(file, "\n%s %s\n", _("Report "), hex);
}
