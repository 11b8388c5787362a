package verifier

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Options choose what is run and how. The zero value runs everything that the target
// allows.
type Options struct {
	APIs []string       // run only scenarios of these APIs
	Run  *regexp.Regexp // run only scenarios whose name or file matches
	Tags string         // run only scenarios for which this holds: "read && !slow"
	// Allow are the effects allowed at a foreign target besides read and what its file allows.
	Allow []string
	// ShardIndex, from 1, and ShardCount run one part of the scenarios, so that several
	// machines run them all. 0 and 0 run all.
	ShardIndex, ShardCount int

	Jobs     int    // scenarios at once; 0 takes twice the processors
	FailFast bool   // start no scenario after the first that failed
	Seed     uint64 // of tenants and unique(); 0 takes 1 at a sandbox and draws one elsewhere

	// DryRun makes a plan without looking whether the servers of a foreign target are
	// there: nothing is sent, and nobody is asked.
	DryRun bool

	// Progress is told of each scenario as it ends, from one goroutine at a time; nil
	// tells nobody.
	Progress func(Progress)

	wall wall
}

// Progress is how far a run has come.
type Progress struct {
	Done, Total int // scenarios
	Result      ScenarioResult
}

func (o Options) jobs() int {
	if o.Jobs > 0 {
		return o.Jobs
	}
	return 2 * runtime.GOMAXPROCS(0)
}

// selects compiles the choice of scenarios; it says why one is not chosen.
func (o Options) selects() (func(*Scenario) (reason string), error) {
	tags, err := tagExpression(o.Tags)
	if err != nil {
		return nil, err
	}
	if o.ShardCount < 0 || o.ShardIndex < 0 || o.ShardIndex > o.ShardCount || (o.ShardCount > 0 && o.ShardIndex == 0) {
		return nil, fmt.Errorf("shard %d/%d: the first number goes from 1 to the second", o.ShardIndex, o.ShardCount)
	}
	n := 0
	return func(sc *Scenario) string {
		switch {
		case len(o.APIs) > 0 && !slices.Contains(o.APIs, sc.API):
			return "not chosen by API"
		case o.Run != nil && !o.Run.MatchString(sc.Name) && !o.Run.MatchString(sc.File):
			return "not chosen by name"
		case !tags(sc.Tags):
			return "not chosen by tags"
		}
		n++
		if o.ShardCount > 0 && n%o.ShardCount != o.ShardIndex%o.ShardCount {
			return "in another shard"
		}
		return ""
	}, nil
}

// tagExpression compiles "read && !slow": words, and, or, not and brackets.
func tagExpression(text string) (func(tags []string) bool, error) {
	if strings.TrimSpace(text) == "" {
		return func([]string) bool { return true }, nil
	}
	t, err := parser.Parse(text)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("tags %q: %s", text, first)
	}
	words := &tagWords{words: map[string]bool{}}
	ast.Walk(&t.Node, words)
	if words.wrong != "" {
		return nil, fmt.Errorf("tags %q: %s; write words with &&, ||, ! and brackets", text, words.wrong)
	}
	program, err := expr.Compile(text, expr.Env(words.words), expr.AsBool())
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("tags %q: %s", text, first)
	}
	return func(tags []string) bool {
		env := make(map[string]bool, len(words.words))
		for w := range words.words {
			env[w] = slices.Contains(tags, w)
		}
		out, err := expr.Run(program, env)
		yes, _ := out.(bool)
		return err == nil && yes
	}, nil
}

// tagWords collects the words of a tag expression and notes what is none.
type tagWords struct {
	words map[string]bool
	wrong string
}

// Visit implements ast.Visitor.
func (v *tagWords) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		v.words[n.Value] = false
	case *ast.UnaryNode:
		if n.Operator != "!" && n.Operator != "not" {
			v.wrong = n.Operator + " is not read here"
		}
	case *ast.BinaryNode:
		if !slices.Contains([]string{"&&", "||", "and", "or"}, n.Operator) {
			v.wrong = n.Operator + " is not read here"
		}
	default:
		v.wrong = "only words are read here"
	}
}
