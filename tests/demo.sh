#!/usr/bin/env bash
# The story of Vittel, April 2020, told by real nodes on this machine: one home
# a node, the association's running, everybody else's waking up to sync, as a
# Pi behind a home router does.  Leaves all homes below build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."

maillon=${MAILLON:-$PWD/build/maillon}
demo=${DEMO_DIR:-$PWD/build/demo}
makers=25
each=60 # visors of one maker: 25 x 60 = 1,500

case $demo in */build/demo*) rm -rf "$demo" ;; esac
mkdir -p "$demo"
# What each home keeps outside of itself, to notice when it was put back from a
# copy, stays with the demo.
export MAILLON_STATE=$demo/state
hub_pid=
stop_hub() {
	[ -n "$hub_pid" ] || return 0
	kill "$hub_pid" 2>/dev/null || true
	wait "$hub_pid" 2>/dev/null || true
	hub_pid=
}
trap stop_hub EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
tell() { printf '  %s\n' "$*"; }

# Run a command as somebody; their home is named after them.
as() {
	local who=$1
	shift
	"$maillon" --home "$demo/$who" "$@"
}

# The same, keeping only the id of what was recorded.
id_of() {
	local ref id
	read -r ref id < <(as "$@")
	[ -n "$id" ] || return 1
	printf '%s\n' "$id"
}

# What the clock says in the story.
day() { export MAILLON_NOW="2020-04-$1Z"; }

sync() { as "$1" up --once --timeout 20 >/dev/null; }

hub='tcp://127.0.0.1:*' # the first start finds a free port
start_hub() {
	: >"$demo/hub.out" # the node may not have opened it yet when we look
	"$maillon" --home "$demo/association" up --listen "$hub" \
		>"$demo/hub.out" 2>"$demo/hub.log" &
	hub_pid=$!
	for _ in $(seq 100); do
		hub=$(sed -n 's/^ready //p' "$demo/hub.out")
		[ -z "$hub" ] || return 0
		kill -0 "$hub_pid" 2>/dev/null || break
		sleep 0.05
	done
	cat "$demo/hub.log" >&2
	exit 1
}

say "1. An association is founded, and its node starts"
day 02T08:00:00
as association init --label plaine-des-vosges --name "Makers de la Plaine" \
	--place FR-88 >/dev/null 2>&1
as association found "Visières des Vosges" >/dev/null
start_hub
tell "its node listens on $hub"

say "2. $makers makers, a courier and a hospital join with a link each kind"
day 02T10:00:00
link=$(as association invite --auto --uses $makers --role maker)
for i in $(seq -w $makers); do
	as "maker-$i" join "$link" --label "maker-$i" --place FR-88 >/dev/null
done
link=$(as association invite --auto --role courier)
as courier join "$link" --label courier --place FR-88 >/dev/null
link=$(as association invite --auto --role recipient)
as hospital join "$link" --label hospital \
	--name "Centre hospitalier de l'Ouest vosgien" --place FR-88 >/dev/null
tell "$(as association members | wc -l) lines in the association's roster"

say "3. The town hall buys filament and sheets; the association hands them out"
day 03T09:00:00
as association item visor/v30 --name "Visière, révision 30" --grams 38 \
	>/dev/null
as association item petg --unit g --class material >/dev/null
as association item sheet --name "Feuille 200 microns" --class material \
	>/dev/null
as association supply "60000 petg" "1600 sheet" --from "=Mairie de Vittel" \
	>/dev/null
declare -A handed
for i in $(seq -w $makers); do
	handed[$i]=$(id_of association deliver "2400 petg" "$each sheet" \
		--to "maker-$i" --note "BL-$i")
done
tell "60 kg of PETG and 1,600 sheets came in; $makers kits went out"

say "4. Every maker prints $each visors and hands them to the courier"
declare -A made
for i in $(seq -w $makers); do
	day 04T07:00:00
	sync "maker-$i"
	as "maker-$i" receive "${handed[$i]}" >/dev/null
	day 11T18:00:00
	as "maker-$i" produce $each visor/v30 --lot "LOT-$i" --rejected 1 \
		--grams 2318 --use "2318 petg" --use "$each sheet" >/dev/null
	made[$i]=$(id_of "maker-$i" deliver "$each visor/v30" --to courier \
		--lot "LOT-$i")
	sync "maker-$i"
