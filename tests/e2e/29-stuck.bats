#!/usr/bin/env bats
# Two nodes that stay unequal, with nothing left to exchange: both say in what,
# instead of comparing for ever or waiting in silence.

load helper

setup() {
	found_network hub
	start_node hub
	key=$(as hub show hub/1 --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
}

teardown() {
	stop_nodes
}

# Digits of the feed of a member with one node.
feed_of() {
	as "$1" status --json | sed 's/.*"feed":"\([0-9a-f]*\)","tip".*/\1/'
}

# says WHO PATTERN ARGUMENT...: what a command prints, in a while.
says() {
	local who=$1 pattern=$2
	shift 2
	for _ in $(seq 100); do
		run_as "$who" "$@"
		! grep -q "$pattern" <<<"$output" || return 0
		sleep 0.1
	done
	printf '%s\n' "$output"
	return 1
}

@test "a feed of which more is promised than comes is named by log, status and doctor" {
	local feed rogue
	join_network mallory hub
	feed=$(feed_of mallory)
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/mallory" timeout 60 \
		"${BUILD:-$ROOT/build}/rogue" "$BATS_TEST_TMPDIR/mallory" \
		"$ADDRESS" "$key" stay-unequal 9000 &
	rogue=$!
	says hub 'mallory.*  stuck (of feed mallory up to entry 1 here, 2 there; of feed hub up to entry 2 here, nothing there)$' \
		status
	says hub '"state":"stuck","in_step":false' status --json
	[[ $output == *'"unequal":{"members":false,"feeds":[{"feed":"'"$feed"* ]]
	[[ $output == *'","what":"entries","here":1,"there":2}'* ]]
	says hub 'bad *peers *mallory: holds something else' doctor
	LANGUAGE=fr LC_ALL=C.UTF-8 says hub \
		'bloqué (du journal mallory, jusqu.à l.entrée 1 ici, 2 là-bas; ' status
	grep -q "^event=stuck peer=mallory what=entries feed=${feed:0:16} here=1 there=2\$" \
		"$BATS_TEST_TMPDIR/hub.log"
	[ "$(grep -c '^event=stuck' "$BATS_TEST_TMPDIR/hub.log")" -le 4 ]
	wait "$rogue"
}

@test "evidence that one of two nodes does not take is named by both" {
	join_network lea hub
	sync lea
	"${BUILD:-$ROOT/build}/meddle" "$BATS_TEST_TMPDIR/lea/ledger" evidence
	SECONDS=0
	run_as lea up --once --timeout 60
	expect 75
	[ "$SECONDS" -lt 20 ]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	[[ $stderr == *'not in step with hub, and nothing more can be exchanged: there it is not taken in that feed abababab ends at entry 7; update the older'* ]]
	LANGUAGE=fr LC_ALL=C.UTF-8 run_as lea up --once --timeout 60
	expect 75
	[[ $stderr == *"à échanger : là-bas, on n'accepte pas que le journal abababab s'arrête à l'entrée 7 ; mettez à jour"* ]]
	grep -q '^event=stuck peer=lea what=evidence feed=abababababababab here=0 there=7$' \
		"$BATS_TEST_TMPDIR/hub.log"
	id=$(id_of lea produce 5 visor)
	run_as lea up --once
	expect 75
	as hub show "$id" >/dev/null
}
