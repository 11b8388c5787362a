package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

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
}
