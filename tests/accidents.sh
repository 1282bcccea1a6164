#!/usr/bin/env bash
# accidents.sh -- ROUNDS rounds (100) of what happens to real homes, at
# random: old copies put back, with the mark outside of the home, without it or
# with that of then, copies that go on beside the machine they were made of,
# machines made out of a backup, beside one or in its place, sticks with what
# was, new node keys and identity keys, a sealed identity, wrong clocks,
# members dismissed and admitted again, nodes killed while they talk or record,
# a hub put back too, and another that knows something else.  Nobody lies.
#
# Each record is of an item of its own.  At the end each that is still on a
# machine counts once on every node, none counts twice, all audits are the same
# bytes, and nobody is accused but who had two copies going on, or went on as an
# old copy before anybody was there who held what it had lost.
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
MEMBERS=(lea leo max)
# Each machine is a home; the part before the point is whose it is.
MACHINES=("${MEMBERS[@]}")
NEXT=0
COPIES=0
SEALED=max # its identity key
declare -A ADDRESS_OF KEY_OF DISMISSED

end() {
	stop_nodes
	[ -n "${KEEP:-}" ] || rm -rf "$D"
}
trap end EXIT
trap 'exit 1' INT TERM

fail() {
	printf 'accidents: %s (seed %s)\n' "$*" "$SEED"
	tail -n "${TAIL:-20}" "$D/story"
	[ -z "${KEEP:-}" ] || printf 'kept: %s\n' "$D"
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

# The clock is wrong now and then.
look_at_clock() {
	unset MAILLON_NOW
	case $((RANDOM % 20)) in
	0) MAILLON_NOW=1970-01-01T00:00:10Z ;;
	1) MAILLON_NOW=$(date -u -d 'now +1 year' +%Y-%m-%dT%H:%M:%SZ) ;;
	2) MAILLON_NOW=$(date -u -d 'now -3 days' +%Y-%m-%dT%H:%M:%SZ) ;;
	*) return ;;
	esac
	export MAILLON_NOW
	note "the clock says $MAILLON_NOW"
}

adopt() {
	note "$1 adopts"
	as "$1" rotate --adopt "$D/${1%%.*}.backup" \
		--passphrase-file "$D/pass" >"$D/adopted" 2>&1 ||
		note "cannot: $(tail -n 1 "$D/adopted")"
}

# try WHO ARGUMENT...: what a person does, who reads what is said: a sealed key
# is unsealed for a new feed, and a new identity key taken over.
try() {
	local who=$1
	as "$@" >"$D/said" 2>&1 && return 0
	if grep -q 'passphrase-file' "$D/said"; then
		note "$who unseals"
		as "$who" up --once --timeout 1 --passphrase-file "$D/pass" \
			>/dev/null 2>&1
	elif grep -q 'another identity key' "$D/said"; then
		adopt "$who"
	else
		return 1
	fi
	as "$@" >"$D/said" 2>&1
}

# The numbers of the records that a machine holds, of anybody, stand beside it
# in WHO.held; copied and put back with it.  Those that it had once and that
# may still be with others are in WHO.lost.
# corrected WHO ITEM: wrong at first, and wrong again when it is corrected.
corrected() {
	local id n
	note "$1 records $2 and corrects it"
	try "$1" produce 9 "$2" --key "$2" || return 1
	id=$(sed -n 's/.* \([0-9a-f]\{64\}\)$/\1/p' "$D/said")
	for n in 5 1; do
		try "$1" correct "$id" --reason incorrect-data \
			--set "lines=$n $2" ||
			fail "$1 cannot correct $2: $(cat "$D/said")"
	done
}

record() {
	local item
	NEXT=$((NEXT + 1))
	item=${1%%.*}-$NEXT
	if [ $((RANDOM % 4)) -eq 0 ]; then
		corrected "$1" "$item" && echo "$item" >>"$D/$1.held"
		return 0
	fi
	note "$1 records $item"
	if ! try "$1" produce 1 "$item" --key "$item"; then
		note "refused: $(tail -n 1 "$D/said")"
		grep -q 'another identity key' "$D/said" ||
			fail "$1 cannot record: $(cat "$D/said")"
		return 0
	fi
	echo "$item" >>"$D/$1.held"
}

record_killed() {
	local item
	NEXT=$((NEXT + 1))
	item=${1%%.*}-$NEXT
	note "$1 is killed while it records $item"
	MAILLON_STATE="$D/state/$1" "$MAILLON" --home "$D/$1" produce 1 \
		"$item" --key "$item" >/dev/null 2>&1 &
	sleep 0.0$((RANDOM % 3))
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	if try "$1" produce 1 "$item" --key "$item"; then
		echo "$item" >>"$D/$1.held"
	fi
}

