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
