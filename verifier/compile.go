package verifier

import (
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// compiler turns the tree of one file into steps. The tree's shape has been checked.
type compiler struct {
	file     *tree.File
	doc      *contract.Document
	language *language
	blocks   *shared
	needs    []string
	effect   string
}

func (c *compiler) scenario(sc *Scenario, root *tree.Node) {
	c.effect = contract.Read
	var foreign bool
	s := scope{saved: map[string]bool{}, vars: map[string]bool{}, foreign: &foreign, matchers: c.language.matcher, doc: c.doc}
	sc.vars = map[string]any{}
	if n := c.part(root, "vars"); n != nil {
		for _, e := range n.Entries {
			if !savedName.MatchString(e.Key.Text) {
				c.file.At(e.Key, "%q is no name: letters, digits and _", e.Key.Text)
			}
			s.vars[e.Key.Text] = true
			sc.vars[e.Key.Text] = e.Value.Value
		}
	}
	if n := c.part(root, "needs"); n != nil {
		for _, item := range n.Items {
			c.need(item.Text)
			if name, ok := strings.CutPrefix(item.Text, "vars."); ok {
				s.vars[name] = true
			}
		}
	}
	sc.steps, s = c.steps(root.Get("steps"), s)
	if n := root.Get("cleanup"); n != nil && n.Kind == tree.List {
		sc.cleanup, _ = c.steps(n, s)
	}
	if foreign {
		c.need("foreign")
	}
	sc.Needs = c.needs
	c.tags(sc, c.part(root, "tags"))
}

// part returns the value of a key of the scenario when it has the form it should have.
func (c *compiler) part(root *tree.Node, name string) *tree.Node {
	n := root.Get(name)
	if n == nil || !c.language.scenario.Part(name).Check(c.file, n) {
		return nil
	}
	return n
}

// need adds a need once.
func (c *compiler) need(name string) {
	if !slices.Contains(c.needs, name) {
		c.needs = append(c.needs, name)
	}
}

// tags holds the declared effect to that of the steps: a scenario may be said to do
// more than it does, never less.
func (c *compiler) tags(sc *Scenario, n *tree.Node) {
	sc.Effect = c.effect
	var free []string
	declared := ""
	if n != nil {
		for _, item := range n.Items {
			switch {
			case !slices.Contains(effects(), item.Text):
				free = append(free, item.Text)
			case declared != "":
				c.file.At(item, "%s and %s are two effects; declare the stronger", declared, item.Text)
			case stronger(item.Text, c.effect) != item.Text:
				c.file.At(item, "the steps do more than %s at a real vendor: %s", item.Text, c.effect)
				declared = c.effect
			default:
				declared = item.Text
				sc.Effect = item.Text
			}
		}
	}
	sc.Tags = append([]string{sc.Effect}, free...)
}

// operation finds the operation that a node names.
func (c *compiler) operation(n *tree.Node) *contract.Operation {
	op := c.doc.Operation(n.Text)
	if op == nil {
		c.file.At(n, "%s has no operation %q%s", c.doc.Name, n.Text, tree.Hint(n.Text, operationNames(c.doc)))
	}
	return op
}

func operationNames(doc *contract.Document) []string {
	out := make([]string, len(doc.Operations))
	for i, op := range doc.Operations {
		out[i] = op.ID
	}
	return out
}

func outcomeNames(op *contract.Operation) []string {
	out := make([]string, len(op.Outcomes))
	for i, o := range op.Outcomes {
		out[i] = o.Name
	}
	return out
}

func paramNames(op *contract.Operation) []string {
	var out []string
	for _, p := range op.Params {
		out = append(append(out, p.Name), p.Aliases...)
	}
	return out
}

func scheme(doc *contract.Document) signature.Scheme {
	s, _ := signature.ByName(doc.Name)
	return s
}
