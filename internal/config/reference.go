package config

import (
	"fmt"
	"strings"
)

// Reference returns a Markdown table of all settings: flag, variable and key, default,
// what it does and why.
func (s *Set) Reference() string {
	var b strings.Builder
	b.WriteString("| flag | variable | key in the file | default | what, and why |\n| --- | --- | --- | --- | --- |\n")
	for _, o := range s.options {
		key := o.Name
		if section, name := o.section(); section != "" {
			key = section + ": {" + name + "}"
		}
		fallback := "`" + o.Default + "`"
		if o.Default == "" {
			fallback = "none"
		}
		what := strings.TrimSuffix(o.Usage, ".") + "."
		if o.Kind == Enum {
			what += " One of `" + strings.Join(o.Values, "`, `") + "`."
		}
		if o.Why != "" {
			what += " " + o.Why
		}
		fmt.Fprintf(&b, "| `--%s` | `%s` | `%s` | %s | %s |\n", o.Flag(), o.Variable(s.prefix), key, fallback,
			strings.ReplaceAll(strings.ReplaceAll(what, "|", `\|`), "\n", " "))
	}
	return b.String()
}
