#!/usr/bin/env bats
# Reports: what they say, in each form, to whom.

load helper
load story

setup() {
	export MAILLON_NOW=2020-05-20
	found_network hub 'Visières'
}

teardown() {
	stop_nodes
}

story() {
	start_node hub
	join_network lea hub maker >/dev/null
	join_network nurse hub recipient FR-54 >/dev/null
	as hub donate 200 EUR --source helloasso --fund filament --when 2020-04-02
	as hub spend 80 EUR --purpose petg --fund filament --category mission \
		--when 2020-04-05
	as hub donate 30 EUR --hours 3 --when 2020-04-06
	as hub bank 2020-04 --opening '0 EUR' --closing '119 EUR'
	as lea produce 60 visor/v30 --printer prusa --source measured \
		--rejected 2 --when 2020-04-08
	sync lea
	D=$(id_of lea deliver 50 visor/v30 --to nurse --when 2020-05-02)
	sync lea nurse
	as nurse receive "$D" --accepted 48 --when 2020-05-03
	as nurse request 200 visor --place FR-54
	sync nurse lea
} >/dev/null

@test "an empty ledger gives every report, and each section says so" {
	for r in auditor treasurer coordinator donor public; do
		for f in text json csv html; do
			run_as hub report $r --format $f
			expect 0
		done
	done
	run_as hub report auditor
	[[ $output == *$'Breaches that are proved\n------------------------\nnone found'* ]]
	[[ $output == *$'Corrections\n-----------\nnone found'* ]]
}

@test "a report fits a terminal of 80 columns, in both languages" {
	BATS_TEST_TMPDIR+=/story
	mkdir "$BATS_TEST_TMPDIR"
	everything_happened
	as hub close 2020-04 >/dev/null
	as hub bank 2020-04 --opening '0 EUR' --closing '1251.11 EUR' >/dev/null
	as hub request 500000 visor --place FR-88 >/dev/null
	as hub campaign printemps --goal '2000 EUR' >/dev/null
	sync auditor
	for lang in en fr; do
		for r in auditor treasurer coordinator donor public; do
			LANGUAGE=$lang LC_ALL=C.UTF-8 run as auditor report $r
			[ "$(LC_ALL=C.UTF-8 wc -L <<<"$output")" -le 80 ]
		done
	done
}

@test "what is no report, no format or no period is refused" {
	run_as hub report everything
	expect 64
	run_as hub report public --format pdf
	expect 64
	run_as hub report public --period May
	expect 65
	run_as hub report public --place Paris
	expect 65
}

@test "the public reads what arrived by grade, and the cut of the audit" {
	story
	cut=$(as hub audit --json | sed 's/.*"cut":{"digest":"\([0-9a-f]*\)".*/\1/')
	run_as hub report public --json
	expect 0
	[[ $output == *"\"cut\":\"$cut\""* ]]
	[[ $output == *'"item":"visor/v30","unit":"piece","produced":60,"delivered":50,"A":48,"B":0,"C":0,"acknowledged":48,"claimed":0,"in_transit":2,"on_hand":10}'* ]]
	# Another home with the same entries says the same.
	[ "$(as lea report public --json)" = "$output" ]
}

