#!/usr/bin/env bats
# Two copies of one machine where it is worst: of a feed from its first entry
# on, and of a founder's.  Real nodes in two partitions that meet.

load helper

setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	AT="$HUB#$(transport_of hub)"
	# A second node, where what the hub does not see comes in.
	join_network est hub association FR-67
	sync est
}

teardown() {
	stop_nodes
}

copy_of() {
	cp -a "$BATS_TEST_TMPDIR/$1" "$BATS_TEST_TMPDIR/$2"
	mkdir -p "$BATS_TEST_TMPDIR/state/$2"
}

transport_of() {
	as "$1" show "$1/1" --json | sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/'
}

feed_of() {
	as "$1" --json status | sed 's/.*"feed":"\([0-9a-f]*\)".*/\1/'
}

# produced WHO: visors, in all; nothing when there is no record of any.
produced() {
	as "$1" --json totals | sed 's/"associations".*//' |
		sed -n 's/.*"item":"visor"[^}]*"produced":\([0-9]*\).*/\1/p'
}

# meet WHO...: each meets the hub, wherever it has met before.
meet() {
	local who
	for who in "$@"; do
		as "$who" up --once --timeout 20 --peer "$AT" || return 1
	done
}

# apart WHO...: the hub is down, est is up, and these meet it.
apart() {
	local who at
	stop_node hub
	start_node est
	at="$ADDRESS#$(transport_of est)"
	for who in "$@"; do
		as "$who" up --once --timeout 20 --peer "$at" || true
	done
	stop_node est
	start_node hub --listen "$HUB"
}

# alike WHO...: they print the same audit, and every file is sound; in $output.
alike() {
	local who
	for who in "$@"; do
		run_as "$who" --json audit
		[ "$status" -le 1 ]
		echo "$output" >"$BATS_TEST_TMPDIR/audit.$who"
		cmp "$BATS_TEST_TMPDIR/audit.$1" "$BATS_TEST_TMPDIR/audit.$who"
		as "$who" fsck >/dev/null
	done
}

