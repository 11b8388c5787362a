package signature

import (
	"slices"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// All returns the five schemes in the order of CONTRACTS.md.
func All() []Scheme {
	return []Scheme{QQTube{}, Polyv{}, Cliparto{}, Qulive{}, Interstream{}}
}

// ByName returns the scheme that a contract document names in x-scheme, and false
// when there is none of that name.
func ByName(name string) (Scheme, bool) {
	switch name {
	case "qqtube":
		return QQTube{}, true
	case "polyv":
		return Polyv{}, true
	case "cliparto":
		return Cliparto{}, true
	case "qulive":
		return Qulive{}, true
	case "interstream":
		return Interstream{}, true
	}
	return nil, false
}

// lookup is Secret that also works on a zero Context, which knows no account.
func (in Context) lookup(id string) (string, bool) {
	if in.Secret == nil {
		return "", false
	}
	return in.Secret(id)
}

// placeFor returns where a client puts a parameter of its own: in the query of a
// GET, in the form of everything else.
func placeFor(method string) contract.In {
	switch method {
	case "", "GET", "HEAD":
		return InQuery
	}
	return InForm
}

// set returns vs with exactly one value of that name in query and form. The order
// path, query, form is kept and the array of vs is not touched, because the caller
// may still hold the unsigned request.
func set(vs Values, in contract.In, name, value string) Values {
	out := make(Values, 0, len(vs)+1)
	for _, v := range vs {
		if v.In == InPath || v.Name != name {
			out = append(out, v)
		}
	}
	at := len(out)
	for at > 0 && rank(out[at-1].In) > rank(in) {
		at--
	}
	return slices.Insert(out, at, Value{Name: name, Value: value, In: in})
}

// rank is the position of a place in the order of Values.
func rank(in contract.In) int {
	switch in {
	case InPath:
		return 0
	case InQuery:
		return 1
	}
	return 2
}

// digits reports whether s is one or more ASCII digits.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
