package record

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// found is a value of an earlier reply.
type found struct {
	step int    // index
	expr string // that takes it from the reply
	key  string // the member's name; "" in a text
	text string
}

// links knows the values of the replies so far, and which values the client had used
// before it saw them in a reply: those are the client's own, not the vendor's.
type links struct {
	values map[string][]found
	used   map[string]bool
}

func newLinks() *links { return &links{values: map[string][]found{}, used: map[string]bool{}} }

// Bounds on what is looked at.
const (
	maxValues = 5000 // of one reply
	maxLinked = 300  // bytes of one value
)

// sent notes the arguments of a request.
func (l *links) sent(params []Param) {
	for _, p := range params {
		l.used[p.Value] = true
	}
}

// received notes the values of a reply.
func (l *links) received(step int, r Reply) {
	n := 0
	add := func(expr, key, text string) {
		if n++; n > maxValues || text == "" || len(text) > maxLinked || masked(text) || l.used[text] {
			return
		}
		l.values[text] = append(l.values[text], found{step, expr, key, text})
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(r.Body))
	dec.UseNumber()
	if dec.Decode(&v) == nil && !dec.More() {
		walk("body", "", v, add)
		return
	}
	if strings.HasPrefix(r.ContentType, "text/") {
		walkText(r.Body, add)
	}
}

// ofAccount is an id that begins with the name of its account, as Polyv's videos have it:
// what is hidden of it is that name.
var ofAccount = regexp.MustCompile(`^\*\*\*[0-9a-f]{6,}(_[0-9a-z]{1,2})?$`)

// masked reports whether something is hidden in a text that nothing else tells, in any of
// its parts.
func masked(text string) bool {
	return slices.ContainsFunc(separators.Split(text, -1), func(part string) bool {
		return strings.Contains(part, hidden) && !ofAccount.MatchString(part)
	})
}

// walk visits the texts and numbers of a JSON value.
func walk(expr, key string, v any, visit func(expr, key, text string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sortedKeys(v) {
			at := expr + "." + name
			if !identifier.MatchString(name) {
				at = fmt.Sprintf("%s[%q]", expr, name)
			}
			walk(at, name, v[name], visit)
		}
	case []any:
		for i, item := range v {
			walk(fmt.Sprintf("%s[%d]", expr, i), key, item, visit)
		}
	case string:
		visit(expr, key, v)
	case json.Number:
		visit(expr, key, v.String())
	}
}

// walkText visits lines, and the fields of lines, as Cliparto writes them.
func walkText(body string, visit func(expr, key, text string)) {
	lines := strings.Split(body, "\n")
	for i, line := range lines {
		at := "body"
		if len(lines) > 1 {
			at = fmt.Sprintf(`split(body, "\n")[%d]`, i)
		}
		fields := strings.Split(line, ";")
		for j, field := range fields {
			if len(fields) > 1 {
				visit(fmt.Sprintf(`split(%s, ";")[%d]`, at, j), "", field)
			} else {
				visit(at, "", field)
			}
		}
	}
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// find returns where a value came from: the earliest reply that has it, there the member
// that is called like the parameter, else the first. Short values are linked by name only:
// that a page has the number of a category means nothing.
func (l *links) find(p *contract.Param, name, value string) (found, bool) {
	list := l.values[value]
	if len(list) == 0 || (p != nil && len(p.Schema.Enum) > 0) {
		return found{}, false
	}
	best, named := list[0], false
	for _, f := range list {
		if f.step != best.step {
			break
		}
		if alike(f.key, name) {
			best, named = f, true
			break
		}
	}
	if !named && !telling(value) {
		return found{}, false
	}
	return best, true
}

// telling reports whether a value is long and odd enough to be the same thing when it is
// the same text.
func telling(v string) bool { return len(v) >= 6 && strings.ContainsAny(v, "0123456789") }

// alike compares a member and a parameter by name; vids are made of vid.
func alike(key, name string) bool {
	key, name = fold(key), fold(name)
	return key != "" && (key == name || key+"s" == name || key == name+"s")
}

func fold(s string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s))
}

// separators stand between several values in one parameter: vids, releaseID:imageID.
var separators = regexp.MustCompile(`[,:;]`)
