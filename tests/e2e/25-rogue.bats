#!/usr/bin/env bats
# A member whose node does not keep to the protocol, against a node that is up
# (tests/tool/rogue.c).  Whatever it does, the node goes on, others are served,
# and its memory does not grow.

load helper

setup() {
	found_network hub
	start_node hub
	key=$(as hub show hub/1 --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	join_network mallory hub
	join_network lea hub
	before=$(memory_of hub)
	cpu=$(used_by hub)
}

teardown() {
	stop_nodes
}

# Anonymous memory of a node, KiB.
memory_of() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' \
		"/proc/$(cat "$BATS_TEST_TMPDIR/$1.pid")/status"
}

# does DEED [LINK]: what came of it, in $outcome.
does() {
	outcome=$(MAILLON_STATE="$BATS_TEST_TMPDIR/state/mallory" timeout 60 \
		"${BUILD:-$ROOT/build}/rogue" "$BATS_TEST_TMPDIR/mallory" \
		"$ADDRESS" "$key" "$@") || return 1
	echo "$1: $outcome"
}

# became PATTERN: what came of it is this.
became() {
	[[ $outcome == $1 ]]
}

# ended_for REASON TEXT: the node sent it away, and the log says why.
ended_for() {
	became "bye $1 *"
	logged "^event=peer-bye peer=mallory by=us reason=$1 text=\"$2\"\$"
}

# What a node has used of the processor, in hundredths of a second.
used_by() {
	sed 's/.*) //' "/proc/$(cat "$BATS_TEST_TMPDIR/$1.pid")/stat" |
		awk '{ print $12 + $13 }'
}

# The others notice nothing, and little was spent on the one.
all_is_well() {
	local id
	[ $(($(used_by hub) - cpu)) -lt 800 ]
	id=$(id_of lea produce 5 visor)
	sync lea
	as hub show "$id" >/dev/null
	id=$(id_of hub produce 1 visor)
	sync lea
	as lea show "$id" >/dev/null
	[ "$(memory_of hub)" -lt $((before + 4096)) ]
	as hub audit >/dev/null
}

# logged PATTERN: the node says so.
logged() {
	for _ in $(seq 150); do
		! grep -q "$1" "$BATS_TEST_TMPDIR/hub.log" || return 0
		sleep 0.1
	done
	tail -n 30 "$BATS_TEST_TMPDIR/hub.log"
	return 1
}

# A ledger of more bytes than the smallest window of credit.
fill() {
	local f="$BATS_TEST_TMPDIR/rows"
	seq 3000 | sed 's/.*/visor;&;2020-04-01;A&/;1i item;qty;when;lot' >"$f.csv"
	cat >"$f.ini" <<-'END'
		[record]
		kind = produce
		[csv]
		delimiter = semicolon
		[columns]
		item = item
		quantity = qty
		when = when
		lot = lot
	END
	as hub import csv --map "$f.ini" "$f.csv" 2>/dev/null
}

@test "who promises what never comes is sent away" {
	does lie-about-tips
	ended_for 11 'heads that come to nothing'
	does lie-about-theirs
	ended_for 11 'heads that came to nothing before'
	# What a liar has told of is not waited for.
	for _ in $(seq 30); do
		[[ $(as hub status --json) != *'"missing":0,'* ]] || break
		sleep 0.1
	done
	[[ $(as hub status --json) == *'"missing":0,'* ]]
	does offer-and-never-send
	became 'quiet *'
	# A claim about one's own feed proves nothing: no new feed was begun.
	[ "$(as hub status --json | grep -o '"feeds":[0-9]*')" = '"feeds":3' ]
	all_is_well
}

