#!/usr/bin/env bats
# Joining: links that work, links that do not, and who waits for a person.

load helper

setup() {
	found_network hub
	start_node hub
	HUB=$ADDRESS
}

teardown() {
	stop_nodes
}

fingerprint_of() {
	as hub --json members |
		grep -o "\"label\":\"$1\"[^}]*" |
		sed 's/.*"fingerprint":"\([^"]*\)".*/\1/'
}

eventually() {
	for _ in $(seq 100); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	printf 'never: %s\n' "$*"
	return 1
}

# other_secret LINK: the same link with one bit of its secret changed.  The
# secret stands 71 bytes into it: 1 + 1 + 34 + 34 and the two of its own header.
other_secret() {
	local b64=${1#maillon:2:} pad
	pad=$((4 - ${#b64} % 4))
	[ "$pad" -eq 4 ] || b64+=$(printf '=%.0s' $(seq "$pad"))
	tr '_-' '/+' <<<"$b64" | base64 -d >"$BATS_TEST_TMPDIR/link"
	printf '%s' "${2:-x}" | dd of="$BATS_TEST_TMPDIR/link" bs=1 \
		seek="${3:-75}" conv=notrunc status=none
	# Without the check, which would not fit any more.
	printf 'maillon:1:%s' "$(head -c -3 <"$BATS_TEST_TMPDIR/link" |
		base64 -w0 | tr '/+' '_-' | tr -d =)"
}

@test "a link with --auto admits at once, keys and all" {
	link=$(as hub invite --auto)
	[[ $link =~ ^maillon:2:[A-Za-z0-9_-]+$ ]]
	run_as lea join "$link"
	expect 64
	[[ $stderr == *"--label"* ]]
	run_as lea join "$link" --label lea
	expect 64
	[ ! -e "$BATS_TEST_TMPDIR/lea/keys/node.key" ]
	run_as lea join "$link" --label lea --place fr-88 --name "Léa, fablab"
	expect 0
	[ "$output" = "admitted $(fingerprint_of lea)" ]
	[[ $stderr == *"for ever"*pseudonym* ]]
	as lea members | grep -Eq '^lea +maker +FR-88 .*Léa, fablab'
	as lea audit >/dev/null
	run_as lea join "$link"
	expect 0
	[ "$output" = "admitted $(fingerprint_of lea)" ]
}

@test "who waits may record, is accepted by label, and its records count" {
	link=$(as hub invite --role courier)
	run_as lea join "$link" --label lea --place FR-88
	expect 75
	[[ $output == "waiting $(fingerprint_of lea)" ]]
	[[ $stderr == *"compare the fingerprint"* ]]
	id=$(id_of lea produce 5 visor)
	run_as lea join "$link"
	expect 75
	never as hub show "$id"
	[ -z "$(as hub totals | grep visor)" ]
	as hub members | grep -Eq '^lea +courier .* waiting'
	as lea members | never grep -q lea
	run_as hub accept lea
	expect 0
	[[ $output =~ ^hub/2\ [0-9a-f]{64}$ ]]
	# What it had sent came in with the word.
	as hub show "$id" >/dev/null
	as hub totals | grep -Eq 'visor +piece +5'
	as hub members | never grep -q waiting
	id=$(id_of lea produce 6 visor)
	run_as lea join "$link"
	expect 0
	[[ $output == admitted* ]]
	as lea up --once
	as hub show "$id" >/dev/null
	as lea members | grep -Eq '^lea +courier'
	[ "$(as hub --json audit)" = "$(as lea --json audit)" ]
}

@test "who waits is accepted by fingerprint or key, in another role" {
	as lea join "$(as hub invite)" --label lea --place FR-88 || true
	as leo join "$(as hub invite)" --label leo --place FR-88 || true
	key=$(as hub --json members | grep -o '"label":"leo"[^}]*' |
		sed 's/.*"identity":"\([0-9a-f]*\)".*/\1/')
	print=$(fingerprint_of lea | tr -d - | tr '[:upper:]' '[:lower:]')
	run_as hub accept "$print" --role treasurer --may-admit
	expect 0
	run_as hub accept "${key:0:8}"
	expect 0
	as hub members | grep -Eq '^lea +treasurer .* may admit'
	as hub members | grep -Eq '^leo +maker'
	run_as hub accept nobody
	expect 65
	run_as hub accept lea --role king
	expect 65
}

@test "without a running node accept works too" {
	as lea join "$(as hub invite)" --label lea --place FR-88 || true
	stop_node hub
	run_as hub accept lea
	expect 0
	as hub members | grep -Eq '^lea +maker'
}

@test "a role can be changed, and only by who is above" {
	join_network lea hub
	run_as hub accept lea --role maker
	expect 73
	run_as hub accept lea --role association --may-admit
	expect 0
	as hub members | grep -Eq '^lea +association .* may admit'
	sync lea
	run_as lea accept hub --role maker
	expect 77
	run_as hub accept lea --role maker
	expect 0
	sync lea
	run_as lea invite --address tcp://127.0.0.1:1
	expect 77
}

@test "a link is good once, or as often as it says" {
	link=$(as hub invite --auto)
	as lea join "$link" --label lea --place FR >/dev/null
	run_as leo join "$link" --label leo --place FR
	expect 77
	[[ $stderr == *"has been used already"* ]]
	[ -z "$output" ]
	link=$(as hub invite --auto --uses 2)
	run_as leo join "$link" --label leo --place FR
	expect 0
	run_as lou join "$link" --label lou --place FR
	expect 0
	run_as luc join "$link" --label luc --place FR
	expect 77
}

@test "a use is remembered over a restart, and so is who waits" {
	auto=$(as hub invite --auto)
	link=$(as hub invite)
	as lea join "$auto" --label lea --place FR >/dev/null
	as leo join "$link" --label leo --place FR || true
	port=${HUB##*:}
	stop_node hub KILL
	start_node hub --listen "tcp://127.0.0.1:$port"
	run_as luc join "$auto" --label luc --place FR
	expect 77
	[[ $stderr == *"has been used already"* ]]
	run_as leo join "$link"
	expect 75
}

@test "a link expires, by either clock" {
	link=$(as hub invite --auto --days 1)
	MAILLON_NOW=2100-01-01T00:00:00Z run_as lea join "$link" --label lea \
		--place FR
	expect 77
	[[ $stderr == *"has expired"* ]]
	stop_node hub
	MAILLON_NOW=2020-04-01T00:00:00Z start_node hub
	link=$(MAILLON_NOW=2020-04-01T00:00:00Z as hub invite --auto)
	run_as lea join "$link"
	expect 77
	port=${ADDRESS##*:}
	stop_node hub
	MAILLON_NOW=2020-04-09T00:00:00Z start_node hub \
		--listen "tcp://127.0.0.1:$port"
	# The joiner's clock stands at the day of the invite, the hub's has
	# gone on.
	MAILLON_NOW=2020-04-01T00:00:00Z run_as lea join "$link"
	expect 77
	[[ $stderr == *"has expired"* ]]
	as hub members | never grep -q lea
}

@test "a forged link, or another network's, is told apart from a used one" {
	link=$(as hub invite --auto)
	run_as lea join "$(other_secret "$link")" --label lea --place FR
	expect 65
	[[ $stderr == *"does not know this invite"* ]]
	# Another network's id, and the key of this one's node.
	run_as leo join "$(other_secret "$link" x 10)" --label leo --place FR
	expect 65
	[[ $stderr == *"another network"* ]]
	for bad in '' maillon: maillon:1: maillon:1:AAAA maillon:2:AAAA \
		"${link%?????}" "$link=" "http://$link" "$link$link"; do
		run_as lou join "$bad" --label lou --place FR
		expect 65
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
	done
	[ ! -e "$BATS_TEST_TMPDIR/lou/keys/node.key" ]
	# One letter wrong, wherever it stands, is told as that, at once.
	for at in 12 40 90 150; do
		other=A
		[ "${link:at:1}" != A ] || other=B
		run_as lou join "${link:0:at}$other${link:at+1}" --label lou \
			--place FR
		expect 65
		[[ $stderr == *"letter of this link is wrong or missing"* ]]
	done
	# Nothing was spoiled by trying: the true link still works.
	run_as lea join "$link"
	expect 0
	as hub audit >/dev/null
}

@test "a link that leads nowhere binds nobody to its network" {
	link=$(as hub invite --auto)
	stop_node hub
	run_as lea join "$link" --label lea --place FR-88
	expect 69
	[[ $stderr == *"nobody answers at tcp://127.0.0.1:"* ]]
	found_network asso
	start_node asso
	other=$(as asso invite --auto)
	run_as lea join "$other"
	expect 0
	as lea trust | grep -q "^# founder asso "
	run_as lea join "$link"
	expect 65
	[[ $stderr == *"is in another network"* ]]
}

@test "two of one label are told apart by a suffix" {
	link=$(as hub invite --auto --uses 3)
	as lea join "$link" --label lea --place FR >/dev/null
	as lea2 join "$link" --label Lea --place FR >/dev/null
	as lea3 join "$link" --label lea --place FR >/dev/null
	as hub members | grep -q '^Lea-2 '
	as hub members | grep -q '^lea-3 '
	as leo join "$(as hub invite)" --label hub --place FR || true
	run_as hub accept "$(as hub --json members |
		sed 's/.*"waiting"://' | sed 's/.*"fingerprint":"\([^"]*\)".*/\1/')"
	expect 0
	[[ $stderr == *"is called hub-2"* ]]
}

@test "an --auto invite lets nobody in by a name that a person would refuse" {
	link=$(as hub invite --auto)
	join_network mallory hub
	key=$(as hub show hub/1 --json |
		sed 's/.*"transport":"\([0-9a-f]*\)".*/\1/')
	# 7: personal data; bye 6: no name at all.
	run env MAILLON_STATE="$BATS_TEST_TMPDIR/state/mallory" timeout 60 \
		"${BUILD:-$ROOT/build}/rogue" "$BATS_TEST_TMPDIR/mallory" \
		"$HUB" "$key" ask-by-bad-names "$link"
	echo "$output"
	[ "$(grep -c '^name [0-3] joined 7 bye -1$' <<<"$output")" = 4 ]
	[ "$(grep -c '^name [0-9]* joined -1 bye 6$' <<<"$output")" = 8 ]
	grep -q '^event=.*personal data' "$BATS_TEST_TMPDIR/hub.log"
	# An honest program that was told --public hears why.
	run_as mia join "$link" --label mia --place FR \
		--name mia@exemple.fr --public
	expect 65
	[ "$(wc -l <<<"$stderr")" = 2 ]
	[[ $stderr == *"by itself"*"e-mail"*"without --auto"* ]]
	[ "$(as hub --json log --kind admit | wc -l)" = 1 ]
	[ "$(as hub --json members | grep -c '"waiting":\[\]')" = 1 ]
	# The link was not used up, and a person may say yes.
	run_as mia join "$(as hub invite)" --public
	expect 75
	run_as mia join "$link" --name Mia
	expect 0
}

@test "an invite says what is wrong with it" {
	run_as hub invite --role king
	expect 65
	run_as hub invite --uses 0
	expect 65
	run_as hub invite --uses 257
	expect 65
	run_as hub invite --days 367
	expect 65
	run_as hub invite --address 127.0.0.1:4787
	expect 65
	run_as hub invite --uses 256 --days 366 --address tcp://hub.example:4787
	expect 0
	join_network lea hub
	run_as lea invite --address tcp://127.0.0.1:1
	expect 77
	[[ $stderr == *"may not admit"* ]]
	stop_node hub
	run_as hub invite
	expect 78
	[[ $stderr == *"--address"* ]]
	run_as hub invite --address tcp://hub.example:4787
	expect 0
	run_as nobody invite
	expect 78
}

@test "one who waits with a running node is in as soon as somebody says so" {
	as lea join "$(as hub invite)" --label lea --place FR || true
	start_node lea
	id=$(id_of lea produce 4 visor)
	as hub accept lea >/dev/null
	eventually as hub show "$id"
	eventually eval 'as lea members | grep -q "^lea "'
	run_as lea join "$(as hub invite)"
	expect 0
}

@test "a sealed identity asks for its passphrase" {
	echo 'correct horse' >"$BATS_TEST_TMPDIR/pass"
	echo 'wrong horse' >"$BATS_TEST_TMPDIR/wrong"
	as lea init --label lea --place FR \
		--passphrase-file "$BATS_TEST_TMPDIR/pass" 2>/dev/null
	grep -q sealed "$BATS_TEST_TMPDIR/lea/keys/identity.key"
	link=$(as hub invite --auto)
	run_as lea join "$link"
	expect 77
	[[ $stderr == *"--passphrase-file"* ]]
	run_as lea join "$link" --passphrase-file "$BATS_TEST_TMPDIR/wrong"
	expect 77
	run_as lea join "$link" --passphrase-file "$BATS_TEST_TMPDIR/none"
	expect 66
	run_as lea join "$link" --passphrase-file "$BATS_TEST_TMPDIR/pass"
	expect 0
	# Not asked for again: the node key signs entries.
	as lea produce 1 visor >/dev/null
	as lea up --once
}

@test "init refuses what is no member, and a second time" {
	run_as lea init --label lea
	expect 64
	run_as lea init --place FR
	expect 64
	for bad in '' 'le a' -lea deadbeef "$(printf 'x%.0s' $(seq 33))"; do
		run_as lea init --label="$bad" --place FR
		expect 65
	done
	for bad in '' France FR-8888 12; do
		run_as lea init --label lea --place "$bad"
		expect 65
	done
	run_as lea init --label lea --place FR --name "$(printf 'a\033[31mb')"
	expect 65
	[ ! -e "$BATS_TEST_TMPDIR/lea/keys/node.key" ]
	run_as lea init --label lea --place FR
	expect 0
	run_as lea init --label lea --place FR
	expect 73
}

@test "found makes one network, and says which" {
	make_member asso
	run_as asso found Vosges --currency francs
	expect 65
	run_as asso found Vosges --quorum 65
	expect 65
	run_as asso found ''
	expect 65
	run_as asso found Vosges --public-read --quorum 2
	expect 0
	[[ $output =~ ^[0-9a-f]{64}$ ]]
	as asso trust | grep -q "^# network $output\$"
	[[ $(as asso --json trust) == *'"quorum":2,'* ]]
	run_as asso found Again
	expect 73
	run_as nobody found Vosges
	expect 78
}

@test "a profile that is gone or damaged is said at once, before anybody is asked" {
	link=$(as hub invite --auto)
	make_member lea
	printf '[member\n' >"$BATS_TEST_TMPDIR/lea/profile"
	run_as lea join "$link"
	expect 65
	[[ $stderr == *"/profile cannot be read"* ]]
	rm "$BATS_TEST_TMPDIR/lea/profile"
	run_as lea join "$link"
	expect 64
	run_as lea join "$link" --label lea --place FR-88
	expect 0
}
