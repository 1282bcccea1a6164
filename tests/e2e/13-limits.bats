#!/usr/bin/env bats
# What each kind of record takes and what it does not: every quantity and amount
# at its limit, one below and one above, units other than pieces, serial
# numbers, and what is no number, link, file or goal at all.

load helper

MAX=68719476735
CENTS=687194767.35

setup() {
	found_network hub
	cd "$BATS_TEST_TMPDIR" || return 1
	printf 'solid\n' >file
}

# refused CODE TEXT ARGUMENT...: exit CODE, nothing recorded, and TEXT is said.
refused() {
	local code=$1 text=$2 tip
	shift 2
	tip=$(as hub status --json | grep -o '"tip":{[^}]*}')
	run_as hub "$@"
	[ "$status" -eq "$code" ] && [[ $stderr == *"$text"* ]] &&
		[ -z "$output" ] &&
		[ "$tip" = "$(as hub status --json | grep -o '"tip":{[^}]*}')" ] &&
		return 0
	echo "$*: exit $status, not $code; $output$stderr"
	return 1
}

# taken ARGUMENT...: it is recorded.
taken() {
	run_as hub "$@"
	[ "$status" -eq 0 ] && return 0
	echo "$*: exit $status; $stderr"
	return 1
}

# limits LEAST MOST UNDER OVER ARGUMENT...: @ in the arguments is the number;
# the least and the most are taken, what is under and over them is not.
limits() {
	local least=$1 most=$2 under=$3 over=$4
	shift 4
	taken "${@//@/$least}" && taken "${@//@/$most}" &&
		refused 65 "" "${@//@/$under}" && refused 65 "" "${@//@/$over}"
}

