#!/usr/bin/env bats
# Whose word counts for how much: the recipient's, a paper's, the sender's.

load helper

setup() {
	found_network hub
	start_node hub
	join_network lea hub
	join_network chu hub recipient FR-67
	sync lea
	as lea produce 50 visor/v30 >/dev/null
	D=$(id_of lea deliver 50 visor/v30 --to chu)
	sync lea chu
	printf 'signed\n' >"$BATS_TEST_TMPDIR/paper"
}

teardown() {
	stop_nodes
}

figures() { # WHO: acknowledged by grade, claimed, in transit
	as "$1" --json totals | sed 's/.*"acknowledged":\({[^}]*}\),"claimed":\([0-9]*\),"refused":\([0-9]*\),"in_transit":\([0-9]*\).*/\1 \2 \4/'
}

@test "a paper adds what the recipient left open, and no more" {
	as chu receive "$D" --accepted 48 >/dev/null
	sync chu
	[ "$(figures hub)" = '{"A":48,"B":0,"C":0} 0 2' ]
	as hub receive "$D" --paper "$BATS_TEST_TMPDIR/paper" >/dev/null
	[ "$(figures hub)" = '{"A":48,"B":0,"C":2} 0 0' ]
	run_as hub receive "$D" --paper "$BATS_TEST_TMPDIR/paper"
	expect 65
	run_as hub audit
	expect 0
}

@test "the recipient's word takes the place of a paper's" {
	as hub receive "$D" --paper "$BATS_TEST_TMPDIR/paper" >/dev/null
	[ "$(figures hub)" = '{"A":0,"B":0,"C":50} 0 0' ]
	as chu receive "$D" --accepted 40 >/dev/null
	sync chu
	[ "$(figures hub)" = '{"A":40,"B":0,"C":10} 0 0' ]
}

@test "a sender's claim never acknowledges, and gives way to better words" {
	as lea receive "$D" >/dev/null
	sync lea
	[ "$(figures hub)" = '{"A":0,"B":0,"C":0} 50 50' ]
	run_as lea receive "$D"
	expect 65
	as chu receive "$D" --accepted 20 --refused 30 --reason wet >/dev/null
	sync chu
	[ "$(figures hub)" = '{"A":20,"B":0,"C":0} 0 0' ]
	run_as hub audit
	expect 0
}

@test "supplies come from outside, not from oneself" {
	run_as lea supply 5 petg --from lea
	expect 65
	run_as lea supply 5 petg --from hub
	expect 0
	[[ $stderr == *"count twice"* ]]
	run_as lea supply 5 petg --from =Mairie
	expect 0
	[ -z "$stderr" ]
}
