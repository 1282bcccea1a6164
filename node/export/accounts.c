#include "node/export/money.h"

#include "crypto/bytes.h"
#include "node/export/ascii.h"
#include "node/export/dedicated.h"
#include "node/text/escape.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "proto/charter.h"

#include <stdlib.h>
#include <string.h>

/*
 * The accounts of one association, as the tax office and as Paheko read them.
 * Both are French forms, so their words are French whatever the reader's
 * language; a FEC is ASCII, which every character set that the law allows
 * has in common.
 */

#define DEDICATED \
	"196", "Fonds dédiés sur ressources liées à la générosité du public"

/* One table under way. */
struct books {
	const struct exporting *x;
	const char *currency;
	uint64_t number;
	int64_t opening;   /* in the bank before the period, minor units */
	size_t foreign;    /* records in another currency */
	uint64_t valid_ms; /* of the newest entry */
	struct dedications funds;
	void (*put)(struct books *b, const struct money_entry *e, size_t i);
};

/* What is not of this period stands in what it begins with. */
static bool is_dated(const struct books *b, const struct money_entry *e)
{
	return b->x->period == NULL || period_has(b->x->period, e->date_ms);
}

static void sum_before(struct books *b, const struct money_entry *e)
{
	if (b->x->period == NULL || e->date_ms >= b->x->period->from_ms)
		return;
	for (size_t i = 0; i < e->rule->lines_n; i++)
		if (money_is_bank(e, i))
			b->opening += money_debits(e, i) ? (int64_t)e->minor
							 : -(int64_t)e->minor;
}

static void put_both(struct books *b, const struct money_entry *e)
{
	for (size_t i = 0; i < e->rule->lines_n; i++)
		b->put(b, e, i);
	if (e->valid_ms > b->valid_ms)
		b->valid_ms = e->valid_ms;
}

/* One entry: what is in the bank is what is left of funds, and the rest. */
static void put_opening(struct books *b)
{
	static const struct money_rule gain = {
		"AN",
		"À nouveaux",
		"À nouveau",
		{ { "512", "Banque", true },
		  { "110", "Report à nouveau (solde créditeur)", false } },
		2
	};
	static const struct money_rule debt = {
		"AN",
		"À nouveaux",
		"À nouveau",
		{ { "119", "Report à nouveau (solde débiteur)", true },
		  { "512", "Banque", false } },
		2
	};
	static const struct money_rule fund = { "AN",
						"À nouveaux",
						"À nouveau",
						{ { "512", "Banque", true },
						  { DEDICATED, false } },
						2 };
	struct money_entry e = { .rule = &fund };
	int64_t rest = b->opening;

	memcpy(e.currency, b->currency, sizeof(e.currency));
	if (b->x->period != NULL)
		e.date_ms = e.piece_ms = e.valid_ms = b->x->period->from_ms;
	for (size_t i = 0; i < b->funds.n; i++)
		rest -= b->funds.at[i].opening;
	b->number += b->opening != rest || rest != 0;
	for (size_t i = 0; i < b->funds.n; i++) {
		const struct dedicated *d = &b->funds.at[i];

		e.minor = (uint64_t)d->opening;
		memcpy(e.fund, d->fund, sizeof(e.fund));
		if (e.minor > 0)
			put_both(b, &e);
	}
	e.fund[0] = '\0';
	e.rule = rest > 0 ? &gain : &debt;
	e.minor = (uint64_t)(rest > 0 ? rest : -rest);
	if (e.minor > 0)
		put_both(b, &e);
}

/* Where a closed year ends: an entry for each fund that holds more, or less,
 * than when it began. */
static void put_closing(struct books *b)
{
	static const struct money_rule kept = {
		"OD",
		"Opérations diverses",
		"Reste à employer",
		{ { "6896",
		    "Reports en fonds dédiés sur ressources liées à la "
		    "générosité du public",
		    true },
		  { DEDICATED, false } },
		2
	};
	static const struct money_rule used = {
		"OD",
		"Opérations diverses",
		"Employé",
		{ { DEDICATED, true },
		  { "7896",
		    "Utilisations de fonds dédiés sur ressources liées à la "
		    "générosité du public",
		    false } },
		2
	};

	for (size_t i = 0; i < b->funds.n; i++) {
		const struct dedicated *d = &b->funds.at[i];
		struct money_entry e = { .rule = d->closing > d->opening
							 ? &kept
							 : &used };

		if (d->closing == d->opening)
			continue;
		e.date_ms = e.piece_ms = b->x->period->to_ms - 1;
		e.valid_ms = e.date_ms > b->valid_ms ? e.date_ms : b->valid_ms;
		e.minor = (uint64_t)llabs(d->closing - d->opening);
		memcpy(e.fund, d->fund, sizeof(e.fund));
		memcpy(e.currency, b->currency, sizeof(e.currency));
		b->number++;
		put_both(b, &e);
	}
}

static int write_books(struct books *b)
{
	struct money_journal m = { NULL, 0, 0 };
	int err = money_load(&m, b->x, &b->x->accounts->identity);

	b->currency = roster_charter(b->x->roster)->currency;
	for (size_t i = 0; i < m.n && err == 0; i++) {
		if (strcmp(m.at[i].currency, b->currency) == 0)
			sum_before(b, &m.at[i]);
		else if (is_dated(b, &m.at[i]))
			b->foreign++;
	}
	if (err == 0)
		err = dedications_load(&b->funds, b->x, &m, b->currency);
	if (err == 0)
		put_opening(b);
	for (size_t i = 0; i < m.n && err == 0; i++) {
		const struct money_entry *e = &m.at[i];

		if (!is_dated(b, e) || strcmp(e->currency, b->currency) != 0)
			continue;
		b->number++;
		put_both(b, e);
	}
	if (err == 0)
		put_closing(b);
	free(b->funds.at);
	money_release(&m);
	if (err == 0 && b->foreign > 0)
		say_warn(P_("%zu entry is not in %s and is left out: "
			    "these accounts have one currency",
			    "%zu entries are not in %s and are left out: "
			    "these accounts have one currency",
			    b->foreign),
			 b->foreign, b->currency);
	return err;
}

