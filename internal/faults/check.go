package faults

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/nearest"
)

// check completes a spec and refuses one that could never do what it says: a name that is
// in no contract is an error here, not a fault that never comes.
func (f *Faulter) check(s *Spec) error {
	if ok, err := regexp.MatchString(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`, s.Name); err != nil || !ok {
		return wrong("name", "wants 1 to 64 of letters, digits, '.', '_' and '-', beginning with a letter or digit")
	}
	ops, err := f.operations(s)
	if err != nil {
		return err
	}
	if err := params(s, ops); err != nil {
		return err
	}
	if s.Chance < 0 || s.Chance > 1 || s.Chance != s.Chance { // the last is true of NaN
		return wrong("chance", "wants a share above 0, up to 1")
	}
	return f.effect(s, ops)
}

// operations returns the operations that a spec concerns.
func (f *Faulter) operations(s *Spec) ([]*contract.Operation, error) {
	if s.API != "" && f.docs[s.API] == nil {
		return nil, wrong("api", "%q is not an API here%s", s.API, hint(s.API, f.apis()))
	}
	if s.Operation != "" && s.API == "" {
		return nil, wrong("operation", "wants an api beside it")
	}
	var ops []*contract.Operation
	var names []string
	for _, api := range f.apis() {
		if s.API != "" && s.API != api {
			continue
		}
		for _, op := range f.docs[api].Operations {
			names = append(names, op.ID)
			if s.Operation == "" || s.Operation == op.ID {
				ops = append(ops, op)
			}
		}
	}
	if len(ops) == 0 && s.Operation != "" {
		return nil, wrong("operation", "%q is not one of %s's%s", s.Operation, s.API, hint(s.Operation, names))
	}
	switch s.Effect {
	case "":
		return ops, nil
	case contract.Read, contract.Write, contract.Paid, contract.Destructive:
	default:
		return nil, wrong("effect", "%q is not read, write, paid or destructive", s.Effect)
	}
	var having []*contract.Operation
	for _, op := range ops {
		if op.Effect == s.Effect {
			having = append(having, op)
		}
	}
	if len(having) == 0 {
		return nil, wrong("effect", "none of these operations is of the kind %s", s.Effect)
	}
	return having, nil
}

func params(s *Spec, ops []*contract.Operation) error {
	if len(s.Params) > 0 && s.API == "" {
		return wrong("params", "want an api beside them")
	}
	for name := range s.Params {
		var known []string
		found := false
		for _, op := range ops {
			found = found || op.Param(name) != nil
			for _, p := range op.Params {
				known = append(known, p.Name)
			}
		}
		if !found {
			return wrong("params", "%q is not a parameter there%s", name, nearest.Hint(name, known))
		}
	}
	return nil
}

// effect checks what is to happen, and completes the kind.
func (f *Faulter) effect(s *Spec, ops []*contract.Operation) error {
	if status, ok := strings.CutPrefix(s.Kind, "status:"); ok {
		n, err := strconv.Atoi(status)
		if err != nil || s.Status != 0 && s.Status != n {
			return wrong("kind", "wants a number behind status:, such as status:503")
		}
		s.Kind, s.Status = "status", n
	}
	if s.Kind == "" {
		switch {
		case s.Limit > 0:
			s.Kind = "quota"
		case s.Outcome != "":
			s.Kind = "outcome"
		case s.Status != 0:
			s.Kind = "status"
		case s.Delay != nil:
			s.Kind = "latency"
		default:
			return wrong("kind", "is missing; there are %s", strings.Join(kindNames(), ", "))
		}
	}
	k := kindOf(s.Kind)
	if k == nil {
		return wrong("kind", "%q is not one%s", s.Kind, hint(s.Kind, kindNames()))
	}
	if err := onlyFor(s, k); err != nil {
		return err
	}
	if s.Outcome != "" {
		if err := outcome(s, ops); err != nil {
			return err
		}
	}
	if k.check != nil {
		return k.check(s)
	}
	return nil
}

// onlyFor refuses a field that the kind does not read: it would be lost silently.
func onlyFor(s *Spec, k *kind) error {
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"outcome", s.Outcome != ""},
		{"status", s.Status != 0},
		{"limit", s.Limit != 0},
		{"window", s.Window != 0},
		{"handled", s.Handled != nil},
	} {
		if f.given && !strings.Contains(" "+k.fields+" ", " "+f.name+" ") {
			return wrong(f.name, "has no meaning for the kind %s", k.name)
		}
	}
	return nil
}

// outcome wants the outcome in at least one of the operations.
func outcome(s *Spec, ops []*contract.Operation) error {
	var names []string
	for _, op := range ops {
		if op.Outcome(s.Outcome) != nil {
			return nil
		}
		for _, o := range op.Outcomes {
			names = append(names, o.Name)
		}
	}
	where := "any operation"
	switch {
	case s.Operation != "":
		where = s.API + " " + s.Operation
	case s.API != "":
		where = s.API
	}
	return wrong("outcome", "%q is not an outcome of %s%s", s.Outcome, where, hint(s.Outcome, names))
}

// hint ends a sentence about a name that does not exist: with the nearest, or with all of
// them where they are few.
func hint(name string, names []string) string {
	if h := nearest.Hint(name, names); h != "" {
		return h
	}
	if len(names) > 12 {
		return ""
	}
	return "; there are " + strings.Join(names, ", ")
}
