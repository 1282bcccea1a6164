#!/usr/bin/env bats
# What `show` says of a delivery, a receipt, a loss, in every state there is.

load helper

setup() {
	found_network hub
	start_node hub
	join_network lea hub
	join_network chu hub recipient FR-67
	sync lea
	as lea produce 500 visor --when 2020-04-01
	D=$(id_of lea deliver 50 visor --to chu --when 2020-04-02)
	sync lea chu
} >/dev/null

teardown() {
	stop_nodes
}

# tells WHO REF TEXT...: show says each of them; nothing that is not so.
tells() {
	local who=$1 ref=$2 text
	shift 2
	run_as "$who" show "$ref"
	expect 0
	for text in "$@"; do
		[[ $output == *"$text"* ]] || {
			printf 'not said: %s\nbut: %s\n' "$text" "$output"
			return 1
		}
	done
}

# hushes TEXT...: the last show says none of them.
hushes() {
	local text
	for text in "$@"; do
		[[ $output != *"$text"* ]] || {
			printf 'said: %s\nin: %s\n' "$text" "$output"
			return 1
		}
	done
}

@test "on its way, in part, refused with the reason, in whole" {
	tells lea "$D" 'visor: 50 sent, 0 accepted, 0 refused, 0 lost, 0 claimed, 50 open'
	hushes 'What was said' 'by grade' 'is with the sender'
	as chu receive "$D" --accepted 30 --when 2020-04-03 >/dev/null
	sync chu
	tells hub "$D" '50 sent, 30 accepted, 0 refused, 0 lost, 0 claimed, 20 open' \
		'accepted by grade: A 30' 'What was said of it:' \
		'2020-04-03  accepted 30 visor (A: the recipient says so)'
	as chu receive "$D" --accepted 15 --refused 5 --reason 'straps torn' \
		--when 2020-04-04 >/dev/null
	sync chu
	tells hub "$D" '45 accepted, 5 refused, 0 lost, 0 claimed, 0 open' \
		'accepted by grade: A 45' 'What was refused is with the sender again.' \
		'2020-04-04  accepted 15 visor, refused 5 visor: straps torn (A: the recipient says so)'
	hushes 'member no longer' QTY-02
	[[ $(as hub show "$D" --json) == *'"open":0,"A":45,"B":0,"C":0}],"said":[{"ref":"chu/'*'"grade":"A","date":1585872000000,"accepted":[{"item":"visor","qty":30}],"refused":[],"lost":[],"reason":null},'*'"reason":"straps torn"}]}' ]]
}

@test "each grade stands beside what it is worth" {
	printf 'signed\n' >"$BATS_TEST_TMPDIR/paper"
	as lea receive "$D" --accepted 44 >/dev/null
	sync lea
	tells hub "$D" '0 accepted, 0 refused, 0 lost, 44 claimed, 50 open' \
		'(D: a claim, which acknowledges nothing)' \
		'What is claimed is said by the sender, or could be: it stays open'
	hushes 'by grade'
	as hub receive "$D" --accepted 20 --paper "$BATS_TEST_TMPDIR/paper" >/dev/null
	tells hub "$D" '20 accepted, 0 refused, 0 lost, 24 claimed, 30 open' \
		'accepted by grade: C 20' 'A weaker proof adds what it has beyond' \
		'(C: a signed paper, entered by somebody else)'
	as hub enrol chu --new "$BATS_TEST_TMPDIR/chu.key" >/dev/null
	sync lea
	as lea receive "$D" --accepted 8 --notice "$BATS_TEST_TMPDIR/paper" \
		--receipt-key "$BATS_TEST_TMPDIR/chu.key" >/dev/null
	sync lea chu
	tells hub "$D" 'accepted by grade: B 8, C 12' \
		"with a notice (B: signed with the recipient's receipt key)"
	as chu receive "$D" --accepted 50 >/dev/null
	sync chu
	tells hub "$D" '50 accepted, 0 refused, 0 lost, 0 claimed, 0 open' \
		'accepted by grade: A 50'
	hushes 'What is claimed'
	# Each receipt says of what it is, and what it is worth.
	for grade in A B C D; do
		ref=$(as hub show "$D" | sed -n "s/^  \([a-z]*\/[0-9]*\) .*($grade:.*/\1/p")
		tells hub "$ref" "It is of the delivery lea/" "($grade: "
	done
}

