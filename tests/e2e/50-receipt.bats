#!/usr/bin/env bats
# Checkpoints, cosignatures, receipts: made by real nodes, checked by our own
# programs and by a second verifier in another language.

bats_require_minimum_version 1.5.0
load helper

setup_file() {
	export VERIFY="${MAILLON}-verify"
}

teardown() {
	stop_nodes
}

# hub, lea (maker), courier, hospital and auditor; lea makes 60, the courier
# delivers 58 of them for good, the hospital acknowledges 50 and refuses 2.
story() {
	local id
	found_network hub Vittel
	start_node hub
	join_network lea hub maker
	join_network courier hub courier
	join_network hospital hub recipient
	join_network auditor hub auditor
	as hub item visor/v30 --unit piece >/dev/null
	as hub supply "6000 petg" --from "=Mairie" >/dev/null
	sync lea
	as lea produce 60 visor/v30 --rejected 2 --lot A1 >/dev/null
	id=$(id_of lea deliver "60 visor/v30" --to courier)
	sync lea courier
	as courier receive "$id" >/dev/null
	id=$(id_of courier deliver "58 visor/v30" --to hospital)
	sync courier hospital
	as hospital receive "$id" --accepted 50 --refused 2 --reason broken \
		>/dev/null
	sync hospital
}

# checkpointed: attested by the hub, cosigned by the hospital, known to all.
checkpointed() {
	as hub checkpoint
	sync hospital
	as hospital cosign
	sync hospital lea courier auditor
}

