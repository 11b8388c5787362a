package verifier

import (
	"regexp"

	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// language is the table of what a scenario file may hold. The loader checks files
// against it, and scenarios/scenario.schema.json is written from it.
type language struct {
	scenario, shared *tree.Shape
	step, block      *tree.Shape
	matcher          *tree.Shape
	steps            map[string]*tree.Shape // by verb
}

// verbs are the keys that say what a step does: each step has exactly one.
func verbs() []string {
	return []string{"call", "raw", "advance", "force", "state", "forEach", "use"}
}

// reckon is the step without a verb: it only checks and saves.
const reckon = "check or save"

const (
	number0 = tree.Int | tree.Float
	anyKind = tree.Null | tree.Scalar | tree.List | tree.Map
)

var (
	operationName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)
	outcomeName   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	wordPattern   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	needPattern   = regexp.MustCompile(`^(clock|tenants|force|state|restore|foreign|(vars|credential|accounts)\.[A-Za-z_][A-Za-z0-9_]*)$`)
	sharedName    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	pathPattern   = regexp.MustCompile(`^(/|\$\{)`)
	methodPattern = regexp.MustCompile(`^[A-Za-z]+$`)
	sortedPattern = regexp.MustCompile(`^([^ ]+( (asc|desc))?)$`)
	// timePattern is a duration, or an expression that gives one.
	timePattern = regexp.MustCompile(`^([+-]?([0-9]{1,6}d)?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))*|.*\$\{.*)$`)
)

func text(title, doc string) *tree.Shape {
	return &tree.Shape{Title: title, Doc: doc, Kinds: tree.Text}
}

func expressionShape(title string) *tree.Shape {
	return &tree.Shape{Title: title, Kinds: tree.Scalar, Doc: "An expression (https://expr-lang.org)."}
}

func anything(doc string) *tree.Shape { return &tree.Shape{Kinds: anyKind, Doc: doc} }

func listOf(title string, item *tree.Shape) *tree.Shape {
	return &tree.Shape{Title: title, Kinds: tree.List, Items: item}
}

func mapOf(title string, v *tree.Shape) *tree.Shape {
	return &tree.Shape{Title: title, Kinds: tree.Map, Values: v}
}

func either(title string, choices ...*tree.Shape) *tree.Shape {
	return &tree.Shape{Title: title, Choices: choices}
}

func durationShape(title string) *tree.Shape {
	return &tree.Shape{Title: title, Kinds: tree.Text, Pattern: timePattern, Wants: "a duration such as 20s, 1h30m or 2d"}
}

// newMatcherShape lists the keys of a matcher and what each takes.
func newMatcherShape() *tree.Shape {
	typeName := &tree.Shape{Title: "type", Kinds: tree.Text, Enum: jsonTypes(), Wants: "a JSON type"}
	expected := expectationShape()
	flag := &tree.Shape{Title: "this", Kinds: tree.Bool}
	bound := &tree.Shape{Title: "a bound", Kinds: number0 | tree.Text}
	return &tree.Shape{
		Name: "matcher", Title: "a matcher", Kinds: tree.Map, Doc: "Rules that one value of a reply must keep.",
		Fields: []tree.Field{
			{Name: "type", Shape: either("type", typeName, listOf("type", typeName)), Doc: "The JSON type, or one of several."},
			{Name: "pattern", Shape: text("pattern", "A regular expression (RE2) that the text matches somewhere.")},
			{Name: "min", Shape: bound, Doc: "Not below: a number, a text that is one, or a text compared letter by letter."},
			{Name: "max", Shape: bound, Doc: "Not above."},
			{Name: "absent", Shape: flag, Doc: "The member is not there."},
			{Name: "present", Shape: flag, Doc: "The member is there, whatever its value."},
			{Name: "length", Shape: expected, Doc: "Of a text (characters), list or object: a number or a matcher."},
			{Name: "every", Shape: expected, Doc: "Each item is so."},
			{Name: "any", Shape: expected, Doc: "At least one item is so."},
			{Name: "none", Shape: expected, Doc: "No item is so."},
			{Name: "oneOf", Shape: listOf("oneOf", anything("")), Doc: "Equal to one of these."},
			{Name: "equals", Shape: anything(""), Doc: "Equal in full, not only in the members named."},
			{Name: "not", Shape: expected, Doc: "Not so."},
			{Name: "sorted", Shape: &tree.Shape{Title: "sorted", Kinds: tree.Text, Pattern: sortedPattern, Wants: `a member's name and asc or desc, such as "id desc"`}, Doc: `The items are in order: "id", "id desc", or "asc" and "desc" for the items themselves.`},
			{Name: "unique", Shape: &tree.Shape{Title: "unique", Kinds: tree.Text | tree.Bool}, Doc: "No two items alike: true, or the member that differs."},
			{Name: "contains", Shape: expected, Doc: "A text contains this text; a list contains an item that is so."},
		},
	}
}

