#!/usr/bin/env bats
# A bundle in which there is a record of every kind with every fact that its
# kind takes: two verifiers in two languages agree about it.

load helper
load story

setup() {
	command -v node >/dev/null || skip "node is not installed"
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	stop_nodes
}

# machine WHO OTHER: another machine of a member, from a backup.
machine() {
	echo horse >pass
	as "$1" backup "$2.backup" --passphrase-file pass
	as "$2" restore "$2.backup" --passphrase-file pass
	sync "$2"
}

# Who made what, with all that may be said of it.
everything_is_said() {
	local r d night key=clinic.key c
	echo file >file
	as hub item shield --name 'Face shield' --unit piece --class product \
		--grams 40 --bom '1 visor/v30' --serial S0 --doc file --key i
	as hub item night --class service --unit night
	as hub design shield/v1 --file file --licence CC-BY-4.0 \
		--link https://example.org/shield
	as hospital approve shield/v1
	as hospital approve visor/v29 --withdraw 'cracks'
	as lea approve visor/v30 --withdraw 'soft' --of "$MADE"
	r=$(id_of hub request 40 shield --place FR-88 --class other \
		--until 2031-01-01 --verified-by hospital)
	sync lea
	as lea pledge "$r" 20 --until 2030-12-01
	as lea produce 3 shield/v1 --rejected 1 --lot L1 --printer P1 \
		--grams 120 --seconds 9000 --use '3 visor/v30' \
		--source measured --serial S1,S2,S3 --when 2020-05-01
	d=$(id_of lea deliver 3 shield/v1 --to hospital --by courier --note 12 \
		--request "$r" --lot L1 --serial S1,S2,S3)
	night=$(id_of lea deliver 4 night --to town)
	as max lose 1 visor/v30 --reason trodden --lot 'A;1'
	as max count 20 visor/v30 --reason 'behind the shelf'
	as max count 19 visor/v30 --reason 'counted again'
	as max produce 2 visor/v30 --for '~Madame Privée'
	as hub supply 9 sheet --from =Mairie --value '4 EUR' --lot Z --number 77
	sync lea hospital town
	as hospital receive "$d" --accepted 2 --refused 1 --reason broken \
		--notice file
	as town receive "$night"
	as hub enrol clinic --new "$key" --place FR-88 --name 'The clinic'
	sync lea
	c=$(id_of lea deliver 2 visor/v30 --to clinic)
	as lea receive "$c" --receipt-key "$key"
	as hub enrol town --new town.key
	as hub campaign spring --goal '500 EUR' --goal '200 visor' \
		--until 2031-01-01 --name Spring --purpose 'visors for all'
	as hub donate '12 EUR' --source cash --source-ref B1 --fund petg \
		--campaign spring --donor 'Jeanne Martin' --delivery "$d" \
		--when 2020-05-02
	as hub donate '12 EUR' --in-kind '3 sheet' --when 2020-05-02
	as hub donate '3.50 EUR' --waived --km 9 --hours 2 --when 2020-05-02
	as hub spend '7 EUR' --purpose filament --payee 'Paul Durand' \
		--fund petg --category mission --when 2020-05-03
	as hub bank 2020-05 --opening '0 EUR' --closing '5 EUR'
	as hub attach "$d" file
	as hub attach "$r" file
	# Withdrawn, and brought back by a correction of that.
	as lea correct "$c" --reason did-not-occur
	as lea correct "$c" --reason incorrect-data --set 'lines=3 visor/v30'
	sync lea hospital town max courier
}

# agree WHO: of one bundle both have the same cut, entries, goods and trees.
agree() {
	local part
	rm -f all
	as "$1" export bundle all
	as "$1" audit all --json >ours || [ $? -eq 1 ]
	node "$ROOT/tests/verify/verify.mjs" bundle all >theirs || [ $? -eq 1 ]
	sed -i 's/"cut":\("[0-9a-f]*"\)/"digest":\1/' theirs
	for part in '"network":"[0-9a-f]*"' '"digest":"[0-9a-f]*"' \
		'"entries":[0-9]*' '"items":\[[^]]*\]'; do
		[ "$(grep -o "$part" ours | head -n 1)" = \
			"$(grep -o "$part" theirs | head -n 1)" ] ||
			{ grep -o "$part" ours theirs | head; return 1; }
	done
}

