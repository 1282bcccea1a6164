#!/usr/bin/env bats
# From the gift to the visor, and back.

load helper

teardown() {
	stop_nodes
}

# A gift of 50 among 200 EUR buys 4 kg; a maker gets half and makes visors.
story() {
	found_network hub
	start_node hub
	join_network lea hub maker
	join_network nurse hub recipient
	echo bill >"$BATS_TEST_TMPDIR/bill"
	as hub donate 50 EUR --fund filament --when 2020-04-01
	as hub donate 150 EUR --fund filament --when 2020-04-02
	as hub spend 100 EUR --purpose PETG --fund filament \
		--doc "$BATS_TEST_TMPDIR/bill" --when 2020-04-03
	as hub supply '4000 petg' --from '=Shop "A" \N' \
		--doc "$BATS_TEST_TMPDIR/bill" --when 2020-04-04
	D=$(id_of hub deliver '2000 petg' --to lea --when 2020-04-05)
	sync lea
	as lea receive "$D" --when 2020-04-06
	as lea produce 60 visor/v30 --use '1200 petg' --lot 'L"1\' \
		--when 2020-04-07
	E=$(id_of lea deliver 50 visor/v30 --to nurse --lot 'L"1\' \
		--when 2020-04-08)
	sync lea nurse
	as nurse receive "$E" --accepted 48 --refused 2 --reason broken \
		--when 2020-04-09
	GIFT=$(as hub --json log --kind donate | head -1 |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	ARRIVED=$(as nurse --json log --kind receive | grep nurse |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
	sync nurse lea
} >/dev/null

@test "a gift is followed to what arrived of it" {
	story
	run_as lea trace "$GIFT"
	expect 0
	[[ $output == *'spending, 2020-04-03: 25.00 of 100.00 EUR'* ]]
	[[ $output == *'receipt A, 2020-04-06: 500 of 2000 petg'* ]]
	[[ $output == *'production, 2020-04-07: 300 of 1200 petg'* ]]
	[[ $output == *'shelf of lea: visor/v30, lot L"1\: 15 of 60 visor/v30'* ]]
	[[ $output == *'receipt A, 2020-04-09: 11 of 48 visor/v30'* ]]
	[[ $output == *$'What arrived of it\n11 visor/v30, acknowledged (A)'* ]]
	[[ $output == *'shares are proportional and rounded down'* ]]
}

@test "every line of a trace, both ways" {
	story
	as hub donate 5 EUR --when 2020-04-10 >/dev/null
	as hub spend 5 EUR --purpose more --when 2020-04-11 \
		--doc "$BATS_TEST_TMPDIR/bill" >/dev/null
	F=$(id_of lea deliver 5 visor/v30 --to nurse --when 2020-04-12)
	sync lea nurse
	as nurse receive "$F" --when 2020-04-13 >/dev/null
	sync nurse lea
	as lea trace "$GIFT" | sed -n '4,/^$/p' >"$BATS_TEST_TMPDIR/forward"
	diff - "$BATS_TEST_TMPDIR/forward" <<'EOT'
What became of it
hub/4 gift, 2020-04-01
  fund filament of hub: 50.00 EUR
    hub/6 spending, 2020-04-03: 25.00 of 100.00 EUR
      document e3e9c51a: 25.00 of 100.00 EUR
        hub/8 supply, 2020-04-04
          shelf of hub: petg: 952 of 4000 petg (476 of it are there now)
            hub/9 delivery, 2020-04-05: 476 of 2000 petg
              lea/2 receipt A, 2020-04-06: 476 of 2000 petg
                shelf of lea: petg: 476 of 2000 petg (191 of it are there now)
                  lea/3 production, 2020-04-07: 285 of 1200 petg
                    shelf of lea: visor/v30, lot L"1\: 14 of 60 visor/v30
                      lea/4 delivery, 2020-04-08: 11 of 50 visor/v30
                        nurse/2 receipt A, 2020-04-09: 10 of 48 visor/v30
                        shelf of lea: visor/v30, lot L"1\: 1 of 2 visor/v30 (above)
                      shelf of lea: visor/v30: 4 of 12 visor/v30 (3 of it are there now)
                        lea/5 delivery, 2020-04-12: 1 of 5 visor/v30
                          nurse/3 receipt A, 2020-04-13: 1 of 5 visor/v30

EOT
	as lea trace "$F" | sed '/^$/,$d' >"$BATS_TEST_TMPDIR/backward"
	diff - "$BATS_TEST_TMPDIR/backward" <<'EOT'
Where it came from
lea/5 delivery, 2020-04-12
  shelf of lea: visor/v30: 5 visor/v30
    shelf of lea: visor/v30, lot L"1\: 5 of 12 visor/v30
      lea/3 production, 2020-04-07: 5 of 60 visor/v30
        shelf of lea: petg: 100 of 1200 petg
          lea/2 receipt A, 2020-04-06: 100 of 2000 petg
            hub/9 delivery, 2020-04-05: 100 of 2000 petg
              shelf of hub: petg: 100 of 2000 petg
                hub/8 supply, 2020-04-04: 100 of 4000 petg
                  document e3e9c51a
                    hub/6 spending, 2020-04-03: 2.50 of 100.00 EUR
                      fund filament of hub: 2.50 of 100.00 EUR
                        hub/4 gift, 2020-04-01: 0.63 of 50.00 EUR
                        hub/5 gift, 2020-04-02: 1.87 of 150.00 EUR
                    hub/11 spending, 2020-04-11: 0.12 of 5.00 EUR
                      money of hub: 0.12 of 5.00 EUR
                        hub/10 gift, 2020-04-10: 0.12 of 5.00 EUR
EOT
}

@test "what arrived is followed back to every gift" {
	story
	run_as hub trace "$ARRIVED" --json
	expect 0
	[[ $output == '{"schema":"maillon.trace/1","network":"'*'"arrived":[{"item":"visor/v30","grade":"A","qty":48}]'* ]]
	# 960 g are 24 EUR: 6 of the first gift, 18 of the second
	[[ $output == *'"item":null,"currency":"EUR","qty":5000,"known":5000,"backward":600,"forward":0}'* ]]
	[[ $output == *'"item":null,"currency":"EUR","qty":15000,"known":15000,"backward":1800,"forward":0}'* ]]
	# Another home with the same entries says the same.
	[ "$(as lea trace "$ARRIVED" --json)" = "$output" ]
}

@test "a graph is one that Graphviz draws, whatever names are in it" {
	story
	as hub trace "$ARRIVED" --dot >"$BATS_TEST_TMPDIR/trace.dot"
	head -1 "$BATS_TEST_TMPDIR/trace.dot" | grep -q '^digraph trace {$'
	grep -q 'lot L\\"1\\\\"' "$BATS_TEST_TMPDIR/trace.dot"
	# Every line that holds a string closes it.
	[ "$(sed 's/\\.//g' "$BATS_TEST_TMPDIR/trace.dot" | tr -cd '"\n' |
		awk 'length % 2' | wc -l)" -eq 0 ]
	command -v dot >/dev/null || skip "Graphviz is not here"
	dot -Tsvg "$BATS_TEST_TMPDIR/trace.dot" | grep -q '</svg>'
}

@test "what moves nothing is not traced, and says so" {
	found_network hub
	as hub request 5 visor --place FR-88 >/dev/null
	run_as hub trace hub/2
	expect 1
	[[ $stderr == *"nothing that counts was delivered for the request"* ]]
	ID=$(id_of hub campaign spring --goal '500 EUR')
	run_as hub trace "$ID"
	expect 1
	[[ $stderr == *"no gift that counts names the campaign"* ]]
	run_as hub trace hub/1
	expect 1
	[[ $stderr == *"moves nothing that counts"* ]]
	run_as hub trace hub/99
	expect 1
	run_as hub trace 0123456789abcdef
	expect 1
	run_as hub trace
	expect 64
	ID=$(id_of hub donate 5 EUR)
	run_as hub trace "$ID" --json --dot
	expect 64
	as hub correct "$ID" --reason did-not-occur >/dev/null
	run_as hub trace "$ID"
	expect 1
}

@test "a correction is traced as what it corrects" {
	found_network hub
	ID=$(id_of hub produce 5 visor)
	C=$(id_of hub correct "$ID" --reason incorrect-data --set 'lines=7 visor')
	as hub trace "$C" | grep -q 'shelf of hub: visor: 7 visor'
	[ "$(as hub trace "$C" | tail -n +2)" = "$(as hub trace "$ID" | tail -n +2)" ]
}

@test "where a trace ends for want of a word, it says which" {
	found_network hub
	S=$(id_of hub spend 5 EUR --purpose petg)
	P=$(id_of hub supply '100 petg' --from '=Shop')
	M=$(id_of hub produce 5 visor)
	[[ $(as hub trace "$S") == *"(no purchase carries its document)"* ]]
	[[ $(as hub trace "$P") == *"(not said who paid for it)"* ]]
	[[ $(as hub trace "$M") == *"(not said what it was made of)"* ]]
	LANGUAGE=fr LC_ALL=C.UTF-8 as hub trace "$M" | grep -q "de quoi c'est fait"
}

@test "of very many gifts the tree shows some and counts the rest" {
	found_network hub
	for i in $(seq 33); do
		as hub donate "$i EUR"
	done >/dev/null
	S=$(id_of hub spend 33 EUR --purpose petg)
	run_as hub trace "$S"
	[ "$(grep -c ' gift,' <<<"$output")" -eq 30 ]
	[[ $output == *"and 3 more; --json has all"* ]]
	[ "$(as hub trace "$S" --json | grep -o '"kind":"donate"' | wc -l)" -eq 33 ]
}

@test "gifts on delivery, requests, pledges and campaigns are traced" {
	found_network hub
	start_node hub
	join_network lea hub maker
	R=$(id_of hub request 20 visor --place FR-88)
	C=$(id_of hub campaign spring --goal '500 EUR')
	sync lea
	P=$(id_of lea pledge "$R" 10)
	as lea produce 12 visor >/dev/null
	run_as lea trace "$P"
	expect 1
	[[ $stderr == *"delivered nothing for that request yet"* ]]
	D=$(id_of lea deliver 10 visor --to '=Clinic' --request "$R")
	sync lea
	as hub donate 7 EUR >/dev/null
	G=$(id_of hub donate 30 EUR --delivery "$D" --campaign spring)
	# The gift, backward: its delivery, and what that was made of.
	run_as hub trace "$G"
	expect 0
	[[ $output == *"(the gift was for this delivery)"* ]]
	[[ $output == *"10 of 12 visor"* ]]
	# The delivery, forward: the gift.
	run_as hub trace "$D"
	expect 0
	[[ $output == *"(given for this delivery; trace it to see what"* ]]
	delivered=$(tail -n +2 <<<"$output")
	for ref in "$R" "$P"; do
		run_as hub trace "$ref"
		expect 0
		[ "$(tail -n +2 <<<"$output")" = "$delivered" ]
	done
	given=$(as hub trace "$G" | tail -n +2)
	[ "$(as hub trace "$C" | tail -n +2)" = "$given" ]
}

@test "a service is traced to who rendered it, and leaves no shelf" {
	found_network hub
	as hub item night --class service >/dev/null
	D=$(id_of hub deliver 3 night --to =Shelter --when 2020-04-01)
	as hub receive "$D" --accepted 2 --when 2020-04-02 >/dev/null
	run_as hub trace "$D"
	expect 0
	[[ $output == *'said to have arrived, 2020-04-02: 2 night'* ]]
	[[ $output != *shelf* ]]
	[ "$(grep -c '3 night' <<<"$output")" -eq 2 ]
}
