package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/nearest"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/signature"
)

func signCommand(p *program) *cobra.Command {
	var at string
	s := signing{}
	cmd := &cobra.Command{
		Use:   "sign API OPERATION [NAME=VALUE…]",
		Short: "Print a signed request and its curl line",
		Long: `Prints a signed request of an operation, and a curl line to paste. It sends nothing and
needs no running sandbox.

  sandbox sign polyv clip title=Goal 'timeFrame=[{"start":1,"end":9}]'
  sandbox sign interstream setContentVote --at -6m --show
  sandbox sign qqtube funds --curl | sh

Required parameters that are not given take the contract's example; --bare leaves them
out. NAME= sends an empty value.

It signs as the default tenant, or as --tenant. Real credentials, and those of a tenant
that "sandbox exec" has made, are read from the variables that "sandbox env" prints
(POLYV_USERID, POLYV_SECRETKEY, …), and POLYV_BASE_URL says where the API is. --id and
--secret do the same; a secret on a command line can be read by others on the machine.`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeSign,
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, other := range []string{"json", "show"} {
				if err := oneOf(cmd, "curl", other); err != nil {
					return err
				}
			}
			values, err := p.read(cmd)
			if err != nil {
				return err
			}
			if len(args) < 2 {
				return misused("sign wants an API and an operation, such as: sandbox sign qqtube funds")
			}
			if s.at, err = parseAt(at, time.Now().UTC()); err != nil {
				return err
			}
			if s.offline, err = p.offline(values); err != nil {
				return err
			}
			return s.run(cmd, args[0], args[1], args[2:])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&at, "at", "", "time of the signature: RFC 3339, Unix time, or a distance from now such as -4m (default now)")
	flags.String("tenant", fakes.DefaultTenant, "tenant of a sandbox with this seed, to sign as")
	flags.String("id", "", "account to sign as: of the tenant, or a real one")
	flags.String("secret", "", "secret of --id, better given in its variable; for qulive the token")
	flags.String("url", "", "base URL of the API (default that of a sandbox with these settings)")
	flags.StringVar(&s.salt, "salt", "", "salt of an Interstream signature (default one derived from key and time)")
	flags.StringVar(&s.method, "method", "", "method, where an operation answers to several")
	flags.StringVar(&s.data, "data", "", "body of an operation that takes JSON")
	flags.BoolVar(&s.multipart, "multipart", false, "send a form as multipart/form-data")
	flags.BoolVar(&s.bare, "bare", false, "send only the parameters that are given")
	flags.BoolVar(&s.show, "show", false, "print each step of the computation; the secret stays hidden")
	flags.BoolVar(&s.curl, "curl", false, "print the curl line alone")
	flags.BoolVar(&s.json, "json", false, "print JSON")
	return p.bindOffline(cmd)
}

// signing is one run of the command.
type signing struct {
	*offline
	at                                time.Time
	salt, method, data                string
	multipart, bare, show, curl, json bool
}

// signed is the answer as JSON, in the words of POST /__admin/sign.
type signed struct {
	API       string           `json:"api"`
	Operation string           `json:"operation"`
	At        time.Time        `json:"at"`
	Method    string           `json:"method"`
	URL       string           `json:"url"`
	Headers   []header         `json:"headers"`
	Body      string           `json:"body"`
	Curl      string           `json:"curl"`
	Steps     []signature.Step `json:"steps"`
}