// expectationShape is a value, a partial object, a list or a matcher.
func expectationShape() *tree.Shape {
	return &tree.Shape{Name: "expectation", Kinds: anyKind, Doc: "A value (equal, types included), a partial object (what is not named is not asked), a list (item by item), or a matcher: a mapping of matcher names only."}
}

func newLanguage() *language {
	l := &language{steps: map[string]*tree.Shape{}, matcher: newMatcherShape()}
	step := &tree.Shape{Name: "step", Title: "a step", Kinds: tree.Map, Doc: "One thing to do; exactly one of call, raw, advance, force, state, forEach and use."}
	step.Choose = func(f *tree.File, n *tree.Node) *tree.Shape { return l.choose(f, n) }
	l.step = step
	steps := listOf("steps", step)
	for _, verb := range verbs() {
		s := &tree.Shape{Name: "step-" + verb, Title: "a step with " + verb, Kinds: tree.Map}
		s.Fields = append([]tree.Field{{Name: "name", Shape: text("name", "Shown in reports.")}}, stepFields(verb, steps)...)
		s.Fields = append(s.Fields, tree.Field{Name: "if", Shape: expressionShape("if"), Doc: "The step is passed over, with its reason, when this is false."})
		l.steps[verb] = s
		step.Choices = append(step.Choices, s)
	}
	scalars := &tree.Shape{Title: "a variable", Kinds: tree.Scalar | tree.Null}
	s := &tree.Shape{Name: "step-reckon", Title: "a step without a request", Kinds: tree.Map, Doc: "Only checks and saves.", OneOf: []string{"save", "check"}, Fields: []tree.Field{
		{Name: "name", Shape: text("name", "Shown in reports.")}, {Name: "save", Shape: saveShape()}, {Name: "check", Shape: checkShape()},
		{Name: "if", Shape: expressionShape("if")},
	}}
	l.steps[reckon] = s
	step.Choices = append(step.Choices, s)
	l.scenario = &tree.Shape{Title: "a scenario", Kinds: tree.Map, Fields: []tree.Field{
		{Name: "scenario", Shape: text("scenario", "What it shows, in words; unique."), Required: true},
		{Name: "api", Shape: text("api", "Whose operations the steps name."), Required: true},
		{Name: "about", Shape: text("about", "More words.")},
		{Name: "tags", Shape: listOf("tags", &tree.Shape{Title: "a tag", Kinds: tree.Text, Pattern: wordPattern, Wants: "a tag: letters, digits and _"}), Doc: "read, write, paid or destructive (default: the strongest effect of its steps), and free words."},
		{Name: "needs", Shape: listOf("needs", &tree.Shape{Title: "needs", Kinds: tree.Text, Pattern: needPattern, Near: []string{"clock", "tenants", "force", "state", "restore", "foreign"}, Wants: "clock, tenants, force, state, restore, foreign, accounts.NAME, vars.NAME or credential.KEY"}), Doc: "What a target must have; without it the scenario is skipped."},
		{Name: "vars", Shape: mapOf("vars", scalars), Doc: "Defaults; the target's win."},
		{Name: "steps", Shape: steps, Required: true},
		{Name: "cleanup", Shape: steps, Doc: "Always run, last first."},
	}}
	l.block = &tree.Shape{Title: "a block of shared steps", Kinds: tree.Map, Fields: []tree.Field{
		{Name: "about", Shape: text("about", "")},
		{Name: "params", Shape: listOf("params", &tree.Shape{Title: "a parameter", Kinds: tree.Text, Pattern: savedName, Wants: "a name"})},
		{Name: "steps", Shape: steps, Required: true},
	}}
	l.shared = mapOf("a file of shared steps", l.block)
	return l
}

