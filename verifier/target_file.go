package verifier

import (
	"math"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// File reads a target file: the endpoints of vendors, or of another implementation of
// the contracts. env looks environment variables up, as os.LookupEnv does. A credential
// whose variable is not set is left out, and the scenarios that need it are skipped with
// that reason. What is wrong in the file is returned as Mistakes.
func File(name string, data []byte, env func(string) (string, bool)) (*Target, error) {
	f := tree.NewFile(name, data)
	root := tree.Parse(f, data)
	if root == nil {
		f.HideValues()
		return nil, f.Mistakes()
	}
	hide(f, root.Get("credentials"))
	hide(f, root.Get("accounts"))
	if !targetShape().Check(f, root) {
		return nil, f.Mistakes()
	}
	r := &targetReader{file: f, root: root, env: env, t: &Target{
		bases: map[string]string{}, own: accounts{}, others: map[string]accounts{}, vars: map[string]any{}, pace: map[string]Pace{},
		unset: map[string]string{}, scale: 1, patience: defaultPatience,
	}}
	r.read(name)
	if m := f.Mistakes(); m != nil {
		return nil, m
	}
	r.t.client = newClient(newTransport(http.ProxyFromEnvironment))
	return r.t, nil
}

// hide keeps what stands in clear below a node out of the mistakes of the file.
func hide(f *tree.File, n *tree.Node) {
	if n == nil {
		return
	}
	for _, item := range n.Items {
		hide(f, item)
	}
	for _, e := range n.Entries {
		hide(f, e.Value)
	}
	if n.Kind&tree.Scalar == 0 || variablePattern.ReplaceAllString(n.Text, "") == "" {
		return
	}
	f.Hide(n.Line, n.Column)
	for i := range strings.Count(n.Text, "\n") + 1 {
		if n.Inner < 0 { // a block of lines
			f.Hide(n.Line+1+i, 1)
		}
	}
}

// targetReader turns the tree of a target file into a target.
type targetReader struct {
	file *tree.File
	root *tree.Node
	env  func(string) (string, bool)
	t    *Target
}

func (r *targetReader) read(name string) {
	r.t.Name = strings.TrimSuffix(path.Base(name), path.Ext(name))
	if n := r.root.Get("name"); n != nil {
		r.t.Name = n.Text
	}
	r.bases()
	if n := r.root.Get("credentials"); n != nil {
		r.t.own = r.credentials(n, "")
	}
	if n := r.root.Get("accounts"); n != nil {
		for _, e := range n.Entries {
			if !wordPattern.MatchString(e.Key.Text) || e.Key.Text == "own" {
				r.file.At(e.Key, "%q is no name for an account", e.Key.Text)
			}
			r.t.others[e.Key.Text] = r.credentials(e.Value, e.Key.Text)
		}
	}
	if n := r.root.Get("vars"); n != nil {
		for _, e := range n.Entries {
			r.variable(e)
		}
	}
	if n := r.root.Get("allow"); n != nil {
		for _, item := range n.Items {
			r.t.allow = append(r.t.allow, item.Text)
		}
	}
	r.numbers()
	r.paces()
}

func (r *targetReader) bases() {
	for _, e := range r.root.Get("base_urls").Entries {
		text, missing := r.expand(e.Value.Text)
		if missing != "" {
			r.file.At(e.Value, "the environment has no %s", missing)
			continue
		}
		u, err := url.Parse(text)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			r.file.At(e.Value, "a base URL has a scheme, a host and perhaps a path, such as https://api.polyv.net")
			continue
		}
		r.t.bases[e.Key.Text] = strings.TrimSuffix(text, "/")
	}
}

var variablePattern = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand puts environment variables in; missing names one that is not set or empty.
func (r *targetReader) expand(text string) (out, missing string) {
	out = variablePattern.ReplaceAllStringFunc(text, func(m string) string {
		name := m[2 : len(m)-1]
		v, ok := r.env(name)
		if !ok || v == "" {
			missing = name
		}
		return v
	})
	return out, missing
}