done
tell "$((makers * each)) visors of one revision, made offline, signed, synced"

say "5. The courier collects, then drives to the hospital and five care homes"
day 12T08:00:00
sync courier
for i in $(seq -w $makers); do
	as courier receive "${made[$i]}" >/dev/null
done
day 13T09:00:00
first=$(id_of courier deliver "600 visor/v30" --to hospital --note "N-1")
short=$(id_of courier deliver "400 visor/v30" --to hospital --note "N-2")
broken=$(id_of courier deliver "200 visor/v30" --to hospital --note "N-3")
declare -a home
for i in 1 2 3 4 5; do
	home[i]=$(id_of courier deliver "60 visor/v30" --to "=EHPAD $i" \
		--note "N-$((i + 3))")
done
sync courier

say "6. The hospital acknowledges: one delivery two short, one with breakage"
day 13T15:00:00
sync hospital
as hospital receive "$first" >/dev/null
as hospital receive "$short" --accepted 398 >/dev/null
as hospital receive "$broken" --refused 12 --reason "broken headbands" \
	>/dev/null
sync hospital
printf 'signed and stamped\n' >"$demo/note-4.txt"
printf 'signed and stamped too\n' >"$demo/note-5.txt"
day 14T10:00:00
as association receive "${home[1]}" --paper "$demo/note-4.txt" >/dev/null
as association receive "${home[2]}" --paper "$demo/note-5.txt" >/dev/null
tell "two care homes sent their signed notes; three have not answered yet"

say "7. A week later an auditor joins, and everybody syncs a last time"
stop_hub
day 20T10:00:00
start_hub
link=$(as association invite --auto --role auditor)
as auditor join "$link" --label auditor --place FR-54 >/dev/null
for who in auditor hospital courier $(seq -f 'maker-%02g' $makers); do
	sync "$who"
done
stop_hub

say "8. The audit, from nothing, as the auditor sees it"
report() { as "$1" audit --json | sed 's/.*"report":"\([0-9a-f]*\)".*/\1/'; }
as auditor audit && clean=0 || clean=$?
[ "$clean" -le 1 ]
want=$(report auditor)
for who in association courier hospital $(seq -f 'maker-%02g' $makers); do
	[ "$(report "$who")" = "$want" ] || {
		echo "the home of $who gives another report" >&2
		exit 1
	}
done
tell "all $((makers + 4)) homes give the same report: $want"

say "9. Somebody alters one byte in a copy: LOT-07 becomes LOT-97"
cp -r "$demo/auditor" "$demo/altered"
file=$demo/altered/ledger/data.mdb
for at in $(LC_ALL=C grep -abo 'LOT-07' "$file" | cut -d: -f1); do
	printf 9 | dd of="$file" bs=1 seek=$((at + 4)) conv=notrunc 2>/dev/null
done
if as altered audit >"$demo/altered.txt" 2>&1; then
	echo "the altered copy passed the audit" >&2
	exit 1
fi
grep -A2 'LOG-' "$demo/altered.txt"

say "Go on by hand"
cat <<EOF
  alias m='$maillon'
  m --home ${demo#"$PWD"/}/auditor audit            # everything, from nothing
  m --home ${demo#"$PWD"/}/auditor totals           # the figures at once
  m --home ${demo#"$PWD"/}/auditor report public    # or auditor, coordinator, treasurer, donor
  m --home ${demo#"$PWD"/}/auditor trace hospital/2 # from what arrived to who made it
  m --home ${demo#"$PWD"/}/hospital log --kind receive
  m --home ${demo#"$PWD"/}/maker-07 stock
  m --home ${demo#"$PWD"/}/maker-07 produce 20 visor/v30
  m --home ${demo#"$PWD"/}/association up --listen 'tcp://127.0.0.1:*' &
  m --home ${demo#"$PWD"/}/maker-07 up --once       # and it travels
EOF
