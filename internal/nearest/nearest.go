// Package nearest finds the name that somebody who misspelt one has probably meant.
// It knows no list of names and writes no file: names in, a name out.
package nearest

import "strings"

// maxName is the length beyond which a name is not compared: nobody misspells that much,
// and the comparison costs the product of both lengths.
const maxName = 100

// Name returns the candidate nearest to word, the first of several, and "" when none is
// near enough to be what was meant. Upper and lower case, "-", "_" and blanks count alike.
func Name(word string, candidates []string) string {
	w := fold(word)
	if w == "" || len(w) > maxName {
		return ""
	}
	best, least := "", len(w)/3+2
	for _, c := range candidates {
		f := fold(c)
		if len(f) > maxName {
			continue
		}
		d := distance(w, f)
		if d > 0 && len(w) >= 3 && (strings.HasPrefix(f, w) || strings.HasSuffix(f, w)) {
			d = 1 // an abbreviation
		}
		if d < least {
			best, least = c, d
		}
	}
	return best
}

// Hint is Name as the end of a sentence: `; did you mean "polyv"?`, or "".
func Hint(word string, candidates []string) string {
	if n := Name(word, candidates); n != "" {
		return `; did you mean "` + n + `"?`
	}
	return ""
}

// fold drops what people do not remember of a name.

func fold(s string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
}

// distance counts the changes (insert, delete, replace, swap of neighbours) that turn a into b.
func distance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
