package verifier

import (
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// TargetSchema is the JSON Schema of target files.
func TargetSchema() map[string]any {
	return targetShape().Schema("https://github.com/mediasandbox/sandbox/target.schema.json", "A target of sandbox verify")
}

func targetShape() *tree.Shape {
	scalar := &tree.Shape{Title: "a value", Kinds: tree.Scalar}
	duration := &tree.Shape{Title: "a duration", Kinds: tree.Text | tree.Int, Pattern: durationPattern, Wants: "a duration such as 20s or 1h"}
	apis := func(title string, of func(api string) *tree.Shape) *tree.Shape {
		s := &tree.Shape{Title: title, Kinds: tree.Map, Fields: []tree.Field{}}
		for _, api := range openapi.APIs() {
			s.Fields = append(s.Fields, tree.Field{Name: api, Shape: of(api)})
		}
		return s
	}
	credentials := func(title string) *tree.Shape {
		return apis(title, func(api string) *tree.Shape {
			s := &tree.Shape{Title: "the credential of " + api, Kinds: tree.Map, Fields: []tree.Field{}}
			for _, key := range credentialKeys(api) {
				s.Fields = append(s.Fields, tree.Field{Name: key, Shape: scalar})
			}
			return s
		})
	}
	return &tree.Shape{Title: "a target", Kinds: tree.Map, Fields: []tree.Field{
		{Name: "name", Shape: text("name", "Shown in reports; the file's name without.")},
		{Name: "base_urls", Required: true, Doc: "Where each API is reached; those left out are not run.", Shape: apis("base_urls", func(string) *tree.Shape { return text("a base URL", "") })},
		{Name: "credentials", Doc: "By API, ${VARIABLE} stands for the environment's.", Shape: credentials("credentials")},
		{Name: "accounts", Doc: "Further credentials by name; foreign is the other account of scenarios.", Shape: mapOf("accounts", credentials("an account"))},
		{Name: "allow_clear_credentials", Shape: &tree.Shape{Title: "this", Kinds: tree.Bool}, Doc: "Secrets may stand in this file themselves."},
		{Name: "vars", Shape: mapOf("vars", scalar), Doc: "What scenarios ask the target for."},
		{Name: "allow", Shape: listOf("allow", &tree.Shape{Title: "an effect", Kinds: tree.Text, Enum: effects(), Wants: "an effect"}), Doc: "What scenarios may do besides read."},
		{Name: "pace", Doc: "How often an API may be asked; Cliparto's and Polyv's own limits without.", Shape: apis("pace", func(string) *tree.Shape {
			return &tree.Shape{Title: "a pace", Kinds: tree.Map, Fields: []tree.Field{
				{Name: "every", Shape: duration, Doc: "Between two requests."},
				{Name: "requests", Shape: &tree.Shape{Title: "requests", Kinds: tree.Int}, Doc: "At most so many"},
				{Name: "per", Shape: duration, Doc: "in such a time."},
				{Name: "repeat", Shape: duration, Doc: "Before the same request is sent again."},
			}}
		})},
		{Name: "budget", Shape: &tree.Shape{Title: "budget", Kinds: tree.Int}, Doc: "Requests at most, in one run."},
		{Name: "time_scale", Shape: &tree.Shape{Title: "time_scale", Kinds: number0}, Doc: "How many times faster than the vendor's the target's life cycles run."},
		{Name: "patience", Shape: duration, Doc: "How long one step may wait; 1m without."},
	}}
}
