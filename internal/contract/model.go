// Package contract reads an OpenAPI document of this project into one model that
// the host (serving), the verifier (calling) and the documents' own tests share.
//
// It is not a general OpenAPI library: kin-openapi parses and validates the
// document, this package adds the conventions of docs/adding-a-fake.md (several
// operations on one path, named outcomes with a source, envelopes) and refuses a
// document that breaks them.
package contract

// Sources of an outcome: who says that the vendor answers so.
const (
	Documented = "documented" // the vendor's page, literally
	Observed   = "observed"   // the vendor's public server source, SDK, or a client's log
	Assumed    = "assumed"    // nobody; our visible choice
)

// InternalError is the outcome that every operation has for a failure of its own.
const InternalError = "internal-error"

// Effects of an operation at a real vendor.
const (
	Read        = "read"
	Write       = "write"
	Paid        = "paid"
	Destructive = "destructive"
)

// Document is one API's contract.
type Document struct {
	Name    string // file name without extension; prefix on the sandbox
	Title   string
	Version string

	// PHP says that JSON is written as PHP's json_encode does: "/" as "\/",
	// non-ASCII as \uXXXX. Otherwise it is plain UTF-8.
	PHP bool
	// Envelope is the JSON pointer at which a success body carries what the
	// handler returned; "" when the answer is the whole body.
	Envelope string
	// Moving names the values drawn anew for each reply: name → JSON pointer. A
	// pointer that an outcome's body lacks is passed over.
	Moving []Moving
	// Anywhere says that a parameter counts in the query and in a form alike,
	// whatever its declared place; LastWins which of several values counts.
	Anywhere, LastWins bool
	// AnyForm says that a form is read whatever the request's method; otherwise, as
	// servlets and PHP have it, a POST's alone.
	AnyForm bool `json:",omitempty"`

	Operations []*Operation
	// Common are the outcomes of components/examples, by name.
	Common map[string]*Outcome
	// Unmatched names the outcome for a request that no operation answers.
	Unmatched Unmatched
}

// Moving is a named value of a reply's body and where it stands.
type Moving struct{ Name, Pointer string }

// Unmatched names the common outcomes for requests outside every operation.
type Unmatched struct {
	Path   string // no such path
	Pin    string // the path is right, the selecting parameter is not
	Method string // another method than the operation answers to
	// MethodFirst says that a method which no operation of the path answers to is refused
	// before the selecting parameter is looked at.
	MethodFirst bool `json:",omitempty"`
}

// Operation is one thing a caller can ask for.
type Operation struct {
	ID, Summary, Description, Tag string

	Method  string   // as declared, upper case
	Methods []string // every method answered, Method first
	Path    string   // without fragment, {parameters} in place
	Aliases []string `json:",omitempty"` // other paths that answer the same
	Pins    []Pin    `json:",omitempty"` // parameters whose value selects this operation on its path

	Params   []*Param // pins and credentials included, in order of declaration
	JSONBody *Schema  `json:",omitempty"` // schema of a JSON request body, nil when there is none
	Replies  []Body   // what a reply's body looks like, by status and content type

	Effect   string // read | write | paid | destructive
	Secured  bool   // a credential is needed
	Outcomes []*Outcome
	// Default names the outcome of an accepted call; with several, the one marked
	// x-default, others are named by the handler.
	Default string
	Success *Outcome `json:"-"`
}

// Body is the schema of the replies with one status and content type.
type Body struct {
	Status      int
	ContentType string
	Schema      *Schema
}

// Pin is a parameter with exactly one allowed value, by which several operations
// on one path are told apart.
type Pin struct {
	Name, Value string
	In          In
}

// Param is a declared parameter.
type Param struct {
	Name     string
	Aliases  []string `json:",omitempty"` // other spellings that real clients send
	In       In
	Required bool `json:",omitempty"`
	Security bool `json:",omitempty"` // part of the credential or signature; the scheme checks it
	Pinned   bool `json:",omitempty"`
	Schema   *Schema
	Missing  string `json:",omitempty"` // outcome when absent, and when empty where Empty does not say otherwise
	Empty    string `json:",omitempty"` // outcome when sent without a value
	Invalid  string `json:",omitempty"` // outcome when outside the schema; "" = passed on as the vendor does
	Example  string `json:",omitempty"` // a value with which the default tenant's call succeeds
	Summary  string `json:",omitempty"`

	anywhere bool // Document.Anywhere
}

// Outcome is a reply that a caller can tell from the operation's others.
type Outcome struct {
	Name, Summary string
	Source        string // documented | observed | assumed
	Section       string // where it is said
	Success       bool   `json:",omitempty"`
	Forced        bool   `json:",omitempty"` // reached only by asking the sandbox for it
	Status        int
	ContentType   string
	Example       string   // the literal body as the document has it, in wire style
	Moving        []Moving `json:",omitempty"` // the body's moving values
	Schema        *Schema  `json:"-"`          // of the whole body

	body []segment
}

// Outcome returns the operation's outcome of that name, or nil.
func (op *Operation) Outcome(name string) *Outcome {
	for _, o := range op.Outcomes {
		if o.Name == name {
			return o
		}
	}
	return nil
}

// Param returns the declared parameter of that name or alias, or nil.
func (op *Operation) Param(name string) *Param {
	for _, p := range op.Params {
		if p.Name == name {
			return p
		}
		for _, a := range p.Aliases {
			if a == name {
				return p
			}
		}
	}
	return nil
}

// Reply returns the declared body for a status and content type, or nil.
func (op *Operation) Reply(status int, contentType string) *Body {
	for i := range op.Replies {
		if b := &op.Replies[i]; b.Status == status && b.ContentType == contentType {
			return b
		}
	}
	return nil
}

// Operation returns the operation of that id, or nil.
func (d *Document) Operation(id string) *Operation {
	for _, op := range d.Operations {
		if op.ID == id {
			return op
		}
	}
	return nil
}
