#!/usr/bin/env bats
# Memberships that are taken away, given back and handed over, seen in
# different orders: everybody ends with the same figures.

load helper

setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	join_network zoe hub
}

teardown() {
	stop_nodes
}

produced() {
	as "$1" --json totals |
		sed 's/"associations".*//; s/.*"item":"visor"[^}]*"produced":\([0-9]*\).*/\1/'
}

# association WHO: admitted by the hub, may admit.
association() {
	join_network "$1" hub association
	as hub accept "$1" --may-admit >/dev/null
	sync "$1"
}

# only WHO: its node is up, and no other.
only() {
	stop_nodes
	if [ "$1" = hub ]; then
		start_node hub --listen "$HUB"
	else
		start_node "$1"
	fi
	ADDRESS=${ADDRESS%%$'\n'*}
	KEY=$(as hub show "$1/1" --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
}

# meet WHO...: each exchanges all it has with the node that is up.
meet() {
	local who
	for who in "$@"; do
		as "$who" up --once --timeout 20 --peer "$ADDRESS#$KEY" ||
			return 1
	done
}

# same WHO...: all print the hub's audit, and nobody is accused.
same() {
	local who
	as hub --json audit >"$BATS_TEST_TMPDIR/audit.hub" || [ $? -eq 1 ]
	for who in "$@"; do
		as "$who" --json audit >"$BATS_TEST_TMPDIR/audit.$who" ||
			[ $? -eq 1 ]
		cmp "$BATS_TEST_TMPDIR/audit.hub" \
			"$BATS_TEST_TMPDIR/audit.$who"
		as "$who" fsck >/dev/null
	done
	never grep -q '"severity":"E"' "$BATS_TEST_TMPDIR/audit.hub"
}

# at WHO SEQ: the reference of a member's entry that holds whatever happens to
# its label.
at() {
	printf '%s/%s\n' "$(as hub --json log --author "$1" | head -n 1 |
		sed 's/.*"feed":"\([0-9a-f]*\)".*/\1/')" "$2"
}

@test "dismissed by one and admitted by another stands, in both orders" {
	association first
	association second
	only first
	join_network lea first
	as lea produce 1 visor
	meet lea zoe
	only hub
	meet zoe second first
	# Neither knows of the other's decision.
	as first dismiss lea --reason "a quarrel"
	as second accept lea --role maker
	as lea produce 2 visor
	# Zoe hears of the dismissal first,
	only first
	meet zoe
	[ "$(produced zoe)" = 1 ]
	as zoe members | grep -q '^lea .*dismissed'
	# and max, whom the second brings in, of the admission.
	only second
	join_network max second
	meet lea max
	as max members | grep -q '^lea '
	never grep -q dismissed <<<"$(as max members)"
	[ "$(produced max)" = 3 ]
	meet zoe
	[ "$(produced zoe)" = 3 ]
	as lea produce 4 visor
	only hub
	meet first second lea zoe max first second lea zoe max
	[ "$(produced hub)" = 7 ]
	same lea max zoe first second
	never grep -q dismissed <<<"$(as hub members)"
}

@test "the makers of a dismissed association are taken over by another" {
	association second
	association third
	only second
	join_network lea second
	join_network max second
	as lea produce 1 visor
	as max produce 2 visor
	meet lea max
	only hub
	meet second
	as lea produce 4 visor
	as hub dismiss second --reason "sold what was given"
	# What it signs from now on is nothing to anybody else.
	only second
	join_network mallory second
	as mallory produce 500 visor
	meet mallory lea
	stop_nodes
	as second produce 1000 visor
	only hub
	meet third
	only third
	as third accept lea --role maker
	as third accept max --role maker
	as max produce 8 visor
	meet lea max zoe
	only hub
	meet third lea max zoe third lea max
	[ "$(produced hub)" = 15 ]
	same zoe lea max third
	never grep -q mallory <<<"$(as hub members)"
	as lea members | grep -q '^second .*dismissed'
}

@test "honest entries that had not arrived are released" {
	join_network lea hub
	as lea produce 1 visor
	sync lea zoe
	as lea produce 2 visor
	as hub dismiss lea --reason "does not answer"
	as lea produce 4 visor
	run_as lea up --once --timeout 5
	# A stick brings what the hub would not hear from her any more.
	as lea export bundle "$BATS_TEST_TMPDIR/stick"
	stop_node hub
	as hub import bundle "$BATS_TEST_TMPDIR/stick"
	[ "$(produced hub)" = 1 ]
	run_as zoe release lea/3
	[ "$status" -ne 0 ]
	honest=$(at lea 3)
	run_as hub release "$honest" --reason "made before the quarrel"
	expect 0
	[ "$(produced hub)" = 3 ]
	run_as hub release "$honest"
	expect 65
	[[ $stderr == *"counts already"* ]]
	run_as hub release zoe/1
	expect 65
	run_as hub release lea/99
	expect 65
	start_node hub --listen "$HUB"
	sync zoe
	same zoe
	[ "$(produced zoe)" = 3 ]
}
