#!/usr/bin/env bats
# Who has goods that are recalled, or got them.

load helper

teardown() {
	stop_nodes
}

# Two makers, an assembler, two hospitals.  A design that turns out bad goes
# into shields; some come back, some are lost.
story() {
	found_network hub
	start_node hub
	join_network lea hub maker
	join_network max hub maker FR-57
	join_network asm hub maker
	join_network clinic hub recipient FR-67
	join_network nurse hub recipient
	as hub approve frame/v2 --when 2020-04-01
	as hub item shield --bom '1 frame'
	sync lea max asm clinic nurse
	as lea produce 60 frame/v2 --lot L1 --when 2020-04-02
	as max produce 40 frame/v2 --lot M1 --when 2020-04-02
	as max produce 30 frame/v3 --lot M2 --when 2020-04-03
	D=$(id_of lea deliver 50 frame/v2 --to asm --lot L1 --when 2020-04-04)
	E=$(id_of max deliver 30 frame/v2 --to asm --lot M1 --when 2020-04-04)
	as lea lose 2 frame/v2 --lot L1 --reason trodden --when 2020-04-05
	sync lea max asm
	as asm receive "$D" --when 2020-04-06
	as asm receive "$E" --when 2020-04-06
	as asm produce 40 shield --lot S1 --when 2020-04-07
	F=$(id_of asm deliver 20 shield --to nurse --when 2020-04-08)
	G=$(id_of asm deliver 10 shield --to clinic --when 2020-04-08)
	H=$(id_of asm deliver 5 shield --to '=Care "home" \N' --when 2020-04-09)
	sync asm nurse clinic
	as nurse receive "$F" --accepted 18 --refused 2 --reason broken \
		--when 2020-04-10
	as asm lose 4 shield --delivery "$G" --reason rain --when 2020-04-10
	sync asm clinic nurse
	as clinic receive "$G" --when 2020-04-11
	W=$(id_of clinic approve frame/v2 --withdraw 'cracks' --when 2020-04-12)
	sync clinic nurse asm lea max
} >/dev/null

# cell ROWS WHO ITEM STATE: "share at_most" of it, summed over lots.
cell() {
	node -e '
	const [who, item, state] = process.argv.slice(1)
	const rows = JSON.parse(require("fs").readFileSync(0)).where
		.filter(r => r.who == who && r.item == item && r.state == state)
	const sum = key => rows.reduce((n, r) => n + r[key], 0)
	console.log(sum("quantity"), sum("at_most"))' "$2" "$3" "$4" <<<"$1"
}

