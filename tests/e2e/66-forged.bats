#!/usr/bin/env bats
# A member whose program signs what it may not (tests/tool/forge.c): valid
# chains, signatures of its own, sent to a node that is up.  Nobody gains
# standing by it, everybody prints the same bytes, and nobody else is accused.

load helper

setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
	KEY=$(as hub show hub/1 --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	AT="$HUB#$KEY"
	join_network lea hub
	join_network mallory hub
	as lea produce 5 visor >/dev/null
	sync lea mallory
	members=$(members_of hub)
}

teardown() {
	stop_nodes
}

# forge WHO KIND [FACT=VALUE]...: the id of what was signed.
forge() {
	local who=$1 seq id
	shift
	read -r seq id < <(MAILLON_STATE="$BATS_TEST_TMPDIR/state/$who" \
		timeout 60 "${BUILD:-$ROOT/build}/forge" \
		"$BATS_TEST_TMPDIR/$who" "$@") || return 1
	echo "$id"
}

# does DEED HOW: what came of mallory's deed (tests/tool/rogue.c), in $outcome.
does() {
	outcome=$(MAILLON_STATE="$BATS_TEST_TMPDIR/state/mallory" timeout 60 \
		"${BUILD:-$ROOT/build}/rogue" "$BATS_TEST_TMPDIR/mallory" \
		"$HUB" "$KEY" "$@") || return 1
	echo "$*: $outcome"
}

# Who is in the network; who waits at one node is not the others' business.
members_of() {
	as "$1" --json members | sed 's/"waiting":.*//'
}

# meet WHO...: each meets the hub, wherever it has met before.
meet() {
	local who
	for who in "$@"; do
		as "$who" up --once --timeout 20 --peer "$AT" || return 1
	done
}

# What a node has used of the processor, in hundredths of a second.
used_by() {
	sed 's/.*) //' "/proc/$(cat "$BATS_TEST_TMPDIR/$1.pid")/stat" |
		awk '{ print $12 + $13 }'
}

identity_of() {
	cat "$BATS_TEST_TMPDIR/$1/keys/identity.pub"
}

# admission_of WHO: the id of the newest admission of it.
admission_of() {
	as hub --json log --kind admit | grep "\"who\":\"$(identity_of "$1")\"" |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/' | tail -n 1
}

# admits WHO WHOM [FACT=VALUE]...: as an association that may admit, unless
# the facts say something else.
admits() {
	local who=$1 whom=$2
	shift 2
	forge "$who" admit who="$(identity_of "$whom")" label="$whom" \
		place=FR-88 role=3 may_admit=1 "$@"
}

# named: code and subject of each finding of the last audit.
named() {
	grep -o '"code":"[^"]*","severity":".","subject":"[^"]*"' <<<"$output" |
		sed 's/"code":"\([^"]*\)".*"subject":"\([^"]*\)"/\1 \2/'
}

# nobody_gained WHO...: they and the hub have the same members as before, and
# the same audit, of which nothing is left to explain.
nobody_gained() {
	local who
	for who in hub "$@"; do
		[ "$(members_of "$who")" = "$members" ]
		as "$who" --json audit >"$BATS_TEST_TMPDIR/audit.$who"
		cmp "$BATS_TEST_TMPDIR/audit.hub" "$BATS_TEST_TMPDIR/audit.$who"
		as "$who" fsck >/dev/null
	done
}

@test "who may not admit admits nobody, not even itself" {
	make_member nova
	run_as nova join "$(as hub invite)"
	expect 75
	as hub dismiss lea --reason "for now" >/dev/null
	members=$(members_of hub)
	ids=(
		$(admits mallory nova role=0 may_admit=0)
		$(admits mallory nova)
		$(admits mallory mallory)
		$(admits mallory mallory replaces="$(admission_of mallory)")
		$(admits mallory hub role=0 may_admit=0)
		$(admits mallory lea role=0 may_admit=0)
	)
	[ "${#ids[@]}" -eq 6 ]
	sync mallory
	for id in "${ids[@]}"; do
		as hub show "$id" >/dev/null
	done
	# Whom it "admitted" is nobody, and so is whom that one admits.
	as nova produce 1000 visor >/dev/null
	admits nova mallory
	run_as nova up --once --timeout 5
	expect 77
	[ "$(as hub --json log --author nova 2>/dev/null | wc -l)" = 0 ]
	sync mallory
	nobody_gained mallory
	as hub --json totals | grep -q '"produced":5,'
}