type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (s *signing) run(cmd *cobra.Command, api, operation string, pairs []string) error {
	doc := s.host.Document(api)
	if doc == nil {
		return misused("there is no API %q%s", api, choice(api, s.apiNames()))
	}
	op := doc.Operation(operation)
	if op == nil {
		var ids []string
		for _, o := range doc.Operations {
			ids = append(ids, o.ID)
		}
		return misused("%s has no operation %q%s", api, operation, choice(operation, ids))
	}
	args, err := arguments(pairs)
	if err != nil {
		return err
	}
	who, err := s.signer(cmd, api, op, args)
	if err != nil {
		return err
	}
	scheme := s.scheme(api)
	plan := request.Plan{
		Document: doc, Operation: op.ID, Args: args, BaseURL: who.base, Method: s.method, Multipart: s.multipart,
		Examples: !s.bare, Scheme: scheme, Credential: who.Credential, Signing: signature.Signing{At: s.at, Salt: s.salt},
	}
	if err := s.body(&plan, op); err != nil {
		return err
	}
	var steps []signature.Step
	if op.JSONBody != nil && api == "qulive" {
		if who.callbackKey == "" {
			return misused("%s is signed with the callback key; give it in %s", op.ID, variableName(api, "callback_key"))
		}
		steps = s.callback(&plan, op, who)
	}
	built, err := plan.Build()
	if err != nil {
		return misused("%w", err)
	}
	switch {
	case built.Signed:
		unsigned := signature.Request{Operation: op.ID, Method: built.Method, Path: op.Path, Values: built.Unsigned}
		steps = signature.Steps(scheme, &unsigned, who.Credential, plan.Signing, false)
	case steps == nil:
		steps = []signature.Step{{Title: "Nothing is signed", Text: "The operation wants no credential."}}
	}
	s.idle(cmd, plan, built)
	if names := exampled(op, args); len(names) > 0 && !s.bare {
		fmt.Fprintf(s.p.stderr, "sandbox: from the contract's examples: %s\n", strings.Join(names, ", "))
	}
	out := signed{
		API: api, Operation: op.ID, At: s.at, Method: built.Method, URL: built.URL,
		Headers: []header{}, Body: string(built.Body), Curl: built.Curl(), Steps: steps,
	}
	for _, name := range slices.Sorted(maps.Keys(built.Header)) {
		out.Headers = append(out.Headers, header{name, strings.Join(built.Header[name], ", ")})
	}
	return s.print(out)
}