// credentials reads credentials by API. One with a variable that is not set is left out.
func (r *targetReader) credentials(n *tree.Node, account string) accounts {
	inClear := false
	if c := r.root.Get("allow_clear_credentials"); c != nil {
		inClear, _ = c.Value.(bool)
	}
	out := accounts{}
	for _, api := range n.Entries {
		c := map[string]string{}
		whole := true
		for _, e := range api.Value.Entries {
			if !inClear && !slices.Contains(fieldsOf(api.Key.Text).public, e.Key.Text) && variablePattern.ReplaceAllString(e.Value.Text, "") != "" {
				variable := strings.ToUpper(api.Key.Text + "_" + e.Key.Text)
				r.file.Wrong(e.Key.Line, e.Key.Column, "%s stands here in clear; take it from the environment, ${%s}, or say allow_clear_credentials: true", e.Key.Text, variable)
				continue
			}
			text, missing := r.expand(e.Value.Text)
			if missing != "" {
				whole = false
				r.t.unset[account+"\x00"+api.Key.Text] = missing
				continue
			}
			c[e.Key.Text] = text
		}
		if whole {
			out[api.Key.Text] = c
			r.complete(api, c)
		}
	}
	return out
}

// complete refuses a credential with which nothing can be signed.
func (r *targetReader) complete(api tree.Entry, c map[string]string) {
	f := fieldsOf(api.Key.Text)
	for _, key := range []string{f.id, f.secret} {
		if key != "" && api.Value.Get(key) == nil && (f.token == "" || c[f.token] == "") {
			r.file.At(api.Key, "the credential of %s wants %s", api.Key.Text, key)
		}
	}
}

func (r *targetReader) variable(e tree.Entry) {
	if !savedName.MatchString(e.Key.Text) {
		r.file.At(e.Key, "%q is no name: letters, digits and _", e.Key.Text)
	}
	if e.Value.Kind != tree.Text {
		r.t.vars[e.Key.Text] = e.Value.Value
		return
	}
	if text, missing := r.expand(e.Value.Text); missing == "" {
		r.t.vars[e.Key.Text] = text
	}
}

func (r *targetReader) numbers() {
	if n := r.root.Get("budget"); n != nil {
		if r.t.budget, _ = n.Value.(int); r.t.budget < 1 {
			r.file.At(n, "a budget is a number of requests from 1")
		}
	}
	if n := r.root.Get("time_scale"); n != nil {
		r.t.scale, _ = number(n.Value)
		if !(r.t.scale >= 1e-3 && r.t.scale <= 1e9) || math.IsInf(r.t.scale, 0) {
			r.file.At(n, "time_scale is a number such as 1, or 60 for a minute that takes a second")
			r.t.scale = 1
		}
	}
	r.t.patience = r.duration(r.root.Get("patience"), defaultPatience)
}

func (r *targetReader) duration(n *tree.Node, otherwise time.Duration) time.Duration {
	if n == nil {
		return otherwise
	}
	if n.Kind == tree.Int {
		if n.Value != 0 {
			r.file.At(n, "%s wants a unit: %ss", n.Text, n.Text)
		}
		return 0
	}
	d, err := parseDuration(n.Text)
	if err != nil || d < 0 {
		r.file.At(n, "%q is not a duration such as 20s or 1h", n.Text)
		return otherwise
	}
	return d
}

// vendorPace is what a vendor allows, where its page says so.
func vendorPace(api string) Pace {
	switch api {
	case "cliparto":
		return Pace{Every: 20 * time.Second, Repeat: time.Hour}
	case "polyv":
		return Pace{Requests: 1500, Per: 10 * time.Second}
	}
	return Pace{}
}

func (r *targetReader) paces() {
	faster := func(d time.Duration) time.Duration { return time.Duration(float64(d) / r.t.scale) }
	for api := range r.t.bases {
		p := vendorPace(api)
		p.Every, p.Per, p.Repeat = faster(p.Every), faster(p.Per), faster(p.Repeat)
		r.t.pace[api] = p
	}
	n := r.root.Get("pace")
	if n == nil {
		return
	}
	for _, e := range n.Entries {
		p := r.t.pace[e.Key.Text]
		p.Every = r.duration(e.Value.Get("every"), p.Every)
		p.Repeat = r.duration(e.Value.Get("repeat"), p.Repeat)
		requests, per := e.Value.Get("requests"), e.Value.Get("per")
		if (requests == nil) != (per == nil) {
			r.file.At(e.Value, "requests and per belong together")
		}
		if requests != nil && per != nil {
			p.Requests, _ = requests.Value.(int)
			p.Per = r.duration(per, 0)
			if p.Requests < 1 {
				r.file.At(requests, "requests is a number from 1")
			}
		}
		r.t.pace[e.Key.Text] = p
	}
}