# mutate FILE OFFSET: change one byte.
mutate() {
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	printf "$(printf '\\x%02x' $((byte ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

@test "a receipt is verified anywhere, and only with an anchor" {
	story
	run_as lea receipt lea/2
	expect 75
	[[ $stderr == *"no association has attested"* ]]
	checkpointed
	cd "$BATS_TEST_TMPDIR"
	as lea receipt lea/2 >receipt
	as hub trust >policy
	run_as nobody verify receipt
	expect 1
	[[ $output == *"consistent, but nobody vouches for this key"* ]]
	run_as nobody verify --trust policy receipt
	expect 0
	[[ $output == *verified* && $output == *"witnesses  1"* ]]
	run "$VERIFY" --trust policy receipt
	expect 0
	run "$VERIFY" receipt
	expect 1
	run "$VERIFY" --trust policy receipt nowhere
	expect 66
	run "$VERIFY"
	expect 64
}

@test "a donor's receipt opens the name, which nobody else has" {
	local gift
	found_network hub
	start_node hub
	join_network hospital hub recipient
	gift=$(id_of hub donate "50 EUR" --donor "Jeanne Martin")
	as hub checkpoint
	sync hospital
	as hospital cosign
	sync hospital
	cd "$BATS_TEST_TMPDIR"
	as hub trust >policy
	as hub receipt "$gift" >mine
	as hospital receipt "$gift" >theirs
	run "$VERIFY" --trust policy mine
	expect 0
	[[ $output == *"50.00 EUR"* && $output == *"Jeanne Martin"* ]]
	run "$VERIFY" --trust policy theirs
	expect 0
	[[ $output == *"50.00 EUR"* && $output != *Jeanne* ]]
	run_as nobody verify --json --trust policy mine
	expect 0
	[[ $output == *'"opened":{"donor":"Jeanne Martin"}'* ]]
	as hub export bundle all
	never grep -q Jeanne all
}

@test "the verifier is static, and asks neither store nor network" {
	run file "$VERIFY"
	[[ $output == *static* ]] || {
		run ldd "$VERIFY"
		[[ $output == *static* || $output == *"not a dynamic"* ]]
	}
	run env -i HOME=/nowhere "$VERIFY" --trust "$ROOT/tests/vectors/receipt.policy" \
		"$ROOT/tests/vectors/receipt.tlog-proof"
	[ "$status" -eq 0 ]
	[[ $output == *Jeanne* ]]
}

@test "whatever is changed in a receipt is refused, and the part is named" {
	local at size policy="$ROOT/tests/vectors/receipt.policy"
	cd "$BATS_TEST_TMPDIR"
	size=$(wc -c <"$ROOT/tests/vectors/receipt.tlog-proof")
	# Every byte is tried by tests/proto_receipt; some of each line here.
	for at in $(seq 0 37 $((size - 1))); do
		cp "$ROOT/tests/vectors/receipt.tlog-proof" "r$at"
		mutate "r$at" "$at"
		run "$VERIFY" --trust "$policy" "r$at"
		[ "$status" -eq 1 ]
		[[ $output == *"refused: "* ]]
	done
	head -c $((size - 1)) "$ROOT/tests/vectors/receipt.tlog-proof" >short
	run "$VERIFY" --trust "$policy" short
	[ "$status" -eq 1 ]
	: >empty
	run "$VERIFY" --trust "$policy" empty
	[ "$status" -eq 1 ]
	head -c 300000 /dev/zero >zeros
	run "$VERIFY" --trust "$policy" zeros
	[ "$status" -eq 1 ]
	echo "log nonsense" >nonsense
	run "$VERIFY" --trust nonsense short
	[ "$status" -eq 65 ]
	[[ $output == *"line 1"* ]]
}

@test "a receipt of another network's key is refused" {
	local policy="$BATS_TEST_TMPDIR/policy"
	found_network hub
	as hub trust >"$policy" 2>/dev/null
	run "$VERIFY" --trust "$policy" "$ROOT/tests/vectors/receipt.tlog-proof"
	[ "$status" -eq 1 ]
	[[ $output == *"not among those that are trusted"* ]]
}

@test "a checkpoint is made when something is new, and only then" {
	local first
	found_network hub
	first=$(id_of hub checkpoint)
	run_as hub checkpoint
	expect 0
	[[ $output == *"$first" && $stderr == *"nothing new"* ]]
	as hub supply "5 sheet" --from "=Mairie" >/dev/null
	[ "$(id_of hub checkpoint)" != "$first" ]
	run_as hub audit --json
	expect 0
	[[ $output == *'"findings":[]'* ]]
	make_member alone
	run_as alone checkpoint
	expect 78
}

@test "an association's running node makes checkpoints by itself" {
	local i
	found_network hub
	MAILLON_CHECKPOINT_MS=400 start_node hub
	for i in $(seq 60); do
		run_as hub log --json --kind checkpoint
		[ -z "$output" ] || break
		sleep 0.2
	done
	[ "$(wc -l <<<"$output")" -eq 1 ]
	sleep 1.5 # nothing is new
	run_as hub log --json --kind checkpoint
	[ "$(wc -l <<<"$output")" -eq 1 ]
	as hub supply "5 sheet" --from "=Mairie" >/dev/null
	for i in $(seq 60); do
		run_as hub log --json --kind checkpoint
		[ "$(wc -l <<<"$output")" -lt 2 ] || break
		sleep 0.2
	done
	[ "$(wc -l <<<"$output")" -eq 2 ]
	stop_node hub
	run_as hub audit
	expect 0
}

@test "makers do not cosign, and nobody cosigns what is not there" {
	story
	run_as hospital cosign
	expect 1
	[[ $stderr == *"no checkpoint"* ]]
	as hub checkpoint
	sync lea hospital
	run_as lea cosign
	expect 77
	run_as hospital cosign lea
	expect 1
	run_as hospital cosign nobody
	expect 65
	as hospital cosign hub
	run_as hospital cosign hub
	expect 0
	[[ $stderr == *already* ]]
	run_as lea checkpoint
	expect 77
}

@test "entries say which checkpoint their author knew, and when it was" {
	story
	MAILLON_NOW=2020-04-14T08:00:00Z as hub checkpoint
	sync hospital
	MAILLON_NOW=2020-04-14T09:00:00Z as hospital cosign
	sync hospital
	as hub supply "5 sheet" --from "=Mairie" >/dev/null
	as hub checkpoint
	sync lea hospital
	as lea produce 5 visor/v30 >/dev/null
	run_as lea log --json --author lea
	expect 0
	[ "$(grep -c '"seen":"' <<<"$output")" -eq 1 ]
	MAILLON_NOW=2020-04-15T09:00:00Z as hospital cosign
	sync hospital lea
	run_as lea show lea/2 --times
	expect 0
	[[ $output == *"not after 2020-04-14T09:00:00"* ]]
	# What lea made last is not attested yet, but she knew the checkpoint
	# that holds the cosignature of the 14th.
	run_as lea show lea/4 --times
	expect 0
	[[ $output == *"not before 2020-04-14T09:00:00"* ]]
	# The audit measures at the newest time that a quorum said.
	# These witnesses live years before the others: a clock is wrong.
	run_as lea audit --json
	expect 1
	[[ $output == *'"as_of":"2020-04-15T09:00:00'* ]]
	[ "$(printf '%s' "$output" | grep -o '"code":"[^"]*"' | sort -u |
		tr -d '\n')" = '"code":"TIM-01""code":"TIM-02"' ]
}

@test "a second verifier in another language agrees about receipts and bundles" {
	command -v node >/dev/null || skip "node is not installed"
	local verify="$ROOT/tests/verify/verify.mjs" items
	story
	checkpointed
	cd "$BATS_TEST_TMPDIR"
	as lea receipt lea/2 >receipt
	as hub trust >policy
	node "$verify" receipt --trust policy receipt
	run node "$verify" receipt receipt
	[ "$status" -eq 1 ]
	node "$verify" receipt --trust "$ROOT/tests/vectors/receipt.policy" \
		"$ROOT/tests/vectors/receipt.tlog-proof"
	node "$verify" refused "$ROOT"/tests/vectors/{receipt.tlog-proof,receipt.policy,refused.txt} |
		grep -qx 'refused 103'
	cp receipt changed
	mutate changed 200
	run node "$verify" receipt --trust policy changed
	[ "$status" -eq 1 ]
	as hub donate "50 EUR" --donor "Jeanne Martin" >/dev/null
	as courier lose "3 visor/v30" --reason fell >/dev/null
	as courier count "1 visor/v30" >/dev/null
	as lea correct lea/2 --reason incorrect-data --set "lines=61 visor/v30" \
		>/dev/null
	sync courier lea auditor
	as auditor export bundle ours
	as auditor audit ours --json >audit.json || [ $? -eq 1 ]
	node "$verify" bundle ours >theirs.json
	items=$(grep -o '"items":.*,"associations"' audit.json | head -n 1)
	items=${items%,\"associations\"}
	grep -qF "$items" theirs.json
	grep -qF "$(grep -o '"digest":"[0-9a-f]*"' audit.json |
		sed 's/digest/cut/')" theirs.json
	mutate ours 900
	run node "$verify" bundle ours
	[ "$status" -ne 0 ]
}

@test "what is no file, and a policy too many, are refused in a line" {
	local verify
	cd "$BATS_TEST_TMPDIR"
	mkdir folder
	for verify in "$MAILLON verify" "$MAILLON-verify"; do
		: >receipt
		# shellcheck disable=SC2086
		run $verify --trust folder receipt
		[ "$status" -eq 66 ]
		[ "$output" = "maillon: folder cannot be read: it is a folder, and a file is wanted" ]
		# shellcheck disable=SC2086
		run $verify folder
		[ "$status" -eq 66 ]
		[[ $output == "maillon: folder cannot be read: it is a folder"* ]]
		# shellcheck disable=SC2086
		run $verify --trust receipt --trust=receipt receipt
		[ "$status" -eq 64 ]
		[ "${lines[0]}" = "maillon: --trust is given twice" ]
	done
}
