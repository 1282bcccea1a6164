#!/usr/bin/env bats
# Members who go on under a new identity key.

load helper

setup() {
	found_network hub
	start_node hub
	join_network lea hub
	join_network nino hub
}

teardown() {
	stop_nodes
}

# checkpoints N [WHO]: the hub closes N batches, each with something new in it.
checkpoints() {
	local who=${2:-hub}
	for i in $(seq "$1"); do
		as "$who" item "part$((CHECKPOINT += 1))" >/dev/null
		as "$who" checkpoint >/dev/null 2>&1
	done
}

# alike WHO...: all print the same audit, clean or with these findings.
alike() {
	local want who
	want=$(as "$1" --json audit) || [ $? -eq 1 ]
	for who in "$@"; do
		[ "$(as "$who" --json audit)" = "$want" ]
	done
	agree "$1"
}

# agree WHO: an audit of the bundle, and a second program that knows only the
# text of the protocol, have the same cut and the same goods.
agree() {
	local ours theirs bundle="$BATS_TEST_TMPDIR/bundle"
	rm -f "$bundle"
	as "$1" export bundle "$bundle" 2>/dev/null
	ours=$(as "$1" audit "$bundle" --json) || [ $? -eq 1 ]
	[ "$(goods <<<"$ours")" = "$(goods <<<"$want")" ]
	command -v node >/dev/null || return 0
	theirs=$(node "$ROOT/tests/verify/verify.mjs" bundle "$bundle") ||
		[ $? -eq 1 ]
	grep -q "\"digest\":\"$(grep -o '"cut":"[0-9a-f]*"' <<<"$theirs" |
		cut -d'"' -f4)\"" <<<"$ours"
	[ "$(goods <<<"$ours")" = "$(goods <<<"$theirs")" ]
}

goods() {
	grep -o '"items":\[[^]]*\]' | head -n 1
}

# produced N WHO...: so many visors were made, as each of them counts.
produced() {
	local who n=$1
	shift
	for who in "$@"; do
		as "$who" --json totals | grep -q "\"produced\":$n,"
	done
}

# sound WHO...: what their ledgers say of themselves is so.
sound() {
	local who
	for who in "$@"; do
		run_as "$who" fsck
		expect 0
	done
}

key_of() { # LABEL: the key in force
	as hub --json members | tr '{' '\n' | grep "\"label\":\"$1\"" |
		sed 's/.*"keys":\[[^]]*"\([0-9a-f]*\)"\].*/\1/'
}

# second WHO: another machine of a member, from a backup.
second() {
	echo horse >"$BATS_TEST_TMPDIR/pass"
	as "$1" backup "$BATS_TEST_TMPDIR/$2.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	as "$2" restore "$BATS_TEST_TMPDIR/$2.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	sync "$2"
}

# eventually COMMAND...: once what it needs has arrived.
eventually() {
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	"$@"
}

@test "with two machines everything goes on, and all audits are alike" {
	second lea lea2
	as lea produce 10 visor >/dev/null
	as lea2 produce 5 visor >/dev/null
	sync lea lea2 lea
	run_as lea rotate --identity
	expect 0
	[[ $stderr == *"'maillon backup' again"* ]]
	[[ $output =~ [0-9a-f]{64}$ ]]
	as lea produce 3 visor >/dev/null
	sync lea lea2
	as lea2 produce 4 visor >/dev/null
	as lea2 deliver 2 visor --to nino >/dev/null
	sync lea2 lea nino
	run_as lea2 rotate # it would make a node that does not count
	expect 77
	# a machine that is made from the new backup is hers too
	second lea lea3
	as lea3 produce 1 visor >/dev/null
	sync lea3 lea lea2 nino
	alike hub lea lea2 lea3 nino
	produced 23 hub
	[ "$(as hub --json members | grep -o '"label":"lea"' | wc -l)" = 1 ]
	run_as hub audit
	expect 0
	sound hub lea lea3
	# and its node key is renewed under the new identity
	run_as lea rotate
	expect 0
	as lea produce 1 visor >/dev/null
	sync lea
	produced 24 hub
}

