package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/internal/admin"
)

// Names that a web page cannot have as its own are answered, others only when allowed.
func TestHosts(t *testing.T) {
	closed := admin.Config{}
	listed := admin.Config{Hosts: []string{"sandbox", "CI.example."}}
	for host, row := range map[string]struct {
		cfg  admin.Config
		want int
	}{
		"localhost":            {closed, 200},
		"localhost:7311":       {closed, 200},
		"LOCALHOST:7311":       {closed, 200},
		"localhost.:7311":      {closed, 200},
		"bob.localhost:7311":   {closed, 200},
		"127.0.0.1":            {closed, 200},
		"127.0.0.1:7311":       {closed, 200},
		"192.168.0.7:7311":     {closed, 200},
		"[::1]:7311":           {closed, 200},
		"[::1]":                {closed, 200},
		"[fe80::1%25eth0]:80":  {closed, 200},
		"evil.example":         {closed, 403},
		"evil.example:7311":    {closed, 403},
		"127.0.0.1.nip.io":     {closed, 403},
		"localhost.evil.test":  {closed, 403},
		"notlocalhost":         {closed, 403},
		"sandbox:7311":         {closed, 403},
		"2130706433":           {closed, 403},
		"0x7f.1":               {closed, 403},
		"127.1:7311":           {closed, 403},
		".localhost.":          {closed, 200},
		"":                     {closed, 403},
		":7311":                {closed, 403},
		"sandbox":              {listed, 200},
		"Sandbox.:80":          {listed, 200},
		"ci.example:7311":      {listed, 200},
		"a.ci.example":         {listed, 403},
		"xsandbox":             {listed, 403},
		"anything.example:123": {admin.Config{Hosts: []string{"*"}}, 200},
	} {
		t.Run(host, func(t *testing.T) {
			b := newBench(t, row.cfg)
			for _, path := range []string{"/__admin/version", "/__admin/nope"} {
				r := b.request(http.MethodGet, path, "")
				r.Host = host
				got := b.send(r)
				if row.want == http.StatusForbidden {
					got.problem(403, "--admin-hosts")
				} else if path == "/__admin/version" {
					assert.Equal(t, row.want, got.Status)
				}
			}
		})
	}
	b := newBench(t, closed)
	r := b.request(http.MethodGet, "/__admin/version", "")
	r.Host = strings.Repeat("x", 5000)
	got := b.send(r)
	got.problem(403)
	assert.Less(t, len(got.Body), 1000)
}

func TestToken(t *testing.T) {
	b := newBench(t, admin.Config{Token: "correct horse"})
	for authorization, want := range map[string]int{
		"Bearer correct horse":         200,
		"bearer correct horse":         200,
		"Bearer  correct horse ":       200,
		"":                             401,
		"Bearer":                       401,
		"Bearer ":                      401,
		"Bearer correct":               401,
		"Bearer correct horses":        401,
		"Bearer Correct horse":         401,
		"Basic correct horse":          401,
		"correct horse":                401,
		"Bearer correct horse, Bearer": 401,
	} {
		for _, path := range []string{"/__admin/version", "/__admin/nope", "/__admin"} {
			r := b.request(http.MethodGet, path, "")
			if authorization != "" {
				r.Header.Set("Authorization", authorization)
			}
			got := b.send(r)
			if want == http.StatusUnauthorized {
				got.problem(401, "token")
				assert.Equal(t, `Bearer realm="sandbox admin"`, got.Header.Get("WWW-Authenticate"))
				assert.NotContains(t, got.Body, "horse")
				assert.Contains(t, got.Body, "Authorization: Bearer TOKEN", "readable as it is sent")
			} else if path == "/__admin/version" {
				assert.Equal(t, want, got.Status, authorization)
			}
		}
	}
	// Not in the URL, where logs keep it.
	b.do(http.MethodGet, "/__admin/version?access_token=correct+horse", "").problem(401)
	// Not wanted by the APIs.
	assert.Equal(t, counted("0", "0"), b.count("shop", "default"))
}

// A page of another origin can send what it likes to localhost; it must change nothing.
func TestOtherOrigins(t *testing.T) {
	b := newBench(t, admin.Config{})
	for name, row := range map[string]struct {
		header map[string]string
		want   int
	}{
		"no browser":          {nil, 204},
		"same origin":         {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:7311"}, 204},
		"typed by the user":   {map[string]string{"Sec-Fetch-Site": "none"}, 204},
		"older, same origin":  {map[string]string{"Origin": "http://127.0.0.1:7311"}, 204},
		"cross-site":          {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		"same site":           {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:3000"}, 403},
		"older, cross origin": {map[string]string{"Origin": "https://evil.example"}, 403},
		"sandboxed frame":     {map[string]string{"Origin": "null"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			r := b.request(http.MethodPost, "/__admin/reset", "")
			for k, v := range row.header {
				r.Header.Set(k, v)
			}
			got := b.send(r)
			if row.want == http.StatusForbidden {
				got.problem(403, "origin")
			} else {
				got.want(204, "")
			}
		})
	}
}