func stepFields(verb string, steps *tree.Shape) []tree.Field {
	switch verb {
	case "call":
		return callFields()
	case "raw":
		return append([]tree.Field{{Name: "raw", Shape: rawShape(), Required: true}}, replyFields()...)
	case "advance":
		return []tree.Field{{Name: "advance", Shape: durationShape("advance"), Required: true, Doc: "Moves a sandbox's clock; at a real target waits that long, when its patience allows."}}
	case "force":
		return []tree.Field{{Name: "force", Shape: forceShape(), Required: true, Doc: "Asks a sandbox for an outcome."}}
	case "state":
		return []tree.Field{
			{Name: "state", Shape: stateShape(), Required: true, Doc: "State control of a sandbox."},
			{Name: "save", Shape: saveShape()}, {Name: "check", Shape: checkShape()},
		}
	case "forEach":
		return []tree.Field{
			{Name: "forEach", Shape: &tree.Shape{Title: "forEach", Kinds: tree.List | tree.Text, Doc: "Rows, or an expression that gives a list."}, Required: true},
			{Name: "do", Shape: steps, Required: true, Doc: "Run for each, which is called row."},
		}
	default:
		return []tree.Field{
			{Name: "use", Shape: &tree.Shape{Title: "use", Kinds: tree.Text, Pattern: sharedName, Wants: "the name of shared steps"}, Required: true, Doc: "Runs steps of _shared.yaml."},
			{Name: "with", Shape: either("with", mapOf("with", anything("")), text("with", "An expression that gives them."))},
		}
	}
}

func callFields() []tree.Field {
	arguments := either("with", mapOf("with", anything("A text, number, boolean or ${expression}; null leaves the parameter out.")), text("with", "An expression that gives the arguments as an object."))
	return append([]tree.Field{
		{Name: "call", Shape: &tree.Shape{Title: "call", Kinds: tree.Text, Pattern: operationName, Wants: "the name of an operation"}, Required: true, Doc: "The operation's id in the contract."},
		{Name: "with", Shape: arguments, Doc: "Arguments by parameter name."},
		{Name: "body", Shape: anything("The JSON body, of operations that take one.")},
		{Name: "headers", Shape: headersShape()},
		{Name: "as", Shape: text("as", "Which credential signs: own, foreign, or a name that needs declares as accounts.NAME.")},
		{Name: "encoding", Shape: &tree.Shape{Title: "encoding", Kinds: tree.Text, Enum: []string{"urlencoded", "multipart", "query"}, Wants: "an encoding"}, Doc: "How form arguments travel."},
		{Name: "method", Shape: methodShape(), Doc: "Another of the methods that the operation answers to."},
		{Name: "until", Shape: &tree.Shape{Title: "until", Kinds: tree.Map, Fields: []tree.Field{
			{Name: "within", Shape: durationShape("within"), Required: true},
			{Name: "every", Shape: durationShape("every"), Required: true},
		}}, Doc: "Repeats the call until expect and check hold."},
		{Name: "tamper", Shape: tamperShape(), Doc: "Spoils the request."},
	}, replyFields()...)
}

