package polyv_test

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/polyv"
	"github.com/mediasandbox/sandbox/signature"
)

// Users of the vendor's page, and videos of theirs.
const (
	userA, userB, userC, userD, userE = "8205ac89d3", "3828390191", "2d939377c2", "efbb4ae8ac", "sl8da4jjbx"

	vidSized1 = "8205ac89d3d5c47690b01f2f08a4c91f_8" // 214 s
	vidSized2 = "8205ac89d30d552b2f188c94515f4db6_8" // 37 s
	vidExam   = "8205ac89d31c8c74e462548a2edd7dff_8"
	vidClip   = "382839019131be68715e9455f8d0971a_3" // 312 s
	vidAuth   = "3828390191de2b3fd3467c36187aac08_3"
	vidDanmu  = "sl8da4jjbx1c8baed8a48212d735d905_s"
	vidC1     = "2d939377c23a37d2b0a2428006755627_2"
	vidC2     = "2d939377c23ebcfe8b4ff3dadcabfbbf_2"
)

// args are the arguments of a call by parameter name.
type args map[string]string

// client is one user of a bench.
type client struct {
	*fakestest.Bench
	tenant *fakes.Tenant
	user   signature.Credential
}

func open(t testing.TB, userid string, opts ...fakestest.Option) *client {
	t.Helper()
	b := fakestest.New(t, polyv.API(), opts...)
	return as(&client{Bench: b, tenant: b.Host.Default()}, userid)
}

// as is the same sandbox with another user of the tenant.
func as(c *client, userid string) *client {
	for _, a := range c.tenant.Accounts("polyv") {
		if a.ID == userid {
			return &client{c.Bench, c.tenant, signature.Credential{ID: a.ID, Secret: a.Secret}}
		}
	}
	c.T.Fatalf("no user %q", userid)
	return nil
}

// other opens a tenant that is not the default one, as its only user.
func other(t testing.TB) *client {
	t.Helper()
	b := fakestest.New(t, polyv.API())
	tenant, err := b.Host.AddTenant(fakes.NewTenant{ID: "other"})
	require.NoError(t, err)
	return as(&client{Bench: b, tenant: tenant}, tenant.Accounts("polyv")[0].ID)
}

// call makes a signed call and holds its reply to the contract.
func (c *client) call(op string, a args) reply {
	c.T.Helper()
	r := c.Send(c.Sign(c.Request(op, a), c.user, c.tenant.Clock.Now()))
	require.Empty(c.T, c.Breaches(), "%s %v: %s", op, a, r.Body)
	return reply{c.T, r}
}

// must is call, with the outcome expected.
func (c *client) must(outcome, op string, a args) reply {
	c.T.Helper()
	r := c.call(op, a)
	require.Equal(c.T, outcome, r.Outcome, "%s %v: %s", op, a, r.Body)
	return r
}

// with runs f on the tenant's world.
func (c *client) with(f func(w *polyv.World)) {
	c.T.Helper()
	require.NoError(c.T, c.Host.With(c.tenant, "polyv", func(w fakes.World, _ time.Time) error {
		f(w.(*polyv.World))
		return nil
	}))
}

type reply struct {
	t testing.TB
	fakestest.Reply
}

// data reads the envelope's data into a new T.
func data[T any](r reply) T {
	r.t.Helper()
	var envelope struct{ Data T }
	require.NoError(r.t, json.Unmarshal(r.Body.Bytes(), &envelope), "%s", r.Body)
	return envelope.Data
}

// page is a pager as a client reads it.
type page struct {
	PageNumber, TotalItems, StartRow, EndRow, NextPageNumber, PrePageNumber, TotalPages, Limit, Offset int64
	FirstPage, LastPage                                                                                bool
	Contents                                                                                           []struct {
		ID        int64
		Vid       string
		Timestamp int64
		Taskid    string
	}
}

// group is a group of the sizes call.
type group struct {
	Cataid int64
	Videos []struct {
		Vid, Duration                   string
		Filesize1, Filesize2, Filesize3 int64
	}
}

// raw makes a GET the way the page's PHP samples do, signed here and not by the
// package under test.
func (c *client) raw(path string, params args) reply {
	c.T.Helper()
	q := url.Values{}
	for k, v := range c.signed(params) {
		q.Set(k, v)
	}
	r := c.SendHTTP(httptest.NewRequest("GET", "http://127.0.0.1:7311/polyv"+path+"?"+q.Encode(), nil))
	require.Empty(c.T, c.Breaches(), "%s", r.Body)
	return reply{c.T, r}
}

// signed adds ptime, unless given, and sign (vendor page, 签名规则).
func (c *client) signed(params args) args {
	out := args{"ptime": fmt.Sprint(c.tenant.Clock.Now().UnixMilli())}
	for k, v := range params {
		out[k] = v
	}
	var pairs []string
	for k, v := range out {
		if v != "" {
			pairs = append(pairs, k+"="+v)
		}
	}
	sort.Strings(pairs)
	out["sign"] = fmt.Sprintf("%X", sha1.Sum([]byte(strings.Join(pairs, "&")+c.user.Secret)))
	return out
}
