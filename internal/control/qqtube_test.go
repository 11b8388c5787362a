package control_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

func TestQQTubeFunds(t *testing.T) {
	s := sandbox(t)
	s.Frozen("bob")
	for _, row := range []struct{ add, funds string }{{"100.00", "608.60"}, {"-0.01", "608.59"}, {"0", "608.59"}, {"-608.59", "0.00"}} {
		assert.JSONEq(t, `{"funds":"`+row.funds+`"}`, post(s, "bob", "qqtube/funds", `{"add":"`+row.add+`"}`).OK(nil).Body)
	}
	refused(s, "bob", []refusal{
		{"qqtube/funds", `{"add":"-0.01"}`, 409, "0.00 cannot change by -0.01"},
		{"qqtube/funds", `{"add":"1.001"}`, 400, "1.001"},
		{"qqtube/funds", `{"add":"lots"}`, 400, "lots"},
		{"qqtube/funds", `{"add":"lots and lots"}`, 400, "not an amount"},
		{"qqtube/funds", `{"add":"99999999999"}`, 400, "too large"},
		{"qqtube/funds", `{"add":"-99999999999.00"}`, 400, "too large"},
		{"qqtube/funds", `{"add":"-9999999999.00"}`, 409, "cannot change by"},
		{"qqtube/funds", `{"add":5}`, 400, `"add" wants a text`},
		{"qqtube/funds", `{}`, 400, `"add" is missing`},
	})
	assert.Contains(t, s.Admin(http.MethodGet, "/state/qqtube", "").Body, `"funds":"508.60"`, "the default tenant's are its own")
}

// A state of a few fields is one, and says what is wrong where something is.
func TestQQTubeStateOfAFewFields(t *testing.T) {
	s := sandbox(t)
	for _, fields := range []string{``, `"funds":"1.00"`, `"next_id":7`} {
		s.Admin(http.MethodPut, "/state/qqtube", `{"world":{`+fields+`}}`).OK(nil)
	}
	for fields, words := range map[string]string{
		`"funds":null`: "world.funds is null", `"next_id":null`: "world.next_id is null", `"next_id":-1`: "-1 is not above the last submission",
	} {
		s.Admin(http.MethodPut, "/state/qqtube", `{"world":{`+fields+`}}`).Problem(400, words)
	}
}

// stats is what the vendor says of an order.
type stats struct {
	Status      struct{ IDStatus string } `json:"status"`
	RefundTotal *string                   `json:"refund_total"`
	SentCount   *string                   `json:"sent_count"`
}

func (s *stats) UnmarshalJSON(data []byte) error {
	var wire struct {
		Status struct {
			ID string `json:"id_status"`
		} `json:"status"`
		RefundTotal *string `json:"refund_total"`
		SentCount   *string `json:"sent_count"`
	}
	err := json.Unmarshal(data, &wire)
	s.Status.IDStatus, s.RefundTotal, s.SentCount = wire.Status.ID, wire.RefundTotal, wire.SentCount
	return err
}

func TestQQTubeOrders(t *testing.T) {
	s := sandbox(t)
	bob := s.Frozen("bob")
	key := bob.Credentials["qqtube"]["api_key"]
	order := func() string {
		var added struct {
			ID string `json:"id_service_submission"`
		}
		s.Call("/qqtube/v1-api?action=add", url.Values{
			"api_key": {key}, "url": {"https://www.youtube.com/watch?v=jofNR_WkoCE"}, "quantity": {"1000"}, "id_service": {"54"},
		}).OK(&added)
		require.NotEmpty(t, added.ID)
		return added.ID
	}
	look := func(id string) (st stats) {
		s.Call("/qqtube/v1-api?action=stats&api_key="+key+"&id_service_submission="+id, nil).OK(&st)
		return st
	}
	id := order()
	require.Equal(t, "2", look(id).Status.IDStatus)
	post(s, "bob", "qqtube/orders/"+id+"/status", `{"status":4}`).OK(nil)
	assert.Equal(t, "4", look(id).Status.IDStatus)
	post(s, "bob", "qqtube/orders/"+id+"/status", `{"status":1}`).OK(nil)
	assert.Equal(t, "1", look(id).Status.IDStatus)
	assert.Equal(t, "1000", *look(id).SentCount)
	refused(s, "bob", []refusal{
		{"qqtube/orders/" + id + "/status", `{"status":2}`, 409, "completed"},
		{"qqtube/orders/" + id + "/status", `{"status":0}`, 400, "between 1 and 25"},
		{"qqtube/orders/" + id + "/status", `{"status":26}`, 400, "between 1 and 25"},
		{"qqtube/orders/" + id + "/status", `{"status":"4"}`, 400, "whole number"},
		{"qqtube/orders/" + id + "/status", `{"status":4.5}`, 400, "whole number"},
		{"qqtube/orders/" + id + "/status", `{}`, 400, `"status" is missing`},
		{"qqtube/orders/" + id + "/status", `{"id_status":4}`, 400, `"id_status"`},
		{"qqtube/orders/1/status", `{"status":4}`, 404, `"1" does not exist`},
		{"qqtube/orders/1/refund", `{}`, 404, `"1" does not exist`},
		{"qqtube/orders/x%2Fy/refund", `{}`, 404, `"x/y"`},
		{"qqtube/orders/" + id + "/refund", `{"amount":"0"}`, 400, "cannot be refunded"},
		{"qqtube/orders/" + id + "/refund", `{"amount":"1000000"}`, 400, "cannot be refunded"},
	})
	post(s, "bob", "qqtube/orders/"+id+"/refund", `{"amount":"0.01"}`).OK(nil)
	assert.Equal(t, "8", look(id).Status.IDStatus)
	assert.Equal(t, "0.01", *look(id).RefundTotal)

	whole := order()
	post(s, "bob", "qqtube/orders/"+whole+"/refund", `{}`).OK(nil)
	assert.Equal(t, "8", look(whole).Status.IDStatus)
	refused(s, "bob", []refusal{
		{"qqtube/orders/" + whole + "/refund", `{}`, 409, "refunded"},
		{"qqtube/orders/" + whole + "/status", `{"status":4}`, 409, "refunded"},
	})
	post(s, fakes.DefaultTenant, "qqtube/orders/"+id+"/status", `{"status":4}`).Problem(404)
}
