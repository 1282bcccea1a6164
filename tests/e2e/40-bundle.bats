#!/usr/bin/env bats
# A network in one file: exported, audited where it lies, merged elsewhere.

load helper

setup() {
	found_network hub
	start_node hub
	join_network lea hub
	join_network chu hub recipient FR-67
	stop_node hub
	B="$BATS_TEST_TMPDIR/b.maillon"
}

teardown() {
	stop_nodes
}

report_of() {
	sed 's/.*"report":"\([0-9a-f]*\)".*/\1/'
}

flip() { # FILE OFFSET
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf "\\x$(printf %x $((byte ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

@test "a bundle is audited without a home, to the same report" {
	as lea produce 60 visor/v30 >/dev/null
	as lea export bundle "$B"
	home=$(as lea audit --json | report_of)
	run_as nobody --json audit "$B"
	expect 0
	[ "$(printf '%s' "$output" | report_of)" = "$home" ]
	[[ $output == *'"anchored":false}' ]]
	network=$(printf '%s' "$output" | sed 's/.*"network":"\([0-9a-f]*\)".*/\1/')
	run_as nobody --json audit "$B" --network "$network"
	expect 0
	[[ $output == *'"anchored":true}' ]]
	run_as nobody audit "$B" --network "${network//[0-9]/a}"
	expect 65
	run_as nobody audit "$B"
	expect 0
	[[ $output == "Nothing here vouches"* ]]
}

@test "bundles merge in any order, with and without a running node" {
	as lea produce 60 visor/v30 >/dev/null
	as hub supply 900 petg --from "=Mairie" >/dev/null
	as lea export bundle "$B.lea"
	as hub export bundle "$B.hub"
	as chu import bundle "$B.hub"
	as chu import bundle "$B.lea"
	as lea import bundle "$B.hub"
	start_node hub
	as hub import bundle "$B.lea"
	stop_node hub
	one=$(as lea audit --json)
	[ "$(as hub audit --json)" = "$one" ]
	[ "$(as chu audit --json)" = "$one" ]
	run_as chu --json import bundle "$B.lea"
	expect 0
	[[ $output == *'"added":0,'* ]]
}

@test "jsonl has what log has" {
	as lea produce 60 visor/v30 >/dev/null
	as lea export jsonl "$B"
	[ "$(cat "$B")" = "$(as lea --json log)" ]
	[ "$(wc -l <"$B")" -ge 4 ]
}

@test "an altered byte in a bundle is found, wherever it is" {
	as lea produce 60 visor/v30 >/dev/null
	as lea export bundle "$B"
	size=$(stat -c %s "$B")
	for at in $(seq 0 $((size / 40)) $((size - 1))); do
		cp "$B" "$B.bad"
		flip "$B.bad" "$at"
		run_as lea --json audit "$B.bad"
		case $status in
		1 | 65) ;;
		*)
			echo "byte $at: exit $status"
			return 1
			;;
		esac
		one=$output
		run_as lea --json audit --threads 3 "$B.bad"
		[ "$output" = "$one" ]
	done
}

@test "a bundle that was cut is read as far as it goes, and said to be" {
	as lea produce 60 visor/v30 >/dev/null
	as lea export bundle "$B"
	truncate -s -20 "$B"
	run_as lea audit "$B"
	expect 1
	[[ $stderr == *"cut or altered"* ]]
	run_as hub import bundle "$B"
	expect 1
	run_as hub totals
	[[ $output == *visor/v30* ]]
}

@test "what is no bundle, or another network's, is refused in one line" {
	printf 'hello\n' >"$B"
	run_as lea audit "$B"
	expect 65
	[ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ]
	run_as lea import bundle "$B"
	expect 65
	run_as lea audit "$B.absent"
	expect 66
	run_as lea import bundle "$B.absent"
	expect 66
	found_network other Elsewhere
	as other export bundle "$B"
	run_as lea import bundle "$B"
	expect 65
	run_as lea export bundle /nowhere/at/all
	expect 73
	run_as lea export poem
	expect 64
}

@test "fsck reads everything back, and can make the book anew" {
	as lea produce 60 visor/v30 >/dev/null
	run_as lea fsck
	expect 0
	[[ $output == *" 0 problems" ]]
	run_as lea fsck --rebuild
	expect 0
	run_as lea --json fsck
	expect 0
	[[ $output == '{"schema":"maillon.fsck/1",'*'"problems":[]}' ]]
}

@test "a pipe or a device is written to, and not replaced" {
	as lea export bundle "$B"
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	timeout 10 cat "$BATS_TEST_TMPDIR/pipe" >"$BATS_TEST_TMPDIR/read" &
	as lea export bundle "$BATS_TEST_TMPDIR/pipe"
	wait $!
	[ -p "$BATS_TEST_TMPDIR/pipe" ]
	cmp "$B" "$BATS_TEST_TMPDIR/read"
	run_as lea export bundle "$BATS_TEST_TMPDIR"
	expect 73
	[ -d "$BATS_TEST_TMPDIR" ]
}
