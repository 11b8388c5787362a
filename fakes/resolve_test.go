package fakes_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/interstream"
)

// A tenant that there is not is named as people read it, however it was sent.
func TestResolveNamesTheTenant(t *testing.T) {
	b := fakestest.New(t, interstream.API())
	for target, want := range map[string]string{
		"/t/nosuch/interstream/api.php":                          `no tenant of that id: "nosuch"`,
		"/t/no%20such%0A/interstream/api.php":                    `no tenant of that id: "no such\n"`,
		"/t//interstream/api.php":                                `no tenant of that id: ""`,
		"/t/" + strings.Repeat("x", 999) + "/interstream":        `no tenant of that id: "` + strings.Repeat("x", 40) + `"`,
		"http://nosuch.interstream.localhost:7311/api.php":       `no tenant of that id: "nosuch"`,
		"http://NoSuch.interstream.localhost./t/default/api.php": `no tenant of that id: "nosuch"`,
	} {
		_, err := b.Host.Resolve(httptest.NewRequest(http.MethodGet, target, http.NoBody))
		assert.ErrorIs(t, err, fakes.ErrTenantUnknown, target)
		assert.EqualError(t, err, want, target)
	}
}

// A host name whose tenant is empty leads nowhere: the default tenant is the one that has
// no label. A path leads where it does below any name.
func TestResolveEmptyLabel(t *testing.T) {
	b := fakestest.New(t, interstream.API())
	for host, nowhere := range map[string]bool{
		".interstream.localhost": true, ".interstream.localhost:7311": true, "..interstream.localhost": true,
		"interstream.localhost": false, "default.interstream.localhost": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/api.php", http.NoBody)
		r.Host = host
		_, err := b.Host.Resolve(r)
		if nowhere {
			assert.ErrorIs(t, err, fakes.ErrAPIUnknown, host)
		} else {
			assert.NoError(t, err, host)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/interstream/api.php", http.NoBody)
	r.Host = ".interstream.localhost"
	to, err := b.Host.Resolve(r)
	assert.NoError(t, err)
	assert.Equal(t, "/api.php", to.Path)
}
