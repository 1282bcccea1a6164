#!/usr/bin/env bats
# Homes that were put back from a copy or a backup: nothing that was
# acknowledged is lost, and everybody ends with the same figures.

load helper

setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	join_network lea hub
	join_network bob hub
}

teardown() {
	stop_nodes
}

copy_home() {
	cp -a "$BATS_TEST_TMPDIR/$1" "$BATS_TEST_TMPDIR/$1.copy"
}

# put_back WHO: the home as it was when it was copied.
put_back() {
	rm -rf "${BATS_TEST_TMPDIR:?}/$1"
	cp -a "$BATS_TEST_TMPDIR/$1.copy" "$BATS_TEST_TMPDIR/$1"
}

# lose_mark WHO: what stands outside of the home was put back too.
lose_mark() {
	rm -rf "${BATS_TEST_TMPDIR:?}/state/$1"
}

feed_of() {
	as "$1" --json status | sed 's/.*"feed":"\([0-9a-f]*\)".*/\1/'
}

produced() {
	as "$1" --json totals |
		sed 's/"associations".*//; s/.*"item":"visor"[^}]*"produced":\([0-9]*\).*/\1/'
}

# agree WHO...: after two rounds all print the same audit, and every file is
# sound.
agree() {
	local who first=
	sync "$@"
	sync "$@"
	as hub --json audit >"$BATS_TEST_TMPDIR/audit.hub" || [ $? -eq 1 ]
	for who in "$@"; do
		as "$who" --json audit >"$BATS_TEST_TMPDIR/audit.$who" ||
			[ $? -eq 1 ]
		cmp "$BATS_TEST_TMPDIR/audit.hub" \
			"$BATS_TEST_TMPDIR/audit.$who"
		as "$who" fsck >/dev/null
	done
	# Nobody but the owner of a copied machine is ever accused.
	never grep -q '"severity":"E"' "$BATS_TEST_TMPDIR/audit.hub"
}

@test "an old copy is noticed by its mark before it signs" {
	as lea produce 1 visor
	sync lea
	copy_home lea
	as lea produce 2 visor
	as lea produce 4 visor
	sync lea
	old=$(feed_of lea)
	put_back lea
	run_as lea produce 8 visor
	expect 0
	[[ $stderr == *"old copy"* ]]
	[ "$(feed_of lea)" != "$old" ]
	# Once is enough.
	run_as lea produce 16 visor
	expect 0
	[ -z "$stderr" ]
	agree lea bob
	[ "$(produced hub)" = 31 ]
	[ "$(produced lea)" = 31 ]
	as lea log --json | grep -q '"kind":"open".*"after"'
}

@test "an old copy that reaches nobody goes on recording" {
	as lea produce 1 visor
	sync lea
	copy_home lea
	as lea produce 2 visor
	sync lea
	stop_node hub
	put_back lea
	as lea produce 4 visor
	as lea produce 8 visor
	run_as lea up --once --timeout 2
	[ "$status" -ne 0 ]
	as lea produce 16 visor
	start_node hub --listen "$HUB"
	agree lea bob
	[ "$(produced hub)" = 31 ]
}

@test "a copy of a copy ends again" {
	copy_home lea
	as lea produce 1 visor
	put_back lea
	as lea produce 2 visor
	sync lea
	put_back lea
	as lea produce 4 visor
	agree lea bob
	[ "$(produced bob)" = 6 ]
}

@test "what a peer holds of one's own feed shows an old copy" {
	as lea produce 1 visor
	sync lea
	copy_home lea
	as lea produce 2 visor
	as lea produce 4 visor
	sync lea bob
	old=$(feed_of lea)
	put_back lea
	lose_mark lea
	sync lea
	[ "$(feed_of lea)" != "$old" ]
	as lea produce 8 visor
	agree lea bob
	[ "$(produced hub)" = 15 ]
}
