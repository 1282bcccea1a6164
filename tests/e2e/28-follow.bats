#!/usr/bin/env bats
# Small nodes that follow one association only: they hold its feeds and what
# makes the roster, verify all of it, and never claim the whole.

load helper

teardown() {
	stop_nodes
}

# Two associations with a maker each below a hub, and two machines that are to
# follow one each.
setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	join_network north hub association
	as hub accept north --may-admit >/dev/null
	join_network south hub association
	as hub accept south --may-admit >/dev/null
	start_node north
	NORTH=$ADDRESS
	join_network ana north
	start_node south
	join_network luc south
	as ana produce 60 visor/v30 >/dev/null
	as luc produce 7 visor/v30 >/dev/null
	sync ana luc
	settle north south
}

# settle WHO...: wait until running nodes have all that the makers sent.
settle() {
	local who
	for who in "$@" hub; do
		for _ in $(seq 100); do
			! as "$who" totals --json | grep -q '"produced":67' ||
				break
			sleep 0.1
		done
	done
}

produced() {
	as "$1" totals --json 2>/dev/null |
		grep -o '"produced":[0-9]*' | head -1 | grep -o '[0-9]*'
}

@test "a follower goes on with its association's feeds only, and says so" {
	join_network eve hub auditor
	as eve up --once --follow north
	as ana produce 3 visor/v30 >/dev/null
	as luc produce 5 visor/v30 >/dev/null
	sync ana luc
	run_as eve up --once --timeout 20
	expect 0
	[[ $stderr == *"follows north only"* ]]
	# All that there was at its admission, and then north's alone.
	[ "$(produced eve)" = 70 ]
	run_as eve status
	[[ $output == *"follows"*"north only; members outside: 1 of 6, whose records are not fetched: at most earlier ones are here"* ]]
	run_as eve audit
	expect 0
	[[ ${lines[0]} == "not the whole network: north and those below only" ]]
	run_as eve audit --json
	expect 0
	[[ $output == '{"schema":"maillon.audit/1",'* ]]
	[[ $stderr == *"follows north only and is not the whole"* ]]
	for what in "totals --json" "stock --json" "export jsonl"; do
		run_as eve $what
		expect 0
		[[ $stderr == *"not the whole"* ]]
	done
}