# Who is in the network, and what of them counts.
everybody_changes() {
	local at low honest
	as hub accept max --role association --may-admit
	machine lea lea2
	low=$(id_of lea2 produce 2 visor/v30)
	at=$(id_of lea2 produce 4 visor/v30)
	sync lea2 lea
	honest=$(id_of lea2 produce 1 visor/v30)
	sync lea2
	as lea end "$at"
	sync lea
	as hub release "$honest" --reason 'her own'
	as town rotate --identity
	sync town
	# Somebody whose machine is lost goes on under a key that waits.
	make_member nova
	as nova join "$(as hub invite)" || [ $? -eq 75 ]
	as hub rotate max --to nova
	# A machine that was copied, and which of the two counts.
	cp -a courier copy
	cp -a state/courier state/copy
	as courier produce 2 clip
	as copy produce 4 clip
	sync courier
	as copy export bundle stick
	as hub import bundle stick || [ $? -eq 1 ]
	as hub resolve "$(as hub log --disputed --json | head -n 1 |
		sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')" --cause copied-machine
	# What the other one recorded is recorded again.
	sync courier || sync courier
	sync copy || sync copy
	as hub dismiss auditor --reason 'has left'
	as hub charter amend --name Vosges --quorum 1
	as hub checkpoint
	sync hospital
	as hospital cosign
	sync hospital
	stop_node hub
	agree hub
	# Texts that no command of ours would write, in all facts that are one.
	MAILLON_STATE="$BATS_TEST_TMPDIR/state/hub" "${BUILD:-$ROOT/build}/pen" hub
	# A new feed, and a tree that follows the other.
	as hub rotate
	start_node hub --listen "$HUB" --announce "$HUB"
	sync hospital
	as hub close 2020-04
	as hub checkpoint
	sync hospital
	as hospital cosign
	sync hospital
}

# What no record here says, because no command does: kind.fact.
UNSAID='donate.note party.place resolve.proof rotate.reason'

# said LOG: kind.fact of all that the entries say, and kind of those without.
said() {
	node -e 'for (const l of require("fs").readFileSync(process.argv[1],
		"utf8").trim().split("\n")) {
		const { kind, facts } = JSON.parse(l)
		for (const f of Object.keys(facts)) console.log(kind + "." + f)
	}' "$1" | sort -u
}

# taken: the same of what PROTOCOL.md lets each kind say; the common facts once.
taken() {
	sed -n '/^## Kinds/,/^## Charter/p' "$ROOT/proto/PROTOCOL.md" |
		awk -F'[|]' '$2 ~ /^ [0-9]+ $/ {
			gsub(/[` ]/, "", $3)
			n = split($5 "," $6, fact, ",")
			for (i = 1; i <= n; i++) {
				gsub(/ /, "", fact[i])
				if (fact[i] != "" && fact[i] != "-")
					print $3 "." fact[i]
			}
		}'
	printf '%s\n' produce.for produce.when item.key item.doc \
		produce.orphan donate.note
}

@test "every kind of record with every fact: two verifiers agree, receipts included" {
	local kind id code
	everything_happened >/dev/null 2>&1
	HUB=$ADDRESS
	everything_is_said >/dev/null 2>&1
	everybody_changes >/dev/null 2>&1
	agree hub
	as hub log --json >log
	said log >said
	taken | grep -vFx -f <(tr ' ' '\n' <<<"$UNSAID") | sort -u |
		comm -23 - said >unsaid
	cat unsaid
	[ ! -s unsaid ]
	# A receipt of one record of each kind is the same to both.
	as hub trust >policy
	for kind in $(cut -d. -f1 said | uniq); do
		id=$(as hub log --json --kind "$kind" | tail -n 1 |
			sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')
		as hub receipt "$id" >receipt 2>/dev/null || continue
		echo "$kind" >>receipted
		code=0
		"$MAILLON-verify" --trust policy receipt >one || code=$?
		node "$ROOT/tests/verify/verify.mjs" receipt --trust policy \
			receipt >two || [ $? -eq "$code" ]
		grep -q "$id" one
		grep -q "$id" two
	done
	[ "$(wc -l <receipted)" -gt 20 ]
}