# What A and B hold after they met: of who is dismissed nothing more is told.
share() {
	local who
	sort -u "$D/$1.held" "$D/$2.held" >"$D/both"
	for who in "${!DISMISSED[@]}"; do
		grep -v "^$who-" "$D/both" >"$D/some"
		mv "$D/some" "$D/both"
	done
	sort -u "$D/both" "$D/$1.held" >"$D/new"
	cp "$D/new" "$D/$1.held"
	sort -u "$D/both" "$D/$2.held" >"$D/new"
	cp "$D/new" "$D/$2.held"
}

# Who meets somebody that lacks what it has lost, and others hold, cannot know.
look_at_lost() {
	[ -s "$D/$1.lost" ] || return 0
	sort -u "$D"/*.held >"$D/all"
	sort -u "$D/$1.lost" | comm -12 - "$D/all" >"$D/there"
	if [ -n "$(sort -u "$D/$2.held" | comm -13 - "$D/there")" ]; then
		note "$1 cannot know"
		echo "${1%%.*}" >>"$D/copied"
	fi
	: >"$D/$1.lost"
}

# by_stick WHO HUB: two machines made a new identity key each, and of the one
# that is not in force nobody takes anything: what the hub holds comes on a
# stick, and then the other key is taken over.
by_stick() {
	grep -q 'not a member yet' "$D/said" || return 1
	note "$2 hands $1 a stick"
	rm -f "$D/handed"
	as "$2" export bundle "$D/handed" >/dev/null 2>&1
	as "$1" import bundle "$D/handed" >"$D/said" 2>&1
	adopt "$1"
	as "$1" up --once --timeout 20 \
		--peer "${ADDRESS_OF[$2]}#${KEY_OF[$2]}" >"$D/said" 2>&1
}

# by_word WHO HUB: the new identity key stands in a feed that two copies went
# on with, after where they part, so it is in force nowhere until the
# association says that this branch counts.
by_word() {
	local tip
	tip=$(as hub log --disputed --json |
		grep "\"author\":{[^}]*\"label\":\"${1%%.*}\"" |
		sed 's/{"feed":"\(.*\)","seq":\(.*\),"id":"\([0-9a-f]*\)".*"kind":"\([a-z]*\)".*/\1 \2 \3 \4/' |
		awk '$1 != feed || $2 <= seq { if (is_it) print id; is_it = 0 }
			{ feed = $1; seq = $2; id = $3 }
			$4 == "rotate" { is_it = 1 }
			END { if (is_it) print id }' | tail -n 1)
	[ -n "$tip" ] || return 1
	note "resolve $tip"
	as hub resolve "$tip" --cause copied-machine >"$D/said" 2>&1 || return 1
	[ "$2" = hub ] || as "$2" up --once --timeout 20 \
		--peer "${ADDRESS_OF[hub]}#${KEY_OF[hub]}" >/dev/null 2>&1
	as "$1" up --once --timeout 20 \
		--peer "${ADDRESS_OF[$2]}#${KEY_OF[$2]}" >"$D/said" 2>&1
}

# meet WHO [HUB]
meet() {
	local hub=${2:-} owner=${1%%.*}
	if [ -z "$hub" ]; then
		pick hub hub est
		hub=$WHO
	fi
	note "$1 meets $hub"
	if ! try "$1" up --once --timeout 20 \
		--peer "${ADDRESS_OF[$hub]}#${KEY_OF[$hub]}"; then
		[ -n "${DISMISSED[$owner]:-}" ] && return 0
		by_stick "$1" "$hub" && return 0
		by_word "$1" "$hub" && return 0
		fail "$1 cannot meet $hub: $(tail -n 3 "$D/said")"
	fi
	[ -z "${DISMISSED[$owner]:-}" ] || return 0
	look_at_lost "$1" "$hub"
	share "$1" "$hub"
	# What it told under the old key does not count, so it tells it again.
	if grep -q 'another identity key' "$D/said"; then
		adopt "$1"
		try "$1" up --once --timeout 20 \
			--peer "${ADDRESS_OF[$hub]}#${KEY_OF[$hub]}"
	fi
	[ ! -f "$D/$owner.rotated" ] || keep_backup "$1"
}

