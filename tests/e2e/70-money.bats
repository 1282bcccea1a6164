#!/usr/bin/env bats
# Money: who records it, what is recorded, what stays at home.

load helper

setup() {
	found_network hub
}

teardown() {
	stop_nodes
}

record() { # WHO ID: the facts of a record
	as "$1" --json show "$2" | sed 's/.*"facts":\({[^}]*}[^}]*}\).*/\1/'
}

@test "a gift, a spending and a statement are recorded as they were said" {
	G=$(id_of hub donate 50 EUR --source helloasso --source-ref 12-7 \
		--fund visors --campaign spring --when 2020-04-10)
	[[ $(record hub "$G") == *'"amount":{"minor":5000,"currency":"EUR"}'* ]]
	as hub --json show "$G" | grep -q '"source_ref":"helloasso:12-7"'
	as hub --json show "$G" | grep -q '"fund":"visors"'
	S=$(id_of hub spend '12.50 EUR' --purpose filament --fund visors \
		--category mission --when 2020-04-11)
	as hub --json show "$S" | grep -q '"minor":1250'
	as hub --json show "$S" | grep -q '"category":"mission"'
	B=$(id_of hub bank 2020-04 --opening '0 EUR' --closing '37.50 EUR')
	as hub --json show "$B" | grep -q '"period":"2020-04"'
	C=$(id_of hub campaign spring --goal '500 EUR' --goal '200 visor' \
		--until 2020-06-01 --purpose 'filament for visors')
	as hub --json show "$C" | grep -q '"goal_lines":\[{"item":"visor","qty":200}\]'
	run_as hub audit
	expect 0
}

@test "who gave and who was paid never leave the home" {
	G=$(id_of hub donate 50 EUR --donor 'Odile Exemple')
	S=$(id_of hub spend 20 EUR --purpose rent --payee 'Jean Exemple')
	as hub --json show "$G" | grep -q '"donor":"[0-9a-f]\{64\}"'
	as hub --json show "$S" | grep -q '"payee":"[0-9a-f]\{64\}"'
	as hub export bundle "$BATS_TEST_TMPDIR/all.bundle"
	never grep -q Exemple "$BATS_TEST_TMPDIR/all.bundle"
	# Two gifts of one donor cannot be told to be so.
	H=$(id_of hub donate 50 EUR --donor 'Odile Exemple')
	[ "$(as hub --json show "$G" | grep -o '"donor":"[0-9a-f]*"')" != \
		"$(as hub --json show "$H" | grep -o '"donor":"[0-9a-f]*"')" ]
}

@test "under its key a gift is recorded once, salt and all" {
	G=$(id_of hub donate 50 EUR --donor Odile --key 1)
	[ "$(id_of hub donate 50 EUR --donor Odile --key 1)" = "$G" ]
	run_as hub donate 50 EUR --donor Paul --key 1
	expect 65
	run_as hub donate 60 EUR --donor Odile --key 1
	expect 65
}

@test "only an association or its treasurer records money" {
	start_node hub
	join_network lea hub maker
	join_network tom hub treasurer
	for verb in 'donate 5 EUR' 'spend 5 EUR --purpose x' \
		'bank 2020 --opening 0EUR --closing 0EUR'; do
		run_as lea $verb
		expect 77
		[ -z "$output" ]
	done
	as tom donate 5 EUR --source cash >/dev/null
	as tom spend 5 EUR --purpose stamps >/dev/null
}

@test "nonsense is refused before it is signed" {
	run_as hub donate 0 EUR
	expect 65
	run_as hub donate -5 EUR
	expect 65
	run_as hub donate 50
	expect 65
	run_as hub donate '687194767.36 EUR'
	expect 65
	id_of hub donate '687194767.35 EUR'
	run_as hub donate 5 EUR --donor ''
	expect 65
	run_as hub donate 5 EUR --donor "$(printf 'a\nb')"
	expect 65
	run_as hub donate 5 EUR --delivery 00000000
	expect 65
	run_as hub donate 5 EUR --source-ref "$(printf '%065d' 1)"
	expect 65
	run_as hub donate 5 EUR --in-kind '0 pla'
	expect 65
	run_as hub donate 5 EUR --fund 'two words'
	expect 65
	run_as hub spend 5 EUR
	expect 64
	run_as hub spend 5 EUR --purpose x --category fun
	expect 65
	run_as hub bank 2020-13 --opening '0 EUR' --closing '0 EUR'
	expect 65
	run_as hub bank 2020-12 --opening '0 EUR' --closing '0 USD'
	expect 65
	run_as hub bank 2020-12 --opening '0 EUR'
	expect 64
	run_as hub campaign spring --goal nothing
	expect 65
	run_as hub campaign spring
	expect 64
}

