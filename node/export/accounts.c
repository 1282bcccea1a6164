#include "node/export/money.h"

#include "crypto/bytes.h"
#include "node/export/ascii.h"
#include "node/text/escape.h"
#include "node/text/i18n.h"
#include "node/text/parse.h"
#include "node/text/say.h"
#include "proto/charter.h"

#include <string.h>

/*
 * The accounts of one association, as the tax office and as Paheko read them.
 * Both are French forms, so their words are French whatever the reader's
 * language; a FEC is ASCII, which every character set that the law allows
 * has in common.
 */

/* One table under way. */
struct books {
	const struct exporting *x;
	const char *currency;
	uint64_t number;
	int64_t opening; /* in the bank before the period, minor units */
	size_t foreign;  /* records in another currency */
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
	struct money_entry e = { .rule = b->opening > 0 ? &gain : &debt };

	if (b->opening == 0)
		return;
	e.date_ms = e.piece_ms = e.valid_ms = b->x->period->from_ms;
	e.minor = (uint64_t)(b->opening > 0 ? b->opening : -b->opening);
	memcpy(e.currency, b->currency, sizeof(e.currency));
	b->number++;
	for (size_t i = 0; i < e.rule->lines_n; i++)
		b->put(b, &e, i);
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
		put_opening(b);
	for (size_t i = 0; i < m.n && err == 0; i++) {
		const struct money_entry *e = &m.at[i];

		if (!is_dated(b, e) || strcmp(e->currency, b->currency) != 0)
			continue;
		b->number++;
		for (size_t k = 0; k < e->rule->lines_n; k++)
			b->put(b, e, k);
	}
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

/* The record that an entry is about: what the treasurer can look up. */
static void piece_text(char out[static REF_TEXT], const struct books *b,
		       const struct money_entry *e)
{
	if (e->of.seq == 0)
		snprintf(out, REF_TEXT, "AN");
	else
		ref_text(out, b->x->roster, &e->of.feed, e->of.seq);
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
	fprintf(file, "\t\t\t%s\t", piece);
	put_day(file, "%Y%m%d", e->piece_ms);
	fputc('\t', file);
	put_ascii(file, text);
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
