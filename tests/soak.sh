#!/usr/bin/env bash
# soak.sh -- a small network for SOAK_S seconds (300): nodes are killed, links
# break, stall, get slow and come back, at random, while everybody records.
# Then all is well again, and every node must hold every record that was ever
# answered, and audit to the same bytes.  SOAK_SEED repeats the same choices.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$ROOT/build}
BATS_TEST_TMPDIR=$(mktemp -d)
# shellcheck source=tests/e2e/helper.bash
. "$ROOT/tests/e2e/helper.bash"

D=$BATS_TEST_TMPDIR
SOAK_S=${SOAK_S:-300}
RANDOM=${SOAK_SEED:=$$}
MAKERS=(lea leo ana)
RELAYS=()

end() {
	stop_nodes
	[ ${#RELAYS[@]} -eq 0 ] || kill "${RELAYS[@]}" 2>/dev/null
	rm -rf "$D"
}
trap end EXIT
trap 'exit 1' INT TERM

fail() {
	printf 'soak: %s (seed %s)\n' "$*" "$SOAK_SEED"
	tail -n 5 "$D"/*.log
	exit 1
}

# up WHO LISTEN: its node, until it is ready.
up() {
	: >"$D/$1.out"
	MAILLON_STATE="$D/state/$1" "$MAILLON" --home "$D/$1" up \
		--listen "$2" >"$D/$1.out" 2>>"$D/$1.log" &
	echo $! >"$D/$1.pid"
	disown
	for _ in $(seq 200); do
		ADDRESS=$(sed -n 's/^ready //p' "$D/$1.out")
		[ -z "$ADDRESS" ] || return 0
		sleep 0.05
	done
	fail "$1 does not start"
}

where() {
	[ "$1" = hub ] && echo "$HUB" || echo 'tcp://127.0.0.1:*'
}

# A maker that reaches the hub through a bad link of its own.
member() {
	mkfifo "$D/$1.fifo"
	"$BUILD/relay" 127.0.0.1:0 "${HUB#tcp://}" "$D/$1.fifo" \
		>"$D/$1.relay" &
	RELAYS+=($!)
	until grep -qs "^relay" "$D/$1.relay"; do sleep 0.05; done
	make_member "$1"
	as "$1" join "$(as hub invite --auto --address \
		"tcp://127.0.0.1:$(sed -n 's/^relay //p' "$D/$1.relay")")" \
		>/dev/null 2>&1 || fail "$1 cannot join"
	up "$1" 'tcp://127.0.0.1:*'
}

any() {
	local all=("$@")
	echo "${all[RANDOM % ${#all[@]}]}"
}

tell() {
	printf '%s\n' "${@:2}" >"$D/$1.fifo"
}

record() {
	local id
	id=$(id_of "$1" produce $((RANDOM % 50 + 1)) visor) &&
		echo "$id" >>"$D/ids"
}

kill_and_start() {
	local pid
	pid=$(cat "$D/$1.pid")
	stop_node "$1" KILL 2>/dev/null
	# No child of this shell any more, so nothing else waits for its end.
	while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done
	sleep 0.$((RANDOM % 10))
	up "$1" "$(where "$1")"
	kills=$((kills + 1))
}

trouble() {
	local who
	who=$(any "${MAKERS[@]}")
	case $((RANDOM % 7)) in
	0) kill_and_start "$(any hub "${MAKERS[@]}")" ;;
	1) tell "$who" cut ;;
	2) tell "$who" 'hold both' ;;
	3) tell "$who" 'hold down' ;;
	4) tell "$who" 'rate 4000' 'delay 100' ;;
	*) tell "$who" 'hold none' 'rate 0' 'delay 0' ;;
	esac
}

same_everywhere() {
	local who line first
	first=$(as hub --json audit) || return 1
	for who in "${MAKERS[@]}"; do
		line=$(as "$who" --json audit) || return 1
		[ "$line" = "$first" ] || return 1
	done
}

kills=0
: >"$D/ids"
found_network hub
up hub 'tcp://127.0.0.1:*'
HUB=$ADDRESS
for who in "${MAKERS[@]}"; do member "$who"; done
SECONDS=0
while [ "$SECONDS" -lt "$SOAK_S" ]; do
	for _ in 1 2 3; do record "$(any hub "${MAKERS[@]}")"; done
	trouble
	sleep 0.$((RANDOM % 5))
done
for who in "${MAKERS[@]}"; do
	tell "$who" 'hold none' 'rate 0' 'delay 0' cut
done
SECONDS=0
until same_everywhere; do
	[ "$SECONDS" -lt 150 ] || fail "they do not agree"
	sleep 1
done
for who in hub "${MAKERS[@]}"; do
	as "$who" --json log | sed 's/.*"id":"\([0-9a-f]*\)","prev.*/\1/' |
		sort >"$D/held"
	[ -z "$(sort "$D/ids" | comm -23 - "$D/held")" ] ||
		fail "$who lacks what was recorded"
done
printf 'soak: %s records, %s kills, the same bytes on %s nodes after %s s\n' \
	"$(wc -l <"$D/ids")" "$kills" $((${#MAKERS[@]} + 1)) "$SECONDS"
