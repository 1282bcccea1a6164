#!/usr/bin/env bash
# check-quotes.sh -- a comment that says it obeys PROTOCOL.md quotes it.
#
# The text of every comment that begins "PROTOCOL:" must stand, white space
# folded, in proto/PROTOCOL.md.  Such a comment may go over several lines,
# which then begin with " * ".
set -u
shopt -s nullglob globstar
cd "${1:-"$(dirname "${BASH_SOURCE[0]}")/.."}" || exit 1

text=proto/PROTOCOL.md
[ -f "$text" ] || text=/dev/null
files=({crypto,proto,store,node,tests}/**/*.[ch])
[ ${#files[@]} -gt 0 ] || exit 0

LC_ALL=C awk '
	function fold(s) {
		gsub(/[ \t\r\n]+/, " ", s)
		sub(/^ /, "", s)
		sub(/ $/, "", s)
		return s
	}
	FILENAME == ARGV[1] {
		spec = spec " " $0
		next
	}
	!folded {
		spec = fold(spec)
		folded = 1
	}
	FNR == 1 { open = 0 }
	{
		rest = $0
		if (open)
			sub(/^[ \t]*\*($|[ \t])/, " ", rest)
		while (rest != "") {
			if (!open) {
				if (!match(rest, /\/\*[ \t]*PROTOCOL:/))
					break
				rest = substr(rest, RSTART + RLENGTH)
				open = FNR
				quote = ""
			}
			end = index(rest, "*/")
			if (end == 0) {
				quote = quote " " rest
				break
			}
			quote = fold(quote " " substr(rest, 1, end - 1))
			rest = substr(rest, end + 2)
			if (quote == "" || !index(spec, quote)) {
				printf "%s:%d: not in PROTOCOL.md: %s\n", \
					FILENAME, open, quote
				bad = 1
			}
			open = 0
		}
	}
	END { exit bad }
' "$text" "${files[@]}"
