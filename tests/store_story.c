#include "store/fsck.h"
#include "tests/ledger_audit.h"
#include "tests/ledger_totals.h"
#include "tests/unit.h"

/*
 * Spring 2020 in small: makers print headbands, couriers carry them to
 * assemblers, who make visors of them and of the hub's sheets, and couriers
 * carry those to hospitals.  Whatever has arrived of it, in whatever order,
 * nothing is counted twice and nothing is gone.
 */

enum {
	HUB,
	MAKER,
	COURIER = MAKER + 150,
	ASSEMBLER = COURIER + 8,
	HOSPITAL = ASSEMBLER + 12,
	PEOPLE = HOSPITAL + 10
};
enum { BAND, SHEET, VISOR, ITEMS };
enum { ORDERS = 3, CUTS = 6, MOST_SEQ = 512 };

static const char *const goods[] = { "headband", "sheet", "visor/v30" };

struct figures {
	int64_t col[ITEMS][COL_COUNT];
};

/* The whole story, and what should come of it. */
struct story {
	struct world w;
	uint64_t x;
	size_t courier;            /* the last who was sent */
	uint64_t stock[PEOPLE][2]; /* bands and sheets that arrived */
	struct figures want;
	uint64_t made[PEOPLE][MOST_SEQ]; /* [seq - 1]: visors then */
};

static size_t below(uint64_t *x, size_t n)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return (size_t)(*x % n);
}

static void expect(struct story *s, int item, enum column c, uint64_t n)
{
	s->want.col[item][c] += (int64_t)n;
}

/* From hand to hand, on by the same courier; the second delivery. */
static struct id carry(struct story *s, size_t from, size_t to, int item,
		       uint64_t qty)
{
	size_t by = COURIER + s->courier++ % (ASSEMBLER - COURIER);
	bool is_final = to >= HOSPITAL;
	struct id first =
		world_deliver(&s->w, from, by, qty, goods[item], false);

	world_receive(&s->w, by, &first, qty, goods[item]);
	expect(s, item, COL_MOVED, qty);
	expect(s, item, is_final ? COL_DELIVERED : COL_MOVED, qty);
	expect(s, item, COL_RECEIVED, qty);
	expect(s, item, COL_HANDED, qty);
	return world_deliver(&s->w, by, to, qty, goods[item], is_final);
}

/* An assembler takes what was brought. */
static void take(struct story *s, size_t who, const struct id *deliver,
		 int item, uint64_t qty)
{
	world_receive(&s->w, who, deliver, qty, goods[item]);
	s->stock[who][item] += qty;
	expect(s, item, COL_RECEIVED, qty);
	expect(s, item, COL_HANDED, qty);
}

/* The courier loses one on the way, and says so. */
static void lose_one(struct story *s, const struct id *deliver, int item)
{
	size_t by = COURIER + (s->courier - 1) % (ASSEMBLER - COURIER);
	struct record rec;

	record_init(&rec, KIND_LOSE);
	world_set_line(&rec, FACT_LINES, 1, goods[item]);
	record_set_bytes(&rec, FACT_REASON, "rain", 4);
	record_set_bytes(&rec, FACT_DELIVER, deliver->b, ID_SIZE);
	world_record(&s->w, by, &rec);
	expect(s, item, COL_LOST, 1);
	expect(s, item, COL_IN_TRANSIT, (uint64_t)-1);
}

/* Most bring all they print, some keep a few; some of it is on the way yet. */
static void print_bands(struct story *s, size_t maker)
{
	size_t to = ASSEMBLER + maker % (HOSPITAL - ASSEMBLER);
	uint64_t n = 10 + below(&s->x, 40), kept = below(&s->x, 3);
	uint64_t lost = maker % 13 == 0;
	struct id id;

	world_produce(&s->w, maker, n, goods[BAND]);
	expect(s, BAND, COL_PRODUCED, n);
	expect(s, BAND, COL_ON_HAND, kept);
	n -= kept;
	id = carry(s, maker, to, BAND, n);
	if (maker % 17 == 0) {
		expect(s, BAND, COL_IN_TRANSIT, n);
		n = 0;
	} else {
		expect(s, BAND, COL_IN_TRANSIT, lost);
		take(s, to, &id, BAND, n - lost);
	}
	if (lost > 0)
		lose_one(s, &id, BAND);
}

