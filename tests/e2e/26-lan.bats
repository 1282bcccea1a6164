#!/usr/bin/env bats
# Nodes on one local network that know no address of each other, each on a
# machine of its own (a network namespace) with an avahi daemon.

load helper

NET_S=90 # no namespace outlives that

setup() {
	local why
	HOLD=()
	why=$(may_have_lan) || skip "$why"
}

teardown() {
	local pid
	stop_nodes
	for pid in "${HOLD[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
}

may_have_lan() {
	local need
	[ "$(id -u)" = 0 ] || {
		echo "needs root, for namespaces with a /run of their own"
		return 1
	}
	for need in ip avahi-daemon avahi-browse dbus-daemon; do
		command -v "$need" >/dev/null || {
			echo "needs $need (Debian: iproute2, avahi-daemon, avahi-utils, dbus)"
			return 1
		}
	done
	unshare -nm ip link add veth-a type veth peer name veth-b 2>/dev/null || {
		echo "network namespaces with veth are not permitted here"
		return 1
	}
	grep -q libavahi-client "$MAILLON" || {
		echo "this build is without avahi"
		return 1
	}
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

# machine WHO: a namespace with a loopback and nothing else.
machine() {
	local pid
	unshare -nm sleep "$NET_S" 3>&- &
	pid=$!
	HOLD+=("$pid")
	printf '%s\n' "$pid" >"$BATS_TEST_TMPDIR/$1.net"
	for _ in $(seq 100); do
		[ "$(readlink "/proc/$pid/ns/net")" = \
			"$(readlink /proc/self/ns/net)" ] || break
		sleep 0.02
	done
	in_machine "$1" ip link set lo up
	in_machine "$1" mount -t tmpfs tmpfs /run
}

# in_machine WHO COMMAND...
in_machine() {
	local pid
	pid=$(cat "$BATS_TEST_TMPDIR/$1.net")
	shift
	nsenter -t "$pid" -n -m "$@"
}

# lan WHO WHO: one cable between two machines.
lan() {
	in_machine "$1" ip link add eth type veth peer name eth \
		netns "$(cat "$BATS_TEST_TMPDIR/$2.net")"
	in_machine "$1" ip addr add 10.9.1.1/24 dev eth
	in_machine "$2" ip addr add 10.9.1.2/24 dev eth
	in_machine "$1" ip link set eth up
	in_machine "$2" ip link set eth up
}

bus_of() {
	printf 'unix:path=%s/%s.bus' "$BATS_TEST_TMPDIR" "$1"
}

# avahi WHO: its D-Bus and its avahi daemon.
avahi() {
	local who=$1 dir="$BATS_TEST_TMPDIR" pid
	cat >"$dir/$who.dbus" <<-END
		<busconfig>
		<listen>$(bus_of "$who")</listen>
		<policy context="default">
		<allow user="*"/><allow own="*"/>
		<allow send_destination="*"/><allow receive_sender="*"/>
		</policy>
		</busconfig>
	END
	printf '%s\n' '[server]' "host-name=$who" 'use-ipv6=no' \
		'allow-interfaces=eth' '[wide-area]' 'enable-wide-area=no' \
		>"$dir/$who.avahi"
	pid=$(cat "$dir/$who.net")
	nsenter -t "$pid" -n -m dbus-daemon --nofork \
		--config-file="$dir/$who.dbus" >"$dir/$who.dbus.log" 2>&1 3>&- &
	HOLD+=($!)
	eventually 50 test -S "$dir/$who.bus"
	DBUS_SYSTEM_BUS_ADDRESS=$(bus_of "$who") \
		nsenter -t "$pid" -n -m avahi-daemon --no-drop-root --no-chroot \
		--no-rlimits -f "$dir/$who.avahi" >"$dir/$who.avahi.log" 2>&1 3>&- &
	HOLD+=($!)
}

# node WHO LISTEN [ARGUMENT...]: its node, on its machine.
node() {
	local who=$1 listen=$2 out="$BATS_TEST_TMPDIR/$1.out"
	shift 2
	: >"$out"
	DBUS_SYSTEM_BUS_ADDRESS=$(bus_of "$who") \
		MAILLON_STATE="$BATS_TEST_TMPDIR/state/$who" \
		nsenter -t "$(cat "$BATS_TEST_TMPDIR/$who.net")" -n -m \
		"$MAILLON" --home "$BATS_TEST_TMPDIR/$who" up \
		--listen "$listen" "$@" >"$out" \
		2>>"$BATS_TEST_TMPDIR/$who.log" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/$who.pid"
	eventually 100 grep -q '^ready' "$out"
}

# in_lan WHO COMMAND...: one that speaks to its avahi daemon.
in_lan() {
	local who=$1
	shift
	DBUS_SYSTEM_BUS_ADDRESS=$(bus_of "$who") in_machine "$who" "$@"
}

# lie NAME STRING...: somebody at max's machine publishes that.
lie() {
	local name=$1
	shift
	DBUS_SYSTEM_BUS_ADDRESS=$(bus_of max) \
		nsenter -t "$(cat "$BATS_TEST_TMPDIR/max.net")" -n -m \
		avahi-publish-service "maillon-$name" _maillon._tcp 4999 \
		"$@" >/dev/null 2>&1 3>&- &
	HOLD+=($!)
}

logged() {
	grep -q "$2" "$BATS_TEST_TMPDIR/$1.log"
}

has_record() {
	as "$1" show "$2"
}

# A network of three; the two makers know the hub's address, where nobody is.
two_makers() {
	local who
	found_network hub
	start_node hub
	join_network lea hub >/dev/null
	join_network max hub >/dev/null
	sync lea max
	stop_node hub
	for who in lea max; do
		machine "$who"
	done
	lan lea max
}

@test "two nodes that know no address find each other on the local network" {
	two_makers
	avahi lea
	avahi max
	node lea 'tcp://*:4787'
	node max 'tcp://*:4787'
	eventually 100 logged lea 'event=lan state=up'
	id=$(id_of lea produce 7 visor)
	eventually 300 has_record max "$id"
	cat "$BATS_TEST_TMPDIR"/{lea,max}.log
	logged lea 'event=lan-hint' || logged max 'event=lan-hint'
	# One session, whoever dialled, and doctor sees the other.
	[ "$(as lea peers | grep -c '^max ')" -eq 1 ]
	in_lan lea "$MAILLON" --home "$BATS_TEST_TMPDIR/lea" doctor |
		grep -E '^ok +lan +[1-9][0-9]*: addresses'
	# The daemon goes and comes back: what is connected stays so.
	kill "${HOLD[-1]}"
	eventually 50 logged max 'event=lan state=absent'
	id=$(id_of max produce 8 visor)
	eventually 50 has_record lea "$id"
	stop_node lea
	stop_node max
}

@test "what is published says no more than it must, and only when asked for" {
	two_makers
	avahi lea
	avahi max
	node lea 'tcp://*:4787'
	node max 'tcp://127.0.0.1:4787' --no-lan
	eventually 100 logged lea 'event=lan state=up'
	sleep 2
	never logged max 'event=lan'
	never logged lea 'event=lan-hint'
	in_lan max avahi-browse -rpt _maillon._tcp >"$BATS_TEST_TMPDIR/seen"
	grep -q '^=.*;maillon-[0-9a-f]*;.*"key=[0-9a-f]*"' \
		"$BATS_TEST_TMPDIR/seen"
	grep -qF "\"net=$(as lea --json status |
		sed 's/.*"network":"\([0-9a-f]\{16\}\).*/\1/')\"" \
		"$BATS_TEST_TMPDIR/seen"
	# The machine's own name aside, which is not ours to hide.
	never grep -q lea <(sed 's/lea\.local//' "$BATS_TEST_TMPDIR/seen")
}

