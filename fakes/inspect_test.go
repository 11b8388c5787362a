package fakes_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/interstream"
)

// vote is CONTRACTS' vector for Interstream, signed at voteTime.
const vote = "/interstream/api.php?go=users&do=set_content_vote&iq=13&key=1b323a1cb879fd4e66530fbad07a32ee" +
	"&timestamp=1700000000&salt=c4ca4238a0b923820dcc509a6f75849b&signature=EuR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI%3D"

func TestInspect(t *testing.T) {
	b := fakestest.New(t, interstream.API())
	other, err := b.Host.AddTenant(fakes.NewTenant{ID: "other"})
	require.NoError(t, err)
	voteTime := time.Unix(1700000000, 0)
	for name, row := range map[string]struct {
		target  string
		in      fakes.Inspection
		outcome string
		tenant  string
	}{
		"as signed":               {vote, fakes.Inspection{At: voteTime}, "", "default"},
		"by the clock":            {vote, fakes.Inspection{}, "timestamp-expired", "default"},
		"by another tenant":       {vote, fakes.Inspection{At: voteTime, Tenant: other}, "key-unknown", "other"},
		"with another secret":     {vote, fakes.Inspection{At: voteTime, Secret: "x"}, "signature-wrong", "default"},
		"in the URL of a tenant":  {"/t/other" + vote, fakes.Inspection{At: voteTime}, "key-unknown", "other"},
		"an action that is none":  {"/interstream/api.php?go=users&do=x", fakes.Inspection{}, "key-missing", "default"},
		"a path that is none":     {"/interstream/other", fakes.Inspection{}, "not-found", "default"},
		"on the vendor's host":    {"http://www.interstreamdomain.tv" + vote[len("/interstream"):], fakes.Inspection{At: voteTime}, "", "default"},
		"a secret, nothing known": {"/interstream/api.php?go=users&do=set_content_vote", fakes.Inspection{Secret: "x"}, "key-missing", "default"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, row.target, http.NoBody)
			x, err := b.Host.Inspect(r, row.in)
			require.NoError(t, err)
			assert.Equal(t, row.outcome, x.Outcome)
			assert.Equal(t, row.tenant, x.Tenant.ID)
			if row.outcome == "key-unknown" || row.outcome == "signature-wrong" {
				e, ok := x.Explain()
				assert.True(t, ok)
				assert.Equal(t, row.outcome, e.Refusal)
			}
		})
	}

	_, err = b.Host.Inspect(httptest.NewRequest(http.MethodGet, "/t/nobody/interstream/api.php", http.NoBody), fakes.Inspection{})
	assert.ErrorIs(t, err, fakes.ErrTenantUnknown)
	_, err = b.Host.Inspect(httptest.NewRequest(http.MethodGet, "/elsewhere", http.NoBody), fakes.Inspection{})
	assert.ErrorIs(t, err, fakes.ErrAPIUnknown)
}
