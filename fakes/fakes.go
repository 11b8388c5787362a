// Package fakes is the vocabulary of a fake (API, World, Call, Reply) and the host
// that serves fakes: it matches a request to an operation of the contract, finds
// the tenant, checks credential and parameters, calls the fake's handler, draws
// the reply from the contract and checks it before it is sent.
//
// A fake says what is true: its rules and its state. It knows no HTTP, no lock, no
// wall clock and no JSON. What may be said stands in specs/openapi.
package fakes

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
)

// API is the plug-in unit: plain data, one exported value per fake.
type API struct {
	Name   string   // prefix and document: specs/openapi/<Name>.yaml
	Hosts  []string // the vendor's host names, lower case, without port
	Scheme signature.Scheme
	// Accounts returns the credentials of a tenant, its own first; the default
	// tenant has those of the vendor's pages. A pure function of env.
	Accounts func(env Env) []Account
	// New returns a fresh world; called at first use, at reset and before an import.
	New func(env Env) World
	// ReadsCount says that operations of effect read change the world, too (a rate limit).
	ReadsCount bool
	// Settings are the behaviours that different clients may rely on differently.
	Settings []Setting

	// Window says how old a timestamp may be at an operation; nil takes the
	// scheme's default.
	Window func(op string, s Settings) time.Duration
	// Callback returns what an event that the API receives is proven by, where account is
	// the receiver's; false for any other call, and where no proof is wanted. Its world
	// checks it, the host explains it. nil for an API that receives none.
	Callback func(c *Call, account Account) (signature.Callback, bool)
	// Value draws a moving value (x-values) that the handler did not give, such
	// as a request id; nil when the document names none.
	Value func(c *Call, name string) any
	// Merge makes one body of several refusals met together; nil when the vendor
	// stops at the first. Bodies are wire JSON, in the order of refusal. With Merge,
	// handlers check all parameters themselves: the host would stop at the first.
	Merge func(bodies [][]byte) []byte
	// Finish changes a checked reply on its way out (a wrapped callback, a
	// setting); nil for none.
	Finish func(c *Call, r *Reply)
}

// Env is what a world is made from.
type Env struct {
	Tenant   string
	Default  bool      // the default tenant, which owns the vendors' example objects
	Seed     uint64    // never 0
	Born     time.Time // when the world begins: the tenant's birth, or where its clock was put before the first use
	Accounts []Account // what API.Accounts returned, nil while it runs
}

// Account is one credential of a tenant at one API.
type Account struct {
	ID     string // by which a request names it
	Secret string // "" where the id is the secret
	// Credential is how the admin API and the greeting show it:
	// {"userid": …, "secretkey": …}. BasePlace in a value stands for the API's base URL.
	Credential map[string]string
}

// BasePlace stands in a credential for the base URL of its API, which is known only
// when somebody asks: the sandbox has many names.
const BasePlace = "{base_url}"

// Setting is a named behaviour with a default.
type Setting struct {
	Name    string   // without the API's name: "error-key"
	Default string   // for durations in Go's notation: "3m"
	Values  []string // the allowed values; nil means a positive duration
	Why     string   // one sentence for the documentation
}

// Settings are one tenant's settings of one API, complete with defaults.
type Settings map[string]string

// Duration returns a setting whose value is a duration; the host has checked that it is one.
func (s Settings) Duration(name string) time.Duration {
	d, _ := time.ParseDuration(s[name])
	return d
}

// World is the whole state of one API for one tenant. Its exported fields are that
// state: they marshal to JSON and back without loss. The host calls it from one
// goroutine at a time.
type World interface {
	// Handlers returns the operations by operationId; they must be those of the
	// document one to one.
	Handlers() Handlers
}

// Admitter is a World that has a say in every call, after the signature and before
// the parameters: rate limits, access tokens. An error of Refuse is sent.
type Admitter interface{ Admit(c *Call) error }

// TokenKeeper is a World that gives out access tokens: until when is this one good? It
// is asked to explain a refusal, never to decide one.
type TokenKeeper interface {
	Token(text string) (expires time.Time, ok bool)
}

// Settler is a World in which things fall due. Settle applies everything due up to
// now, in order, and returns what happened; it is called before each call and when
// the clock is advanced. It must be cheap when nothing is due.
type Settler interface{ Settle(now time.Time) []Event }

// Restorer is a World with unexported parts. An import reads the exported state into
// a zero world, then Restore rebuilds the rest; it returns an error that says what is
// inconsistent, when something is.
type Restorer interface{ Restore(env Env) error }

// Publisher is a World that has files of its own behind the URLs it returns, such
// as a CSV with its rows. Other names under Call.Asset are generated by extension.
type Publisher interface {
	Publish(name string) (contentType string, body []byte, ok bool)
}

// Event is something that fell due.
type Event struct {
	At   time.Time      `json:"at"`
	API  string         `json:"api"`
	Kind string         `json:"kind"` // kebab-case: order-completed
	ID   string         `json:"id"`   // of the object
	Data map[string]any `json:"data,omitempty"`
}

// Handlers are a world's operations by operationId.
type Handlers map[string]Handler