@test "the treasurer sees the books beside the bank, to the cent" {
	story
	run_as hub report treasurer --json
	expect 0
	[[ $output == *'"fund":"filament","currency":"EUR","opening":0,"donated":20000,"spent":8000,"balance":12000'* ]]
	[[ $output == *'"period":"2020-04","currency":"EUR","opening":0,"closing":11900,"bank":11900,"donated":20000,"spent":8000,"difference":-100'* ]]
	[[ $output == *'"category":"mission","currency":"EUR","spent":8000'* ]]
	[[ $output == *'"sort":"hours","quantity":3,"currency":"EUR","worth":3000'* ]]
	[[ $output == *'"what":"spending","currency":"EUR","amount":8000,"why":"no invoice"'* ]]
	as hub campaign spring --goal '500 EUR' >/dev/null
	as hub donate 20 EUR --campaign spring --when 2020-05-04 >/dev/null
	as hub donate 30 EUR --campaign spring --when 2020-05-05 >/dev/null
	as hub report treasurer --json | grep -q '"campaign":"spring","currency":"EUR","gifts":2,"given":5000,"goal":50000'
	# Goods, given in kind; what lies outside of a period is not in it.
	as hub campaign visors --goal '500 visor' --goal '40 EUR' >/dev/null
	as hub donate '10 EUR' --campaign visors --in-kind '5 visor' \
		--when 2020-05-04 >/dev/null
	as hub donate '10 EUR' --campaign visors --in-kind '6 visor' \
		--when 2020-06-04 >/dev/null
	as hub donate '10 EUR' --campaign visors --km 12 >/dev/null
	output=$(as hub report treasurer --json)
	[[ $output == *'"campaign":"visors","currency":"EUR","gifts":0,"given":0,"goal":4000'* ]]
	[[ $output == *'"campaign":"visors","item":"visor","gifts":2,"given":11,"goal":500'* ]]
	output=$(as hub report treasurer --period 2020-06 --json)
	[[ $output == *'"campaign":"spring","currency":"EUR","gifts":0,"given":0,"goal":50000'* ]]
	[[ $output == *'"campaign":"visors","item":"visor","gifts":1,"given":6,"goal":500'* ]]
	run_as hub report treasurer --json --period 2020-05
	[[ $output == *'"opening":12000,"donated":0,"spent":0,"balance":12000'* ]]
	[[ $output == *'"opening":0,"donated":5000,"spent":0,"balance":5000'* ]]
	run_as hub report treasurer --format csv
	[[ $output == *'hub;filament;EUR;0,00;200,00;80,00;120,00'* ]]
}

@test "the coordinator sees stock, printers, what waits and what is wanted" {
	story
	run_as lea report coordinator --json
	expect 0
	[[ $output == *'"holder":"lea","item":"visor/v30","unit":"piece","on_hand":10,"in_transit":2'* ]]
	[[ $output == *'"maker":"lea","printer":"prusa","item":"visor/v30","produced":60,"rejected":2'* ]]
	[[ $output == *'"age":"8 to 30 days","deliveries":1,"open":2'* ]]
	[[ $output == *'"to":"nurse","item":"visor/v30","open":2,"claimed":0,"days":18'* ]]
	[[ $output == *'"item":"visor","place":"FR-54","requested":200'* ]]
	run_as lea report coordinator --json --place FR-54
	[[ $output == *'"stock":[]'* ]]
}

@test "goods of a period are those of its records" {
	story
	as lea report auditor --json --period 2020-04 |
		grep -q '"item":"visor/v30","unit":"piece","produced":60,"delivered":0'
	as lea report auditor --json --period 2020-05 |
		grep -q '"item":"visor/v30","unit":"piece","produced":0,"delivered":50'
	as lea report auditor --json --period 2020-06 | grep -q '"items":\[\]'
}

@test "corrections and closed periods stand in the auditor's report" {
	ID=$(id_of hub donate 5 EUR)
	as hub correct "$ID" --reason did-not-occur >/dev/null
	as hub close 2020-04 >/dev/null
	as hub donate 7 EUR --when 2020-04-09 >/dev/null 2>&1
	run_as hub report auditor --json
	[[ $output == *'"of":"hub/2","why":"did not occur"'* ]]
	[[ $output == *'"period":"2020-04"'*'"check":"the same when made again","late":1'* ]]
}

@test "the auditor's report ends with 1 when there is something to explain" {
	as hub produce 5 visor >/dev/null
	run_as hub report auditor
	expect 0
	as hub deliver 8 visor --to =CHU >/dev/null 2>&1
	run_as hub report auditor
	expect 1
	[[ $output == *$'\nQTY-01  '* ]]
	as hub report auditor --json >"$BATS_TEST_TMPDIR/json" || [ $? -eq 1 ]
	grep -q '"code":"QTY-01","text":"[^"]*3 below zero' \
		"$BATS_TEST_TMPDIR/json"
	run_as hub report auditor --format csv
	expect 1
	for r in treasurer coordinator donor public; do
		run_as hub report $r
		expect 0
	done
}

