package verifier

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// state runs a step of state control; its reply is what checks and saves look at.
func (x *runner) state(ctx context.Context, st *step, res *StepResult) error {
	reply, err := x.stateReply(ctx, st.state)
	if err != nil {
		return err
	}
	env := maps.Clone(x.env)
	env["text"], env["status"], env["headers"], env["outcome"] = string(reply), http.StatusOK, map[string]any{}, ""
	if env["body"], err = decodeJSON(reply); err != nil {
		env["body"] = string(reply)
	}
	return x.afterwards(st, env, res, nil)
}

func (x *runner) stateReply(ctx context.Context, q *stateRequest) ([]byte, error) {
	a, tenant := admin{x.session.target}, x.session.own.tenant
	if q.merge != nil {
		patch, err := q.merge.eval(x.env)
		if err != nil {
			return nil, err
		}
		current, err := a.state(ctx, tenant, x.sc.API, http.MethodGet, "", nil)
		if err != nil {
			return nil, err
		}
		state, err := decodeJSON(current)
		if err != nil {
			return nil, fmt.Errorf("the state of %s: %w", x.sc.API, err)
		}
		return a.state(ctx, tenant, x.sc.API, http.MethodPut, "", mergePatch(state, patch))
	}
	path, _, err := q.path.argument(x.env)
	if err != nil {
		return nil, err
	}
	var body any
	if q.body != nil {
		if body, err = q.body.eval(x.env); err != nil {
			return nil, err
		}
	}
	return a.state(ctx, tenant, x.sc.API, strings.ToUpper(q.method), strings.TrimSuffix(path, "/"), body)
}

// mergePatch applies a JSON merge patch (RFC 7396).
func mergePatch(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, ok := target.(map[string]any)
	if !ok {
		t = map[string]any{}
	}
	for k, v := range p {
		if v == nil {
			delete(t, k)
		} else {
			t[k] = mergePatch(t[k], v)
		}
	}
	return t
}