// Handler answers one operation; made by Handle.
type Handler struct {
	serve func(c *Call) (any, error)
	in    *inPlan
}

// Handle makes a Handler of a function from typed parameters to an answer.
//
// In is a struct whose fields carry `param:"name"`; string fields take the value
// ("" when absent), *string tells absent from empty, int64, float64 and their
// pointers are parsed: such a parameter must name an x-invalid outcome or mounting
// fails. An absent number is 0 or the schema's default. Out is what the contract's
// envelope carries: a struct in the order of the vendor's keys, a string for text
// replies, or Reply to choose outcome and headers.
func Handle[In, Out any](f func(*Call, In) (Out, error)) Handler {
	plan := planOf[In]()
	return Handler{in: plan, serve: func(c *Call) (any, error) {
		var in In
		plan.fill(c, &in)
		out, err := f(c, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	}}
}

// Call is one request on its way through a world.
type Call struct {
	API      string
	Op       *contract.Operation
	Caller   string // the account proven by the scheme, "" where none is needed
	Tenant   string
	Now      time.Time  // the tenant's clock, read once
	Rand     *rand.Rand // seeded from tenant, API and the world's call count
	Values   contract.Values
	Header   func(name string) string // a request header
	Body     []byte                   // the raw body of a JSON request
	Path     string                   // as received, without the sandbox's prefix
	Method   string
	Settings Settings
	// Account returns an account of this tenant by id.
	Account func(id string) (Account, bool)

	base    string
	files   string         // path of the tenant's files, where neither URL nor host name says it
	refused map[string]any // moving values of the refusal being drawn
}

// Param returns the value of a declared parameter under its name or an alias,
// "" when absent.
func (c *Call) Param(name string) string {
	v, _ := c.Lookup(name)
	return v
}

// Lookup is Param that tells absent from empty.
func (c *Call) Lookup(name string) (string, bool) {
	if c.Op == nil {
		return c.Values.Get(name)
	}
	p := c.Op.Param(name)
	if p == nil {
		return "", false
	}
	return p.Find(c.Values)
}

// Written returns the JSON that the contract's success example has at a pointer, for
// texts that stand in an answer; nil when it has none there.
func (c *Call) Written(pointer string) json.RawMessage {
	if c.Op == nil || c.Op.Success == nil {
		return nil
	}
	return c.Op.Success.At(pointer)
}

// Asset returns the absolute URL of a file that the sandbox answers for this API:
// images (png, jpg, gif), media (mp4, aac, mp3), fonts and packages (ttf, zip, mat),
// csv, json or txt by the extension of name. World state keeps names, never URLs.
func (c *Call) Asset(name string) string { return c.base + "/-/" + c.files + name }

// Base is the URL under which this API was reached, without a trailing slash.
func (c *Call) Base() string { return c.base }

// Bases lists the URLs under which this API is reached for this tenant on the same host,
// Base first: who has one of them from the admin API may call another.
func (c *Call) Bases() []string {
	host := strings.Index(c.base, "://") + len("://")
	origin := c.base
	if path := strings.IndexByte(c.base[host:], '/'); path >= 0 {
		origin = c.base[:host+path]
	}
	list := []string{c.base, origin + "/t/" + c.Tenant + "/" + c.API}
	if c.Tenant == DefaultTenant {
		list = append(list, origin+"/"+c.API)
	}
	return list
}

// Reply is an answer in full. Handlers return one only when they choose the outcome
// or a header; everything left zero is the contract's.
type Reply struct {
	Outcome string // of the operation, "" for its success
	Answer  any    // what the envelope carries
	Header  map[string]string

	// What the host made of it; for API.Finish.
	Status      int
	ContentType string
	Body        []byte
	Success     bool
}

// Literal is the answer of a handler whose success is sent as the contract's example
// stands, moving values aside.
type Literal struct{}

// Refusal is an error that names one or more outcomes of the operation.
type Refusal struct {
	Outcomes []string
	Values   map[string]any // moving values of the body, by name
}

func (r *Refusal) Error() string {
	s := "refused"
	for i, o := range r.Outcomes {
		if i == 0 {
			s += ": " + o
		} else {
			s += ", " + o
		}
	}
	return s
}

// Refuse refuses with an outcome of the operation. values are name, value pairs for
// the outcome's moving parts.
func (c *Call) Refuse(outcome string, values ...any) error {
	r := &Refusal{Outcomes: []string{outcome}}
	for i := 0; i+1 < len(values); i += 2 {
		if r.Values == nil {
			r.Values = make(map[string]any, len(values)/2)
		}
		name, _ := values[i].(string)
		r.Values[name] = values[i+1]
	}
	return r
}

// RefuseAll refuses with several outcomes at once, for a vendor that collects
// errors; it returns nil for none.
func (c *Call) RefuseAll(outcomes []string) error {
	if len(outcomes) == 0 {
		return nil
	}
	return &Refusal{Outcomes: outcomes}
}

// AsRefusal returns the refusal in err.
func AsRefusal(err error) (*Refusal, bool) {
	var r *Refusal
	ok := errors.As(err, &r)
	return r, ok
}
