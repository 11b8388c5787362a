package verifier_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

// A reply of more than 8 MiB is not read to its end, and is no reply.
func TestLargeReplies(t *testing.T) {
	for _, row := range []struct {
		size int
		want string
	}{{8 << 20, "broken JSON"}, {8<<20 + 1, "no reply: the reply is larger than 8388608 bytes"}} {
		srv := vendor(t, func(_ *http.Request, w *httptest.ResponseRecorder) {
			w.Body = bytes.NewBuffer(bytes.Repeat([]byte("x"), row.size))
		})
		got := one(t, foreign(t, srv.URL, ""), verifier.Options{}, "interstream", wrongUser)
		require.NotEmpty(t, problems(got))
		assert.Contains(t, problems(got)[0].What, row.want)
	}
}