/* "50,00" on the side where it stands, "0,00" on the other. */
static void put_amount(FILE *file, const struct money_entry *e, bool is_there)
{
	char text[MONEY_SIZE];
	char *point;

	money_plain(text, is_there ? (int64_t)e->minor : 0, e->currency);
	point = strchr(text, '.');
	if (point != NULL)
		*point = ',';
	fputs(text, file);
}

static void put_day(FILE *file, const char *form, uint64_t ms)
{
	char day[DAY_SIZE];

	export_day(day, form, ms);
	fputs(day, file);
}

/* What an entry is about, in words. */
static void label_text(char out[static MONEY_TEXT + 64],
		       const struct money_entry *e)
{
	snprintf(out, MONEY_TEXT + 64, "%s%s%s%s",
		 e->is_reversal ? "Annulation : " : "", e->rule->text,
		 e->text[0] != '\0' ? " : " : "", e->text);
}

/* The record that an entry is about: what the treasurer can look up; or what
 * opens and closes the accounts. */
static void piece_text(char out[static REF_TEXT], const struct books *b,
		       const struct money_entry *e)
{
	if (e->of.seq == 0 && strcmp(e->rule->code, "AN") == 0)
		snprintf(out, REF_TEXT, "AN");
	else if (e->of.seq == 0)
		snprintf(out, REF_TEXT, "FD-%s", e->fund);
	else
		ref_text(out, b->x->roster, &e->of.feed, e->of.seq);
}

static bool is_dedicated(const struct money_line *line)
{
	return strcmp(line->account, "196") == 0 ||
	       strcmp(line->account, "6896") == 0 ||
	       strcmp(line->account, "7896") == 0;
}

static void put_fec(struct books *b, const struct money_entry *e, size_t i)
{
	const struct money_line *line = &e->rule->line[i];
	FILE *file = b->x->file;
	char text[MONEY_TEXT + 64], piece[REF_TEXT];

	label_text(text, e);
	piece_text(piece, b, e);
	fprintf(file, "%s\t", e->rule->code);
	put_ascii(file, e->rule->journal);
	fprintf(file, "\t%llu\t", (unsigned long long)b->number);
	put_day(file, "%Y%m%d", e->date_ms);
	/* Six digits, as accountants' programs expect. */
	fprintf(file, "\t%s%.*s\t", line->account,
		(int)(6 - strlen(line->account)), "000000");
	put_ascii(file, line->name);
	/* Each fund has its own account below those of dedicated funds. */
	if (e->fund[0] != '\0' && is_dedicated(line))
		fprintf(file, "\t%s\tFonds %s", e->fund, e->fund);
	else
		fputs("\t\t", file);
	fprintf(file, "\t%s\t", piece);
	put_day(file, "%Y%m%d", e->piece_ms);
	fputc('\t', file);
	put_ascii(file, text);
	if (e->fund[0] != '\0')
		fprintf(file, " (fonds %s)", e->fund);
	fputc('\t', file);
	put_amount(file, e, money_debits(e, i));
	fputc('\t', file);
	put_amount(file, e, !money_debits(e, i));
	fputs("\t\t\t", file);
	put_day(file, "%Y%m%d", e->valid_ms);
	fputs("\t\t\r\n", file);
}

int export_fec(const struct exporting *x)
{
	struct books b = { .x = x, .put = put_fec };

	fputs("JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum"
	      "\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\tPieceDate"
	      "\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate"
	      "\tMontantdevise\tIdevise\r\n",
	      x->file);
	return write_books(&b);
}

static void put_paheko(struct books *b, const struct money_entry *e, size_t i)
{
	const struct money_line *line = &e->rule->line[i];
	FILE *file = b->x->file;
	char text[MONEY_TEXT + 64], piece[REF_TEXT], id[HEX_SIZE(ID_SIZE)];

	label_text(text, e);
	piece_text(piece, b, e);
	hex_encode(id, e->by.id.b, ID_SIZE);
	fprintf(file, "%llu;Avancé;;", (unsigned long long)b->number);
	csv_text(file, text, strlen(text));
	fputc(';', file);
	put_day(file, "%d/%m/%Y", e->date_ms);
	fprintf(file, ";%s;%s;%s;", e->of.seq == 0 ? "" : id, piece,
		line->account);
	csv_text(file, line->name, strlen(line->name));
	fputc(';', file);
	put_amount(file, e, money_debits(e, i));
	fputc(';', file);
	put_amount(file, e, !money_debits(e, i));
	fprintf(file, ";;;;;%s;\r\n", e->fund);
}

int export_paheko(const struct exporting *x)
{
	struct books b = { .x = x, .put = put_paheko };

	fputs("\xef\xbb\xbfNuméro d'écriture;Type;Statut;"
	      "Libellé;Date;Remarques;Numéro pièce "
	      "comptable;Numéro compte;Libellé compte;"
	      "Débit;Crédit;Référence ligne;"
	      "Libellé ligne;Rapprochement;Lettrage;Projet analytique;"
	      "Membres associés\r\n",
	      x->file);
	return write_books(&b);
}
