#!/usr/bin/env bash
# accidents.sh -- ROUNDS rounds (100) of what happens to real homes, at
# random: old copies put back, with the mark outside of the home or without it,
# copies that go on beside the machine they were made of, second machines out
# of a backup, new node keys and identity keys, nodes killed while they talk, a
# hub put back too.  Nobody lies.  At the end every record that is still on a
# machine or was ever sent counts once on every node, all audits are the same
# bytes, and nobody is accused but who had two copies going on.
# SEED repeats the same choices.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$ROOT/build}
BATS_TEST_TMPDIR=$(mktemp -d)
# shellcheck source=tests/e2e/helper.bash
. "$ROOT/tests/e2e/helper.bash"

D=$BATS_TEST_TMPDIR
ROUNDS=${ROUNDS:-100}
RANDOM=${SEED:=$$}
MEMBERS=(lea leo)
# Each machine is a home; the part before the point is whose it is.
MACHINES=(lea leo)
NEXT=0
COPIES=0

end() {
	stop_nodes
	[ -n "${KEEP:-}" ] || rm -rf "$D"
}
trap end EXIT
trap 'exit 1' INT TERM

fail() {
	printf 'accidents: %s (seed %s)\n' "$*" "$SEED"
	tail -n 20 "$D/story"
	exit 1
}

note() {
	printf '%s\n' "$*" >>"$D/story"
}

# pick ONE...: one of them, in $WHO.  (In a subshell there would be another
# RANDOM.)
pick() {
	local all=("$@")
	WHO=${all[RANDOM % ${#all[@]}]}
}

# The numbers of the records that a machine holds, of anybody, stand beside it
# in WHO.held; copied and put back with it.
record() {
	NEXT=$((NEXT + 1))
	note "$1 records $NEXT"
	id_of "$1" produce 1 visor --lot "n$NEXT" >/dev/null 2>"$D/said" ||
		fail "$1 cannot record: $(cat "$D/said")"
	echo "$NEXT" >>"$D/$1.held"
}

meet() {
	note "$1 meets the hub"
	as "$1" up --once --timeout 20 >"$D/said" 2>&1 ||
		fail "$1 cannot meet the hub: $(tail -n 3 "$D/said")"
	sort -u "$D/$1.held" "$D/hub.held" >"$D/both"
	cp "$D/both" "$D/$1.held"
	cp "$D/both" "$D/hub.held"
}

# What was under way may be there or not, so it meets the hub again.
killed() {
	note "$1 is killed"
	MAILLON_STATE="$D/state/$1" "$MAILLON" --home "$D/$1" up --once \
		>/dev/null 2>&1 &
	sleep 0.0$((RANDOM % 9 + 1))
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	meet "$1"
}

# copy FROM TO: a whole home.
copy() {
	rm -rf "${D:?}/$2"
	cp -a "$D/$1" "$D/$2"
	cp "$D/$1.held" "$D/$2.held"
}

keep_copy() {
	note "$1 is copied"
	copy "$1" "$1.copy"
}

put_back() {
	[ -d "$D/$1.copy" ] || return 0
	note "$1 is put back, $2"
	copy "$1.copy" "$1"
	[ "$2" = 'mark kept' ] || rm -rf "$D/state/$1"
}

# A copy goes on beside the machine.
two_copies() {
	local twin=$1.$((++COPIES))
	[ "$COPIES" -le 2 ] || return 0
	note "$1 goes on as $twin too"
	copy "$1" "$twin"
	MACHINES+=("$twin")
	echo "${1%%.*}" >>"$D/copied"
}

second() {
	local pi=$1.$((++COPIES))
	[ "$COPIES" -le 2 ] || return 0
	note "$1 gets a second machine, $pi"
	rm -f "$D/backup"
	as "$1" backup "$D/backup" --passphrase-file "$D/pass" >/dev/null 2>&1 &&
		as "$pi" restore "$D/backup" --second \
			--passphrase-file "$D/pass" >"$D/said" 2>&1 ||
		fail "no second machine: $(cat "$D/said")"
	: >"$D/$pi.held"
	MACHINES+=("$pi")
}

new_key() {
	note "$1 rotates $2"
	as "$1" rotate ${2:+"$2"} >"$D/said" 2>&1 ||
		note "refused: $(tail -n 1 "$D/said")"
}

hub_put_back() {
	note 'the hub is put back'
	stop_node hub KILL
	copy hub.copy hub
	start_node hub --listen "$HUB" >/dev/null || fail 'the hub does not start'
}

hub_copy() {
	note 'the hub is copied'
	stop_node hub
	copy hub hub.copy
	start_node hub --listen "$HUB" >/dev/null || fail 'the hub does not start'
}

accident() {
	pick "${MACHINES[@]}"
	case $((RANDOM % 16)) in
	0 | 1 | 2) keep_copy "$WHO" ;;
	3 | 4) put_back "$WHO" 'mark kept' ;;
	5 | 6) put_back "$WHO" 'mark and all' ;;
	7) two_copies "$WHO" ;;
	8) second "$WHO" ;;
	9) new_key "$WHO" '' ;;
	10) killed "$WHO" ;;
	11) hub_copy ;;
	12) [ ! -d "$D/hub.copy" ] || hub_put_back ;;
	*) meet "$WHO" ;;
	esac
}

