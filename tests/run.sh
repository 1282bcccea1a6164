#!/usr/bin/env bash
# run.sh [--e2e] PROGRAM... -- run test programs and count what they say.
#
# Programs under tests/ are cmocka's; those under replay/ feed a fuzzer its
# corpus and count as one test each, like the rules of the source.  With --e2e
# the bats files of tests/e2e come last.  The last line is the sum; the exit
# code is 1 when anything failed, a crash without a summary included.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

passed=0
failed=0
skipped=0
e2e=0
if [ "${1:-}" = --e2e ]; then
	e2e=1
	shift
fi
log=$(mktemp)
MAILLON_STATE=$(mktemp -d)
export MAILLON_STATE
trap 'rm -rf "$log" "$MAILLON_STATE"' EXIT

# cmocka's "[  PASSED  ] 12 test(s)." for a word; nothing counts as 0.
count() {
	local n
	n=$(sed -n "s/^\[ *$1 *\] \([0-9]*\) test(s).*/\1/p" "$log" | tail -n 1)
	echo "${n:-0}"
}

# report NAME PASSED FAILED SKIPPED: one line, and all the output if it failed.
report() {
	passed=$((passed + $2))
	failed=$((failed + $3))
	skipped=$((skipped + $4))
	if [ "$3" -gt 0 ]; then
		cat "$log"
		printf 'not ok %-28s %4d failed\n' "$1" "$3"
	else
		printf 'ok     %-28s %4d' "$1" "$2"
		[ "$4" -eq 0 ] || printf '  (%d skipped)' "$4"
		printf '\n'
	fi
}

# one NAME COMMAND...: a command that is a single test.
one() {
	local name=$1
	shift
	if "$@" >"$log" 2>&1; then
		report "$name" 1 0 0
	else
		report "$name" 0 1 0
	fi
}

unit() {
	local code bad
	"$1" >"$log" 2>&1
	code=$?
	bad=$(count FAILED)
	[ "$code" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	report "${1##*/}" "$(count PASSED)" "$bad" "$(count SKIPPED)"
}

for program in "$@"; do
	case $program in
	*/replay/*)
		one "fuzz ${program##*/}" "$program" \
			"tests/fuzz/corpus/${program##*/}"
		;;
	*) unit "$program" ;;
	esac
done
one "source rules" tests/check-source.sh

if [ "$e2e" = 1 ] && [ -d tests/e2e ]; then
	bats --tap tests/e2e 2>&1 | tee "$log"
	code=${PIPESTATUS[0]}
	bad=$(grep -c '^not ok ' "$log")
	skip=$(grep -c '^ok .* # skip' "$log")
	good=$(($(grep -c '^ok ' "$log") - skip))
	[ "$code" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	passed=$((passed + good))
	failed=$((failed + bad))
	skipped=$((skipped + skip))
fi

[ "$skipped" -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
