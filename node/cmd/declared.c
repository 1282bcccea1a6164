#include "node/cmd/declared.h"

#include "node/cmd/figures.h"
#include "node/text/i18n.h"
#include "node/text/party.h"
#include "store/book.h"
#include "store/totals.h"

#include <string.h>

/* The declaration that governs an item of n bytes, or NULL. */
static const struct catalog_row *find(const struct catalog *c, const char *item,
				      size_t n,
				      char name[static LIMIT_ITEM + 1])
{
	memcpy(name, item, n);
	name[n] = '\0';
	return catalog_find(c, name);
}

static bool is_service(const struct catalog *c, const struct line *line,
		       char name[static LIMIT_ITEM + 1])
{
	const struct catalog_row *row = find(c, line->item, line->item_n, name);

	return row != NULL && row->class == CLASS_SERVICE;
}

size_t declared_services(const struct catalog *c, const struct line *lines,
			 size_t n)
{
	char name[LIMIT_ITEM + 1];
	size_t services = 0;

	for (size_t i = 0; i < n; i++)
		services += is_service(c, &lines[i], name);
	return services;
}

bool declared_fits(const struct catalog *c, const struct record *rec)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(rec, FACT_LINES, lines);

	return declared_services(c, lines, n) ==
	       (record_uint(rec, FACT_SERVICE) != 0 ? n : 0);
}

static void remark_services(struct recording *r, const struct catalog *c,
			    enum fact fact)
{
	struct line lines[LIMIT_LINES];
	size_t n = record_lines(&r->form->rec, fact, lines);
	char name[LIMIT_ITEM + 1];

	for (size_t i = 0; i < n; i++)
		if (is_service(c, &lines[i], name))
			remark(&r->remarks,
			       _("'%s' is a service: it is on no shelf, and "
				 "made by being delivered"),
			       name);
}

/* Does the older declaration say something that rec leaves out? */
static bool says_less(const struct record *rec, const struct catalog_row *old)
{
	return (old->unit[0] != '\0' && !record_has(rec, FACT_UNIT)) ||
	       (old->name[0] != '\0' && !record_has(rec, FACT_NAME)) ||
	       (old->grams != 0 && !record_has(rec, FACT_GRAMS)) ||
	       (old->class != 0 && !record_has(rec, FACT_CLASS)) ||
	       (old->bom_n != 0 && !record_has(rec, FACT_BOM));
}

static void remark_item(struct recording *r, const struct catalog *c)
{
	const struct record *rec = &r->form->rec;
	const struct value *item = &rec->v[FACT_ITEM];
	const struct roster *roster = desk_roster(&r->desk);
	const struct member *me = roster_member(roster, &r->desk.identity);
	char name[LIMIT_ITEM + 1], who[PARTY_TEXT];
	const struct catalog_row *old =
		find(c, (const char *)item->p, item->n, name);

	if (old == NULL || me == NULL || strcmp(old->item, name) != 0)
		return;
	if (pubkey_eq(&old->author, &r->desk.identity)) {
		if (says_less(rec, old))
			remark(&r->remarks,
			       _("this takes the place of your declaration of "
				 "'%s': what it does not say again holds no "
				 "more"),
			       name);
	} else if (old->depth < me->depth ||
		   (old->depth == me->depth &&
		    pubkey_cmp(&old->author, &r->desk.identity) < 0)) {
		member_text(who, roster, &old->author);
		remark(&r->remarks,
		       _("%s declared '%s' already, and that holds; the audit "
			 "shows where yours differs"),
		       who, name);
	}
}

/* Looking for the item of a verdict in designs and on shelves. */
struct looking {
	const char *item;
	bool is_there;
};

static int see_design(void *arg, const struct book_record *rec)
{
	struct looking *l = arg;
	const struct value *item = &rec->rec.v[FACT_ITEM];

	if (item->n == strlen(l->item) &&
	    memcmp(item->p, l->item, item->n) == 0)
		l->is_there = true;
	return 0;
}

static int see_sum(void *arg, const char *item, size_t n,
		   const int64_t col[static COL_COUNT])
{
	struct looking *l = arg;

	(void)col;
	if (n == strlen(l->item) && memcmp(item, l->item, n) == 0)
		l->is_there = true;
	return 0;
}

/* Who stops a revision that is none has not stopped the one that is made. */
static void remark_verdict(struct recording *r, const struct catalog *c)
{
	const struct value *item = &r->form->rec.v[FACT_ITEM];
	struct store *s = r->desk.store;
	char name[LIMIT_ITEM + 1];
	struct looking l = { .item = name };
	struct book_view view;

	l.is_there = find(c, (const char *)item->p, item->n, name) != NULL;
	if (l.is_there || store_totals(s, see_sum, &l) != 0 ||
	    store_view_open(s, &view) != 0)
		return;
	if (store_kind(s, KIND_DESIGN, see_design, &l) == 0 && !l.is_there)
		remark(&r->remarks,
		       _("nobody here declared, designed or made '%s'"), name);
	store_view_close(s);
}

/* The fact whose goods lie on a shelf before or after, 0 for none. */
static enum fact shelved(uint32_t kind)
{
	switch (kind) {
	case KIND_PRODUCE:
	case KIND_SUPPLY:
	case KIND_LOSE:
		return FACT_LINES;
	case KIND_COUNT:
		return FACT_COUNTED;
	}
	return 0;
}

void declared_remark(struct recording *r)
{
	uint32_t kind = r->form->rec.kind;
	enum fact fact = shelved(kind);
	struct catalog c = { 0 };

	if (fact == 0 && kind != KIND_ITEM && kind != KIND_APPROVE)
		return;
	if (figures_catalog(&c, r->desk.store) == 0) {
		if (fact != 0)
			remark_services(r, &c, fact);
		else if (kind == KIND_ITEM)
			remark_item(r, &c);
		else
			remark_verdict(r, &c);
	}
	catalog_release(&c);
}
