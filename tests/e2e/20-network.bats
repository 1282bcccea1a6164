#!/usr/bin/env bats
# Nodes that meet: what one records the others hold, whoever was up when.

load helper

setup() {
	found_network hub
}

teardown() {
	stop_nodes
}

# eventually COMMAND...: within ten seconds it succeeds.
eventually() {
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	printf 'never: %s\n' "$*"
	return 1
}

entries() {
	as "$1" --json log | wc -l
}

holds() {
	[ "$(entries "$1")" -eq "$2" ]
}

has_record() {
	as "$1" show "$2"
}

digest() {
	as "$1" --json audit | sed 's/.*"digest":"\([0-9a-f]*\)".*/\1/'
}

# Both audit clean, to the same bytes.
agree() {
	local first line who
	first=$(as "$1" --json audit) || return 1
	for who in "$@"; do
		line=$(as "$who" --json audit) || return 1
		[ "$line" = "$first" ] || return 1
	done
}

# key_of WHO FEED: the transport key of a node, as WHO's ledger has it.
key_of() {
	as "$1" show "$2/1" --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/'
}

# node_at WHO ADDRESS...: a node that listens there and nowhere else.
node_at() {
	local who=$1 out="$BATS_TEST_TMPDIR/$1.out" listen=$2
	shift 2
	: >"$out"
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/$who" \
		"$MAILLON" --home "$BATS_TEST_TMPDIR/$who" up \
		--listen "$listen" "$@" \
		>"$out" 2>>"$BATS_TEST_TMPDIR/$who.log" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/$who.pid"
	eventually grep -q '^ready' "$out"
}

