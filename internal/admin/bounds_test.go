package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/admin"
)

// A body of millions of fields is refused before anybody compares their names.
func TestManyMembers(t *testing.T) {
	b := newBench(t, admin.Config{})
	var body strings.Builder
	body.WriteByte('{')
	for i := range 400_000 {
		fmt.Fprintf(&body, `"f%d":1,`, i)
	}
	body.WriteString(`"last":1}`)
	begin := time.Now()
	b.do(http.MethodPut, statePath, body.String()).problem(400, "more than 1000 fields")
	b.do(http.MethodPut, statePath+"/shop", body.String()).problem(400, "more than 1000 fields")
	assert.Less(t, time.Since(begin), 2*time.Second)

	fields := func(n int) string {
		body.Reset()
		for i := range n {
			fmt.Fprintf(&body, `,"f%d":1`, i)
		}
		return "{" + body.String()[1:] + "}"
	}
	b.do(http.MethodPut, statePath, fields(1000)).problem(400, "no such API")
	b.do(http.MethodPut, statePath, fields(1001)).problem(400, "more than 1000 fields")
}

// A pasted request may have as many bytes as its route takes, a command line half of them:
// in JSON it is longer.
func TestLongestCurlLine(t *testing.T) {
	b := newBench(t, admin.Config{})
	line := func(size int) string {
		const begin = "curl http://127.0.0.1:7311/shop/orders -d "
		return `{"curl":"` + begin + strings.Repeat("x", size-len(begin)) + `"}`
	}
	b.do(http.MethodPost, "/__admin/explain", line(2<<20)).problem(400, "the request body is too large") // it was read
	b.do(http.MethodPost, "/__admin/explain", line(2<<20+1)).problem(400, "more than 2097152 bytes")
}

func TestLongestTenantID(t *testing.T) {
	b := newBench(t, admin.Config{})
	longest := strings.Repeat("a", 40)
	require.Equal(t, 201, b.do(http.MethodPost, tenants, `{"id":"`+longest+`"}`).Status)
	b.do(http.MethodPost, tenants, `{"id":"`+longest+`b"}`).problem(400, "1 to 40")
	assert.Equal(t, counted("0", "0"), b.count("shop", longest))
}

// A wait ends before the server would end it.
func TestLongestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, admin.Config{})
		begin := time.Now()
		b.do(http.MethodGet, requests+"/wait?timeout=4m", "").want(200, `{"met":false,"count":0,"last":0,"evicted":0,"inconclusive":false}`)
		assert.Equal(t, 4*time.Minute, time.Since(begin))
		b.do(http.MethodGet, requests+"/wait?timeout=4m0.001s", "").problem(400, "at most 4m")
	})
}

// deadlines is a connection whose deadlines for writing are noted.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Duration // from when it was set
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.set = append(d.set, time.Until(at))
	return nil
}

// Whatever a stream of events writes, its reader has ten seconds to take.
func TestFollowersWhoDoNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, admin.Config{})
		b.order("shop", "default")
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		b.handler.ServeHTTP(w, b.request(http.MethodGet, requests+"/follow", "").WithContext(ctx))
		assert.Contains(t, w.Body.String(), "event: request")
		assert.Equal(t, []time.Duration{10 * time.Second, 10 * time.Second, 10 * time.Second}, w.set, "the greeting, an entry and a heartbeat")
	})
}
