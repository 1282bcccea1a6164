#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/*
 * unit -- cmocka with what it forgets to include, and a table's size.
 *
 * A test is a static void function of one unused argument; its name is the
 * claim that it checks.  UNIT(name) names it in the table of main.
 */

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define UNIT(f)      cmocka_unit_test(f)

#endif
