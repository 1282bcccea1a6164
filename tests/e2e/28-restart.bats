#!/usr/bin/env bats
# A hub that goes away and comes back, and the many small nodes that dial it:
# how often they call meanwhile, how the calls are spread, and how soon all are
# in step again.

load helper

N=${CALLERS:-40}

teardown() {
	[ -z "${RELAY:-}" ] || kill "$RELAY" 2>/dev/null || true
	stop_nodes
}

# Light nodes of members that are up, each with an address of no use to others.
setup() {
	local i link
	found_network hub
	start_node hub
	HUB=$ADDRESS
	link=$(as hub invite --auto --uses 256)
	for i in $(seq "$N"); do
		make_member "m$i"
		as "m$i" join "$link" >/dev/null
		start_node "m$i" --no-lan
	done
	in_step 300
}

# in_step TENTHS: until the hub is in step with all of them.
in_step() {
	for _ in $(seq "$1"); do
		[ "$(as hub peers 2>/dev/null | grep -c ' in step ')" -lt "$N" ] ||
			return 0
		sleep 0.1
	done
	as hub peers
	return 1
}

# away SECONDS: nobody takes calls at the hub's address, and each is noted with
# its time in $calls.
away() {
	calls="$BATS_TEST_TMPDIR/calls"
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	"${BUILD:-$ROOT/build}/relay" "${HUB#tcp://}" 127.0.0.1:1 \
		"$BATS_TEST_TMPDIR/fifo" 'refuse yes' 3>&- \
		> >(while read -r line; do
			echo "${EPOCHREALTIME/./} $line"
		done >"$calls") &
	RELAY=$!
	sleep "$1"
	kill "$RELAY"
	wait "$RELAY" || true
	RELAY=
}

# most MS: the most calls within so many milliseconds.
most() {
	awk -v w="$1" '/refused/ { t[++n] = $1 / 1000 }
		END { for (i = j = 1; i <= n; i++) {
			while (t[i] - t[j] > w) j++
			if (i - j + 1 > m) m = i - j + 1
		} print m + 0 }' "$calls"
}

@test "a hub that was away is called rarely, by few at a time, and found by all" {
	stop_node hub
	away 6
	tries=$(grep -c refused "$calls")
	echo "$N nodes: $tries calls in 6 s, at most $(most 100) in 100 ms"
	# After 1, 2 and 4 seconds, each less up to a half by chance.
	[ "$tries" -ge $((2 * N)) ]
	[ "$tries" -le $((4 * N)) ]
	[ "$(most 100)" -le $((N * 3 / 4)) ]
	from=$(date +%s%3N)
	start_node hub --listen "$HUB"
	in_step 150
	back=$(($(date +%s%3N) - from))
	echo "all back after $back ms"
	# The longest pause by then is of 8 seconds.
	[ "$back" -lt 12000 ]
	# What is recorded now comes to everybody.
	id=$(id_of hub produce 1 visor)
	for i in 1 "$N"; do
		for _ in $(seq 100); do
			! as "m$i" show "$id" >/dev/null 2>&1 || break
			sleep 0.1
		done
		as "m$i" show "$id" >/dev/null
	done
	# One that is only restarted has them back at once.
	stop_node hub KILL
	from=$(date +%s%3N)
	start_node hub --listen "$HUB"
	in_step 100
	back=$(($(date +%s%3N) - from))
	echo "all back after $back ms"
	[ "$back" -lt 6000 ]
}