@test "a thief with the old key makes a feed that does not count" {
	cp -a "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/thief"
	as lea produce 10 visor >/dev/null
	sync lea
	as lea rotate --identity >/dev/null 2>&1
	sync lea
	as thief rotate >/dev/null 2>&1 # a new feed, by the old identity
	as thief produce 1000 visor >/dev/null
	sync thief || true
	as lea produce 1 visor >/dev/null
	sync lea nino
	produced 11 hub lea nino
	run_as thief produce 1 visor
	expect 77
	[[ $stderr == *"another identity key has followed"* ]]
	alike hub lea nino
	run_as hub audit
	expect 1
	[ "$(grep -c "KEY-" <<<"$output")" = 1 ]
	grep -q "KEY-05.*lea" <<<"$output"
}

@test "the new key ends the feed of a machine that was stolen before" {
	second lea lea2
	as lea2 produce 5 visor >/dev/null
	at=$(id_of lea2 produce 1 visor)
	sync lea2 lea
	as lea rotate --identity >/dev/null 2>&1
	sync lea lea2
	as lea2 produce 100 visor >/dev/null # by whoever has it now
	sync lea2 lea
	produced 106 hub
	run_as lea end "$at"
	expect 0
	sync lea nino
	produced 6 hub lea nino
	alike hub lea nino
}

@test "an end that was set too low is raised, on nodes that hold the rest and others" {
	second lea lea2
	low=$(id_of lea2 produce 2 visor)
	at=$(id_of lea2 produce 4 visor)
	sync lea2 lea
	honest=$(id_of lea2 produce 3 visor) # not seen when she ended it
	late=$(id_of lea2 produce 100 visor) # by whoever has it now
	sync lea2 nino
	produced 109 nino
	as lea end "$at" >/dev/null
	sync lea nino
	join_network zoe hub # who holds nothing of what came after
	sync zoe
	produced 6 hub lea nino zoe
	run_as nino release "$honest"
	expect 77
	run_as zoe release "$honest"
	expect 65
	sync lea2
	run_as lea2 release "$honest" # the very machine
	expect 65
	run_as hub release "$honest" --reason "her own, by telephone"
	expect 0
	sync lea nino zoe
	produced 9 hub lea nino zoe
	alike hub lea nino zoe
	run_as hub release "$honest"
	expect 65
	[[ $stderr == *"counts already"* ]]
	run_as nino release "$late"
	expect 77
	run_as lea end "$honest"
	expect 65
	[[ $stderr == *"only a lower place"* ]]
	# a lower end that she sets is another one
	as lea end "$low" >/dev/null
	sync lea nino zoe
	produced 2 hub lea nino zoe
	alike hub lea nino zoe
	# which her other machine may raise again
	run_as lea release "$at"
	expect 0
	sync lea nino zoe
	produced 6 hub lea nino zoe
	alike hub lea nino zoe
	sound hub lea nino zoe
}

@test "what only the ended machine holds is released there, under a new node key" {
	second lea lea2
	at=$(id_of lea2 produce 6 visor)
	sync lea2 lea
	as lea end "$at" >/dev/null
	sync lea
	honest=$(id_of lea2 produce 3 visor) # before it heard of the end
	sync lea2
	run_as hub release "$honest"
	expect 65 # it is not there
	run_as lea2 release "$honest"
	expect 65
	[[ $stderr == *"after 'maillon rotate'"* ]]
	as lea2 rotate >/dev/null
	run_as lea2 release "$honest"
	expect 0
	as lea2 produce 1 visor >/dev/null
	sync lea2 lea nino
	produced 10 hub lea lea2 nino
	alike hub lea lea2 nino
	sound hub lea2
}

