package verifier

import "github.com/mediasandbox/sandbox/verifier/internal/tree"

// ScenarioSchema is the JSON Schema of scenario files and of _shared.yaml, from the same
// table by which files are checked. What depends on a contract, such as the names of
// operations, only Source.Load knows.
func ScenarioSchema() map[string]any {
	l := newLanguage()
	l.scenario.Name, l.shared.Name = "scenario", "shared"
	file := &tree.Shape{Choices: []*tree.Shape{l.scenario, l.shared}}
	return file.Schema("https://github.com/mediasandbox/sandbox/scenario.schema.json", "A scenario of sandbox verify, or steps that scenarios share")
}