@test "delegates who admit one another in a circle stay where they are" {
	join_network first hub association FR-67
	as hub accept first --may-admit >/dev/null
	sync first
	start_node first
	join_network second first association FR-67
	as first accept second --may-admit >/dev/null
	stop_node first
	sync first lea
	meet second
	members=$(members_of hub)
	# Upwards, sideways, of oneself; the founder; whom others admitted.
	admits second first
	admits second second replaces="$(admission_of second)"
	admits second hub role=0 may_admit=0
	admits first first replaces="$(admission_of first)"
	admits first mallory
	admits first hub role=0 may_admit=0
	meet first second lea mallory first
	nobody_gained first second lea
	# With both dismissed, each other's word is what they have.
	as hub dismiss second --reason gone >/dev/null
	as hub dismiss first --reason gone >/dev/null
	members=$(members_of hub)
	admits first second
	admits second first
	admits first mallory
	for who in first second; do
		as "$who" export bundle "$BATS_TEST_TMPDIR/$who.maillon"
		for whose in hub lea; do
			as "$whose" import bundle \
				"$BATS_TEST_TMPDIR/$who.maillon" || true
		done
	done
	sync lea mallory
	for who in hub lea mallory; do
		[ "$(members_of "$who")" = "$members" ]
		run_as "$who" --json audit
		expect 1
		echo "$output" >"$BATS_TEST_TMPDIR/audit.$who"
		cmp "$BATS_TEST_TMPDIR/audit.hub" "$BATS_TEST_TMPDIR/audit.$who"
	done
	# The two, who signed on, and nobody else.
	[ "$(named | wc -l)" = 2 ]
	for who in first second; do
		named | grep -q "^KEY-01 $(identity_of "$who")\$"
	done
}

@test "no delegate dismisses a founder, its like, or who is above" {
	join_network first hub association FR-67
	as hub accept first --may-admit >/dev/null
	sync first lea
	members=$(members_of hub)
	for whom in hub lea first; do
		for by in first mallory; do
			forge "$by" dismiss who="$(identity_of "$whom")" \
				admits="$(admission_of lea)"
			forge "$by" dismiss who="$(identity_of "$whom")" \
				admits="$(admission_of first)" \
				reason=rivalry
		done
	done
	sync first mallory lea
	as hub produce 3 visor >/dev/null
	as lea produce 2 visor >/dev/null
	sync lea mallory first
	nobody_gained first mallory lea
	as hub --json totals | grep -q '"produced":10,'
}

@test "a certificate that is false makes no feed of anybody's" {
	feeds=$(as hub status --json | grep -o '"feeds":[0-9]*')
	for how in mine-elsewhere founder-by-me founder-by-noise \
		founder-by-its-own; do
		does forge-certificate "$how"
		[[ $outcome == *" fetched 1" ]] # asked for, once
		does impersonate "$how"
		[[ $outcome == "bye 3 "* ]]
	done
	[ "$(as hub status --json | grep -o '"feeds":[0-9]*')" = "$feeds" ]
	sync lea mallory
	nobody_gained lea mallory
	# The same with a true one is a second machine of hers, and counts.
	does forge-certificate mine
	sync lea
	for who in hub lea; do
		as "$who" --json totals | grep -q '"produced":10005,'
		[ "$(members_of "$who")" = "$members" ]
	done
}

# keys_of WHO: the chain of its identity keys, as WHOM has it.
keys_of() {
	as "${2:-hub}" --json members | tr '{' '\n' |
		grep "\"identity\":\"$(identity_of "$1")\"" |
		sed 's/.*"keys":\(\[[^]]*\]\).*/\1/'
}

# named_alike WHO...: they and the hub print the same audit, whatever it says.
named_alike() {
	local who
	for who in hub "$@"; do
		[ "$(members_of "$who")" = "$(members_of hub)" ]
		run_as "$who" --json audit
		[ "$status" -le 1 ]
		echo "$output" >"$BATS_TEST_TMPDIR/audit.$who"
		cmp "$BATS_TEST_TMPDIR/audit.hub" "$BATS_TEST_TMPDIR/audit.$who"
		as "$who" fsck >/dev/null
	done
}

