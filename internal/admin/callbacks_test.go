package admin_test

import (
	"net/http"
	"testing"

	"github.com/mediasandbox/sandbox/internal/admin"
)

// A sandbox may be made without callbacks, and without the fakes that state control knows.
func TestWithoutCallbacks(t *testing.T) {
	b := newBench(t, admin.Config{})
	for path, body := range map[string]string{
		"/deliver": `{}`, "/pull": `{}`, "/1/ack": `{"lease":"x"}`, "/1/replay": "",
	} {
		b.do(http.MethodPost, "/__admin/callbacks"+path, body).problem(404, "no callbacks")
	}
	for _, path := range []string{"", "/wait", "/targets", "/1", "/qulive/target"} {
		b.do(http.MethodGet, "/__admin/callbacks"+path, "").problem(404, "no callbacks")
	}
	b.do(http.MethodPut, "/__admin/callbacks/qulive/target", `{"url":"http://127.0.0.1/"}`).problem(404, "no callbacks")
	b.do(http.MethodDelete, "/__admin/callbacks/qulive/target", "").problem(404, "no callbacks")
	b.do(http.MethodPost, "/__admin/state/qqtube/funds", `{"add":"1.00"}`).problem(404, "qqtube", "no such API")
	b.do(http.MethodPost, "/__admin/state/qulive/videos/v/recommend", "").problem(404, "qulive")
}
