#!/usr/bin/env bash
# check-source.sh -- the rules of the source that a machine can hold.
# Prints every breach as file:line: text and exits 1 if there was one.
# CC is the compiler with the flags that headers must satisfy.
set -u
shopt -s nullglob globstar
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

bad=0
ours=({crypto,proto,store,node}/**/*.[ch])
code=("${ours[@]}" tests/**/*.[ch])
layers=(crypto proto store node)

# never WHY REGEX FILE...: no line of the files may match.
never() {
	local why=$1 regex=$2
	shift 2
	[ $# -gt 0 ] || return 0
	if grep -nHE -e "$regex" -- "$@"; then
		echo "^ $why"
		bad=1
	fi
}

# Includes point left only, and each library is spoken to from one room.
never "crypto/ includes upwards" '#include "(proto|store|node)/' crypto/**/*.[ch]
never "proto/ includes upwards" '#include "(store|node)/' proto/**/*.[ch]
never "store/ includes upwards" '#include "node/' store/**/*.[ch]
never "an include names its room: \"layer/file.h\"" \
	'#include "(\.|[^/"]*")' "${code[@]}"
libraries=('sodium' 'msgpack' 'lmdb' '(zmq|jansson|ini\.h|qrencode|libintl)')
for i in 0 1 2 3; do
	others=()
	for file in "${ours[@]}"; do
		[[ $file == "${layers[i]}"/* ]] || others+=("$file")
	done
	never "${libraries[i]} belongs to ${layers[i]}/" \
		"#include <${libraries[i]}" "${others[@]}"
done

never "a function that we do not use" \
	'(^|[^a-zA-Z0-9_])(sprintf|strcpy|strcat|strtok|atoi|alloca|gets) *\(' \
	"${code[@]}"
never "a path of somebody's machine" '/(work|root)/|/tmp/[b]ash' \
	"${code[@]}" Makefile ./*.md .ci/* tests/*.sh tests/**/*.bats proto/*.md

# 80 columns, tabs of 8; a line that holds a long string may be longer.
LC_ALL=C awk '
	{
		line = $0
		gsub(/[\200-\277]/, "", line)
		n = 0
		for (i = 1; i <= length(line); i++)
			n += substr(line, i, 1) == "\t" ? 8 - n % 8 : 1
		if (n <= 80)
			next
		if (match($0, /"([^"\\]|\\.)*"/) && RLENGTH > 60)
			next
		printf "%s:%d: %d columns\n", FILENAME, FNR, n
		bad = 1
	}
	END { exit bad }
' "${code[@]}" /dev/null || bad=1

for file in "${ours[@]}"; do
	lines=$(wc -l <"$file")
	most=500
	[[ $file != *.h ]] || most=150
	if [ "$lines" -gt "$most" ]; then
		echo "$file: $lines lines, more than $most: two files in one?"
		bad=1
	fi
done

# Every header stands alone.
for file in "${code[@]}"; do
	[[ $file == *.h ]] || continue
	if ! printf '#include "%s"\ntypedef int nothing;\n' "$file" |
		${CC:-cc -std=c11 -D_POSIX_C_SOURCE=200809L -I.} \
			-fsyntax-only -x c -; then
		echo "$file: does not compile alone"
		bad=1
	fi
done

tests/check-quotes.sh || bad=1
exit "$bad"
