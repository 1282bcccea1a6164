#!/usr/bin/env bats
# Two hundred connected readers (tests/tool/crowd.c), half of whom read 1 KB a
# second, give credit for all there is and have next to no room in their kernel:
# the node's memory stays flat, and nobody else waits for them.

load helper

teardown() {
	exec 7>&- 2>/dev/null || true
	[ -z "${CROWD:-}" ] || kill "$CROWD" 2>/dev/null || true
	stop_nodes
}

eventually() {
	for _ in $(seq "$1"); do
		"${@:2}" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	printf 'never: %s\n' "${*:2}"
	tail -n 1 "$BATS_TEST_TMPDIR/crowd"
	return 1
}

# Anonymous memory of the hub's node, KiB.
memory() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' \
		"/proc/$(cat "$BATS_TEST_TMPDIR/hub.pid")/status"
}

# Clock ticks that it has used.
ticks() {
	awk '{ print $14 + $15 }' \
		"/proc/$(cat "$BATS_TEST_TMPDIR/hub.pid")/stat"
}

fill() {
	local f="$BATS_TEST_TMPDIR/rows"
	seq "$1" | sed "s/.*/visor;&;2020-04-01;&-$2-a-name-of-a-lot-to-fill/;1i item;qty;when;lot" \
		>"$f.csv"
	printf '%s\n' '[record]' 'kind = produce' '[csv]' \
		'delimiter = semicolon' '[columns]' 'item = item' \
		'quantity = qty' 'when = when' 'lot = lot' >"$f.ini"
	as hub import csv --map "$f.ini" "$f.csv" 2>/dev/null
}

# crowd COUNT SLOW: connects to the hub.
crowd() {
	mkfifo "$BATS_TEST_TMPDIR/end"
	"${BUILD:-$ROOT/build}/crowd" "$ADDRESS" "$key" "$network" "$1" "$2" \
		<"$BATS_TEST_TMPDIR/end" >"$BATS_TEST_TMPDIR/crowd" \
		2>"$BATS_TEST_TMPDIR/crowd.err" 3>&- &
	CROWD=$!
	exec 7>"$BATS_TEST_TMPDIR/end"
}

crowd_says() {
	tail -n 1 "$BATS_TEST_TMPDIR/crowd" | grep -q "$1"
}

# delay: milliseconds from a record on the hub to lea, whose node is up.
delay() {
	local from id
	from=$(date +%s%3N)
	id=$(id_of hub produce 1 visor)
	eventually 100 as lea show "$id"
	echo $(($(date +%s%3N) - from))
}

@test "two hundred readers, half at 1 KB/s: memory is flat and nobody else waits" {
	make_member hub
	as hub found Open --public-read >/dev/null
	start_node hub
	key=$(as hub show hub/1 --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	network=$(as hub status --json |
		sed 's/.*"network":"\([0-9a-f]*\)".*/\1/')
	fill 30000 A
	join_network lea hub
	hub=$ADDRESS
	start_node lea
	ADDRESS=$hub
	eventually 100 eval 'as lea --json peers | grep -q "\"in_step\":true"'
	alone=$(delay)
	before=$(memory)
	crowd 200 100
	eventually 200 crowd_says 'met 200 done 100 '
	sleep 1
	full=$(memory)
	echo "memory before $before, with the crowd $full KiB"
	# 8 MiB in all on their way, a frame for each, and what a connection
	# costs; without a ceiling it is more than 100 MiB, though of each slow
	# one's 4 MiB the kernel of this machine holds half.
	[ "$full" -lt $((before + 24576)) ]
	# What is recorded now reaches a member at once ...
	among=$(delay)
	echo "record to shown: $alone ms, among two hundred $among ms"
	[ "$among" -lt $((5 * alone + 500)) ]
	# ... and the fast half, while the slow half still has most to come.
	fill 15000 B
	sleep 4
	eventually 200 crowd_says ' done 100 '
	later=$(memory)
	echo "after 15000 entries more $later KiB"
	[ "$later" -lt $((full + 8192)) ]
	# Waiting for slow readers is no work.
	sleep 2
	a=$(ticks)
	sleep 2
	b=$(ticks)
	echo "$((b - a)) ticks in 2 s"
	[ $((b - a)) -lt 100 ]
	[ "$(as hub peers | wc -l)" -ge 200 ]
	# They go, and nothing of them stays connected.
	exec 7>&-
	wait "$CROWD" || true
	CROWD=
	eventually 50 eval '[ "$(as hub peers | grep -c " in ")" -lt 5 ]'
	as hub audit >/dev/null
}
