#!/usr/bin/env bats
# Anybody may read a network that was founded so; nobody else's.

load helper

teardown() {
	stop_nodes
}

# found WHO OPTION...: its network's id in $NETWORK, its node's key in $KEY.
found() {
	local who=$1
	shift
	make_member "$who"
	as "$who" found Vittel "$@" >/dev/null
	NETWORK=$(as "$who" status --json |
		sed 's/.*"network":"\([0-9a-f]*\)".*/\1/')
	KEY=$(as "$who" log --kind open --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	start_node "$who"
	HUB=$ADDRESS
}

report() {
	as "$1" --json audit | sed 's/.*"report":"\([0-9a-f]*\)".*/\1/'
}

@test "a stranger reads a public network, audits it and stays out of it" {
	found hub --public-read
	join_network lea hub
	as lea produce 60 visor/v30 >/dev/null
	sync lea
	run_as reader read "$HUB#$KEY" --network "$NETWORK"
	expect 0
	[[ $stderr == *"entries are here"* ]]
	run_as reader audit
	expect 0
	[ "$(report reader)" = "$(report hub)" ]
	run_as reader status
	[[ $output =~ member\ +[0-9a-f]{8}\ +reads\ only ]]
	# Nothing of the reader went the other way.
	[ "$(as hub members | wc -l)" = "$(as lea members | wc -l)" ]
	# What is new comes with `up`, which remembers where.
	as lea produce 3 visor/v30 >/dev/null
	sync lea
	run_as reader up --once --timeout 20
	expect 0
	[ "$(report reader)" = "$(report hub)" ]
	# And an invite makes a member of the same home.
	link=$(as hub invite --auto)
	run_as reader join "$link"
	expect 64
	as reader join "$link" --label max --place FR-88
	as reader produce 1 visor/v30 >/dev/null
	sync reader
	[ "$(report reader)" = "$(report hub)" ]
	as hub members | grep -q max
}

@test "a network that is not public is closed to strangers" {
	found hub
	run_as reader read "$HUB#$KEY" --network "$NETWORK"
	expect 77
	[[ $stderr == *"members only"* ]]
	[ "$(as reader status --json | grep -o '"entries":[0-9]*')" = '"entries":1' ]
}

@test "another network than the one that was asked for is refused" {
	found hub --public-read
	run_as reader read "$HUB#$KEY" \
		--network "$(printf '%064d' 7)"
	expect 76
	run_as reader read "$HUB" --network "$NETWORK"
	expect 64
	run_as reader read "$HUB#$KEY"
	expect 64
	# The home was in no network yet, so it may read the right one.
	run_as reader read "$HUB#$KEY" --network "$NETWORK"
	expect 0
}
