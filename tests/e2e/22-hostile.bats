#!/usr/bin/env bats
# What strangers and accidents do to a node that is up: nothing that lasts.

load helper

setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	PORT=${ADDRESS##*:}
}

teardown() {
	local pid
	for pid in "${STOPPED[@]}"; do
		kill -CONT "$pid" 2>/dev/null || true
	done
	stop_nodes
}

eventually() {
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	printf 'never: %s\n' "$*"
	return 1
}

pid_of() {
	cat "$BATS_TEST_TMPDIR/$1.pid"
}

# Resident memory of a node, KiB.
memory_of() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(pid_of "$1")/status"
}

key_of() {
	as "$1" show "$2/1" --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/'
}

# The node is there, works, and has not grown by more than 8 MiB.
is_well() {
	kill -0 "$(pid_of hub)" &&
		as hub produce 1 visor >/dev/null &&
		[ "$(memory_of hub)" -lt $((before + 8192)) ]
}

# say FILE: the bytes of a file to the node's port, whatever it answers.
say() {
	(
		exec 3<>"/dev/tcp/127.0.0.1/$PORT" || exit 0
		cat "$1" >&3
		sleep "${2:-0}"
	) 2>/dev/null 3>&- || true
}

@test "any bytes at the socket: a line in the log, and on it goes" {
	before=$(memory_of hub)
	f="$BATS_TEST_TMPDIR/bytes"
	printf 'GET / HTTP/1.1\r\nHost: hub\r\n\r\n' >"$f.http"
	head -c 1000 /dev/urandom >"$f.random"
	head -c 3000000 /dev/zero >"$f.zeros"
	: >"$f.empty"
	# A greeting that promises CURVE, then a command of 8 GB.
	printf '\377\0\0\0\0\0\0\0\0\177\003\001CURVE\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >"$f.greeting"
	head -c 32 /dev/zero >>"$f.greeting"
	printf '\006\0\0\0\002\0\0\0\0' | cat "$f.greeting" - /dev/zero |
		head -c 20000000 >"$f.huge"
	# The first version of ZMTP, and one that asks for no security.
	printf '\001\0\005hello' >"$f.old"
	sed 's/CURVE/NULL\x00/' "$f.greeting" >"$f.null"
	for kind in http random zeros empty huge old null; do
		for _ in 1 2 3; do
			say "$f.$kind"
		done
	done
	for n in $(seq 0 8 64); do
		head -c "$n" "$f.greeting" >"$f.cut"
		say "$f.cut"
	done
	eventually grep -q '^event=handshake-failed count=' \
		"$BATS_TEST_TMPDIR/hub.log"
	is_well
	[ "$(wc -l <"$BATS_TEST_TMPDIR/hub.log")" -lt 120 ]
	join_network lea hub
}

@test "hundreds of connections that say nothing keep nobody out" {
	before=$(memory_of hub)
	(
		for _ in $(seq 200); do
			exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
		done
		exec sleep 20
	) 3>&- &
	crowd=$!
	eventually eval '[ "$(ls "/proc/$(pid_of hub)/fd" | wc -l)" -gt 200 ]'
	join_network lea hub
	id=$(id_of lea produce 5 visor)
	sync lea
	as hub show "$id" >/dev/null
	is_well
	# Half a handshake is given five seconds.
	eventually eval '[ "$(ls "/proc/$(pid_of hub)/fd" | wc -l)" -lt 100 ]'
	kill "$crowd"
}

# knock N LINK: N homes of their own that ask to join.
knock() {
	local i
	for i in $(seq "$1"); do
		as "k$i" join "$2" --label "k$i" --place FR-88 \
			>>"$BATS_TEST_TMPDIR/knocks" 2>&1 || true
	done
}

@test "hundreds who ask to join are bounded, and keep nobody out" {
	before=$(memory_of hub)
	link=$(as hub invite --uses 8) # a person is to say who
	knock 300 "$link"
	# As many wait as the link is good for; the others were told so.
	[ "$(grep -c ^waiting "$BATS_TEST_TMPDIR/knocks")" -eq 8 ]
	[ "$(as hub --json members | grep -o '"label":"k[0-9]*"' | wc -l)" -eq 8 ]
	is_well
	[ "$(wc -l <"$BATS_TEST_TMPDIR/hub.log")" -lt 1000 ]
	join_network lea hub
	as hub --json audit >/dev/null
	as hub fsck
}

@test "any bytes at the control socket end that connection only" {
	command -v python3 >/dev/null || skip "needs python3"
	python3 - "$BATS_TEST_TMPDIR/hub/ctl.sock" <<-'END'
		import os, socket, sys
		for data in (b"", b"\0", b"\0\0\0\0", b"\xff\xff\xff\xff" + b"x" * 70000,
		             b"\0\0\0\1\xc1", b"\0\0\0\2\x91\x00", os.urandom(5000),
		             b"\0\0\0\7\x92\xa4stop\xc1"):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect(sys.argv[1])
		    try:
		        s.sendall(data)
		        s.settimeout(0.3)
		        s.recv(1000)
		    except OSError:
		        pass
		    s.close()
	END
	before=$(memory_of hub)
	is_well
}

@test "a peer that stops reading holds up nobody else" {
	STOPPED=()
	join_network lea hub
	join_network leo hub
	start_node leo
	eventually eval 'as hub peers | grep -q "^leo .* in step"'
	STOPPED+=("$(pid_of leo)")
	kill -STOP "$(pid_of leo)"
	for n in $(seq 20); do
		as hub produce "$n" visor --lot "$(head -c 24 /dev/zero |
			tr '\0' x)" >/dev/null
	done
	id=$(id_of hub produce 1 visor)
	sync lea
	as lea show "$id" >/dev/null
	kill -CONT "$(pid_of leo)"
	eventually as leo show "$id"
}

@test "the wrong key for an address is nobody there" {
	join_network lea hub
	other=$(printf '0%.0s' $(seq 64))
	run_as lea up --once --peer "$HUB#$other"
	expect 69
	before=$(memory_of hub)
	is_well
}

@test "a copy of the same home is told apart from a peer" {
	stop_node hub
	cp -r "$BATS_TEST_TMPDIR/hub" "$BATS_TEST_TMPDIR/copy"
	start_node hub
	run_as copy up --once --peer "$ADDRESS#$(key_of copy hub)"
	expect 76
	[[ $stderr == *"same node"* ]]
	before=$(memory_of hub)
	is_well
}

@test "a node of another network is turned away" {
	found_network asso
	run_as asso up --once --peer "$HUB#$(key_of hub hub)"
	expect 76
	[[ $stderr == *"network"* ]]
	[ "$(as hub --json log | wc -l)" -eq 1 ]
	[ "$(as asso --json log | wc -l)" -eq 1 ]
}

@test "strangers read nothing, except where the network is for all to read" {
	# A member's link brings it in sight of the ledger, and no further.
	run_as lea join "$(as hub invite)" --label lea --place FR
	expect 75
	as hub produce 5 visor >/dev/null
	run_as lea up --once
	expect 77
	[ "$(as lea --json log | wc -l)" -eq 1 ]
	make_member asso
	as asso found Open --public-read >/dev/null
	start_node asso
	as asso produce 7 visor >/dev/null
	run_as leo join "$(as asso invite)" --label leo --place FR
	expect 75
	start_node leo
	eventually eval 'as leo totals | grep -q "visor.* 7"'
}
