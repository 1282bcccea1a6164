#!/usr/bin/env bats
# Across a network that is bad: nodes in network namespaces of their own, on
# links that go down, lose one way, are slow, or break off (tests/tool/relay.c
# for what the kernel may not have).
#
# The namespaces have no names: each lives as long as a process that sleeps in
# it, so that nothing is left behind, whatever happens.

load helper

NET_S=120 # no namespace outlives that

setup() {
	local why
	HOLD=()
	BACKGROUND=()
	PEERS=0
	why=$(may_have_namespaces) || skip "$why"
	if [ "$(id -u)" = 0 ]; then
		hold unshare -n
	else
		hold unshare -rn
	fi
	OUTER=$HELD
	namespace hub
	found_network hub
}

teardown() {
	local pid
	for pid in "${BACKGROUND[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	stop_nodes
	for pid in "${HOLD[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
}

may_have_namespaces() {
	local how=-rn
	command -v ip >/dev/null || {
		echo "needs ip (Debian: iproute2)"
		return 1
	}
	[ "$(id -u)" != 0 ] || how=-n
	unshare $how ip link add veth-a type veth peer name veth-b \
		2>/dev/null || {
		echo "network namespaces with veth are not permitted here"
		return 1
	}
}

# hold COMMAND...: which makes a namespace, with a process that keeps it; its
# number in $HELD.
hold() {
	"$@" sleep "$NET_S" 3>&- &
	HELD=$!
	HOLD+=("$HELD")
	for _ in $(seq 100); do
		[ "$(readlink "/proc/$HELD/ns/net")" = \
			"$(readlink /proc/self/ns/net)" ] || return 0
		sleep 0.02
	done
	return 1
}

# The words before a command that is to run in the namespace of this process.
inside() {
	IN=(nsenter -t "$1" -n)
	[ "$(id -u)" = 0 ] || IN=(nsenter -t "$1" -U --preserve-credentials -n)
}

# namespace WHO: one of its own, joined to nothing.
namespace() {
	inside "$OUTER"
	hold "${IN[@]}" unshare -n
	printf '%s\n' "$HELD" >"$BATS_TEST_TMPDIR/$1.net"
	in_net "$1" ip link set lo up
}

# in_net WHO COMMAND...
in_net() {
	inside "$(cat "$BATS_TEST_TMPDIR/$1.net")"
	shift
	"${IN[@]}" "$@"
}

# wire WHO N: a cable from the hub (10.9.N.1, fd09:N::1) to WHO (.2, ::2).
wire() {
	local who=$1 n=$2
	in_net hub ip link add "to-$who" type veth peer name eth \
		netns "$(cat "$BATS_TEST_TMPDIR/$who.net")"
	in_net hub ip addr add "10.9.$n.1/24" dev "to-$who"
	in_net hub ip addr add "fd09:$n::1/64" dev "to-$who" nodad
	in_net hub ip link set "to-$who" up
	in_net "$who" ip addr add "10.9.$n.2/24" dev eth
	in_net "$who" ip addr add "fd09:$n::2/64" dev eth nodad
	in_net "$who" ip link set eth up
}

# node WHO LISTEN [ARGUMENT...]: its node, in its namespace.
node() {
	local who=$1 listen=$2 out="$BATS_TEST_TMPDIR/$1.out"
	shift 2
	: >"$out"
	inside "$(cat "$BATS_TEST_TMPDIR/$who.net")"
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/$who" "${IN[@]}" \
		"$MAILLON" --home "$BATS_TEST_TMPDIR/$who" up \
		--listen "$listen" "$@" >"$out" \
		2>>"$BATS_TEST_TMPDIR/$who.log" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/$who.pid"
	eventually 100 grep -q '^ready' "$out"
}

# there WHO ARGUMENT...: a command that dials, in WHO's namespace.
there() {
	local who=$1
	shift
	inside "$(cat "$BATS_TEST_TMPDIR/$who.net")"
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/$who" "${IN[@]}" \
		"$MAILLON" --home "$BATS_TEST_TMPDIR/$who" "$@"
}

# member WHO ADDRESS: a maker with a cable of its own, admitted by the hub at
# an address of it ("10.9.N.1:4787", its port 0 for the hub itself).
member() {
	local who=$1 link
	PEERS=$((PEERS + 1))
	namespace "$who"
	wire "$who" "$PEERS"
	make_member "$who"
	link=$(as hub invite --auto --address "tcp://${2:-10.9.$PEERS.1:4787}")
	[ -n "${3:-}" ] || there "$who" join "$link" >/dev/null
	printf '%s\n' "$link" >"$BATS_TEST_TMPDIR/$who.link"
}

