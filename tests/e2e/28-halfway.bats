#!/usr/bin/env bats
# A fresh auditor on a slow link: most feeds are whole, or at least their newest
# entries seen, long before all history is here; and what it shows meanwhile says
# that it is of a part, also while its node does not run.

load helper

teardown() {
	[ -z "${RELAY:-}" ] || kill "$RELAY" 2>/dev/null || true
	stop_nodes
}

# A hub, and eve, who has been away since the beginning.
setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	KEY=$(as hub show hub/1 --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	join_network eve hub auditor
}

# Ana, who recorded most of it all before the others came; and five makers.
one_long() {
	join_network ana hub
	fill ana 6000
	sync ana
	for maker in bob luc max zoe tom; do
		join_network $maker hub
		as $maker produce 10 visor >/dev/null
	done
	sync bob luc max zoe tom
}

# Sixteen makers, of whom each has recorded as much as the others.
equals() {
	for i in $(seq 16); do
		join_network m$i hub
		fill m$i 800
		as m$i produce 7 cap >/dev/null
		as m$i deliver 5 cap --to hub >/dev/null
	done
	sync $(seq -f m%g 16)
}

# fill MEMBER N: rows of one piece each, in the member's ledger.
fill() {
	local f="$BATS_TEST_TMPDIR/rows"
	seq "$2" | sed 's/.*/visor;1;2020-04-01;lot-&/;1i item;qty;when;lot' \
		>"$f.csv"
	printf '%s\n' '[record]' 'kind = produce' '[csv]' \
		'delimiter = semicolon' '[columns]' 'item = item' \
		'quantity = qty' 'when = when' 'lot = lot' >"$f.ini"
	as "$1" import csv --map "$f.ini" "$f.csv" 2>/dev/null
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
	one_long
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

# number KEY: of the part of $output that begins with its first mark, a number.
number() {
	sed "s/.*$1//; s/[^0-9].*//" <<<"$output"
}

@test "of feeds of one length the newest entries are seen first, and said to be not replayed" {
	equals
	slow 40000
	start_node eve --peer "$SLOW#$KEY"
	for _ in $(seq 300); do
		run_as eve status --json
		[ "$(number '"tips":{"known":')" -ge 18 ] &&
			[ "$(number '"seen":')" -ge 17 ] && break
		sleep 0.1
	done
	[ "$(number '"seen":')" -ge 17 ]
	[ "$(number '"tips":{"known":')" -eq 18 ]
	[ "$(number '"replayed":')" -lt 11 ]
	held=$(number '"entries":')
	[ $((held * 100)) -lt $(((held + $(number '"missing":')) * 45)) ]
	# It is killed, and has them all the same.
	stop_node eve KILL
	run_as eve status
	[[ $output =~ 'entries are replayed; of '[0-9]+' more feeds the newest' ]]
	run_as eve totals
	expect 0
	[[ $stderr =~ $PART ]]
	[[ $output =~ 'seen in the newest entries, not yet replayed' ]]
	run_as eve totals --json
	[[ $output == *'"recent":{"feeds":'* ]]
	recent=${output##*'"recent":'}
	replayed=${output%%'"recent":'*}
	recent=$(sed -n 's/.*"item":"cap","produced":\([0-9]*\),"delivered":\([0-9]*\),.*/\1 \2/p' <<<"$recent")
	feeds=$((${recent% *} / 7))
	[ "$recent" = "$((feeds * 7)) $((feeds * 5))" ]
	[ "$feeds" -ge 6 ]
	[ "$feeds" -le 16 ]
	# The same of what is asked for only, by an association or a member.
	[[ $(as eve totals --under hub --json) == *'"recent":{"feeds":'"$feeds"* ]]
	run_as eve totals --under hub
	[[ $output =~ 'seen in the newest entries, not yet replayed' ]]
	[[ $(as eve totals --under eve --json) != *'"recent"'* ]]
	LANGUAGE=fr LC_ALL=C.UTF-8 run_as eve totals
	[[ $output =~ 'vu dans les dernières entrées, pas encore rejouées' ]]
	# What is replayed is of the others.
	run_as eve log --recent --kind deliver
	expect 0
	[ "$(grep -c '^m' <<<"$output")" -eq "$feeds" ]
	[[ $stderr == *'not replayed yet'* ]]
	run_as eve log --recent --disputed
	expect 64
	as eve fsck
	as eve audit >/dev/null
	# Complete: no label, nothing apart, and the same report as the hub's.
	as eve up --once --timeout 60 --peer "$HUB#$KEY"
	run_as eve totals --json
	[[ $output != *'"recent"'* ]]
	[[ $stderr != *'not complete'* ]]
	[ "$(as eve log --recent 2>/dev/null | wc -l)" -eq 0 ]
	as hub audit --json >"$BATS_TEST_TMPDIR/hub.json"
	as eve audit --json >"$BATS_TEST_TMPDIR/eve.json"
	cmp "$BATS_TEST_TMPDIR/hub.json" "$BATS_TEST_TMPDIR/eve.json"
	as eve fsck
}

@test "no figure is shown without that before it is counted what is to come" {
	equals
	all=$(as hub --json status | sed 's/.*"entries":\([0-9]*\).*/\1/')
	first=$(left entries)
	slow 40000
	start_node eve --peer "$SLOW#$KEY"
	for _ in $(seq 400); do
		run_as eve status --json
		held=$(number '"entries":')
		[ "$held" -lt $((first + 1200)) ] || break
		[ "$held" -gt "$first" ] || continue
		[ $((held + $(number '"missing":'))) -ge "$all" ]
		[[ $stderr =~ $PART ]]
	done
	[ "$held" -ge $((first + 1200)) ]
}

# adds_up: what eve holds and what is to come are all that the hub holds.
adds_up() {
	[ $(($(left entries) + $(left missing))) -eq "$all" ]
}

# carry N: a stick with the first N hundredths of all, into eve's home.
carry() {
	head -c $(($(stat -c %s "$BATS_TEST_TMPDIR/all") * $1 / 100)) \
		"$BATS_TEST_TMPDIR/all" >"$BATS_TEST_TMPDIR/stick"
	before=$(left missing)
	run_as eve import bundle "$BATS_TEST_TMPDIR/stick"
}

@test "what comes on a stick is not to come any more, all of it or a part" {
	one_long
	all=$(as hub --json status | sed 's/.*"entries":\([0-9]*\).*/\1/')
	as hub export bundle "$BATS_TEST_TMPDIR/all"
	slow 40000
	start_node eve --peer "$SLOW#$KEY"
	for _ in $(seq 200); do
		[ "$(left missing_feeds)" != 1 ] || break
		sleep 0.05
	done
	stop_node eve KILL
	stop_node hub
	[ "$(left missing)" -gt 3000 ]
	for part in 40 60; do
		carry $part
		expect 1
		[ "$(left missing)" -gt 0 ]
		[ "$(left missing)" -lt "$before" ]
		adds_up
	done
	# Into a node that runs, and that nobody tells anything.
	start_node eve
	carry 80
	for _ in $(seq 50); do
		! adds_up || break
		sleep 0.1
	done
	adds_up
	[ "$(left missing)" -gt 0 ]
	[ "$(left missing)" -lt "$before" ]
	run_as eve totals
	[[ $stderr =~ $PART ]]
	stop_node eve
	carry 100
	expect 0
	[ "$(left missing)" = 0 ]
	run_as eve totals
	[[ $output == *6050* ]]
	[[ ! $stderr =~ $PART ]]
}
