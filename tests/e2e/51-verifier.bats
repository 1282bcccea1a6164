#!/usr/bin/env bats
# A second verifier, in another language, counts what the audit counts.

load helper
load story

setup() {
	command -v node >/dev/null || skip "node is not installed"
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	stop_nodes
}

# items_of FILE: the goods of an audit or of what the second verifier said.
items_of() {
	grep -o '"items":\[[^]]*\]' "$1" | head -n 1
}

# agree: our audit of a bundle and theirs have the same cut and the same goods.
agree() {
	as auditor export bundle all
	as auditor audit all --json >ours.json || [ $? -eq 1 ]
	node "$ROOT/tests/verify/verify.mjs" bundle all >theirs.json ||
		[ $? -eq 1 ]
	[ "$(grep -o '"digest":"[0-9a-f]*"' ours.json)" = \
		"$(grep -o '"cut":"[0-9a-f]*"' theirs.json | sed 's/cut/digest/')" ]
	items_of ours.json
	[ "$(items_of ours.json)" = "$(items_of theirs.json)" ]
}

# column NAME: of visor/v30, in what both agreed on.
column() {
	items_of theirs.json | tr '{' '\n' | grep -A1 '"visor/v30"' | tr -d '\n' |
		sed 's/.*"'"$1"'":\(-\{0,1\}[0-9]*\).*/\1/'
}

@test "receipts of every grade, corrections, losses and counts" {
	everything_happened
	agree
	# Neither is a column of zeros: the story is in the figures.
	[ "$(column produced)" = 88 ] && [ "$(column rejected)" = 2 ]
	[ "$(column A)" = 43 ] && [ "$(column B)" = 0 ]
	[ "$(column C)" = 2 ] && [ "$(column claimed)" = 4 ]
	[ "$(column moved)" = 58 ] && [ "$(column delivered)" = 67 ]
	[ "$(column refused)" = 3 ] && [ "$(column lost)" = 3 ]
	[ "$(column found)" = 3 ] && [ "$(column in_transit)" = 17 ]
}

@test "services, of which some are refused" {
	local d
	everything_happened
	as hub item night --class service --unit night >/dev/null
	sync lea
	d=$(id_of lea deliver "5 night" --to town)
	sync lea town
	as town receive "$d" --accepted 3 --refused 1 --reason "no show" >/dev/null
	sync lea town auditor
	agree
	items_of ours.json | grep -q \
		'"item":"night","unit":"night","produced":4,.*"refused":1,"in_transit":1,"on_hand":0'
}

@test "receipts by keys that others enrolled, once, by whomever passed on" {
	local key="$BATS_TEST_TMPDIR/clinic.key" d own
	everything_happened
	as hub enrol clinic --new "$key" --place FR-88 >/dev/null
	sync lea town
	d=$(id_of lea deliver "3 visor/v30" --to clinic --final)
	as lea receive "$d" --accepted 2 --receipt-key "$key" >/dev/null
	sync lea town
	as town receive "$d" --refused 1 --reason broken --receipt-key "$key" \
		>/dev/null
	# The hub enrolled that key, so it says nothing of what the hub sends.
	as hub produce 2 visor/v30 >/dev/null
	own=$(id_of hub deliver "2 visor/v30" --to clinic --final)
	run_as hub receive "$own" --receipt-key "$key"
	expect 77
	as hub receive "$own" >/dev/null
	sync town lea auditor
	agree
	[ "$(column B)" = 2 ] && [ "$(column refused)" = 4 ]
	[ "$(column claimed)" = 6 ]
	# The sender's own correction keeps what was signed, or is none.
	as lea correct "$d" --reason incorrect-data \
		--set "lines=2 visor/v30" >/dev/null
	sync lea auditor
	agree
}

@test "records that were issued again, with the original and without" {
	local sent made
	everything_happened
	# The card of lea's machine is put back as it was: what nobody had is
	# recorded again in a new feed, references and all.
	sync lea auditor
	cp -a lea lea.copy
	made=$(id_of lea produce 4 visor/v30)
	sync lea
	rm -rf lea state/lea
	mv lea.copy lea
	as lea produce 8 visor/v30 >/dev/null
	sent=$(id_of lea deliver "6 visor/v30" --to courier)
	as lea correct "$made" --reason did-not-occur 2>/dev/null >/dev/null ||
		true
	as lea lose "1 visor/v30" --reason fell --delivery "$sent" >/dev/null
	sync lea
	sync lea auditor courier
	as auditor log --json >log
	grep -q "\"orphan\":\"$sent\"" log
	as courier receive "$(as courier log --json --kind deliver |
		grep -F "\"orphan\":\"$sent\"" |
		sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')" \
		--accepted 5 >/dev/null
	sync courier auditor
	agree
	[ "$(column produced)" = 100 ] && [ "$(column moved)" = 64 ]
	[ "$(column lost)" = 4 ]
}

@test "members who were dismissed, and what was pinned of them" {
	everything_happened
	as max produce 5 visor/v30 >/dev/null
	as hub dismiss max --reason "left" >/dev/null
	sync max || true
	sync auditor
	agree
	# What came after the dismissal does not count; the receipt of the
	# hospital for what max sent before still does.
	[ "$(column produced)" = 88 ] && [ "$(column A)" = 43 ]
	as hub dismiss hospital --reason "closed" >/dev/null
	sync auditor
	agree
}