@test "every quantity is taken up to its limit and not beyond" {
	R=$(id_of hub request "$MAX" visor --place FR-88)
	local over=68719476736
	while read -r least most under args; do
		read -ra words <<<"$args"
		for i in "${!words[@]}"; do
			words[i]=${words[i]//+/ }
		done
		limits "$least" "$most" "$under" "$over" "${words[@]}"
	done <<-TABLE
		1 $MAX 0 item visor/v30 --grams @
		1 $MAX 0 item visor/v30 --bom @+clip
		1 $MAX 0 produce @ visor --use none
		0 68719476734 -1 produce 1 visor --use none --rejected @
		1 $MAX 0 produce 1 visor --use none --grams @
		1 $MAX 0 produce 1 visor --use none --seconds @
		1 68719476734 0 produce 1 visor --use @+clip
		1 $MAX 0 supply @ petg --from =Mairie
		1 $MAX 0 deliver @ visor --to =Ehpad
		1 $MAX 0 lose @ visor --reason fell
		1 $MAX 0 request @ visor --place FR-88
		1 $MAX 0 pledge $R @
		1 $MAX 0 campaign spring --goal @+visor
		1 $MAX 0 donate 1+EUR --in-kind @+petg
		1 $MAX 0 donate 1+EUR --hours @
		1 $MAX 0 donate 1+EUR --km @
	TABLE
	# A stock take says what was counted and what was found: half for each.
	taken count 0 shelf
	taken count 34359738367 shelf
	refused 65 'may not add up to more' count 34359738368 other
	refused 65 'one whole number from 0' count -1 shelf
	refused 65 'one whole number from 0' count "$over" shelf
	# Together they are one quantity.
	refused 65 'may not add up to more' produce "$MAX" visor --rejected 1
	refused 65 'may not add up to more' produce 1 visor --use "$MAX clip"
	refused 65 'may not add up to more' supply "$MAX petg" "1 pla" \
		--from =Mairie
	run_as hub audit
	[[ $output != *QTY-04* ]]
}

@test "every amount is taken up to its limit and not beyond" {
	while read -r least under args; do
		read -ra words <<<"$args"
		for i in "${!words[@]}"; do
			words[i]=${words[i]//+/ }
		done
		limits "$least" "$CENTS" "$under" 687194767.36 "${words[@]}"
	done <<-TABLE
		0.01 0 donate @+EUR
		0.01 0 spend @+EUR --purpose pla
		0.01 0.00 supply 1 petg --from =Mairie --value @+EUR
		0.01 0 campaign spring --goal @+EUR
		0 -0.01 bank 2020-04 --opening @+EUR --closing 0+EUR
		0 -1 bank 2020-04 --opening 0+EUR --closing @+EUR
	TABLE
	# A currency has the decimals that it has.
	limits 1 "$MAX" 0 68719476736 donate '@ JPY'
	limits 0.001 68719476.735 0.000 68719476.736 donate '@ KWD'
	refused 65 'is not an amount' donate '0.001 EUR'
	refused 65 'is not an amount' donate '0.5 JPY'
	refused 65 "amount: '0 EUR' is zero" donate '0 EUR'
	refused 65 "amount: '-5 EUR' is below zero" donate '-5 EUR'
	refused 65 "'687194767.36 EUR' is more than $MAX minor units" \
		donate '687194767.36 EUR'
	refused 65 'may not add up to more' bank 2020-04 \
		--opening "$CENTS EUR" --closing '0.01 EUR'
}

@test "a record has 64 lines, and a text its length" {
	local each=() many=()
	for i in $(seq 64); do
		each+=(1 "i$i")
		many+=(--use "1 i$i")
	done
	taken supply "${each[@]}" --from =Mairie
	refused 65 'a record has at most 64 lines' supply "${each[@]}" 1 i65 \
		--from =Mairie
	taken produce 1 visor "${many[@]}"
	refused 65 'more than 64 times --use' produce 1 visor "${many[@]}" \
		--use '1 i65'
	# What names one item twice is one line.
	S=$(id_of hub supply 1 petg 2 petg --from =Mairie)
	as hub --json show "$S" | grep -q \
		'"lines":\[{"item":"petg","qty":3}\]'
	while read -r most args; do
		read -ra words <<<"$args"
		for i in "${!words[@]}"; do
			words[i]=${words[i]//+/ }
		done
		text=$(printf "%${most}s" '' | tr ' ' x)
		taken "${words[@]//@/$text}"
		refused 65 "" "${words[@]//@/${text}x}"
	done <<-TABLE
		16 item visor --unit @
		64 item visor --name @
		32 item @
		32 item visor/@
		32 item visor --serial @
		64 design visor --file file --licence @
		248 design visor --file file --link https://@
		128 approve visor --reject @
		128 approve visor --withdraw @
		32 produce 1 visor --lot @
		32 produce 1 visor --printer @
		32 produce 1 visor --serial @
		32 deliver 1 visor --to =Ehpad --note @
		64 deliver 1 visor --to =@
		128 lose 1 visor --reason @
		128 count 1 visor --reason @
		32 supply 1 petg --from =Mairie --number @
		32 campaign @ --goal 1+EUR
		64 spend 1+EUR --purpose @
		32 donate 1+EUR --fund @
		63 donate 1+EUR --source @
		64 donate 1+EUR --source-ref @
	TABLE
}

@test "what is counted in grams, meals or nights is told in them" {
	as hub item petg --unit g --class material >/dev/null
	as hub item meal --unit meal --class service >/dev/null
	as hub item night --unit night --class service >/dev/null
	refused 65 'unit is longer than 16 bytes' item x --unit kilogrammes-of-pla
	refused 65 '--unit' item x --unit ''
	taken supply 2500 petg --from =Mairie
	taken produce 5 visor --use '200 petg'
	taken deliver 40 meal --to =Ehpad
	taken deliver 3 night --to =Nurses
	as hub totals --json >totals
	grep -q '"item":"petg","unit":"g",.*"supplied":2500,.*"consumed":200,' totals
	grep -q '"item":"meal","unit":"meal","produced":40,' totals
	grep -q '"item":"night","unit":"night","produced":3,' totals
	as hub totals | grep -q '^night  *night  *3 '
	as hub stock | grep -q ' petg  *g  *2300 '
	# Half a gram is none, and nobody meant a thousand by 1,000.
	for qty in 0.5 1,000 1e3 '' ' ' +5 0x10; do
		refused 65 'is not a whole quantity' supply "$qty" petg \
			--from =Mairie
	done
}

@test "what is no number, link, file or goal is refused in words that say so" {
	mkdir folder
	: >empty
	for verb in 'design visor --file' 'produce 1 visor --doc' \
		"attach $(id_of hub produce 1 visor)"; do
		# shellcheck disable=SC2086
		refused 66 'folder is a folder; a file is wanted' $verb folder
		# shellcheck disable=SC2086
		refused 65 'empty is empty, and shows nothing' $verb empty
		# shellcheck disable=SC2086
		refused 66 'none cannot be read: it is not here' $verb none
	done
	for link in 'not a link' example.org 'javascript:alert(1)' https:// \
		'https://a b' '<a://b>'; do
		refused 65 "--link: '$link' is not a link" design visor \
			--file file --link "$link"
	done
	taken design visor --file file --link ipfs://bafy
	# Who gave no hour and drove nowhere gave money, or nothing.
	refused 65 "--km: '0' is not from 1 to" donate '50 EUR' --km 0
	refused 65 "--hours: '0' is not from 1 to" donate '50 EUR' --hours 0
	refused 65 "--grams: '0' is not from 1 to" produce 1 visor --grams 0
	refused 65 "--hours: '1.5' is not a whole number" donate '50 EUR' \
		--hours 1.5
	refused 65 "--class: 'doctor' is none of: carer, other" request 5 visor \
		--place FR-88 --class doctor
	refused 65 "'5 Visor/V30' is not a whole quantity and an item in small" \
		produce 5 Visor/V30
	refused 65 "'visor 5' is not a whole quantity" produce visor 5
	refused 65 "'0 visor': a quantity is a whole number from 1" \
		produce 0 visor
	refused 65 "'-5 visor': a quantity is a whole number from 1" \
		produce -5 visor
	for goal in 500 '500 eur' visor 'five visor'; do
		refused 65 "--goal: '$goal' is neither money, like 500 EUR, nor" \
			campaign spring --goal "$goal"
	done
	refused 64 'one goal in money' campaign spring --goal '5 EUR' \
		--goal '6 EUR'
	C=$(id_of hub campaign spring --goal '200 visor' --goal '5 EUR' \
		--goal '9 clip')
	as hub --json show "$C" | grep -q \
		'"goal":.*500.*"goal_lines":\[{"item":"clip","qty":9},{"item":"visor","qty":200}\]'
}

@test "a serial number is one, and made once" {
	P=$(id_of hub produce 1 ventilator --serial V-0001)
	as hub --json show "$P" | grep -q '"serial":"V-0001"'
	taken deliver 1 ventilator --to =CHU --serial V-0001
	refused 65 '--serial' produce 1 ventilator --serial ''
	run_as hub audit
	expect 0
	taken produce 1 ventilator --serial V-0001
	run_as hub audit
	expect 1
	[[ $output == *DUP-05* ]]
}