free_port() {
	start_node hub
	stop_node hub
	PORT=${ADDRESS##*:}
}

in_step() {
	as "$1" --json peers | grep -q '"in_step":true'
}

@test "what one records the other holds after up --once, and audits the same" {
	start_node hub
	join_network lea hub
	id=$(id_of lea produce 50 visor/v30)
	never as hub show "$id"
	sync lea
	as hub show "$id" >/dev/null
	id=$(id_of hub produce 7 visor/v30)
	never as lea show "$id"
	sync lea
	as lea show "$id" >/dev/null
	agree hub lea
	as hub totals | grep -Eq 'visor/v30 +piece +57'
}

@test "nodes that are up tell each other at once" {
	start_node hub
	join_network lea hub
	join_network leo hub
	start_node lea
	start_node leo
	eventually in_step lea
	eventually in_step leo
	id=$(id_of lea produce 3 visor)
	eventually has_record leo "$id"
	id=$(id_of hub produce 4 visor)
	eventually has_record lea "$id"
	eventually has_record leo "$id"
	eventually agree hub lea leo
}

# commits WHO: how often its ledger was written to: LMDB's number of the newest
# transaction, which stands in the younger of its first two pages.
commits() {
	local at n most=0
	for at in 144 4240; do
		n=$(od -An -t u8 -j "$at" -N 8 \
			"$BATS_TEST_TMPDIR/$1/ledger/data.mdb")
		[ "$n" -le "$most" ] || most=$((n))
	done
	echo "$most"
}

@test "a burst is a few commits on the other node" {
	start_node hub
	join_network lea hub
	start_node lea
	eventually in_step lea
	# What comes while it cannot look is there at once when it can.
	before=$(commits lea)
	kill -STOP "$(cat "$BATS_TEST_TMPDIR/lea.pid")"
	here=$(commits hub)
	for n in $(seq 40); do
		id=$(id_of hub produce "$n" visor)
	done
	[ "$(commits hub)" -ge $((here + 40)) ]
	kill -CONT "$(cat "$BATS_TEST_TMPDIR/lea.pid")"
	eventually has_record lea "$id"
	eventually in_step lea
	echo "$(($(commits lea) - before)) commits"
	[ "$(commits lea)" -gt "$before" ]
	[ "$(commits lea)" -le $((before + 12)) ]
}

@test "what two never tell each other a third one carries" {
	start_node hub
	make_member middle
	link=$(as hub invite)
	run_as middle join "$link"
	expect 75
	as hub accept middle --role association --may-admit >/dev/null
	as middle join "$link" >/dev/null
	stop_node hub
	# From here on hub and far are never up at the same time.
	start_node middle
	join_network far middle
	id=$(id_of far produce 11 visor)
	sync far
	stop_node middle
	start_node hub
	hub=$ADDRESS
	as middle up --once --peer "$hub#$(key_of middle hub)"
	as hub show "$id" >/dev/null
	id=$(id_of hub produce 2 visor)
	as middle up --once --peer "$hub#$(key_of middle hub)"
	stop_node hub
	start_node middle
	as far up --once --peer "$ADDRESS#$(key_of far middle)"
	as far show "$id" >/dev/null
	agree hub middle far
}

@test "what was recorded offline travels when a peer is back" {
	free_port
	node_at hub "tcp://127.0.0.1:$PORT"
	join_network lea hub
	stop_node hub
	start_node lea
	id=$(id_of lea produce 1 visor)
	last=$(id_of lea produce 2 visor)
	node_at hub "tcp://127.0.0.1:$PORT"
	eventually has_record hub "$id"
	eventually has_record hub "$last"
	eventually agree hub lea
}

@test "a node that was killed comes back with all it had and catches up" {
	free_port
	node_at hub "tcp://127.0.0.1:$PORT"
	join_network lea hub
	start_node lea
	eventually in_step lea
	for n in $(seq 20); do
		id=$(id_of hub produce "$n" visor)
	done
	stop_node hub KILL
	missed=$(id_of lea produce 100 visor)
	as hub show "$id" >/dev/null
	node_at hub "tcp://127.0.0.1:$PORT"
	eventually has_record hub "$missed"
	eventually has_record lea "$id"
	eventually agree hub lea
	as hub fsck
	as lea fsck
}

@test "of who is gone in the middle of a word it is said that the connection ended" {
	start_node hub
	join_network lea hub
	(while :; do
		as hub produce 1 visor >/dev/null
	done) 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/maker.pid"
	for _ in $(seq 15); do
		start_node lea
		sleep 0.3
		stop_node lea KILL
	done
	stop_node maker
	eventually grep -q 'event=peer-lost peer=lea why="the link broke, or a frame was too long"' \
		"$BATS_TEST_TMPDIR/hub.log"
	never grep 'event=peer-bye peer=lea by=us' "$BATS_TEST_TMPDIR/hub.log"
}

@test "records through a running node while it replicates" {
	start_node hub
	join_network lea hub
	start_node lea
	for n in $(seq 25); do
		as hub produce "$n" visor >/dev/null
		as lea produce "$n" visor >/dev/null
	done
	last=$(id_of lea produce 1 visor)
	eventually has_record hub "$last"
	eventually agree hub lea
	as hub totals | grep -Eq 'visor +piece +651'
	as lea fsck
}

@test "commands at the same time never fork a feed" {
	join_alone() {
		local pids=() pid n
		for n in $(seq 12); do
			as hub produce "$n" "$1" >"$BATS_TEST_TMPDIR/p$n" 3>&- &
			pids+=($!)
		done
		for pid in "${pids[@]}"; do
			wait "$pid" || return 1
		done
		[ "$(cat "$BATS_TEST_TMPDIR"/p* | sort -u | wc -l)" -eq 12 ]
	}
	join_alone first
	start_node hub
	join_alone second
	[ "$(as hub --json log --kind produce | wc -l)" -eq 24 ]
	as hub totals | grep -Eq 'first +piece +78'
	as hub totals | grep -Eq 'second +piece +78'
	as hub audit >/dev/null
	as hub fsck
}

@test "up --once says why it could not" {
	run_as hub up --once
	expect 78
	[[ $stderr == *"no peer is known"* ]]
	start_node hub
	join_network lea hub
	stop_node hub
	run_as lea up --once
	expect 69
	[[ $stderr == *"nobody answers at tcp://127.0.0.1:"* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	run_as lea up --once --peer "tcp://127.0.0.1:9"
	expect 78
	for bad in nonsense tcp://127.0.0.1 'tcp://127.0.0.1:9#12' \
		'tcp://127.0.0.1:99999' udp://127.0.0.1:9; do
		run_as lea up --once --peer "$bad"
		expect 64
		run_as lea up --listen "$bad"
		expect 64
	done
	run_as lea up --http 127.0.0.1:80
	expect 64
	run_as lea up --http 127.0.0.1:1
	expect 64
	run_as lea up --timeout 0 --once
	expect 64
	run_as nobody up --once
	expect 78
}

@test "one that is not in the roster is turned away with 77" {
	start_node hub
	make_member lea
	run_as lea join "$(as hub invite)"
	expect 75
	run_as lea up --once
	expect 77
	[[ $stderr == *"waiting to be accepted"* ]]
}

@test "a peer that another does not know is named in --peer" {
	start_node hub
	join_network lea hub
	join_network leo hub
	sync lea leo
	start_node leo
	id=$(id_of leo produce 9 visor)
	stop_node hub
	as lea up --once --peer "$ADDRESS#$(key_of lea leo)"
	as lea show "$id" >/dev/null
}

@test "over IPv6 a node listens, invites, and is dialled" {
	[ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6 ||
		skip "this machine has no IPv6"
	node_at hub 'tcp://[::1]:*'
	grep -Eq '^ready tcp://\[::1\]:[0-9]+$' "$BATS_TEST_TMPDIR/hub.out"
	join_network lea hub
	id=$(id_of lea produce 3 visor)
	sync lea
	as hub show "$id" >/dev/null
	start_node lea
	eventually in_step lea
	as lea peers | grep -q '^hub  tcp://\[::1\]:'
}

# one_each: hub and lea have one session, and are in step.
one_each() {
	[ "$(as hub --json peers | grep -o '"label":' | wc -l)" -eq 1 ] &&
		[ "$(as lea --json peers | grep -o '"label":' | wc -l)" -eq 1 ] &&
		in_step hub && in_step lea
}

@test "an IPv6 address of one link is refused wherever it would be of no use" {
	local there='tcp://[FE80::1]:4787' option
	for option in "up --listen $there" "up --announce $there" \
		"up --listen tcp://[fe80::1%eth0]:4787" \
		"up --peer $there#$(key_of hub hub)" "invite --address $there"; do
		run_as hub $option
		[ "$status" -eq 64 ] || [ "$status" -eq 65 ]
		[[ $stderr == *"leads nowhere from elsewhere"* ]]
	done
}

@test "a name whose IPv6 address leads nowhere is reached by IPv4" {
	local how hosts="$BATS_TEST_TMPDIR/hosts"
	[ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6 ||
		skip "this machine has no IPv6"
	for how in -m -rm; do
		! unshare $how mount --bind /etc/hosts /etc/hosts 2>/dev/null ||
			break
		how=
	done
	[ -n "$how" ] || skip "no mount namespace of the test's own"
	printf '::1 hub.test\n127.0.0.1 hub.test\n' >"$hosts"
	start_node hub
	make_member lea
	link=$(as hub invite --auto --address "tcp://hub.test:${ADDRESS##*:}")
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/lea" unshare $how sh -c \
		'mount --bind "$0" /etc/hosts && exec "$@"' "$hosts" \
		"$MAILLON" --home "$BATS_TEST_TMPDIR/lea" join "$link"
	as hub members | grep -q '^lea '
}

@test "two nodes that dial each other keep one session" {
	free_port
	node_at hub "tcp://127.0.0.1:$PORT"
	join_network lea hub
	start_node lea
	lea=$ADDRESS
	eventually in_step lea
	stop_node hub
	node_at hub "tcp://127.0.0.1:$PORT" \
		--peer "$lea#$(key_of hub lea)"
	eventually one_each
	sleep 1
	one_each
	id=$(id_of lea produce 5 visor)
	eventually has_record hub "$id"
}

# slow_to WHO PORT: a link of 300 ms each way to a port; its own in $SLOW.
slow_to() {
	local dir="$BATS_TEST_TMPDIR/slow-$1"
	mkdir "$dir"
	mkfifo "$dir/fifo"
	"${BUILD:-$ROOT/build}/relay" 127.0.0.1:0 "127.0.0.1:$2" "$dir/fifo" \
		'delay 300' >"$dir/out" 3>&- &
	# stop_nodes ends it, too.
	echo $! >"$BATS_TEST_TMPDIR/slow-$1.pid"
	eventually grep -q '^relay' "$dir/out"
	SLOW=$(sed -n 's/^relay //p' "$dir/out")
}

# both_say PATTERN: in both logs.
both_say() {
	grep -q "$1" "$BATS_TEST_TMPDIR/hub.log" &&
		grep -q "$1" "$BATS_TEST_TMPDIR/lea.log"
}

@test "of two dials that cross one session is left" {
	start_node hub
	hub=${ADDRESS##*:}
	slow_to hub "$hub"
	a=tcp://127.0.0.1:$SLOW
	make_member lea
	as lea join "$(as hub invite --auto --address "$a")"
	stop_node hub
	start_node lea
	lea=${ADDRESS##*:}
	stop_node lea
	slow_to lea "$lea"
	b="tcp://127.0.0.1:$SLOW#$(key_of lea lea)"
	# Each dials before the other's first byte is there, unless this machine
	# is busy: then once more.
	for _ in $(seq 5); do
		: >"$BATS_TEST_TMPDIR/hub.log"
		: >"$BATS_TEST_TMPDIR/lea.log"
		node_at hub "tcp://127.0.0.1:$hub" \
			--announce tcp://192.0.2.1:1 --peer "$b"
		node_at lea "tcp://127.0.0.1:$lea" \
			--announce tcp://192.0.2.1:2
		eventually one_each
		! both_say 'event=peer-bye .* reason=5 ' || break
		stop_node hub
		stop_node lea
	done
	both_say 'event=peer-bye .* reason=5 '
	eventually one_each
	id=$(id_of lea produce 5 visor)
	eventually has_record hub "$id"
	eventually one_each
	[ "$(grep -c 'event=peer-met' "$BATS_TEST_TMPDIR/hub.log")" -le 3 ]
}

published() {
	[ "$(as "$1" --json log --kind address | wc -l)" -eq "$2" ]
}

# public_at WHO PORT: as if this machine were all there is.
public_at() {
	node_at "$1" "tcp://127.0.0.1:$2" --announce "tcp://127.0.0.1:$2"
}

@test "an address that is announced is published and found" {
	free_port
	public_at hub "$PORT"
	eventually published hub 1
	join_network lea hub
	join_network leo hub
	free=$PORT
	stop_node hub
	free_port
	public_at leo "$PORT"
	eventually published leo 2
	public_at hub "$free"
	eventually in_step leo
	sync lea
	# Told again only when it changed.
	stop_node hub
	public_at hub "$free"
	[ "$(as hub --json log --author hub --kind address | wc -l)" -eq 1 ]
	stop_node hub
	# Only leo is up: lea finds its address in the ledger.
	id=$(id_of leo produce 5 visor)
	start_node lea
	eventually has_record lea "$id"
}

@test "an address that was given in full is published, unless it is this machine's only" {
	local there
	free_port
	node_at hub "tcp://127.0.0.1:$PORT"
	join_network lea hub
	sync lea
	published hub 0
	stop_node hub
	there=$(hostname -I 2>/dev/null | grep -o '^[0-9.]*[0-9]') ||
		skip "this machine has no address that others see"
	node_at hub "tcp://$there:$PORT"
	eventually published hub 1
	as hub log --kind address | grep -qF "tcp://$there:$PORT"
}

@test "what others are to dial is announced, and put into invites" {
	start_node hub --announce tcp://hub.example.org:4787
	eventually published hub 1
	as hub log --kind address | grep -q tcp://hub.example.org:4787
	link=$(as hub invite)
	stop_node hub
	run_as lea join "$link" --label lea --place FR
	expect 69
	[[ $stderr == *"tcp://hub.example.org:4787"* ]]
	run_as hub up --announce 'tcp://*:4787'
	expect 64
}

@test "without --listen two nodes of one machine find two ports" {
	found_network asso
	for who in hub asso; do
		: >"$BATS_TEST_TMPDIR/$who.out"
		MAILLON_STATE="$BATS_TEST_TMPDIR/state/$who" \
			"$MAILLON" --home "$BATS_TEST_TMPDIR/$who" up \
			>"$BATS_TEST_TMPDIR/$who.out" 2>/dev/null 3>&- &
		echo $! >"$BATS_TEST_TMPDIR/$who.pid"
		eventually grep -q '^ready tcp://' "$BATS_TEST_TMPDIR/$who.out"
	done
	[ "$(cat "$BATS_TEST_TMPDIR"/*.out | sort -u | wc -l)" -eq 2 ]
	# Nobody asked for these to be known to all.
	sleep 0.5
	published hub 0
	as hub invite >/dev/null
}

@test "peers and status show whom a node talks to" {
	run_as hub peers
	expect 69
	start_node hub
	join_network lea hub
	start_node lea
	eventually in_step lea
	run_as lea peers
	expect 0
	[[ $output =~ ^hub\ +tcp://127.0.0.1:[0-9]+\ +live\ +in\ step ]]
	# `status` says the same, to each in their own words.
	run_as lea status
	[[ $output == *"  live  in step"* ]]
	LC_ALL=C.UTF-8 LANGUAGE=fr run_as lea status
	[[ $output == *"  en liaison  à jour"* ]]
	run_as hub --json peers
	[[ $output =~ ^'{"schema":"maillon.peers/1","peers":[{"label":"lea","address":"127.0.0.1","way":"in","state":"live","in_step":true,"last_ms":'[0-9]+',"bytes_in":'[1-9][0-9]*',"bytes_out":'[1-9][0-9]*',"aside":null,"unequal":null}]}'$ ]]
	as lea --json status | grep -q '"peers":\[{"label":"hub","address":"tcp://127.0.0.1:'
	stop_node hub
	eventually eval 'as lea peers | grep -q " down "'
}

@test "a node stops when it is told to, with 0, and only one runs in a home" {
	start_node hub
	run_as hub up
	expect 75
	[[ $stderr == *"is up already"* ]]
	pid=$(cat "$BATS_TEST_TMPDIR/hub.pid")
	kill -TERM "$pid"
	wait "$pid"
	[ ! -e "$BATS_TEST_TMPDIR/hub/ctl.sock" ]
	start_node hub
	pid=$(cat "$BATS_TEST_TMPDIR/hub.pid")
	kill -INT "$pid"
	wait "$pid"
	run_as hub up --listen tcp://192.0.2.1:4787
	expect 78
	[[ $stderr == *"does not have that address"* ]]
}

@test "a long feed comes over whole, and again nothing is sent" {
	as hub item visor >/dev/null
	start_node hub
	for n in $(seq 300); do
		echo "$n,visor,2020-04-01T00:00:00Z"
	done >"$BATS_TEST_TMPDIR/rows.csv"
	sed -i '1i q,i,t' "$BATS_TEST_TMPDIR/rows.csv"
	printf '[record]\nkind = produce\n[columns]\nquantity = q\nitem = i\nwhen = t\n' \
		>"$BATS_TEST_TMPDIR/map.ini"
	as hub import csv --map "$BATS_TEST_TMPDIR/map.ini" \
		"$BATS_TEST_TMPDIR/rows.csv" >/dev/null
	join_network lea hub
	holds lea "$(entries hub)"
	agree hub lea
	[ "$(digest hub)" = "$(digest lea)" ]
}

@test "libzmq is loaded by what goes to the network only" {
	local broken="$BATS_TEST_TMPDIR/broken"
	mkdir "$broken"
	echo "no library" >"$broken/libzmq.so.5"
	run env LD_LIBRARY_PATH="$broken" "$MAILLON" \
		--home "$BATS_TEST_TMPDIR/hub" totals
	[ "$status" -eq 0 ]
	run env LD_LIBRARY_PATH="$broken" "$MAILLON" \
		--home "$BATS_TEST_TMPDIR/hub" up --once
	[ "$status" -eq 78 ]
	[[ $output == *"libzmq is not here"* ]]
}

@test "frames that wait while a node is held up are all taken, in order" {
	start_node hub
	HUB=$ADDRESS
	KEY=$(as hub show hub/1 --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	seq 5000 | sed 's/.*/visor;1;lot-&/;1i item;qty;lot' \
		>"$BATS_TEST_TMPDIR/rows.csv"
	printf '%s\n' '[record]' 'kind = produce' '[csv]' \
		'delimiter = semicolon' '[columns]' 'item = item' \
		'quantity = qty' 'lot = lot' >"$BATS_TEST_TMPDIR/rows.ini"
	for who in ana bob luc; do
		join_network $who hub
		as $who import csv --map "$BATS_TEST_TMPDIR/rows.ini" \
			"$BATS_TEST_TMPDIR/rows.csv" >/dev/null 2>&1
	done
	for who in ana bob luc; do
		start_node $who --peer "$HUB#$KEY"
	done
	for _ in $(seq 10); do
		kill -STOP "$(cat "$BATS_TEST_TMPDIR/hub.pid")"
		sleep 0.05
		kill -CONT "$(cat "$BATS_TEST_TMPDIR/hub.pid")"
		sleep 0.02
	done
	for _ in $(seq 100); do
		! as hub totals --json | grep -q '"produced":15000' || break
		sleep 0.1
	done
	as hub totals --json | grep -q '"produced":15000'
	never grep "event=peer-bye .*by=us" "$BATS_TEST_TMPDIR/hub.log"
}