# What was under way may be there or not, so it meets the hub again.
killed() {
	note "$1 is killed"
	MAILLON_STATE="$D/state/$1" "$MAILLON" --home "$D/$1" up --once \
		--peer "${ADDRESS_OF[hub]}#${KEY_OF[hub]}" >/dev/null 2>&1 &
	sleep 0.0$((RANDOM % 9 + 1))
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	meet "$1" hub
}

# A node that runs for a while, and a hub that goes away meanwhile.
runs() {
	note "$1 runs"
	start_node "$1" --peer "${ADDRESS_OF[hub]}#${KEY_OF[hub]}" \
		>/dev/null 2>"$D/said" || {
		note "cannot run: $(tail -n 1 "$D/said" "$D/$1.log")"
		return 0
	}
	record "$1"
	case $((RANDOM % 3)) in
	0) restart hub ;;
	1) record "$1" ;;
	esac
	record "$1"
	case $((RANDOM % 2)) in
	0) stop_node "$1" ;;
	1) stop_node "$1" KILL ;;
	esac
	meet "$1" hub
}

restart() {
	note "$1 restarts"
	stop_node "$1" KILL
	go_up "$1"
}

# copy FROM TO: a whole home, and the mark beside it.
copy() {
	rm -rf "${D:?}/$2" "$D/$2.mark"
	cp -a "$D/$1" "$D/$2"
	cp "$D/$1.held" "$D/$2.held"
}

keep_copy() {
	note "$1 is copied"
	rm -rf "$D/copies/$1"
	mkdir -p "$D/copies/$1"
	cp -a "$D/$1" "$D/copies/$1/home"
	cp "$D/$1.held" "$D/copies/$1/held"
	cp -a "$D/state/$1" "$D/copies/$1/mark" 2>/dev/null
}

# put_back WHO HOW: the mark is "kept", "gone", or that "of then".
put_back() {
	local from=$D/copies/$1
	[ -d "$from" ] || return 0
	note "$1 is put back, mark $2"
	cat "$D/$1.held" >>"$D/$1.lost"
	rm -rf "${D:?}/$1"
	cp -a "$from/home" "$D/$1"
	cp "$from/held" "$D/$1.held"
	[ "$2" = kept ] || rm -rf "$D/state/$1"
	[ "$2" != 'of then' ] || [ ! -d "$from/mark" ] ||
		cp -a "$from/mark" "$D/state/$1"
	own_lost "$1"
}

# Of what it had it may have lost only what is its own and not there.
own_lost() {
	sort -u "$D/$1.held" >"$D/sorted"
	grep "^${1%%.*}-" "$D/$1.lost" | sort -u |
		comm -23 - "$D/sorted" >"$D/new"
	mv "$D/new" "$D/$1.lost"
}

# A copy goes on beside the machine.
two_copies() {
	local twin=$1.$((++COPIES))
	[ "$COPIES" -le 3 ] || return 0
	note "$1 goes on as $twin too"
	copy "$1" "$twin"
	: >"$D/$twin.lost"
	MACHINES+=("$twin")
	echo "${1%%.*}" >>"$D/copied"
}

# keep_backup WHO: the member's keys, once others know them.
keep_backup() {
	local file=$D/${1%%.*}.backup
	note "$1 keeps a backup"
	rm -f "$file.new"
	as "$1" backup "$file.new" --passphrase-file "$D/pass" \
		>"$D/said" 2>&1 || fail "no backup: $(cat "$D/said")"
	grep -q 'not in force' "$D/said" || mv "$file.new" "$file"
}

second() {
	local pi=$1.$((++COPIES))
	[ "$COPIES" -le 3 ] || return 0
	note "a second machine beside $1, $pi"
	as "$pi" restore "$D/${1%%.*}.backup" --second \
		--passphrase-file "$D/pass" >"$D/said" 2>&1 ||
		fail "no second machine: $(cat "$D/said")"
	: >"$D/$pi.held"
	: >"$D/$pi.lost"
	MACHINES+=("$pi")
}

# The machine burns, with all that was on it.
burns() {
	note "$1 is lost, and made again out of the backup"
	rm -rf "${D:?}/$1" "$D/state/$1"
	as "$1" restore "$D/${1%%.*}.backup" --passphrase-file "$D/pass" \
		>"$D/said" 2>&1 || fail "no restore: $(cat "$D/said")"
	: >"$D/$1.held"
	: >"$D/$1.lost"
}

new_key() {
	local seal=()
	[ "${1%%.*}" != "$SEALED" ] || seal=(--passphrase-file "$D/pass")
	note "$1 rotates $2"
	if ! as "$1" rotate ${2:+"$2"} "${seal[@]}" >"$D/said" 2>&1; then
		note "refused: $(tail -n 1 "$D/said")"
	elif [ -n "$2" ]; then
		: >"$D/${1%%.*}.rotated"
	fi
}

