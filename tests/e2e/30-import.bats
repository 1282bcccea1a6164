#!/usr/bin/env bats
# Tables of other programs: what is recorded, what is rejected, what happens
# the second time.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	found_network asso
	cat >made.map <<-'END'
		[record]
		kind = produce
		[columns]
		when = day
		item = item
		quantity = qty
		for = maker
	END
	cat >sent.map <<-'END'
		[record]
		kind = deliver
		[when]
		only = state=sent
		[columns]
		when = day
		item = item
		quantity = qty
		for = maker
		to = place
	END
	cat >made.csv <<-'END'
		day,maker,item,qty
		2020-04-02,Jeanne,Visor/V30,50
		2020-04-01,Karim,visor/v30,30.0
		2020-04-01,Karim,visor/v30,30.0
		2020-04-03,Karim,visor/v30,-1
	END
	cat >sent.csv <<-'END'
		day,maker,place,item,qty,state
		2020-04-02,Jeanne,CHU,visor/v30,40,sent
		2020-04-02,Karim,CHU,visor/v30,10,planned
		2020-04-03,Karim,EHPAD,visor/v30,1 000,sent
	END
}

teardown() {
	stop_nodes
}

# field FILE-NUMBER NAME: a number of the JSON that the last import printed.
field() {
	printf '%s\n' "$output" | grep -o "\"$2\":[0-9]*" |
		sed -n "$1s/.*://p"
}

# sum NAME: over the items of totals --json.
sum() {
	as asso totals --json | sed 's/"associations".*//' |
		grep -o "\"$1\":[0-9-]*" | awk -F: '{ s += $2 } END { print s }'
}

import_both() {
	run_as asso import csv --json "$@" --map made.map made.csv \
		--map sent.map sent.csv
}

@test "rows become records in the order of their dates" {
	import_both
	expect 0
	[ "$(field 1 recorded) $(field 1 unusable) $(field 1 repeats)" = "2 1 1" ]
	[ "$(field 2 recorded) $(field 2 skipped)" = "2 1" ]
	run as asso log --json
	[ "$(printf '%s\n' "$output" | grep -o '"kind":"[a-z]*"' | tr '\n' ' ')" = \
		'"kind":"open" "kind":"produce" "kind":"produce" "kind":"deliver" "kind":"deliver" ' ]
	[ "$(sum produced) $(sum delivered)" = "80 1040" ]
	[[ $(sum on_hand) = -960 ]]
}

@test "more sent than there was is said once, on stderr" {
	import_both
	expect 0
	[[ $stderr == *"warning: 1 stock of this book is below zero"* ]]
	run_as asso audit
	expect 1
	[[ $output == *QTY-01* ]]
}

@test "the same import again records nothing and says how much was there" {
	import_both
	before=$(as asso log --json | wc -l)
	import_both
	expect 0
	[ "$(field 1 recorded) $(field 1 there) $(field 1 repeats)" = "0 2 1" ]
	[ "$(field 2 recorded) $(field 2 there)" = "0 2" ]
	[[ $stderr == *"made.csv: 4 rows: 0 recorded, 2 were there already"* ]]
	[ "$(as asso log --json | wc -l)" -eq "$before" ]
}

