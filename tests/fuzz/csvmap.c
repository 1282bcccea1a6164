#include "node/import/csvmap.h"

#include "crypto/err.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

/* A header with every column that the map asks for has them all. */
static void bind_own(struct csvmap *m)
{
	struct csv_field field[CSVMAP_FACTS + CSVMAP_ONLY];
	struct csv header = { .field = field };
	struct reason why;
	unsigned line = 0;

	for (size_t i = 0; i < m->fact_n; i++)
		if (!m->fact[i].is_constant)
			field[header.n++].text = m->fact[i].text;
	for (size_t i = 0; i < m->only_n; i++)
		field[header.n++].text = m->only[i].column_name;
	for (size_t i = 0; i < header.n; i++)
		field[i].n = strlen(field[i].text);
	if (csvmap_bind(m, &line, &why, &header) == 0) {
		for (size_t i = 0; i < m->fact_n; i++)
			assert(m->fact[i].is_constant ||
			       m->fact[i].column < header.n);
		for (size_t i = 0; i < m->key_n; i++)
			assert(m->key[i] < header.n);
	} else {
		assert(line > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct reason why = { "" };
	struct csvmap m;
	unsigned line = 0;
	int err = csvmap_read(&m, &line, &why, (const char *)p, n);

	if (err == 0) {
		assert(m.kind != NULL && m.fact_n > 0);
		for (size_t i = 0; i < m.pair_n; i++)
			assert(csvmap_translate(&m, m.pair[i].what,
						m.pair[i].from) ==
			       m.pair[i].to);
		bind_own(&m);
	} else {
		assert(err == ERR_FORMAT && why.text[0] != '\0');
		assert(strlen(why.text) < REASON_SIZE);
	}
	csvmap_release(&m);
	return 0;
}