@test "names of others, of other networks, and lies are dialled little or not at all" {
	two_makers
	avahi lea
	avahi max
	node lea 'tcp://*:4787'
	eventually 100 logged lea 'event=lan state=up'
	net=$(as lea --json status |
		sed 's/.*"network":"\([0-9a-f]\{16\}\).*/\1/')
	for i in 1 2 3 4 5 6 7 8 9 a b c d e f; do
		lie "$i" v=1 "net=$net" "key=$(printf "$i%.0s" $(seq 64))"
	done
	lie other v=1 net=0000000000000000 "key=$(printf '1%.0s' $(seq 64))"
	lie short v=1 "net=$net" key=1111
	lie none
	lie long "v=1" "$(printf 'x%.0s' $(seq 250))"
	eventually 200 logged lea 'event=lan-hint'
	sleep 3
	[ "$(grep -c 'event=lan-hint' "$BATS_TEST_TMPDIR/lea.log")" -le 8 ]
	# The honest one is found all the same, and what it brings.
	node max 'tcp://*:4787'
	id=$(id_of max produce 7 visor)
	eventually 300 has_record lea "$id"
}

@test "without a D-Bus a node says once that it looks at no local network" {
	two_makers
	node lea 'tcp://*:4787'
	eventually 100 logged lea 'event=lan state=absent'
	sleep 3
	[ "$(grep -c 'event=lan' "$BATS_TEST_TMPDIR/lea.log")" -eq 1 ]
	stop_node lea
}
