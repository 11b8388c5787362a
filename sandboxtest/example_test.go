package sandboxtest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes/qqtube"
	"github.com/mediasandbox/sandbox/sandboxtest"
	"github.com/mediasandbox/sandbox/signature"
)

// reseller is the code under test of these examples: a client of QQTube.
type reseller struct {
	http *http.Client
	base string
	key  string
}

func (r reseller) call(action string, params url.Values) string {
	query := url.Values{"action": {action}, "api_key": {r.key}}
	for name, values := range params {
		query[name] = values
	}
	var res *http.Response
	var err error
	if action == "add" {
		res, err = r.http.PostForm(r.base+"/v1-api", query)
	} else {
		res, err = r.http.Get(r.base + "/v1-api?" + query.Encode())
	}
	if err != nil {
		return "the call failed"
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "the reply broke off"
	}
	return string(body)
}

func (r reseller) add() (id string) {
	reply := r.call("add", url.Values{"id_service": {"30"}, "quantity": {"1000"}, "url": {"https://youtu.be/jofNR_WkoCE"}})
	_, rest, _ := strings.Cut(reply, `"id_service_submission":"`)
	id, _, _ = strings.Cut(rest, `"`)
	return id
}

func (r reseller) status(id string) string {
	reply := r.call("stats", url.Values{"id_service_submission": {id}})
	_, rest, _ := strings.Cut(reply, `"name":"`)
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

// exampleT stands in for the *testing.T that a test has.
func exampleT(name string) *record { return &record{name: name} }

func Example() {
	t := exampleT("Example") // in a test: its *testing.T
	defer t.end()

	sb := sandboxtest.New(t)
	client := reseller{sb.Client(), sb.BaseURL("qqtube"), sb.QQTube.APIKey}
	fmt.Println(client.call("funds", nil))

	id := client.add()
	fmt.Println(client.call("funds", nil))
	fmt.Println(client.status(id))
	sb.Clock.Advance(10 * 24 * time.Hour)
	fmt.Println(client.status(id))
	// Output:
	// {"funds":"508.60"}
	// {"funds":"508.00"}
	// In Progress
	// Completed
}

func ExampleSandbox_Force() {
	t := exampleT("ExampleForce")
	defer t.end()
	sb := sandboxtest.New(t)
	client := reseller{sb.Client(), sb.BaseURL("qqtube"), sb.QQTube.APIKey}

	sb.Force("qqtube", "funds", "internal-error")
	fmt.Println(client.call("funds", nil))
	fmt.Println(client.call("funds", nil))
	// Output:
	// {"status":"error","messages":[{"id":1000,"message":"Internal error"}]}
	// {"funds":"508.60"}
}

func ExampleSandbox_Fault() {
	t := exampleT("ExampleFault")
	defer t.end()
	sb := sandboxtest.New(t)
	client := reseller{sb.Client(), sb.BaseURL("qqtube"), sb.QQTube.APIKey}

	remove := sb.Fault(sandboxtest.Fault{API: "qqtube", Effect: "read", Kind: "truncate"})
	fmt.Println(client.call("funds", nil))
	remove()
	fmt.Println(client.call("funds", nil))
	// Output:
	// the reply broke off
	// {"funds":"508.60"}
}

// A client that signs with time takes the test's clock for its own.
func ExampleClock() {
	t := exampleT("ExampleClock")
	defer t.end()
	sb := sandboxtest.New(t)
	sb.Clock.Set(time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC))
	sb.Clock.Freeze()

	list := func(at time.Time) string {
		r := signature.Request{Method: http.MethodGet, Values: signature.Values{{Name: "numPerPage", Value: "1", In: signature.InQuery}}}
		signature.Polyv{}.Sign(&r, signature.Credential{ID: sb.Polyv.UserID, Secret: sb.Polyv.SecretKey}, signature.Signing{At: at})
		query := url.Values{}
		for _, v := range r.Values {
			query.Set(v.Name, v.Value)
		}
		res, err := sb.Client().Get(sb.BaseURL("polyv") + "/v2/danmu/" + sb.Polyv.UserID + "?" + query.Encode())
		if err != nil {
			return err.Error()
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		return string(body[:min(len(body), 72)])
	}
	signed := sb.Clock.Now()
	fmt.Println(list(signed))
	sb.Clock.Advance(3 * time.Minute)
	fmt.Println(list(signed))
	sb.Clock.Advance(time.Second)
	fmt.Println(list(signed))
	// Output:
	// {"code":200,"status":"success","message":"success","data":{"pageNumber":
	// {"code":200,"status":"success","message":"success","data":{"pageNumber":
	// {"code":400,"status":"error","message":"ptime is too old.","data":""}
}

func ExampleSandbox_Requests() {
	t := exampleT("ExampleRequests")
	defer t.end()
	sb := sandboxtest.New(t)
	client := reseller{sb.Client(), sb.BaseURL("qqtube"), sb.QQTube.APIKey}

	client.call("submissions", url.Values{"limit": {"2"}, "starting_form": {"7"}})
	client.call("submissions", url.Values{"limit": {"0"}})
	for _, r := range sb.Requests(sandboxtest.Filter{API: "qqtube"}) {
		fmt.Println(r.Operation, r.Outcome, r.Param("limit"), r.Param("api_key"), r.Undeclared)
	}
	// Output:
	// submissions listed 2 *** [starting_form]
	// submissions limit-invalid 0 *** []
}

func ExampleChange() {
	t := exampleT("ExampleChange")
	defer t.end()
	sb := sandboxtest.New(t)
	client := reseller{sb.Client(), sb.BaseURL("qqtube"), sb.QQTube.APIKey}

	id := client.add()
	sandboxtest.Change(sb, func(w *qqtube.World, now time.Time) error { return w.Refund(id, "0.60", now) })
	fmt.Println(client.status(id))
	fmt.Println(client.call("funds", nil))
	// Output:
	// Refunded
	// {"funds":"508.60"}
}

func ExampleSandbox_State() {
	t := exampleT("ExampleState")
	defer t.end()
	sb := sandboxtest.New(t)
	client := reseller{sb.Client(), sb.BaseURL("qqtube"), sb.QQTube.APIKey}

	var world map[string]any
	sb.State("qqtube").Get(&world)
	world["funds"] = "0.10"
	sb.State("qqtube").Put(world)
	fmt.Println(client.call("funds", nil))
	// Output: {"funds":"0.10"}
}

func ExampleSandbox_Coverage() {
	t := exampleT("ExampleCoverage")
	defer t.end()
	sb := sandboxtest.New(t)
	client := reseller{sb.Client(), sb.BaseURL("qqtube"), sb.QQTube.APIKey}

	client.add()
	client.call("add", url.Values{"quantity": {"1000"}})
	c := sb.Coverage()
	fmt.Println(c.Met, "outcomes met; never shown:", c.Failures)
	// Output: 3 outcomes met; never shown: [qqtube add: service-unknown]
}
