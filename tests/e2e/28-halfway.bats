#!/usr/bin/env bats
# A fresh auditor on a slow link: most feeds are whole long before all history
# is, and what it shows meanwhile says that it is of a part, also while its node
# does not run.

load helper

teardown() {
	[ -z "${RELAY:-}" ] || kill "$RELAY" 2>/dev/null || true
	stop_nodes
}

# A hub; ana, who recorded most of it all before the others came; five makers;
# and eve, who has been away since the beginning.
setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	KEY=$(as hub show hub/1 --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	join_network eve hub auditor
	join_network ana hub
	fill 6000
	sync ana
	for maker in bob luc max zoe tom; do
		join_network $maker hub
		as $maker produce 10 visor >/dev/null
	done
	sync bob luc max zoe tom
}

# fill N: rows of one piece each, in ana's ledger.
fill() {
	local f="$BATS_TEST_TMPDIR/rows"
	seq "$1" | sed 's/.*/visor;1;2020-04-01;lot-&/;1i item;qty;when;lot' \
		>"$f.csv"
	printf '%s\n' '[record]' 'kind = produce' '[csv]' \
		'delimiter = semicolon' '[columns]' 'item = item' \
		'quantity = qty' 'when = when' 'lot = lot' >"$f.ini"
	as ana import csv --map "$f.ini" "$f.csv" 2>/dev/null
}

# slow RATE: a link to the hub of so many bytes a second; its address in $SLOW.
slow() {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	"${BUILD:-$ROOT/build}/relay" 127.0.0.1:0 "${HUB#tcp://}" \
		"$BATS_TEST_TMPDIR/fifo" "rate $1" >"$BATS_TEST_TMPDIR/relay" \
		3>&- &
	RELAY=$!
	for _ in $(seq 100); do
		! grep -q '^relay' "$BATS_TEST_TMPDIR/relay" || break
		sleep 0.1
	done
	SLOW=tcp://127.0.0.1:$(sed -n 's/^relay //p' "$BATS_TEST_TMPDIR/relay")
}

# left NAME: a number of `status --json`.
left() {
	as eve status --json | sed "s/.*\"$1\":\([0-9]*\).*/\1/"
}

PART='not complete yet: [0-9]+ of [0-9]+ feeds are here up to their tip, '
PART+='[0-9]+ of [0-9]+ entries are replayed'

@test "half-way most feeds are whole, and every figure says that it is of a part" {
	slow 40000
	start_node eve --peer "$SLOW#$KEY"
	# All but one are here; of that one nearly everything is to come.
	for _ in $(seq 200); do
		[ "$(left missing_feeds)" != 1 ] || break
		sleep 0.05
	done
	[ "$(left missing_feeds)" = 1 ]
	[ "$(left missing)" -gt 3000 ]
	for maker in bob luc max zoe tom; do
		run_as eve balance $maker
		[[ $output == *visor*10* ]]
		[[ $stderr =~ $PART ]]
	done
	run_as eve status
	expect 0
	[[ $output =~ $PART ]]
	run_as eve totals
	expect 0
	[[ $stderr =~ $PART ]]
	run_as eve audit
	expect 0
	[[ $output =~ $PART ]]
	run_as eve audit --json
	[[ $stderr =~ $PART ]]
	# The node ends, and the label stays; killed, too.
	stop_node eve KILL
	missing=$(left missing)
	[ "$missing" -gt 1000 ]
	run_as eve totals
	[[ $stderr =~ $PART ]]
	start_node eve --peer "$SLOW#$KEY"
	for _ in $(seq 100); do
		[ "$(left missing)" -eq "$missing" ] || break
		sleep 0.1
	done
	stop_node eve
	# What was counted is exact when it ends in good order.
	[ "$(left entries)" -lt "$(as hub --json status |
		sed 's/.*"entries":\([0-9]*\).*/\1/')" ]
	[ $(($(left entries) + $(left missing))) -eq "$(as hub --json status |
		sed 's/.*"entries":\([0-9]*\).*/\1/')" ]
	# All of it, and no more labels.
	as eve up --once --timeout 60 --peer "$HUB#$KEY"
	[ "$(left missing)" = 0 ]
	run_as eve totals
	expect 0
	[[ $output == *6050* ]]
	[[ ! $stderr =~ $PART ]]
	run_as eve audit
	expect 0
	[[ ! $output =~ $PART ]]
}
