#include "node/export/export.h"

#include "node/export/ascii.h"

#include <string.h>

/*
 * What the law wants beside a FEC (article A47 A-1 of the LPF): a description
 * of the file and of what its fields hold.  French whatever the reader's
 * language, and ASCII like the file itself.
 */

static const char head[] =
	"Description de ce fichier des écritures comptables\n"
	"\n"
	"Origine : Maillon, registre signé ; les écritures en sont déduites.\n"
	"Caractères : ASCII (les accents sont ôtés). Champs : séparés par une\n"
	"tabulation, sans guillemets. Lignes : terminées par CR LF. La "
	"première\n"
	"porte les noms des champs. Dates : AAAAMMJJ. Montants : virgule\n"
	"décimale, deux décimales, sans séparateur de milliers.\n"
	"\n";

static const struct {
	const char *name, *text;
} fields[] = {
	{ "JournalCode", "AN à nouveaux, BQ banque, AC achats, OD opérations "
			 "diverses, CV contributions volontaires" },
	{ "JournalLib", "libellé du journal" },
	{ "EcritureNum", "suite continue, de 1 à n, dans l'ordre de "
			 "validation" },
	{ "EcritureDate", "date de comptabilisation : de l'opération ; d'une "
			  "correction, le jour où elle fut faite" },
	{ "CompteNum", "plan des associations (ANC 2018-06), complété à six "
		       "chiffres" },
	{ "CompteLib", "libellé du compte" },
	{ "CompAuxNum", "pour 196, 6896 et 7896 : le fonds ; sinon vide" },
	{ "CompAuxLib", "libellé du fonds ; sinon vide" },
	{ "PieceRef", "l'enregistrement signé (MEMBRE/NUMERO), que « maillon "
		      "show » montre ; AN : à nouveaux ; FD-x : fonds dédié" },
	{ "PieceDate", "date de l'opération" },
	{ "EcritureLib", "nature, objet, référence de collecte, fonds" },
	{ "Debit", "montant, ou 0,00" },
	{ "Credit", "montant, ou 0,00" },
	{ "EcritureLet", "vide" },
	{ "DateLet", "vide" },
	{ "ValidDate", "date de la signature, qui rend l'écriture "
		       "inaltérable" },
	{ "Montantdevise", "vide : une seule monnaie" },
	{ "Idevise", "vide" },
};

static const char tail[] =
	"\n"
	"Corrections : une écriture validée ne change pas. Une correction est\n"
	"une écriture « Annulation », débit et crédit échangés, puis "
	"l'écriture\n"
	"juste.\n"
	"A nouveaux : ce qui était en banque au début de la période, contre "
	"196\n"
	"(fonds dédiés) et 110 ou 119. Fin d'un exercice clos : ce qui reste "
	"de\n"
	"chaque fonds passe au 196 (6896, 7896).\n"
	"Classe 8 : contributions volontaires, jamais en banque.\n"
	"Données personnelles : ni donateur ni payé n'y figurent.\n";

/* Lines of ours, each ended as in the file that they describe. */
static void put_lines(FILE *file, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		char line[128];

		snprintf(line, sizeof(line), "%.*s", (int)n, text);
		put_ascii(file, line);
		fputs("\r\n", file);
		text += n + 1;
	}
}

void export_description(FILE *file, const char *name, const char *currency)
{
	fprintf(file, "Fichier : %s\r\nMonnaie : %s\r\n\r\n", name, currency);
	put_lines(file, head);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		fprintf(file, "%2zu. %s : ", i + 1, fields[i].name);
		put_ascii(file, fields[i].text);
		fputs("\r\n", file);
	}
	put_lines(file, tail);
}