@test "a machine lost without any backup: the figures follow" {
	sync lea
	as lea produce 10 visor >/dev/null
	as lea deliver 4 visor --to nino >/dev/null
	sync lea
	rm -rf "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/state/lea"
	make_member nova
	link=$(as hub invite)
	run_as nova join "$link"
	expect 75
	as nova produce 3 visor >/dev/null
	run_as nino rotate lea --to nova
	expect 77
	run_as hub rotate lea --to nobody
	expect 65
	run_as hub rotate lea --to nova
	expect 0
	[[ $stderr == *"12 more checkpoints"* ]]
	as hub members | grep -q "lea .*new key .* after 12 checkpoints"
	sync nino
	as nino status | grep -q "keys *lea: new key .* after 12 checkpoints"
	as nino --json status | grep -q '"pending_keys":\[{"key":"[0-9a-f]*","checkpoints":12,"founders":0,"identity":"[0-9a-f]*","label":"lea"}\]'
	as hub members | grep -q "nova .*waiting, to be lea"
	checkpoints 11
	as hub members | grep -q "lea .*new key .* after 1 checkpoint"
	run_as nova join "$link"
	expect 75
	checkpoints 1
	run_as nova join "$link"
	expect 0
	sync nova
	as nova produce 2 visor >/dev/null
	sync nova nino
	as nino --json status | grep -q '"pending_keys":\[\]'
	produced 15 hub nova nino
	[ "$(as hub --json members | grep -o '"label":"lea"' | wc -l)" = 1 ]
	never grep -q nova <(as hub members)
	as nova stock | grep -q 11
	as nino receive "$(as nino --json log --kind deliver |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')" >/dev/null
	sync nino nova
	alike hub nova nino
	run_as hub audit
	expect 0
	sound hub nova nino
}

@test "a wrong word of the association is taken back by an admission" {
	make_member nova
	run_as nova join "$(as hub invite)"
	expect 75
	as hub rotate lea --to nova >/dev/null 2>&1
	as hub accept nova >/dev/null
	checkpoints 13
	as lea produce 1 visor >/dev/null
	sync nova lea nova
	as hub members | grep -q "nova .*maker"
	run_as lea status
	expect 0
	produced 1 hub
	alike hub lea nova
}

@test "of two keys that the old one signed for, the association says which" {
	cp -a "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/thief"
	as lea rotate --identity >/dev/null 2>&1
	as lea produce 1 visor >/dev/null
	mine=$(as lea --json log --kind rotate |
		sed 's/.*"successor":"\([0-9a-f]*\)".*/\1/')
	as thief rotate >/dev/null 2>&1
	as thief rotate --identity >/dev/null 2>&1
	as thief produce 100 visor >/dev/null
	sync thief lea || true
	sync lea
	run_as hub rotate lea --to "$mine"
	expect 0
	sync lea nino
	[ "$(key_of lea)" = "$mine" ]
	as hub audit | grep -q "KEY-06.*lea"
	produced 1 hub
	alike hub lea nino
}

@test "a founder's own key signs, and the network goes on below it" {
	stop_node hub
	run_as hub rotate --identity
	expect 0
	start_node hub
	at="$ADDRESS#$(as hub --json log --kind open --author hub |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')"
	as lea up --once --peer "$at"
	join_network zoe hub
	as zoe produce 7 visor >/dev/null
	sync zoe
	for who in lea nino; do
		as "$who" up --once --peer "$at"
	done
	alike hub lea nino zoe
	run_as hub rotate hub --to zoe
	expect 77
}

