#!/usr/bin/env bats
# Members whose program writes what no honest one would (tests/tool/pen.c), and
# whoever reads: no output does more than show it.

load helper
load story

teardown() {
	stop_nodes
}

# A network in which everything has happened, three of whose members then wrote
# all of it again with hostile texts.
everything_again() {
	everything_happened
	at 2020-05-02 hub close 2020-04 >/dev/null
	at 2020-05-02 hub bank 2020-04 --opening '0 EUR' \
		--closing '1251.11 EUR' >/dev/null
	at 2020-05-02 hub request 50 visor --place FR-88 >/dev/null
	at 2020-05-02 hub approve visor/v30 >/dev/null
	at 2020-05-02 hub charter amend \
		--name '<script>=1+1</script>";&' >/dev/null
	as evil init --label evil --place FR-88 \
		--name "=cmd|'<script>';\"&  @SUM(A1) \\ of sixty-four bytes, all"
	as evil join "$(as hub invite --auto --role maker)"
	as evil produce 5 visor >/dev/null
	as hub supply 9 visor/v29 --from =Mairie --lot W9 >/dev/null
	at 2020-05-02 hub approve visor/v29 --withdraw 'cracks' >/dev/null
	at 2020-05-02 hub approve visor/v29 --withdraw 'cracks' \
		--of "$(as hub log --json --kind supply | tail -n 1 |
			sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')" >/dev/null
	sync evil max hospital
	# Somebody's card was copied before, and the copy goes on, too.
	cp -a "$BATS_TEST_TMPDIR/max" "$BATS_TEST_TMPDIR/copy"
	cp -a "$BATS_TEST_TMPDIR/state/max" "$BATS_TEST_TMPDIR/state/copy"
	as copy produce 3 clip >/dev/null
	as copy export bundle "$BATS_TEST_TMPDIR/copy.bundle"
	stop_node hub
	for who in hub max hospital; do
		MAILLON_STATE="$BATS_TEST_TMPDIR/state/$who" \
			"${BUILD:-$ROOT/build}/pen" "$BATS_TEST_TMPDIR/$who"
	done
	for who in max hospital; do
		as $who export bundle "$BATS_TEST_TMPDIR/$who.bundle"
		as hub import bundle "$BATS_TEST_TMPDIR/$who.bundle"
	done
}

# keep NAME.ENDING ARGUMENT...: what hub's program prints, for harmless.mjs.  It
# may end with 1, and what it says on stderr is read on a terminal, too.
keep() {
	local name=$1
	shift
	MAILLON_NOW=2020-06-02 as hub "$@" >"$out/$name" \
		2>"$out/$name.err.text" || [ $? -eq 1 ] ||
		{ cat "$out/$name.err.text"; return 1; }
}