func replyFields() []tree.Field {
	return []tree.Field{
		{Name: "expect", Shape: expectShape(), Doc: "What the reply must be. Without it: a success of the operation."},
		{Name: "save", Shape: saveShape(), Doc: "Keeps values for later steps: name to expression."},
		{Name: "check", Shape: checkShape(), Doc: "Expressions that must be true."},
	}
}

func saveShape() *tree.Shape  { return mapOf("save", expressionShape("save")) }
func checkShape() *tree.Shape { return listOf("check", expressionShape("a check")) }

func methodShape() *tree.Shape {
	return &tree.Shape{Title: "method", Kinds: tree.Text, Pattern: methodPattern, Wants: "an HTTP method"}
}

func headersShape() *tree.Shape {
	return mapOf("headers", &tree.Shape{Title: "a header", Kinds: tree.Scalar | tree.Null})
}

func rawShape() *tree.Shape {
	return &tree.Shape{Name: "raw", Title: "raw", Kinds: tree.Map, Doc: "A request outside every operation.", Fields: []tree.Field{
		{Name: "method", Shape: methodShape()},
		{Name: "path", Shape: &tree.Shape{Title: "path", Kinds: tree.Text, Pattern: pathPattern, Wants: "a path that begins with /"}, Required: true, Doc: "On the vendor's server, as it is sent."},
		{Name: "query", Shape: either("query", text("query", "As it is sent."), mapOf("query", &tree.Shape{Title: "a parameter", Kinds: tree.Scalar | tree.Null}))},
		{Name: "headers", Shape: headersShape()},
		{Name: "body", Shape: text("body", "As it is sent.")},
	}}
}

func forceShape() *tree.Shape {
	return &tree.Shape{Title: "force", Kinds: tree.Map, Fields: []tree.Field{
		{Name: "operation", Shape: text("operation", ""), Required: true},
		{Name: "outcome", Shape: &tree.Shape{Title: "outcome", Kinds: tree.Text, Pattern: outcomeName, Wants: "the name of an outcome"}, Required: true},
		{Name: "times", Shape: &tree.Shape{Title: "times", Kinds: tree.Int}, Doc: "How often; 1 without."},
		{Name: "skip", Shape: &tree.Shape{Title: "skip", Kinds: tree.Int}, Doc: "After how many calls."},
	}}
}

// stateMethods are the keys of state that name a path below /__admin/state/{api}.
func stateMethods() []string {
	return []string{"get", "put", "post", "delete"}
}

func stateShape() *tree.Shape {
	s := &tree.Shape{Title: "state", Kinds: tree.Map, Doc: "One of get, put, post and delete with a path below the state of the API, or merge with a JSON merge patch (RFC 7396) of the whole state."}
	for _, m := range stateMethods() {
		s.Fields = append(s.Fields, tree.Field{Name: m, Shape: &tree.Shape{Title: m, Kinds: tree.Text, Pattern: pathPattern, Wants: "a path that begins with /"}})
	}
	s.Fields = append(s.Fields,
		tree.Field{Name: "body", Shape: anything("The JSON body.")},
		tree.Field{Name: "merge", Shape: mapOf("merge", anything(""))})
	return s
}

func expectShape() *tree.Shape {
	outcome := &tree.Shape{Title: "outcome", Kinds: tree.Text, Pattern: outcomeName, Wants: "the name of an outcome"}
	outcomes := listOf("outcome", outcome)
	return &tree.Shape{Name: "expect", Title: "expect", Kinds: tree.Map, Fields: []tree.Field{
		{Name: "outcome", Shape: either("outcome", outcome, outcomes, &tree.Shape{Title: "outcome", Kinds: tree.Map, Fields: []tree.Field{{Name: "all", Shape: outcomes, Required: true}}}), Doc: "One outcome; of several one; or, with all, exactly these together."},
		{Name: "status", Shape: &tree.Shape{Title: "status", Kinds: tree.Int}, Doc: "The HTTP status."},
		{Name: "headers", Shape: mapOf("headers", expectationShape()), Doc: "By name; null is absent."},
		{Name: "body", Shape: expectationShape(), Doc: "Of the JSON body."},
		{Name: "text", Shape: &tree.Shape{Title: "text", Kinds: tree.Text | tree.Map | number0, Doc: "The whole body as text, or a matcher of it."}},
	}}
}

