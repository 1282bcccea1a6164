#!/usr/bin/env bats
# A machine that goes on under a new node key.

load helper

setup() {
	found_network hub
	start_node hub
	join_network lea hub
}

teardown() {
	stop_nodes
}

feed() {
	as lea --json status | sed 's/.*"feed":"\([0-9a-f]*\)".*/\1/'
}

@test "what was recorded counts once, under both keys, and for one member" {
	as lea produce 10 visor >/dev/null
	sync lea
	as lea produce 5 visor >/dev/null # not sent yet
	OLD=$(feed)
	run_as lea rotate
	expect 0
	[ "$(feed)" != "$OLD" ]
	# What the hub was met with stays where it is.
	[ "$(as lea --json log | grep -c '"orphan"')" = 1 ]
	as lea produce 7 visor >/dev/null
	sync lea
	for who in lea hub; do
		as "$who" --json totals | grep -q '"produced":22,'
		[ "$(as "$who" --json log | grep -c '"kind":"produce"')" = 3 ]
	done
	[ "$(as hub --json audit)" = "$(as lea --json audit)" ]
	run_as hub audit
	expect 0
	[ "$(as hub --json members | grep -o '"label":"lea"' | wc -l)" = 1 ]
	as hub --json log --kind open | grep -q "\"after\":{\"feed\":\"$OLD\""
	run_as lea fsck
	expect 0
}

@test "a copy of the home from before signs with the old key no more" {
	cp -a "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/copy"
	as lea rotate >/dev/null
	NEW=$(feed)
	rm -rf "$BATS_TEST_TMPDIR/lea"
	mv "$BATS_TEST_TMPDIR/copy" "$BATS_TEST_TMPDIR/lea"
	run_as lea produce 1 visor
	expect 0
	[[ $stderr == *"old copy"* ]]
	sync lea
	run_as hub audit
	expect 0
}

@test "an old card, put back whole, that rotates before it meets anybody accuses nobody" {
	cp -a "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/card"
	cp -a "$BATS_TEST_TMPDIR/state" "$BATS_TEST_TMPDIR/card.state"
	as lea produce 10 visor >/dev/null
	sync lea
	rm -rf "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/state"
	mv "$BATS_TEST_TMPDIR/card" "$BATS_TEST_TMPDIR/lea"
	mv "$BATS_TEST_TMPDIR/card.state" "$BATS_TEST_TMPDIR/state"
	as lea produce 5 visor >/dev/null
	run_as lea rotate
	expect 0
	sync lea
	[ "$(as hub --json audit)" = "$(as lea --json audit)" ]
	as hub --json totals | grep -q '"produced":15,'
	run_as hub audit
	expect 0
}

@test "what is recorded again refers to what is: corrections of corrections, losses, documents" {
	join_network nino hub
	sync lea nino
	echo paper >"$BATS_TEST_TMPDIR/paper"
	p=$(as lea produce 10 visor)
	for n in 8 6; do
		as lea correct "${p##* }" --reason incorrect-data \
			--set "lines=$n visor" >/dev/null
	done
	d=$(as lea deliver 2 visor --to nino)
	l=$(as lea lose 1 visor --delivery "${d##* }" --reason rain)
	as lea attach "${l##* }" "$BATS_TEST_TMPDIR/paper" >/dev/null
	as lea --json totals | grep -q '"produced":6,.*"lost":1}'
	as lea rotate >/dev/null
	[ "$(as lea --json log | grep -c '"orphan"')" = 6 ]
	sync lea
	for who in lea hub; do
		as "$who" --json totals | grep -q '"produced":6,.*"lost":1}'
		run_as "$who" --json audit
		expect 0
		never grep -q '"code"' <<<"$output"
	done
}

@test "what is recorded again hours later does not say that a clock went back" {
	make_member max
	export MAILLON_NOW
	MAILLON_NOW=$(date -u -d 'now +1 day' +%Y-%m-%dT%H:%M:%SZ)
	as max join "$(as hub invite --auto)" >/dev/null
	as max produce 10 visor >/dev/null
	MAILLON_NOW=$(date -u -d 'now +2 days' +%Y-%m-%dT%H:%M:%SZ)
	as max rotate >/dev/null
	as max produce 5 visor >/dev/null
	unset MAILLON_NOW
	sync max
	as hub --json totals | grep -q '"produced":15,'
	as hub --json log --kind produce | grep -q '"orphan"'
	run_as hub --json audit
	never grep -q '"TIM-' <<<"$output"
}

@test "what was closed stays closed, and covers what it covered" {
	period=$(date -u -d "$(date -u +%Y-%m-15) -1 month" +%Y-%m)
	as hub donate 100 EUR --source-ref a:1 --when "$period-03" >/dev/null
	sync lea
	stop_node hub
	as hub donate 50 EUR --source-ref a:2 --when "$period-04" >/dev/null
	as hub close "$period" >/dev/null
	as hub rotate >/dev/null
	[ "$(as hub --json log | grep -c '"orphan"')" = 2 ]
	run_as hub --json audit
	expect 0
	never grep -q '"code"' <<<"$output"
	# As it was: what comes later is late, and nothing else.
	as hub donate 7 EUR --source-ref a:3 --when "$period-05" >/dev/null 2>&1
	run_as hub --json audit
	[ "$(grep -o '"code":"[^"]*"' <<<"$output")" = '"code":"TIM-11"' ]
	grep -q '"text":"A record of hub\|"text":"1 records' <<<"$output"
	# And again, while the last one is not met either.
	as hub rotate >/dev/null
	run_as hub --json audit
	[ "$(grep -o '"code":"[^"]*"' <<<"$output")" = '"code":"TIM-11"' ]
	grep -q '"text":"A record of hub\|"text":"1 records' <<<"$output"
}

@test "not while the node is up, nor before one is admitted" {
	run_as hub rotate
	expect 75
	make_member zoe
	run_as zoe rotate
	expect 78
	link=$(as hub invite)
	run_as zoe join "$link"
	expect 75
	run_as zoe rotate
	expect 75
}

@test "a sealed identity signs the new key with its passphrase only" {
	echo horse >"$BATS_TEST_TMPDIR/pass"
	echo donkey >"$BATS_TEST_TMPDIR/wrong"
	as max init --label max --place FR-88 \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	as max join "$(as hub invite --auto)" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	run_as max rotate
	expect 77
	run_as max rotate --passphrase-file "$BATS_TEST_TMPDIR/wrong"
	expect 77
	as max produce 1 visor >/dev/null
	run_as max rotate --passphrase-file "$BATS_TEST_TMPDIR/pass"
	expect 0
	as max produce 1 visor >/dev/null
	sync max
	as hub --json totals | grep -q '"produced":2,'
}

@test "who makes a member is told what is public for ever" {
	run_as ida init --label ida --place FR-88
	[[ $stderr == *"'ida'"*"for ever"*pseudonym* ]]
	run_as org join "$(as hub invite --auto)" --label org --name "Makers Est" \
		--place FR-67
	expect 0
	[[ $stderr == *"'Makers Est'"*"for ever"*pseudonym* ]]
}
