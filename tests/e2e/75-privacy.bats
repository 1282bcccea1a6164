#!/usr/bin/env bats
# What must not be public: refused before it is signed, and forgotten when asked.

load helper

setup() {
	found_network hub
}

teardown() {
	stop_nodes
}

entries() {
	as hub --json log | wc -l
}

@test "what looks like a person's is refused in public facts, one line, nothing signed" {
	before=$(entries)
	for text in 'call 06 12 34 56 78' 'write to jean@exemple.fr' \
		'FR14 2004 1010 0505 0001 3M02 606' \
		'call ０６ １２ ３４ ５６ ７８' 'jean(at)exemple.fr' \
		'jean @ exemple.fr'; do
		run_as hub spend 5 EUR --purpose "$text"
		expect 65
		[ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ]
		[[ $stderr == *--public* ]]
		[[ $stderr == *purpose* ]]
	done
	run_as hub supply 5 petg --from '=jean@exemple.fr'
	expect 65
	run_as hub donate 5 EUR --source-ref jean@exemple.fr
	expect 65
	[ "$(entries)" -eq "$before" ]
	as hub spend 5 EUR --purpose 'call 06 12 34 56 78' --public
	as hub supply 5 petg --from '~jean@exemple.fr'
	as hub produce 1 visor --lot 0612345678
	S=$(id_of hub spend 6 EUR --purpose paper)
	run_as hub correct "$S" --reason incorrect-data \
		--set 'purpose=jean@exemple.fr'
	expect 65
}

@test "a row of a table that holds it is rejected, the rest recorded" {
	cd "$BATS_TEST_TMPDIR"
	cat >m.map <<-EOF
		[record]
		kind = spend
		[columns]
		amount = what
		purpose = why
		when = day
	EOF
	printf '%s\n' 'what,why,day' '5 EUR,paper,2020-04-01' \
		'6 EUR,jean@exemple.fr,2020-04-02' >t.csv
	run_as hub import csv --map m.map t.csv
	expect 0
	[[ $stderr == *'1 recorded'*'1 unusable'* ]]
	grep -q 'e-mail' t.csv.rejects.csv
	run_as hub import csv --public --map m.map t.csv
	expect 0
	[[ $stderr == *'1 recorded'* ]]
}

@test "what is forgotten is gone, and everything still verifies" {
	G=$(id_of hub donate 50 EUR --donor 'Odile Exemple')
	N=$(id_of hub donate 5 EUR)
	as hub checkpoint >/dev/null
	as hub receipt "$G" >"$BATS_TEST_TMPDIR/before"
	run_as hub verify --json "$BATS_TEST_TMPDIR/before"
	[[ $output == *'Odile Exemple'* ]]
	audit=$(as hub --json audit)
	run_as hub forget "$G"
	expect 0
	[[ $stderr == *'1 field is forgotten'* ]]
	run_as hub forget "$G"
	expect 0
	[[ $stderr == *before* ]]
	[ "$(as hub --json audit)" = "$audit" ]
	run_as hub fsck
	expect 0
	run_as hub receipt "$G"
	expect 0
	[[ $stderr == *forgotten* ]]
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' "$output" >after
	as hub trust 2>/dev/null | sed 's/^quorum .*/quorum none/' >policy
	run_as hub verify --json after
	[[ $output != *Odile* && $output == *'"opened":{},"forgotten":["donor"]'* ]]
	run_as hub verify --trust policy after
	expect 0
	[[ $output == *"forgotten  donor"* ]]
	run "$(dirname "$MAILLON")/maillon-verify" --trust policy after
	expect 0
	[[ $output == *"forgotten  donor"* ]]
	LANGUAGE=fr LC_ALL=C.UTF-8 run_as hub verify --trust policy after
	expect 0
	[[ $output == *"oublié"*donor* ]]
	if command -v node >/dev/null; then
		run node "$ROOT/tests/verify/verify.mjs" receipt --trust policy \
			after
		expect 0
		[[ $output == *"(donor forgotten)"* ]]
	fi
	run_as hub forget "$N"
	expect 1
	run_as hub forget 0123456789abcdef
	expect 1
	LANGUAGE=fr LC_ALL=C.UTF-8 run_as hub forget "$G"
	[[ $stderr == *'déjà oublié'* ]]
}

# nowhere TEXT FOLDER...: no file has it, in any spelling that we use.
nowhere() {
	local text=$1
	shift
	never grep -rla -e "$text" -e "$(printf %s "$text" | od -An -v -tx1 |
		tr -d ' \n')" "$@"
}