@test "names that try to be more than names stay names" {
	as hub deliver 1 visor --to '=<script>alert("1")</script>' >/dev/null 2>&1
	as hub deliver 1 visor --to '=@SUM(A1:A9)' >/dev/null 2>&1
	as hub produce 5 visor --printer '=cmd|calc' >/dev/null
	as hub report coordinator --format html >"$BATS_TEST_TMPDIR/page.html"
	never grep -q '<script' "$BATS_TEST_TMPDIR/page.html"
	grep -q '&lt;script&gt;' "$BATS_TEST_TMPDIR/page.html"
	as hub report coordinator --format csv >"$BATS_TEST_TMPDIR/sheet.csv"
	grep -q "\"'=cmd|calc\"" "$BATS_TEST_TMPDIR/sheet.csv"
	never grep -qE '(^|;)"?[=@]' "$BATS_TEST_TMPDIR/sheet.csv"
}

@test "a report is French for who reads French, and its JSON is not" {
	export LANGUAGE=fr LC_ALL=C.UTF-8
	run_as hub report auditor
	[[ $output == *"Rapport d'audit"* ]]
	as hub report auditor --format html | grep -q '<html lang="fr"'
	[[ $(as hub report auditor --json) == '{"schema":"maillon.report/1","report":"auditor"'* ]]
	never grep -q aucun <(as hub report auditor --json)
}

@test "everybody draws the same sample, and nobody without the seed" {
	story
	for i in 1 2 3 4 5 6 7 8; do
		as lea deliver 1 visor/v30 --to "=Home $i"
	done >/dev/null
	run_as lea sample 3 --seed 7-19-23 --json
	expect 0
	[ "$(grep -o '"ref"' <<<"$output" | wc -l)" -eq 3 ]
	[[ $output == *'"seed":"7-19-23","asked":3,"among":9'* ]]
	sync lea
	[ "$(as hub sample 3 --seed 7-19-23 --json)" = "$(as lea sample 3 --seed 7-19-23 --json)" ]
	# Fewer are the first of more, and another seed draws others.
	two=$(as hub sample 2 --seed 7-19-23 --format csv | grep '^lea')
	nine=$(as hub sample 99 --seed 7-19-23 --format csv | grep '^lea')
	[ "$(wc -l <<<"$nine")" -eq 9 ]
	[ "$(head -2 <<<"$nine")" = "$two" ]
	[ "$(as hub sample 99 --seed 7-19-24 --format csv | grep '^lea')" != "$nine" ]
	# With one entry more it is another cut.
	as hub produce 1 visor/v30 >/dev/null
	[ "$(as hub sample 99 --seed 7-19-23 --format csv | grep '^lea')" != "$nine" ]
	as hub sample 5 --seed x --of holders --json |
		grep -q '"holder":"hub","outsider":null,"place":"FR-88","item":"visor/v30","on_hand":1'
	# Who draws is told where to go, and when it was sent.
	as lea deliver 1 visor/v30 --to hub --when 2020-04-03 >/dev/null
	run_as lea sample 99 --seed x --format csv
	grep -q '^lea/[0-9]*;2020-04-03;lea;hub;visor/v30;1;' <<<"$output"
	[ "$(grep -c "=Home [1-8].*;visor/v30;1;" <<<"$output")" -eq 8 ]
}

@test "a sample of nothing, of too many or without a seed is refused" {
	run_as hub sample 0 --seed x
	expect 65
	run_as hub sample 10001 --seed x
	expect 65
	run_as hub sample 10000 --seed x
	expect 0
	run_as hub sample 3
	expect 64
	run_as hub sample 3 --seed ''
	expect 64
	run_as hub sample 3 --seed x --of everything
	expect 64
}
