package admin_test

import (
	"net/http"
	"testing"

	"github.com/mediasandbox/sandbox/internal/admin"
)

func TestCoverage(t *testing.T) {
	b := newBench(t, admin.Config{})
	const path = "/__admin/coverage"
	outcome := func(name, summary, more string) string {
		return `{"outcome":"` + name + `","summary":"` + summary + `","source":"documented"` + more + `}`
	}
	errors := outcome("invalid-api-key", "The key is wrong", `,"count":0`) + `,` + outcome("invalid-action", "There is no such action", `,"count":0`)
	forced := outcome("internal-error", "The shop failed", `,"count":0`)
	unmatched := outcome("not-found", "There is no such page", `,"count":0`) + `,` + outcome("method-not-allowed", "Another method", `,"count":0`)
	b.order("shop", "default")
	b.do(http.MethodGet, path+"?api=shop", "").want(200, `{"percent":12.5,"met":1,"total":8,"apis":[{"api":"shop","called":true,"percent":12.5,"met":1,"total":8,
		"operations":[
			{"operation":"count","called":false,"met":0,"total":3,"outcomes":[`+outcome("counted", "Counted", `,"success":true,"count":0`)+`,`+errors+`],"forced":[`+forced+`]},
			{"operation":"order","called":true,"met":1,"total":3,"outcomes":[`+outcome("counted", "Counted", `,"success":true,"count":1`)+`,`+errors+`],"forced":[`+forced+`]}],
		"unmatched":[`+unmatched+`]}],
		"missed":[
			{"api":"shop","operation":"order","outcome":"invalid-api-key","summary":"The key is wrong","source":"documented"},
			{"api":"shop","operation":"order","outcome":"invalid-action","summary":"There is no such action","source":"documented"},
			{"api":"shop","operation":"","outcome":"not-found","summary":"There is no such page","source":"documented"},
			{"api":"shop","operation":"","outcome":"method-not-allowed","summary":"Another method","source":"documented"}],
		"not_called":["shop count"]}`)

	var both struct {
		APIs []struct{ Called bool } `json:"apis"`
	}
	b.do(http.MethodGet, path, "").into(&both)
	if len(both.APIs) != 2 || both.APIs[1].Called {
		t.Errorf("the kiosk was not called: %+v", both)
	}
	b.do(http.MethodGet, path+"?api=shob", "").problem(400, `did you mean "shop"`)
	b.do(http.MethodDelete, path, "").want(204, "")
	b.do(http.MethodGet, path+"?api=kiosk", "").into(&both)
	var after struct{ Met int }
	b.do(http.MethodGet, path, "").into(&after)
	if after.Met != 0 {
		t.Errorf("it was reset: %+v", after)
	}
}
