#!/usr/bin/env bats
# Two copies of one machine that both go on, a stolen key: real nodes in two
# partitions that meet.  Everybody ends with the same figures, and nothing that
# was recorded is lost.

load helper

setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	# A second node that lea meets while the hub is out of reach.
	join_network est hub association
	as est up --once --timeout 20
	join_network lea hub
	join_network bob hub
	sync est lea bob
}

teardown() {
	stop_nodes
}

copy_of() {
	cp -a "$BATS_TEST_TMPDIR/$1" "$BATS_TEST_TMPDIR/$2"
	mkdir -p "$BATS_TEST_TMPDIR/state/$2"
}

feed_of() {
	as "$1" --json status | sed 's/.*"feed":"\([0-9a-f]*\)".*/\1/'
}

produced() {
	as "$1" --json totals |
		sed 's/"associations".*//; s/.*"item":"visor"[^}]*"produced":\([0-9]*\).*/\1/'
}

audit_of() {
	as "$1" --json audit >"$BATS_TEST_TMPDIR/audit.$1" || [ $? -eq 1 ]
}

# agree WHO...: they and the hub print the same audit, and every file is sound.
agree() {
	local who
	sync "$@"
	sync "$@"
	sync "$@"
	audit_of hub
	for who in "$@"; do
		audit_of "$who"
		cmp "$BATS_TEST_TMPDIR/audit.hub" "$BATS_TEST_TMPDIR/audit.$who"
		as "$who" fsck >/dev/null
	done
}

# disputed WHO SEQ: the id of an entry in dispute.
disputed() {
	as "$1" log --disputed --json | grep "\"seq\":$2," | head -n 1 |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/'
}

# both_went_on: lea has told the hub of 10 more, and her copy tells est, who
# cannot reach the hub, of 100.
both_went_on() {
	as lea produce 1 visor
	sync lea est bob
	copy_of lea twin
	as lea produce 10 visor
	sync lea
	stop_node hub
	start_node est
	as twin produce 100 visor
	as twin up --once --timeout 20 --peer "$ADDRESS#$(transport_of est)" ||
		true
	[ "$(produced est)" = 101 ]
}

transport_of() {
	as "$1" show "$1/1" --json | sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/'
}

@test "two copies that both went on are noticed by both and by everyone" {
	as lea produce 1 visor
	sync lea est bob
	copy_of lea twin
	# lea tells the hub ...
	as lea produce 10 visor
	as lea produce 20 visor
	sync lea
	# ... and her copy tells est, who cannot reach the hub.
	stop_node hub
	start_node est
	EST="$ADDRESS#$(transport_of est)"
	as twin produce 100 visor
	as twin up --once --timeout 20 --peer "$EST" || true
	as est --json log --kind produce | grep -c '"qty"' || true
	[ "$(produced est)" = 101 ]
	start_node hub --listen "$HUB"
	[ "$(produced hub)" = 31 ]
	# The two meet.
	stop_node est
	sync est
	for who in hub est; do
		[ "$(produced "$who")" = 1 ]
		run_as "$who" audit
		expect 1
		[[ $output == *LOG-10* ]]
		[[ $output == *copied* ]]
	done
	as hub --json audit | grep -q '"forks":\[{"feed":"'"$(feed_of lea)"'","seq":3}\]'
	as hub log --disputed | grep -q 'lea.* 10 visor'
	# Each once; and a look at one says what is the matter.
	[ "$(as hub log --disputed --json | sort | uniq -d)" = "" ]
	[ "$(as hub log --disputed --json | wc -l)" = 3 ]
	run_as hub show "$(disputed hub 4)"
	expect 0
	[[ $output == *"In dispute"*"numbered 3,"*"maillon resolve"* ]]
	[[ $(as hub show lea/2 --json) == *'"counts":true,"disputed":null,'* ]]
	[[ $(as hub show lea/4 --json) == *'"counts":false,"disputed":{"why":"forked","counts_to":2},'* ]]
	run_as hub show lea/3
	expect 65
	[[ $stderr == *"may be one of"* ]]
	gone=$(disputed hub 4)
	# Both copies hear of it, and go on under new keys.
	old=$(feed_of lea)
	sync lea
	[ "$(feed_of lea)" != "$old" ]
	sync twin
	[ "$(feed_of twin)" != "$old" ]
	[ "$(feed_of twin)" != "$(feed_of lea)" ]
	agree lea twin est bob
	[ "$(produced hub)" = 131 ]
	# Nobody but the owner of the copied machine is named.
	[ "$(grep -o '"code":"[A-Z0-9-]*"' "$BATS_TEST_TMPDIR/audit.hub" |
		sort -u)" = '"code":"LOG-10"' ]
	# The hub admitted her: it says how it came about.
	run_as hub resolve lea/3 --cause copied-machine
	expect 65
	run_as bob resolve "$(as hub log --disputed --json | head -n 1 |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')" --cause copied-machine
	expect 77
	as hub resolve "$(disputed hub 4)" --cause copied-machine
	agree lea twin est bob
	# Only the other chain is in dispute still; it was recorded again.
	[ "$(as hub log --disputed | wc -l)" = 1 ]
	as hub log --disputed | grep -q ' 100 visor'
	as hub show "$(disputed hub 3)" | grep -q 'asked for'
	[[ $(as hub show "$gone" --json) == *'"counts":true,"disputed":null,'* ]]
	# What was recorded again counts once.
	[ "$(produced hub)" = 131 ]
	as hub audit
	[ "$(as hub log --author lea --json | grep -c '"orphan"')" -ge 3 ]
}

