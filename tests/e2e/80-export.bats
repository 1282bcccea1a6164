#!/usr/bin/env bats
# Exports: other people's programs read them, and add up to our figures.

load helper
load story

setup() {
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	stop_nodes
}

check() {
	command -v node >/dev/null || skip "node is not installed"
	run node "$ROOT/tests/verify/exports.mjs" "$@"
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "hledger and ledger add the journal up to the figures of the book" {
	command -v hledger >/dev/null || skip "hledger is not installed"
	command -v ledger >/dev/null || skip "ledger is not installed"
	everything_happened
	as auditor export hledger all.journal
	as auditor totals --json >totals.json
	hledger -f all.journal check -s ordereddates
	hledger -f all.journal bal -E -O csv --layout=bare >hledger.csv
	check journal hledger.csv totals.json
	[[ $output == *'"compared":39'* ]]
	ledger -f all.journal --strict --pedantic csv |
		cut -d, -f 4-6 >ledger.csv
	check journal ledger.csv totals.json
	# One piece more on one shelf, or one cent in one fund, and both refuse.
	sed '0,/^    actifs:stock:lea  0 "visor.v30" = 3/s//    actifs:stock:lea  0 "visor\/v30" = 4/' \
		all.journal >wrong.journal
	never cmp -s all.journal wrong.journal
	never hledger -f wrong.journal check -s
	never ledger -f wrong.journal bal
	sed 's/ = 26.60 EUR/ = 26.61 EUR/' all.journal >wrong.journal
	never cmp -s all.journal wrong.journal
	never hledger -f wrong.journal check -s
	never ledger -f wrong.journal bal
	# Each on its own is balanced too.
	as hub export hledger --under max - >max.journal
	hledger -f max.journal check -s ordereddates
	[[ $(hledger -f max.journal bal actifs:stock:max$) == *'9 "visor/v30"'* ]]
	never grep -q lea max.journal
}

@test "services, gifts that were no money, and what was corrected add up, too" {
	command -v hledger >/dev/null || skip "hledger is not installed"
	command -v ledger >/dev/null || skip "ledger is not installed"
	local night meal n
	everything_happened
	at 2020-04-16 hub item night --class service --unit night >/dev/null
	at 2020-04-16 hub item meal --class service >/dev/null
	night=$(id_at 2020-04-17 hub deliver "3 night" --to town)
	meal=$(id_at 2020-04-17 hub deliver "12 meal" --to hospital)
	at 2020-04-17 hub deliver "2 night" --to "=Ehpad des Lilas" >/dev/null
	n=$(id_at 2020-04-18 hub deliver "40 meal" --to town)
	at 2020-04-18 hub correct "$n" --reason did-not-occur >/dev/null
	at 2020-04-18 hub correct "$meal" --reason incorrect-data \
		--set "lines=13 meal" >/dev/null
	n=$(id_at 2020-04-19 hub donate "17.15 EUR" --waived --km 40)
	at 2020-04-20 hub correct "$n" --reason incorrect-data \
		--set "amount=17.51 EUR" >/dev/null
	n=$(id_at 2020-04-19 hub donate "33.33 EUR" --hours 3)
	at 2020-04-20 hub correct "$n" --reason did-not-occur >/dev/null
	# A gift that went to the wrong fund, in another currency's place.
	n=$(id_at 2020-04-19 hub donate "0.01 EUR" --fund filament)
	at 2020-04-20 hub correct "$n" --reason incorrect-data \
		--set "fund=masks" --set "amount=9999999.99 EUR" >/dev/null
	n=$(id_at 2020-04-19 hub spend "8 USD" --purpose string --fund masks)
	at 2020-04-20 hub correct "$n" --reason incorrect-data \
		--set "category=running" >/dev/null
	sync town hospital
	at 2020-04-21 town receive "$night" --accepted 2 --refused 1 \
		--reason noise >/dev/null
	at 2020-04-21 hospital receive "$meal" >/dev/null
	sync town hospital
	as hub totals --json >totals.json
	grep -q '"item":"meal","unit":"piece","produced":13,.*"delivered":13,' totals.json
	as hub report treasurer --json >treasurer.json
	as hub export hledger all.journal
	hledger -f all.journal check -s ordereddates
	hledger -f all.journal bal -E -O csv --layout=bare >hledger.csv
	check journal hledger.csv totals.json treasurer.json
	[[ $output == *'"compared":79'* ]]
	ledger -f all.journal --strict --pedantic csv |
		cut -d, -f 4-6 >ledger.csv
	check journal ledger.csv totals.json treasurer.json
	sed -i 's/"worth":5271/"worth":5272/' treasurer.json
	never node "$ROOT/tests/verify/exports.mjs" journal ledger.csv \
		totals.json treasurer.json
}

@test "a FEC keeps the rules of the tax office, and corrections are entries" {
	everything_happened
	mkdir books
	run_as hub export fec books --siren 123456782 --period 2020
	expect 0
	[[ $stderr == *"1 entry is not in EUR"* ]]
	check fec books/123456782FEC20201231.txt
	[[ $output == *'"entries":13'* ]]
	# 50 + 1234.56 - 23.40 - 7.05 - 3, all else is not in the bank.
	[[ $output == *'"468100":0,"512000":125111,'* ]]
	[[ $output == *'"606800":2340,'* && $output == *'"754110":-128456,'* ]]
	[[ $output == *'"864000":6000,"870000":-1200,'* ]]
	# Beside it stands what its fields are, each journal that occurs too.
	local text=books/123456782FEC20201231-description.txt code
	[ "$(sed -n 's/^ *[0-9]*\. \([A-Za-z]*\) : .*/\1/p' "$text" | paste -sd'\t')" = \
		"$(head -n 1 books/123456782FEC20201231.txt | tr -d '\r')" ]
	for code in $(tail -n +2 books/123456782FEC20201231.txt | cut -f 1 | sort -u); do
		grep -q "JournalCode : .*$code " "$text"
	done
	[ "$(tr -d '\r\n\040-\176' <"$text" | wc -c)" -eq 0 ]
	[ "$(grep -vc $'\r$' "$text")" -eq 0 ]
	grep -q "Don manuel : helloasso:A17 (fonds filament)" books/*.txt
	grep -q "Don manuel : cheque; ete printemps" books/*.txt
	never grep -q "Jeanne\|Durand" books/*.txt
	# A part begins with what was in the bank, and the parts meet.
	as hub export fec books --period 2020-04
	as hub donate "10 EUR" --when 2020-05-02 >/dev/null
	as hub export fec books --period 2020-05
	check fec books/ASSOFEC20200430.txt
	[[ $output == *'"512000":125111,'* ]]
	check fec books/ASSOFEC20200531.txt
	[[ $output == *'"110000":-125111,"512000":126111,'* ]]
}

@test "what is left of a fund when a year is closed is dedicated, until it is spent" {
	found_network hub
	at 2019-12-01 hub donate "100 EUR" --fund filament >/dev/null
	at 2019-12-02 hub donate "40 EUR" --fund masks >/dev/null
	at 2019-12-03 hub spend "60 EUR" --purpose petg --fund filament >/dev/null
	at 2019-12-04 hub donate "7 EUR" >/dev/null
	at 2019-12-04 hub donate "9 EUR" --waived --km 3 --fund filament >/dev/null
	mkdir books
	# A year that is not over yet has nothing left: it is under way.
	as hub export fec books --period 2019
	check fec books/ASSOFEC20191231.txt
	[[ $output == *'"entries":5,'* && $output != *'"196000"'* ]]
	rm books/*
	at 2020-01-02 hub close 2019 >/dev/null
	as hub export fec books --period 2019
	check fec books/ASSOFEC20191231.txt
	[[ $output == *'"entries":7,"accounts":{"196000":-8000,'* ]]
	[[ $output == *'"512000":8700,'* && $output == *'"689600":8000,'* ]]
	grep -qP "^OD\tOperations diverses\t6\t20191231\t689600\tReports en fonds dedies [^\t]*\tfilament\tFonds filament\tFD-filament\t20191231\tReste a employer \(fonds filament\)\t40,00\t0,00\t" books/*.txt
	# The year after begins with it, and spends it.
	at 2020-02-01 hub spend "15 EUR" --purpose petg --fund filament >/dev/null
	at 2020-02-01 hub donate "1 EUR" --fund masks >/dev/null
	at 2020-02-02 hub spend "50 EUR" --purpose cloth --fund masks >/dev/null
	at 2021-01-02 hub close 2020 >/dev/null
	rm books/*
	as hub export fec books --period 2020
	check fec books/ASSOFEC20201231.txt
	# 8700 in the bank were 4000 + 4000 of funds and 700; masks is overspent.
	[[ $output == *'"entries":6,"accounts":{"110000":-700,"196000":-2500,"512000":2300,'* ]]
	[[ $output == *'"789600":-5500}'* ]]
	# A month of it begins with what the year began with, and ends as it is.
	as hub export fec books --period 2020-03
	check fec books/ASSOFEC20200331.txt
	[[ $output == *'"entries":1,'*'"119000":5700,"196000":-8000,"512000":2300}'* ]]
	as hub export paheko p.csv --period 2020
	grep -q '^5;Avancé;;Employé;31/12/2020;;FD-filament;196;Fonds dédiés [^;]*;15,00;0,00;;;;;filament;' p.csv
}

@test "the checker refuses what the tax office refuses" {
	command -v node >/dev/null || skip "node is not installed"
	everything_happened
	mkdir books wrong
	as hub export fec books --period 2020 2>/dev/null
	local file=ASSOFEC20201231.txt rule
	check fec books/$file
	for rule in 's/,/./' '3s/\t50,00/\t50,01/' '3s/^BQ/OD/' \
		's/JournalLib/JournalLIB/' '4d' '3s/\t[^\t]*$//' \
		'$s/20200415/20200431/' '$s/\t20200415\t\t\r/\t20190415\t\t\r/' \
		'2s/512000/51B000/' '2s/Don manuel[^\t]*//' '3s/\t1\t/\t2\t/' \
		'2s/manuel/män/' '2s/hub.13/hub\/14/' '2s/Banque\t\t/Banque\tx\t/' \
		'2s/50,00\t0,00/50,00\t50,00/' '$s/\r$//' 's/\t/|/'; do
		sed "$rule" books/$file >wrong/$file
		never cmp -s books/$file wrong/$file
		never node "$ROOT/tests/verify/exports.mjs" fec wrong/$file
	done 2>/dev/null
	cp books/$file wrong/ASSO20201231.txt
	never node "$ROOT/tests/verify/exports.mjs" fec wrong/ASSO20201231.txt
}

@test "what a FEC cannot be is said" {
	found_network hub
	run_as hub export fec --siren 123456789
	expect 65
	run_as hub export fec . --siren 123456782
	expect 64
	[[ $stderr == *"--period"* ]]
	run_as hub export fec --period 2020-13
	expect 65
	run_as hub export bundle all --period 2020
	expect 64
	run_as hub export hledger --siren 123456782
	expect 64
	run_as hub export fec --place FR
	expect 64
	run_as hub export xml
	expect 64
	[[ $stderr == *paheko* ]]
	run_as hub export csv no/such/folder
	expect 73
	# Nothing was recorded: each form is whole all the same.
	for form in hledger csv fec paheko epcis jsonl; do
		run_as hub export "$form"
		expect 0
	done
	run_as hub export tiles logs
	expect 1
	[ ! -e logs ] && [ ! -e logs.part ]
}

@test "Paheko gets whole entries with funds as projects" {
	everything_happened
	as hub export paheko all.csv 2>/dev/null
	[ "$(head -c 3 all.csv | od -An -tx1)" = " ef bb bf" ]
	[[ $(head -n 1 all.csv) == *"Numéro d'écriture;Type;Statut;Libellé;Date;Remarques;Numéro pièce comptable;Numéro compte;Libellé compte;Débit;Crédit;Référence ligne;Libellé ligne;Rapprochement;Lettrage;Projet analytique;Membres associés"* ]]
	grep -q '^1;Avancé;;Don manuel : helloasso:A17;02/04/2020;[0-9a-f]*;hub/13;512;Banque;50,00;0,00;;;;;filament;' all.csv
	grep -q '^3;Avancé;;"Don manuel : chèque; été printemps";' all.csv
	# Debits are credits, in each entry and in all.
	tail -n +2 all.csv | sed 's/"[^"]*"/text/g' | awk -F';' '
		{ gsub(",", "", $10); gsub(",", "", $11); d[$1] += $10; c[$1] += $11 }
		END { for (i in d) if (d[i] != c[i] || d[i] == 0) exit 1 }'
	as hub export paheko --period 2020-05 2>/dev/null >may.csv
	[ "$(tail -n +2 may.csv | wc -l)" -eq 2 ]
	grep -q '^1;Avancé;;À nouveau;01/05/2020;;AN;512;Banque;1251,11;0,00;' may.csv
}

@test "the spreadsheet has every line of every record, once, in its newest version" {
	everything_happened
	as hub export csv all.csv
	[ "$(head -c 3 all.csv | od -An -tx1)" = " ef bb bf" ]
	grep -q ';produce;lea;;lines;visor/v30;61;piece;' all.csv
	grep -q ';produce;lea;;use;petg;900;g;' all.csv
	never grep -q ';produce;lea;;lines;visor/v30;60;' all.csv
	never grep -q 'hub/24;' all.csv # it did not occur
	grep -q ';deliver;max;;lines;visor/v30;3;piece;Ehpad des Lilas;' all.csv
	grep -q ';23,40;EUR;filament;;mission;PETG 1 kg;' all.csv
	grep -q ';accepted;visor/v30;30;piece;.*;broken;[0-9a-f]\{64\}' all.csv
	never grep -q "Privée\|Jeanne\|Durand" all.csv
	# Every row has as many cells as the header.
	sed 's/"[^"]*"/text/g' all.csv | awk -F';' '
		NR == 1 { n = NF } NF != n { exit 1 }'
	as hub export csv --period 2020-04 april.csv
	cmp all.csv april.csv || [ "$(wc -l <april.csv)" -lt "$(wc -l <all.csv)" ]
	as hub export csv --period 2020-05 may.csv
	[ "$(wc -l <may.csv)" -eq 1 ]
	as hub export csv --under max max.csv
	[ "$(tail -n +2 max.csv | cut -d';' -f 6 | sort -u)" = max ]
}

@test "EPCIS events have the form and the words of the standard" {
	everything_happened
	as hub approve visor/v30 >/dev/null
	as hub approve visor/v29 --withdraw "visors fall apart" >/dev/null
	as hub request 40 visor --place FR-88 >/dev/null
	as hub export epcis all.jsonld
	check epcis all.jsonld
	[[ $output == *'"events":'* && $output == *'"errorDeclaration":3'* ]]
	[[ $output == *'"shipping":8'* && $output == *'"receiving":9'* ]]
	[[ $output == *'"destroying":1'* && $output == *'"stock_taking":2'* ]]
	[[ $output == *'"holding":1'* && $output == *'"TransactionEvent":1'* ]]
	[[ $output == *'"creating_class_instance":'* ]]
	grep -q '/item/visor/v30/lot/A%3B1"' all.jsonld
	grep -q '"uom":"GRM"' all.jsonld
	grep -q '"set":\["mismatch_quantity"\]' all.jsonld
	never grep -q "Privée" all.jsonld
	as auditor up --once >/dev/null
	as auditor export epcis theirs.jsonld
	cmp all.jsonld theirs.jsonld
}

@test "the checker refuses what is no EPCIS 2.0" {
	command -v node >/dev/null || skip "node is not installed"
	local rule
	everything_happened
	as hub export epcis all.jsonld
	check epcis all.jsonld
	for rule in 's/"type":"ObjectEvent"/"type":"QuantityEvent"/' \
		's/"type":"ObjectEvent",//' 's/"eventID":"[^"]*",//' \
		's/"bizStep":"shipping"/"bizStep":"shipped"/' \
		's/"disposition":"in_transit"/"disposition":"in-transit"/' \
		's/+00:00/+0000/' 's/"eventTimeZoneOffset":"[^"]*",//' \
		's/"action":"OBSERVE"/"action":"LOOK"/' \
		's/"action":"ADD",//' 's/"quantity":61/"quantity":0/' \
		's/"quantity":61/"quantity":-61/' \
		's/"quantity":61/"quantity":"61"/' \
		's/"quantity":2400,"uom"/"uom"/' 's/"GRM"/"gram"/' \
		's/"schemaVersion":"2.0"/"schemaVersion":"1.2"/' \
		's/epcis-context/context/' 's/"recadv"/"receipt"/' \
		's/"declarationTime":"[^"]*",//' 's/incorrect_data/wrong/' \
		's/"possessing_party","source"/"holder","source"/' \
		's/T00:00:00Z","eventTimeZone/","eventTimeZone/' \
		's/"epcClass":"maillon:/"epcClass":"/' \
		's/"mismatch_quantity"/"mismatch"/' \
		's/"inputQuantityList":\[[^]]*\]/"inputQuantityList":[]/' \
		's/"bizStep"/"bizstep"/' 's/"type":"EPCISDocument",//' \
		's/"eventTime":"2020/"eventTime":"12020/' \
		's/"recordTime":"2020-04-0/"recordTime":"2020-04-3/' \
		's/"creationDate":"[^"]*"/"creationDate":"9007199254740991"/' \
		's/"source":"maillon:/"source":"%0:/' \
		's/"epcClass":"maillon:\([0-9a-f]*\)/"epcClass":"maillon:\1 /' \
		's/A%3B1/A%ZZ1/' 's/"set":\[[^]]*\]/"set":[]/' \
		's/"set":\["mis/"set":["mismatch_class","mismatch_class","mis/' \
		's/{"set"/{"put":1,"set"/' 's/"epcClass":[^,]*,//' \
		's/"bizTransaction":"[^"]*"/"paper":"a:b"/' \
		's/"type":"desadv"/"type":"urn:epcglobal:cbv:btt:desadv"/' \
		's/"readPoint":{"id"/"readPoint":{"name"/' \
		's/"action":"OBSERVE"/"action":"OBSERVE","ilmd":{"a:b":1}/' \
		's/"action":"OBSERVE"/"action":"OBSERVE","parentID":"a:b"/' \
		's/"outputQuantityList"/"quantityList"/' \
		's/"inputQuantityList"/"action":"ADD","inputQuantityList"/' \
		's/"correctiveEventIDs":\["/"correctiveEventIDs":["is /' \
		's/"eventList"/"events"/' 's/"@context":\[/"@context":["a b",/' \
		's/"schemaVersion":"2.0"/"schemaVersion":2.0/'; do
		sed "$rule" all.jsonld >wrong.jsonld
		never cmp -s all.jsonld wrong.jsonld ||
			{ echo "changes nothing: $rule" >&3; return 1; }
		never node "$ROOT/tests/verify/exports.mjs" epcis wrong.jsonld ||
			{ echo "not refused: $rule" >&3; return 1; }
	done 2>/dev/null
}

@test "the tiles of a tree lead to the root that was signed" {
	everything_happened
	printf 'n;d\n' >many.csv
	for i in $(seq 700); do
		printf '%d;2020-05-01\n' "$i" >>many.csv
	done
	printf '[record]\nkind = produce\n[columns]\nquantity = n\nwhen = d\n[set]\nitem = clip\n' >map
	as hub import csv --map map many.csv >/dev/null 2>&1
	as hub checkpoint >/dev/null
	sync hospital
	as hospital cosign >/dev/null
	sync hospital
	as hub export tiles log
	check tiles log
	[[ $output == *'"levels":2,"cosignatures":1'* ]]
	as hub log --json >log.json
	grep -qF "\"id\":\"$(od -An -v -tx1 -j 2 -N 32 log/tile/entries/000 |
		tr -d ' \n')\"" log.json
	as auditor up --once >/dev/null
	as auditor export tiles --under hub theirs/
	diff -r log theirs
	run_as hub export tiles log
	expect 73
	run_as hub export tiles
	expect 64
	[ ! -e log.part ]
	mkdir readonly.part
	run_as hub export tiles readonly
	expect 73
	[ -d readonly.part ] && [ ! -e readonly ]
}