@test "the member's other machine takes the new key over, once it has heard of it" {
	second lea lea2
	as lea2 produce 5 visor >/dev/null
	sync lea2 lea
	as lea rotate --identity >/dev/null 2>&1
	as lea backup "$BATS_TEST_TMPDIR/new.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	adopt() {
		run_as lea2 rotate --adopt "$BATS_TEST_TMPDIR/$1" \
			--passphrase-file "$BATS_TEST_TMPDIR/pass"
	}
	adopt new.backup # nobody knows of it yet
	expect 75
	[[ $stderr == *"has not heard"* ]]
	sync lea lea2
	adopt lea2.backup # from before
	expect 65
	[[ $stderr == *"that is in force"* ]]
	as nino backup "$BATS_TEST_TMPDIR/nino.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	adopt nino.backup # somebody else's
	expect 65
	adopt lea2 # no backup at all
	expect 65
	echo donkey >"$BATS_TEST_TMPDIR/wrong"
	run_as lea2 rotate --adopt "$BATS_TEST_TMPDIR/new.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/wrong"
	expect 65
	run_as lea2 rotate # it has the old key still
	expect 77
	run_as lea2 backup --code
	[[ $stderr == *"not in force any more"* ]]
	run_as lea2 backup "$BATS_TEST_TMPDIR/useless.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	expect 0
	[[ $stderr == *"not in force any more"* ]]
	adopt new.backup
	expect 0
	run_as lea2 backup --code
	[[ $stderr != *"not in force any more"* ]]
	adopt new.backup # once more does no harm
	expect 0
	as lea2 produce 4 visor >/dev/null
	run_as lea2 rotate
	expect 0
	as lea2 produce 1 visor >/dev/null
	sync lea2
	produced 10 hub
	# and this one makes the next key, which the first takes from its code
	as lea2 rotate --identity >/dev/null 2>&1
	sync lea2 lea
	as lea2 backup --code >"$BATS_TEST_TMPDIR/code" 2>/dev/null
	run_as lea rotate --code <"$BATS_TEST_TMPDIR/code"
	expect 0
	run_as lea rotate
	expect 0
	as lea produce 2 visor >/dev/null
	sync lea lea2
	alike hub lea lea2
	produced 12 hub
	run_as hub audit
	expect 0
	run_as lea rotate --code --identity
	expect 64
	run_as lea rotate nino --to nova --code
	expect 64
}

@test "a machine that ceased to count records again under the key it takes over" {
	second lea lea2
	as lea2 produce 2 visor >/dev/null
	as lea2 produce 3 visor --key print-7 >/dev/null
	as lea rotate --identity >/dev/null 2>&1 # has not heard of lea2
	sync lea lea2
	as hub --json totals | grep -q '"produced":0,' ||
		never grep -q produced <(as hub --json totals)
	run_as lea2 produce 1 visor
	expect 77
	[[ $stderr == *"rotate --adopt FILE"* ]]
	as lea backup "$BATS_TEST_TMPDIR/new.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	run_as lea2 rotate --adopt "$BATS_TEST_TMPDIR/new.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	expect 0
	[[ $stderr == *"recorded again"* ]]
	as lea2 produce 2 visor >/dev/null
	sync lea2 lea nino
	produced 7 hub lea lea2 nino
	alike hub lea lea2 nino
	sound hub lea2
}

@test "what it wrote under node keys before is recorded again likewise" {
	second lea lea2
	as lea rotate --identity >/dev/null 2>&1
	as lea2 produce 2 visor >/dev/null
	as lea2 rotate >/dev/null 2>&1
	as lea2 produce 3 visor --key print-7 >/dev/null
	as lea2 rotate >/dev/null 2>&1
	sync lea2 lea lea2
	as lea backup "$BATS_TEST_TMPDIR/new.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	as lea2 rotate --adopt "$BATS_TEST_TMPDIR/new.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	sync lea2 lea
	produced 5 hub lea lea2
	alike hub lea lea2
}

@test "a home that is sealed stays sealed under the key it takes over" {
	echo horse >"$BATS_TEST_TMPDIR/pass"
	echo donkey >"$BATS_TEST_TMPDIR/wrong"
	as max init --label max --place FR-88 \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	as max join "$(as hub invite --auto)" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	second max max2
	sync max
	as max rotate --identity --passphrase-file "$BATS_TEST_TMPDIR/pass" \
		>/dev/null 2>&1
	sync max max2
	as max backup --code --passphrase-file "$BATS_TEST_TMPDIR/pass" \
		>"$BATS_TEST_TMPDIR/code" 2>/dev/null
	run_as max2 rotate --code <"$BATS_TEST_TMPDIR/code"
	expect 77
	run_as max2 rotate --code --passphrase-file "$BATS_TEST_TMPDIR/wrong" \
		<"$BATS_TEST_TMPDIR/code"
	expect 77
	run_as max2 rotate --code --passphrase-file "$BATS_TEST_TMPDIR/pass" \
		<"$BATS_TEST_TMPDIR/code"
	expect 0
	run_as max2 rotate
	expect 77
	run_as max2 rotate --passphrase-file "$BATS_TEST_TMPDIR/pass"
	expect 0
	as max2 produce 3 visor >/dev/null
	sync max2
	produced 3 hub
}

