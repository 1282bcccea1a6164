#!/usr/bin/env bats
# Tables of banks and of platforms that collect gifts, through maps.

load helper

setup() {
	found_network hub
	cp "$ROOT"/tests/examples/{bank,platform}* "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	stop_nodes
}

# all_tables [OPTION...]: the import that tests/examples/README.md shows.
all_tables() {
	run_as hub import csv "$@" --map bank-spendings.map bank.csv \
		--map bank-gifts.map bank.csv \
		--map platform-gifts.map platform.csv
}

@test "a bank's table and a platform's are recorded to the cent" {
	all_tables
	expect 0
	[[ $stderr == *"bank.csv: 7 rows: 3 recorded, 0 were there already, 4 skipped, 0 unusable"* ]]
	[[ $stderr == *"bank.csv: 7 rows: 2 recorded, 0 were there already, 5 skipped, 0 unusable"* ]]
	[[ $stderr == *"platform.csv: 3 rows: 2 recorded, 0 were there already, 1 skipped, 0 unusable"* ]]
	# 1234.56 + 50.00 + 45.00, and 50.00 for filament.
	as hub totals --json >totals
	grep -q '"fund":"","currency":"EUR","donated":132956,"spent":14540,"balance":118416' totals
	grep -q '"fund":"filament","currency":"EUR","donated":5000,"spent":0' totals
	as hub log --json >log
	grep -q '"when":1585733400000.*"campaign":"visieres2020"' log
	grep -q '"source_ref":"P-1003"' log
	grep -q '"category":"fundraising"' log
	run_as hub audit
	expect 0
}

@test "the same tables again record nothing, in part, in a new order or encoding" {
	all_tables
	expect 0
	before=$(as hub log --json | wc -l)
	all_tables
	expect 0
	[[ $stderr == *"0 recorded, 3 were there already"* ]]
	[[ $stderr == *"0 recorded, 2 were there already"* ]]
	# Next month's table overlaps with this one, and somebody sorted it.
	{
		head -n 1 bank.csv
		tail -n +2 bank.csv | sort -r
		printf '02/05/2020;CARTE L\x92Atelier;B-0008;PETG;Achat;-43,80\r\n'
	} >may.csv
	run_as hub import csv --map bank-spendings.map may.csv
	expect 0
	[[ $stderr == *"1 recorded, 3 were there already"* ]]
	iconv -f windows-1252 -t utf-8 platform.csv >platform8.csv
	sed 's/windows-1252/utf-8/' platform-gifts.map >utf8.map
	run_as hub import csv --map utf8.map platform8.csv
	[[ $stderr == *"0 recorded, 2 were there already"* ]]
	[ "$(as hub log --json | wc -l)" -eq $((before + 1)) ]
	as hub log --json --kind spend >log
	grep -q '"minor":4380' log
}