@test "lost on the way, wholly or in part" {
	as lea lose 12 visor --reason 'van burnt' --delivery "$D" --when 2020-04-05 >/dev/null
	tells lea "$D" '50 sent, 0 accepted, 0 refused, 12 lost, 0 claimed, 38 open' \
		'2020-04-05  lost 12 visor: van burnt'
	ref=$(as lea show "$D" | sed -n 's/^  \(lea\/[0-9]*\) .*burnt/\1/p')
	tells lea "$ref" 'It is of the delivery lea/'
	hushes '('
}

@test "what moves on is received, and what is refused comes back" {
	M=$(id_of lea deliver 12 visor --to hub)
	sync lea
	as hub receive "$M" --refused 2 --reason dirty >/dev/null
	tells hub "$M" '12 sent, 10 accepted, 2 refused, 0 lost, 0 claimed, 0 open' \
		'(received)' 'with the sender again'
	hushes 'by grade'
}

@test "a service is not with anybody again" {
	as hub item night --class service
	sync lea
	S=$(id_of lea deliver 3 night --to chu)
	sync lea chu
	as chu receive "$S" --refused 1 --reason 'nobody came' >/dev/null
	sync chu
	tells hub "$S" '3 sent, 2 accepted, 1 refused' \
		'What was refused of a service was never made.'
	hushes 'with the sender'
}

@test "corrected below what was accepted, and withdrawn under who had it" {
	as chu receive "$D" >/dev/null
	sync chu
	sync lea
	as lea correct "$D" --reason incorrect-data --set 'lines=40 visor'
	tells lea "$D" 'It was corrected; this counts:' '40 sent, 50 accepted' \
		'More was accepted, refused and lost than was sent: the audit shows it (QTY-02).'
	as lea audit | grep -q QTY-02
	as lea correct "$D" --reason did-not-occur
	tells lea "$D" 'It was withdrawn: it did not occur.' \
		'What others had said of it has no effect any more: the audit shows it (QTY-02).'
	hushes ' sent, '
	as lea audit | grep -q QTY-02
	tells lea chu/2 'The delivery it is of was withdrawn: so it has no effect.'
	# One that nobody had answered is simply withdrawn.
	E=$(id_of lea deliver 5 visor --to chu)
	as lea correct "$E" --reason did-not-occur
	tells lea "$E" 'It was withdrawn'
	hushes QTY-02
}

@test "a receipt that was withdrawn is gone from the delivery" {
	as chu receive "$D" --accepted 30 >/dev/null
	as chu correct chu/2 --reason did-not-occur >/dev/null
	tells chu "$D" '0 accepted, 0 refused, 0 lost, 0 claimed, 50 open'
	hushes 'What was said'
	tells chu chu/2 'It was withdrawn'
	hushes 'It is of the delivery'
}

@test "who left: what counts goes on counting, and who can still answer" {
	as chu receive "$D" --accepted 30 >/dev/null
	sync chu
	as hub dismiss chu --reason closed >/dev/null
	tells hub "$D" '30 accepted' '20 open' 'accepted by grade: A 30' \
		'Who was to receive it is a member no longer: a signed paper (C)'
	hushes 'Its author'
	tells hub chu/2 'Its author is a member no longer; it counts all the same.' \
		'(A: the recipient says so)'
	# What it signs now does not count, and is not said of the delivery.
	as chu receive "$D" >/dev/null
	tells hub "$D" '20 open'
	as hub dismiss lea --reason moved >/dev/null
	tells hub "$D" 'Its author is a member no longer; it counts all the same.'
}