func tamperShape() *tree.Shape {
	namesList := listOf("omit", &tree.Shape{Title: "a parameter", Kinds: tree.Text})
	values := mapOf("set", &tree.Shape{Title: "a value", Kinds: tree.Scalar})
	several := &tree.Shape{Title: "a value", Kinds: tree.Scalar | tree.List}
	change := []tree.Field{
		{Name: "omit", Shape: namesList, Doc: "Parameters to leave out."},
		{Name: "set", Shape: values, Doc: "Parameters to change."},
		{Name: "add", Shape: mapOf("add", several), Doc: "Parameters to add: undeclared, or once more."},
	}
	yes := &tree.Shape{Title: "this", Kinds: tree.Bool}
	sign := &tree.Shape{Title: "sign", Kinds: tree.Map, Doc: "Signs otherwise.", Fields: []tree.Field{
		{Name: "secret", Shape: &tree.Shape{Title: "secret", Kinds: tree.Scalar}, Doc: "Used instead of the credential's."},
		{Name: "id", Shape: &tree.Shape{Title: "id", Kinds: tree.Scalar}, Doc: "Used instead of the credential's."},
		{Name: "at", Shape: durationShape("at"), Doc: "How far from now the request is signed: -4m, 1s."},
		{Name: "lower", Shape: yes, Doc: "The signature in lower case."},
		{Name: "upper", Shape: yes, Doc: "The signature in upper case."},
		{Name: "with", Shape: values, Doc: "Values that are signed but not sent."},
		{Name: "skip", Shape: namesList, Doc: "Parameters that are sent but not signed."},
		{Name: "encode", Shape: yes, Doc: "Signs the URL-encoded values."},
		{Name: "raw", Shape: yes, Doc: "Sends the signature without URL-encoding it."},
		{Name: "hex", Shape: yes, Doc: "The signature in hexadecimal where it is base64, and the reverse."},
		{Name: "decodeSecret", Shape: yes, Doc: "The secret base64-decoded first."},
		{Name: "swap", Shape: yes, Doc: "Salt and timestamp the other way round."},
		{Name: "plus", Shape: yes, Doc: "With a salt for which the signature has a plus sign."},
		{Name: "plusLost", Shape: yes, Doc: "The same, and sent without URL-encoding."},
		{Name: "salt", Shape: &tree.Shape{Title: "salt", Kinds: tree.Scalar}, Doc: "Used where the scheme has one."},
	}}
	return &tree.Shape{Name: "tamper", Title: "tamper", Kinds: tree.Map, Fields: append(change,
		tree.Field{Name: "signed", Shape: &tree.Shape{Title: "signed", Kinds: tree.Map, Fields: change}, Doc: "The same before signing, so that the signature fits."},
		tree.Field{Name: "sign", Shape: sign},
		tree.Field{Name: "query", Shape: mapOf("query", several), Doc: "Parameters to add to the query, whatever the method."},
		tree.Field{Name: "method", Shape: methodShape(), Doc: "Any method; parameters move to the query where it has no form."},
		tree.Field{Name: "encoding", Shape: &tree.Shape{Title: "encoding", Kinds: tree.Text, Enum: []string{"json", "multipart", "urlencoded", "query"}, Wants: "an encoding"}},
		tree.Field{Name: "headers", Shape: headersShape()},
		tree.Field{Name: "path", Shape: &tree.Shape{Title: "path", Kinds: tree.Text, Pattern: pathPattern, Wants: "a path that begins with /"}},
	)}
}
