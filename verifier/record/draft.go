package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Draft is a scenario made from the exchanges with one API.
type Draft struct {
	API  string
	Text string // YAML
	// Notes say, in sentences, what could not be put into the scenario.
	Notes []string
}

// Drafts makes a scenario of the exchanges with each API. Requests name their operation;
// an argument that an earlier reply had is taken from there; signature, timestamp and
// credential are left out, because they are made anew when the scenario runs. The outcome
// that was seen is what is expected.
func Drafts(docs map[string]*contract.Document, list []*Exchange) []Draft {
	byAPI := map[string][]*Exchange{}
	for _, x := range list {
		byAPI[x.API] = append(byAPI[x.API], x)
	}
	var out []Draft
	for _, api := range sortedKeys(byAPI) {
		if docs[api] == nil {
			continue
		}
		d := drafting{doc: docs[api], links: newLinks(), names: map[string]bool{}, needs: map[string]bool{}}
		for _, x := range byAPI[api] {
			d.exchange(x)
		}
		out = append(out, Draft{API: api, Text: d.text(byAPI[api]), Notes: d.notes})
	}
	return out
}

// drafting is the state of one draft.
type drafting struct {
	doc   *contract.Document
	links *links
	steps []*draftStep
	names map[string]bool // of saved values
	needs map[string]bool
	notes []string
}

// draftStep is one step; its values are written as YAML already.
type draftStep struct {
	comments []string
	call     string
	method   string
	encoding string
	with     []pair
	body     string
	omit     []string // tampering before it is signed, so that the signature fits
	set      []pair
	add      []pair
	unsigned []string // security parameters that were not sent
	raw      []pair
	expect   string
	save     []pair
	saved    map[string]string // expression → name
}

type pair struct{ name, value string }

func (d *drafting) note(x *Exchange, text string) {
	d.notes = append(d.notes, fmt.Sprintf("exchange %d: %s", x.Number, text))
}

func (d *drafting) exchange(x *Exchange) {
	st := &draftStep{saved: map[string]string{}}
	d.steps = append(d.steps, st)
	op := d.doc.Operation(x.Operation)
	if op == nil {
		d.raw(st, x)
	} else {
		st.call = op.ID
		d.arguments(st, op, x)
		d.encoding(st, op, x)
		if op.JSONBody != nil {
			st.body = d.jsonBody(x)
			st.comments = append(st.comments, "headers of the recording are not kept; those that sign have to be written here")
		}
	}
	d.expect(st, op, x)
	d.links.sent(x.Request.Params)
	d.links.received(len(d.steps)-1, x.Reply)
}

// arguments sorts the parameters: what the contract allows goes into with, the rest is
// tampering.
func (d *drafting) arguments(st *draftStep, op *contract.Operation, x *Exchange) {
	seen := map[*contract.Param]bool{}
	for _, p := range x.Request.Params {
		param := op.Param(p.Name)
		switch {
		case param == nil:
			st.add = append(st.add, pair{p.Name, d.value(st, nil, p)})
			continue
		case param.Security:
			seen[param] = true
			continue
		case param.Pinned:
			continue
		case seen[param]:
			st.add = append(st.add, pair{p.Name, d.value(st, param, p)})
			continue
		}
		seen[param] = true
		v := pair{p.Name, d.proof(op, x, p)}
		if v.value == "" {
			v.value = d.value(st, param, p)
		}
		if !p.Hidden && p.Value != "" && param.Schema.CheckText(p.Value) != "" || p.Value == "" && param.Required {
			st.set = append(st.set, v)
		} else {
			st.with = append(st.with, v)
		}
	}
	for _, param := range op.Params {
		if !param.Required || param.Pinned || param.In == contract.InPath || seen[param] {
			continue
		}
		if param.Security {
			st.unsigned = append(st.unsigned, param.Name)
		} else {
			st.omit = append(st.omit, param.Name)
		}
	}
}

