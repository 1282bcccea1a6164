#!/usr/bin/env bats
# One log that told two witnesses two stories: what each of them, and an auditor
# who meets both, finds; and how it ends.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	found_network hub
	start_node hub
	for who in one:recipient two:auditor aud:auditor; do
		join_network "${who%:*}" hub "${who#*:}"
	done
	sync one two aud
	stop_node hub
	as hub produce 2 visor
	as hub checkpoint
	give hub one two aud
	as one cosign
	as two cosign
	cp -a hub twin
	cp -a state/hub state/twin
	as hub produce 5 visor
	as hub checkpoint
	as twin produce 9 visor
	as twin checkpoint
	give hub one
	as one cosign
	give twin two
	as two cosign
} >/dev/null

teardown() {
	stop_nodes
}

# give FROM TO...: all that FROM has, in a file.
give() {
	local from=$1 who
	shift
	as "$from" export bundle "from-$from"
	for who in "$@"; do
		# 1: some of it was another story than the one held here.
		as "$who" import bundle "from-$from" || [ $? -eq 1 ]
	done
}

# cosigned WHO: how many states of the hub's first tree it has cosigned.
cosigned() {
	as "$1" --json log --kind cosign --author "$1" | grep -c "$TREE"
}

feed_of() {
	as "$1" --json status | sed 's/.*"feed":"\([0-9a-f]*\)".*/\1/'
}

@test "no witness cosigns the other story, and who meets both has the proof" {
	TREE=$(as hub --json log --kind open | grep '"label":"hub"' |
		head -n 1 | sed 's/^{"feed":"\([0-9a-f]*\).*/\1/')
	[ "$(cosigned one) $(cosigned two)" = "2 2" ]
	# Neither tree has a fault in itself.
	for who in one two; do
		as "$who" audit
	done
	give two one aud
	run_as one cosign
	[[ $stderr == *"not cosigned: the checkpoint of hub"* ]]
	[ "$(cosigned one)" = 2 ]
	give one aud
	run_as aud audit
	expect 1
	[[ $output == *"E LOG-10"* ]]
	# Neither story is held beyond the fork; what two witnesses signed of
	# them is evidence all the same.
	[[ $output == *"E LOG-11"*"somebody was shown"* ]]
	as aud --json audit >ours || [ $? -eq 1 ]
	[[ $(grep -o '"code":"LOG-11".*' ours) == *"$(feed_of one)"* ]]
	[[ $(grep -o '"code":"LOG-11".*' ours) == *"$(feed_of two)"* ]]
	as aud export bundle all
	node "$ROOT/tests/verify/verify.mjs" bundle all >theirs || [ $? -eq 1 ]
	grep -q '"code":"LOG-11","subject":"'"$TREE"'"' theirs
	[ "$(grep -o '"digest":"[0-9a-f]*"' ours)" = \
		"$(grep -o '"cut":"[0-9a-f]*"' theirs | sed 's/cut/digest/')" ]
	# It was an accident: the founder says which story counts.
	give aud hub
	id=$(as hub log --disputed --json | grep '"qty":9' |
		grep -o '"id":"[0-9a-f]*"' | cut -d'"' -f4)
	as hub resolve "$id" --cause copied-machine
	# Of the other story the hub has no more than the proof.
	run_as hub show "$id"
	[[ $output == *"does not count as yet"*"not held here"* ]]
	[[ $(as hub --json show "$id") == *'"why":"awaited","counts_to":8'* ]]
	give hub two
	give two hub aud
	run_as hub show "$id"
	[[ $output != *"does not count"* ]]
	for who in hub two aud; do
		as "$who" --json totals | grep -q '"produced":16,'
		as "$who" audit
	done
	# The old tree is at an end; the one that follows is cosigned.
	as hub checkpoint
	give hub one two
	for who in one two; do
		as "$who" cosign || [ $? -eq 1 ]
		[ "$(cosigned "$who")" = 2 ]
		[ "$(as "$who" --json log --kind cosign --author "$who" |
			wc -l)" = 3 ]
	done
}
