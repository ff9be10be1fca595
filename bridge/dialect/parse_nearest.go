package dialect

// Nearest returns the candidate that is most like word; "" when none is like it. The distance
// is that of Damerau and Levenshtein: swapped neighbours count once.
func Nearest(word string, candidates []string) string {
	best, least := "", 1<<30
	for _, candidate := range candidates {
		if candidate == word || len(candidate) > 128 || len(word) > 128 {
			continue
		}
		if d := distance(word, candidate); d < least {
			best, least = candidate, d
		}
	}
	if longest := max(len([]rune(word)), len([]rune(best))); best == "" || least*3 > longest*2 {
		return ""
	}
	return best
}

// distance returns the number of edits between a and b.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	rows := make([][]int, len(from)+1)
	for i := range rows {
		rows[i] = make([]int, len(to)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(from); i++ {
		for j := 1; j <= len(to); j++ {
			cost := 1
			if from[i-1] == to[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && from[i-1] == to[j-2] && from[i-2] == to[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(from)][len(to)]
}