@test "a key that nobody heard of before its machine was lost never was" {
	echo horse >"$BATS_TEST_TMPDIR/pass"
	as lea backup "$BATS_TEST_TMPDIR/old.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	as lea produce 2 visor >/dev/null
	sync lea
	as lea rotate --identity >/dev/null 2>&1
	rm -rf "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/state/lea"
	as lea restore "$BATS_TEST_TMPDIR/old.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	sync lea
	as lea produce 3 visor >/dev/null
	sync lea
	produced 5 hub
	alike hub lea
}

@test "what turns up on the lost machine counts once somebody lets it" {
	as lea produce 10 visor >/dev/null
	sync lea
	first=$(id_of lea produce 4 visor) # recorded, and never sent
	second=$(id_of lea produce 2 visor)
	make_member nova
	link=$(as hub invite)
	run_as nova join "$link"
	as hub rotate lea --to nova >/dev/null 2>&1
	checkpoints 12
	run_as nova join "$link"
	expect 0
	sync lea || true # the card is found
	sync nova nino
	produced 10 hub
	run_as hub audit
	expect 1
	grep -q "KEY-05.*lea" <<<"$output"
	run_as nino release "$first"
	expect 77
	[[ $stderr == *"for the member itself to raise"* ]]
	run_as lea release "$first" # it has the old key only
	expect 77
	run_as hub release "$first"
	expect 0
	run_as hub release "$first"
	expect 65
	sync nova nino
	produced 14 hub nova nino
	alike hub nova nino
	run_as nova release "$second"
	expect 0
	sync nova nino
	produced 16 nino
	alike hub nova nino
	run_as hub audit
	expect 0
	sound hub nova nino
}

@test "who names a key is not believed for what that key signed" {
	local g=est o=sud
	for who in est sud; do
		join_network "$who" hub association
		as hub accept "$who" --role association --may-admit >/dev/null
		sync "$who" lea
		start_node "$who"
	done
	join_network zoe est
	sync zoe
	# sud admits her too; the smaller identity of the two decides
	eventually as sud accept zoe
	sync zoe
	run_as est rotate zoe --to nobody
	[ "$status" = 65 ] || { g=sud o=est; }
	make_member nova
	link=$(as "$g" invite)
	run_as nova join "$link"
	expect 75
	run_as "$g" rotate zoe --to nova
	expect 0
	as "$g" produce 9 visor >/dev/null
	mine=$(id_of "$g" deliver 9 visor --to zoe --final)
	as "$o" produce 5 mask >/dev/null
	other=$(id_of "$o" deliver 5 mask --to zoe --final)
	checkpoints 12 "$g"
	run_as nova join "$link"
	expect 0
	sync zoe
	take() { sync nova && as nova receive "$1"; }
	eventually take "$mine"
	eventually take "$other"
	sync nova
	figures() {
		sync nino nova && as "$1" --json totals |
			grep '"acknowledged":{"A":0,"B":0,"C":0},"claimed":9' |
			grep '"acknowledged":{"A":5,"B":0,"C":0},"claimed":0'
	}
	for who in hub est sud nova nino; do
		eventually figures "$who"
	done
	alike hub est sud nova nino
}