@test "rejected rows go to a file with their line and the reason" {
	import_both
	expect 0
	[[ $stderr == *"made.csv: the rows that were rejected are in made.csv.rejects.csv"* ]]
	[ "$(cat made.csv.rejects.csv)" = 'rejected_line,rejected_reason,day,maker,item,qty
4,an exact repeat of line 3,2020-04-01,Karim,visor/v30,30.0
5,qty: -1 is a negative quantity,2020-04-03,Karim,visor/v30,"-1"' ]
	[ ! -e sent.csv.rejects.csv ]
	import_both --rejects other
	expect 0
	cmp made.csv.rejects.csv other/made.csv.rejects.csv
}

@test "strict is 65 when a row was rejected, and the rest is recorded" {
	import_both --strict
	expect 65
	[ "$(sum produced)" -eq 80 ]
	run_as asso import csv --strict --map sent.map sent.csv
	expect 0
}

@test "a dry run says what it would do and does nothing" {
	before=$(as asso log --json | wc -l)
	import_both --dry-run
	expect 0
	[ "$(field 1 recorded) $(field 2 recorded)" = "2 2" ]
	[[ $stderr == *"made.csv:5: qty: -1 is a negative quantity"* ]]
	[ ! -e made.csv.rejects.csv ]
	[ "$(as asso log --json | wc -l)" -eq "$before" ]
}

@test "a map that is wrong is 78 before any row" {
	before=$(as asso log --json | wc -l)
	for line in 'colour = red' 'lot = batch' '[colours]' 'kind = gift'; do
		{ cat sent.map; echo "$line"; } >wrong.map
		run_as asso import csv --map made.map made.csv \
			--map wrong.map sent.csv
		expect 78
		[[ $stderr == *"wrong.map:11: "* ]]
	done
	[ "$(as asso log --json | wc -l)" -eq "$before" ]
	[ ! -e made.csv.rejects.csv ]
}

@test "what cannot be opened is 66, how it is not used 64, no place 73" {
	run_as asso import csv --map made.map nothing.csv
	expect 66
	run_as asso import csv --map nothing.map made.csv
	expect 66
	run_as asso import csv made.csv
	expect 64
	run_as asso import csv --map made.map --map sent.map made.csv
	expect 64
	run_as asso import csv --map made.map made.csv --rejects no/such/place
	expect 73
	run_as nobody import csv --map made.map made.csv
	expect 78
}

@test "a French spreadsheet: semicolons, commas, Windows-1252, its own dates" {
	cat >dons.map <<-'END'
		[record]
		kind = donate
		[csv]
		delimiter = auto
		decimal = ,
		encoding = windows-1252
		date = %d/%m/%Y
		[columns]
		when = Reçu le
		amount = Montant
		fund = Activité
		[set]
		currency = EUR
		[map fund]
		Visières : achat = visieres
	END
	printf 'Re\347u le;Montant;Activit\351\r\n02/04/2020;1\240234,50;Visi\350res : achat\r\n"3/4/2020";10 \200;\r\n31/02/2020;5;\r\n' >dons.csv
	run_as asso import csv --json --map dons.map dons.csv
	expect 0
	[ "$(field 1 recorded) $(field 1 unusable)" = "2 1" ]
	as asso log --json >log.json
	grep -q '"amount":{"minor":123450,"currency":"EUR"}' log.json
	grep -q '"fund":"visieres"' log.json
	grep -q '"minor":1000,' log.json
	LC_ALL=C grep -q "^4,.*31/02/2020" <(tr ';' ',' <dons.csv.rejects.csv)
}

@test "names stay at home unless the map says they are public" {
	import_both
	[ "$(as asso log --json | grep -c 'Jeanne\|CHU')" -eq 0 ]
	as asso log | grep -q '~CHU'
	sed 's/^kind.*/&\nparties = public/' sent.map >public.map
	printf 'day,maker,place,item,qty,state\n2020-05-01,,Mairie,visor/v30,1,sent\n' >public.csv
	run_as asso import csv --map public.map public.csv
	expect 0
	as asso log --json | grep -q '"name":"Mairie"'
}

@test "a hostile table costs its rows and nothing else" {
	{
		echo 'day,maker,item,qty'
		printf '2020-04-01,a\0b,visor,1\n'
		printf '2020-04-01,"a"b,visor,1\n'
		printf '2020-04-01,\377,visor,1\n'
		echo '=cmd|calc,@x,+1,-1'
		head -c 2000000 /dev/zero | tr '\0' ','
		echo
		head -c 200000 /dev/zero | tr '\0' x
		echo
		echo '2020-04-02,a,visor,2'
		printf '2020-04-03,"never closed,visor,3\n2020-04-04,a,visor,4'
	} >hostile.csv
	run_as asso import csv --json --map made.map hostile.csv
	expect 0
	[ "$(field 1 recorded) $(field 1 unusable)" = "2 7" ]
	[ "$(sum produced)" -eq 6 ]
	LC_ALL=C grep -aq '^5,.*,"=cmd|calc","@x","+1","-1"$' \
		hostile.csv.rejects.csv
	run_as asso fsck
	expect 0
}

@test "a stock take in a table is measured against the rows before it" {
	cat >count.map <<-'END'
		[record]
		kind = count
		[columns]
		when = day
		item = item
		quantity = qty
	END
	printf '[record]\nkind = produce\n[columns]\nwhen = day\nitem = item\nquantity = qty\n' >own.map
	printf 'day,item,qty\n2020-04-01,visor,10\n2020-04-03,visor,5\n' >own.csv
	printf 'day,item,qty\n2020-04-02,visor,8\n2020-04-04,visor,14\n' >count.csv
	for _ in 1 2; do
		run_as asso import csv --map own.map own.csv \
			--map count.map count.csv
		expect 0
		[ "$(sum on_hand) $(sum lost) $(sum found)" = "14 2 1" ]
	done
}

@test "services in a table are made by being delivered, when the map says so" {
	cat >night.csv <<-'END'
		day,host,guest,what,n
		2020-04-01,Ibis,CHU,night,12
		2020-04-02,Ibis,CHU,night,7
	END
	cat >night.map <<-'END'
		[record]
		kind = deliver
		[columns]
		when = day
		for = host
		to = guest
		item = what
		quantity = n
	END
	cp night.map service.map
	printf '[set]\nservice = yes\n' >>service.map
	as asso item night --class service --unit night
	run_as asso import csv --dry-run --map night.map night.csv
	expect 0
	[[ $stderr == *"2 rows deliver as goods what is declared as a service"*"service = yes"* ]]
	run_as asso import csv --map service.map night.csv
	expect 0
	[[ $stderr != *"as goods"* && $stderr != *"below zero"* ]]
	[ "$(sum produced) $(sum delivered) $(sum on_hand)" = "19 19 0" ]
	# Nothing that waits for its record, and no difference the second time,
	# whatever the item is declared as by now.
	as asso item night --class product --unit night
	run_as asso import csv --json --map service.map night.csv
	[ "$(field 1 recorded) $(field 1 there)" = "0 2" ]
	run_as asso audit --json
	[[ $output != *QTY-01* ]]
	# A service is not passed on, also when an association is the guest.
	printf 'final = no\n' >>service.map
	sed 's/CHU/Gîte/' night.csv >other.csv
	run_as asso import csv --strict --map service.map other.csv
	expect 65
	grep -q 'a service is rendered for good' other.csv.rejects.csv
}

@test "a service to a member is for good, though members pass goods on" {
	start_node asso
	join_network lea asso maker
	printf 'day,guest,n\n2020-04-01,lea,2\n' >night.csv
	cat >night.map <<-'END'
		[record]
		kind = deliver
		[columns]
		when = day
		to = guest
		quantity = n
		[set]
		item = night
		service = yes
		[map to]
		lea = lea
	END
	as asso import csv --map night.map night.csv
	[[ $(as asso log --kind deliver --json) == *'"final":"yes"'*'"service":"yes"'* ]]
	[ "$(sum produced) $(sum moved) $(sum delivered)" = "2 0 2" ]
}

@test "an import goes through the node that runs" {
	start_node asso
	import_both
	expect 0
	[ "$(field 1 recorded) $(field 2 recorded)" = "2 2" ]
	import_both
	[ "$(field 1 there) $(field 2 there)" = "2 2" ]
	stop_node asso
	[ "$(sum produced)" -eq 80 ]
}

@test "an import that is killed goes on where it stopped" {
	awk 'BEGIN {
		print "day,maker,item,qty"
		for (i = 1; i <= 6000; i++)
			print "2020-04-01,maker " i % 50 ",visor," i
	}' >big.csv
	as asso import csv --map made.map big.csv 2>/dev/null &
	pid=$!
	for _ in $(seq 200); do
		[ "$(as asso log --json | wc -l)" -lt 300 ] || break
		sleep 0.02
	done
	kill -9 "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	run_as asso import csv --json --map made.map big.csv
	expect 0
	[ $(($(field 1 recorded) + $(field 1 there))) -eq 6000 ]
	[ "$(field 1 there)" -ge 256 ]
	[ "$(sum produced)" -eq $((6000 * 6001 / 2)) ]
	[ "$(as asso log --json | wc -l)" -eq 6001 ]
}