# Whoever makes a new identity key tells it, and keeps a backup, before the
# machine can be lost.
new_identity() {
	[ -z "${DISMISSED[${1%%.*}]:-}" ] || return 0
	meet "$1" hub
	meet "$1" est
	new_key "$1" --identity
	meet "$1" hub
	meet "$1" est
}

stick() {
	note "$1 fills a stick"
	rm -f "$D/stick"
	as "$1" export bundle "$D/stick" >/dev/null 2>&1 || return 0
	cp "$D/$1.held" "$D/stick.held"
}

plug_in() {
	[ -f "$D/stick" ] || return 0
	note "$1 reads the stick"
	try "$1" import bundle "$D/stick"
}

go_up() {
	local peer=()
	[ "$1" = hub ] || peer=(--peer "${ADDRESS_OF[hub]}#${KEY_OF[hub]}")
	# Whoever was up before is found by all.
	[ -z "${ADDRESS_OF[$1]:-}" ] ||
		peer+=(--listen "${ADDRESS_OF[$1]}"
			--announce "${ADDRESS_OF[$1]}")
	start_node "$1" "${peer[@]}" >/dev/null || fail "$1 does not start"
	: "${ADDRESS_OF[$1]:=${ADDRESS%%$'\n'*}}"
}

hub_put_back() {
	[ -d "$D/hub.copy" ] || return 0
	note 'the hub is put back'
	stop_node hub KILL
	copy hub.copy hub
	go_up hub
}

hub_copy() {
	note 'the hub is copied'
	stop_node hub
	copy hub hub.copy
	go_up hub
}

dismiss() {
	local who=${1%%.*}
	[ -z "${DISMISSED[$who]:-}" ] || return 0
	note "$who is dismissed"
	as hub dismiss "$who" --reason 'a quarrel' >"$D/said" 2>&1 ||
		fail "cannot dismiss: $(cat "$D/said")"
	DISMISSED[$who]=yes
}

admit_again() {
	local who=${1%%.*}
	[ -n "${DISMISSED[$who]:-}" ] || return 0
	note "$who is admitted again"
	if ! as hub accept "$who" --role maker >"$D/said" 2>&1; then
		grep -q 'is a member already' "$D/said" ||
			fail "cannot admit: $(cat "$D/said")"
		# A hub that was put back has to hear first whom it dismissed;
		# if nobody else has, that is as if it had not been.
		met_est
		as hub accept "$who" --role maker >"$D/said" 2>&1 ||
			note "$who was not dismissed, as far as is known"
	fi
	unset "DISMISSED[$who]"
}

met_est() {
	local i
	for ((i = 0; i < 200; i++)); do
		as hub peers --json |
			grep -q '"label":"est"[^}]*"in_step":true' && return
		sleep 0.1
	done
	fail 'hub and est do not meet'
}

attest() {
	note 'the hub attests'
	as hub checkpoint >/dev/null 2>&1
}

accident() {
	pick "${MACHINES[@]}"
	case $((RANDOM % 32)) in
	0 | 1 | 2) keep_copy "$WHO" ;;
	3 | 4) put_back "$WHO" kept ;;
	5 | 6) put_back "$WHO" gone ;;
	7 | 8) put_back "$WHO" 'of then' ;;
	9) two_copies "$WHO" ;;
	10) second "$WHO" ;;
	11) new_key "$WHO" '' ;;
	12 | 13) new_identity "$WHO" ;;
	14) killed "$WHO" ;;
	15) record_killed "$WHO" ;;
	16) hub_copy ;;
	17) hub_put_back ;;
	18) burns "$WHO" ;;
	19) stick "$WHO" ;;
	20) plug_in "$WHO" ;;
	21) dismiss "$WHO" ;;
	22 | 23) for who in "${MEMBERS[@]}"; do admit_again "$who"; done ;;
	24) runs "$WHO" ;;
	25) attest ;;
	26) restart est ;;
	*) meet "$WHO" ;;
	esac
}

# The items that somebody counts, each with how many.
items() {
	as "$1" --json totals 2>/dev/null | sed 's/"associations".*//' |
		grep -o '"item":"[a-z]*-[0-9]*"[^}]*"produced":[0-9]*' |
		sed 's/"item":"\([^"]*\)".*:/\1 /' | sort
}

audit_of() {
	as "$1" --json audit 2>/dev/null
	[ $? -le 1 ]
}