static void supply_sheets(struct story *s)
{
	struct record rec;

	record_init(&rec, KIND_SUPPLY);
	world_set_line(&rec, FACT_LINES, 9000, goods[SHEET]);
	world_record(&s->w, HUB, &rec);
	expect(s, SHEET, COL_SUPPLIED, 9000);
	expect(s, SHEET, COL_ON_HAND, 9000);
	for (size_t a = ASSEMBLER; a < HOSPITAL; a++) {
		struct id id = carry(s, HUB, a, SHEET, 700);

		take(s, a, &id, SHEET, 700);
	}
}

static void make_visors(struct story *s, size_t who, uint64_t n)
{
	struct record rec;
	struct line of[] = { { goods[BAND], strlen(goods[BAND]), n },
			     { goods[SHEET], strlen(goods[SHEET]), n } };
	uint8_t use[128];
	size_t use_n;

	assert_int_equal(lines_encode(use, sizeof(use), &use_n, of, 2), 0);
	record_init(&rec, KIND_PRODUCE);
	world_set_line(&rec, FACT_LINES, n, goods[VISOR]);
	record_set_bytes(&rec, FACT_USE, use, use_n);
	world_record(&s->w, who, &rec);
	assert_true(s->w.who[who].seq <= MOST_SEQ);
	s->made[who][s->w.who[who].seq - 1] = n;
	s->stock[who][BAND] -= n;
	expect(s, VISOR, COL_PRODUCED, n);
	for (int item = BAND; item <= SHEET; item++)
		expect(s, item, COL_CONSUMED, n);
	expect(s, SHEET, COL_ON_HAND, (uint64_t)-n);
}

/* A hospital takes all but those that came broken, which go back. */
static void send_visors(struct story *s, size_t who, uint64_t n)
{
	size_t to = HOSPITAL + below(&s->x, PEOPLE - HOSPITAL);
	uint64_t broken = below(&s->x, 4) == 0 ? 2 : 0;
	struct id id = carry(s, who, to, VISOR, n);
	struct record rec;

	if (below(&s->x, 9) == 0) {
		expect(s, VISOR, COL_IN_TRANSIT, n);
		return; /* not there yet */
	}
	record_init(&rec, KIND_RECEIVE);
	record_set_bytes(&rec, FACT_DELIVER, id.b, ID_SIZE);
	world_set_line(&rec, FACT_ACCEPTED, n - broken, goods[VISOR]);
	if (broken > 0) {
		world_set_line(&rec, FACT_REFUSED, broken, goods[VISOR]);
		record_set_bytes(&rec, FACT_REASON, "broken", 6);
	}
	world_record(&s->w, to, &rec);
	expect(s, VISOR, COL_ACK_A, n - broken);
	expect(s, VISOR, COL_REFUSED, broken);
	expect(s, VISOR, COL_ON_HAND, broken);
}

/* All but the last few bands become visors, and all but one of those go. */
static void assemble(struct story *s, size_t who)
{
	while (s->stock[who][BAND] > 30) {
		uint64_t n = 5 + below(&s->x, 25);

		make_visors(s, who, n);
		send_visors(s, who, n - 1);
		expect(s, VISOR, COL_ON_HAND, 1);
	}
	expect(s, BAND, COL_ON_HAND, s->stock[who][BAND]);
}

static void tell_story(struct story *s)
{
	memset(s, 0, sizeof(*s));
	s->x = 2020;
	world_found(&s->w);
	for (size_t i = MAKER; i < PEOPLE; i++)
		world_member(&s->w, i < COURIER     ? ROLE_MAKER
				    : i < ASSEMBLER ? ROLE_COURIER
				    : i < HOSPITAL  ? ROLE_MAKER
						    : ROLE_RECIPIENT);
	supply_sheets(s);
	for (size_t i = MAKER; i < COURIER; i++)
		print_bands(s, i);
	for (size_t i = ASSEMBLER; i < HOSPITAL; i++)
		assemble(s, i);
}

/* Both sums of a story: over all holders, and by assemblers alone. */
struct counted {
	const struct world *w;
	struct figures all, assemblers;
};

static int count_row(void *arg, const struct holder *h, const char *item,
		     size_t item_n, const int64_t col[static COL_COUNT])
{
	struct counted *c = arg;
	size_t who = 0;
	int k = 0;

	while (!pubkey_eq(&c->w->who[who].identity, &h->member))
		assert_true(++who < c->w->n);
	while (strlen(goods[k]) != item_n ||
	       memcmp(goods[k], item, item_n) != 0)
		assert_true(++k < ITEMS);
	for (size_t i = 0; i < COL_COUNT; i++) {
		c->all.col[k][i] += col[i];
		if (who >= ASSEMBLER && who < HOSPITAL)
			c->assemblers.col[k][i] += col[i];
	}
	return 0;
}