// value writes an argument: what an earlier reply had as an expression, what was masked as
// a part of the credential or else as a variable of the target, anything else as it was.
func (d *drafting) value(st *draftStep, param *contract.Param, p Param) string {
	if p.Hidden && masked(p.Value) {
		name := variable(p.Name)
		d.needs["vars."+name] = true
		st.comments = append(st.comments, p.Name+" was masked: the target's vars give it")
		return quote("${vars." + name + "}")
	}
	if f, ok := d.links.find(param, p.Name, p.Value); ok {
		return quote("${" + d.save(f) + "}")
	}
	if !separators.MatchString(p.Value) {
		if p.Hidden {
			return quote(d.piece(p.Value))
		}
		return scalar(param, p.Value)
	}
	var out strings.Builder
	rest, linked := p.Value, false
	for {
		at := separators.FindStringIndex(rest)
		piece := rest
		if at != nil {
			piece = rest[:at[0]]
		}
		if f, ok := d.links.find(param, p.Name, piece); ok && !strings.HasSuffix(out.String(), "$") {
			out.WriteString("${" + d.save(f) + "}")
			linked = true
		} else {
			out.WriteString(d.piece(piece))
		}
		if at == nil {
			break
		}
		out.WriteString(rest[at[0]:at[1]])
		rest = rest[at[1]:]
	}
	if !linked && !p.Hidden {
		return scalar(param, p.Value)
	}
	return quote(out.String())
}

// proof writes what a login that was accepted proves the caller with: name and password of
// the account that runs the scenario. It is "" for all else.
func (d *drafting) proof(op *contract.Operation, x *Exchange, p Param) string {
	o := op.Outcome(x.Outcome)
	if d.doc.Name != "qulive" || op.ID != "login" || o == nil || !o.Success || p.Name != "username" && p.Name != "password" {
		return ""
	}
	if p.Name == "password" {
		d.needs["credential.password"] = true
	}
	return quote("${credential." + p.Name + "}")
}

// piece writes a text that no reply had. What is masked in it is the account's name, with
// which a vendor's ids begin.
func (d *drafting) piece(text string) string {
	return strings.ReplaceAll(escape(text), hidden, "${credential.id}")
}

// save makes an earlier step keep a value, and returns the name.
func (d *drafting) save(f found) string {
	from := d.steps[f.step]
	if name := from.saved[f.expr]; name != "" {
		return name
	}
	base := variable(f.key)
	if f.key == "" && from.call != "" { // a text has no names; the operation tells what it is
		base = variable(strings.ToLower(from.call[:1]) + from.call[1:])
	}
	name := base
	for n := 2; d.names[name] || taken(name); n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	d.names[name] = true
	from.saved[f.expr] = name
	from.save = append(from.save, pair{name, quote(f.expr)})
	return name
}

// taken are names that mean something in expressions.
func taken(name string) bool {
	return slices.Contains([]string{
		"vars", "row", "credential", "true", "false", "nil", "in", "not", "and", "or", "let", "if", "else", "matches", "contains",
		"startsWith", "endsWith", "body", "text", "status", "headers", "outcome", "now", "unique", "decodeBase64", "json", "money", "md5",
		"date", "len", "count", "first", "last", "sum", "min", "max", "all", "any", "one", "none", "map", "filter", "find", "type",
		"string", "int", "float", "keys", "values", "split", "trim", "duration", "sort", "join", "get", "take", "upper", "lower", "repeat",
	}, name)
}

// variable makes a name for expressions of a parameter's or member's.
func variable(name string) string {
	out := []byte(name)
	for i, c := range out {
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' && i > 0) {
			out[i] = '_'
		}
	}
	if len(out) == 0 {
		return "value"
	}
	return string(out)
}

// encoding says how the form travelled, where that is not the usual way.
func (d *drafting) encoding(st *draftStep, op *contract.Operation, x *Exchange) {
	if !strings.EqualFold(x.Request.Method, op.Method) {
		st.method = strings.ToUpper(x.Request.Method)
	}
	declared, query, form := false, false, false
	for _, p := range x.Request.Params {
		if param := op.Param(p.Name); param != nil && param.In == contract.InForm {
			declared = true
			query = query || p.In == contract.InQuery
			form = form || p.In == contract.InForm
		}
	}
	switch {
	case declared && query && !form && st.method == "":
		st.encoding = "query"
	case strings.HasPrefix(x.Request.ContentType, "multipart/form-data"):
		st.encoding = "multipart"
	}
}

// jsonBody writes a JSON body; JSON is YAML.
func (d *drafting) jsonBody(x *Exchange) string {
	var line bytes.Buffer
	if json.Compact(&line, []byte(x.Request.Body)) != nil {
		d.note(x, "its body is no JSON, and was left out")
		return "{}"
	}
	return escape(line.String())
}