@test "two copies of a home that opened the same feed lose nothing" {
	# Her home was copied before it had joined: each copy begins the feed
	# on its own, and records.
	make_member zoe
	copy_of zoe twin
	link=$(as hub invite --auto)
	stop_node hub
	run_as zoe join "$link"
	expect 69
	sleep 0.01
	run_as twin join "$link"
	expect 69
	as zoe produce 1 visor
	as twin produce 2 visor
	start_node hub --listen "$HUB"
	as zoe join "$link"
	sync zoe
	as twin join "$link" || true
	sync twin || true
	sync zoe twin bob
	agree zoe twin bob est
	[ "$(produced hub)" = 3 ]
	# What the second had sent to nobody is no fork.
	as hub audit
	[ "$(as hub members | grep -c '^zoe ')" = 1 ]
}

@test "what was attested cannot be forked away" {
	as lea produce 1 visor
	sync lea
	copy_of lea twin
	as lea produce 10 visor
	tip=$(id_of lea produce 20 visor)
	sync lea
	as hub checkpoint
	sync est bob
	# Her copy tells another story of what is attested, and a longer one.
	as twin produce 100 visor
	as twin produce 200 visor
	as twin export bundle "$BATS_TEST_TMPDIR/twin.maillon"
	for who in hub est bob; do
		run_as "$who" import bundle "$BATS_TEST_TMPDIR/twin.maillon"
		[ "$(produced "$who")" = 31 ]
	done
	run_as hub show "$(disputed hub 3)"
	expect 0
	[[ $output == *"counts up to lea/4 of the chain that was named"* ]]
	agree est bob
	[ "$(produced hub)" = 31 ]
	# How it came about is to be said, and of no lower place.
	run_as hub resolve "$(disputed hub 3)" --cause copied-machine
	expect 65
	[[ $stderr == *"attested"*"$tip"* ]]
	run_as hub resolve lea/2 --cause copied-machine
	expect 65
	run_as bob resolve lea/4 --cause copied-machine
	expect 77
	as hub resolve "$tip" --cause copied-machine
	sync est bob
	for who in hub est bob; do
		[ "$(produced "$who")" = 31 ]
		as "$who" audit
	done
}

