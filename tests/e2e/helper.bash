# helper.bash -- what the tests of real nodes share; load it from a .bats file.
#
# Every home of a test is a folder below BATS_TEST_TMPDIR, named after who it
# belongs to, and its mark stands beside it as on a machine of its own.  Nodes that a test starts end with it.  Messages are English and
# no setting of the person who runs the tests gets in.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export MAILLON=${MAILLON:-${BUILD:-$ROOT/build}/maillon}
export MAILLON_STATE=${BATS_TEST_TMPDIR:-/tmp}/state
unset MAILLON_HOME MAILLON_NOW XDG_DATA_HOME XDG_RUNTIME_DIR LANGUAGE \
	LC_MESSAGES LANG
export LC_ALL=C NO_COLOR=1

# as WHO ARGUMENT...: run maillon in somebody's home.
as() {
	local who=$1
	shift
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/$who" \
		"$MAILLON" --home "$BATS_TEST_TMPDIR/$who" "$@"
}

# id_of WHO ARGUMENT...: record something, and print its id only.
id_of() {
	local ref id
	read -r ref id < <(as "$@") || return 1
	[[ $id =~ ^[0-9a-f]{64}$ ]] || return 1
	printf '%s\n' "$id"
}

# make_member WHO [PLACE]: keys and a profile.
make_member() {
	as "$1" init --label "$1" --place "${2:-FR-88}" 2>/dev/null
}

# found_network WHO [NAME]: a network of which WHO is the first association.
found_network() {
	make_member "$1"
	as "$1" found "${2:-Vittel}" >/dev/null
}

# start_node WHO [ARGUMENT...]: a daemon on a port of its own; its address in
# $ADDRESS.
start_node() {
	local who=$1 out="$BATS_TEST_TMPDIR/$1.out"
	shift
	: >"$out"
	# Not through `as`, whose shell would take the signals that are meant
	# for the node; and not the descriptor that bats waits on.
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/$who" \
		"$MAILLON" --home "$BATS_TEST_TMPDIR/$who" up \
		--listen 'tcp://127.0.0.1:*' "$@" >"$out" \
		2>>"$BATS_TEST_TMPDIR/$who.log" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/$who.pid"
	for _ in $(seq 200); do
		ADDRESS=$(sed -n 's/^ready //p' "$out")
		[ -z "$ADDRESS" ] || return 0
		kill -0 "$(cat "$BATS_TEST_TMPDIR/$who.pid")" || break
		sleep 0.05
	done
	cat "$BATS_TEST_TMPDIR/$who.log"
	return 1
}

# stop_node WHO [SIGNAL]
stop_node() {
	local file="$BATS_TEST_TMPDIR/$1.pid" pid
	[ -f "$file" ] || return 0
	pid=$(cat "$file")
	rm -f "$file"
	kill "-${2:-TERM}" "$pid" 2>/dev/null || return 0
	wait "$pid" 2>/dev/null || true
}

stop_nodes() {
	local file
	for file in "$BATS_TEST_TMPDIR"/*.pid; do
		[ -f "$file" ] || continue
		file=${file##*/}
		stop_node "${file%.pid}"
	done
}

# join_network WHO HUB [ROLE] [PLACE]: WHO is admitted at once by HUB, whose
# node runs.
join_network() {
	local link
	make_member "$1" "${4:-FR-88}"
	link=$(as "$2" invite --auto --role "${3:-maker}") || return 1
	as "$1" join "$link"
}

# sync WHO...: each meets those it knows until they agree.
sync() {
	local who
	for who in "$@"; do
		as "$who" up --once --timeout 20 || return 1
	done
}

# run_as WHO ARGUMENT...: bats' run, for what may fail; stderr in $stderr.
run_as() {
	local err="$BATS_TEST_TMPDIR/stderr"
	run as_split "$err" "$@"
	stderr=$(cat "$err")
}

as_split() {
	local err=$1
	shift
	as "$@" 2>"$err"
}

# never COMMAND...: must fail.  (bash's ! does not end a test.)
never() {
	if "$@"; then
		return 1
	fi
}

# expect CODE: the exit code of the last run, with everything it said if not.
expect() {
	[ "$status" -eq "$1" ] && return 0
	printf 'exit %s, not %s\nstdout: %s\nstderr: %s\n' "$status" "$1" \
		"$output" "$stderr"
	return 1
}