@test "a delivery of a fork is in dispute, and so is a receipt" {
	cp -a "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/twin"
	mkdir -p "$BATS_TEST_TMPDIR/state/twin"
	E=$(id_of lea deliver 7 visor --to chu)
	sync lea chu
	as chu receive "$E" >/dev/null
	sync chu
	R=$(as chu log --kind receive --json | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	tells hub "$E" '7 sent, 7 accepted'
	as twin deliver 9 visor --to chu >/dev/null
	as twin export bundle "$BATS_TEST_TMPDIR/stick"
	as hub import bundle "$BATS_TEST_TMPDIR/stick" || true
	sync chu
	tells hub "$E" 'In dispute, so it does not count' "'maillon resolve'"
	hushes ' sent, ' 'with the sender'
	tells hub "$R" 'The delivery it is of does not count, or is not here'
	# What stood before the fork is as it was.
	tells hub "$D" '50 sent, 0 accepted'
}

@test "a request says what came of it, and when it was over" {
	Q=$(id_of hub request 60 visor --place FR-67 --until 2020-05-01)
	sync lea
	as lea pledge "$Q" 20 >/dev/null
	E=$(id_of lea deliver 12 visor --to chu --request "$Q")
	sync lea chu
	as chu receive "$E" --accepted 11 >/dev/null
	sync chu
	tells hub "$Q" 'visor: 60 requested, 20 pledged, 11 acknowledged' \
		'It is over since 2020-05-01.'
	Q=$(id_of hub request 60 visor --place FR-67)
	tells hub "$Q" '60 requested, 0 pledged, 0 acknowledged'
	hushes 'over since'
}

@test "in French, and without a word from others that a terminal obeys" {
	as chu receive "$D" --accepted 40 --refused 10 --reason 'cassé; $(x) <b>' >/dev/null
	sync chu
	run env LANGUAGE=fr LC_ALL=C.UTF-8 MAILLON_STATE="$BATS_TEST_TMPDIR/state/hub" \
		"$MAILLON" --home "$BATS_TEST_TMPDIR/hub" show "$D"
	[[ $output == *'50 envoyés, 40 acceptés'* && $output == *'accepté par preuve : A 40'* ]]
	[[ $output == *'refusé 10 visor: cassé; $(x) <b> (A : le destinataire le dit)'* ]]
	[[ $output == *'Ce qui a été refusé est de nouveau chez l'* ]]
}

@test "a delivery that others answered for is not taken back unnoticed, nor sent to oneself" {
	run_as lea correct "$D" --reason incorrect-data --set to=lea
	expect 65
	[[ $stderr == *"not delivered to the shelf"* ]]
	run_as lea correct "$D" --reason incorrect-data --set to=hub
	expect 0
	[ -z "$stderr" ]
	as lea correct "$D" --reason incorrect-data --set to=chu >/dev/null
	sync lea chu
	as chu receive "$D" --accepted 30 --refused 5 --reason wet >/dev/null
	sync chu lea
	run_as lea correct "$D" --reason incorrect-data --set "lines=40 visor"
	expect 0
	[ -z "$stderr" ]
	for what in "lines=34 visor" to=hub; do
		run_as lea correct "$D" --reason incorrect-data --set "$what"
		expect 0
		[[ $stderr == *"it was taken back"* ]]
		as lea correct "$D" --reason incorrect-data --set to=chu \
			--set "lines=50 visor" >/dev/null
		run_as lea audit
		expect 0
	done
	run_as lea correct "$D" --reason did-not-occur
	expect 0
	[[ $stderr == *"it was taken back"* ]]
	run_as lea audit
	expect 1
	[[ $output == *"QTY-02"*"took back what others had answered for"* ]]
}
