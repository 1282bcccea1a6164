#!/usr/bin/env bats
# Two associations in one network: each has the figures of those who book to
# it, running and recomputed alike.

load helper

teardown() {
	stop_nodes
}

associations() {
	sed 's/.*"associations":\(\[.*\]\),"funds".*/\1/'
}

@test "each association has its own figures, in totals as in the audit" {
	found_network hub
	start_node hub
	join_network second hub association FR-67
	join_network lea hub
	as lea produce 60 visor/v30 >/dev/null
	as second produce 7 visor/v30 >/dev/null
	sync lea second
	totals=$(as hub --json totals | associations)
	[ "$totals" = "$(as hub --json audit | associations)" ]
	[ "$(grep -o '"produced":[0-9]*' <<<"$totals" | sort | xargs)" = \
		"produced:60 produced:7" ]
}
