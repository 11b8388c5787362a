package record_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/verifier/record"
)

// What is passed on is read whole before, so that it has a bound both ways.
func TestLargestMessages(t *testing.T) {
	const mega = 1 << 20
	v := newVendor(t, func(w http.ResponseWriter, r *http.Request) {
		size, err := strconv.Atoi(r.URL.Query().Get("size"))
		assert.NoError(t, err)
		_, _ = w.Write(bytes.Repeat([]byte("x"), size))
	})
	_, proxy := start(t, configOf(t, v.URL, t.TempDir()))
	for _, row := range []struct{ request, reply, status int }{
		{8 * mega, 32 * mega, http.StatusOK},
		{8*mega + 1, 0, http.StatusRequestEntityTooLarge},
		{0, 32*mega + 1, http.StatusBadGateway},
	} {
		res, body := get(t, "POST", fmt.Sprintf("%s/qqtube/v1-api?size=%d", proxy, row.reply), nil, strings.Repeat("y", row.request))
		assert.Equal(t, row.status, res.StatusCode)
		if row.status == http.StatusOK {
			assert.Len(t, body, row.reply)
		}
	}
	assert.Equal(t, mega, record.MaxKept)
}