@test "a document is attached to what can be documented" {
	printf 'bill\n' >"$BATS_TEST_TMPDIR/bill"
	as hub donate 20 EUR >/dev/null
	S=$(id_of hub spend 20 EUR --purpose rent)
	A=$(id_of hub attach "$S" "$BATS_TEST_TMPDIR/bill")
	as hub --json show "$A" | grep -q \
		"\"doc\":\"$(sha256sum <"$BATS_TEST_TMPDIR/bill" | cut -c1-64)\""
	run_as hub attach "$S" "$BATS_TEST_TMPDIR/none"
	expect 66
	run_as hub attach hub/1 "$BATS_TEST_TMPDIR/bill"
	expect 65
	run_as hub attach "$S" "$BATS_TEST_TMPDIR/bill" --doc \
		"$BATS_TEST_TMPDIR/bill"
	expect 64
	run_as hub audit
	expect 0
}

funds() { # WHO COMMAND: the funds of the audit or of the totals
	as "$1" --json "$2" | grep -o '"funds":\[[^]]*\]' | sed 's/"party":"[0-9a-f]*",//g'
}

@test "funds are what was given less what was spent, running and audited alike" {
	start_node hub
	join_network tom hub treasurer
	[ "$(funds hub totals)" = '"funds":[]' ]
	as hub donate 50 EUR --fund visors >/dev/null
	as hub donate 7 EUR >/dev/null
	as hub donate 3 USD >/dev/null
	# Worth something, but never in the bank.
	as hub donate 30 EUR --in-kind '2 pla' >/dev/null
	as hub donate 40 EUR --waived --km 120 >/dev/null
	G=$(id_of tom donate 10 EUR --fund visors)
	S=$(id_of tom spend '12.50 EUR' --purpose filament --fund visors)
	sync tom
	all='"funds":[{"fund":"","currency":"EUR","donated":700,"spent":0,"balance":700},{"fund":"","currency":"USD","donated":300,"spent":0,"balance":300},{"fund":"visors","currency":"EUR","donated":6000,"spent":1250,"balance":4750}]'
	for who in hub tom; do
		[ "$(funds "$who" totals)" = "$all" ]
		[ "$(funds "$who" audit)" = "$all" ]
	done
	as hub totals | grep -q 'hub  *visors  *EUR  *60.00  *12.50  *47.50'
	as hub audit | grep -q 'hub  *-  *USD  *3.00  *0.00  *3.00'
	as hub --json totals --under tom | grep -q '"donated":1000,"spent":1250'
	as tom correct "$G" --reason did-not-occur >/dev/null
	as tom correct "$S" --reason incorrect-data --set 'amount=51 EUR' >/dev/null
	sync tom
	[[ $(funds hub totals) == *'"fund":"visors","currency":"EUR","donated":5000,"spent":5100,"balance":-100}]' ]]
	[ "$(funds hub totals)" = "$(funds tom audit)" ]
	run_as hub audit
	expect 1
	[[ $output == *FIN-01* ]]
	[[ $output == *'100 EUR cents'* ]]
	run_as hub fsck
	expect 0
}

@test "beside a running node a gift is recorded once under its key, too" {
	start_node hub
	G=$(id_of hub donate 50 EUR --donor 'Odile Exemple' --key 1)
	[ "$(id_of hub donate 50 EUR --donor 'Odile Exemple' --key 1)" = "$G" ]
	run_as hub donate 50 EUR --donor 'Paul Exemple' --key 1
	expect 65
}

@test "gifts collected in one place are not one gift" {
	for n in 1 2 3; do
		as hub donate "$n EUR" --source cash >/dev/null
	done
	run_as hub audit
	expect 0
	as hub donate '5 EUR' --source cash --source-ref box-7 >/dev/null
	run_as hub audit
	expect 0
	as hub donate '5 EUR' --source cash --source-ref box-7 >/dev/null
	run_as hub audit
	expect 1
	[[ $output == *'two gifts with the reference cash:box-7'* ]]
	[ "$(grep -c DUP-04 <<<"$output")" -eq 1 ]
}