count() {
	as "$1" --json totals | sed 's/"associations".*//' |
		sed 's/.*"item":"visor"[^}]*"produced":\([0-9]*\).*/\1/'
}

audit_of() {
	as "$1" --json audit
	[ $? -le 1 ]
}

same_everywhere() {
	local who first
	first=$(audit_of hub) || return 1
	for who in "${MACHINES[@]}"; do
		[ "$(audit_of "$who")" = "$first" ] || return 1
	done
}

findings() {
	audit_of hub | sed 's/.*"findings":\[//; s/"code":/\n&/g' | tail -n +2
}

all_meet() {
	for _ in 1 2 3; do
		for who in "${MACHINES[@]}"; do meet "$who"; done
	done
}

# resolve FEED: the association names a branch of it, one that nobody could
# record again if there is one: its machine was put back since.
resolve() {
	local id best=
	as hub log --json | sed -n 's/.*"orphan":"\([0-9a-f]*\)".*/\1/p' \
		>"$D/again"
	while read -r id; do
		[ -n "$best" ] && grep -qx "$id" "$D/again" || best=$id
	done < <(as hub log --disputed --json | grep "\"feed\":\"$1\"" |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	note "resolve $best"
	as hub resolve "$best" --cause copied-machine >"$D/said" 2>&1 ||
		fail "cannot resolve: $(tail -n 1 "$D/said")"
}

printf 'tea and biscuits\n' >"$D/pass"
for who in hub "${MEMBERS[@]}"; do : >"$D/$who.held"; done
: >"$D/copied"
: >"$D/story"
found_network hub
start_node hub || fail 'the hub does not start'
HUB=$ADDRESS
for who in "${MEMBERS[@]}"; do
	join_network "$who" hub >/dev/null 2>&1 || fail "$who cannot join"
done
for ((i = 0; i < ROUNDS; i++)); do
	pick "${MACHINES[@]}"
	record "$WHO"
	accident
done
all_meet
same_everywhere || fail 'they do not agree'
findings >"$D/findings"
while read -r finding; do
	label=$(sed 's/.*"text":"The feed of \([^ ]*\) .*/\1/' <<<"$finding")
	grep -qx "$label" "$D/copied" || fail "accused: $finding"
	resolve "$(sed 's/.*"feed":"\([0-9a-f]*\)".*/\1/' <<<"$finding")"
done <"$D/findings"
all_meet
same_everywhere || fail 'they do not agree in the end'
expected=$(wc -l <"$D/hub.held")
for who in hub "${MACHINES[@]}"; do
	[ "$(count "$who")" = "$expected" ] ||
		fail "$who counts $(count "$who"), not $expected"
	as "$who" fsck >/dev/null 2>&1 || fail "$who: fsck"
done
[ -z "$(findings)" ] || fail "accused in the end: $(findings)"
printf 'accidents: %s rounds, %s records on %s machines count once (seed %s)\n' \
	"$ROUNDS" "$expected" $((${#MACHINES[@]} + 1)) "$SEED"
