#!/usr/bin/env bats
# Each byte of a receipt counts, for the program that anybody runs, and after
# identity keys were followed by others.

load helper

setup() {
	VERIFY="$MAILLON-verify"
	found_network hub
	start_node hub
	HUB=$ADDRESS
	join_network lea hub maker
	join_network hospital hub recipient
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	stop_nodes
}

# witnessed: all is in the hub's tree, and the hospital saw it.
witnessed() {
	sync lea
	as hub checkpoint >/dev/null
	sync hospital
	as hospital cosign >/dev/null
	sync hospital lea
}

# counts RECEIPT POLICY: it is believed, and no file is that differs from it in
# a byte, or is cut short; what is wrong is said of each.
counts() {
	local dir="$1.mutants" all
	run "$VERIFY" --trust "$2" "$1"
	expect 0
	mkdir "$dir"
	"${BUILD:-$ROOT/build}/mutant" "$1" "$dir"
	all=$(ls "$dir" | wc -l)
	[ "$all" -ge $(($(wc -c <"$1") * 4)) ]
	find "$dir" -type f | xargs -n 1000 "$VERIFY" --trust "$2" \
		>accepted 2>said && false
	[ ! -s accepted ]
	[ "$(grep -c ': refused: ' said)" -eq "$all" ]
	[ "$(wc -l <said)" -eq "$all" ]
	# Nine parts may be at fault; of none is nothing said.
	sed 's/.*: refused: //' said | sort | uniq -c >"$1.parts"
	[ "$(wc -l <"$1.parts")" -ge 8 ]
	rm -rf "$dir"
}

@test "each byte of a plain receipt counts" {
	as lea produce 60 visor/v30 --lot A1 >/dev/null
	sync lea
	as hub checkpoint >/dev/null
	sync lea
	as lea receipt lea/2 >plain 2>/dev/null
	as hub trust 2>/dev/null | sed 's/^quorum .*/quorum none/' >policy
	counts plain policy
}

@test "each byte of a receipt with witnesses counts" {
	as lea produce 60 visor/v30 --lot A1 >/dev/null
	witnessed
	as lea receipt lea/2 >cosigned
	as hub trust >policy
	counts cosigned policy
}

@test "each byte of a receipt counts that opens a field, or says it is forgotten" {
	local gift
	gift=$(id_of hub donate 50 EUR --donor "Jeanne Martin")
	witnessed
	as hub receipt "$gift" >opened
	as hub trust >policy
	counts opened policy
	grep -q 'private field' opened.parts
	as hub forget "$gift"
	as hub receipt "$gift" >forgotten 2>/dev/null
	counts forgotten policy
	grep -q 'private field' forgotten.parts
}

@test "each byte counts after identity keys were followed by others" {
	as lea produce 60 visor/v30 --lot A1 >/dev/null
	witnessed
	as hub trust >before
	as lea receipt lea/2 >first
	stop_node hub
	for who in hub lea hospital; do
		as "$who" rotate --identity >/dev/null
	done
	start_node hub --listen "$HUB"
	as lea produce 5 visor/v30 >/dev/null
	witnessed
	as hub trust >after
	# What was proved before stays proved, whatever keys follow.
	run "$VERIFY" --trust after first
	expect 0
	as lea log --json --kind rotate --author lea >rotates
	[ "$(wc -l <rotates)" = 1 ]
	as lea receipt "$(sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/' rotates)" \
		>rotate
	counts rotate after
	as lea receipt "$(as lea log --json --kind produce | tail -n 1 |
		sed 's/.*"id":"\([0-9a-f]*\)","prev".*/\1/')" >second
	counts second after
}

@test "a receipt of a tree that the policy does not name is refused" {
	as lea produce 60 visor/v30 >/dev/null
	witnessed
	as lea receipt lea/2 >receipt
	found_network other
	as other trust >policy 2>/dev/null
	run "$VERIFY" --trust policy receipt
	expect 1
	[[ $output == *"not among those that are trusted"* ]]
}
