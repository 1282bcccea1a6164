#!/usr/bin/env bats
# Two associations in one network: each has the figures of those who book to
# it, running and recomputed alike.

load helper

teardown() {
	stop_nodes
}

associations() {
	sed 's/.*"associations":\(\[.*\]\),"funds".*/\1/'
}

@test "each association has its own figures, in totals as in the audit" {
	found_network hub
	start_node hub
	join_network second hub association FR-67
	join_network lea hub
	as lea produce 60 visor/v30 >/dev/null
	as second produce 7 visor/v30 >/dev/null
	sync lea second
	totals=$(as hub --json totals | associations)
	[ "$totals" = "$(as hub --json audit | associations)" ]
	[ "$(grep -o '"produced":[0-9]*' <<<"$totals" | sort | xargs)" = \
		"produced:60 produced:7" ]
}

@test "nobody admits or dismisses in a circle, and no delegate a founder" {
	found_network hub
	start_node hub
	join_network first hub association
	as hub accept first --may-admit >/dev/null
	sync first
	start_node first
	join_network second first association
	as first accept second --may-admit >/dev/null
	sync second
	stop_node first
	sync first
	run_as second accept first --role association --may-admit
	expect 77
	[[ $stderr == *"may not admit first"* ]]
	run_as second accept hub --role maker
	expect 77
	for who in first hub; do
		run_as second dismiss "$who" --reason rivalry
		expect 77
	done
	run_as first dismiss hub --reason rivalry
	expect 77
	# Who stands above may, and whom first admitted goes with it.
	as hub dismiss first --reason gone
	as hub members | grep -q '^first .*dismissed'
	as hub audit
}

@test "who may record what is told before anything is signed" {
	found_network hub
	start_node hub
	join_network lea hub
	join_network chu hub recipient
	join_network tom hub treasurer
	sync lea chu tom
	for who in lea chu; do
		for what in "donate 5_EUR" "spend 5_EUR --purpose x" \
			"bank 2026-01 --opening 0_EUR --closing 5_EUR" \
			"close 2026-01"; do
			read -ra words <<<"$what"
			run_as "$who" "${words[@]//_/ }"
			expect 77
			[ "$(wc -l <<<"$stderr")" -eq 1 ]
		done
		[ "$(as "$who" --json log --author "$who" | wc -l)" = 1 ]
	done
	for who in lea tom; do
		run_as "$who" approve visor/v30
		expect 77
	done
	as chu approve visor/v30
	as hub approve visor/v31
	as tom donate "5 EUR"
	as hub donate "5 EUR"
	sync chu tom
	as hub audit
}

# counts C: what the paper is worth, running, recomputed, and to who wrote it
# again in another language.
counts() {
	local want='"acknowledged":{"A":0,"B":0,"C":'$1'}'
	for who in hub first second; do
		as "$who" --json totals | grep -q "$want"
		as "$who" --json audit >audit || [ $? -eq 1 ]
		grep -q "$want" audit
	done
	as hub export bundle all
	node "$ROOT/tests/verify/verify.mjs" bundle all | grep -q "$want"
}

@test "a paper counts while others than the sender vouch for who entered it" {
	cd "$BATS_TEST_TMPDIR"
	found_network hub
	start_node hub
	for who in first second; do
		join_network $who hub association
		as hub accept $who --may-admit >/dev/null
		sync $who
	done
	start_node first
	join_network tom first
	stop_node first
	sync first second
	as second accept tom --role maker >/dev/null
	as first produce 9 visor/v30 >/dev/null
	D=$(id_of first deliver 9 visor/v30 --to =EHPAD --final)
	sync first second
	as hub export bundle all && as tom import bundle all
	echo signed >paper
	as tom receive "$D" --paper paper >/dev/null
	as tom export bundle toms
	as second import bundle toms && sync second first
	counts 9
	as second dismiss tom --reason "not ours" >/dev/null
	sync second first
	counts 0
	run_as hub audit
	expect 1
	[[ $output == *"DLV-03"*"tom entered a signed paper"* ]]
}
