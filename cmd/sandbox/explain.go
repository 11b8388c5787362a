package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/diagnosis"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

func explainCommand(p *program) *cobra.Command {
	var curl, url, at string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain [curl …]",
		Short: "Say why a vendor would refuse a request's signature",
		Long: `Says which operation a request names and whether its signature is right; if not, what the
vendor signs, what the sender seems to have signed, and what to change. It sends nothing
and needs no running sandbox.

  sandbox explain --curl 'curl "https://api.polyv.net/v2/video/…?ptime=…&sign=…"'
  sandbox explain --url 'https://cliparto.com/apiq/?id=176050&q=BalanceCurrent&md5=…'
  sandbox explain < request.txt

Standard input is a curl line, a URL, or an HTTP request with its head and body. The URL
may be the vendor's, or that of a sandbox; --api names the API behind any other.

The secret is the default tenant's, or --tenant's. Real credentials, and those of a tenant
that "sandbox exec" has made, are read from the variables that "sandbox env" prints
(POLYV_USERID, POLYV_SECRETKEY, …); --id and --secret do the same, where others can see it.

A request that was pasted late is too old by now: "--at sent" takes the time that it
carries, so that only its signature is judged.

Only the credential and what is signed are judged: parameters, limits and the state of an
account are reasons of their own to refuse a request.

Exit codes: 0 the signature is right, 1 the vendor would refuse it, 2 wrong use.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf(cmd, "curl", "url"); err != nil {
				return err
			}
			values, err := p.read(cmd)
			if err != nil {
				return err
			}
			e := explaining{at: at, json: asJSON}
			if err := e.source(cmd, curl, url, args); err != nil {
				return err
			}
			if e.offline, err = p.offline(values); err != nil {
				return err
			}
			return e.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false) // "explain curl -d …": the flags are curl's
	flags.StringVar(&curl, "curl", "", "the request as a curl line")
	flags.StringVar(&url, "url", "", "the request as a URL, to be read with GET")
	flags.String("api", "", "API behind the URL, where its host name does not say so")
	flags.StringVar(&at, "at", "", "time on the vendor's clock: RFC 3339, Unix time, a distance from now such as -4m, or sent (default now)")
	flags.String("tenant", fakes.DefaultTenant, "tenant of a sandbox with this seed")
	flags.String("id", "", "account that --secret belongs to")
	flags.String("secret", "", "secret of --id, better given in its variable")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	completes(cmd, "api", openapi.APIs()...)
	return p.bindOffline(cmd)
}

// explaining is one run of the command.
type explaining struct {
	*offline
	message request.Message
	notes   []string // on reading it
	at      string
	json    bool
}

// explained is the answer as JSON, in the words of POST /__admin/explain.
type explained struct {
	API        string    `json:"api"`
	Operation  string    `json:"operation"` // "" when the request names none
	Tenant     string    `json:"tenant"`
	Accepted   bool      `json:"accepted"` // as far as its credential and signature go
	Outcome    string    `json:"outcome"`  // by which the vendor refuses, "" when it accepts
	Summary    string    `json:"summary,omitempty"`
	At         time.Time `json:"at"`
	Undeclared []string  `json:"undeclared,omitempty"`
	Notes      []string  `json:"notes,omitempty"`
	// Explanation is null where no signature is wanted.
	Explanation *signature.Explanation `json:"explanation"`
}

// maxRequest bounds what is read of standard input, in bytes.
const maxRequest = request.MaxCurl

// source reads the request from where it is given.
func (e *explaining) source(cmd *cobra.Command, curl, url string, args []string) error {
	var err error
	switch {
	case (curl != "" || url != "") && len(args) > 0:
		return misused("the request is given twice, as a flag and as %q", args[0])
	case curl != "":
		e.message, e.notes, err = request.ParseCurl(curl)
	case url != "":
		e.message, err = ofURL(url)
	case len(args) == 1:
		err = e.text(args[0])
	case len(args) > 1:
		for i := range args {
			args[i] = request.Quote(args[i])
		}
		e.message, e.notes, err = request.ParseCurl(strings.Join(args, " "))
	default:
		if f, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(f.Fd())) { //nolint:gosec // a descriptor is small
			fmt.Fprintln(cmd.ErrOrStderr(), "Paste a curl line, a URL or an HTTP request, then press Ctrl-D.")
		}
		var data []byte
		if data, err = readInput(cmd.Context(), cmd.InOrStdin(), maxRequest+1); err == nil {
			err = e.text(string(data))
		}
	}
	if err != nil {
		return misused("the request cannot be read: %w", err)
	}
	return nil
}

// text reads a curl line, a URL or an HTTP request, whichever it is.
func (e *explaining) text(text string) (err error) {
	trimmed := strings.TrimSpace(text)
	first, _, _ := strings.Cut(trimmed, "\n")
	words := strings.Fields(first)
	switch {
	case trimmed == "":
		return errors.New("there is none; give it with --curl, --url or on standard input")
	case len(text) > maxRequest:
		return fmt.Errorf("it has more than %d bytes", maxRequest)
	case len(words) == 3 && strings.HasPrefix(words[2], "HTTP/"):
		e.message, err = ofHTTP(trimmed)
	case len(words) == 1 && strings.Contains(first, "://"):
		e.message, err = ofURL(first)
	default:
		e.message, e.notes, err = request.ParseCurl(trimmed)
	}
	return err
}

func ofURL(raw string) (request.Message, error) {
	m := request.Message{Method: http.MethodGet, URL: raw, Header: http.Header{}}
	if !strings.HasPrefix(raw, "http://") && !strings.HasPrefix(raw, "https://") {
		return m, errors.New("the URL begins with neither http:// nor https://")
	}
	return m, nil
}

// ofHTTP reads a request as it goes over the line. What follows the head is the body,
// whatever Content-Length says: an editor has changed its line ends.
func ofHTTP(text string) (request.Message, error) {
	head, body, _ := strings.Cut(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n")
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n")))
	if err != nil {
		return request.Message{}, err
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	r.Header.Del("Content-Length")
	return request.FromHTTP(r)
}

func (e *explaining) run(cmd *cobra.Command) error {
	x, err := e.inspect(cmd)
	if err != nil {
		return err
	}
	out := explained{
		API: x.API, Operation: x.Operation, Tenant: x.Tenant.ID, Accepted: x.Outcome == "", Outcome: x.Outcome,
		At: x.At, Undeclared: x.Undeclared,
	}
	doc := e.host.Document(x.API)
	out.Notes = slices.Concat(e.notes, doc.Unread(x.Operation, x.Request.Method, x.Request.Header, x.RequestBody))
	out.Summary = summary(doc, x.Operation, x.Outcome)
	if found, ok := x.Explain(); ok {
		out.Explanation = &found
	}
	if e.json {
		enc := json.NewEncoder(e.p.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return err
		}
	} else {
		e.print(out)
	}
	if !out.Accepted {
		return exitStatus(exitFailed)
	}
	return nil
}

// inspect takes the request apart as of the time asked for.
func (e *explaining) inspect(cmd *cobra.Command) (*fakes.Exchange, error) {
	x, err := e.look(cmd, fakes.Inspection{Stateless: true})
	if err != nil {
		return nil, err
	}
	in := fakes.Inspection{At: time.Now().UTC(), Stateless: true}
	if e.at == "sent" {
		var ok bool
		if in.At, ok = sentAt(x.Values); !ok {
			e.notes = append(e.notes, "The request carries no time that can be read; it is judged as of now.")
			in.At = time.Now().UTC()
		}
	} else if in.At, err = parseAt(e.at, in.At); err != nil {
		return nil, err
	}
	who, given, err := e.given(cmd, x.API)
	if err != nil {
		return nil, err
	}
	another := false
	switch keys := keysOf(x.API); {
	case e.event(x.API, x.Operation):
		in.Secret = cmp.Or(flagText(cmd, "secret"), who.callbackKey)
	case given && who.ID != "" && x.Caller != who.ID && keys.secret != "" && keys.token == "":
		another = x.Caller != ""
	case given && keys.secret == "" && x.Caller == who.ID: // the key is all there is
		in.Secret = who.ID
	case given && keys.token == "":
		in.Secret = who.Secret
	}
	if tenant := flagText(cmd, "tenant"); cmd.Flags().Changed("tenant") {
		if in.Tenant, err = e.tenant(tenant); err != nil {
			return nil, err
		}
	}
	if x, err = e.look(cmd, in); err != nil {
		return nil, err
	}
	known := slices.ContainsFunc(x.Tenant.Accounts(x.API), func(a fakes.Account) bool { return a.ID == x.Caller })
	if another && !known { // a known one is judged by its own secret
		e.notes = append(e.notes, fmt.Sprintf("The request names the account %.60q, which is not known here; the credential given, that of %.60q, was not used.", x.Caller, who.ID))
	}
	return x, nil
}

// look is one inspection. A tenant that the URL names is made as a sandbox with this seed
// would make it.
func (e *explaining) look(cmd *cobra.Command, in fakes.Inspection) (*fakes.Exchange, error) {
	for {
		r, err := e.message.Request(cmd.Context())
		if err != nil {
			return nil, misused("the request cannot be read: %w", err)
		}
		if api := flagText(cmd, "api"); api != "" {
			if e.host.Document(api) == nil {
				return nil, misused("--api %q: there is no such API%s", api, choice(api, e.apiNames()))
			}
			r.Host = api + ".localhost"
		}
		x, err := e.host.Inspect(r, in)
		switch {
		case errors.Is(err, fakes.ErrTenantUnknown):
			id := tenantOf(r)
			if _, err := e.host.AddTenant(fakes.NewTenant{ID: id}); err != nil {
				return nil, misused("the URL names a tenant %q: %w", id, err)
			}
		case errors.Is(err, fakes.ErrAPIUnknown):
			return nil, misused("%s leads to none of the APIs; if it stands in for one, name it with --api: %s", r.URL.Host+r.URL.Path, strings.Join(e.apiNames(), ", "))
		case err != nil:
			return nil, misused("the request cannot be read: %w", err)
		default:
			return x, nil
		}
	}
}

// tenantOf is the tenant that a sandbox's URL names: /t/{tenant}/… or {tenant}.{api}.localhost.
func tenantOf(r *http.Request) string {
	if rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/t/"); ok {
		id, _, _ := strings.Cut(rest, "/")
		return id
	}
	id, _, _ := strings.Cut(r.Host, ".")
	return id
}

// sentAt reads the time that a request carries: Polyv's ptime in milliseconds,
// Interstream's timestamp in seconds.
func sentAt(values contract.Values) (time.Time, bool) {
	for _, v := range values {
		n, err := strconv.ParseInt(v.Value, 10, 64)
		switch {
		case err != nil || n < 0 || v.In == contract.InPath:
		case v.Name == "ptime" && n < 1e15:
			return time.UnixMilli(n).UTC(), true
		case v.Name == "timestamp" && n < 1e12:
			return time.Unix(n, 0).UTC(), true
		}
	}
	return time.Time{}, false
}

func summary(doc *contract.Document, operation, outcome string) string {
	if op := doc.Operation(operation); op != nil {
		if o := op.Outcome(outcome); o != nil {
			return o.Summary
		}
	}
	if o := doc.Common[outcome]; o != nil {
		return o.Summary
	}
	return ""
}

// event reports whether the operation receives events, which are signed with a key of
// their own.
func (e *explaining) event(api, operation string) bool {
	op := e.host.Document(api).Operation(operation)
	return op != nil && op.JSONBody != nil
}

// right says what was found to be right, which is no more than was looked at.
func (e *explaining) right(out explained) string {
	keys := keysOf(out.API)
	switch {
	case out.Explanation == nil:
		return "no credential is wanted here"
	case e.event(out.API, out.Operation):
		return "the signature is right"
	case keys.token != "":
		return "the token looks right; whether it is still good, its server knows"
	case keys.secret == "":
		return "the key is right"
	}
	return "the signature is right"
}

func (e *explaining) print(out explained) {
	w := e.p.stdout
	what := out.API + " " + out.Operation
	if out.Operation == "" {
		what = out.API + ", no operation"
	}
	if out.Explanation != nil && out.Explanation.Caller != "" {
		what += ", as " + out.Explanation.Caller
	}
	what += ", at " + out.At.Format("2006-01-02T15:04:05.999Z07:00")
	if out.Accepted {
		fmt.Fprintf(w, "%s: %s\n", what, e.right(out))
	} else {
		fmt.Fprintf(w, "%s: refused with %s\n  %s\n", what, out.Outcome, out.Summary)
	}
	if out.Explanation != nil {
		diagnosis.Write(w, *out.Explanation, "  ")
	}
	for _, name := range out.Undeclared {
		fmt.Fprintf(w, "  note: The contract of %s does not declare the parameter %.60q there.\n", out.Operation, name)
	}
	for _, note := range out.Notes {
		fmt.Fprintf(w, "  note: %s\n", note)
	}
}