@test "a founder who lost its key goes on under the one that two others name" {
	run_as hub rotate hub --to lea # founded alone
	expect 77
	[[ $stderr == *"two other founders at least"*"maillon restore"* ]]
	join_network est hub association FR-67
	join_network sud hub association FR-13
	sync est sud
	as hub charter amend --founder est --founder sud >/dev/null
	sync est sud
	as est produce 10 visor >/dev/null
	sync est sud lea
	rm "$BATS_TEST_TMPDIR/est/keys/identity.key"
	make_member nova FR-67
	link=$(as hub invite --role association)
	run_as nova join "$link"
	expect 75
	run_as lea rotate est --to nova
	expect 77
	run_as sud rotate sud --to nova
	expect 77
	run_as sud rotate est --to nova # who waits at hub is not known here
	expect 65
	run_as hub rotate est --to nova
	expect 0
	[[ $stderr == *"once 2 founders have said so"* ]]
	key=$(grep -o "rotate est --to [^']*" <<<"$stderr" | cut -d' ' -f4)
	sync sud
	checkpoints 12
	for who in hub lea; do
		sync lea
		as "$who" members |
			grep -q "est .*new key $key once 1 more founder"
	done
	as sud status | grep -q "keys *est: new key $key once 1 more founder"
	as est produce 7 visor >/dev/null # the machine has its own key still
	sync est sud
	alike hub sud est
	produced 17 sud
	run_as sud rotate est --to "$key"
	expect 0
	sync sud
	as hub status | grep -q "est: new key $key after 12 checkpoints"
	as hub --json status | grep -q '"checkpoints":12,"founders":0'
	checkpoints 11 sud
	sync sud
	run_as nova join "$link"
	expect 75
	checkpoints 1 sud
	sync sud
	never grep -q "new key" <(as hub members)
	run_as nova join "$link"
	expect 0
	sync nova
	as nova produce 5 visor >/dev/null
	# and speaks for itself: an amendment of two of three
	as nova charter amend --quorum 3 >/dev/null
	sync nova
	as hub charter sign "$(as hub --json charter |
		sed 's/.*"proposals":\[{"id":"\([0-9a-f]\{12\}\).*/\1/')" >/dev/null
	sync nova sud lea
	for who in hub nova sud lea; do
		as "$who" --json totals | grep -q '"produced":22,'
		as "$who" --json charter | grep -q '"quorum":3'
	done
	alike hub nova sud lea
	run_as hub audit
	expect 0
	# what the old machine goes on with is a finding, until the founder lets it
	late=$(id_of est produce 1 visor)
	sync est || true
	sync nova sud
	alike hub nova sud
	run_as hub audit
	expect 1
	[ "$(grep -c "KEY-" <<<"$output")" = 1 ]
	grep -q "KEY-05.*est" <<<"$output"
	run_as hub release "$late"
	expect 77
	run_as nova release "$late"
	expect 0
	sync nova sud
	alike hub nova sud
	produced 23 sud
	run_as hub audit
	expect 0
	sound hub nova sud
}

@test "an old backup restores a machine that is told it does not count" {
	echo horse >"$BATS_TEST_TMPDIR/pass"
	as lea backup "$BATS_TEST_TMPDIR/old.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	as lea produce 2 visor >/dev/null
	as lea rotate --identity >/dev/null 2>&1
	sync lea
	as old restore "$BATS_TEST_TMPDIR/old.backup" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	run_as old up --once
	expect 0
	[ "$(grep -c "another identity key has followed" <<<"$stderr")" = 1 ]
	run_as old status
	[[ $stderr == *"another identity key has followed"* ]]
	run_as old produce 1 visor
	expect 77
	produced 2 hub
}

