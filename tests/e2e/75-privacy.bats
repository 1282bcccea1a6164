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
		'FR14 2004 1010 0505 0001 3M02 606'; do
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
	[[ $stderr == *'1 fields are forgotten'* ]]
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