@test "nobody else's word or signature moves a member's key" {
	join_network est hub association FR-67
	as hub accept est --may-admit >/dev/null
	make_member nova
	run_as nova join "$(as hub invite)"
	expect 75
	sync est mallory lea
	members=$(members_of hub)
	lea=$(identity_of lea) nova=$(identity_of nova)
	N=$BATS_TEST_TMPDIR/nova M=$BATS_TEST_TMPDIR/mallory
	for by in mallory est; do
		# Signed by the thief instead of lea; by the new key alone; by
		# nobody, as the word of an association that did not admit her;
		# to a key that is a member's own.
		forge "$by" rotate who="$lea" identity="$lea" \
			successor="$nova" cert="$M" proof="$N"
		forge "$by" rotate who="$lea" identity="$lea" \
			successor="$nova" proof="$N"
		forge "$by" rotate who="$lea" identity="$lea" \
			successor="$nova"
		forge "$by" rotate who="$lea" identity="$lea" \
			successor="$(identity_of mallory)" cert="$M" proof="$M"
		forge "$by" rotate who="$(identity_of hub)" \
			identity="$(identity_of hub)" successor="$nova"
		# Her own key followed by lea's, or the founder's.
		forge "$by" rotate who="$(identity_of mallory)" \
			identity="$(identity_of mallory)" successor="$lea" \
			cert="$M" proof="$M"
		forge "$by" rotate who="$(identity_of mallory)" \
			identity="$(identity_of mallory)" \
			successor="$(identity_of hub)" cert="$M" proof="$M"
	done
	for n in $(seq 13); do
		as est item "part$n" >/dev/null
		as est checkpoint >/dev/null 2>&1
	done
	sync est mallory lea
	as nova produce 1000 visor >/dev/null
	run_as nova up --once --timeout 5
	expect 77
	as lea produce 2 visor >/dev/null
	sync lea est mallory
	nobody_gained lea est mallory
	[ "$(keys_of lea)" = "[\"$lea\"]" ]
	as hub --json totals | grep -q '"produced":7,'
}

@test "an old key signs nothing for the one that followed, and no ring" {
	cp -a "$BATS_TEST_TMPDIR/lea" "$BATS_TEST_TMPDIR/old"
	make_member nova
	lea=$(identity_of lea)
	as lea rotate --identity >/dev/null 2>&1
	sync lea mallory
	keys=$(keys_of lea) new=$(keys_of lea | sed 's/.*"\([0-9a-f]*\)"\]/\1/')
	members=$(members_of hub)
	[ "$new" != "$lea" ]
	O=$BATS_TEST_TMPDIR/old N=$BATS_TEST_TMPDIR/nova
	# Of the key in force, by the one before; back to that; from a key that
	# was never hers.
	forge mallory rotate who="$lea" identity="$new" \
		successor="$(identity_of nova)" cert="$O" proof="$N"
	forge mallory rotate who="$lea" identity="$new" successor="$lea" \
		cert="$O" proof="$O"
	forge mallory rotate who="$lea" identity="$(identity_of nova)" \
		successor="$(identity_of nova)" cert="$N" proof="$N"
	sync mallory
	as lea produce 2 visor >/dev/null
	sync lea mallory
	nobody_gained lea mallory
	[ "$(keys_of lea)" = "$keys" ]
	as hub --json totals | grep -q '"produced":7,'
	# A second one of the old key, truly signed, is seen by everybody, and
	# names her whose key it is; the association says which of them it is.
	forge mallory rotate who="$lea" identity="$lea" \
		successor="$(identity_of nova)" cert="$O" proof="$N"
	sync mallory lea
	named_alike lea mallory
	named | grep -q "^KEY-06 $lea\$"
	[ -z "$(named | grep -v " $lea\$")" ]
	as hub rotate lea --to "$new"
	sync mallory lea
	named_alike lea mallory
	[ "$(named)" = "KEY-06 $lea" ]
	[ "$(keys_of lea)" = "$keys" ]
	as hub --json totals | grep -q '"produced":7,'
}

@test "a chain of keys without end ends, and is no lever" {
	cpu=$(used_by hub)
	forge mallory rotate-chain 1000 || true # it prints no id
	sync mallory lea
	[ $(($(used_by hub) - cpu)) -lt 200 ]
	named_alike lea mallory
	[ "$(keys_of mallory | grep -o '[0-9a-f]\{64\}' | wc -l)" = 33 ]
	[ -z "$(named | grep -v " $(identity_of mallory)\$")" ]
	# Who is nobody's fault goes on.
	as lea produce 2 visor >/dev/null
	sync lea
	as hub --json totals | grep -q '"produced":7,'
}

# position_of REF: feed, seq and id, as forge takes them.
position_of() {
	as hub show "$1" --json | sed \
		's/.*"feed":"\([^"]*\)","seq":\([0-9]*\),"id":"\([^"]*\)".*/\1:\2:\3/'
}

