#!/usr/bin/env bats
# Every message has its French form, and the forms fit.

load helper

@test "every message that a person can read is there in French" {
	cd "$ROOT"
	xgettext --from-code=UTF-8 -L C -k_ -kN_ -kP_:1,2 \
		-o "$BATS_TEST_TMPDIR/messages.pot" node/*.c node/*/*.c proto/audit/finding.c
	msgcmp node/po/fr.po "$BATS_TEST_TMPDIR/messages.pot"
	msgfmt --check-format --check-domain -o /dev/null node/po/fr.po
	# Nothing fuzzy, nothing left over from a message that is gone.
	run msgattrib --only-fuzzy node/po/fr.po
	[ -z "$output" ]
	run msgattrib --only-obsolete node/po/fr.po
	[ -z "$output" ]
}

@test "every code of the audit stands in the protocol, with its severity, and no other does" {
	cd "$ROOT"
	# CODE SEVERITY of the program, and of the tables whose rows begin so.
	tr -d '\n\t ' <proto/audit/finding.c |
		grep -oE '"[A-Z]{3}-[0-9]{2}",SEVERITY_[A-Z]+' | tr -d '"' |
		sed 's/,SEVERITY_BREACH/ E/;s/,SEVERITY_EXPLAIN/ W/;s/,SEVERITY_LAG/ L/' |
		sort >"$BATS_TEST_TMPDIR/program"
	grep -E '^\| [A-Z]{3}-[0-9]{2}[^|]*\| [EWL] \|' proto/PROTOCOL.md |
		awk -F'|' '{ gsub(/ /, "", $2); gsub(/ /, "", $3)
			n = split($2, code, ",")
			for (i = 1; i <= n; i++) print code[i], $3 }' |
		sort >"$BATS_TEST_TMPDIR/protocol"
	grep -oE '^\| LOG-[0-9]{2} \| [^|EWL]' proto/PROTOCOL.md | cut -c3-8 |
		sed 's/$/ E/' | sort >>"$BATS_TEST_TMPDIR/protocol"
	sort -u -o "$BATS_TEST_TMPDIR/protocol" "$BATS_TEST_TMPDIR/protocol"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/program")" -gt 40 ]
	diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/protocol"
}

@test "no sentence of the audit stays English in French" {
	cd "$ROOT"
	xgettext --from-code=UTF-8 -L C -kN_ --no-location --omit-header \
		-o "$BATS_TEST_TMPDIR/findings.pot" proto/audit/finding.c
	msggrep --no-wrap -K -e '{who}' -e '{item}' node/po/fr.po \
		-o "$BATS_TEST_TMPDIR/fr.po"
	[ "$(grep -c '^msgid' "$BATS_TEST_TMPDIR/findings.pot")" -gt 40 ]
	awk '/^msgid/ { id = substr($0, 7) }
		/^msgstr/ { if (id != "\"\"" && substr($0, 8) == id) { print; bad = 1 } }
		END { exit bad }' "$BATS_TEST_TMPDIR/fr.po"
	# The same marks on both sides, so that who and how many are said.
	awk '/^msgid/ { id = $0 } /^msgstr/ && id ~ /{/ {
			for (m = 1; m <= 3; m++) {
				mark = m == 1 ? "{n}" : m == 2 ? "{who}" : "{item}"
				if (!index(id, mark) != !index($0, mark)) { print; bad = 1 }
			} } END { exit bad }' "$BATS_TEST_TMPDIR/fr.po"
}
