#!/usr/bin/env bats
# A membership that ends: what was held counts on, what comes later does not.

load helper

setup() {
	found_network hub
	start_node hub
	join_network lea hub
	join_network max hub
	sync lea max
	as lea produce 60 visor/v30 >/dev/null
	sync lea
}

teardown() {
	stop_nodes
}

produced() {
	as "$1" --json totals | sed 's/.*"produced":\([0-9]*\).*/\1/'
}

@test "what a dismissed maker signs later never counts, whatever its date" {
	as hub dismiss lea --reason "sold them on" >/dev/null
	as lea produce 500 visor/v30 --when 2020-04-01 >/dev/null
	as lea up --once --timeout 5 || true
	sync max
	[ "$(produced hub)" = 60 ]
	[ "$(produced max)" = 60 ]
	[ "$(as hub --json audit)" = "$(as max --json audit)" ]
	as hub audit
	run_as max members
	[[ $output == *dismissed* ]]
	# What a stick brings of it is held, counts nowhere, and names her who
	# signed on, and nobody else.
	as lea export bundle "$BATS_TEST_TMPDIR/stick"
	as max import bundle "$BATS_TEST_TMPDIR/stick" || true
	sync max
	[ "$(produced hub)" = 60 ]
	[ "$(produced max)" = 60 ]
	[ "$(as hub --json audit)" = "$(as max --json audit)" ]
	never grep -q '"severity":"E"' <<<"$(as hub --json audit)"
	[ "$(as lea log --author lea --json | wc -l)" = 3 ]
	for who in hub max; do
		run_as "$who" fsck
		expect 0
	done
}

@test "only who admitted, or stands above, dismisses; never a founder" {
	for reason in '' "$(printf 'x%.0s' {1..129})" 'call 06 12 34 56 78'; do
		run_as hub dismiss lea --reason "$reason"
		expect 65
		[[ $stderr == *"maillon: reason"* ]]
	done
	run_as max dismiss lea --reason rivalry
	expect 77
	run_as lea dismiss hub --reason rivalry
	expect 77
	run_as hub dismiss hub --reason boredom
	expect 77
	run_as hub dismiss nobody --reason boredom
	expect 65
	run_as hub dismiss lea
	expect 64
	as hub dismiss lea --reason "gone" >/dev/null
	run_as hub dismiss lea --reason "gone again"
	expect 65
}

@test "who is admitted again counts again, all of it" {
	as hub dismiss lea --reason "a mistake" >/dev/null
	as lea produce 40 visor/v30 >/dev/null
	as hub accept lea --role maker >/dev/null
	sync lea max
	[ "$(produced max)" = 100 ]
	[ "$(as hub --json audit)" = "$(as lea --json audit)" ]
}