@test "who may not amend, end or release changes nothing" {
	join_network est hub association FR-67
	as hub accept est --may-admit >/dev/null
	join_network zed hub
	as zed produce 1 visor >/dev/null
	sync zed
	as hub dismiss zed --reason gone >/dev/null
	as zed produce 1000 visor >/dev/null
	as zed export bundle "$BATS_TEST_TMPDIR/zed.maillon"
	as hub import bundle "$BATS_TEST_TMPDIR/zed.maillon"
	sync est lea mallory
	members=$(members_of hub)
	charter=$(as hub --json charter)
	for by in mallory est; do
		forge "$by" charter charter=mine number=1
		# lea's feed, and the founder's, by anybody's signature but
		# theirs; and who was dismissed comes back.
		for ref in lea/1 hub/1; do
			forge "$by" end position="$(position_of "$ref")" \
				proof="$BATS_TEST_TMPDIR/$by"
		done
		forge "$by" release who="$(identity_of zed)" \
			position="$(position_of zed/3)"
		forge "$by" release who="$(identity_of zed)" \
			position="$(position_of zed/3)" reason=again
	done
	sync est mallory lea
	as lea produce 2 visor >/dev/null
	as hub produce 3 visor >/dev/null
	sync lea est mallory
	named_alike lea est mallory
	[ "$(members_of hub)" = "$members" ]
	# It is not even a proposal.
	[ "$(as hub --json charter)" = "$charter" ]
	[ "$(named)" = "KEY-01 $(identity_of zed)" ]
	as est --json totals | grep -q '"produced":11,'
}

@test "which chain of a fork counts is only its association's to say" {
	join_network est hub association FR-67
	as hub accept est --may-admit >/dev/null
	id=$(id_of mallory produce 10 visor)
	sync mallory est lea
	does fork-below 2
	sync est lea
	place=$(as est log --disputed --json | grep "$id" | sed \
		's/.*"feed":"\([^"]*\)","seq":\([0-9]*\),"id":"\([^"]*\)".*/\1:\2:\3/')
	[[ $place == *:2:$id ]]
	# She goes on under a new key, and records it again.
	sync mallory est
	named_alike est mallory
	for by in mallory est lea; do
		forge "$by" resolve position="$place" cause=0
		forge "$by" resolve position="$place" cause=0 \
			proof="$BATS_TEST_TMPDIR/$by"
	done
	sync mallory est lea mallory est
	named_alike est lea mallory
	[ "$(named)" = "LOG-10 ${place%%:*}" ]
	as lea log --disputed --json | grep -q "$id"
	as hub --json totals | grep -q '"produced":15,'
	as hub resolve "$id" --cause copied-machine >/dev/null
	sync mallory est lea
	named_alike est lea mallory
	[ -z "$(named)" ]
	never grep -q "$id" <(as lea log --disputed --json)
	as hub --json totals | grep -q '"produced":15,'
}

# acked: the shields that are acknowledged for good, by grade, at the hub.
acked() {
	as hub --json totals | sed 's/"associations".*//
		s/.*"item":"shield"[^{]*"acknowledged":\({[^}]*}\).*/\1/'
}

@test "what moved on is not delivered for good a second time, its feed ended" {
	local sent onward made again
	join_network chu hub recipient
	# mallory made 10; lea has them of it, and brings them to the hospital.
	made=$(id_of mallory produce 10 shield)
	sent=$(id_of mallory deliver 10 shield --to lea --moved)
	meet mallory lea
	as lea receive "$sent" >/dev/null
	onward=$(id_of lea deliver 10 shield --to chu)
	meet lea chu
	as chu receive "$onward" >/dev/null
	meet chu
	[ "$(acked)" = '{"A":10,"B":0,"C":0}' ]
	# Its other machine ends the feed before the delivery, which nobody has
	# attested, and its program issues it again as one for good.
	echo pass >"$BATS_TEST_TMPDIR/pass"
	as mallory backup "$BATS_TEST_TMPDIR/mallory.bak" \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	as laptop restore "$BATS_TEST_TMPDIR/mallory.bak" --second \
		--passphrase-file "$BATS_TEST_TMPDIR/pass"
	meet laptop
	as laptop end "$made" >/dev/null
	again=$(forge laptop deliver lines=shield:10 to="$(identity_of lea)" \
		final=1 orphan="$sent")
	[ -n "$again" ]
	meet laptop lea chu
	# lea's word is not of that: it received what moves on.
	[ "$(acked)" = '{"A":10,"B":0,"C":0}' ]
	for who in hub lea chu; do
		run_as "$who" --json audit
		expect 1
		echo "$output" >"$BATS_TEST_TMPDIR/audit.$who"
		cmp "$BATS_TEST_TMPDIR/audit.hub" "$BATS_TEST_TMPDIR/audit.$who"
	done
	named | grep -q '^REF-01 '
}