@test "what others wrote does no harm in any form" {
	found_network hub
	local evil='=1+2";DROP|x  ; y:z'
	as hub produce 5 clip --lot "$evil" >/dev/null
	as hub donate "5 EUR" --source "$evil" >/dev/null
	as hub spend "2 EUR" --purpose "$evil" >/dev/null
	as hub donate "1 EUR" --source "@SUM(A1)" >/dev/null
	as hub spend "1 EUR" --purpose "(x) ! * ~ {x} <b>" >/dev/null
	as hub lose "1 clip" --reason "+cmd" >/dev/null
	as hub deliver "1 clip" --to "==cmd()" >/dev/null
	mkdir books
	as hub export fec books --period 2020 >/dev/null
	as hub export fec "books/ASSOFEC20261231.txt"
	check fec books/ASSOFEC20261231.txt
	[[ $output == *'"entries":4'* && $output == *'"512000":300'* ]]
	as hub export csv all.csv
	as hub export paheko p.csv
	never grep -qE '(^|;)"?[=+@-]' all.csv
	never grep -qE '(^|;)"?[=+@-]' p.csv
	as hub export epcis all.jsonld
	check epcis all.jsonld
	if command -v hledger >/dev/null && command -v ledger >/dev/null; then
		as hub export hledger all.journal
		as hub totals --json >totals.json
		hledger -f all.journal check -s ordereddates
		hledger -f all.journal bal -E -O csv --layout=bare >hledger.csv
		check journal hledger.csv totals.json
		[ -z "$(hledger -f all.journal tags | grep -v '^record$')" ]
		ledger -f all.journal --strict --pedantic bal >/dev/null
	fi
}
