#!/usr/bin/env bats
# Showing: the ledger, one record, shelves, books and sums.

load helper

setup() {
	found_network hub
}

teardown() {
	stop_nodes
}

# items_of, associations_of JSON: those parts of a report, up to the next key.
items_of() {
	local rest=${1#*\"items\":}
	printf '%s\n' "${rest%%,\"associations\":*}"
}

associations_of() {
	local rest=${1#*\"associations\":}
	printf '%s\n' "${rest%%,\"funds\":*}"
}

@test "log lists every entry in the order of feed and number" {
	as hub produce 5 visor
	as hub deliver 2 visor --to =CHU
	run as hub --json log
	[ "${#lines[@]}" = 4 ]
	for i in 0 1 2 3; do
		[[ ${lines[i]} =~ ^\{\"feed\":\"[0-9a-f]{64}\",\"seq\":$((i + 1)),\"id\":\"[0-9a-f]{64}\",\"prev\": ]]
		[[ ${lines[i]} == *'"author":{"identity":"'*'","label":"hub"},"sig":"'*'"}' ]]
	done
	[[ ${lines[0]} == *'"kind":"open"'* ]]
	[[ ${lines[1]} == *'"facts":{"lines":[{"item":"visor","qty":5}]}'* ]]
	# Each names the one before.
	for i in 1 2 3; do
		id=$(sed 's/.*"id":"\([0-9a-f]*\)".*/\1/' <<<"${lines[i - 1]}")
		[[ ${lines[i]} == *"\"prev\":\"$id\""* ]]
	done
}

@test "log can be narrowed" {
	MAILLON_NOW=2020-04-01T10:00Z as hub produce 5 visor
	MAILLON_NOW=2020-04-02T10:00Z as hub produce 6 visor
	[ "$(as hub --json log --kind produce | wc -l)" = 2 ]
	[ "$(as hub --json log --kind produce --since 2020-04-02 | wc -l)" = 1 ]
	[ "$(as hub --json log --author hub --kind produce | wc -l)" = 2 ]
	[ "$(as hub --json log --place FR-88 --kind produce | wc -l)" = 2 ]
	[ "$(as hub --json log --place FR --kind produce | wc -l)" = 2 ]
	[ "$(as hub --json log --place FR-54 | wc -l)" = 0 ]
	for wrong in '--kind nothing' '--since soon' '--author nobody' \
		'--author =CHU' '--place Vittel' '--under nobody'; do
		# shellcheck disable=SC2086
		run_as hub log $wrong
		expect 65
	done
}

@test "figures agree with an audit of the same copy" {
	start_node hub
	join_network lea hub maker
	join_network chu hub recipient FR-54
	sync lea
	as lea item visor/v30 --name Visière --unit pièce
	as lea supply 1000 pla --from =Shop
	as lea produce 50 visor/v30 --rejected 2 --use '900 pla' --printer mk3 \
		--grams 910 --seconds 7200
	as lea produce 7 clip
	id=$(id_of lea deliver 40 visor/v30 --to chu)
	as lea deliver 3 clip --to hub
	sync lea chu
	as chu receive "$id" --refused 1 --reason broken
	sync chu lea
	totals=$(as lea totals --json)
	audit=$(as lea audit --json) || true
	[ "$(items_of "$totals")" = "$(items_of "$audit")" ]
	[ "$(associations_of "$totals")" = "$(associations_of "$audit")" ]
	[[ $totals == *'"item":"visor/v30","unit":"pièce","produced":50,"rejected":2,'* ]]
	# And so has every copy.
	[ "$(as hub totals --json)" = "$totals" ]

	as lea stock | grep -q 'lea .*FR-88 .*visor/v30 .*11'
	as lea stock --item visor | grep -q 'visor/v30'
	never grep -q clip <<<"$(as lea stock --item visor)"
	[[ $(as lea stock --place FR-54 --json) == *'"rows":[]}' ]]
	run as lea stock --by printer
	[[ $output == *mk3*visor/v30*50*2*910*2* ]]
	run as lea balance
	[[ $output == *visor/v30* && $output == *pla* ]]
	as lea balance hub --json | grep -q '"schema":"maillon.balance/1"'
	[ "$(items_of "$(as lea totals --place FR-54 --json)")" = '[]' ]
	[[ $(as hub status --json) == *'"peers":['* ]]
}

@test "--under leaves out who was admitted by others" {
	start_node hub
	join_network sub hub association
	join_network lea hub maker
	sync lea
	as lea produce 3 visor
	as hub produce 4 visor
	sync lea
	as lea totals --json | grep -q '"produced":7'
	as lea totals --under lea --json | grep -q '"produced":3'
	[ "$(items_of "$(as lea totals --under sub --json)")" = '[]' ]
	[ "$(as lea --json log --under lea | wc -l)" = \
		"$(as lea --json log --author lea | wc -l)" ]
	as lea status --under lea --json | grep -q '"feeds":1'
	for cmd in stock balance totals "report public" "report coordinator"; do
		read -ra words <<<"$cmd"
		as lea "${words[@]}" --under sub >"$BATS_TEST_TMPDIR/out"
		never grep -q visor "$BATS_TEST_TMPDIR/out"
		as lea "${words[@]}" --under lea >"$BATS_TEST_TMPDIR/out"
		grep -q visor "$BATS_TEST_TMPDIR/out"
		never grep -Eq 'visor.* [47]\b' "$BATS_TEST_TMPDIR/out"
	done
}

@test "show tells what became of a delivery" {
	as hub produce 10 visor
	id=$(id_of hub deliver 8 visor --to '~Paul' --note N7)
	as hub lose 3 visor --reason fell --delivery "$id"
	as hub receive "$id" --accepted 2
	run as hub show "$id"
	[[ $output == *'8 visor'*'N7'*'~Paul'* ]]
	[[ $output == *'8 sent, 0 accepted, 0 refused, 3 lost, 2 claimed, 5 open'* ]]
	as hub show "$id" --json | grep -q \
		'"delivery":\[{"item":"visor","sent":8,"accepted":0,"refused":0,"lost":3,"claimed":2,"open":5,"A":0,"B":0,"C":0}\]'
	run_as hub show "$id" --raw --json
	expect 0
}

@test "who waits may record, and is told that it does not count yet" {
	start_node hub
	make_member lea
	link=$(as hub invite)
	run_as lea join "$link"
	expect 75
	run_as lea produce 5 visor --key k
	expect 0
	[[ $output =~ ^[0-9a-f]{8,}/2\ [0-9a-f]{64}$ ]]
	first=$output
	run_as lea produce 5 visor --key k
	expect 0
	[ "$output" = "$first" ]
	run_as lea count 3 visor
	expect 75
	as lea correct "${first% *}" --reason incorrect-data \
		--set 'lines=6 visor'
	run as lea show "${first#* }"
	[[ $output == *'does not count'* ]]
	run as lea status
	[[ $output == *'waiting to be admitted'* ]]
	as hub accept lea
	as lea join "$link"
	sync lea
	# Once admitted, all counts from the first.
	as lea totals --json | grep -q '"produced":6'
	as lea show "${first#* }" --json | grep -q '"ref":"lea/2"'
}

@test "a home too deep for a socket's path is served all the same" {
	export XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/run"
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	deep=hub/$(printf 'd%.0s' $(seq 120))
	mkdir -p "$BATS_TEST_TMPDIR/$deep"
	as "$deep" init --label deep --place FR-88
	as "$deep" found Deep
	"$MAILLON" --home "$BATS_TEST_TMPDIR/$deep" up \
		--listen 'tcp://127.0.0.1:*' >"$BATS_TEST_TMPDIR/deep.out" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/deep.pid"
	for _ in $(seq 100); do
		grep -q ready "$BATS_TEST_TMPDIR/deep.out" && break
		sleep 0.05
	done
	[ -S "$XDG_RUNTIME_DIR"/maillon/*.sock ]
	run_as "$deep" produce 5 visor
	expect 0
	[[ $output =~ ^deep/[0-9]+\ [0-9a-f]{64}$ ]]
}

@test "what nobody reads any more ends the listing" {
	for i in 1 2 3; do
		as hub produce "$i" visor
	done
	as hub log | head -n 1 | grep -q open
	run bash -c "'$MAILLON' --home '$BATS_TEST_TMPDIR/hub' log >/dev/full"
	[ "$status" -eq 74 ]
	[[ $output == *"may be incomplete"* ]]
}

@test "a ledger that is cut short anywhere ends in one line, never a crash" {
	for i in $(seq 40); do
		as hub produce 5 visor --lot "$i" >/dev/null
	done
	data="$BATS_TEST_TMPDIR/hub/ledger/data.mdb"
	size=$(stat -c %s "$data")
	cp "$data" "$BATS_TEST_TMPDIR/whole"
	ended=0
	for ((at = 8192; at < size; at += 4096 * 3)); do
		for verb in audit fsck log "produce 1 visor"; do
			cp "$BATS_TEST_TMPDIR/whole" "$data"
			truncate -s "$at" "$data"
			# shellcheck disable=SC2086
			run_as hub $verb
			case $status in
			0 | 1) ;;
			65)
				[ "$(grep -c . <<<"$stderr")" -eq 1 ]
				ended=$((ended + 1))
				;;
			*) expect 65 ;;
			esac
		done
	done
	[ "$ended" -gt 10 ]
}

@test "an option of which there is one is not given twice" {
	local hub="$BATS_TEST_TMPDIR/hub" try
	for try in "--home $hub status --home $hub" "--home $hub --home=$hub status" \
		"status --home=$hub --home $hub" \
		"--home $hub stock --item visor --item clip"; do
		# shellcheck disable=SC2086
		run "$MAILLON" $try
		[ "$status" -eq 64 ]
		[[ ${lines[0]} == "maillon: --"*" is given twice" ]]
	done
	# What may be said again and again, may.
	as hub produce 5 visor --use '1 petg' --use '2 clip' >/dev/null
}

@test "--home without a folder says what it lacks" {
	run "$MAILLON" --home
	[ "$status" -eq 64 ]
	[[ $output == *"--home needs an argument: DIR"* ]]
}

# on_screen COLUMNS ARGUMENT...: what hub's program shows on a terminal so wide.
on_screen() {
	local columns=$1
	shift
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/hub" script -qec \
		"stty cols $columns; '$MAILLON' --home '$BATS_TEST_TMPDIR/hub' $*" \
		/dev/null | tr -d '\r'
}

@test "on a terminal no line of log, doctor, report or sample is wider than it" {
	command -v script >/dev/null || skip "script is not installed"
	local what
	as hub deliver 5 a-very-long-name-of-a-part/long1 --to "~$(printf \
		'Somebody of a long name %.0s' 1 2 3)" >/dev/null
	for what in log doctor 'sample 5 --seed x' 'report coordinator'; do
		on_screen 80 "$what" | sed 's/\x1b\[[0-9;]*m//g' \
			>"$BATS_TEST_TMPDIR/out"
		[ -s "$BATS_TEST_TMPDIR/out" ]
		never grep -E '^.{81}| $' "$BATS_TEST_TMPDIR/out"
	done
	# Elsewhere a line of the log is one.
	[ "$(as hub log | wc -l)" = "$(as hub log --json | wc -l)" ]
}

@test "on a terminal tables and sentences keep to its width, and numbers stay whole" {
	command -v script >/dev/null || skip "script is not installed"
	local what lines long
	for what in "supply 6000 petg --from =Me" "item petg --unit g" \
		"produce 90 visor/v30 --rejected 3 --use '900 petg'" \
		"deliver 40 visor/v30 --to =CHU" "lose 2 visor/v30 --reason x" \
		"count 47 visor/v30" "deliver 5 visor/v30 --to =CHU" \
		"deliver 6 visor/v30 --to =CHU --moved" \
		"supply 9 a-product-of-a-very-long-name.1/and-a-revision --from =Me" \
		"spend '5 EUR' --purpose x"; do
		eval "as hub $what" >/dev/null 2>&1
	done
	cd "$BATS_TEST_TMPDIR"
	for what in totals audit stock balance members; do
		on_screen 80 "$what" >shown
		long=$(awk 'length > 80' shown)
		[ -z "$long" ] || { echo "$what: $long"; return 1; }
	done
	# What does not fit beside the rest stands below, beside its item.
	on_screen 80 totals >shown
	[ "$(grep -c '^visor/v30 ' shown)" -gt 1 ]
	[ "$(grep -c '^item ' shown)" = "$(grep -c '^visor/v30 ' shown)" ]
	grep -qE '^petg +g .* 6000( |$)' shown
	# There is room for it on a wider one, and in a file all is one table.
	[ "$(on_screen 200 totals | grep -c '^visor/v30 ')" = 1 ]
	[ "$(as hub totals | grep -c '^visor/v30 ')" = 1 ]
	# A finding goes on below itself; whole ids are where they fit.
	run_as hub audit
	[[ $output == *"FIN-01"* ]]
	grep -qE ' [0-9a-f]{64}$' <<<"$output"
	on_screen 80 audit >shown
	grep -qE '^            [a-z]' shown
	[ "$(sed -n '/Findings/,/Report/p' shown | grep -cE '[0-9a-f]{17,}')" = 1 ]
}

@test "one of anything is said in the singular" {
	local audit
	audit=$(as hub audit)
	[[ $audit == *" 1 entry, 1 feed, 1 member"* ]]
	[[ $(as hub fsck) == *"1 feed, 1 entry, "*" rows read: 0 problems" ]]
	audit=$(LC_ALL=C.UTF-8 LANGUAGE=fr as hub audit)
	[[ $audit == *" 1 entrée, 1 journal, 1 membre"* ]]
	as hub donate '9 EUR' >/dev/null
	as hub spend '5 EUR' --purpose x >/dev/null
	audit=$(as hub audit)
	[[ $audit == *"A spending of hub has no document attached yet."* ]]
	audit=$(LC_ALL=C.UTF-8 LANGUAGE=fr as hub audit)
	[[ $audit == *"Une dépense de hub n'a pas encore de justificatif."* ]]
	as hub spend '2 EUR' --purpose x >/dev/null
	audit=$(as hub audit)
	[[ $audit == *"2 spendings of hub have no document attached yet."* ]]
}