# relay WHO TO [COMMAND]...: a bad link in WHO's namespace, from port 4700 of
# its loopback to an address of the hub.
relay() {
	local who=$1 to=$2 dir="$BATS_TEST_TMPDIR"
	shift 2
	mkfifo "$dir/$who.fifo"
	inside "$(cat "$dir/$who.net")"
	"${IN[@]}" "${BUILD:-$ROOT/build}/relay" 127.0.0.1:4700 "$to" \
		"$dir/$who.fifo" "$@" >"$dir/$who.relay" 3>&- &
	BACKGROUND+=($!)
	eventually 100 grep -q '^relay' "$dir/$who.relay"
}

# tell_relay WHO COMMAND...
tell_relay() {
	local who=$1
	shift
	printf '%s\n' "$*" >"$BATS_TEST_TMPDIR/$who.fifo"
}

# eventually TENTHS COMMAND...
eventually() {
	local n=$1
	shift
	for _ in $(seq "$n"); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	printf 'never: %s\n' "$*"
	return 1
}

has_record() {
	as "$1" show "$2"
}

in_step() {
	as "$1" --json peers | grep -q '"in_step":true'
}

lines_of() {
	as hub peers | grep -c "^$1 "
}

agree() {
	[ "$(as "$1" --json audit)" = "$(as "$2" --json audit)" ]
}

# fill WHO ROWS [LOT]: a ledger of so many entries.
fill() {
	local f="$BATS_TEST_TMPDIR/rows"
	seq "$2" | sed "s/.*/visor;&;2020-04-01;${3:-A}/;1i item;qty;when;lot" \
		>"$f.csv"
	printf '%s\n' '[record]' 'kind = produce' '[csv]' \
		'delimiter = semicolon' '[columns]' 'item = item' \
		'quantity = qty' 'when = when' 'lot = lot' >"$f.ini"
	as "$1" import csv --map "$f.ini" "$f.csv" 2>/dev/null
}

@test "a link that goes down and comes back: both have what was recorded meanwhile" {
	node hub 'tcp://0.0.0.0:4787'
	member lea
	node lea 'tcp://127.0.0.1:*'
	eventually 100 in_step lea
	in_net hub ip link set to-lea down
	a=$(id_of lea produce 5 visor)
	b=$(id_of hub produce 6 visor)
	sleep 1
	never has_record lea "$b"
	in_net hub ip link set to-lea up
	eventually 200 has_record lea "$b"
	eventually 200 has_record hub "$a"
	agree hub lea
	# A node that starts while there is no way waits for one.
	stop_node lea
	in_net hub ip link set to-lea down
	node lea 'tcp://127.0.0.1:*'
	sleep 1
	in_net hub ip link set to-lea up
	eventually 200 in_step lea
}

@test "a link that loses everything one way: what still arrives counts, the rest comes later" {
	node hub 'tcp://0.0.0.0:4787'
	member lea
	node lea 'tcp://127.0.0.1:*'
	eventually 100 in_step lea
	# From now on the hub speaks to nobody, and is not told.
	in_net hub ip neigh replace 10.9.1.2 lladdr 02:00:00:00:00:09 \
		nud permanent dev to-lea
	a=$(id_of lea produce 5 visor)
	b=$(id_of hub produce 6 visor)
	eventually 50 has_record hub "$a"
	never has_record lea "$b"
	in_net hub ip neigh del 10.9.1.2 dev to-lea
	eventually 200 has_record lea "$b"
	agree hub lea
}

@test "delay and a narrow link: slow for one, and for nobody else" {
	node hub 'tcp://0.0.0.0:4787'
	fill hub 2000
	member leo
	node leo 'tcp://127.0.0.1:*'
	member lea 127.0.0.1:4700 later
	relay lea 10.9.2.1:4787 'delay 80' 'rate 40000'
	there lea join "$(cat "$BATS_TEST_TMPDIR/lea.link")" >/dev/null
	node lea 'tcp://127.0.0.1:*'
	# 300 KB at 40 KB/s are on their way to her: leo need not wait.
	id=$(id_of hub produce 7 visor)
	eventually 20 has_record leo "$id"
	never in_step lea
	eventually 300 in_step lea
	has_record lea "$id"
	agree hub lea
}

