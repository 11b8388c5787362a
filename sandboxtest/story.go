package sandboxtest

import (
	"fmt"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/diagnosis"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/prefix"
)

const documented = contract.Documented

// What a failing test prints is bounded: the last exchanges, the beginning of each body.
const (
	storyEntries = 20
	storyText    = 400
)

// story tells a failing test's last exchanges, with the diagnosis of signatures that were
// refused. Secrets are masked, by the journal and by the diagnosis.
func (sb *Sandbox) story() string {
	page := sb.journal.List(journal.Filter{Limit: storyEntries})
	if len(page.Entries) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "sandboxtest: the sandbox (tenant %s) answered", sb.Tenant())
	if page.Count > len(page.Entries) {
		fmt.Fprintf(&out, " %d requests, the last %d of them", page.Count, len(page.Entries))
	}
	out.WriteString(":\n")
	for _, v := range page.Entries {
		sb.tell(&out, v)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func (sb *Sandbox) tell(out *strings.Builder, v journal.View) {
	operation, outcome := v.Operation, v.Outcome
	if operation == "" {
		operation = "(no operation)"
	}
	if len(v.Outcomes) > 1 {
		outcome = strings.Join(v.Outcomes, ", ")
	}
	if outcome == "" {
		outcome = "no outcome"
	}
	fmt.Fprintf(out, "#%d %s %s → %s", v.ID, v.API, operation, outcome)
	if v.Status != 0 && v.Status != 200 {
		fmt.Fprintf(out, ", HTTP %d", v.Status)
	}
	if v.Fault != "" {
		fmt.Fprintf(out, ", fault %s", v.Fault)
	}
	fmt.Fprintf(out, " (%s)\n", v.At.Format("2006-01-02 15:04:05.000"))
	fmt.Fprintf(out, "   %s %s\n", v.Request.Method, short(v.Request.URL))
	for _, text := range []string{v.Request.Text(), v.Reply.Text()} {
		if text != "" {
			fmt.Fprintf(out, "   %s\n", short(text))
		}
	}
	for _, name := range v.Undeclared {
		fmt.Fprintf(out, "   the contract knows no parameter %s there\n", name)
	}
	for _, a := range v.Advice {
		fmt.Fprintf(out, "   advice: %s (%s)\n", a.Text, a.Source)
	}
	sb.diagnose(out, v)
}

// diagnose explains a refused signature.
func (sb *Sandbox) diagnose(out *strings.Builder, v journal.View) {
	if v.Fault != "" {
		return // nobody looked at the signature
	}
	r, at, whole, err := sb.journal.Request(v.ID)
	if err != nil || !whole {
		return
	}
	x, err := sb.host.Inspect(r, fakes.Inspection{Tenant: sb.tenant, At: at})
	if err != nil || x.Outcome != v.Outcome {
		return // refused for something else
	}
	if e, ok := x.Explain(); ok && !e.Accepted {
		var text strings.Builder
		diagnosis.Write(&text, e, "   ")
		// A diagnosis hides the secrets of the signature; those of other APIs it does not know.
		out.WriteString(sb.journal.Mask(text.String()))
	}
}

// short keeps a text on a line.
func short(s string) string {
	s = strings.NewReplacer("\r\n", "⏎", "\n", "⏎").Replace(strings.ToValidUTF8(s, "�"))
	if len(s) <= storyText {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", prefix.Of(s, storyText), len(s))
}
