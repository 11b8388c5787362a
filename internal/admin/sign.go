package admin

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/signature"
)

func (a *API) signatureRoutes() []Route {
	return []Route{
		{Method: http.MethodPost, Path: Prefix + "/sign", Query: tenantQuery(), MaxBody: pasteBody, Serve: a.sign},
		{Method: http.MethodPost, Path: Prefix + "/explain", Query: tenantQuery(), MaxBody: pasteBody, Serve: a.explain},
	}
}

// pasteBody bounds what is pasted: a request with its body, as JSON.
const pasteBody = 4 << 20

// signBody is the body of POST /__admin/sign.
type signBody struct {
	API       string            `json:"api"`
	Operation string            `json:"operation"`
	Params    map[string]string `json:"params"`
	Account   string            `json:"account"` // id; the tenant's own without
	Secret    *string           `json:"secret"`  // of an account that is not the tenant's
	At        *time.Time        `json:"at"`
	Salt      string            `json:"salt"`
	Method    string            `json:"method"`
	Multipart bool              `json:"multipart"`
	Bare      bool              `json:"bare"` // do not fill in the contract's examples
	Body      json.RawMessage   `json:"body"`
	BaseURL   string            `json:"base_url"`
}

// signReply is a signed request.
type signReply struct {
	API       string           `json:"api"`
	Operation string           `json:"operation"`
	At        time.Time        `json:"at"`
	Method    string           `json:"method"`
	URL       string           `json:"url"`
	Headers   []journal.Header `json:"headers"`
	Body      string           `json:"body"`
	Curl      string           `json:"curl"`
	Steps     []stepReply      `json:"steps"`
}

// stepReply is one step of the computation.
type stepReply struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// sign makes a signed request of an operation. It sends nothing and changes nothing.
func (a *API) sign(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	var in signBody
	if err := c.Decode(&in); err != nil {
		return Reply{}, err
	}
	api, op, err := a.operation(in.API, in.Operation)
	if err != nil {
		return Reply{}, err
	}
	account, err := account(t, in, op)
	if err != nil {
		return Reply{}, err
	}
	plan := request.Plan{
		Document: a.host.Document(api.Name), Operation: op.ID, Args: in.Params, Method: in.Method, Multipart: in.Multipart,
		Examples: !in.Bare, BaseURL: in.BaseURL, Scheme: api.Scheme, Body: in.Body,
		Credential: signature.Credential{ID: account.ID, Secret: account.Secret, Token: account.Credential["token"]},
		Signing:    signature.Signing{At: t.Clock.Now(), Salt: in.Salt},
	}
	if plan.BaseURL == "" {
		plan.BaseURL = BaseURLs(c.Request, a.cfg.APIPort, t, a.apis())[api.Name]
	}
	if in.At != nil {
		if err := inYears("at", *in.At); err != nil {
			return Reply{}, err
		}
		plan.Signing.At = in.At.UTC()
	}
	if (op.JSONBody != nil) != (in.Body != nil) {
		return Reply{}, refuse(http.StatusBadRequest, "field %q: %s", "body", map[bool]string{
			true: "is missing: the operation takes a JSON body", false: "the operation takes parameters, not a JSON body",
		}[op.JSONBody != nil])
	}
	steps := notification(&plan, op, account)
	built, err := plan.Build()
	if err != nil {
		return Reply{}, refuse(http.StatusBadRequest, "%s", err)
	}
	if built.Signed {
		unsigned := signature.Request{Operation: op.ID, Method: built.Method, Path: op.Path, Values: built.Unsigned}
		steps = signature.Steps(api.Scheme, &unsigned, plan.Credential, plan.Signing, false)
	}
	out := signReply{
		API: api.Name, Operation: op.ID, At: plan.Signing.At, Method: built.Method, URL: built.URL,
		Headers: []journal.Header{}, Body: string(built.Body), Curl: built.Curl(), Steps: []stepReply{},
	}
	for _, name := range slices.Sorted(maps.Keys(built.Header)) {
		for _, v := range built.Header[name] {
			out.Headers = append(out.Headers, journal.Header{Name: name, Value: v})
		}
	}
	for _, s := range steps {
		out.Steps = append(out.Steps, stepReply{s.Title, s.Text})
	}
	return Reply{JSON: out}, nil
}

// operation finds an operation by its names.
func (a *API) operation(apiName, id string) (fakes.API, *contract.Operation, error) {
	for _, api := range a.host.APIs() {
		if api.Name != apiName {
			continue
		}
		doc := a.host.Document(apiName)
		if op := doc.Operation(id); op != nil {
			return api, op, nil
		}
		var ids []string
		for _, op := range doc.Operations {
			ids = append(ids, op.ID)
		}
		return api, nil, refuse(http.StatusBadRequest, "field %q: %s has no operation %.70q%s", "operation", apiName, id, choice(id, ids))
	}
	return fakes.API{}, nil, refuse(http.StatusBadRequest, "field %q: there is no API %.70q%s", "api", apiName, choice(apiName, a.apis()))
}

// account is the one that is named, else the one that a path parameter names or whose
// example the contract gives (the vendors' samples use several), else the tenant's first.
func account(t *fakes.Tenant, in signBody, op *contract.Operation) (fakes.Account, error) {
	if in.Secret != nil {
		if in.Account == "" {
			return fakes.Account{}, refuse(http.StatusBadRequest, "field %q wants the field %q beside it", "secret", "account")
		}
		return fakes.Account{ID: in.Account, Secret: *in.Secret}, nil
	}
	accounts := t.Accounts(in.API)
	find := func(id string) (fakes.Account, bool) {
		for _, a := range accounts {
			if a.ID == id {
				return a, true
			}
		}
		return fakes.Account{}, false
	}
	if in.Account != "" {
		a, ok := find(in.Account)
		if !ok {
			return a, refuse(http.StatusBadRequest, "field %q: the tenant has no account %.70q; give its secret beside it", "account", in.Account)
		}
		return a, nil
	}
	for _, p := range op.Params {
		if p.In != contract.InPath {
			continue
		}
		for _, id := range []string{in.Params[p.Name], p.Example} {
			if a, ok := find(id); ok {
				return a, nil
			}
		}
	}
	if len(accounts) == 0 {
		return fakes.Account{}, refuse(http.StatusBadRequest, "field %q: the tenant has none at %s", "account", in.API)
	}
	return accounts[0], nil
}

// notification signs a body that a vendor sends rather than a client, as Qulive's callback
// receiver wants it: an account has a callback_key then (CONTRACTS section 4).
func notification(plan *request.Plan, op *contract.Operation, account fakes.Account) []signature.Step {
	key := account.Credential["callback_key"]
	if op.JSONBody == nil || key == "" {
		return nil
	}
	url := strings.ReplaceAll(account.Credential["callback_url"], fakes.BasePlace, plan.BaseURL)
	stamp := strconv.FormatInt(plan.Signing.At.Unix(), 10)
	sum := signature.AliyunCallback(url, stamp, key)
	plan.Header = http.Header{}
	plan.Header.Set("X-VOD-TIMESTAMP", stamp)
	plan.Header.Set("X-VOD-SIGNATURE", sum)
	return []signature.Step{
		{Title: "Join the callback URL, the time in seconds and the key with |", Text: url + "|" + stamp + "|<secret>"},
		{Title: "MD5 in hexadecimal digits", Text: sum},
		{Title: "Add to the headers", Text: "X-VOD-TIMESTAMP: " + stamp + "\nX-VOD-SIGNATURE: " + sum},
	}
}
