#include "tests/bench/figure.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct figure *figure_new(struct figures *all, const char *name,
			  const char *unit)
{
	struct figure *f = &all->at[all->n];

	assert(all->n < FIGURES);
	all->n++;
	*f = (struct figure){ .name = name, .unit = unit };
	f->runs = malloc(FIGURE_RUNS * sizeof(*f->runs));
	if (f->runs == NULL)
		abort();
	return f;
}

const struct figure *figure_find(const struct figures *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->at[i].name, name) == 0)
			return &all->at[i];
	return NULL;
}

void figure_run(struct figure *f, double value)
{
	assert(f->n < FIGURE_RUNS);
	f->runs[f->n++] = value;
}

void figure_note(struct figure *f, const char *format, ...)
{
	size_t n = strlen(f->note);
	va_list args;

	if (n > 0)
		n += (size_t)snprintf(f->note + n, sizeof(f->note) - n, "; ");
	if (n >= sizeof(f->note))
		return;
	va_start(args, format);
	vsnprintf(f->note + n, sizeof(f->note) - n, format, args);
	va_end(args);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void figure_end(struct figure *f)
{
	if (f->runs == NULL || f->n == 0)
		return;
	qsort(f->runs, f->n, sizeof(*f->runs), by_value);
	f->min = f->runs[0];
	f->max = f->runs[f->n - 1];
	f->median = f->n % 2 == 1
			    ? f->runs[f->n / 2]
			    : (f->runs[f->n / 2 - 1] + f->runs[f->n / 2]) / 2;
	free(f->runs);
	f->runs = NULL;
}

void figure_against(struct figures *all, struct figure *f, const char *limit)
{
	const struct figure *l = figure_find(all, limit);

	if (l != NULL && l->median > 0)
		figure_note(f, "%.0f %% of %s", 100 * f->median / l->median,
			    limit);
}

void figure_drop(struct figures *all, struct figure *f)
{
	assert(f == &all->at[all->n - 1]);
	free(f->runs);
	all->n--;
}

/* Whole numbers when large, so that columns can be read. */
static void print_value(char out[static 24], double v)
{
	snprintf(out, 24, v >= 1000 ? "%.0f" : v >= 10 ? "%.1f" : "%.3f", v);
}

void bench_table(const struct figures *all, FILE *out)
{
	fprintf(out, "%-26s %-10s %10s %10s %10s  %s\n", "figure", "unit",
		"min", "median", "max", "note");
	for (size_t i = 0; i < all->n; i++) {
		const struct figure *f = &all->at[i];
		char min[24], median[24], max[24];

		print_value(min, f->min);
		print_value(median, f->median);
		print_value(max, f->max);
		fprintf(out, "%-26s %-10s %10s %10s %10s  %s\n", f->name,
			f->unit, min, median, max, f->note);
	}
}

/* Notes and names are ours, but the machine's name is not. */
static void print_text(FILE *out, const char *text)
{
	putc('"', out);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			putc('\\', out);
		if ((uint8_t)*p >= ' ')
			putc(*p, out);
	}
	putc('"', out);
}

void bench_json(const struct figures *all, FILE *out, const char *machine)
{
	fputs("{\"schema\":\"maillon.bench/1\",\"machine\":", out);
	print_text(out, machine);
	fputs(",\"figures\":[", out);
	for (size_t i = 0; i < all->n; i++) {
		const struct figure *f = &all->at[i];
		char min[24], median[24], max[24];

		fputs(i == 0 ? "{\"name\":" : ",{\"name\":", out);
		print_text(out, f->name);
		fputs(",\"unit\":", out);
		print_text(out, f->unit);
		print_value(min, f->min);
		print_value(median, f->median);
		print_value(max, f->max);
		fprintf(out, ",\"min\":%s,\"median\":%s,\"max\":%s", min,
			median, max);
		fputs(",\"note\":", out);
		print_text(out, f->note);
		putc('}', out);
	}
	fputs("]}\n", out);
}
