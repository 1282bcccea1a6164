#!/usr/bin/env bats
# What is odd is recorded and warned of; what cannot be meant is refused.

load helper

setup() {
	found_network hub
	start_node hub
	join_network lea hub
	join_network chu hub recipient
}

teardown() {
	stop_nodes
}

# warned TEXT: the last run recorded, and warned of just that.
warned() {
	expect 0
	[[ $output =~ [0-9a-f]{64}$ ]]
	[ "$stderr" = "maillon: warning: $1" ] || { echo "$stderr"; return 1; }
}

silent() {
	expect 0
	[ -z "$stderr" ] || { echo "$stderr"; return 1; }
}

@test "an item that is declared again with less, or by somebody below, is warned of" {
	run_as hub item visor/v30 --grams 40 --bom '1 sheet'
	silent
	run_as hub item visor/v30 --grams 41 --bom '1 sheet' --name Visor
	silent
	run_as hub item visor/v30 --serial S1
	warned "this takes the place of your declaration of 'visor/v30': what it does not say again holds no more"
	# The product is another item than its revision.
	run_as hub item visor
	silent
	sync lea
	run_as lea item visor/v30 --grams 39
	warned "hub declared 'visor/v30' already, and that holds; the audit shows where yours differs"
	run_as lea item clip
	silent
	sync lea
	# Whoever admitted lea goes before her.
	run_as hub item clip --grams 3
	silent
}

@test "nothing is a part of itself" {
	for bom in '1 visor/v30' '2 visor'; do
		run_as hub item visor/v30 --bom '1 sheet' --bom "$bom"
		expect 65
		[[ $stderr == *"--bom: 'visor/v30' is not a part of itself"* ]]
	done
	for bom in '1 visor/v29' '1 visor2' '1 vis'; do
		run_as hub item visor/v30 --bom "$bom"
		silent
	done
}

@test "a service is on no shelf" {
	as hub item night --class service --unit night >/dev/null
	odd="'night/hotel' is a service: it is on no shelf, and made by being delivered"
	run_as hub produce 2 night/hotel
	warned "$odd"
	run_as hub supply 2 night/hotel --from =Ibis
	warned "$odd"
	run_as hub lose 2 night/hotel --reason cancelled
	warned "$odd"
	run_as hub count 2 night/hotel
	warned "$odd"
	run_as hub deliver 2 night/hotel --to =Nurse
	silent
	run_as hub request 2 night/hotel --place FR-88
	silent
	# What the key recorded is no news.
	run_as hub produce 2 night/hotel --key k
	warned "$odd"
	run_as hub produce 2 night/hotel --key k
	silent
}

@test "a delivery that answers nothing of the request it names is warned of" {
	R=$(id_of chu request 50 visor --place FR-88)
	W=$(id_of chu request 50 visor --place FR-88)
	as chu correct "$W" --reason did-not-occur >/dev/null
	sync chu lea
	as lea supply 100 visor/v30 20 clip --from =Me >/dev/null
	run_as lea deliver 5 visor/v30 5 clip --to chu --request "$R"
	silent
	run_as lea deliver 5 clip --to chu --request "$R"
	warned "'$R' asks for nothing of this: visor"
	run_as lea deliver 5 visor/v30 --to chu --request "$W"
	warned "'$W' was withdrawn"
	run_as lea deliver 5 visor/v30 --to hub --request "$R"
	warned "goods that move on answer no request: '$R' stays open; --final says that they stay there"
	run_as lea deliver 5 visor/v30 --to '~Jeanne' --moved
	warned "who is outside acknowledges nothing: these goods stay in transit; deliver them for good"
	run_as lea deliver 5 visor/v30 --to chu --moved
	silent
}

@test "goods are not delivered to the shelf that they are on" {
	run_as lea deliver 5 visor --to lea
	expect 65
	run_as lea deliver 5 visor --to '~Jeanne' --for '~Jeanne'
	expect 65
	[[ $stderr == *"not delivered to the shelf that they are on"* ]]
	as lea produce 10 visor --for '~Jeanne' >/dev/null
	run_as lea deliver 5 visor --to lea --for '~Jeanne'
	silent
	run_as lea deliver 5 visor --to '~Marie' --for '~Jeanne'
	silent
}

