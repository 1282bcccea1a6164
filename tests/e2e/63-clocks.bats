#!/usr/bin/env bats
# Clocks that are wrong: nothing is refused, nothing is lost, and every node
# shows it, in the audit's JSON and on the screen.

load helper

# off BY: the time, wrong by that.
off() {
	date -u -d "now $1" +%Y-%m-%dT%H:%M:%SZ
}

setup() {
	# The network is older than what follows.
	MAILLON_NOW=$(off '-1 day') found_network hub
	start_node hub
	join_network est hub association
	join_network bob hub
	sync est bob
}

teardown() {
	stop_nodes
}

produced() {
	as "$1" --json totals |
		sed 's/"associations".*//; s/.*"item":"visor"[^}]*"produced":\([0-9]*\).*/\1/'
}

# told CODE...: the hub, bob and est print the same bytes; of lea these are
# found, and nothing of anybody else.
told() {
	local who
	sync est lea bob est
	as hub --json audit >"$BATS_TEST_TMPDIR/audit.hub" || [ $? -eq 1 ]
	for who in lea bob est; do
		as "$who" --json audit >"$BATS_TEST_TMPDIR/audit.$who" ||
			[ $? -eq 1 ]
		cmp "$BATS_TEST_TMPDIR/audit.hub" \
			"$BATS_TEST_TMPDIR/audit.$who"
		as "$who" fsck >/dev/null
	done
	[ "$(grep -o '"code":"[^"]*"' "$BATS_TEST_TMPDIR/audit.hub" | xargs)" = \
		"$(printf 'code:%s\n' "$@" | xargs)" ]
	[ "$(grep -o '"subject":"[^"]*"' "$BATS_TEST_TMPDIR/audit.hub" |
		sort -u)" = "\"subject\":\"$(as hub --json members |
		grep -o '"label":"lea"[^}]*' |
		sed 's/.*"identity":"\([0-9a-f]*\)".*/\1/')\"" ]
	# Never an accusation.
	never grep -q '"severity":"E"' "$BATS_TEST_TMPDIR/audit.hub"
}

# on_screen TEXT: every node says so in words.
on_screen() {
	local who
	for who in hub lea bob; do
		run_as "$who" audit
		expect 1
		[[ $output == *"$1"* ]]
	done
}

@test "a Pi at 1970, then right, then back: never refused, always visible" {
	# It begins at 1970, before it has heard of the time.
	link=$(as hub invite --auto)
	MAILLON_NOW=1970-01-01T00:00:10Z as lea join "$link" --label lea \
		--place FR-88
	MAILLON_NOW=1970-01-01T00:01:00Z as lea produce 1 visor
	as lea produce 2 visor
	MAILLON_NOW=1970-01-01T00:00:30Z as lea produce 4 visor
	MAILLON_NOW=1970-01-01T00:00:30Z sync lea
	as lea produce 8 visor
	told TIM-01 TIM-02
	[ "$(produced bob)" = 15 ]
	on_screen "3 entries of lea say a time that the charter and the witnesses rule out"
	on_screen "The clock of lea went back once"
}

@test "a clock a year ahead is ruled out by the witnesses" {
	join_network lea hub
	MAILLON_NOW=$(off '+1 year') as lea produce 1 visor
	MAILLON_NOW=$(off '+1 year') sync lea
	told=$(as hub --json audit)
	# So far nobody can know; now two have said what time it is.
	[[ $told == *'"findings":[]'* ]]
	as hub checkpoint
	sync est
	as est cosign hub
	as lea produce 2 visor
	told TIM-01 TIM-02
	[ "$(produced bob)" = 3 ]
	on_screen "An entry of lea says a time that"
}

@test "a clock that jumps back is visible beyond ten minutes" {
	join_network lea hub
	MAILLON_NOW=$(off '-9 minutes') as lea produce 1 visor
	sync lea
	as hub audit
	MAILLON_NOW=$(off '+1 minute') as lea produce 2 visor
	MAILLON_NOW=$(off '-11 minutes') as lea produce 4 visor
	told TIM-02
	[ "$(produced bob)" = 7 ]
	on_screen "The clock of lea went back once"
}

@test "who says less than the checkpoint it had seen is told so, with it" {
	join_network lea hub
	as hub checkpoint
	sync est
	as est cosign hub
	sync est
	as hub produce 1 mask
	as hub checkpoint
	sync lea
	seen=$(as hub --json log --kind checkpoint | tail -n 1 |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	# Not five minutes, but an hour.
	MAILLON_NOW=$(off '-5 minutes') as lea produce 1 visor
	sync lea
	as hub audit
	early=$(MAILLON_NOW=$(off '-1 hour') id_of lea produce 2 visor)
	told TIM-01 TIM-02
	sed 's/.*"code":"TIM-01"//; s/"text".*//' "$BATS_TEST_TMPDIR/audit.hub" \
		>"$BATS_TEST_TMPDIR/proof"
	grep -q "$seen" "$BATS_TEST_TMPDIR/proof"
	grep -q "$early" "$BATS_TEST_TMPDIR/proof"
	[ "$(grep -o '"seq"' "$BATS_TEST_TMPDIR/proof" | wc -l)" = 2 ]
	[ "$(produced bob)" = 3 ]
	on_screen "An entry of lea says a time that"
}

@test "a witness whose clock cannot be right is asked to set it" {
	as bob produce 5 visor >/dev/null
	sync bob
	as hub checkpoint >/dev/null
	sync est
	for now in 1970-01-02 "$(off '+400 days')" 2100-01-01; do
		MAILLON_NOW=$now run_as est cosign
		expect 75
		[[ $stderr == *"set the clock"* ]]
	done
	[ -z "$(as est --json log --kind cosign | grep '"kind":"cosign"')" ]
	MAILLON_NOW=$(off '+300 days') as est cosign
}