@test "a stolen machine's feed ends where its member says" {
	as lea produce 1 visor
	echo pass >"$BATS_TEST_TMPDIR/pass"
	as lea backup "$BATS_TEST_TMPDIR/lea.bak" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	sync lea
	as laptop restore "$BATS_TEST_TMPDIR/lea.bak" --second \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	sync laptop
	last=$(as hub log --author lea --json | grep '"kind":"produce"' |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	# The thief goes on.
	as lea produce 1000 visor
	sync lea bob
	[ "$(produced hub)" = 1001 ]
	run_as bob end "$last"
	expect 77
	run_as lea end "$last"
	expect 65
	as laptop end "$last"
	sync laptop bob
	[ "$(produced hub)" = 1 ]
	as hub log --disputed | grep -q ' 1000 visor'
	run_as hub show "$(disputed hub 3)"
	expect 0
	[[ $output == *"closed this feed after"* ]]
	# He hears of it, and cannot record any more.
	sync lea || true
	run_as lea produce 5000 visor
	expect 77
	[[ $stderr == *closed* ]]
	as laptop produce 2 visor
	agree laptop bob
	[ "$(produced hub)" = 3 ]
	as hub audit
}

@test "what was attested is not closed away unseen" {
	as lea produce 1 visor
	echo pass >"$BATS_TEST_TMPDIR/pass"
	as lea backup "$BATS_TEST_TMPDIR/lea.bak" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	last=$(id_of lea produce 20 visor)
	sync lea
	as hub checkpoint >/dev/null
	as laptop restore "$BATS_TEST_TMPDIR/lea.bak" --second \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	sync laptop
	as laptop end "$(as laptop log --author lea --json |
		sed -n 's/.*"id":"\([0-9a-f]*\)".*"kind":"produce".*/\1/p' |
		head -n 1)"
	sync laptop bob
	[ "$(produced bob)" = 1 ]
	for who in bob hub; do
		run_as "$who" audit
		expect 1
		[[ $output == *"W LOG-13  A feed of lea was closed before"* ]]
	done
	audit_of hub
	as bob --json audit >"$BATS_TEST_TMPDIR/audit.file" || [ $? -eq 1 ]
	cmp "$BATS_TEST_TMPDIR/audit.hub" "$BATS_TEST_TMPDIR/audit.file"
	# Her association explains it: they were honest.
	as hub release "$last"
	sync bob
	[ "$(produced bob)" = 21 ]
	as bob audit
}

@test "a bundle carries the proof of a fork" {
	as lea produce 1 visor
	sync lea
	copy_of lea twin
	as lea produce 10 visor
	sync lea
	as twin produce 100 visor
	as twin export bundle "$BATS_TEST_TMPDIR/twin.maillon"
	run_as hub import bundle "$BATS_TEST_TMPDIR/twin.maillon"
	expect 1
	[ "$(produced hub)" = 1 ]
	run_as hub audit
	expect 1
	[[ $output == *LOG-10* ]]
	as hub export bundle "$BATS_TEST_TMPDIR/hub.maillon"
	audit_of hub
	as hub --json audit "$BATS_TEST_TMPDIR/hub.maillon" \
		>"$BATS_TEST_TMPDIR/audit.file" || [ $? -eq 1 ]
	cmp "$BATS_TEST_TMPDIR/audit.hub" "$BATS_TEST_TMPDIR/audit.file"
	as bob import bundle "$BATS_TEST_TMPDIR/hub.maillon"
	agree bob lea
	[ "$(produced hub)" = 11 ]
}

@test "a copy that left its key before the two were proved loses nothing" {
	both_went_on
	# est has vouched for its key so far, so what it wrote stays there.
	as twin rotate
	as twin produce 1000 visor
	start_node hub --listen "$HUB"
	stop_node est
	sync est
	[ "$(produced hub)" = 1 ]
	agree est twin lea bob
	[ "$(produced hub)" = 1111 ]
	run_as hub audit
	expect 1
	[ "$(grep -c 'LOG-10' <<<"$output")" = 1 ]
	# Once: not again with each command.
	before=$(as twin --json log | wc -l)
	as twin produce 1 visor
	[ "$(as twin --json log | wc -l)" = $((before + 1)) ]
}

@test "a copy that nobody has met leaves nothing behind under its old key" {
	as lea produce 1 visor
	sync lea est bob
	copy_of lea twin
	as lea produce 10 visor
	sync lea
	as twin produce 100 visor
	as twin rotate
	as twin produce 1000 visor
	agree twin lea est bob
	[ "$(produced bob)" = 1111 ]
	# Nothing differs anywhere, so nobody is named.
	run_as hub audit
	expect 0
}

@test "a daemon whose former feed is cut records it again at once" {
	both_went_on
	as twin rotate
	start_node hub --listen "$HUB"
	start_node twin
	stop_node est
	sync est
	for _ in $(seq 100); do
		[ "$(produced hub)" = 101 ] && break
		sleep 0.1
	done
	# Not lea's: her machine has not heard of it yet.
	[ "$(produced hub)" = 101 ]
	grep -q 'event=copied-machine' "$BATS_TEST_TMPDIR/twin.log"
}