@test "two that follow different associations meet and agree" {
	join_network eve hub auditor
	join_network max hub auditor
	as eve up --once --follow north
	as max up --once --follow south
	as ana produce 3 visor/v30 >/dev/null
	as luc produce 5 visor/v30 >/dev/null
	sync ana luc
	as eve up --once --timeout 20
	as max up --once --timeout 20
	[ "$(produced eve)" = 70 ]
	[ "$(produced max)" = 72 ]
	stop_nodes
	start_node eve
	key=$(as eve log --author eve --kind open --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	run_as max up --once --timeout 20 --peer "$ADDRESS#$key"
	expect 0
	# Neither has told the other what the other does not follow.
	[ "$(produced eve)" = 70 ]
	[ "$(produced max)" = 72 ]
}

@test "one that follows more again fetches what it left out" {
	join_network eve hub auditor
	as eve up --once --follow north
	as luc produce 5 visor/v30 >/dev/null
	sync luc
	as eve up --once --timeout 20
	[ "$(produced eve)" = 67 ]
	as eve up --once --timeout 20 --follow north --follow south
	[ "$(produced eve)" = 72 ]
	run_as eve up --once --timeout 20 --follow all
	expect 0
	[[ $stderr != *"follows"* ]]
	[ "$(as eve --json audit | sed 's/.*"cut":{"digest":"\([0-9a-f]*\).*/\1/')" = \
		"$(as hub --json audit | sed 's/.*"cut":{"digest":"\([0-9a-f]*\).*/\1/')" ]
	run_as eve status
	[[ $output != *"follows"* ]]
}

@test "a follower's own records reach everybody, and it keeps up while it runs" {
	join_network eve hub courier
	as eve up --once --follow north
	start_node eve
	as eve produce 2 visor/v30 >/dev/null
	as ana produce 3 visor/v30 >/dev/null
	as luc produce 5 visor/v30 >/dev/null
	sync ana luc
	for _ in $(seq 100); do
		[ "$(produced hub)" != 77 ] || [ "$(produced eve)" != 72 ] || break
		sleep 0.1
	done
	[ "$(produced hub)" = 77 ]
	[ "$(produced eve)" = 72 ]
	for _ in $(seq 50); do
		run_as eve status --json
		[[ $output != *'"in_step":true'* ]] || break
		sleep 0.1
	done
	[[ $output == *'"in_step":true'* ]]
}

@test "whom nobody knows cannot be followed" {
	run_as ana up --once --follow nort
	expect 65
	[[ $stderr == *"did you mean north"* ]]
	run_as ana up --once --follow "~somebody"
	expect 65
	[[ $stderr == *"not a member"* ]]
}

@test "who joins to follow one association holds nobody else's from the start" {
	make_member eve
	as eve join "$(as hub invite --auto --role auditor)" --follow north
	[ "$(produced eve)" = 60 ]
	run_as eve log --author luc
	[[ $output != *produce* ]]
	run_as eve status
	[[ $output == *"follows"*"north only; members outside: 1 of 6"* ]]
	as luc produce 5 visor/v30 >/dev/null
	as ana produce 3 visor/v30 >/dev/null
	sync ana luc
	run_as eve up --once --timeout 20
	expect 0
	[ "$(produced eve)" = 63 ]
	as eve fsck
}

@test "who waits to be admitted follows whom it wished for, once it is" {
	make_member eve
	run_as eve join "$(as hub invite --role auditor)" --follow south
	expect 75
	[[ $output == waiting* ]]
	start_node eve
	as hub accept eve >/dev/null
	for _ in $(seq 100); do
		[ "$(produced eve)" != 7 ] || break
		sleep 0.1
	done
	[ "$(produced eve)" = 7 ]
	stop_node eve
	run_as eve status
	[[ $output == *"follows"*"south only"* ]]
}

@test "a wish to follow whom the roster does not have is told, and holds little" {
	make_member eve
	run_as eve join "$(as hub invite --auto --role auditor)" --follow nort
	expect 65
	[[ $output == admitted* ]]
	[[ $stderr == *"did you mean north"*"maillon up --follow"* ]]
	[ -z "$(produced eve)" ]
	as eve up --once --timeout 20 --follow north
	[ "$(produced eve)" = 60 ]
	run_as eve join "$(as hub invite --auto)" --follow all
	expect 0
	as eve up --once --timeout 20
	[ "$(produced eve)" = 67 ]
}

transport_of() {
	as "$1" show "$1/1" --json | sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/'
}

# fork WHO ABOVE: two copies of a machine go on, and one has told the node above
# it what the other has not told the hub.
fork() {
	local who=$1 above=$2 key
	key=$(transport_of hub)
	cp -a "$BATS_TEST_TMPDIR/$who" "$BATS_TEST_TMPDIR/twin-$who"
	mkdir -p "$BATS_TEST_TMPDIR/state/twin-$who"
	stop_node hub
	as "$who" produce 1 visor/v30 >/dev/null
	sync "$who"
	stop_node "$above"
	start_node hub --listen "$HUB"
	as "twin-$who" produce 100 visor/v30 >/dev/null
	as "twin-$who" up --once --timeout 20 --peer "$HUB#$key"
	start_node "$above" --listen "$3"
	for _ in $(seq 100); do
		! as hub log --disputed | grep -q "^$who/" || return 0
		sleep 0.1
	done
	return 1
}

@test "feeds that fork are known to who follows them, and are in nobody else's way" {
	local south
	south=$(sed -n 's/^ready //p' "$BATS_TEST_TMPDIR/south.out")
	make_member eve
	as eve join "$(as hub invite --auto --role auditor)" --follow north
	fork luc south "$south"
	run_as eve up --once --timeout 20
	expect 0
	[ "$(produced eve)" = 60 ]
	run_as eve audit
	expect 0
	fork ana north "$NORTH"
	run_as eve up --once --timeout 20
	expect 0
	[ "$(produced eve)" = 60 ]
	run_as eve audit
	expect 1
	[[ $output == *"LOG-"*"ana"* ]]
}
