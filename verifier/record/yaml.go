package record

import (
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// write writes a step. Keys come in the order in which people read them.
func (st *draftStep) write(out *strings.Builder) {
	for _, c := range st.comments {
		fmt.Fprintf(out, "  # %s\n", strings.Join(strings.Fields(c), " "))
	}
	first := "  - "
	line := func(format string, args ...any) {
		fmt.Fprintf(out, first+format+"\n", args...)
		first = "    "
	}
	if st.call != "" {
		line("call: %s", st.call)
	} else {
		line("raw: %s", flow(st.raw))
	}
	if st.method != "" {
		line("method: %s", st.method)
	}
	if st.encoding != "" {
		line("encoding: %s", st.encoding)
	}
	if len(st.with) > 0 {
		line("with: %s", flow(st.with))
	}
	if st.body != "" {
		line("body: %s", st.body)
	}
	if t := st.tamper(); t != nil {
		line("tamper: %s", flow(t))
	}
	if st.expect != "" {
		line("expect: %s", st.expect)
	}
	if len(st.save) > 0 {
		line("save: %s", flow(st.save))
	}
}

// tamper is what of the request was outside the contract.
func (st *draftStep) tamper() []pair {
	var signed, out []pair
	if len(st.omit) > 0 {
		signed = append(signed, pair{"omit", names(st.omit)})
	}
	if len(st.set) > 0 {
		signed = append(signed, pair{"set", flow(st.set)})
	}
	if len(st.add) > 0 {
		signed = append(signed, pair{"add", flow(together(st.add))})
	}
	if signed != nil {
		out = append(out, pair{"signed", flow(signed)})
	}
	if len(st.unsigned) > 0 {
		out = append(out, pair{"omit", names(st.unsigned)})
	}
	return out
}

// together makes one entry of several with one name.
func together(list []pair) []pair {
	var order []string
	values := map[string][]string{}
	for _, p := range list {
		if values[p.name] == nil {
			order = append(order, p.name)
		}
		values[p.name] = append(values[p.name], p.value)
	}
	out := make([]pair, len(order))
	for i, name := range order {
		out[i] = pair{name, values[name][0]}
		if len(values[name]) > 1 {
			out[i].value = "[" + strings.Join(values[name], ", ") + "]"
		}
	}
	return out
}

func flow(list []pair) string {
	parts := make([]string, len(list))
	for i, p := range list {
		parts[i] = quote(p.name) + ": " + p.value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func names(list []string) string {
	parts := make([]string, len(list))
	for i, n := range list {
		parts[i] = quote(n)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

var (
	// plain can stand without quotes, in a flow as well.
	plain   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*$`)
	keyword = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n|nan|inf)$`)
	digits  = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})$`)
)

// quote writes a text as YAML. What JSON escapes, YAML reads.
func quote(s string) string {
	if plain.MatchString(s) && !keyword.MatchString(s) {
		return s
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // never, for a text
		return `""`
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// scalar writes an argument as it was sent: a number where the contract has one and it is
// written as YAML writes it.
func scalar(p *contract.Param, v string) string {
	if p != nil && (p.Schema.Type == "integer" || p.Schema.Type == "number") && digits.MatchString(v) {
		return v
	}
	return quote(escape(v))
}

// escape keeps a text from being taken for one with expressions.
func escape(s string) string { return strings.ReplaceAll(s, "${", "$${") }

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