@test "connections that break off again and again: each brings something" {
	node hub 'tcp://0.0.0.0:4787'
	fill hub 3000
	member lea 127.0.0.1:4700 later
	relay lea 10.9.1.1:4787
	there lea join "$(cat "$BATS_TEST_TMPDIR/lea.link")" >/dev/null
	fill hub 3000 B
	tell_relay lea cut-after 100000
	node lea 'tcp://127.0.0.1:*'
	eventually 300 eval '[ "$(as lea status --json |
		sed "s/.*\"entries\":\([0-9]*\).*/\1/")" -gt 5000 ]'
	tell_relay lea cut-after 0
	eventually 100 in_step lea
	[[ $(as lea status --json) == *'"missing":0,'* ]]
	[ "$(grep -c taken "$BATS_TEST_TMPDIR/lea.relay")" -gt 3 ]
	agree hub lea
}

@test "a connection whose other end is gone makes room for the new one" {
	node hub 'tcp://0.0.0.0:4787'
	member lea
	node lea 'tcp://127.0.0.1:*'
	eventually 100 in_step lea
	# The power goes: neither FIN nor RST ever reaches the hub.
	in_net hub ip link set to-lea down
	stop_node lea KILL
	in_net hub ip link del to-lea
	as hub peers | grep '^lea ' | grep -q 'in step'
	namespace lea
	wire lea 1
	node lea 'tcp://127.0.0.1:*'
	eventually 100 in_step lea
	id=$(id_of hub produce 8 visor)
	eventually 50 has_record lea "$id"
	eventually 50 eval '[ "$(lines_of lea)" -eq 1 ]'
}

@test "a hub that takes no connections is not stormed, and is found again" {
	node hub 'tcp://0.0.0.0:4787'
	member lea 127.0.0.1:4700 later
	relay lea 10.9.1.1:4787
	there lea join "$(cat "$BATS_TEST_TMPDIR/lea.link")" >/dev/null
	node lea 'tcp://127.0.0.1:*'
	eventually 100 in_step lea
	tell_relay lea refuse yes
	tell_relay lea cut
	id=$(id_of lea produce 9 visor)
	sleep 4
	tries=$(grep -c '^refused' "$BATS_TEST_TMPDIR/lea.relay")
	[ "$tries" -ge 1 ]
	[ "$tries" -le 6 ]
	tell_relay lea refuse no
	eventually 150 has_record hub "$id"
}

# What has passed WHO's cable, both ways, bytes.
passed() {
	in_net hub ip -s link show "to-$1" |
		awk '/RX:|TX:/ { getline; n += $1 } END { print n }'
}

@test "a link where nothing happens costs heartbeats, and nothing else" {
	node hub 'tcp://0.0.0.0:4787'
	member lea
	node lea 'tcp://127.0.0.1:*'
	eventually 100 in_step lea
	sleep 2
	frames=$(as hub peers --json | grep -o '"bytes_[a-z]*":[0-9]*')
	before=$(passed lea)
	sleep 20
	after=$(passed lea)
	echo "$((after - before)) bytes in 20 s"
	# One exchange of PING and PONG each way, or two; with what TCP, IP
	# and Ethernet add.
	[ "$((after - before))" -lt 3000 ]
	[ "$((after - before))" -gt 0 ]
	[ "$frames" = "$(as hub peers --json |
		grep -o '"bytes_[a-z]*":[0-9]*')" ]
	in_step lea
}

@test "over IPv6: join, publish, be found, replicate" {
	member lea '[fd09:1::1]:4787' later
	node hub 'tcp://[fd09:1::1]:4787'
	there lea join "$(cat "$BATS_TEST_TMPDIR/lea.link")" >/dev/null
	as hub show hub/2 --json | grep -qF '"tcp://[fd09:1::1]:4787"'
	node lea 'tcp://[fd09:1::2]:*'
	eventually 100 in_step lea
	id=$(id_of lea produce 9 visor)
	eventually 50 has_record hub "$id"
	# Each finds the other at what it has published, without a link.
	grep -q '^ready tcp://\[fd09:1::2\]:[0-9]*$' "$BATS_TEST_TMPDIR/lea.out"
	as hub peers --json | grep -qF '"address":"tcp://[fd09:1::2]:' ||
		as hub peers --json | grep -qF 'fd09:1::2'
}