func (s *signing) print(out signed) error {
	w := s.p.stdout
	switch {
	case s.json:
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(out)
	case s.curl:
		fmt.Fprintln(w, out.Curl)
		return nil
	}
	steps := out.Steps
	if !s.show {
		steps = nil
	}
	for i, step := range steps {
		fmt.Fprintf(w, "%d. %s\n", i+1, step.Title)
		for line := range strings.Lines(step.Text) {
			fmt.Fprintf(w, "     %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	if len(steps) > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%s %s\n", out.Method, out.URL)
	if out.Body != "" {
		for _, h := range out.Headers {
			fmt.Fprintf(w, "%s: %s\n", h.Name, h.Value)
		}
		fmt.Fprintf(w, "\n%s\n", out.Body)
	}
	fmt.Fprintf(w, "\n%s\n", out.Curl)
	return nil
}

// signer finds the account to sign as, and where its API is.
func (s *signing) signer(cmd *cobra.Command, api string, op *contract.Operation, args map[string]string) (identity, error) {
	who, ok, err := s.given(cmd, api)
	if err != nil {
		return who, err
	}
	prefix := ""
	if !ok {
		t, err := s.tenant(flagText(cmd, "tenant"))
		if err != nil {
			return who, err
		}
		account, err := s.account(t, api, flagText(cmd, "id"), op, args)
		if err != nil {
			return who, err
		}
		if !t.Default {
			prefix = "/t/" + t.ID
		}
		who.Credential = signature.Credential{ID: account.ID, Secret: account.Secret, Token: account.Credential["token"]}
		if who.callbackKey == "" {
			who.callbackURL, who.callbackKey = account.Credential["callback_url"], account.Credential["callback_key"]
		}
	}
	if text := flagText(cmd, "url"); text != "" {
		who.base = strings.TrimSuffix(text, "/")
	}
	if who.base == "" {
		who.base = localURL(s.values.String("listen")) + prefix + "/" + api
	}
	return who, nil
}

// account is the tenant's account of that id, else the one that the path names, else that
// of the contract's example (the vendor's samples use several), else the first.
func (s *signing) account(t *fakes.Tenant, api, id string, op *contract.Operation, args map[string]string) (fakes.Account, error) {
	accounts := t.Accounts(api)
	if len(accounts) == 0 {
		return fakes.Account{}, failed("tenant %s has no account at %s", t.ID, api)
	}
	find := func(id string) (fakes.Account, bool) {
		i := slices.IndexFunc(accounts, func(a fakes.Account) bool { return a.ID == id })
		if id == "" || i < 0 {
			return accounts[0], false
		}
		return accounts[i], true
	}
	if id != "" {
		account, ok := find(id)
		if !ok {
			return account, misused("--id %q: tenant %s has no such account at %s; for another account, set %s and %s",
				id, t.ID, api, variableName(api, keysOf(api).id), variableName(api, keysOf(api).secret))
		}
		return account, nil
	}
	for _, p := range op.Params {
		if p.In != contract.InPath {
			continue
		}
		if given, ok := args[p.Name]; ok {
			account, ok := find(given)
			if !ok {
				return account, misused("%s=%s: tenant %s has no such account; give its secret with --id and --secret", p.Name, given, t.ID)
			}
			return account, nil
		}
		if account, ok := find(p.Example); ok && !s.bare {
			return account, nil
		}
	}
	return accounts[0], nil
}

func (s *signing) body(plan *request.Plan, op *contract.Operation) error {
	switch {
	case op.JSONBody == nil && s.data != "":
		return misused("%s takes parameters, not a JSON body; give them as NAME=VALUE", op.ID)
	case op.JSONBody == nil:
		return nil
	case s.data == "":
		return misused("%s takes a JSON body; give it with --data", op.ID)
	case !json.Valid([]byte(s.data)):
		return misused("--data is no JSON")
	}
	plan.Body = []byte(s.data)
	return nil
}

// callback signs an event as VOD does: in headers (vendor page of Qulive, callback
// authentication; CONTRACTS section 4).
func (s *signing) callback(plan *request.Plan, op *contract.Operation, who identity) []signature.Step {
	url := strings.ReplaceAll(who.callbackURL, fakes.BasePlace, who.base)
	if url == "" {
		url = who.base + op.Path
	}
	stamp := strconv.FormatInt(s.at.Unix(), 10)
	sign := signature.AliyunCallback(url, stamp, who.callbackKey)
	plan.Header = http.Header{"X-VOD-TIMESTAMP": {stamp}, "X-VOD-SIGNATURE": {sign}} // as the vendor writes them
	return []signature.Step{
		{Title: "Take the callback URL, the time in seconds and the key", Text: url + "\n" + stamp + "\n<secret>"},
		{Title: "Join them with |", Text: url + "|" + stamp + "|<secret>"},
		{Title: "MD5 in hexadecimal digits", Text: sign},
		{Title: "Add to the headers", Text: "X-VOD-TIMESTAMP: " + stamp + "\nX-VOD-SIGNATURE: " + sign},
	}
}

func (o *offline) scheme(api string) signature.Scheme {
	for _, a := range o.host.APIs() {
		if a.Name == api {
			return a.Scheme
		}
	}
	return nil
}

func (o *offline) apiNames() (names []string) {
	for _, a := range o.host.APIs() {
		names = append(names, a.Name)
	}
	return names
}

// choice ends a complaint about a name: with the nearest, or with all that there are.
func choice(word string, names []string) string {
	if hint := nearest.Hint(word, names); hint != "" {
		return hint
	}
	return "; there are " + strings.Join(names, ", ")
}

// arguments reads NAME=VALUE pairs.
func arguments(pairs []string) (map[string]string, error) {
	args := map[string]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, misused("%q is no parameter: write NAME=VALUE", pair)
		}
		if _, twice := args[name]; twice {
			return nil, misused("the parameter %s is given twice", name)
		}
		args[name] = value
	}
	return args, nil
}

// exampled lists the required parameters that take the contract's example.
func exampled(op *contract.Operation, args map[string]string) (names []string) {
	given := map[*contract.Param]bool{}
	for name := range args {
		given[op.Param(name)] = true
	}
	for _, p := range op.Params {
		if p.Required && !p.Security && !p.Pinned && p.In != contract.InPath && p.Example != "" && !given[p] {
			names = append(names, p.Name)
		}
	}
	return names
}