@test "a machine that was copied and runs twice: the feed stops at the fork" {
	everything_happened
	cp -a max max2
	cp -a state/max state/max2
	as max produce 2 visor/v30 >/dev/null
	as max2 produce 4 visor/v30 >/dev/null
	as max2 produce 8 visor/v30 >/dev/null
	sync max auditor
	# The other machine meets nobody but by a stick.
	as max2 export bundle stick
	run_as auditor import bundle stick
	expect 1
	run_as auditor audit --json
	grep -q '"forks":\[{"feed":' <<<"$output"
	agree
	[ "$(column produced)" = 88 ]
}

@test "idempotent records, services and outsiders' shelves" {
	everything_happened
	as lea produce 3 visor/v30 --key same >/dev/null
	as lea produce 3 visor/v30 --key same >/dev/null
	as lea item night --unit night --class service >/dev/null
	as lea supply "2 night" --from "~Hôtel" --for "~Hôtel" >/dev/null
	as lea deliver "2 night" --to hospital --for "~Hôtel" --final >/dev/null
	as max deliver "2 visor/v31" --to town --final >/dev/null
	sync lea max auditor
	agree
	[ "$(column produced)" = 91 ]
	[[ $(items_of theirs.json) == *'"item":"night","unit":"night"'* ]]
}

@test "of one feed the first 256 losses of a delivery count" {
	local d i
	found_network hub
	start_node hub
	join_network town hub recipient
	join_network auditor hub auditor
	as hub produce 400 visor/v30 >/dev/null
	d=$(id_of hub deliver "300 visor/v30" --to town --final)
	for ((i = 0; i < 258; i++)); do
		as hub lose "1 visor/v30" --reason rain --delivery "$d"
	done >/dev/null
	run_as hub receive "$d" --accepted 1
	expect 65
	[[ $stderr == *"256 receipts and losses"*"correct one of them"* ]]
	sync town
	as town receive "$d" --accepted 40 >/dev/null
	sync town auditor
	agree
	[ "$(column lost)" = 256 ]
	as hub --json totals | grep -q '"lost":256}'
	as hub fsck
}

# book_of FILE SEED: rows, closed periods and sample, by the second verifier.
book_of() {
	node "$ROOT/tests/verify/verify.mjs" book "$@"
}

@test "the book of the vectors" {
	local book="$ROOT/tests/vectors/book.maillon"
	book_of "$book" 7-19-23-31-40 | cmp - "$ROOT/tests/vectors/book.txt"
	run "$MAILLON" audit "$book" --json --network \
		"$(sed -n 's/^network //p' "$ROOT/tests/vectors/book.txt")"
	[ "$status" -eq 1 ]
	[[ $output == *"\"digest\":\"$(sed -n 's/^cut //p' \
		"$ROOT/tests/vectors/book.txt")\""* ]]
	# One period was closed with other balances than the records have.
	[ "$(grep -o '"code":"FIN-07"' <<<"$output" | wc -l)" -eq 1 ]
	run node "$ROOT/tests/verify/verify.mjs" bundle "$book"
	[ "$status" -eq 1 ]
	[[ $output == *'"findings":[{"code":"FIN-07","subject":"'* ]]
}

@test "periods that were closed, and what an auditor draws" {
	everything_happened
	export MAILLON_NOW=2020-05-02
	as hub donate 50 EUR --when 2020-04-03 >/dev/null
	as hub donate 20 EUR --when 2020-04-04 --fund petg >/dev/null
	as hub spend 7 EUR --purpose filament --fund petg --when 2020-04-20 \
		>/dev/null
	as hub close 2020-04 >/dev/null
	as hub correct "$GIFT" --reason did-not-occur >/dev/null
	as hub donate 9 EUR --when 2020-04-09 >/dev/null 2>&1
	sync auditor
	agree
	grep -q '"periods":1,' theirs.json
	never grep FIN-07 ours.json theirs.json
	book_of all 3-14-15 >book
	[ "$(sed -n 's/^balances //p' book)" = "$(as hub log --json \
		--kind period | sed 's/.*"balances":"\([0-9a-f]*\)".*/\1/')" ]
	as auditor sample 99 --seed 3-14-15 --json | grep -o '"id":"[0-9a-f]*"' |
		sed 's/"id":"//; s/"//' >drawn
	[ "$(wc -l <drawn)" -gt 3 ]
	awk '$1 == "name" { of = $2 } $1 == "subject" && of == "deliveries" {
		print $2 }' book >same
	# A delivery of two items has two lines, one after the other.
	uniq drawn | cmp - same
}

@test "one figure changed is a figure that differs" {
	everything_happened
	as auditor export bundle all
	node "$ROOT/tests/verify/verify.mjs" bundle all >one.json
	as lea produce 1 visor/v30 >/dev/null
	sync lea auditor
	as auditor export bundle all
	node "$ROOT/tests/verify/verify.mjs" bundle all >two.json
	never [ "$(items_of one.json)" = "$(items_of two.json)" ]
}
