# cov.awk -- gcov's report as one line per file of ours, and the sum.
/^File '/ {
	split($0, part, "'")
	file = part[2] ~ /^(crypto|proto|store|node)\/.*\.c$/ ? part[2] : ""
}
# gcov closes with a sum that names no file, after the last file's figures.
file != "" && /^Lines executed/ && !(file in lines) {
	lines[file] = figure($0, "lines")
}
file != "" && /^Taken at least/ { branches[file] = figure($0, "branches") }

# "Lines executed:96.30% of 27" as text, and added to the sum of its kind.
function figure(text, kind,    part)
{
	sub(/^[^:]*:/, "", text)
	split(text, part, "% of ")
	hit[kind] += part[1] * part[2] / 100
	all[kind] += part[2]
	return sprintf("%7.2f%% of %5d %s", part[1], part[2], kind)
}

END {
	for (f in lines)
		printf "%-28s %s %s\n", f, lines[f], branches[f] | "sort"
	close("sort")
	for (kind in all)
		if (all[kind] > 0)
			printf "total %.2f%% of %d %s\n", \
				100 * hit[kind] / all[kind], all[kind], kind
}