@test "what is private stands in no file, no bundle, no export and no other home" {
	local secret="Odile Exemple" place="12 rue des Lilas" t=$BATS_TEST_TMPDIR
	local payee="Paul Durand" who="Madame Privée" form
	start_node hub
	join_network lea hub
	mkdir "$t/out"
	cd "$t/out"
	G=$(id_of hub donate 50 EUR --donor "$secret, $place")
	S=$(id_of hub spend 5 EUR --purpose paper --payee "$payee")
	printf 'what;who;why;day\n7 EUR;%s;thanks to %s;2020-04-01\n' \
		"$secret" "$payee" >table.csv
	printf '[record]\nkind = donate\n[columns]\namount = what\ndonor = who\nnote = why\nwhen = day\n' >table.map
	as hub import csv --map table.map table.csv
	rm table.csv
	as hub produce 5 visor >/dev/null
	as hub deliver 3 visor --to "~$who" >/dev/null
	sync lea
	as hub checkpoint >/dev/null
	for form in bundle jsonl hledger csv epcis; do
		as hub export $form all.$form
	done
	as hub export fec . --period 2020
	as hub export paheko all.paheko
	as hub export tiles tiles
	for form in text json csv html; do
		for r in auditor treasurer donor public; do
			as hub report $r --format $form >$r.$form || [ $? -eq 1 ]
		done
	done
	as lea log >log.text
	as hub log --json >log.json
	for text in "$secret" "$place" "$payee" "$who"; do
		nowhere "$text" "$t/out" "$t/hub" "$t/lea" "$t/state" "$t"/*.log
	done
	# The home itself knows, and shows it to its own.
	as hub report coordinator | grep -q "$who"
	as hub receipt "$G" >"$t/receipt"
	as hub verify --json "$t/receipt" | grep -q "$secret"
	never as lea receipt "$G" >theirs
	nowhere "$secret" "$t/out" "$t/lea"
}

@test "what is private goes to no node that replicates, and into no node's log" {
	local t=$BATS_TEST_TMPDIR form who text
	start_node hub
	join_network lea hub
	join_network bob hub
	# Two run while it is recorded; bob has it of lea alone.
	start_node lea
	as hub donate 50 EUR --donor 'Odile Exemple' --source-ref 'list:7'
	S=$(id_of hub spend 5 EUR --purpose paper --payee 'Paul Durand')
	as hub deliver 3 visor --to '~Madame Privée'
	as hub supply 5 petg --from '~Monsieur Privé'
	as hub correct "$S" --reason incorrect-data --set 'payee=Jean Petit'
	as hub checkpoint
	as hub forget '~Monsieur Privé'
	for _ in $(seq 100); do
		[ "$(as lea log --json | wc -l)" = "$(as hub log --json |
			wc -l)" ] && break
		sleep 0.1
	done
	stop_node hub
	as bob up --once --timeout 20 --peer "$ADDRESS#$(as lea show lea/1 \
		--json | sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')"
	mkdir "$t/out"
	for who in lea bob; do
		for form in bundle jsonl csv hledger; do
			as $who export $form "$t/out/$who.$form"
		done
		as $who log >"$t/out/$who.text"
	done
	stop_nodes
	# What is public is there, so these are the places to look.
	for text in "$t/lea" "$t/bob" "$t/out/lea.bundle" "$t/out/bob.bundle"; do
		grep -rqa 'list:7' "$text"
	done
	[ -s "$t/hub.log" ] && [ -s "$t/lea.log" ]
	for text in 'Odile Exemple' 'Paul Durand' 'Madame Privée' \
		'Monsieur Privé' 'Jean Petit'; do
		nowhere "$text" "$t/out" "$t/lea" "$t/bob" "$t/state" \
			"$t"/*.log "$t"/*.out
	done
}

@test "a private field is corrected in words, and forgotten with all it was" {
	G=$(id_of hub donate 50 EUR --donor 'Odlie Exemple')
	run_as hub correct "$G" --reason incorrect-data \
		--set 'donor=Odlie Exemple'
	expect 65
	[[ $stderr == *'changes nothing'* ]]
	C=$(id_of hub correct "$G" --reason incorrect-data --key c1 \
		--set 'donor=Odile Exemple')
	run_as hub correct "$G" --reason incorrect-data --key c1 \
		--set 'donor=Odile Exemple'
	expect 0
	[[ $output == *"$C"* ]]
	run_as hub correct "$G" --reason incorrect-data \
		--set "donor=$(printf 'x%.0s' {1..2000})"
	expect 65
	[[ $stderr == *"--donor"* ]]
	as hub --json log >"$BATS_TEST_TMPDIR/log"
	never grep -q 'Exemple' "$BATS_TEST_TMPDIR/log"
	as hub checkpoint >/dev/null
	as hub receipt "$C" >"$BATS_TEST_TMPDIR/receipt"
	run_as hub forget "$G"
	expect 0
	[[ $stderr == *'2 fields are forgotten'* ]]
}

@test "what is forgotten has no key, and what is not is still known" {
	G=$(id_of hub donate 50 EUR --donor 'Odile Exemple')
	S=$(id_of hub spend 5 EUR --purpose paper --payee 'Paul Durand')
	as hub produce 5 visor >/dev/null
	as hub deliver 1 visor --to '~Madame Privée' >/dev/null
	as hub deliver 1 visor --to '~Monsieur Privé' >/dev/null
	as hub checkpoint >/dev/null
	cp "$BATS_TEST_TMPDIR/hub/ledger/private.key" "$BATS_TEST_TMPDIR/key"
	start_node hub
	as hub forget "$G"
	run od -An -v -tx1 -w1 "$BATS_TEST_TMPDIR/key"
	old=$(tr -d ' \n' <<<"$output")
	for file in data.mdb private.key; do
		never grep -q "${old:16:64}" <<<"$(od -An -v -tx1 -w1 \
			"$BATS_TEST_TMPDIR/hub/ledger/$file" | tr -d ' \n')"
	done
	as hub forget '~Madame Privée'
	run_as hub forget '~Madame Privée'
	expect 0
	[[ $stderr == *before* ]]
	run_as hub forget '~Nobody'
	expect 1
	run as hub report coordinator
	[[ $output != *Madame* && $output == *'~Monsieur Privé'* ]]
	as hub receipt "$S" >"$BATS_TEST_TMPDIR/receipt"
	as hub verify --json "$BATS_TEST_TMPDIR/receipt" | grep -q 'Paul Durand'
	stop_node hub KILL
	as hub forget "$S"
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/hub/ledger/private.key")" = 600 ]
	as hub fsck
	# The name comes back when it is written again, and only then.
	as hub deliver 1 visor --to '~Madame Privée' >/dev/null
	as hub report coordinator | grep -q 'Madame Privée'
}

@test "to forget works beside a running node, and survives its end" {
	G=$(id_of hub donate 50 EUR --donor 'Odile Exemple')
	start_node hub
	as hub forget "$G"
	stop_node hub KILL
	run_as hub forget "$G"
	expect 0
	[[ $stderr == *before* ]]
}

@test "no member and no network is named by a person's data, but on purpose" {
	for name in jean@exemple.fr 'Jean 06 12 34 56 78' \
		'FR14 2004 1010 0505 0001 3M02 606'; do
		run_as lea init --label lea --place FR --name "$name"
		expect 65
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
		[[ $stderr == *--name*--public* ]]
	done
	run_as lea init --label 06.12.34.56.78 --place FR
	expect 65
	[[ $stderr == *--label*--public* ]]
	[ ! -e "$BATS_TEST_TMPDIR/lea/keys" ]
	run_as lea init --label lea --place FR --name "Fablab 3D, FR-88"
	expect 0
	[[ $stderr == *pseudonym* ]]
	run_as lea found jean@exemple.fr
	expect 65
	as lea found fablab@exemple.fr --public
	run_as lea charter amend --name 'Jean 06 12 34 56 78'
	expect 65
	start_node hub
	link=$(as hub invite)
	run_as bob join "$link" --label bob --place FR --name jean@exemple.fr
	expect 65
	[[ $stderr == *--name*--public* ]]
	run_as bob join "$link" --label bob --place FR \
		--name asso@exemple.fr --public
	expect 75
	# Who admits is the last who can keep it from everybody.
	run_as hub accept bob
	expect 65
	[[ $stderr == *"the name holds"*--public* ]]
	[ "$(as hub --json log --kind admit | wc -l)" = 0 ]
	run_as hub accept bob --public
	expect 0
	[[ $stderr == *"'bob' and the name 'asso@exemple.fr' are public"* ]]
	# A role is nothing new to be said of it.
	run_as hub accept bob --role courier
	expect 0
	[ -z "$stderr" ]
	code=$(as hub backup --code 2>/dev/null)
	run_as new restore --code --label hub --place FR \
		--name jean@exemple.fr <<<"$code"
	expect 65
}
