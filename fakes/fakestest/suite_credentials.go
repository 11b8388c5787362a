package fakestest

import (
	"fmt"
	"testing"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (r *runner) credentials(t *testing.T) {
	b := r.bench(t)
	own := b.Host.Default()
	foreign, err := b.Host.AddTenant(fakes.NewTenant{ID: "foreign"})
	require.NoError(t, err)
	refused := func(t *testing.T, op *contract.Operation, req *Request) {
		t.Helper()
		require.NoError(t, b.Host.Reset(own))
		reply := b.Send(req)
		o := op.Outcome(reply.Outcome)
		if o == nil {
			o = r.doc.Common[reply.Outcome]
		}
		require.NotNil(t, o, "outcome %q", reply.Outcome)
		assert.False(t, o.Success, "accepted: %s", reply.Body)
		assert.NotEqual(t, contract.InternalError, o.Name)
		assert.Empty(t, b.Breaches())
	}
	for _, op := range r.doc.Operations {
		if !op.Secured {
			continue
		}
		sign := func(t *fakes.Tenant, at time.Time) *Request {
			return b.Sign(r.call(b, op, nil), b.Credential(t), at)
		}
		now := own.Clock.Now()
		for _, p := range op.Params {
			if !p.Security || p.In == contract.InPath {
				continue
			}
			t.Run(op.ID+" without "+p.Name, func(t *testing.T) {
				req := sign(own, now)
				req.Values = without(req.Values, p.Name)
				refused(t, op, req)
			})
			t.Run(op.ID+" with another "+p.Name, func(t *testing.T) {
				req := sign(own, now)
				for i := range req.Values {
					if req.Values[i].Name == p.Name {
						req.Values[i].Value = flip(req.Values[i].Value)
					}
				}
				refused(t, op, req)
			})
		}
		t.Run(op.ID+" with the credential of another tenant", func(t *testing.T) {
			req := sign(foreign, now)
			req.Tenant = own.ID
			refused(t, op, req)
		})
		if c := b.Credential(own); c.Secret != "" && r.signed(op) {
			t.Run(op.ID+" with another secret", func(t *testing.T) {
				c := c
				c.Secret = flip(c.Secret)
				refused(t, op, b.Sign(r.call(b, op, nil), c, now))
			})
		}
		if r.stamped(op) {
			for _, by := range []time.Duration{-48 * time.Hour, 48 * time.Hour} {
				t.Run(fmt.Sprintf("%s signed at %s", op.ID, by), func(t *testing.T) {
					refused(t, op, sign(own, now.Add(by)))
				})
			}
		}
	}
}

// signed says whether the operation carries a digest, stamped whether it carries a time.
func (r *runner) signed(op *contract.Operation) bool {
	return hasParam(op, "sign", "md5", "signature")
}
func (r *runner) stamped(op *contract.Operation) bool { return hasParam(op, "ptime", "timestamp") }

func hasParam(op *contract.Operation, names ...string) bool {
	for _, n := range names {
		if p := op.Param(n); p != nil && p.Security {
			return true
		}
	}
	return false
}

func without(vs contract.Values, name string) contract.Values {
	var out contract.Values
	for _, v := range vs {
		if v.Name != name {
			out = append(out, v)
		}
	}
	return out
}

// flip changes the last character that carries information in every encoding used
// here (the last of a base64 text may not).
func flip(s string) string {
	if len(s) < 3 {
		return s + "9"
	}
	b := []byte(s)
	i := len(b) / 2
	if b[i] == '7' {
		b[i] = '8'
	} else {
		b[i] = '7'
	}
	return string(b)
}