@test "hostile texts are shown, and never obeyed, by every command that prints" {
	command -v node >/dev/null || skip "node is not installed"
	local out="$BATS_TEST_TMPDIR/out" name ref
	mkdir "$out"
	everything_again >/dev/null 2>&1
	export LC_ALL=C.UTF-8
	for LANGUAGE in en fr; do
		export LANGUAGE
		for name in auditor treasurer coordinator donor public; do
			for ending in text json csv html; do
				keep "$LANGUAGE-$name.$ending" report "$name" \
					--format "$ending"
			done
		done
	done
	for ending in text json csv html; do
		keep "sample.$ending" sample 400 --seed x --format "$ending"
		keep "holders.$ending" sample 400 --seed x --of holders \
			--format "$ending"
	done
	for ending in text json csv html; do
		keep "recall.$ending" recall --period 2020 --format "$ending"
	done
	for name in log status members stock totals balance requests audit \
		doctor charter trust; do
		keep "$name.text" $name
		keep "$name.json" $name --json
	done
	for name in produce deliver spend donate approve party; do
		keep "log-$name.text" log --kind $name
	done
	keep jsonl.json export jsonl
	keep all.journal export hledger
	keep all.csv export csv
	keep paheko.csv export paheko --period 2020
	keep books.fec export fec --period 2020
	keep epcis.jsonld export epcis
	node "$ROOT/tests/verify/exports.mjs" epcis "$out/epcis.jsonld"
	# One of each text of each kind, or nearly.
	for ref in $(seq 30 3 640); do
		keep "show-$ref.text" show hub/$ref
		keep "show-$ref.json" show hub/$ref --json
		keep "trace-$ref.text" trace hub/$ref
		keep "trace-$ref.dot" trace hub/$ref --dot
	done
	for ref in $(seq 30 40 560); do
		keep "times-$ref.text" show hub/$ref --times
		keep "times-$ref.json" show hub/$ref --times --json
	done
	# What is remarked upon while one records, and what is on a screen.
	MAILLON_NOW=2020-06-02 as hub produce 2 visor/v29 \
		>/dev/null 2>"$out/remark-produce.text"
	MAILLON_NOW=2020-06-02 as hub deliver 1 visor/v29 --lot W9 --to =CHU \
		>/dev/null 2>"$out/remark-deliver.text"
	if command -v script >/dev/null; then
		for name in audit totals members stock status 'recall --lot W9'; do
			MAILLON_STATE="$BATS_TEST_TMPDIR/state/hub" script -qec \
				"stty cols 60; '$MAILLON' --home '$BATS_TEST_TMPDIR/hub' $name" \
				/dev/null | tr -d '\r' >"$out/screen-${name%% *}.text"
		done
	fi
	# A fork: all that one of them wrote is in dispute, and shown as that.
	as hub import bundle "$BATS_TEST_TMPDIR/copy.bundle" >/dev/null 2>&1 ||
		[ $? -eq 1 ]
	keep disputed.text log --disputed
	keep disputed.json log --disputed --json
	for ref in $(as hub log --disputed --json | head -n 40 |
		sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/'); do
		keep "disputed-$ref.text" show "$ref"
		keep "disputed-$ref.json" show "$ref" --json
	done
	keep forked.text status
	keep forked-audit.text audit
	run node "$ROOT/tests/verify/harmless.mjs" "$out"/*
	[ "$status" -eq 0 ] || { head -n 40 <<<"$output"; return 1; }
	# They were there to be shown, each where it could do harm.
	grep -qF "'=HYPERLINK" "$out/all.csv"
	grep -qF '=HYPERLINK' "$out/paheko.csv"
	grep -qF "\"'+1+cmd|" "$out/en-coordinator.csv"
	grep -qF '&lt;script&gt;document' "$out/fr-coordinator.html"
	grep -qF "'=HYPERLINK" "$out/recall.csv"
	grep -qF '&lt;script&gt;document' "$out/recall.html"
	grep -qF '&lt;script&gt;=1+1' "$out/en-public.html"
	grep -qF "=cmd|'<script>'" "$out/members.text"
	grep -qF '\"};' "$out"/trace-*.dot
	grep -qF '<script>document' "$out/log-produce.text"
	grep -qF '<script>document' "$out/disputed.text"
	grep -qF 'visor/v29 a été retiré par hub' "$out/remark-produce.text"
	grep -qF 'visor/v29 du lot W9 (hub/' "$out/remark-deliver.text"
	if command -v hledger >/dev/null && command -v ledger >/dev/null; then
		hledger -f "$out/all.journal" check -s ordereddates
		ledger -f "$out/all.journal" --strict --pedantic bal >/dev/null
		[ -z "$(hledger -f "$out/all.journal" tags |
			grep -vx 'record')" ]
	fi
	if command -v chromium >/dev/null; then
		timeout 60 chromium --headless --no-sandbox --disable-gpu \
			--dump-dom "file://$out/fr-coordinator.html" \
			>"$BATS_TEST_TMPDIR/dom" 2>/dev/null
		grep -q '<title>Rapport du coordinateur</title>' \
			"$BATS_TEST_TMPDIR/dom"
		never grep -qE '<(script|img|svg)' "$BATS_TEST_TMPDIR/dom"
	fi
}
