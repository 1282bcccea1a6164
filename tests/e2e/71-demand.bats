#!/usr/bin/env bats
# What may be made, what is asked for, who promises it.

load helper

setup() {
	found_network hub
	start_node hub
	join_network lea hub
	join_network chu hub recipient FR-67
}

teardown() {
	stop_nodes
}

@test "a design is recorded, and those who use it say what they think" {
	printf 'solid\n' >"$BATS_TEST_TMPDIR/visor.stl"
	D=$(id_of lea design visor/v30 --file "$BATS_TEST_TMPDIR/visor.stl" \
		--licence CC-BY-4.0 --link https://example.org/v30)
	as lea --json show "$D" | grep -q \
		"\"file\":\"$(sha256sum <"$BATS_TEST_TMPDIR/visor.stl" | cut -c1-64)\""
	A=$(id_of chu approve visor/v30)
	as chu --json show "$A" | grep -q '"verdict":"approved"'
	A=$(id_of hub approve visor/v29 --reject 'breaks at the hinge')
	as hub --json show "$A" | grep -q '"verdict":"rejected"'
	A=$(id_of hub approve visor/v28 --withdraw 'see v30')
	as hub --json show "$A" | grep -q '"verdict":"withdrawn"'
	run_as lea approve visor/v30
	expect 77
	run_as hub approve visor/v30 --reject a --withdraw b
	expect 64
	run_as lea design visor/v30
	expect 64
	run_as lea design visor/v30 --file "$BATS_TEST_TMPDIR/none"
	expect 66
	run_as lea design 'Visor 30' --file "$BATS_TEST_TMPDIR/visor.stl"
	expect 65
}

@test "a request is pledged for, and nonsense is not recorded" {
	R=$(id_of chu request 200 visor/v30 --place FR-67 --class carer \
		--until 2031-05-01)
	as chu --json show "$R" | grep -q '"care":"carer"'
	sync chu lea
	id_of lea pledge "$R" 50
	run_as lea pledge "$R" 0
	expect 65
	run_as lea pledge 00000000 5
	expect 65
	P=$(id_of lea produce 5 visor/v30)
	run_as lea pledge "$P" 5
	expect 65
	run_as chu request 200 visor/v30
	expect 64
	run_as chu request 0 visor/v30 --place FR-67
	expect 65
	run_as chu request 5 visor/v30 --place Strasbourg
	expect 65
	run_as chu request 5 visor/v30 --place FR-67 --class robots
	expect 65
	run_as chu request 5 visor/v30 --place FR-67 --until tomorrow
	expect 65
	as chu correct "$R" --reason did-not-occur >/dev/null
	sync chu lea
	run_as lea pledge "$R" 5
	expect 65
}

@test "who waits to be admitted promises nothing yet" {
	make_member tom
	run_as tom join "$(as hub invite)"
	expect 75
	R=$(id_of tom request 5 visor --place FR-88)
	run_as tom pledge "$R" 5
	expect 75
}

demand() { # WHO OPTION...: the demand of the audit
	local who=$1
	shift
	as "$who" --json audit "$@" | grep -o '"demand":\[[^]]*\]'
}

@test "demand counts promises, and what recipients acknowledged" {
	R=$(id_of chu request 200 visor/v30 --place FR-67 --until 2031-05-01)
	id_of chu request 10 visor/v30 --place FR-67
	id_of chu request 7 visor --place FR-88
	sync chu lea
	id_of lea pledge "$R" 50
	id_of hub pledge "$R" 20
	as lea produce 60 visor/v30 >/dev/null
	D=$(id_of lea deliver 60 visor/v30 --to chu --request "$R")
	sync lea chu
	as chu receive "$D" --accepted 40 >/dev/null
	sync chu lea
	V88='{"item":"visor","place":"FR-88","requested":7,"pledged":0,"acknowledged":0}'
	for who in hub lea chu; do
		[ "$(demand "$who")" = "\"demand\":[$V88,{\"item\":\"visor/v30\",\"place\":\"FR-67\",\"requested\":210,\"pledged\":70,\"acknowledged\":40}]" ]
	done
	# What ended is no demand any more.
	[ "$(demand hub --as-of 2031-05-02)" = "\"demand\":[$V88,{\"item\":\"visor/v30\",\"place\":\"FR-67\",\"requested\":10,\"pledged\":0,\"acknowledged\":0}]" ]
	[ "$(as hub requests | grep -c FR-67)" -eq 2 ]
	[ "$(as hub requests --place FR-88 | grep -c 'visor  *FR-88')" -eq 1 ]
	as hub --json requests | grep -q "\"id\":\"$R\".*\"requested\":200,\"pledged\":70,\"acknowledged\":40"
	as hub audit | grep -q 'visor/v30  *FR-67  *210  *70  *40'
	as chu receive "$D" --accepted 20 >/dev/null
	P=$(id_of chu correct "$R" --reason incorrect-data --set 'lines=60 visor/v30')
	[ "$(as chu requests --open | grep -c FR-67)" -eq 1 ]
	[ "$(as chu requests | grep -c FR-67)" -eq 2 ]
	run_as hub requests --place Strasbourg
	expect 65
	run_as hub audit
	expect 0
}

# warned TEXT: the last run recorded, and warned of just that.
warned() {
	expect 0
	[[ $output =~ [0-9a-f]{64}$ ]]
	[ "$stderr" = "maillon: warning: $1" ]
}

@test "a promise for what is over, arrived or promised is recorded with a warning" {
	OVER=$(id_of chu request 5 clip --place FR-67 --until 2031-05-01)
	R=$(id_of chu request 10 visor --place FR-67)
	sync chu lea
	export MAILLON_NOW=2031-05-01T23:00:00Z
	run_as lea pledge "$OVER" 5 --until 2031-05-01
	expect 0
	[ -z "$stderr" ]
	export MAILLON_NOW=2031-05-02T00:00:01Z
	run_as lea pledge "$OVER" 1 --key late
	[[ $stderr == *"warning: '$OVER' is over: nobody needs it any more"* ]]
	# What the key recorded is no news, and nothing to warn of.
	run_as lea pledge "$OVER" 1 --key late
	expect 0
	[ -z "$stderr" ]
	unset MAILLON_NOW
	run_as lea pledge "$OVER" 2 --until 2031-06-01
	[[ $stderr == *"'$OVER' is needed before that"* ]]
	for n in 4 5 1; do
		run_as lea pledge "$R" "$n"
		expect 0
		[ -z "$stderr" ]
	done
	run_as lea pledge "$R" 1
	warned "all that '$R' asks for is promised already"
	as lea produce 10 visor >/dev/null
	D=$(id_of lea deliver 10 visor --to chu --request "$R")
	sync lea chu
	as chu receive "$D" >/dev/null
	sync chu lea
	run_as lea pledge "$R" 1
	warned "all that '$R' asks for has arrived"
}

@test "a day that is over is recorded with a warning, today is not over" {
	export MAILLON_NOW=2020-04-15T18:00:00Z
	run_as chu request 5 visor --place FR-67 --until 2020-04-14
	warned '--until is over already'
	run_as hub campaign printemps --goal '500 EUR' --until 2020-04-14
	warned '--until is over already'
	for until in 2020-04-15 2020-04-15T18:00:00Z 9999-12-31; do
		run_as chu request 5 visor --place FR-67 --until "$until"
		expect 0
		[ -z "$stderr" ]
	done
	# Who writes down what was asked for last week asked in time.
	run_as chu request 5 visor --place FR-67 --when 2020-04-01 \
		--until 2020-04-07
	expect 0
	[ -z "$stderr" ]
	run_as chu produce 5 visor --when 2020-04-16
	expect 0
	[ -z "$stderr" ]
	run_as chu produce 5 visor --when 2020-04-17
	warned '--when is in the future: the audit will show it'
}

@test "what goes to somebody else answers no hospital" {
	join_network friend hub recipient FR-67
	R=$(id_of chu request 20 visor/v30 --place FR-67)
	sync chu lea
	as lea produce 20 visor/v30 >/dev/null
	run_as lea deliver 20 visor/v30 --to friend --request "$R"
	expect 0
	[[ $stderr == *"it stays open"* ]]
	sync lea friend
	as friend receive "${output#* }" >/dev/null
	sync friend chu
	as chu requests --open | grep -q 'visor/v30 .* 20 .* 0$'
}
