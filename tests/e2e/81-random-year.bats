#!/usr/bin/env bats
# A year of whatever may be recorded, by lot: every form adds up to the book,
# and to each other.  YEAR_SEED=N makes the same year again.

load helper
load story

setup() {
	cd "$BATS_TEST_TMPDIR"
	RANDOM=${YEAR_SEED:=$$}
	echo "# YEAR_SEED=$YEAR_SEED"
}

teardown() {
	stop_nodes
}

# choose WORD...: one of them, in $chosen.  (A subshell would have chances of its
# own, and no seed.)
choose() {
	shift $((RANDOM % $#))
	chosen=$1
}

# Sets $who and $deed to somebody's next record.
next_deed() {
	local n=$((RANDOM % 90 + 1)) few=$((RANDOM % 9 + 1)) fund category to
	local euro="$((RANDOM % 900 + 1)).$((RANDOM % 90 + 10)) EUR" goods
	choose filament masks && fund=$chosen
	choose mission running fundraising && category=$chosen
	choose nurse =Ehpad ~X && to=$chosen
	choose night petg && goods=$chosen
	choose EUR USD CHF
	deed=(spend "$n $chosen" --purpose stamps)
	choose hub hub lea && who=$chosen
	case $((RANDOM % 21)) in
	0 | 1) deed=(donate "$euro" --fund $fund) ;;
	2) deed=(donate "$euro") ;;
	3) deed=(donate "$euro" --waived --km $n) ;;
	4) deed=(donate "$euro" --hours $few --fund masks) ;;
	5) deed=(donate "$euro" --in-kind "$few sheet") ;;
	6) deed=(spend "$euro" --purpose thread --fund $fund
		--category $category) ;;
	7) ;;
	8) deed=(produce $n visor --rejected $few --lot "L$((n % 4))") ;;
	9) deed=(supply "$n petg" --value "$euro") ;;
	10) deed=(deliver "$few visor" --to "$to") ;;
	11) deed=(lose "$few visor" --reason fell) ;;
	12) deed=(count "$n visor") ;;
	13) correction ;;
	14) deed=(deliver "$few $goods" --to "$to") ;;
	15) deed=(produce $few frame --use "$n petg") ;;
	16) deed=(deliver "$few visor" "1 petg" --to courier) ;;
	17) deed=(produce $few visor --for "~X") ;;
	18) deed=(deliver "$few visor" --to "$to" --for "~X") ;;
	19) deed=(count "$n petg" "$few visor") ;;
	20) [ ${#sent[@]} -eq 0 ] || {
		choose "${sent[@]}"
		who=${chosen%:*}
		deed=(lose "1 visor" --reason rain --delivery "${chosen#*:}")
	} ;;
	esac
	case ${deed[*]} in donate* | spend* | supply* | *night*) who=hub ;; esac
}

correction() {
	[ ${#recorded[@]} -gt 0 ] || return 0
	choose "${recorded[@]}"
	who=${chosen%:*}
	deed=(correct "${chosen#*:}" --reason)
	choose "amount=$few.07 EUR" fund=masks fund= category=running \
		"lines=$n visor" to=lea final=no "use=$few petg" for= \
		"counted=$n visor" when=2020-06-01 nothing
	if [ "$chosen" = nothing ]; then
		deed+=(did-not-occur)
	else
		deed+=(incorrect-data --set "$chosen")
	fi
}

a_year() {
	local recorded=() sent=() deed who id of day chosen
	for ((i = 0; i < 200; i++)); do
		next_deed
		day=$(printf '2020-%02d-%02d' $((1 + i / 17)) $((RANDOM % 27 + 1)))
		# Much is refused: a gift of hours has no lines to be corrected.
		id=$(id_at "$day" "$who" "${deed[@]}" 2>/dev/null) || continue
		[ "${deed[0]}" = correct ] || recorded+=("$who:$id")
		[ "${deed[0]}" != deliver ] || sent+=("$who:$id")
	done
	sync lea nurse courier
	for of in "${sent[@]}"; do
		for who in nurse lea courier; do
			choose "" "--accepted 1" "--refused 1 --reason bad" \
				"--paper $BATS_TEST_TMPDIR/paper"
			id=$(id_at 2020-12-28 $who receive "${of#*:}" $chosen \
				2>/dev/null) || continue
			choose no no no did-not-occur
			[ $chosen = no ] || at 2020-12-29 $who correct "$id" \
				--reason $chosen >/dev/null
		done
	done
	# What reached the courier goes on.
	for of in 1 2 3 4; do
		at 2020-12-30 courier deliver "$of visor" --to nurse
	done >/dev/null 2>&1
	sync lea nurse courier lea nurse
}

@test "a year by lot adds up in every form" {
	command -v node >/dev/null || skip "node is not installed"
	local x="$ROOT/tests/verify/exports.mjs" i
	found_network hub
	start_node hub
	join_network lea hub maker
	join_network nurse hub recipient
	join_network courier hub courier
	echo signed >paper
	at 2020-01-01 hub item night --class service >/dev/null
	sync lea
	a_year
	as hub totals --json >totals.json
	as hub report treasurer --json >treasurer.json
	mkdir books
	at 2021-01-01 hub close 2020 >/dev/null
	as hub export fec books --period 2020 2>/dev/null
	as hub export fec books --period 2021 2>/dev/null
	node "$x" fec books/ASSOFEC20201231.txt totals.json
	node "$x" fec books/ASSOFEC20211231.txt
	as hub export epcis all.jsonld
	node "$x" epcis all.jsonld totals.json
	as hub export hledger all.journal
	if command -v hledger >/dev/null; then
		hledger -f all.journal check -s ordereddates
		hledger -f all.journal bal -E -O csv --layout=bare >balances
		node "$x" journal balances totals.json treasurer.json
	fi
	if command -v ledger >/dev/null; then
		ledger -f all.journal --strict --pedantic csv |
			cut -d, -f 4-6 >balances
		node "$x" journal balances totals.json treasurer.json
	fi
	for i in 01 02 03 04 05 06 07 08 09 10 11 12; do
		as hub report treasurer --json --period 2020-$i >money-$i
		as hub report coordinator --json --period 2020-$i >goods-$i
	done
	node "$x" parts totals.json money-* goods-*
	# Whoever holds the same says the same.
	as lea up --once --timeout 20
	as lea totals --json | cmp - totals.json
	as lea export epcis | cmp - all.jsonld
	as lea export hledger | cmp - all.journal
	as hub fsck
	# It was a year, and not an empty one.
	[ "$(as hub log --json | wc -l)" -gt 120 ]
}