@test "a sealed identity stays sealed, and signs with its passphrase only" {
	echo horse >"$BATS_TEST_TMPDIR/seal"
	echo donkey >"$BATS_TEST_TMPDIR/wrong"
	as max init --label max --place FR-88 \
		--passphrase-file "$BATS_TEST_TMPDIR/seal" 2>/dev/null
	as max join "$(as hub invite --auto)" \
		--passphrase-file "$BATS_TEST_TMPDIR/seal"
	run_as max rotate --identity
	expect 77
	run_as max rotate --identity --passphrase-file "$BATS_TEST_TMPDIR/wrong"
	expect 77
	never grep -q rotate <(as max log)
	run_as max rotate --identity --passphrase-file "$BATS_TEST_TMPDIR/seal"
	expect 0
	sync max
	run_as max rotate
	expect 77
	run_as max rotate --passphrase-file "$BATS_TEST_TMPDIR/seal"
	expect 0
	as max produce 4 visor >/dev/null
	sync max
	produced 4 hub
}

@test "who nobody knows by the new key yet brings the rotation along" {
	as lea produce 1 visor >/dev/null
	sync lea
	as lea rotate --identity >/dev/null 2>&1
	as lea produce 2 visor >/dev/null
	as lea rotate >/dev/null 2>&1
	as lea produce 4 visor >/dev/null
	sync lea
	produced 7 hub
	alike hub lea
}

# keep_backup WHO: with the passphrase of second.
keep_backup() {
	rm -f "$BATS_TEST_TMPDIR/$1.kept"
	as "$1" backup "$BATS_TEST_TMPDIR/$1.kept" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
}

