#!/usr/bin/env bats
# doctor: one line for each thing that may be wrong, and what to do about it.

load helper

setup() {
	found_network hub
}

teardown() {
	stop_nodes
}

# doctor WHO CODE: its lines in $output.
doctor() {
	run_as "$1" doctor
	expect "$2"
	[ -z "$stderr" ]
}

says() {
	grep -Eq "$1" <<<"$output" && return 0
	printf 'not said: %s\n%s\n' "$1" "$output"
	return 1
}

@test "a home that is well gets ok and notes, beside its node and without" {
	doctor hub 0
	says '^note +lock +no node runs here'
	says '^note +peers +none is known'
	says '^ok +address +none is published'
	[ "$(grep -c '^ok +keys\|^ok *keys' <<<"$output")" -eq 4 ]
	start_node hub
	join_network lea hub
	doctor lea 0
	says '^ok +peers +tcp://127.0.0.1:[0-9]+: answers$'
	start_node lea
	for _ in $(seq 50); do
		as lea --json peers | grep -q '"in_step":true' && break
		sleep 0.1
	done
	doctor lea 0
	says '^ok +lock +a node runs here$'
	says '^ok +peers +1: hold the same'
	as lea --json doctor | grep -q \
		'^{"schema":"maillon.doctor/1","checks":\[{"check":"home","state":"ok",'
	LANGUAGE=fr LC_ALL=C.UTF-8 as lea doctor | grep -q 'un nœud tourne ici'
}

@test "nobody to reach, and one who listens no longer" {
	start_node hub
	join_network lea hub
	stop_node hub
	doctor lea 1
	says '^note +peers +tcp://127.0.0.1:[0-9]+: the machine is there, and no'
	says '^bad +peers +nobody can be reached'
}

@test "an own address that leads nowhere" {
	start_node hub --announce tcp://127.0.0.1:9
	for _ in $(seq 50); do
		as hub log --kind address | grep -q . && break
		sleep 0.1
	done
	doctor hub 1
	says '^bad +address +tcp://127.0.0.1:9: the machine is there'
	stop_node hub
	doctor hub 0
	says '^note +address +tcp://127.0.0.1:9: is published, and no node'
}

@test "a clock that stands in the past, or went back" {
	MAILLON_NOW=1970-01-01T00:10:00 doctor hub 1
	says '^bad +clock +1970-01-01T00:10:00Z: is in the past'
	MAILLON_NOW=2030-01-01 as hub produce 1 visor >/dev/null
	MAILLON_NOW=2029-12-31T23:56:00 doctor hub 0
	MAILLON_NOW=2029-12-31T23:54:00 doctor hub 1
	says '^bad +clock .*before what this node signed last'
}

@test "keys that others read, keys that are gone, a ledger that is damaged" {
	chmod 644 "$BATS_TEST_TMPDIR/hub/keys/node.key"
	doctor hub 1
	says "^bad +keys +.*/node.key: others may read it; 'chmod 600' it"
	chmod 600 "$BATS_TEST_TMPDIR/hub/keys/node.key"
	rm "$BATS_TEST_TMPDIR/hub/keys/member.key"
	chmod 777 "$BATS_TEST_TMPDIR/hub"
	doctor hub 1
	says '^bad +keys +.*/member.key: is missing'
	says "^bad +home +.*/hub: others may write into it; 'chmod 700' it"
	head -c 8192 /dev/urandom >"$BATS_TEST_TMPDIR/hub/ledger/data.mdb"
	doctor hub 1
	says "^bad +ledger +.*: cannot be read; see 'maillon fsck'"
	rm -r "$BATS_TEST_TMPDIR/hub/ledger"
	doctor hub 1
	says '^bad +ledger +.*: no network joined yet'
	run_as nobody doctor
	expect 78
}

@test "a sum of an association that the ledger keeps wrong is found, and mended" {
	as hub produce 7 visor >/dev/null
	run_as hub fsck
	expect 0
	run_as hub audit
	expect 0
	"${BUILD:-$ROOT/build}/meddle" "$BATS_TEST_TMPDIR/hub/ledger"
	run_as hub fsck
	expect 1
	[[ $output == *"a sum of an association"*"1 problem"* ]]
	run_as hub fsck --json
	[[ $output == *'"what":"a sum of an association'* ]]
	LANGUAGE=fr LC_ALL=C.UTF-8 run_as hub fsck
	[[ $output == *"une somme, d'une association"* ]]
	run_as hub audit
	expect 1
	[[ $stderr == *"the running book differs"*"fsck --rebuild"* ]]
	as hub fsck --rebuild
	run_as hub fsck
	expect 0
	run_as hub audit
	expect 0
}

@test "a ledger of an earlier version is brought up to date, of a later one left alone" {
	as hub produce 5 visor
	"${BUILD:-$ROOT/build}/meddle" "$BATS_TEST_TMPDIR/hub/ledger" layout 1
	doctor hub 1
	says '^bad +ledger .*version'
	run_as hub stock
	expect 0
	[[ $stderr == *'an earlier version of Maillon wrote the ledger'* ]]
	[[ $output == *visor*5* ]]
	run_as hub stock
	[ -z "$stderr" ]
	for layout in 9999 4294967295; do
		"${BUILD:-$ROOT/build}/meddle" "$BATS_TEST_TMPDIR/hub/ledger" \
			layout $layout
		for command in stock 'produce 1 visor' audit fsck up; do
			run_as hub $command
			expect 78
			[ -z "$output" ]
			[ "$(wc -l <<<"$stderr")" -eq 1 ]
			[[ $stderr == *'another version of Maillon wrote it'* ]]
		done
		doctor hub 1
		says '^bad +ledger .*version'
	done
}

@test "that there is no room to bring a ledger up to date is said" {
	unshare -rm true 2>/dev/null ||
		skip "no namespaces of our own are permitted here"
	"${BUILD:-$ROOT/build}/meddle" "$BATS_TEST_TMPDIR/hub/ledger" layout 1
	mkdir "$BATS_TEST_TMPDIR/small"
	for command in stock 'produce 1 visor'; do
		run unshare -rm bash -c \
			'mount -t tmpfs -o size=32m,mode=700 none "$1" &&
			cp -a "$2/." "$1" && exec "$3" --home "$1" $4' - \
			"$BATS_TEST_TMPDIR/small" "$BATS_TEST_TMPDIR/hub" \
			"$MAILLON" "$command"
		[ "$status" -eq 74 ]
		[[ $output == *'an earlier version of Maillon'* ]]
		[[ $output == *'the disk is full'* ]]
		[[ $output != *'another version'* ]]
	done
}