same_everywhere() {
	local who first
	first=$(audit_of hub) || return 1
	for who in est "${MACHINES[@]}"; do
		[ "$(audit_of "$who")" = "$first" ] || {
			note "$who has another audit"
			return 1
		}
	done
}

# What is found, but for wrong clocks; and old identity keys used again and two
# machines that each made a new one (KEY-05, KEY-06), which may be a thief's.
findings() {
	audit_of hub | sed 's/.*"findings":\[//; s/"code":/\n&/g' |
		tail -n +2 | grep -v '"TIM-0\|"KEY-0[56]'
}

all_meet() {
	for _ in 1 2 3; do
		for who in est "${MACHINES[@]}"; do
			[ "$who" != est ] || continue
			meet "$who" hub
			meet "$who" est
		done
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
	as hub resolve "$best" --cause copied-machine >"$D/said" 2>&1 &&
		return 0
	# Another chain was attested, and stands.
	best=$(sed -n 's/.*attested.*: \([0-9a-f]\{64\}\)$/\1/p' "$D/said")
	[ -n "$best" ] || fail "cannot resolve: $(tail -n 1 "$D/said")"
	as hub resolve "$best" --cause copied-machine >"$D/said" 2>&1 ||
		fail "cannot resolve: $(tail -n 1 "$D/said")"
}

printf 'tea and biscuits\n' >"$D/pass"
for who in hub est "${MEMBERS[@]}"; do
	: >"$D/$who.held"
	: >"$D/$who.lost"
done
: >"$D/copied"
: >"$D/story"
found_network hub 2>/dev/null
go_up hub
join_network est hub association >/dev/null 2>&1 || fail 'est cannot join'
as hub accept est --may-admit >/dev/null 2>&1
KEY_OF[hub]=$(as hub show hub/1 --json | sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
as est up --once >/dev/null 2>&1
KEY_OF[est]=$(as est show est/1 --json | sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
go_up est
for who in "${MEMBERS[@]}"; do
	link=$(as hub invite --auto)
	seal=()
	[ "$who" != "$SEALED" ] || seal=(--passphrase-file "$D/pass")
	as "$who" join "$link" --label "$who" --place FR-88 "${seal[@]}" \
		>"$D/said" 2>&1 || fail "$who cannot join: $(cat "$D/said")"
	keep_backup "$who"
done
for ((i = 0; i < ROUNDS; i++)); do
	look_at_clock
	pick "${MACHINES[@]}"
	record "$WHO"
	accident
done
unset MAILLON_NOW
for who in "${MEMBERS[@]}"; do admit_again "$who"; done
all_meet
same_everywhere || fail 'they do not agree'
findings >"$D/findings"
while read -r finding; do
	label=$(sed 's/.*"text":"The feed of \([^ ]*\) .*/\1/' <<<"$finding")
	[ -n "$label" ] || fail "accused: $finding"
	grep -qx "$label" "$D/copied" || fail "accused: $finding"
	resolve "$(sed 's/.*"feed":"\([0-9a-f]*\)".*/\1/' <<<"$finding")"
done <"$D/findings"
all_meet
same_everywhere || fail 'they do not agree in the end'
cat "$D"/hub.held "$D"/est.held >"$D/all"
for who in "${MACHINES[@]}"; do cat "$D/$who.held" >>"$D/all"; done
sort -u "$D/all" >"$D/expected"
for who in hub est "${MACHINES[@]}"; do
	items "$who" >"$D/items"
	grep -v ' 1$' "$D/items" >"$D/wrong" &&
		fail "$who counts $(tr '\n' ' ' <"$D/wrong")"
	# Of two branches whose machines are both gone one is left out, and
	# shown.
	as "$who" log --disputed 2>/dev/null | sed 's/.* //' |
		grep -f <(sort -u "$D/copied" | sed 's/$/-/') >"$D/shown"
	sed 's/ .*//' "$D/items" | comm -13 - "$D/expected" |
		grep -vxFf "$D/shown" >"$D/wrong"
	[ ! -s "$D/wrong" ] || fail "$who has lost $(tr '\n' ' ' <"$D/wrong")"
	as "$who" fsck >/dev/null 2>&1 || fail "$who: fsck"
done
[ -z "$(findings)" ] || fail "accused in the end: $(findings)"
printf 'accidents: %s rounds, %s records on %s machines count once (seed %s)\n' \
	"$ROUNDS" "$(wc -l <"$D/items")" $((${#MACHINES[@]} + 2)) "$SEED"
