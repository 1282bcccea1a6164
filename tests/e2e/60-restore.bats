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
	# Nobody is named for having put back a copy.
	grep -q '"findings":\[\]' "$BATS_TEST_TMPDIR/audit.hub" || {
		sed 's/.*"findings"//' "$BATS_TEST_TMPDIR/audit.hub"
		return 1
	}
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

pass() {
	echo 'correct horse' >"$BATS_TEST_TMPDIR/pass"
	printf '%s' "$BATS_TEST_TMPDIR/pass"
}

@test "a lost machine comes back from its backup" {
	as lea produce 1 visor
	sync lea
	as lea backup "$BATS_TEST_TMPDIR/lea.bak" --passphrase-file "$(pass)"
	as lea produce 2 visor
	as lea deliver 1 visor --to '~Dr Martin'
	sync lea
	rm -rf "${BATS_TEST_TMPDIR:?}/lea" "${BATS_TEST_TMPDIR:?}/state/lea"
	as lea restore "$BATS_TEST_TMPDIR/lea.bak" --passphrase-file "$(pass)"
	as lea produce 4 visor
	agree lea bob
	[ "$(produced hub)" = 7 ]
	as lea members | grep -q '^lea '
	[ "$(as lea members | grep -c '^lea ')" = 1 ]
	# Its private names are those of the member still.
	as lea deliver 1 visor --to '~Dr Martin'
	[ "$(as lea log --json --kind deliver | grep -o '"to":"[^"]*"' |
		sort -u | wc -l)" -eq 1 ]
}

@test "the association's own node comes back and is dialled where it was" {
	as lea produce 1 visor
	sync lea bob
	as hub backup "$BATS_TEST_TMPDIR/hub.bak" --passphrase-file "$(pass)"
	join_network zoe hub
	as zoe produce 2 visor
	as hub produce 4 visor
	sync zoe bob lea
	stop_node hub
	rm -rf "${BATS_TEST_TMPDIR:?}/hub" "${BATS_TEST_TMPDIR:?}/state/hub"
	as hub restore "$BATS_TEST_TMPDIR/hub.bak" --passphrase-file "$(pass)"
	start_node hub --listen "$HUB"
	as lea produce 8 visor
	agree lea bob zoe
	[ "$(produced hub)" = 15 ]
	as hub members | grep -q '^zoe '
}

@test "a laptop and a Pi: one member, two feeds, one sum" {
	as lea produce 1 visor
	sync lea
	as lea backup "$BATS_TEST_TMPDIR/lea.bak" --passphrase-file "$(pass)"
	as pi restore "$BATS_TEST_TMPDIR/lea.bak" --second \
		--passphrase-file "$(pass)"
	as pi produce 2 visor
	as lea produce 4 visor
	sync pi lea
	as pi deliver 6 visor --to =Hospital
	agree lea pi bob
	[ "$(produced hub)" = 7 ]
	[ "$(feed_of lea)" != "$(feed_of pi)" ]
	[ "$(as hub members | grep -c '^lea ')" = 1 ]
	as pi produce 8 visor
	as lea produce 16 visor
	agree pi lea bob
	[ "$(produced bob)" = 31 ]
}

@test "a backup with one byte changed, or another passphrase, says no more" {
	as lea backup "$BATS_TEST_TMPDIR/lea.bak" --passphrase-file "$(pass)"
	never as lea backup "$BATS_TEST_TMPDIR/lea.bak" \
		--passphrase-file "$(pass)"
	never grep -q lea "$BATS_TEST_TMPDIR/lea.bak"
	echo wrong >"$BATS_TEST_TMPDIR/wrong"
	run_as new restore "$BATS_TEST_TMPDIR/lea.bak" \
		--passphrase-file "$BATS_TEST_TMPDIR/wrong"
	expect 65
	said=$stderr
	[ "$(wc -l <<<"$said")" -eq 1 ]
	size=$(stat -c %s "$BATS_TEST_TMPDIR/lea.bak")
	# Name, costs (two), salt, nonce, what is sealed, its proof: first and
	# last byte of each.
	for at in 0 16 17 20 21 24 25 40 41 64 65 200 $((size - 17)) \
		$((size - 16)) $((size - 1)); do
		cp "$BATS_TEST_TMPDIR/lea.bak" "$BATS_TEST_TMPDIR/bad.bak"
		printf '\x5a' | dd of="$BATS_TEST_TMPDIR/bad.bak" bs=1 \
			seek="$at" conv=notrunc status=none
		cmp -s "$BATS_TEST_TMPDIR/lea.bak" "$BATS_TEST_TMPDIR/bad.bak" &&
			continue
		run_as new restore "$BATS_TEST_TMPDIR/bad.bak" \
			--passphrase-file "$(pass)"
		expect 65
		[ "${stderr/bad.bak/lea.bak}" = "$said" ]
		[ ! -e "$BATS_TEST_TMPDIR/new/keys" ]
	done
	run_as lea restore "$BATS_TEST_TMPDIR/lea.bak" --passphrase-file "$(pass)"
	expect 73
}

@test "a recovery code brings the identity back and finds a typing error" {
	code=$(as lea backup --code 2>/dev/null)
	[[ $code =~ ^([0-9A-Z]{5}-){13}[0-9A-Z]{5}$ ]]
	c=${code:26:1}
	[ "$c" = 7 ] && w=8 || w=7
	run_as new restore --code --label lea --place FR-88 \
		<<<"${code:0:26}$w${code:27}"
	expect 65
	[[ $stderr == *"group 5"* ]]
	as lea produce 1 visor
	sync lea
	link=$(as hub invite)
	run_as new restore --code --label lea --place FR-88 <<<"${code,,}"
	expect 0
	run_as new join "$link"
	expect 0
	[[ $output == "admitted "* ]]
	as new produce 2 visor
	agree new bob
	[ "$(produced hub)" = 3 ]
	[ "$(as hub members | grep -c '^lea ')" = 1 ]
}

@test "what was recorded and never sent is recorded again" {
	as lea produce 1 visor
	sync lea
	copy_home lea
	as lea produce 2 visor
	as lea produce 4 visor
	sync lea
	put_back lea
	lose_mark lea
	as lea produce 8 visor
	sent=$(id_of lea deliver 3 visor --to bob)
	old=$(feed_of lea)
	sync lea
	[ "$(feed_of lea)" != "$old" ]
	agree lea bob
	[ "$(produced hub)" = 15 ]
	[ "$(produced lea)" = 15 ]
	as hub log --json | grep -q "\"orphan\":\"$sent\""
	as bob show "$sent" | grep -q 'asked for'
	# Bob was told the old id on a note.
	as lea produce 16 visor
	agree lea bob
	[ "$(produced bob)" = 31 ]
}

@test "an old copy that has recorded more than it lost is noticed too" {
	as lea produce 1 visor
	sync lea
	copy_home lea
	as lea produce 2 visor
	sync lea bob
	put_back lea
	lose_mark lea
	for n in 4 8 16; do
		as lea produce "$n" visor
	done
	sync lea
	agree lea bob
	[ "$(produced hub)" = 31 ]
}

@test "an association's node that runs as an old copy goes on by itself" {
	as lea produce 1 visor
	sync lea bob
	stop_node hub
	copy_home hub
	start_node hub --listen "$HUB"
	join_network zoe hub
	as hub produce 2 visor
	sync zoe bob
	old=$(feed_of hub)
	stop_node hub
	put_back hub
	lose_mark hub
	start_node hub --listen "$HUB"
	as hub produce 4 visor
	as zoe up --once --timeout 20 || true
	[ "$(feed_of hub)" != "$old" ]
	as hub produce 8 visor
	agree zoe bob lea
	[ "$(produced hub)" = 15 ]
	as hub members | grep -q '^zoe '
}

@test "the peer that knows most comes last" {
	as lea produce 1 visor
	sync lea bob
	copy_home lea
	as lea produce 2 visor
	sync lea bob
	stop_node hub
	copy_home hub
	start_node hub --listen "$HUB"
	as lea produce 4 visor
	sync lea bob
	# The hub forgets, so it knows less than bob and more than the copy.
	stop_node hub
	put_back hub
	put_back lea
	lose_mark lea
	as lea produce 8 visor
	start_node hub --listen "$HUB"
	sync lea
	as lea produce 16 visor
	agree lea bob
	agree bob lea
	[ "$(produced hub)" = 31 ]
	[ "$(produced bob)" = 31 ]
}

@test "a sealed identity is asked for before a new feed" {
	pass >/dev/null
	as max init --label max --place FR-88 --passphrase-file "$(pass)" \
		2>/dev/null
	as max join "$(as hub invite --auto)" --passphrase-file "$(pass)"
	copy_home max
	as max produce 1 visor
	sync max
	put_back max
	run_as max produce 2 visor
	expect 77
	[[ $stderr == *"--passphrase-file"* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	echo wrong >"$BATS_TEST_TMPDIR/wrong"
	run_as max up --once --passphrase-file "$BATS_TEST_TMPDIR/wrong"
	expect 77
	as max up --once --timeout 20 --passphrase-file "$(pass)"
	as max produce 4 visor
	agree max bob
	[ "$(produced hub)" = 5 ]
	# The same, told by a peer.
	copy_home max
	as max produce 8 visor
	sync max
	put_back max
	lose_mark max
	run_as max up --once --timeout 20
	expect 77
	as max up --once --timeout 20 --passphrase-file "$(pass)"
	agree max bob
	[ "$(produced hub)" = 13 ]
}

@test "a peer that knows only the feed that came after tells as much" {
	local old
	old=$(feed_of lea)
	as lea produce 1 visor
	sync lea
	copy_home lea
	stop_node hub
	copy_home hub
	start_node hub --listen "$HUB"
	as lea produce 2 visor
	sync lea bob
	# The hub forgets that one, and she goes on under a new key.
	stop_node hub
	put_back hub
	start_node hub --listen "$HUB"
	put_back lea
	as lea produce 4 visor
	sync lea
	[ "$(feed_of lea)" != "$old" ]
	[ "$(produced hub)" = 5 ]
	# Of what the copy has lost only bob knows.
	put_back lea
	lose_mark lea
	sync lea
	[ "$(feed_of lea)" != "$old" ]
	as lea produce 8 visor
	# So does a stick, and what she recorded meanwhile comes along.
	as hub export bundle "$BATS_TEST_TMPDIR/stick"
	put_back lea
	lose_mark lea
	as lea produce 16 visor
	as lea import bundle "$BATS_TEST_TMPDIR/stick"
	run_as lea produce 32 visor
	expect 0
	[[ $stderr == *"old copy"* ]]
	sync lea
	agree lea bob
	[ "$(produced hub)" = 55 ]
}

@test "what an association decided as an old copy stays as it was" {
	make_member max
	make_member tom
	for who in max tom; do
		run_as "$who" join "$(as hub invite)"
		expect 75
	done
	stop_node hub
	copy_home hub
	start_node hub --listen "$HUB"
	as hub produce 2 visor
	old=$(feed_of hub)
	sync lea bob
	stop_node hub
	put_back hub
	lose_mark hub
	as hub accept tom --role courier
	as hub accept tom --role recipient
	as hub accept tom --role maker
	as hub accept max --role maker
	as hub dismiss max --reason "a mistake"
	as hub dismiss lea --reason "another"
	as hub accept lea --role courier
	start_node hub --listen "$HUB"
	sync bob
	[ "$(feed_of hub)" != "$old" ]
	for who in hub bob; do
		as "$who" members | grep -q '^max .*dismissed'
		as "$who" members | grep -q '^tom .*maker'
		as "$who" members | grep -q '^lea .*courier'
		never grep -q '^lea .*dismissed' <(as "$who" members)
	done
}

@test "a stick shows an old copy, and accuses nobody" {
	as lea produce 1 visor
	sync lea
	copy_home lea
	as lea produce 2 visor
	sync lea bob
	old=$(feed_of lea)
	as hub export bundle "$BATS_TEST_TMPDIR/stick"
	for more in 4 0; do
		put_back lea
		lose_mark lea
		[ "$more" = 0 ] || as lea produce "$more" visor
		run_as lea import bundle "$BATS_TEST_TMPDIR/stick"
		expect 0
		[[ $stderr == *"old copy"* ]]
		[ "$(feed_of lea)" != "$old" ]
		as lea produce 8 visor
		as lea export bundle "$BATS_TEST_TMPDIR/back.$more"
	done
	stop_node hub
	as hub import bundle "$BATS_TEST_TMPDIR/back.4"
	as hub import bundle "$BATS_TEST_TMPDIR/back.0"
	as hub audit
	[ "$(produced hub)" = 23 ]
	start_node hub --listen "$HUB"
	agree lea bob
	[ "$(produced hub)" = 23 ]
}

@test "a stick shows it to a node that runs, too" {
	as lea produce 1 visor
	sync lea
	copy_home lea
	as lea produce 2 visor
	sync lea bob
	old=$(feed_of lea)
	as hub export bundle "$BATS_TEST_TMPDIR/stick"
	stop_node hub
	put_back lea
	lose_mark lea
	start_node lea
	as lea produce 4 visor
	as lea import bundle "$BATS_TEST_TMPDIR/stick" || true
	for _ in $(seq 50); do
		[ "$(feed_of lea)" = "$old" ] || break
		sleep 0.1
	done
	[ "$(feed_of lea)" != "$old" ]
	as lea import bundle "$BATS_TEST_TMPDIR/stick"
	as lea produce 8 visor
	stop_node lea
	start_node hub --listen "$HUB"
	agree lea bob
	[ "$(produced hub)" = 15 ]
}
