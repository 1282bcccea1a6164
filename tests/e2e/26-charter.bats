#!/usr/bin/env bats
# Founders who change their charter.

load helper

setup() {
	found_network hub
	start_node hub
	join_network est hub association FR-67
	sync est
}

teardown() {
	stop_nodes
}

field() { # WHO KEY: of the charter in force
	as "$1" --json charter | grep -o "\"$2\":[^,]*" | head -1
}

same_audits() {
	sync est
	[ "$(as hub --json audit)" = "$(as est --json audit)" ]
}

@test "a sole founder amends alone, and everybody follows" {
	as hub charter amend --name Alsace --quorum 2 --public-read yes >/dev/null
	sync est
	[ "$(field est name)" = '"name":"Alsace"' ]
	[ "$(field est number)" = '"number":1' ]
	[ "$(field est quorum)" = '"quorum":2' ]
	[ "$(field est network)" = "$(field hub network)" ]
	run_as est status
	[[ $output == *Alsace* ]]
	same_audits
}

@test "a member who becomes a founder: from then on it takes both" {
	as hub charter amend --founder est >/dev/null
	sync est
	run_as est members
	[[ $output == *est* ]]
	as hub charter amend --quorum 5 >/dev/null
	sync est
	[ "$(field est quorum)" = '"quorum":1' ]
	run_as est charter
	[[ $output == *proposed* && $output == *"signed by"*hub* ]]
	id=$(as est --json charter |
		sed 's/.*"proposals":\[{"id":"\([0-9a-f]*\)".*/\1/')
	as est charter sign "${id:0:12}" >/dev/null
	sync est
	[ "$(field hub quorum)" = '"quorum":5' ]
	[ "$(field est number)" = '"number":2' ]
	run_as hub dismiss est --reason none
	expect 77
	same_audits
}

@test "a founder whom the sender alone made a founder is still its own voice" {
	as hub produce 9 visor >/dev/null
	D=$(id_of hub deliver 9 visor --to est --final)
	sync est
	as est receive "$D" >/dev/null
	sync est
	as hub --json totals | grep -q '"acknowledged":{"A":0,"B":0,"C":0},"claimed":9'
	as hub charter amend --founder est >/dev/null
	sync est
	for who in hub est; do
		as "$who" --json totals | grep -q '"claimed":9'
		run_as "$who" fsck
		expect 0
	done
	same_audits
	as hub --json audit | grep -q '"claimed":9'
}

@test "a bundle carries what founders said" {
	as hub charter amend --name Alsace >/dev/null
	as hub export bundle "$BATS_TEST_TMPDIR/b" 2>/dev/null
	run_as hub audit "$BATS_TEST_TMPDIR/b"
	expect 0
	as hub backup "$BATS_TEST_TMPDIR/k" --passphrase-file <(echo horse) \
		>/dev/null
}

@test "who is no founder amends nothing" {
	run_as est charter amend --quorum 2
	expect 77
	run_as hub charter sign 0123456789
	expect 65
	run_as hub charter amend
	expect 65
	run_as hub charter amend --founder hub
	expect 65
	run_as hub charter amend --founder =Mairie
	expect 65
	run_as hub charter amend --quorum 65
	expect 65
	run_as hub charter sign
	expect 64
	run_as hub charter burn
	expect 64
	[ "$(field hub number)" = '"number":0' ]
}