@test "names of people stay at home, and a receipt opens one" {
	all_tables
	expect 0
	as hub export bundle all
	as hub export jsonl all.jsonl
	as hub export csv all.csv
	for word in Exemple Odile Vosges Imprimerie Atelier Bravo hôpital; do
		never grep -q "$word" all all.jsonl all.csv
	done
	gift=$(as hub log --json --kind donate | grep P-1001 |
		sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')
	as hub checkpoint >/dev/null
	as hub receipt "$gift" >receipt
	run_as hub verify receipt
	[[ $output == *"Odile Exemple"* && $output == *"Bravo à tous !"* ]]
	gift=$(as hub log --json --kind donate | grep P-1003 |
		sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')
	as hub receipt "$gift" >receipt
	run_as hub verify receipt
	[[ $output == *"Œuvre des Vosges – Épinal"* ]]
}

@test "another donor under the platform's reference is not recorded in silence" {
	all_tables
	expect 0
	sed 's/Odile/Paule/' platform.csv >other.csv
	run_as hub import csv --map platform-gifts.map other.csv
	expect 0
	[[ $stderr == *"0 recorded, 1 were there already, 1 skipped, 1 unusable"* ]]
	grep -q "recorded before with other facts" other.csv.rejects.csv
	run_as hub import csv --strict --map platform-gifts.map other.csv
	expect 65
}

@test "what is no amount is rejected with its line, whichever the sign" {
	printf 'Date;Libell\xe9;R\xe9f\xe9rence;Cat\xe9gorie;Type;Montant\n' >bad.csv
	printf '%s\n' '01/04/2020;a;R1;x;Achat;-12.00' \
		'01/04/2020;a;R2;x;Achat;-' '01/04/2020;a;R3;x;Achat;--5,00' \
		'01/04/2020;a;R4;x;Achat;-0,001' '31/02/2020;a;R5;x;Achat;-1,00' \
		'01/04/2020;a;R6;x;Achat;-687194767,36' \
		'01/04/2020;a;R7;x;Autre;-1,00' '01/04/2020;a;R8;x;;-1,00' \
		'01/04/2020;a;R9;;Achat;-1,00' \
		'01/04/2020;a;R10;x;Achat;-687194767,35' >>bad.csv
	run_as hub import csv --map bank-spendings.map bad.csv
	expect 0
	[[ $stderr == *"10 rows: 2 recorded, 0 were there already, 0 skipped, 8 unusable"* ]]
	[ "$(wc -l <bad.csv.rejects.csv)" -eq 9 ]
	as hub totals --json | grep -q '"spent":68719476835,'
}

@test "only who may record money imports it" {
	start_node hub
	join_network lea hub maker
	join_network tom hub treasurer
	run_as lea import csv --map platform-gifts.map platform.csv
	expect 77
	[[ $stderr == *"only an association or its treasurer records money"* ]]
	[ -z "$(as lea log --json --kind donate)" ]
	run_as lea import csv --dry-run --map platform-gifts.map platform.csv
	expect 77
	run_as tom import csv --map platform-gifts.map platform.csv
	expect 0
	[[ $stderr == *"2 recorded"* ]]
	sync tom
	as hub totals --json | grep -q '"fund":"filament","currency":"EUR","donated":5000'
}

@test "beside a running node the import is the same" {
	start_node hub
	all_tables
	expect 0
	[[ $stderr == *"3 recorded"* ]]
	all_tables
	[[ $stderr == *"0 recorded, 3 were there already"* ]]
	as hub checkpoint >/dev/null
	gift=$(as hub log --json --kind donate | grep P-1001 |
		sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')
	as hub receipt "$gift" | as hub verify /dev/stdin >out || [ $? -eq 1 ]
	grep -q "Odile Exemple" out
}

@test "after 'forget' the same table still records nothing" {
	all_tables
	gift=$(as hub log --json --kind donate | grep P-1001 |
		sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')
	as hub forget "$gift"
	all_tables
	[[ $stderr == *"platform.csv: 3 rows: 0 recorded, 2 were there already"* ]]
}

# import_row KIND HEADER ROW COLUMNS: one row must become one record.
import_row() {
	printf '%s\n%s\n' "$2" "$3" >"$1.csv"
	printf '[record]\nkind = %s\n[columns]\n%b' "$1" "$4" >"$1.map"
	run_as hub import csv --strict --map "$1.map" "$1.csv"
	expect 0
	[[ $stderr == *"1 recorded"* ]] || { echo "$1: $stderr"; return 1; }
	as hub log --json --kind "$1" | grep -q . || { echo "$1"; return 1; }
}

@test "every kind of record can come from a table" {
	local sha=3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7
	import_row item 'code,unit,grams' 'visor,piece,40' \
		'item = code\nunit = unit\ngrams = grams\n'
	import_row design 'code,sha' "visor/v30,$sha" \
		'item = code\nfile = sha\n'
	import_row approve 'code,v' 'visor/v30,approved' \
		'item = code\nverdict = v\n'
	import_row request 'what,n,where' 'visor,40,FR-88' \
		'item = what\nquantity = n\nplace = where\n'
	request=$(as hub log --json --kind request |
		sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')
	import_row pledge 'r,n' "$request,10" 'request = r\nquantity = n\n'
	import_row produce 'what,n,when' 'visor/v30,50,2020-04-01' \
		'item = what\nquantity = n\nwhen = when\n'
	import_row supply 'what,n,from' 'petg,1000,Mairie' \
		'item = what\nquantity = n\nfrom = from\n'
	import_row deliver 'what,n,to,when' 'visor/v30,20,CHU,2020-04-02' \
		'item = what\nquantity = n\nto = to\nwhen = when\n'
	deliver=$(as hub log --json --kind deliver |
		sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')
	import_row receive 'd,what,n' "$deliver,visor/v30,18" \
		'deliver = d\nitem = what\nquantity = n\n'
	import_row lose 'what,n,why' 'visor/v30,1,fell' \
		'item = what\nquantity = n\nreason = why\n'
	import_row count 'what,n' 'visor/v30,30' \
		'item = what\nquantity = n\n'
	import_row campaign 'name,goal' 'spring,500 EUR' \
		'campaign = name\ngoal = goal\n'
	import_row donate 'sum,who' '50 EUR,Odile' 'amount = sum\ndonor = who\n'
	import_row spend 'sum,what,to' '5 EUR,stamps,La Poste' \
		'amount = sum\npurpose = what\npayee = to\n'
	import_row bank 'p,from,to' '2020-04,0 EUR,45 EUR' \
		'period = p\nopening = from\nclosing = to\n'
	import_row attach 'r,sha' "$deliver,$sha" 'target = r\ndoc = sha\n'
	as hub totals --json | grep -q '"item":"visor/v30".*"produced":50,.*"found":1,.*"claimed":18,'
}

# reject_row KIND HEADER ROW COLUMNS TEXT: the row is rejected, TEXT says why.
reject_row() {
	printf '%s\n%s\n' "$2" "$3" >"$1.csv"
	printf '[record]\nkind = %s\n[columns]\n%b' "$1" "$4" >"$1.map"
	run_as hub import csv --strict --map "$1.map" "$1.csv"
	if [ "$status" -eq 65 ] && [[ $stderr == *"0 recorded"* ]] &&
		grep -qF -- "$5" "$1.csv.rejects.csv"; then
		return 0
	fi
	echo "$1 $3: $stderr"
	cat "$1.csv.rejects.csv"
	return 1
}

@test "what no command takes no row of a table brings, of no kind" {
	local over=68719476736 kind qty goods='item = what\nquantity = n\n'
	request=$(id_of hub request 5 visor --place FR-88)
	deliver=$(id_of hub deliver 5 visor --to =CHU)
	for qty in 0 -1 $over 1.5 many ''; do
		reject_row produce 'what,n,when' "visor,$qty,2020-04-01" \
			"${goods}when = when\n" 'n: '
		reject_row supply 'what,n,from' "petg,$qty,Mairie" \
			"${goods}from = from\n" 'n: '
		reject_row deliver 'what,n,to' "visor,$qty,CHU" \
			"${goods}to = to\n" 'n: '
		reject_row lose 'what,n,why' "visor,$qty,fell" \
			"${goods}reason = why\n" 'n: '
		reject_row request 'what,n,where' "visor,$qty,FR-88" \
			"${goods}place = where\n" 'n: '
		[ -z "$qty" ] || reject_row receive 'd,what,n' \
			"$deliver,visor,$qty" "deliver = d\n$goods" 'n: '
		reject_row pledge 'r,n' "$request,$qty" \
			'request = r\nquantity = n\n' 'n: '
		[ "$qty" = 0 ] || reject_row count 'what,n' "visor,$qty" \
			"$goods" 'n: '
	done
	for qty in '0 EUR' '-5 EUR' '687194767.36 EUR' 5 '5 eur' EUR ''; do
		reject_row donate 'sum' "\"$qty\"" 'amount = sum\n' 'sum: '
		reject_row spend 'sum,what' "$qty,pla" \
			'amount = sum\npurpose = what\n' 'sum: '
		reject_row campaign 'name,goal,x' "spring,${qty:-0 EUR},1" \
			'campaign = name\ngoal = goal\n' 'goal: '
		[ "$qty" = '0 EUR' ] || reject_row bank 'p,from,to' \
			"2020-04,$qty,5 EUR" \
			'period = p\nopening = from\nclosing = to\n' 'from: '
	done
	reject_row item 'code,grams' "visor,$over" \
		'item = code\ngrams = grams\n' 'grams: '
	reject_row item 'code,class' 'visor,thing' \
		'item = code\nclass = class\n' 'class: '
	reject_row design 'code,sha' 'visor/v30,12' \
		'item = code\nfile = sha\n' 'sha: '
	reject_row design 'code,sha,at' "visor/v30,$(printf '%064d' 1),here" \
		'item = code\nfile = sha\nlink = at\n' 'at: '
	reject_row approve 'code,v' 'visor/v30,maybe' \
		'item = code\nverdict = v\n' 'v: '
	reject_row attach 'r,sha' "$deliver,12" 'target = r\ndoc = sha\n' \
		'sha: '
	reject_row attach 'r,sha' "hub/99,$(printf '%064d' 1)" \
		'target = r\ndoc = sha\n' 'r: '
	reject_row bank 'p,from,to' '2020-13,0 EUR,5 EUR' \
		'period = p\nopening = from\nclosing = to\n' 'p: '
}

@test "a row corrects nothing and closes nothing, and the map is told why" {
	printf 'r\nhub/1\n' >t.csv
	for kind in correct:"use 'maillon correct'" \
		period:"use 'maillon close'" open:'is no kind of record' \
		checkpoint:'is no kind of record' Produce:'is no kind of record'; do
		printf '[record]\nkind = %s\n[columns]\ntarget = r\n' \
			"${kind%%:*}" >t.map
		run_as hub import csv --map t.map t.csv
		expect 78
		[[ $stderr == *"${kind#*:}"* ]]
	done
}
