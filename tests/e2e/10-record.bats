#!/usr/bin/env bats
# Recording goods: what is printed, what is refused, what the book makes of it.

load helper

setup() {
	found_network hub
}

teardown() {
	stop_nodes
}

entries() {
	as hub --json log | wc -l
}

@test "without a node, or without a network, a record has nowhere to go" {
	run_as nobody produce 5 visor
	expect 78
	[[ $stderr == *"maillon init"* ]]
	make_member lea
	run_as lea produce 5 visor
	expect 78
	[[ $stderr == *"no network joined yet"* ]]
	[ -z "$output" ]
}

@test "a record prints its REF and its id, and both find it" {
	run_as hub produce 50 visor/v30 --lot L1 --grams 2100 --printer mk3
	expect 0
	[[ $output =~ ^hub/2\ [0-9a-f]{64}$ ]]
	id=${output#* }
	[ "$(as hub show hub/2 --json)" = "$(as hub show "$id" --json)" ]
	[ "$(as hub show "${id:0:8}" --json)" = "$(as hub show "$id" --json)" ]
	as hub log | grep -q '^hub/2 .* produce .* 50 visor/v30'
	[ "$(as hub show "$id" --raw | b2sum -l 256)" = "$id  -" ]
}

@test "nonsense is refused before anything is signed" {
	before=$(entries)
	for qty in 0 -5 1.5 abc '' 68719476736 99999999999999999999 +3 0x10; do
		run_as hub produce "$qty" visor/v30
		expect 65
		[ -z "$output" ]
		run_as hub deliver "$qty visor/v30" --to =CHU
		expect 65
		run_as hub lose "$qty" visor/v30 --reason broken
		expect 65
		run_as hub supply "$qty" visor/v30 --from =Shop
		expect 65
	done
	run_as hub count -1 visor
	expect 65
	for item in Visor visor/ /v30 visor/v30/x 'vi sor' '' é \
		aaaaaaaaaabbbbbbbbbbccccccccccddd; do
		run_as hub produce 5 "$item"
		expect 65
	done
	run_as hub produce 5 visor --when 2020-02-30
	expect 65
	run_as hub produce 5 visor --when 1969-12-31
	expect 65
	run_as hub produce 5 visor --rejected -1
	expect 65
	run_as hub produce 68719476735 visor --rejected 1
	expect 65
	run_as hub produce 5 visor --lot $'a\nb'
	expect 65
	run_as hub produce 5 visor --source guessed
	expect 65
	[ "$(entries)" = "$before" ]
	run_as hub produce 68719476735 visor
	expect 0
}

@test "what is not how a command is used says the usage" {
	for line in 'produce' 'produce 5 visor --nothing' 'produce 5 visor --lot' \
		'produce 5 visor -x' 'deliver 5 visor' 'receive' \
		'receive a b' 'lose 5 visor' 'supply 5 visor' \
		'deliver 5 visor --to =CHU --final --moved' \
		'produce 5 visor --json' 'correct hub/1' \
		'stock --by moon' 'status --lot L'; do
		# shellcheck disable=SC2086
		run_as hub $line
		expect 64
		[[ $stderr == *"usage: maillon ${line%% *}"* ]]
		[ -z "$output" ]
	done
	run_as hub produce 5 visor 6 clip
	expect 64
	run_as hub produce 5
	expect 65
	run "$MAILLON"
	[ "$status" -eq 64 ]
	run "$MAILLON" porduce 5 visor
	[ "$status" -eq 64 ]
	[[ $output == *"did you mean produce"* ]]
}

@test "--home may stand before or after the verb" {
	"$MAILLON" --home "$BATS_TEST_TMPDIR/hub" produce 1 visor
	"$MAILLON" produce 1 visor --home "$BATS_TEST_TMPDIR/hub"
	"$MAILLON" produce --home="$BATS_TEST_TMPDIR/hub" 1 visor
	MAILLON_HOME="$BATS_TEST_TMPDIR/hub" "$MAILLON" produce 1 visor
	cd "$BATS_TEST_TMPDIR"
	"$MAILLON" --home hub produce 1 visor
	[ "$(entries)" = 6 ]
}

@test "a name is a member, or says that it is outside" {
	run_as hub deliver 5 visor --to hubb
	expect 65
	[[ $stderr == *"did you mean hub"* ]]
	run_as hub deliver 5 visor --to 'CHU Nancy'
	expect 65
	[[ $stderr == *"=NAME"* ]]
	run_as hub deliver 5 visor --to hub
	expect 65
	run_as hub deliver 5 visor --to =
	expect 65
	run_as hub deliver 5 visor --to =CHU --by nobody
	expect 65
	[ "$(entries)" = 1 ]
}

@test "a private name never enters the ledger, a public one does once" {
	as hub deliver 5 visor --to '~Mme Dupont' --by '~Paul Martin'
	as hub deliver 5 visor --to '=CHU Nancy'
	as hub deliver 6 visor --to '= CHU Nancy '
	run as hub --json log
	[[ $output != *Dupont* && $output != *Martin* ]]
	[ "$(grep -c '"kind":"party"' <<<"$output")" = 1 ]
	[[ $output == *'"name":"CHU Nancy"'* ]]
	# The private table of this home remembers, so that it can show.
	as hub log | grep -q 'to ~Mme Dupont'
	as hub log | grep -q 'to =CHU Nancy'
	as hub export jsonl "$BATS_TEST_TMPDIR/out.jsonl"
	never grep -q -e Dupont -e Martin "$BATS_TEST_TMPDIR/out.jsonl"
}

@test "more than is on the shelf is recorded with a warning" {
	as hub produce 10 visor
	run_as hub deliver 8 visor --to =CHU
	expect 0
	[ -z "$stderr" ]
	run_as hub deliver 8 visor --to =CHU
	expect 0
	[[ $output =~ ^hub/5\ [0-9a-f]{64}$ ]]
	[[ $stderr == *"takes 8 visor"*"2 on hand"* ]]
	run_as hub produce 3 kit --use '3 visor'
	expect 0
	[[ $stderr == *"-6 on hand"* ]]
	as hub totals --json | grep -q '"on_hand":-9'
}

@test "a bill of materials says what is used when nobody does" {
	as hub item kit --bom '2 clip' --bom '1 visor'
	as hub supply 5 clip/v1 --from =Shop
	as hub supply 9 clip/v2 --from =Shop
	as hub supply 20 visor --from =Shop
	run_as hub produce 4 kit --key k1
	expect 0
	first=$output
	[[ $stderr == *"uses 5 clip/v1"*"uses 3 clip/v2"*"uses 4 visor"* ]]
	[ "$(grep -c 'on hand' <<<"$stderr")" = 0 ]
	as hub stock --json | grep -q '"item":"clip/v2".*"on_hand":6'
	# The same key is the same record, whatever is on the shelf now.
	run_as hub produce 4 kit --key k1
	expect 0
	[ "$output" = "$first" ]
	run_as hub produce 1 kit --use none
	expect 0
	[ -z "$stderr" ]
	run_as hub produce 1 kit --use '1 visor'
	expect 0
	[ -z "$stderr" ]
	# What is not there is taken under the name that the bill has.
	run_as hub produce 4 kit
	expect 0
	[[ $stderr == *"uses 6 clip/v2"*"uses 2 clip,"*"takes 2 clip and"* ]]
	run_as hub produce 1 kit --use none --use '1 visor'
	expect 65
	run_as hub produce 60000000000 kit
	expect 65
	[[ $stderr == *"--use none"* ]]
}

@test "a service is made by being delivered" {
	as hub item night --class service --unit night
	run_as hub deliver 3 night --to =Shelter --key n1
	expect 0
	first=$output
	[ -z "$stderr" ]
	as hub totals --json |
		grep -q '"item":"night","unit":"night","produced":3,.*"in_transit":3,"on_hand":0'
	run_as hub audit --json
	[[ $output != *QTY-01* ]]
	# The same key is the same record, whatever is declared by now.
	as hub item night --class product --unit night
	run_as hub deliver 3 night --to =Shelter --key n1
	expect 0
	[ "$output" = "$first" ]
	as hub item night --class service --unit night
	run_as hub deliver '1 night' '1 visor' --to =Shelter
	expect 65
	[[ $stderr == *"record it apart"* ]]
	run_as hub deliver 1 night --to =Shelter --moved
	expect 65
}

@test "no correction makes goods of a service, or a service of goods" {
	as hub item night --class service --unit night
	N=$(id_of hub deliver 3 night --to =Shelter)
	G=$(id_of hub deliver 3 visor --to =Shelter 2>/dev/null)
	before=$(as hub log --json | wc -l)
	for set in "$N lines=3 visor" "$N service=" "$G lines=3 night" \
		"$G service=yes"; do
		run_as hub correct "${set%% *}" --reason incorrect-data \
			--set "${set#* }"
		expect 65
		[[ $stderr == *"record it apart"* ]]
	done
	[ "$(as hub log --json | wc -l)" = "$before" ]
	as hub correct "$N" --reason incorrect-data --set "lines=4 night"
	as hub correct "$G" --reason incorrect-data --set "lines=4 visor"
	as hub totals --json | grep -q '"item":"night",.*"produced":4,'
}

@test "a key records once, whatever the clock says" {
	run_as hub produce 5 visor --key print-17
	expect 0
	first=$output
	run_as hub produce 5 visor --key print-17
	expect 0
	[ "$output" = "$first" ]
	MAILLON_NOW=2031-01-01 run_as hub produce 5 visor --key print-17
	expect 0
	[ "$output" = "$first" ]
	[ "$(entries)" = 2 ]
	run_as hub produce 6 visor --key print-17
	expect 65
	run_as hub lose 5 visor --reason x --key print-17
	expect 65
	run_as hub produce 5 visor --key ''
	expect 65
	[ "$(entries)" = 2 ]
	run_as hub produce 5 visor --key print-18
	expect 0
	[ "$output" != "$first" ]
}

@test "a key repeats a stock take that would come out otherwise now" {
	as hub produce 5 visor
	run_as hub count 3 visor --key k
	first=$output
	run_as hub count 3 visor --key k
	expect 0
	[ "$output" = "$first" ]
	run_as hub count 4 visor --key k
	expect 65
}

@test "when it happened, for whom, and with which document" {
	printf 'a delivery note\n' >"$BATS_TEST_TMPDIR/note.pdf"
	sum=$(sha256sum <"$BATS_TEST_TMPDIR/note.pdf")
	as hub produce 7 visor --for '~Paul' --when '2020-04-01T16:00+02:00' \
		--doc "$BATS_TEST_TMPDIR/note.pdf"
	run as hub --json log --kind produce
	[[ $output == *"\"doc\":\"${sum%% *}\""* ]]
	[[ $output == *'"when":1585749600000'* ]]
	never grep -q 'delivery note' -r "$BATS_TEST_TMPDIR/hub/ledger"
	# It is on Paul's shelf in our book, not on ours.
	as hub balance '~Paul' | grep -q 'visor .* 7'
	run as hub stock
	[[ $output == *"~Paul"* ]]
	run_as hub produce 1 visor --for hub
	expect 65
	run_as hub produce 1 visor --doc "$BATS_TEST_TMPDIR/nothing.pdf"
	expect 66
}

@test "a stock take records what was counted and the difference" {
	as hub produce 10 visor
	as hub count 12 visor
	as hub --json log --kind count | grep -q \
		'"counted":\[{"item":"visor","qty":12}\],"found":\[{"item":"visor","qty":2}\]'
	as hub count 0 visor --reason 'given away'
	as hub --json log --kind count | tail -n 1 | grep -q \
		'"counted":\[{"item":"visor","qty":0}\],"missing":\[{"item":"visor","qty":12}\]'
	as hub count 0 visor
	as hub --json log --kind count | tail -n 1 | grep -q \
		'"facts":{"counted":\[{"item":"visor","qty":0}\]}'
	as hub totals --json | grep -q \
		'"produced":10,.*"found":2,.*"on_hand":0,"lost":12'
}

@test "goods are lost on the shelf, or on the way and never more than are open" {
	as hub produce 20 visor
	as hub lose 1 visor --reason 'stepped on'
	id=$(id_of hub deliver 10 visor --to =CHU)
	run_as hub lose 11 visor --reason fell --delivery "$id"
	expect 65
	run_as hub lose 1 clip --reason fell --delivery "$id"
	expect 65
	run_as hub lose 4 visor --reason fell --delivery "$id"
	expect 0
	run_as hub lose 7 visor --reason fell --delivery "$id"
	expect 65
	run_as hub lose 1 visor --reason fell --delivery hub/2
	expect 65
	as hub totals --json | grep -q '"in_transit":6,"on_hand":9,"lost":5'
}

@test "a correction replaces what counts and keeps both to be seen" {
	id=$(id_of hub produce 50 visor/v30 --lot L1 --key once)
	as hub correct "$id" --reason incorrect-data --set 'lines=48 visor/v30'
	as hub totals --json | grep -q '"produced":48'
	# The next one builds on it, and takes a fact away.
	as hub correct "$id" --reason incorrect-data --set lot= \
		--set rejected=2
	run as hub show "$id"
	[[ $output == *"50 visor/v30"*"corrected"*"48 visor/v30"* ]]
	as hub --json show "$id" | grep -q \
		'"newest":{"lines":\[{"item":"visor/v30","qty":48}\],"rejected":2}'
	# The key still stands for the record as it was.
	run_as hub produce 50 visor/v30 --lot L1 --key once
	expect 0
	[[ $output == *"$id" ]]
	as hub correct "$id" --reason did-not-occur
	as hub totals --json | grep -q '"items":\[\]'
	run_as hub correct "$id" --reason did-not-occur
	expect 65
}

@test "no correction makes goods delivered for good of goods handed on" {
	read -r REF ID < <(as hub deliver 1 visor/v30 --to =Ailleurs)
	for v in no yes ''; do
		run_as hub correct "$ID" --reason incorrect-data --set "final=$v"
		expect 65
		[[ $stderr == *"withdraw the delivery, and record it anew"* ]]
	done
}

@test "corrections that make no sense are refused" {
	id=$(id_of hub produce 50 visor)
	deliver=$(id_of hub deliver 5 visor --to =CHU)
	receive=$(id_of hub receive "$deliver" --accepted 1)
	run_as hub correct "$id" --reason incorrect-data
	expect 64
	run_as hub correct "$id" --reason did-not-occur --set lot=x
	expect 64
	for set in 'lines=0 visor' 'lines=' 'to=hub' 'key=00' 'nothing=1' lot \
		'orphan=00' 'rejected=-1'; do
		run_as hub correct "$id" --reason incorrect-data --set "$set"
		expect 65
	done
	run_as hub correct "$id" --reason because
	expect 65
	run_as hub correct hub/1 --reason did-not-occur
	expect 65
	run_as hub correct "$receive" --reason incorrect-data --set "deliver=$id"
	expect 65
	run_as hub correct 00000000 --reason did-not-occur
	expect 65
}

@test "a record that is not here is told apart from one that is ambiguous" {
	run_as hub show hub/9
	expect 1
	run_as hub show 0123456789
	expect 1
	run_as hub show nonsense
	expect 65
	run_as hub receive 0123456789
	expect 65
	id=$(id_of hub produce 1 visor)
	run_as hub receive "$id"
	expect 65
}

@test "twenty commands at once record twenty times" {
	for i in $(seq 20); do
		as hub produce 1 visor >>"$BATS_TEST_TMPDIR/refs" &
	done
	wait
	[ "$(sort -u "$BATS_TEST_TMPDIR/refs" | wc -l)" = 20 ]
	as hub totals --json | grep -q '"produced":20'
}

@test "with the node running, commands record through it" {
	start_node hub
	run_as hub produce 5 visor --key through
	expect 0
	[[ $output =~ ^hub/[0-9]+\ [0-9a-f]{64}$ ]]
	first=$output
	run_as hub produce 5 visor --key through
	expect 0
	[ "$output" = "$first" ]
	run_as hub produce 6 visor --key through
	expect 65
	as hub deliver 2 visor --to '~Mme Dupont'
	as hub log | grep -q '~Mme Dupont'
	stop_node hub KILL
	# What was answered survived the kill.
	as hub totals --json | grep -q '"produced":5.*"delivered":2'
}

@test "the addressee acknowledges, the sender only claims" {
	start_node hub
	join_network lea hub maker
	join_network chu hub recipient
	join_network paul hub courier
	sync lea
	as lea produce 100 visor/v30
	final=$(id_of lea deliver 50 visor/v30 --to chu --by paul)
	moved=$(id_of lea deliver 20 visor/v30 --to hub)
	sync lea chu paul

	# By default all that is open, after what is refused.
	run_as chu receive "$final" --refused 2
	expect 64
	run_as chu receive "$final" --accepted 49 --refused 2 --reason broken
	expect 65
	run_as chu receive "$final" --accepted clip=1
	expect 65
	run_as chu receive "$final" --refused 2 --reason broken --key r1
	expect 0
	first=$output
	run_as chu receive "$final" --refused 2 --reason broken --key r1
	expect 0
	[ "$output" = "$first" ]
	run_as chu receive "$final"
	expect 65
	run_as hub receive "$moved"
	expect 0
	sync chu lea
	run as lea totals --json
	[[ $output == *'"moved":20,"delivered":50,"acknowledged":{"A":48,"B":0,"C":0}'* ]]
	[[ $output == *'"refused":2,"in_transit":0,"on_hand":52'* ]]
	as lea balance | grep -q 'visor/v30'

	# Others: with the paper, or not at all.
	paper=$(id_of lea deliver 10 visor/v30 --to =EHPAD --by paul)
	sync lea paul chu
	printf 'signed\n' >"$BATS_TEST_TMPDIR/paper"
	run_as chu receive "$paper"
	expect 77
	run_as paul receive "$paper" --paper "$BATS_TEST_TMPDIR/paper"
	expect 77
	run_as lea receive "$paper" --accepted 4
	expect 0
	run_as lea receive "$paper" --accepted 7
	expect 65
	run_as hub receive "$paper" --paper "$BATS_TEST_TMPDIR/paper" \
		--accepted 9
	expect 0
	sync lea
	run as lea totals --json
	[[ $output == *'"acknowledged":{"A":48,"B":0,"C":9}'* ]]

	# Somebody else's records are not ours to correct or to lose.
	run_as chu correct "$paper" --reason did-not-occur
	expect 77
	run_as chu lose 1 visor/v30 --reason x --delivery "$paper"
	expect 77
}

@test "a delivery is final or moved by who gets it, unless that is said" {
	start_node hub
	join_network lea hub maker
	join_network chu hub recipient
	as hub produce 50 visor
	as hub deliver 1 visor --to lea
	as hub deliver 2 visor --to chu
	as hub deliver 3 visor --to =CHU
	as hub deliver 4 visor --to lea --final
	as hub deliver 5 visor --to chu --moved
	run as hub --json log --kind deliver
	for pair in 1:no 2:yes 3:yes 4:yes 5:no; do
		grep -q "\"qty\":${pair%:*}}.*\"final\":\"${pair#*:}\"" \
			<<<"$output"
	done
}

@test "messages are French where French is asked for, and JSON never is" {
	run env -u LC_ALL LANG=fr_FR.UTF-8 "$MAILLON" \
		--home "$BATS_TEST_TMPDIR/nobody" produce 5 visor
	[ "$status" -eq 78 ]
	[[ $output == *"aucun nœud"* ]]
	run env -u LC_ALL LANG=de_DE.UTF-8 "$MAILLON" \
		--home "$BATS_TEST_TMPDIR/nobody" produce 5 visor
	[[ $output == *"there is no node"* ]]
	LC_ALL=C as hub status --json >"$BATS_TEST_TMPDIR/c"
	grep -q '"peers":\[\],"missing":0,"missing_feeds":0,"tips":{"known":1,"seen":1,"replayed":1},"recalled":\[\]}$' "$BATS_TEST_TMPDIR/c"
	LC_ALL=fr_FR.UTF-8 as hub status --json >"$BATS_TEST_TMPDIR/fr"
	cmp "$BATS_TEST_TMPDIR/c" "$BATS_TEST_TMPDIR/fr"
}

@test "help, completion and manual know every command" {
	run "$MAILLON" help
	[ "$status" -eq 0 ]
	verbs=$(sed -n 's/^  \([a-z]*\) .*/\1/p' <<<"$output")
	[ "$(wc -w <<<"$verbs")" -gt 10 ]
	manual=$("$MAILLON" manual)
	completion=$("$MAILLON" completion)
	bash -n <<<"$completion"
	for verb in $verbs; do
		run "$MAILLON" "$verb" --help
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == "usage: maillon $verb"* ]]
		grep -q "Cm $verb" <<<"$manual"
		grep -q "$verb)" <<<"$completion"
	done
	run "$MAILLON" --version
	[[ $output == maillon\ * ]]
	if command -v mandoc >/dev/null; then
		run mandoc -T lint -W error <<<"$manual"
		[ "$status" -eq 0 ]
	fi
}