@test "a machine that has an older identity key than another one is told so" {
	second lea lea2
	sync lea
	as lea rotate --identity >/dev/null 2>&1
	sync lea
	run_as lea2 up --once
	expect 0
	[[ $stderr == *"another identity key"*"rotate --adopt"* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	run_as lea2 status
	expect 0
	[[ $stderr == *"another identity key"* ]]
	as lea2 doctor | grep -q "^bad   keys .*another identity key"
	keep_backup lea
	as lea2 rotate --adopt "$BATS_TEST_TMPDIR/lea.kept" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	for who in lea lea2; do
		run_as "$who" status
		expect 0
		[ -z "$stderr" ]
		never grep -q "another identity key" <(as "$who" doctor)
	done
}

@test "two machines that each made an identity key: the one that is shut out is told what to do" {
	local first second
	second lea lea2
	as lea2 produce 5 visor >/dev/null
	first=$(as lea rotate --identity 2>/dev/null)
	as lea rotate >/dev/null 2>&1
	as lea produce 5 visor >/dev/null
	# Of the two the one with the smaller id counts: let that be the other.
	cp -a "$BATS_TEST_TMPDIR/lea2" "$BATS_TEST_TMPDIR/before"
	cp -a "$BATS_TEST_TMPDIR/state/lea2" "$BATS_TEST_TMPDIR/before.state"
	while second=$(as lea2 rotate --identity 2>/dev/null) &&
		[[ ${second##* } < ${first##* } ]]; do
		rm -rf "$BATS_TEST_TMPDIR/lea2" "$BATS_TEST_TMPDIR/state/lea2"
		cp -a "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/lea2"
		cp -a "$BATS_TEST_TMPDIR/before.state" \
			"$BATS_TEST_TMPDIR/state/lea2"
	done
	as lea2 rotate >/dev/null 2>&1
	as lea2 produce 5 visor >/dev/null
	sync lea
	run_as lea2 up --once
	expect 77
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	[[ $stderr == *"import bundle FILE"*"rotate --adopt FILE"* ]]
	keep_backup lea
	# In the wrong order that is said, too.
	run_as lea2 rotate --adopt "$BATS_TEST_TMPDIR/lea.kept" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	expect 75
	[[ $stderr == *"import bundle FILE"* ]]
	as lea export bundle "$BATS_TEST_TMPDIR/stick"
	run_as lea2 import bundle "$BATS_TEST_TMPDIR/stick"
	run_as lea2 rotate --adopt "$BATS_TEST_TMPDIR/lea.kept" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	expect 0
	# What it had signed is not signed again, which might come first then.
	[ "$(as lea2 --json log | grep -c '"kind":"rotate"')" = 2 ]
	sync lea2 lea
	alike hub lea lea2
	produced 15 hub
	[ "$(as hub --json audit | grep -o '"code":"[^"]*"')" = \
		"$(printf '"code":"%s"\n' KEY-05 KEY-06)" ]
}

@test "an old card that makes a new identity key before it meets anybody is told what to do" {
	sync lea
	as lea backup "$BATS_TEST_TMPDIR/before" --passphrase-file \
		<(echo horse) 2>/dev/null
	cp -a "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/card"
	cp -a "$BATS_TEST_TMPDIR/state/lea" "$BATS_TEST_TMPDIR/card.state"
	as lea produce 10 visor >/dev/null
	sync lea
	rm -rf "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/state/lea"
	mv "$BATS_TEST_TMPDIR/card" "$BATS_TEST_TMPDIR/lea"
	mv "$BATS_TEST_TMPDIR/card.state" "$BATS_TEST_TMPDIR/state/lea"
	as lea rotate --identity >/dev/null 2>&1
	run_as lea up --once
	expect 77
	[[ $stderr == *"restore a backup made before that"* ]]
	rm -rf "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/state/lea"
	as lea restore "$BATS_TEST_TMPDIR/before" --passphrase-file \
		<(echo horse) 2>/dev/null
	sync lea
	produced 10 hub lea
	alike hub lea
	run_as hub audit
	expect 0
}

@test "a hub that was put back hears of the new key once more" {
	local hub=$ADDRESS
	as lea produce 1 visor >/dev/null
	sync lea
	stop_node hub
	cp -a "$BATS_TEST_TMPDIR/hub" "$BATS_TEST_TMPDIR/hub.copy"
	start_node hub --listen "$hub"
	as lea rotate --identity >/dev/null 2>&1
	as lea produce 2 visor >/dev/null
	sync lea
	as lea rotate >/dev/null 2>&1
	as lea produce 4 visor >/dev/null
	sync lea
	stop_node hub
	rm -rf "$BATS_TEST_TMPDIR/hub"
	mv "$BATS_TEST_TMPDIR/hub.copy" "$BATS_TEST_TMPDIR/hub"
	start_node hub --listen "$hub"
	sync lea nino
	produced 7 hub
	alike hub lea nino
}

@test "a rotation that was cut short is completed by the next command" {
	local keys="$BATS_TEST_TMPDIR/lea/keys"
	cp "$keys/identity.key" "$BATS_TEST_TMPDIR/before"
	as lea rotate --identity >/dev/null 2>&1
	sync lea
	# As if it had ended before the new key was put in its place.
	mv "$keys/identity.key" "$keys/identity.key.next"
	cp "$BATS_TEST_TMPDIR/before" "$keys/identity.key"
	printf "$(key_of lea | sed 's/../\\x&/g')" \
		>"$keys/identity.key.next.pub"
	run_as lea rotate
	expect 0
	[ ! -e "$keys/identity.key.next" ] && [ ! -e "$keys/identity.key.next.pub" ]
	as lea produce 1 visor >/dev/null
	sync lea
	produced 1 hub
	# One that never got as far leaves nothing behind.
	cp "$BATS_TEST_TMPDIR/before" "$keys/identity.key.next"
	printf '%032d' 0 >"$keys/identity.key.next.pub"
	as lea produce 1 visor >/dev/null
	[ ! -e "$keys/identity.key.next" ] && [ ! -e "$keys/identity.key.next.pub" ]
	run_as lea rotate --identity
	expect 0
}

@test "rotations that nobody may make are refused, with a reason" {
	sync lea
	run_as lea rotate --identity --to nino
	expect 64
	run_as lea rotate hub
	expect 64
	run_as hub rotate --from 12345678
	expect 64
	run_as hub rotate nobody --to nino
	expect 65
	run_as hub rotate lea --to nino
	expect 65
	[[ $stderr == *"nobody called nino waits"* ]]
	run_as lea rotate nino --to nova
	expect 77
	make_member nova
	run_as nova join "$(as hub invite)"
	run_as hub rotate lea --to nova --from 0123456789abcdef
	expect 65
	stop_node hub
	run_as nova rotate --identity
	expect 75
}