@test "who reads and never pays gets one window and no byte more" {
	fill
	does never-give-credit
	became 'quiet *'
	bytes=${outcome##*bytes }
	bytes=${bytes%% *}
	[ "$bytes" -gt 65536 ]
	[ "$bytes" -le 131072 ]
	before=$(memory_of hub)
	all_is_well
}

@test "who owes a frame and says nothing is sent away when patience ends" {
	fill
	stop_node hub
	local was=$ADDRESS
	start_node hub --patience 1 --listen "$was"
	ADDRESS=$was
	before=$(memory_of hub)
	cpu=$(used_by hub)
	for deed in offer-and-never-send never-give-credit; do
		: >"$BATS_TEST_TMPDIR/hub.log"
		does "$deed"
		ended_for 12 'silent for too long'
	done
	all_is_well
}

@test "who gives credit without end is sent away" {
	does give-endless-credit
	ended_for 9 'too much credit'
	all_is_well
}

@test "signatures that are bad, or of another chain, bring nothing in" {
	does send-bad-signatures
	ended_for 11 'heads that came to nothing before'
	logged '^event=feed-aside peer=mallory .* why="the signature '
	does send-another-network
	ended_for 11 'entries of another network'
	# An old copy of a home looks like this: it is told so, and not sent away.
	does send-another-chain
	became 'quiet *'
	[ "${outcome##*fetched }" -lt 10 ]
	logged '^event=feed-aside peer=mallory .* why="another signed entry '
	# Nothing was added, and nobody is accused.
	as hub log --author mallory --json | tail -n 1 | grep -q '"seq":1,'
	as hub audit >"$BATS_TEST_TMPDIR/audit"
	never grep -q LOG- "$BATS_TEST_TMPDIR/audit"
	all_is_well
}

@test "a feed that is set aside is named by status, as long as its peer is there" {
	local feed
	feed=$(as mallory status --json | sed 's/.*"feed":"\([0-9a-f]\{16\}\).*/\1/')
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/mallory" timeout 60 \
		"${BUILD:-$ROOT/build}/rogue" "$BATS_TEST_TMPDIR/mallory" \
		"$ADDRESS" "$key" send-one-bad-and-stay >/dev/null 3>&- &
	local rogue=$!
	logged "^event=feed-aside peer=mallory feed=$feed why=\"the signature "
	run_as hub status
	expect 0
	[[ $output == *"mallory "*"; feed $feed is set aside"* ]]
	run_as hub status --json
	[[ $output == *'"label":"mallory",'*"\"aside\":\"$feed\","* ]]
	# Others are served, and their rows have none.
	start_node lea
	for _ in $(seq 100); do
		! as hub status --json | grep -q '"label":"lea",[^}]*"aside":null,"unequal":null}' ||
			break
		sleep 0.1
	done
	run_as hub status --json
	[[ $output == *'"label":"lea",'*'"aside":null,"unequal":null}'* ]]
	kill "$rogue"
	wait "$rogue" || true
	for _ in $(seq 100); do
		as hub status | grep -q 'set aside' || break
		sleep 0.1
	done
	never grep -q 'set aside' <(as hub status)
	stop_node lea
	all_is_well
}

@test "the same entry without end is held once" {
	does replay
	ended_for 10 'pushes without end'
	[ "$(as hub log --author mallory --json | wc -l)" = 2 ]
	all_is_well
}

@test "proofs that prove nothing, or the same without end, are no lever" {
	does prove-nothing
	ended_for 11 'proofs that prove nothing'
	as hub audit
	# A member may prove that it lied itself, once; nobody else is touched.
	does prove-without-end
	ended_for 10 'proofs without end'
	run_as hub audit
	expect 1
	[ "$(grep -c LOG- <<<"$output")" = 1 ]
	[[ $output == *mallory* ]]
	sync lea
	run_as lea --json audit
	[[ $output == *'"forks":[{'* ]]
	[ "$(memory_of hub)" -lt $((before + 4096)) ]
}

@test "proofs badly signed, or of another network, touch nobody" {
	does prove-badly
	ended_for 11 'proofs that prove nothing'
	: >"$BATS_TEST_TMPDIR/hub.log"
	does prove-another-network
	ended_for 11 'proofs that prove nothing'
	as hub audit
	[ "$(as hub log --disputed | wc -l)" = 0 ]
	all_is_well
}

@test "of ever new proofs about one place the first is kept, and no more" {
	does prove-with-many-pairs
	ended_for 10 'proofs without end'
	# One pair: two entries.
	[ "$(as hub log --disputed --json | wc -l)" = 2 ]
	sync lea
	[ "$(as lea log --disputed --json | wc -l)" = 2 ]
	as hub fsck
	[ "$(memory_of hub)" -lt $((before + 4096)) ]
}

@test "proofs of ever new feeds of one's own cost what they are" {
	cpu=$(used_by hub)
	does prove-many-feeds
	became 'quiet *'
	# All are true, so all are kept; that they are many makes none dear.
	for _ in $(seq 100); do
		forks=$(as hub --json audit | grep -o '"forks":.*"items"' |
			grep -o '"feed"' | wc -l)
		[ "$forks" -lt 4000 ] || break
		sleep 0.1
	done
	[ "$forks" -eq 4000 ]
	id=$(id_of lea produce 5 visor)
	sync lea
	as hub show "$id" >/dev/null
	[ $(($(used_by hub) - cpu)) -lt 200 ]
	[ "$(memory_of hub)" -lt $((before + 8192)) ]
	for who in hub lea; do
		run_as "$who" --json audit
		expect 1
		echo "$output" >"$BATS_TEST_TMPDIR/audit.$who"
	done
	cmp "$BATS_TEST_TMPDIR/audit.hub" "$BATS_TEST_TMPDIR/audit.lea"
	# She, whose they are, and nobody else.
	[ "$(grep -o '"text":"A feed of mallory was begun twice' \
		"$BATS_TEST_TMPDIR/audit.hub" | wc -l)" -eq 4000 ]
	[ "$(grep -o '"severity"' "$BATS_TEST_TMPDIR/audit.hub" | wc -l)" \
		-eq 4000 ]
	# Once she is dismissed no more are taken.
	as hub dismiss mallory --reason "four thousand stories" >/dev/null
	does prove-many-feeds
	[ "$(as hub --json audit | grep -o '"forks":.*"items"' |
		grep -o '"feed"' | wc -l)" -eq 4000 ]
}

@test "ten thousand who ask to join, from one address, are bounded" {
	link=$(as hub invite --uses 8) # a person is to say who
	disk=$(du -sk "$BATS_TEST_TMPDIR/hub" | cut -f1)
	auto=$(as hub invite --auto)
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/mallory" timeout 60 \
		"${BUILD:-$ROOT/build}/rogue" "$BATS_TEST_TMPDIR/mallory" \
		"$ADDRESS" "$key" ask-without-end "$link" \
		>"$BATS_TEST_TMPDIR/asked" 3>&- &
	rogue=$!
	# What hundreds of connections at once cost libzmq, and no more.
	before=$((before + 16384))
	# Meanwhile whoever was invited comes in, and members are served.
	make_member bob
	for _ in 1 2 3 4 5; do
		! as bob join "$auto" || break
	done
	as hub members | grep -q '^bob '
	all_is_well
	kill -0 "$rogue" # it goes on still
	wait "$rogue"
	outcome=$(cat "$BATS_TEST_TMPDIR/asked")
	# Few come as far as to be answered; as many wait as the
	# link is good for.
	answers=${outcome##*fetched }
	[ "$answers" -ge 8 ]
	[ "$answers" -lt 1500 ]
	[ "$(as hub --json members | grep -o '"label":"knock[^"]*"' | wc -l)" \
		-eq 8 ]
	[ "$(du -sk "$BATS_TEST_TMPDIR/hub" | cut -f1)" -lt $((disk + 1024)) ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/hub.log")" -lt 2000 ]
	all_is_well
	join_network ben hub
	as hub fsck
}

@test "frames out of turn, oversized or cut are answered and ended" {
	does hello-twice
	ended_for 7 'HELLO comes once'
	# Before it is known who says it, the log has the beginning of its key.
	does send-half
	became 'bye 6 *'
	logged '^event=peer-bye peer=[0-9a-f]\{8\} by=us reason=6 text="not in '
	does send-too-much
	ended_for 6 'above the limit'
	# What is far too long is not even read.
	does send-far-too-much
	became 'cut *'
	logged '^event=peer-lost peer=mallory why="the link broke, or a frame was too long"$'
	does send-nothing-but-too-much
	became 'cut *'
	logged '^event=no-frame count=[0-9]* from=127.0.0.1$'
	does tell-heads-without-end
	ended_for 10 'heads without end'
	does send-parts-without-end
	logged '^event=peer-lost peer=mallory why=flood$'
	logged '^event=flood count=1 from=127.0.0.1$'
	all_is_well
}

# asks_for_all DEED: many times, over many connections, and then no more.  What
# it had done is what is allowed at once and what comes back with time.
asks_for_all() {
	local asked since=$SECONDS
	does "$1"
	ended_for 10 'all heads again and again'
	asked=${outcome##*fetched }
	# Each counts as 51 thousandths here: 256 at once, and 4 a second.
	[ "$asked" -ge 4000 ]
	[ "$asked" -le $((5020 + 79 * (SECONDS - since + 1))) ]
	# Whoever comes again has what has come back meanwhile.
	does "$1"
	became 'bye 10 *'
	asked=$((asked + ${outcome##*fetched }))
	[ "$asked" -le $((5020 + 79 * (SECONDS - since + 1))) ]
}

@test "who has all heads looked through is bounded, however often it comes" {
	asks_for_all walk-without-end
	all_is_well
}

@test "so is who lists nothing to hear all" {
	asks_for_all list-without-end
	all_is_well
}

@test "who says HELLO and BYE in turn leaves nothing behind" {
	does meet-and-part
	[ "${outcome##*fetched }" -ge 64 ]
	[ "${outcome##*fetched }" -le 150 ] # 64 at once, and 4 a second
	all_is_well
	[ "$(ls "/proc/$(cat "$BATS_TEST_TMPDIR/hub.pid")/fd" | wc -l)" -lt 60 ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/hub.log")" -lt 1000 ]
}

@test "who publishes somebody else's address makes no crowd of it" {
	command -v python3 >/dev/null || skip "needs python3"
	python3 - "$BATS_TEST_TMPDIR/victim" <<-'END' 3>&- &
		import socket, sys
		s = socket.socket()
		s.bind(("0.0.0.0", 0))
		s.listen(100)
		out = open(sys.argv[1], "w", 1)
		while True:
		    out.write("%d\n" % s.getsockname()[1])
		    s.accept()[0].close()
	END
	victim=$!
	until [ -s "$BATS_TEST_TMPDIR/victim" ]; do sleep 0.1; done
	does publish-a-victim "$(head -1 "$BATS_TEST_TMPDIR/victim")"
	became 'quiet *'
	[ "$(as hub log --author mallory --kind address --json | wc -l)" = 20 ]
	# It looks for published addresses when it starts.
	stop_node hub
	start_node hub
	sleep 6
	kill "$victim"
	# One place of eight addresses, and pauses that double.
	dialled=$(wc -l <"$BATS_TEST_TMPDIR/victim")
	echo "$dialled"
	[ "$dialled" -gt 8 ]
	[ "$dialled" -lt 60 ]
}

@test "who has all evidence given again and again is bounded" {
	does prove-many-feeds
	does tell-of-no-evidence
	logged '^event=peer-bye peer=mallory by=us reason=10 text="all heads again'
	id=$(id_of lea produce 5 visor)
	sync lea
	as hub show "$id" >/dev/null
	[ "$(as lea --json audit | grep -o '"forks":.*"items"' |
		grep -o '"feed"' | wc -l)" -eq 4000 ]
}

@test "a routing id of one's own is nobody's place" {
	does squat-routing-ids
	became 'quiet frames 0 *'
	logged '^event=not-our-protocol count=[0-9]* from=127.0.0.1$'
	all_is_well
}

@test "five hundred handshakes with new keys, and two hundred halves of one" {
	does knock-without-end
	logged '^event=handshake-failed count=[0-9]*$'
	all_is_well
	# What two hundred connections at once cost libzmq, and no more.
	before=$((before + 8192))
	does shake-half-a-hand
	became '* fetched 200'
	all_is_well
	[ "$(ls "/proc/$(cat "$BATS_TEST_TMPDIR/hub.pid")/fd" | wc -l)" -lt 60 ]
}
