#!/usr/bin/env bats
# Whose word counts for how much: the recipient's, a paper's, the sender's.

load helper

setup() {
	found_network hub
	start_node hub
	join_network lea hub
	join_network chu hub recipient FR-67
	sync lea
	as lea produce 50 visor/v30 >/dev/null
	D=$(id_of lea deliver 50 visor/v30 --to chu)
	sync lea chu
	printf 'signed\n' >"$BATS_TEST_TMPDIR/paper"
}

teardown() {
	stop_nodes
}

figures() { # WHO: acknowledged by grade, claimed, in transit
	as "$1" --json totals | sed 's/.*"acknowledged":\({[^}]*}\),"claimed":\([0-9]*\),"refused":\([0-9]*\),"in_transit":\([0-9]*\).*/\1 \2 \4/'
}

@test "a paper adds what the recipient left open, and no more" {
	R=$(id_of chu receive "$D" --accepted 48)
	[[ $(as chu show "$R" --json) == *'"final":"yes"'* ]]
	sync chu
	[ "$(figures hub)" = '{"A":48,"B":0,"C":0} 0 2' ]
	as hub receive "$D" --paper "$BATS_TEST_TMPDIR/paper" >/dev/null
	[ "$(figures hub)" = '{"A":48,"B":0,"C":2} 0 0' ]
	run_as hub receive "$D" --paper "$BATS_TEST_TMPDIR/paper"
	expect 65
	run_as hub audit
	expect 0
}

@test "the recipient's word takes the place of a paper's" {
	as hub receive "$D" --paper "$BATS_TEST_TMPDIR/paper" >/dev/null
	[ "$(figures hub)" = '{"A":0,"B":0,"C":50} 0 0' ]
	as chu receive "$D" --accepted 40 >/dev/null
	sync chu
	[ "$(figures hub)" = '{"A":40,"B":0,"C":10} 0 0' ]
}

@test "a sender's claim never acknowledges, and gives way to better words" {
	as lea receive "$D" >/dev/null
	sync lea
	[ "$(figures hub)" = '{"A":0,"B":0,"C":0} 50 50' ]
	run_as lea receive "$D"
	expect 65
	as chu receive "$D" --accepted 20 --refused 30 --reason wet >/dev/null
	sync chu
	[ "$(figures hub)" = '{"A":20,"B":0,"C":0} 0 0' ]
	run_as hub audit
	expect 0
}

@test "supplies come from outside, not from oneself" {
	run_as lea supply 5 petg --from lea
	expect 65
	run_as lea supply 5 petg --from hub
	expect 0
	[[ $stderr == *"count twice"* ]]
	run_as lea supply 5 petg --from =Mairie
	expect 0
	[ -z "$stderr" ]
}

@test "a paper entered by whom only the sender admitted is no third one's" {
	as hub produce 9 visor/v30 >/dev/null
	mine=$(id_of hub deliver 9 visor/v30 --to =EHPAD --final)
	sync lea
	run_as lea receive "$mine" --paper "$BATS_TEST_TMPDIR/paper"
	expect 77
	[[ $stderr == *"whom others than the sender admitted"* ]]
	[ "$(figures lea)" = '{"A":0,"B":0,"C":0} 0 59' ]
}

# clinic ARGUMENT...: a recipient without a node, whose key is in a file.
clinic() {
	KEYFILE="$BATS_TEST_TMPDIR/clinic.key"
	as hub enrol clinic --new "$KEYFILE" --place FR-88 >/dev/null
	sync lea
	as lea produce 50 visor/v30 >/dev/null
	D=$(id_of lea deliver 50 visor/v30 --to clinic --final)
	sync lea chu
}

@test "a recipient without a node signs with its key, whoever passes it on" {
	clinic
	# The sender itself may carry the stick.
	as lea receive "$D" --accepted 30 --receipt-key "$KEYFILE" >/dev/null
	sync lea
	[ "$(figures hub)" = '{"A":0,"B":30,"C":0} 0 70' ]
	sync chu
	as chu receive "$D" --receipt-key "$KEYFILE" \
		--refused 5 --reason broken >/dev/null
	sync chu
	sync lea
	[ "$(figures hub)" = '{"A":0,"B":45,"C":0} 0 50' ]
	run_as lea receive "$D" --receipt-key "$KEYFILE"
	expect 65
	as lea audit --json >"$BATS_TEST_TMPDIR/a" && as hub audit --json |
		cmp - "$BATS_TEST_TMPDIR/a"
	as hub fsck
}

@test "under its idempotency key a countersigned receipt is recorded once" {
	clinic
	first=$(id_of lea receive "$D" --accepted 9 --receipt-key "$KEYFILE" \
		--key note-7)
	again=$(id_of lea receive "$D" --accepted 9 --receipt-key "$KEYFILE" \
		--key note-7)
	[ "$first" = "$again" ]
}

@test "a key that the sender enrolled, or nobody did, signs nothing" {
	clinic
	# Nobody's.
	as hub enrol other --new "$BATS_TEST_TMPDIR/other.key" \
		--place FR-88 >/dev/null
	run_as lea receive "$D" --receipt-key "$BATS_TEST_TMPDIR/other.key"
	expect 77
	# What the hub sends is not acknowledged by a key of the hub's choice.
	as hub produce 8 visor/v30 >/dev/null
	mine=$(id_of hub deliver 8 visor/v30 --to clinic --final)
	run_as hub receive "$mine" --receipt-key "$KEYFILE"
	expect 77
	[[ $stderr == *"not enrolled"* ]]
	# Lea may enrol keys for herself only.
	run_as lea enrol clinic --new "$BATS_TEST_TMPDIR/lea.key"
	expect 77
	[ ! -e "$BATS_TEST_TMPDIR/lea.key" ]
	# A second key of the clinic, by the hub, is as good as the first.
	as hub enrol clinic --new "$BATS_TEST_TMPDIR/two.key" >/dev/null
	sync lea
	as lea receive "$D" --receipt-key "$BATS_TEST_TMPDIR/two.key" >/dev/null
	sync lea
	[[ $(figures hub) == *'"B":50,'* ]]
}

@test "what enrol and its files are given wrong is one clear line" {
	run_as hub enrol chu 1234
	expect 65
	# Of these no signature can be.
	for key in "$(printf '%064d' 0)" "$(printf 'f%.0s' {1..64})"; do
		run_as hub enrol chu "$key"
		expect 65
		[[ $stderr == *"'$key' is no public key"* ]]
	done
	run_as hub enrol chu
	expect 64
	run_as hub enrol nobody "$(printf '7%.0s' {1..64})"
	expect 65
	run_as hub enrol chu --new "$BATS_TEST_TMPDIR/no/such/folder"
	expect 73
	echo junk >"$BATS_TEST_TMPDIR/junk"
	chmod 600 "$BATS_TEST_TMPDIR/junk"
	run_as chu receive "$D" --receipt-key "$BATS_TEST_TMPDIR/junk"
	expect 65
	run_as chu receive "$D" --receipt-key "$BATS_TEST_TMPDIR/none"
	expect 66
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
}