static void check_equation(const int64_t col[static COL_COUNT])
{
	assert_int_equal(col[COL_PRODUCED] + col[COL_SUPPLIED] + col[COL_FOUND],
			 col[COL_ON_HAND] + col[COL_IN_TRANSIT] +
				 col[COL_ACK_A] + col[COL_ACK_B] +
				 col[COL_ACK_C] + col[COL_CONSUMED] +
				 col[COL_LOST]);
	assert_int_equal(col[COL_RECEIVED], col[COL_HANDED]);
}

/* The store after the first held[i] entries of each person i. */
static struct figures check_cut(const struct story *s, struct ledger *l,
				const uint64_t *held)
{
	struct counted c = { .w = &s->w };
	struct id rows = ledger_rows(l), want = ledger_audit(&s->w, held);
	uint64_t made = 0;

	assert_int_equal(store_balances(l->s, count_row, &c), 0);
	for (size_t k = 0; k < ITEMS; k++)
		check_equation(c.all.col[k]);
	for (size_t i = ASSEMBLER; i < HOSPITAL; i++)
		for (uint64_t q = 0; q < held[i]; q++)
			made += s->made[i][q];
	assert_int_equal(c.all.col[VISOR][COL_PRODUCED], made);
	assert_int_equal(c.assemblers.col[VISOR][COL_PRODUCED], made);
	assert_int_equal(c.all.col[BAND][COL_CONSUMED], made);
	assert_int_equal(c.all.col[SHEET][COL_CONSUMED], made);
	assert_true(id_eq(&rows, &want));
	return c.all;
}

/* Pieces of feeds, until n more entries came or nothing is left. */
static void bring(const struct story *s, struct ledger *l, uint64_t *held,
		  uint64_t *x, size_t n)
{
	assert_int_equal(store_begin(l->s), 0);
	for (size_t tries = 0; n > 0 && tries < 40000; tries++) {
		size_t who = below(x, s->w.n), k = 1 + below(x, 8);

		while (k-- > 0 && n > 0 && held[who] < s->w.who[who].seq) {
			int err = ledger_append(l, &s->w, who, held[who] + 1);

			if (err == ERR_DENIED)
				break; /* its admission is still to come */
			assert_int_equal(err, 0);
			held[who]++;
			n--;
		}
	}
	assert_int_equal(store_commit(l->s), 0);
}

static uint64_t entries(const struct story *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->w.n; i++)
		n += s->w.who[i].seq;
	return n;
}

static void check_end(const struct story *s, struct ledger *l,
		      const uint64_t *held)
{
	struct figures got = check_cut(s, l, held);
	struct fsck_report report;

	for (size_t k = 0; k < ITEMS; k++)
		for (enum column c = 0; c < COL_COUNT; c++)
			if (got.col[k][c] != s->want.col[k][c])
				fail_msg("%s: %s is %lld and not %lld",
					 goods[k], column_name(c),
					 (long long)got.col[k][c],
					 (long long)s->want.col[k][c]);
	assert_int_equal(store_fsck(l->s, &report, &(struct fsck_hooks){ 0 }),
			 0);
	assert_int_equal(report.problems, 0);
	ledger_check_totals(l);
}

static void nothing_is_twice_and_nothing_is_gone(void **state)
{
	static struct story s;
	size_t piece;

	(void)state;
	tell_story(&s);
	piece = entries(&s) / CUTS;
	for (uint64_t order = 1; order <= ORDERS; order++) {
		uint64_t held[PEOPLE] = { 0 }, x = order * 0x9e3779b97f4a7c15U;
		struct ledger l;

		ledger_found(&l, &s.w);
		for (size_t cut = 1; cut < CUTS; cut++) {
			bring(&s, &l, held, &x, piece);
			check_cut(&s, &l, held);
		}
		bring(&s, &l, held, &x, SIZE_MAX);
		for (size_t i = 0; i < s.w.n; i++)
			assert_int_equal(held[i], s.w.who[i].seq);
		check_end(&s, &l, held);
		ledger_release(&l);
	}
	world_release(&s.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(nothing_is_twice_and_nothing_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
