#!/usr/bin/env bats
# A member that forks its own feed below what others have attested or
# acknowledged, over the wire (tests/tool/rogue.c): what was attested stays,
# and everybody prints the same.

load helper

setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	join_network mallory hub
	join_network lea hub recipient
	join_network max hub
	sync mallory lea max
	# 2: made, 3: sent to lea, who has it.
	as mallory produce 10 visor >/dev/null
	feed=$(feed_of mallory)
	sent=$(id_of mallory deliver 4 visor --to lea --final)
	sync mallory lea
	as lea receive "$sent" >/dev/null
	sync lea # max has not heard of any of it
}

teardown() {
	stop_nodes
}

# does WHO DEED SEQ: mallory does it to the running node of WHO at $ADDRESS.
does() {
	local who=$1 key
	shift
	key=$(as "$who" show "$who/1" --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	outcome=$(MAILLON_STATE="$BATS_TEST_TMPDIR/state/mallory" timeout 60 \
		"${BUILD:-$ROOT/build}/rogue" "$BATS_TEST_TMPDIR/mallory" \
		"$ADDRESS" "$key" "$@") || return 1
	echo "$who $*: $outcome"
}

feed_of() {
	as "$1" --json status | sed 's/.*"feed":"\([0-9a-f]*\)".*/\1/'
}

# alike FIGURES WHO...: what was made, delivered, acknowledged and is under way,
# at each; all print one audit, and mallory, whose feed it is, is all it names.
alike() {
	local who figures=$1
	shift
	for who in "$@"; do
		run_as "$who" --json audit
		expect 1
		echo "$output" >"$BATS_TEST_TMPDIR/audit.$who"
		cmp "$BATS_TEST_TMPDIR/audit.$1" "$BATS_TEST_TMPDIR/audit.$who"
		[ "$(figures_of "$who")" = "$figures" ]
		as "$who" fsck >/dev/null
	done
	[ "$(grep -o '"code":"[^"]*","severity":"[EW]","subject":"[^"]*"' \
		<<<"$output")" = \
		'"code":"LOG-10","severity":"E","subject":"'$feed'"' ]
}

figures_of() {
	as "$1" --json totals | sed 's/"associations".*//' | grep -o \
		'"\(produced\|delivered\|A\|in_transit\)":[0-9]*' |
		sed 's/.*://' | xargs
}

@test "what was attested stays, wherever its member forks below it" {
	as hub checkpoint >/dev/null 2>&1
	as mallory produce 7 visor >/dev/null # not attested
	sync mallory lea max
	[ "$(figures_of hub)" = "17 4 4 0" ]
	for at in 3 2; do
		# Told to who holds the true one it is not even a fork.
		does hub tell-another-story "$at"
		[[ $outcome == *" fetched 1" ]]
		[ "$(figures_of hub)" = "17 4 4 0" ]
		as hub audit >/dev/null
	done
	for at in 3 2; do
		does hub fork-below "$at"
		sync lea max lea
		alike "10 4 4 0" hub lea max
	done
	# The true chain, and no other, is what is shown.
	[[ $(as max show "$sent" --json) == *'"counts":true,"disputed":null,'* ]]
}

@test "whoever was told another story gives it up for the one attested" {
	as hub checkpoint >/dev/null 2>&1
	stop_node hub
	start_node max
	does max tell-another-story 2
	[ "$(figures_of max)" = "50000 0 0 0" ]
	stop_node max
	start_node hub --listen "$HUB"
	sync max lea max
	alike "10 4 4 0" hub lea max
}

@test "who hears of the fork before it hears of the checkpoint gives it back" {
	as hub checkpoint >/dev/null 2>&1
	stop_node hub
	start_node lea
	does lea fork-below 2
	[ "$(figures_of lea)" = "" ]
	stop_node lea
	start_node hub --listen "$HUB"
	sync lea max lea
	alike "10 4 4 0" hub lea max
}

@test "what nobody attested ends before the fork, until its association speaks" {
	does hub fork-below 2
	sync lea max lea
	alike "" hub lea max
	# Nothing says that lea lied: what she has a record of is not here.
	grep -q '"code":"REF-01","severity":"L"' "$BATS_TEST_TMPDIR/audit.max"
	run_as lea resolve "$sent" --cause dishonesty
	expect 77
	as hub resolve "$sent" --cause dishonesty >/dev/null
	sync lea max lea
	alike "10 4 4 0" hub lea max
}