// raw writes a request outside every operation as it was sent. What was masked in it stays
// masked: it is not signed anew.
func (d *drafting) raw(st *draftStep, x *Exchange) {
	st.raw = append(st.raw, pair{"method", x.Request.Method}, pair{"path", quote(escape(x.Request.Path))})
	if x.Request.Query != "" {
		st.raw = append(st.raw, pair{"query", quote(d.keyed(x.Request.Query))})
	}
	if x.Request.ContentType != "" {
		ctype := x.Request.ContentType
		if strings.HasPrefix(ctype, "multipart/") {
			ctype = "application/x-www-form-urlencoded"
		}
		st.raw = append(st.raw, pair{"headers", "{Content-Type: " + quote(ctype) + "}"})
	}
	body := escape(x.Request.Body)
	if body == "" {
		body = d.keyed(form(x))
	}
	if body != "" {
		st.raw = append(st.raw, pair{"body", quote(body)})
	}
	if sent := d.keyed(x.Request.Query) + body; strings.Contains(sent, hidden) || strings.Contains(sent, url.QueryEscape(hidden)) {
		st.comments = append(st.comments, "outside every operation, so that it is not signed: *** (%2A%2A%2A) stands for what was masked, and has to be written")
		d.note(x, "it is outside every operation and had a credential; what it sends is masked")
	}
}

// keyed is a query or form with the API key of the account that runs the scenario in the
// place of a masked one: at QQTube the key is the whole proof.
func (d *drafting) keyed(text string) string {
	text = escape(text)
	if d.doc.Name != "qqtube" {
		return text
	}
	return strings.ReplaceAll(text, "api_key="+url.QueryEscape(hidden), "api_key=${credential.api_key}")
}

// form writes a form's values again; one that was multipart is urlencoded then.
func form(x *Exchange) string {
	var out []string
	for _, p := range x.Request.Params {
		if p.In == contract.InForm {
			out = append(out, url.QueryEscape(p.Name)+"="+url.QueryEscape(p.Value))
		}
	}
	return strings.Join(out, "&")
}

func (d *drafting) expect(st *draftStep, op *contract.Operation, x *Exchange) {
	for _, f := range x.Findings {
		text := f.Side + ": " + f.What
		if f.Pointer != "" && f.Side == "request" {
			text += " (" + f.Pointer + ")"
		}
		st.comments = append(st.comments, text)
	}
	names := strings.Split(x.Outcome, "+")
	switch {
	case x.Failed != "":
		st.comments = append(st.comments, "there was no reply: "+x.Failed)
		d.note(x, "there was no reply; what to expect has to be written")
	case x.Outcome == "":
		st.expect = fmt.Sprintf("{status: %d}", x.Reply.Status)
		st.comments = append(st.comments, "the reply is no outcome of the contract")
		d.note(x, "the reply is no outcome of the contract; only its status is expected")
	case len(names) > 1:
		st.expect = "{outcome: {all: [" + strings.Join(names, ", ") + "]}}"
	default:
		st.expect = "{outcome: " + x.Outcome + "}"
	}
	if op == nil || len(names) != 1 || len(st.unsigned) > 0 {
		return
	}
	if o := op.Outcome(names[0]); o != nil && !o.Success && op.Secured && !refusesParam(op, names[0]) {
		st.comments = append(st.comments, "if this was refused for its signature, say with tamper how to spoil it: what runs is signed well")
	}
}

// refusesParam reports whether an outcome is that of a parameter that is missing or wrong.
func refusesParam(op *contract.Operation, outcome string) bool {
	return slices.ContainsFunc(op.Params, func(p *contract.Param) bool { return p.Missing == outcome || p.Invalid == outcome })
}

// text writes the scenario.
func (d *drafting) text(list []*Exchange) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# A draft of %d recorded exchanges. Signatures, timestamps and credentials are made anew when it runs.\n", len(list))
	fmt.Fprintf(&out, "# Say in \"scenario\" what it shows, and expect what matters in the replies.\n")
	fmt.Fprintf(&out, "scenario: %s\napi: %s\n", quote(fmt.Sprintf("%s as recorded on %s", d.doc.Name, list[0].Time.UTC().Format("2006-01-02 at 15:04:05"))), d.doc.Name)
	if len(d.needs) > 0 {
		var needs []string
		for name := range d.needs {
			needs = append(needs, name)
		}
		sort.Strings(needs)
		fmt.Fprintf(&out, "needs: [%s]\n", strings.Join(needs, ", "))
	}
	out.WriteString("steps:\n")
	for _, st := range d.steps {
		st.write(&out)
	}
	return out.String()
}
