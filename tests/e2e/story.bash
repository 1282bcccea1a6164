# story.bash -- a network in which everything has happened once: what the tests
# of exports and of the second verifier are about.  Load it after helper.

# at TIME WHO ARGUMENT...: as WHO would have said it then.
at() {
	local time=$1
	shift
	MAILLON_NOW=$time as "$@"
}

# id_at TIME WHO ARGUMENT...: the same, and print its id only.
id_at() {
	local time=$1
	shift
	MAILLON_NOW=$time id_of "$@"
}

# everything_happened: hub (association), lea and max (makers), courier,
# hospital (recipient), town (recipient).  Receipts of grades A, C and D;
# part refused, part lost on the way, part not heard of yet; corrections,
# withdrawals and corrections of corrections; stock takes both ways; goods
# that move and goods that stay; materials used up; an outsider's stock;
# money of every sort.
everything_happened() {
	found_network hub Vittel
	start_node hub
	for who in lea:maker max:maker courier:courier hospital:recipient \
		town:recipient auditor:auditor; do
		join_network "${who%:*}" hub "${who#*:}"
	done
	hub_begins
	sync lea max
	makers_make
	sync lea max courier
	courier_carries
	sync courier hospital town
	others_receive
	sync hospital town max courier lea
	some_correct
	sync lea max courier hospital town auditor
}

hub_begins() {
	at 2020-04-01 hub item visor/v30 --unit piece >/dev/null
	at 2020-04-01 hub item petg --unit g --class material >/dev/null
	id_at 2020-04-01 hub supply "6000 petg" --from "=Mairie" \
		--value "120 EUR" >/dev/null
	PETG=$(id_at 2020-04-02 hub deliver "2400 petg" --to lea)
	GIFT=$(id_at 2020-04-02 hub donate "50 EUR" --source helloasso \
		--source-ref A17 --fund filament --donor "Jeanne Martin")
	SPENT=$(id_at 2020-04-03 hub spend "21.90 EUR" --purpose "PETG 1 kg" \
		--fund filament --category mission --payee "Paul Durand")
	at 2020-04-03 hub donate "1234.56 EUR" --source "chèque; été" --campaign printemps >/dev/null
	at 2020-04-04 hub donate "12 EUR" --in-kind "30 sheet" >/dev/null
	at 2020-04-04 hub donate "35.20 EUR" --waived --km 80 >/dev/null
	at 2020-04-04 hub donate "60 EUR" --hours 6 >/dev/null
	at 2020-04-04 hub donate "9 EUR" --km 20 >/dev/null
	at 2020-04-05 hub spend "7.05 EUR" --purpose stamps \
		--category running >/dev/null
	at 2020-04-05 hub spend "3 EUR" --purpose posters \
		--category fundraising >/dev/null
	at 2020-04-05 hub donate "20 USD" --source cash >/dev/null
}

makers_make() {
	at 2020-04-06 lea receive "$PETG" >/dev/null
	MADE=$(id_at 2020-04-06 lea produce 60 visor/v30 --rejected 2 \
		--lot A1 --use "900 petg")
	at 2020-04-07 max produce 20 visor/v30 --lot "A;1" >/dev/null
	at 2020-04-07 max produce 7 visor/v30 --for "~Madame Privée" >/dev/null
	TO_COURIER=$(id_at 2020-04-07 lea deliver "58 visor/v30" --to courier)
	FROM_MAX=$(id_at 2020-04-07 max deliver "10 visor/v30" --to hospital \
		--final)
	at 2020-04-08 max deliver "3 visor/v30" --to "=Ehpad des Lilas" \
		>/dev/null
	at 2020-04-08 max lose "1 visor/v30" --reason fell >/dev/null
	at 2020-04-08 max count "9 visor/v30" >/dev/null
	at 2020-04-08 lea count "1498 petg" >/dev/null
}

courier_carries() {
	at 2020-04-09 courier receive "$TO_COURIER" >/dev/null
	CARRIED=$(id_at 2020-04-09 courier deliver "40 visor/v30" --to hospital)
	CLAIMED=$(id_at 2020-04-09 courier deliver "9 visor/v30" --to town)
	LOST=$(id_at 2020-04-09 courier deliver "5 visor/v30" --to town)
	at 2020-04-10 courier receive "$CLAIMED" --accepted 4 >/dev/null
	at 2020-04-10 courier lose "2 visor/v30" --reason rain \
		--delivery "$LOST" >/dev/null
}

others_receive() {
	printf 'signed\n' >"$BATS_TEST_TMPDIR/paper"
	at 2020-04-11 hospital receive "$CARRIED" --accepted 30 --refused 3 \
		--reason broken >/dev/null
	at 2020-04-12 hospital receive "$CARRIED" --accepted 5 >/dev/null
	# The town has no machine with it: somebody else enters the paper.
	at 2020-04-12 hospital receive "$LOST" --accepted 2 \
		--paper "$BATS_TEST_TMPDIR/paper" >/dev/null
	WRONG=$(id_at 2020-04-12 hospital receive "$FROM_MAX")
}

some_correct() {
	local gift
	at 2020-04-13 lea correct "$MADE" --reason incorrect-data \
		--set "lines=62 visor/v30" >/dev/null
	at 2020-04-13 lea correct "$MADE" --reason incorrect-data \
		--set "lines=61 visor/v30" >/dev/null
	at 2020-04-13 hospital correct "$WRONG" --reason did-not-occur \
		>/dev/null
	at 2020-04-13 hospital receive "$FROM_MAX" --accepted 8 >/dev/null
	at 2020-04-14 hub correct "$SPENT" --reason incorrect-data \
		--set "amount=23.40 EUR" >/dev/null
	gift=$(id_at 2020-04-14 hub donate "5 EUR" --fund filament)
	at 2020-04-15 hub correct "$gift" --reason did-not-occur >/dev/null
}
