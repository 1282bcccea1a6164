#ifndef TESTS_WORK_H
#define TESTS_WORK_H

#include "crypto/sign.h"
#include "proto/record.h"

/*
 * work -- counts calls, which are the same on every machine.
 *
 * Included by tests/<layer>_<name>_work.c only; the Makefile links those so
 * that the calls below, from one file to another, come here first.
 */

/* Of signatures, which cost most, apart. */
static size_t calls, checks;

bool __real_pubkey_eq(const struct pubkey *a, const struct pubkey *b);
bool __wrap_pubkey_eq(const struct pubkey *a, const struct pubkey *b);
int __real_pubkey_cmp(const struct pubkey *a, const struct pubkey *b);
int __wrap_pubkey_cmp(const struct pubkey *a, const struct pubkey *b);
bool __real_id_eq(const struct id *a, const struct id *b);
bool __wrap_id_eq(const struct id *a, const struct id *b);
int __real_record_again(struct record *out, uint32_t kind, const uint8_t *facts,
			size_t n);
int __wrap_record_again(struct record *out, uint32_t kind, const uint8_t *facts,
			size_t n);
int __real_record_decode(struct record *out, uint32_t kind,
			 const uint8_t *facts, size_t n);
int __wrap_record_decode(struct record *out, uint32_t kind,
			 const uint8_t *facts, size_t n);

int __real_sign_check(const struct sig *sig, const struct pubkey *key,
		      const char *domain, const void *p, size_t n);
int __wrap_sign_check(const struct sig *sig, const struct pubkey *key,
		      const char *domain, const void *p, size_t n);

int __wrap_sign_check(const struct sig *sig, const struct pubkey *key,
		      const char *domain, const void *p, size_t n)
{
	checks++;
	return __real_sign_check(sig, key, domain, p, n);
}

bool __wrap_pubkey_eq(const struct pubkey *a, const struct pubkey *b)
{
	calls++;
	return __real_pubkey_eq(a, b);
}

int __wrap_pubkey_cmp(const struct pubkey *a, const struct pubkey *b)
{
	calls++;
	return __real_pubkey_cmp(a, b);
}

bool __wrap_id_eq(const struct id *a, const struct id *b)
{
	calls++;
	return __real_id_eq(a, b);
}

int __wrap_record_again(struct record *out, uint32_t kind, const uint8_t *facts,
			size_t n)
{
	calls++;
	return __real_record_again(out, kind, facts, n);
}

int __wrap_record_decode(struct record *out, uint32_t kind,
			 const uint8_t *facts, size_t n)
{
	calls++;
	return __real_record_decode(out, kind, facts, n);
}

#endif