@test "a hospital withdraws a design: everybody who has it, or got it, is found" {
	command -v node >/dev/null || skip "node is not here"
	story
	run_as hub recall "$W" --json
	expect 0
	[ "$(cell "$output" lea frame/v2 'in stock')" = "8 8" ]
	[ "$(cell "$output" lea frame/v2 lost)" = "2 2" ]
	[ "$(cell "$output" max frame/v2 'in stock')" = "10 10" ]
	[ "$(cell "$output" asm frame/v2 'in stock')" = "40 40" ]
	[ "$(cell "$output" nurse shield delivered)" = "18 18" ]
	[ "$(cell "$output" clinic shield delivered)" = "6 6" ]
	[ "$(cell "$output" asm shield lost)" = "4 4" ]
	# 40 less 35 that left, and 2 that came back
	[ "$(cell "$output" asm shield 'in stock')" = "7 7" ]
	[[ $output != *frame/v3* ]]
	[[ $output == *'"who":"nurse","item":"shield",'*'"from":"asm","ref":"asm/'*'"grade":"A","date":"2020-04-10'* ]]
	# The same of the item, and on every node that holds the same.
	[ "$(as hub recall --item frame/v2 --json | sed 's/"as_of":"[^"]*"//')" = \
		"$(sed 's/"as_of":"[^"]*"//' <<<"$output")" ]
	sync max
	[ "$(as max recall --item frame/v2 --json | sed 's/.*"where"//')" = \
		"$(as hub recall --item frame/v2 --json | sed 's/.*"where"//')" ]
}

@test "a lot among others is a share, and at most everything it can be" {
	command -v node >/dev/null || skip "node is not here"
	story
	run_as asm recall --lot M1 --json
	expect 0
	[ "$(cell "$output" max frame/v2 'in stock')" = "10 10" ]
	# 30 of M1 among the 80 frames of which 40 were used
	[ "$(cell "$output" asm frame/v2 'in stock')" = "15 30" ]
	[ "$(cell "$output" nurse shield delivered)" = "6 18" ]
	[ "$(cell "$output" lea frame/v2 'in stock')" = "0 0" ]
}

@test "the list reads in columns, in English and French, and says what is proportional" {
	story
	run_as hub recall --lot L1
	expect 0
	[[ $output == *"What is recalled"* ]]
	[[ $output =~ lea\ +frame/v2\ +L1\ +production\ +60\ +piece ]]
	[[ $output =~ nurse\ +shield\ +S1\ +delivered\ +1[01]\ +18\ +FR-88\ +asm ]]
	[[ $output == *"in proportion and rounded down"* ]]
	LANGUAGE=fr LC_ALL=C.UTF-8 run_as hub recall --lot L1
	[[ $output == *"en proportion"* ]]
	[[ $output =~ nurse\ +shield\ +S1\ +livré ]]
	run_as hub recall --lot L1 --format csv
	expect 0
	grep -q $'^nurse;shield;S1;delivered;1[01];18;FR-88;asm;asm/[0-9]*;A;2020-04-10\r$' <<<"$output"
	as hub recall --lot L1 --format html | grep -q '</html>'
}

@test "one name of two lots is told apart, and a place or an association narrows" {
	story
	as max produce 4 frame/v2 --lot L1 >/dev/null
	sync max
	run_as hub recall --lot L1
	expect 0
	[[ $stderr == *"several members use this name of a lot; --author PARTY tells them apart"* ]]
	[[ $output == *'max '*' L1 '* ]]
	run_as hub recall --lot L1 --author lea
	[[ $stderr != *"several members"* && $output != *'max '* ]]
	run_as hub recall --lot L1 --place FR-57 --json
	where=${output#*\"where\":}
	where=${where%%],*}
	[[ $where == *'"who":"max"'* && $where != *nurse* && $where != *'"who":"lea"'* ]]
	run_as hub recall --lot L1 --under lea --json
	where=${output#*\"where\":}
	where=${where%%],*}
	[[ $where == *'"who":"lea"'* && $where != *nurse* ]]
}

@test "names that other people chose harm no reader" {
	found_network hub
	LOT='=1+1";<b>'
	as hub produce 5 visor --lot "$LOT" >/dev/null
	as hub deliver 2 visor --to '=<script>"x";=cmd' --lot "$LOT" >/dev/null
	run_as hub produce 5 visor --lot $'\e[31m'
	expect 65
	run_as hub recall --item visor
	expect 0
	[[ $output == *'=1+1";<b>'* ]]
	run_as hub recall --item visor --json
	[[ $output == *'"lot":"=1+1\";<b>"'* ]]
	# quoted whole, and no formula
	run_as hub recall --item visor --format csv
	[[ $output == *"\"'=1+1\"\";<b>\""* ]]
	run_as hub recall --item visor --format html
	[[ $output == *'&lt;b&gt;'* ]]
	[[ $output != *'<b>'* && $output != *'<script>'* ]]
	# as an argument, too
	run_as hub recall --lot "$LOT"
	expect 0
	run_as hub recall --lot $'\e[31m' --format html
	expect 1
}

@test "what is recalled has to be said, and to be there" {
	found_network hub
	as hub produce 5 visor/v1 --lot A --when 2020-04-30 >/dev/null
	run_as hub recall
	expect 64
	run_as hub recall hub/2 --lot A
	expect 64
	run_as hub recall --lot A --format pdf
	expect 64
	run_as hub recall --item VISOR/
	expect 65
	run_as hub recall --author nobody
	expect 65
	run_as hub recall --period May
	expect 65
	for what in '--lot B' '--item visor/v2' '--item vis' '--period 2020-05' \
		'--author ~someone' hub/99 hub/1; do
		run_as hub recall $what
		expect 1
		[ -z "$output" ]
	done
	for what in '--lot A' '--item visor' '--period 2020-04' \
		'--author hub --period 2020' hub/2; do
		run_as hub recall $what
		expect 0
	done
}

@test "who still has goods of a withdrawn revision is told, and whoever makes more" {
	story
	run_as lea status
	expect 0
	[[ $output == *$'\nrecalled  frame/v2: 8 on hand, 0 in transit; withdrawn by clinic on 2020-04-12: cracks\n'* ]]
	[[ $(as lea status --json) == *'"recalled":[{"item":"frame/v2","on_hand":8,"in_transit":0,"verdict":"withdrawn","by":"'*'","reason":"cracks"}]}' ]]
	[[ $(as nurse status --json) == *'"recalled":[]}' ]]
	run_as lea stock
	[[ $stderr == *"frame/v2 was withdrawn by clinic on 2020-04-12: cracks; 'maillon recall --item frame/v2' lists who has it"* ]]
	[ "$(grep -c withdrawn <<<"$stderr")" -eq 1 ]
	[[ $(as lea stock --item frame --json) == *'"item":"frame/v3",'*'"verdict":null}'* ]]
	[[ $(as lea stock --item frame/v2 --json) == *'"verdict":"withdrawn"}'* ]]
	run_as lea produce 3 frame/v2 --when 2020-04-13
	expect 0
	[[ $stderr == *"frame/v2 was withdrawn by clinic on 2020-04-12: cracks; the audit will show"* ]]
	run_as lea deliver 1 frame/v2 --to clinic
	[[ $stderr == *"the audit will show"* ]]
	# Back to the hub it may go, and what was made before was in order.
	run_as lea deliver 2 frame/v2 --to hub
	[[ $stderr != *withdrawn* ]]
	run_as lea produce 3 frame/v2 --when 2020-04-11
	[[ $stderr != *withdrawn* ]]
	run_as hub report coordinator
	[[ $output == *"Withdrawn or rejected, and still there"* ]]
	[[ $output =~ asm\ +frame/v2\ +40\ +0\ +withdrawn\ +clinic ]]
	# An approval since then makes it good again.
	as clinic approve frame/v2 --when 2020-04-20 >/dev/null
	sync clinic lea
	run_as lea status
	[[ $output != *recalled* ]]
}

@test "a bad lot is withdrawn alone: everybody is told, and who has some is found" {
	story
	L=$(as lea log --author lea --kind produce --json | head -n 1 |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	V=$(id_of nurse approve frame/v3 --when 2020-04-12)
	M=$(as max log --author max --kind produce --json | tail -n 1 |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	run_as nurse approve frame/v3 --withdraw 'wet' --of "$M" --when 2020-04-13
	expect 0
	N=${output#* }
	sync nurse max lea
	run_as lea status
	[[ $output == *$'\nrecalled  30 frame/v3 of lot M2 (max/'*'); withdrawn by nurse on 2020-04-13: wet (who may have some: '"'maillon recall nurse/"* ]]
	[[ $(as lea status --json) == *'"item":"frame/v3","of":"'"$M"'","verdict":"withdrawn"'* ]]
	tells=$(as lea show "$M")
	[[ $tells == *'frame/v3: withdrawn by nurse on 2020-04-13: wet (who may have some: '* ]]
	run_as max stock
	[[ $stderr == *"30 frame/v3 of lot M2 (max/"*"'maillon recall nurse/"* ]]
	run_as lea recall "$N"
	expect 0
	[[ $output =~ max\ +frame/v3\ +M2\ +in\ stock\ +30\ +30 ]]
	[[ $output != *frame/v2* ]]
	# The revision is as good as before: the audit finds nothing, and nobody
	# is warned who makes it.
	run_as max produce 2 frame/v3 --when 2020-04-20
	expect 0
	[[ $stderr != *withdrawn* ]]
	[[ $(as max audit --json) != *'"code":"DES'* ]]
	[[ $(as max audit --json) != *'"code":"AUT'* ]]
	as hub report coordinator | grep -Eq 'frame/v3 \(max/[0-9]+\) +withdrawn +nurse'
	# Who sends goods of that lot is asked; of another lot, or back, is not.
	run_as max deliver 1 frame/v3 --lot M2 --to clinic
	expect 0
	[[ $stderr == *"30 frame/v3 of lot M2 (max/"*"withdrawn by nurse on 2020-04-13: wet; is this of that lot?"* ]]
	for what in '--lot M9 --to clinic' '--lot M2 --to hub' '--to clinic'; do
		# shellcheck disable=SC2086
		run_as max deliver 1 frame/v3 $what
		[[ $stderr != *"that lot"* ]]
	done
	# Who made it may say so, and take it back; nobody else who makes things.
	run_as lea approve frame/v3 --withdraw x --of "$M"
	expect 77
	run_as lea approve frame/v2 --withdraw 'too thin' --of "$L" --when 2020-04-21
	expect 0
	K=${output#* }
	sync lea
	[[ $(as hub audit --json) != *'"code":"AUT'* ]]
	as hub recall "$K" --json | grep -q '"who":"nurse","item":"shield"'
	as hub status | grep -q '60 frame/v2 of lot L1'
	as lea approve frame/v2 --of "$L" --when 2020-04-22 >/dev/null
	sync lea
	never grep -q 'lot L1' <<<"$(as hub status)"
	# Only of what it is of.
	for what in "visor --of $M" "frame/v3 --of $N" "frame/v3 --of hub/99"; do
		# shellcheck disable=SC2086
		run_as nurse approve $what
		expect 65
	done
	as hub export epcis all.jsonld
	grep -q 'item/frame/v3/lot/M2' all.jsonld
	rm all.jsonld
}

@test "what was accepted and goes back is on the shelf of who had sent it, and on the list there" {
	local sent
	found_network hub
	start_node hub
	join_network lea hub maker
	join_network clinic hub recipient
	sync lea
	as lea produce 50 visor/v29 --lot A1 >/dev/null
	sent=$(id_of lea deliver 50 visor/v29 --to clinic --lot A1)
	sync lea clinic
	as clinic receive "$sent" >/dev/null
	run_as clinic receive "$sent" --refused 10 --reason recalled
	expect 65
	[[ $stderr == *"visor/v29: only 0 are open; what was accepted and goes back is a correction of the receipt: maillon correct clinic/2 --reason incorrect-data "* ]]
	run_as clinic receive "$sent" --accepted 1
	[[ $stderr == *"only 0 are open"* && $stderr != *correct* ]]
	as clinic correct clinic/2 --reason incorrect-data \
		--set "accepted=40 visor/v29" --set "refused=10 visor/v29" \
		--set reason=recalled >/dev/null
	sync clinic lea
	[[ $(as lea totals --json) == *'"produced":50,'*'"acknowledged":{"A":40,'*'"refused":10,'*'"on_hand":10,'* ]]
	cd "$BATS_TEST_TMPDIR"
	as lea recall --lot A1 --json >list
	grep -q '"who":"clinic","item":"visor/v29","lot":"A1","state":"delivered","quantity":40,' list
	grep -q '"who":"lea","item":"visor/v29","lot":"A1","state":"in stock","quantity":10,' list
	as lea audit >/dev/null
	# They are of use there: sent out again, or lost.
	run_as lea lose 10 visor/v29 --lot A1 --reason shredded
	expect 0
	[ -z "$stderr" ]
	as lea audit >/dev/null
}