@test "a feed in dispute from its first entry on is recorded again, all of it" {
	make_member zoe
	copy_of zoe twin
	link=$(as hub invite --auto)
	stop_node hub
	run_as zoe join "$link"
	expect 69
	sleep 0.01
	run_as twin join "$link"
	expect 69
	[ "$(feed_of zoe)" = "$(feed_of twin)" ]
	start_node hub --listen "$HUB"
	old=$(feed_of zoe)
	as hub accept est --may-admit >/dev/null
	sync est
	# Each is admitted in its own part of the network.
	as zoe produce 1 visor >/dev/null
	as zoe produce 2 visor >/dev/null
	as zoe join "$link"
	[ "$(produced hub)" = 3 ]
	stop_node hub
	start_node est
	as twin produce 10 visor >/dev/null
	as twin join "$(as est invite --auto)"
	[ "$(produced est)" = 10 ]
	[ "$(feed_of twin)" = "$old" ]
	stop_node est
	start_node hub --listen "$HUB"
	sync est
	alike hub est
	[[ $output == *'"forks":[{"feed":"'$old'","seq":1}]'* ]]
	[ "$(grep -o '"code":"[^"]*"' <<<"$output")" = '"code":"LOG-10"' ]
	[ -z "$(produced hub)$(produced est)" ]
	# Both hear of it, and record all of it again under new keys.
	meet zoe twin
	[ "$(feed_of zoe)" != "$old" ]
	[ "$(feed_of twin)" != "$old" ]
	meet zoe twin est zoe
	alike hub est zoe twin
	[ "$(produced hub)" = 13 ]
	# Nobody but the owner of the copied machine is named, and not as if a
	# chain could be.
	run_as hub audit
	[[ $output == *"was begun twice"*"copied before it joined"* ]]
	[[ $output != *"which counts"* ]]
	# Of a feed that is nobody's no chain can be named, but how it came
	# about can be said, by who admitted its member.
	id=$(as hub log --disputed --json | head -n 1 |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	run_as hub show "$id"
	expect 0
	[[ $output == *"In dispute"*"numbered 1,"*"how it came about"* ]]
	run_as zoe resolve "$id" --cause copied-machine
	expect 77
	run_as hub resolve "$id" --cause copied-machine
	expect 0
	[[ $stderr == *"first entry of this feed is in dispute"* ]]
	meet est zoe twin
	alike hub est zoe twin
	never grep -q '"code"' <<<"$output"
	[ "$(produced hub)" = 13 ]
}

@test "a founder whose machine was copied: the other founders say which counts" {
	as hub charter amend --founder est >/dev/null
	sync est
	join_network lea hub
	sync est
	old=$(feed_of hub)
	copy_of hub twin
	as hub produce 10 visor >/dev/null
	as hub produce 20 visor >/dev/null
	sync lea # what was told to nobody would be taken back
	as twin produce 100 visor >/dev/null
	apart twin
	[ "$(produced est)" = 100 ]
	[ "$(produced hub)" = 30 ]
	meet est lea est lea
	alike hub est lea
	[[ $output == *'"forks":[{"feed":"'$old'","seq":'*'}]'* ]]
	[ "$(grep -o '"code":"[^"]*"' <<<"$output")" = '"code":"LOG-10"' ]
	# The hub has recorded again what it had, and what its copy had where
	# that came to it first.
	[ "$(feed_of hub)" != "$old" ]
	[[ $(produced lea) =~ ^1?30$ ]]
	[ "$(as hub --json members | grep -o '"depth":0' | wc -l)" = 2 ]
	as hub accept lea --role courier >/dev/null
	# The other copy does the same, where it is.
	apart twin
	meet est lea
	[ "$(produced hub)" = 130 ]
	gone=$(as est log --disputed --json | grep '"qty":100' |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	for who in hub lea; do
		run_as "$who" resolve "$gone" --cause copied-machine
		expect 77
	done
	as est resolve "$gone" --cause copied-machine >/dev/null
	meet est lea est lea
	alike hub est lea
	[[ $output == *'"findings":[]'* ]]
	[ "$(produced hub)" = 130 ] # each once
	[[ $(as hub show "$gone" --json) == *'"counts":true,"disputed":null,'* ]]
	as lea --json members | grep -q '"role":"courier"'
}

@test "a sole founder whose machine was copied says so itself" {
	old=$(feed_of hub)
	copy_of hub twin
	as hub produce 10 visor >/dev/null
	join_network lea hub
	as twin produce 100 visor >/dev/null
	apart twin
	meet est lea est lea
	alike hub est lea
	[[ $output == *'"forks":[{"feed":"'$old'","seq":'*'}]'* ]]
	[ "$(grep -o '"code":"[^"]*"' <<<"$output")" = '"code":"LOG-10"' ]
	# Whom it had admitted beyond the fork it has admitted again.
	[[ $(produced lea) =~ ^1?10$ ]]
	as est members | grep -q '^lea '
	id=$(as hub log --disputed --json | grep '"qty":10[^0]' |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	run_as est resolve "$id" --cause copied-machine
	expect 77
	# Not by a program that says it all the same, and signs it, either.
	for proof in "" "proof=$BATS_TEST_TMPDIR/est"; do
		MAILLON_STATE="$BATS_TEST_TMPDIR/state/est" \
			"${BUILD:-$ROOT/build}/forge" \
			"$BATS_TEST_TMPDIR/est" resolve cause=0 \
			position="$old:$(as hub log --disputed --json |
				grep "$id" | sed 's/.*"seq":\([0-9]*\).*/\1/'):$id" \
			$proof
	done
	meet est lea
	alike hub est lea
	[ "$(grep -o '"code":"[^"]*"' <<<"$output")" = '"code":"LOG-10"' ]
	as hub resolve "$id" --cause copied-machine >/dev/null
	meet est lea est lea
	alike hub est lea
	[[ $output == *'"findings":[]'* ]]
	[[ $(produced lea) =~ ^1?10$ ]]
	[[ $(as lea show "$id" --json) == *'"counts":true,"disputed":null,'* ]]
	# The other copy comes last, and what it recorded counts too.
	apart twin
	meet est lea
	alike hub est lea
	[ "$(produced hub)" = 110 ]
	[[ $output == *'"findings":[]'* ]]
}
