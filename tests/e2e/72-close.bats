#!/usr/bin/env bats
# Closing a period of the accounts.

load helper

setup() {
	export MAILLON_NOW=2020-05-02
	found_network hub
	as hub donate 50 EUR --when 2020-04-03 >/dev/null
	as hub spend 20 EUR --purpose filament --when 2020-04-20 >/dev/null
}

@test "a period is closed once, and what lies in it with it" {
	read -r REF ID < <(as hub close 2020-04)
	as hub --json show "$ID" | grep -q '"period":"2020-04","balances":"[0-9a-f]\{64\}","runs":\[{'
	run_as hub close 2020-04
	expect 65
	[[ $stderr == *"2020-04 is closed already, by $REF"* ]]
	export MAILLON_NOW=2021-01-01
	as hub close 2020
	run_as hub close 2020-Q2
	expect 65
	[[ $stderr == *"2020-Q2 lies in 2020, which is closed already"* ]]
	run_as hub audit
	expect 0
}

@test "under its key a period is closed once" {
	ID=$(id_of hub close 2020-04 --key april)
	as hub donate 1 EUR >/dev/null
	[ "$(id_of hub close 2020-04 --key april)" = "$ID" ]
}

@test "a period that is not over, or is none, is not closed" {
	for p in 2020-05 2020-Q2 2020; do
		run_as hub close "$p"
		expect 65
		[[ $stderr == *"$p is not over yet"* ]]
	done
	for p in 2020-13 April 20 ''; do
		run_as hub close "$p"
		expect 65
	done
	[ "$(as hub log --kind period | wc -l)" -eq 0 ]
}

@test "a closed period that was withdrawn can be closed again" {
	ID=$(id_of hub close 2020-04)
	as hub correct "$ID" --reason did-not-occur >/dev/null
	as hub close 2020-04
}

@test "what came between a closing and the next one is found for all that" {
	ID=$(id_of hub close 2020-04)
	as hub donate 5 EUR --when 2020-04-07 >/dev/null
	run_as hub audit
	expect 1
	[[ $output == *TIM-11* ]]
	# A finding names the entries that prove it, each by place and by id.
	late=$(as hub --json log --kind donate | tail -1)
	[[ $late =~ \"feed\":\"([0-9a-f]{16})[0-9a-f]*\",\"seq\":([0-9]+),\"id\":\"([0-9a-f]{64})\" ]]
	grep -qx " *${BASH_REMATCH[1]}/${BASH_REMATCH[2]} ${BASH_REMATCH[3]}" <<<"$output"
	as hub correct "$ID" --reason did-not-occur >/dev/null
	as hub close 2020-04
	run_as hub audit
	expect 1
	[[ $output == *TIM-11* ]]
	[[ $output != *FIN-07* ]]
}

@test "who records money in a closed period is told so, and it is recorded" {
	as hub close 2020-04 >/dev/null
	run_as hub donate 5 EUR --when 2020-04-30T23:59:59Z
	expect 0
	[[ $stderr == *"2020-04 is closed"* ]]
	run_as hub donate 5 EUR --when 2020-05-01
	expect 0
	[[ $stderr != *closed* ]]
	run_as hub bank 2020-04 --opening '0 EUR' --closing '30 EUR'
	expect 0
	[[ $stderr == *"2020-04 is closed"* ]]
}

@test "only an association or its treasurer closes a period" {
	start_node hub
	join_network lea hub maker >/dev/null
	join_network tess hub treasurer >/dev/null
	as tess up --once
	run_as lea close 2020-04
	expect 77
	as tess donate 1 EUR --when 2020-04-09 >/dev/null
	as tess close 2020-04
	[ "$(as tess --json log --kind period | grep -o '"seq":[0-9]*' | wc -l)" -ge 3 ]
	stop_nodes
}

@test "a treasurer who leaves is dismissed, and her gifts and what was closed stay" {
	start_node hub
	join_network tess hub treasurer >/dev/null
	sync tess
	as tess donate 7 EUR --when 2020-04-09 >/dev/null
	sync tess
	as hub close 2020-04 >/dev/null
	run_as hub accept tess --role maker
	expect 0
	[[ $stderr == *"what tess recorded of gifts"*"dismissed instead"* ]]
	run_as hub audit
	expect 1
	[[ $output == *AUT-01* && $output == *REF-01* ]]
	[[ $output != *FIN-07* ]]
	run_as hub accept tess --role treasurer
	expect 0
	[[ $stderr != *dismissed* ]]
	as hub audit
	as hub dismiss tess --reason "thank you" >/dev/null
	as hub audit
	as hub totals | grep -q ' 57.00 '
	stop_nodes
}
