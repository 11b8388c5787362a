package main

import (
	"context"
	"crypto/md5"  //nolint:gosec // the vendor's choice
	"crypto/sha1" //nolint:gosec // the vendor's choice
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/signature"
)

const frozen = 1773835200 // 2026-03-18T12:00:00Z, where prepare puts the clock

// rich gives the default tenant of QQTube funds that a benchmark does not use up.
func rich(ctx context.Context, base string) error {
	state, _, err := send(ctx, "GET", base+"/__admin/state/qqtube", "", "")
	if err != nil {
		return err
	}
	var doc map[string]any
	if err := json.Unmarshal(state, &doc); err != nil {
		return err
	}
	world, ok := doc["world"].(map[string]any)
	if !ok {
		return fmt.Errorf("no world in %.200s", state)
	}
	world["funds"] = "900000000.00"
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	_, _, err = send(ctx, "PUT", base+"/__admin/state/qqtube", string(text), "application/json")
	return err
}

func signedCalls(ctx context.Context, base string) ([]call, error) {
	data, _, err := send(ctx, "GET", base+"/__admin/tenants/default", "", "")
	if err != nil {
		return nil, err
	}
	var tenant struct{ Credentials map[string]map[string]string }
	if err := json.Unmarshal(data, &tenant); err != nil {
		return nil, err
	}
	c := tenant.Credentials
	const video = "382839019131be68715e9455f8d0971a_3"
	clip := func(name, want, secret string, args ...string) call {
		return call{name: name, method: "GET", path: "/polyv/v2/video/3828390191/clip?" + polyv(secret, args...), want: want}
	}
	sum := md5.Sum([]byte(c["cliparto"]["id"] + "BalanceCurrent" + c["cliparto"]["api_code"])) //nolint:gosec // the vendor's choice
	return []call{
		{name: "qqtube add", method: "POST", path: "/qqtube/v1-api", want: `"status":"success"`, form: url.Values{
			"api_key": {c["qqtube"]["api_key"]}, "action": {"add"}, "url": {"https://www.youtube.com/watch?v=jofNR_WkoCE"}, "quantity": {"1000"}, "id_service": {"3"},
		}.Encode()},
		{name: "polyv grab/list", method: "GET", want: `"taskid"`, path: "/polyv/v2/video/grab/" + c["polyv"]["userid"] + "/list?" + polyv(c["polyv"]["secretkey"], "page", "1", "pageSize", "2")},
		clip("polyv clip 410", `"code":410`, "tIQp4ATe9Z", "title", "t"),
		clip("polyv clip 416", `"code":416`, "tIQp4ATe9Z", "title", "t", "vid", video, "timeFrame", `[{"start":1,"end":3}]`),
		clip("polyv clip bad sign", "sign is not right", "wrong", "title", "t", "vid", video),
		{name: "cliparto balance", method: "GET", path: "/cliparto/apiq/?id=" + c["cliparto"]["id"] + "&q=BalanceCurrent&md5=" + hex.EncodeToString(sum[:]), want: "."},
		{name: "qulive list", method: "GET", path: "/qulive/vod/getRecommendVideoList?pageIndex=1&pageSize=2&token=" + c["qulive"]["token"], want: `"videoList"`},
		{name: "interstream vote", method: "POST", path: "/interstream/api.php?" + interstream(c["interstream"]), form: "contentID=2635&vote=like", want: `{"`},
	}, nil
}

func polyv(secret string, args ...string) string {
	q := url.Values{"ptime": {fmt.Sprint(frozen * 1000)}}
	for i := 0; i < len(args); i += 2 {
		q.Set(args[i], args[i+1])
	}
	var pairs []string
	for k := range q {
		pairs = append(pairs, k+"="+q.Get(k))
	}
	sort.Strings(pairs)
	sum := sha1.Sum([]byte(strings.Join(pairs, "&") + secret)) //nolint:gosec // the vendor's choice
	q.Set("sign", strings.ToUpper(hex.EncodeToString(sum[:])))
	return q.Encode()
}

func interstream(credential map[string]string) string {
	r := signature.Request{Method: "POST"}
	for _, pair := range []string{"go=users", "do=set_content_vote", "iq=13"} {
		name, value, _ := strings.Cut(pair, "=")
		r.Values = append(r.Values, signature.Value{Name: name, Value: value, In: signature.InQuery})
	}
	signature.Interstream{}.Sign(&r, signature.Credential{ID: credential["key"], Secret: credential["secret"]}, signature.Signing{At: time.Unix(frozen, 0), Salt: "c4ca4238a0b923820dcc509a6f75849b"})
	q := url.Values{}
	for _, v := range r.Values {
		q.Set(v.Name, v.Value)
	}
	return q.Encode()
}