@test "a delivery that was just recorded is recorded again with a warning" {
	local first again
	sync lea
	export MAILLON_NOW=2020-04-01T08:00:00Z
	as lea supply 100 visor/v30 --from =Me >/dev/null
	read -r first _ < <(as lea deliver 5 visor/v30 --to chu --note 7)
	# Another lot, number, carrier or day, or somebody who gave it a key.
	for other in "--lot A" "--note 8" "--note 7 --by hub" \
		"--note 7 --when 2020-04-02" "--note 7 --key k"; do
		run_as lea deliver 5 visor/v30 --to chu $other
		silent
		as lea correct "${output##* }" --reason did-not-occur \
			>/dev/null
	done
	export MAILLON_NOW=2020-04-01T19:00:00Z
	run_as lea deliver 5 visor/v30 --to chu --note 7
	warned "$first says just this of the same day; if it is one delivery, take one back: maillon correct $first --reason did-not-occur"
	again=${output##* }
	# The audit finds it, until one of them is taken back.
	[[ $(as lea --json audit) == *'"code":"DUP-10","severity":"W"'* ]]
	as lea correct "$again" --reason did-not-occur >/dev/null
	[[ $(as lea --json audit) != *DUP-10* ]]
}

@test "a correction that changes nothing is refused" {
	P=$(id_of lea produce 5 visor --lot A)
	for set in 'lot=A' 'lines=5 visor' 'printer=' 'lines=2 visor, 3 visor'; do
		run_as lea correct "$P" --reason incorrect-data --set "$set"
		expect 65
		[[ $stderr == *"this changes nothing: the record says so already"* ]]
	done
	run_as lea correct "$P" --reason incorrect-data --set lot=B --key k
	silent
	first=$output
	run_as lea correct "$P" --reason incorrect-data --set lot=B --key k
	silent
	[ "$output" = "$first" ]
	run_as lea correct "$P" --reason incorrect-data --set lot=B
	expect 65
	# What was withdrawn comes back as it was.
	as lea correct "$P" --reason did-not-occur >/dev/null
	run_as lea correct "$P" --reason incorrect-data --set lot=B
	silent
	as lea totals --json | grep -q '"item":"visor".*"produced":5,'
}

@test "under its key a production used what it used the first time" {
	as hub item visor --bom '2 clip' >/dev/null
	as hub supply 100 clip 9 strap --from =Me >/dev/null
	run_as hub produce 5 visor --use '3 strap' --key k
	silent
	first=$output
	# Without --use it is the same record, and no bill is taken.
	run_as hub produce 5 visor --key k
	silent
	[ "$output" = "$first" ]
	as hub totals --json | grep -q '"item":"strap".*"consumed":3,'
	as hub totals --json | grep -q '"item":"clip".*"consumed":0,'
	# What is said, and is not what it was, is another record.
	for use in '2 strap' none '10 clip'; do
		run_as hub produce 5 visor --use "$use" --key k
		expect 65
	done
	run_as hub produce 6 visor --key k
	expect 65
	run_as hub produce 5 visor --use '3 strap' --key k
	silent
	[ "$output" = "$first" ]
	# The other way round: the bill the first time, and no word of it later.
	run_as hub produce 5 visor --key b
	expect 0
	as hub item visor --bom '3 clip' >/dev/null
	first=$output
	run_as hub produce 5 visor --key b
	silent
	[ "$output" = "$first" ]
}

@test "money that is odd is recorded with a warning" {
	as hub donate '50 EUR' --fund pla --source ha --source-ref 7 >/dev/null
	run_as hub spend '50 EUR' --purpose pla --fund pla
	silent
	run_as hub spend '0.01 EUR' --purpose pla --fund pla
	warned "this takes 0.01 EUR and the fund 'pla' has 0.00; the audit will show it until what is missing is recorded"
	run_as hub spend '5 EUR' --purpose pla
	warned 'this takes 5.00 EUR and outside of all funds there are 0.00; the audit will show it until what is missing is recorded'
	# What was given up never was in the bank.
	as hub donate '50 EUR' --waived --fund road >/dev/null
	run_as hub spend '5 EUR' --purpose fuel --fund road
	expect 0
	[[ $stderr == *"the fund 'road' has 0.00"* ]]
	run_as hub donate '50 EUR' --source ha --source-ref 7
	expect 0
	[[ $stderr == "maillon: warning: hub/"*" is a gift with this reference already: "* ]]
	run_as hub donate '50 EUR' --source ha --source-ref 8
	silent
	for _ in 1 2; do
		run_as hub donate '50 EUR' --source ha
		silent
	done
	funds=$(as hub totals --json | grep -o '"funds".*')
	[[ $funds == *'"fund":"","currency":"EUR","donated":20000,'* ]]
	odd='goods, hours, journeys and expenses given up stand in different accounts: record each as a gift of its own'
	for what in '--hours 3 --km 5' '--hours 3 --waived' \
		'--in-kind 3+pla --km 5' '--in-kind 3+pla --hours 2'; do
		read -ra words <<<"$what"
		run_as hub donate '50 EUR' "${words[@]//+/ }"
		warned "$odd"
	done
	for what in '--waived --km 5' '--in-kind 3+pla --in-kind 2+clip' \
		'--hours 2' '--km 2' --waived; do
		read -ra words <<<"$what"
		run_as hub donate '50 EUR' "${words[@]//+/ }"
		silent
	done
	# None of it was money.
	[ "$(as hub totals --json | grep -o '"funds".*')" = "$funds" ]
	run_as hub donate '50 EUR' --campaign spring
	warned "nobody here announced the campaign 'spring'"
	run_as hub campaign spring --goal '500 EUR'
	silent
	C=${output%% *}
	run_as hub donate '50 EUR' --campaign spring
	silent
	run_as hub campaign spring --goal '600 EUR'
	warned "$C announced this campaign already, and goals add up: what changed is corrected with 'correct'"
	as hub correct "${output%% *}" --reason did-not-occur >/dev/null
	as hub correct "$C" --reason did-not-occur >/dev/null
	run_as hub campaign spring --goal '600 EUR'
	silent
	for what in 'donate@5 CHF' 'campaign@autumn@--goal@5 CHF' \
		'supply@1 petg@--from@=Me@--value@5 CHF' \
		'bank@2020-04@--opening@0 CHF@--closing@0 CHF'; do
		IFS=@ read -ra words <<<"$what"
		run_as hub "${words[@]}"
		warned 'CHF is not EUR, the currency of this network: it is kept apart'
	done
	MAILLON_NOW=2020-04-30T12:00:00Z run_as hub bank 2020-04 \
		--opening '0 EUR' --closing '0 EUR'
	warned '2020-04 is not over yet'
	MAILLON_NOW=2020-05-01T00:00:00Z run_as hub bank 2020-04 \
		--opening '0 EUR' --closing '0 EUR' --key k
	silent
}

@test "a treasurer's money is that of the association" {
	join_network tom hub treasurer
	as hub donate '50 EUR' --source ha --source-ref 7 >/dev/null
	sync hub tom 2>/dev/null || sync tom
	run_as tom spend '60 EUR' --purpose pla
	warned 'this takes 60.00 EUR and outside of all funds there are 50.00; the audit will show it until what is missing is recorded'
	run_as tom donate '50 EUR' --source ha --source-ref 7
	expect 0
	[[ $stderr == *"a gift with this reference already"* ]]
	# The purse of another association is another purse.
	join_network vosges hub association
	sync vosges
	run_as vosges donate '50 EUR' --source ha --source-ref 7
	silent
}

@test "a stock take that is counted again changes what was found with it" {
	as lea produce 8 visor >/dev/null
	C=$(id_of lea count 10 visor)
	as lea correct "$C" --reason incorrect-data --set 'counted=12 visor' >/dev/null
	as lea totals --json | grep -q '"produced":8,.*"found":4,.*"on_hand":12,"lost":0'
	# What happened since has no part in it.
	as lea produce 100 visor >/dev/null
	as lea correct "$C" --reason incorrect-data --set 'counted=7 visor' >/dev/null
	as lea totals --json | grep -q '"found":0,.*"on_hand":107,"lost":1'
	as lea correct "$C" --reason incorrect-data --set 'counted=8 visor' >/dev/null
	as lea totals --json | grep -q '"found":0,.*"on_hand":108,"lost":0'
	as lea correct "$C" --reason incorrect-data --set reason=later >/dev/null
	as lea totals --json | grep -q '"on_hand":108,"lost":0'
	# Who says both is believed.
	as lea correct "$C" --reason incorrect-data --set 'counted=9 visor' \
		--set 'found=3 visor' >/dev/null
	as lea totals --json | grep -q '"found":3,.*"on_hand":111,"lost":0'
	run_as lea correct "$C" --reason incorrect-data --set 'counted=9 clip'
	expect 65
	[[ $stderr == *"what was not counted then is another stock take"* ]]
}

@test "one's own word on what one sent is kept as a claim, and told to be one" {
	sync lea
	as lea produce 50 visor >/dev/null
	D=$(id_of lea deliver 50 visor --to chu)
	run_as lea receive "$D" --accepted 0
	expect 65
	[[ $stderr == *"that acknowledges nothing, and refuses nothing"* ]]
	run_as lea receive "$D"
	warned 'you sent this: your word is kept as a claim, and acknowledges nothing'
	sync lea chu
	run_as chu receive "$D"
	silent
	run_as chu receive "$D"
	expect 65
	[[ $stderr == *"nothing is open of this delivery"* ]]
	# Whom only the hub admitted acknowledges nothing that the hub sent.
	as hub supply 5 petg --from =Me >/dev/null
	D=$(id_of hub deliver 5 petg --to chu)
	sync chu
	run_as chu receive "$D"
	warned 'nobody but the sender vouches for you here: your word is kept as a claim, and acknowledges nothing'
}

@test "what was withdrawn, or was not in it, is not lost on the way" {
	sync lea
	as lea produce 50 visor >/dev/null
	D=$(id_of lea deliver 50 visor --to chu)
	run_as lea lose 1 clip --delivery "$D" --reason fell
	expect 65
	[[ $stderr == *"the delivery has no clip"* ]]
	run_as lea lose 51 visor --delivery "$D" --reason fell
	expect 65
	[[ $stderr == *"visor: only 50 are open"* ]]
	as lea correct "$D" --reason did-not-occur >/dev/null
	run_as lea lose 1 visor --delivery "$D" --reason fell
	expect 65
	[[ $stderr == *"this delivery was withdrawn by its sender"* ]]
}

@test "a period is withdrawn and closed again, never corrected" {
	P=$(id_of hub close 2020-04)
	run_as hub correct "$P" --reason incorrect-data --set period=2020-05
	expect 65
	[[ $stderr == *"withdraw it with did-not-occur, and close it again"* ]]
	as hub correct "$P" --reason did-not-occur >/dev/null
	run_as hub close 2020-04
	silent
}

@test "a correction that leaves less than nothing on a shelf is warned of" {
	short() { # TAKES ITEM HAS
		warned "this takes $1 $2 and the book has $3 on hand; the audit will show it until what is missing is recorded"
	}
	as lea supply 30 clip --from =Me >/dev/null
	P=$(id_of lea produce 10 visor --use '20 clip')
	as lea deliver 8 visor --to '~Jeanne' >/dev/null
	run_as lea correct "$P" --reason incorrect-data --set 'lines=8 visor'
	silent
	run_as lea correct "$P" --reason incorrect-data --set 'lines=7 visor'
	short 1 visor 0
	run_as lea correct "$P" --reason incorrect-data \
		--set 'lines=8 visor' --set 'use=31 clip'
	short 11 clip 10
	run_as lea correct "$P" --reason incorrect-data --set 'use=30 clip'
	silent
	# Another shelf is another stock.
	run_as lea correct "$P" --reason incorrect-data --set 'for=~Jeanne'
	expect 0
	[ "$(grep -c 'this takes' <<<"$stderr")" -eq 2 ]
	[[ $stderr == *"takes 30 clip and the book has 0 on hand"* ]]
	[[ $stderr == *"takes 8 visor and the book has 0 on hand"* ]]
	as lea correct "$P" --reason incorrect-data --set for= >/dev/null
	run_as lea correct "$P" --reason did-not-occur --key k
	short 8 visor 0
	run_as lea correct "$P" --reason did-not-occur --key k
	silent
	run_as lea correct "$P" --reason incorrect-data --set lot=A
	silent
	C=$(id_of lea count 5 visor)
	as lea lose 5 visor --reason fell >/dev/null
	run_as lea correct "$C" --reason incorrect-data --set 'counted=4 visor'
	short 1 visor 0
}

@test "a verdict on what nobody made or drew is warned of" {
	odd="nobody here declared, designed or made '%s'"
	as hub produce 5 visor/v30 >/dev/null
	run_as hub approve visor/v30
	silent
	run_as hub approve visor/v3O --withdraw breaks
	expect 65
	# shellcheck disable=SC2059
	run_as hub approve visor/v3 --withdraw breaks
	warned "${odd//%s/visor/v3}"
	run_as hub approve visor --reject breaks
	warned "${odd//%s/visor}"
	echo solid >"$BATS_TEST_TMPDIR/stl"
	as hub design visor/v3 --file "$BATS_TEST_TMPDIR/stl" >/dev/null
	run_as hub approve visor/v3
	silent
	as hub item clip >/dev/null
	run_as hub approve clip/v2
	silent
}

@test "much that is odd about one record is a few lines" {
	goods=()
	for i in $(seq 30); do
		goods+=(1 "i$i")
	done
	run_as lea deliver "${goods[@]}" --to '~Jeanne'
	expect 0
	[ "$(wc -l <<<"$stderr")" -eq 9 ]
	[[ $stderr == *"there is more to say: 22" ]]
}

@test "what was given and is handed on is supplied once" {
	as hub item petg --unit g --class material >/dev/null
	S=$(id_of hub supply '5000 petg' '20 clip' --from =Mairie --lot P1 \
		--number F-12 --value '120 EUR')
	as hub --json show "$S" | grep -q '"value":.*120'
	D=$(id_of hub deliver '3000 petg' --to lea --lot P1)
	sync lea
	as lea receive "$D" >/dev/null
	run_as lea produce 50 visor --use '2000 petg'
	silent
	sync lea
	as hub totals --json >"$BATS_TEST_TMPDIR/totals"
	grep -q '"item":"petg","unit":"g","produced":0,"rejected":0,"supplied":5000,"found":0,"consumed":2000,"moved":3000,.*"in_transit":0,"on_hand":3000,' \
		"$BATS_TEST_TMPDIR/totals"
	grep -q '"item":"clip".*"supplied":20,' "$BATS_TEST_TMPDIR/totals"
	run_as hub audit
	expect 0
	# Supplied by a member it would stand there twice.
	run_as lea supply 1000 petg --from hub
	warned "hub is a member: goods that a member delivers are acknowledged with 'receive', or they count twice"
	run_as lea supply 1000 petg --from lea
	expect 65
	run_as lea supply 1000 petg
	expect 64
	run_as lea supply 1000 petg --from Mairie
	expect 65
	[[ $stderr == *"'Mairie' is not a member, as far as is known here"* ]]
	# Withdrawn it never was.
	as hub correct "$S" --reason did-not-occur >/dev/null
	as hub stock --json | grep -q '"label":"hub",[^}]*"item":"petg",[^}]*"on_hand":-3000,'
}

@test "a delivery is corrected so many times, and no more" {
	local i id
	as lea produce 99 visor >/dev/null
	id=$(id_of lea deliver 1 visor --to =CHU)
	for i in $(seq 2 17); do
		as lea correct "$id" --reason incorrect-data \
			--set "lines=$i visor" >/dev/null
	done
	run_as lea correct "$id" --reason did-not-occur
	expect 65
	[[ $stderr == *"was corrected 16 times, and more corrections do not count"* ]]
	[[ $(as lea totals --json) == *'"delivered":17,'* ]]
	as lea audit >/dev/null
}

@test "a record is corrected so many times, and no more" {
	local i id
	command -v node >/dev/null || skip "node is not installed"
	id=$(id_of lea produce 1 visor)
	for i in $(seq 2 257); do
		as lea correct "$id" --reason incorrect-data \
			--set "lines=$i visor" >/dev/null
	done
	run_as lea correct "$id" --reason incorrect-data --set "lines=5 visor"
	expect 65
	[[ $stderr == *"was corrected 256 times, and more corrections do not count"* ]]
	run_as lea correct "$id" --reason did-not-occur
	expect 65
	[[ $(as lea totals --json) == *'"produced":257,'* ]]
	as lea export bundle "$BATS_TEST_TMPDIR/all"
	[[ $(node "$ROOT/tests/verify/verify.mjs" bundle \
		"$BATS_TEST_TMPDIR/all") == *'"produced":257,'* ]]
	as lea audit >/dev/null
}