@test "two real tables give the figures that are known" {
	data=$ROOT/../shared/data/getusppe
	[ -r "$data/offers.csv" ] || skip "no ../shared/data/getusppe beside the repository"
	args=(--json --rejects rejects
		--map "$ROOT/tests/examples/getusppe-offers.map" "$data/offers.csv"
		--map "$ROOT/tests/examples/getusppe-matches.map" "$data/matches.csv")
	run_as asso import csv "${args[@]}"
	expect 0
	for f in recorded unusable repeats skipped; do
		echo "$f $(field 1 $f) $(field 2 $f)"
	done >figures
	[ "$(cat figures)" = 'recorded 2220 2249
unusable 211 26
repeats 4 0
skipped 0 1374' ]
	[ "$(wc -l <rejects/offers.csv.rejects.csv)" -eq 216 ]
	[ "$(wc -l <rejects/matches.csv.rejects.csv)" -eq 27 ]
	[ "$(sum produced) $(sum delivered)" = "188924833 5351050" ]
	as asso totals --json | grep -o '{"item":"face_shield"[^}]*' | head -n 1 >shield
	grep -q '"produced":12746277,' shield
	grep -q '"delivered":108336,' shield
	[[ $stderr == *"5 stocks of this book are below zero"* ]]
	run_as asso audit --json
	expect 1
	[ "$(printf '%s' "$output" | grep -o '"code":"[^"]*"' | sort | uniq -c | tr -s ' ')" = \
		' 1 "code":"DUP-10"
 15 "code":"QTY-01"
 15 "code":"QTY-22"' ]
	# somebody offered ten million of each of seven things
	[[ $output == *"asso made 10000000 thermometer: more than a thousand"* ]]
	as asso balance --json | grep -o '"on_hand":-[0-9]*' |
		awk -F: '{ n++; s -= $2 } END { print n, s }' >below
	[ "$(cat below)" = "5 67024" ]
	run_as asso import csv "${args[@]}"
	expect 0
	[ "$(field 1 recorded) $(field 1 there)" = "0 2220" ]
	[ "$(field 2 recorded) $(field 2 there)" = "0 2249" ]
}
