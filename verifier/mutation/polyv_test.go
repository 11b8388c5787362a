package mutation

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/signature"
)

// success reports whether a reply of Polyv's is one.
func success(r *reply) bool { return strings.Contains(string(r.body), `"status":"success"`) }

func polyv() []mutation {
	return []mutation{
		// The envelope and its fields.
		{name: "the envelope lacks its message", spoil: on(func(r *reply) { r.object(func(m map[string]any) { delete(m, "message") }) }, "videoSizes")},
		{name: "the code is a text", spoil: on(func(r *reply) { r.text(`"code":200`, `"code":"200"`) }, "authplayStatus")},
		{name: "errors have null for data", spoil: on(func(r *reply) { r.text(`"data":""`, `"data":null`) }, "clip")},
		{name: "seccesscount is spelled right", spoil: on(func(r *reply) { r.text(`"seccesscount"`, `"successcount"`) }, "grabList")},
		{name: "danmu have a colour more", spoil: on(func(r *reply) {
			r.list(each(func(m map[string]any) { m["background"] = "0x000000" }), "data", "contents")
		}, "danmuList")},
		{name: "sizes are texts", spoil: on(func(r *reply) {
			r.list(each(func(group map[string]any) {
				if list, ok := group["videos"].([]any); ok {
					each(func(m map[string]any) { m["filesize1"] = toText(m["filesize1"]) })(list)
				}
			}), "data")
		}, "videoSizes")},
		{name: "exam logs are nested", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if list, ok := m["data"].([]any); ok {
					m["data"] = []any{list}
				}
			})
		}, "examLog")},
		{name: "an answer is a list", spoil: on(func(r *reply) {
			r.list(each(func(m map[string]any) {
				if text, ok := m["answer"].(string); ok {
					var v any
					if json.Unmarshal([]byte(text), &v) == nil {
						m["answer"] = v
					}
				}
			}), "data")
		}, "examLog")},
		{name: "playing is authorised in words", spoil: on(func(r *reply) { r.text(`"data":1`, `"data":"1"`); r.text(`"data":0`, `"data":"0"`) }, "authplayStatus")},
		{name: "success has a full stop", spoil: on(func(r *reply) { r.text(`"message":"success"`, `"message":"success."`) }, "authplayStatus")},

		// Words, codes, statuses, types.
		{name: "ptime is too old in other words", spoil: on(func(r *reply) { r.text("ptime is too old.", "ptime is expired.") })},
		{name: "an error has another code", spoil: on(func(r *reply) { r.text(`"code":414`, `"code":413`) }, "clip")},
		{name: "a business error is one for HTTP", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), `"code":402`) {
				r.status = http.StatusPaymentRequired
			}
		}, "cataChange"), survives: "CONTRACTS section 2 has both as the setting polyv.http-status: the status of a refusal may be its code"},
		{name: "a business error is a 500 for HTTP", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), `"code":402`) {
				r.status = http.StatusInternalServerError
			}
		}, "cataChange")},
		{name: "JSON has no charset", spoil: on(func(r *reply) {
			if strings.HasPrefix(r.header.Get("Content-Type"), "application/json") {
				r.header.Set("Content-Type", "application/json")
			}
		}, "danmuList")},
		{name: "an export is plain text", spoil: on(func(r *reply) {
			if strings.HasPrefix(r.header.Get("Content-Type"), "text/csv") {
				r.header.Set("Content-Type", "text/plain;charset=UTF-8")
			}
		}, "grabExport")},
		{name: "an export has no header row", spoil: on(func(r *reply) {
			if _, rest, ok := strings.Cut(string(r.body), "\n"); ok && strings.HasPrefix(string(r.body), "vid,") {
				r.body = []byte(rest)
			}
		}, "grabExport")},
		{name: "an export lacks its last row", spoil: on(func(r *reply) {
			lines := strings.SplitAfter(strings.TrimSuffix(string(r.body), "\n"), "\n")
			if len(lines) > 1 && strings.HasPrefix(lines[0], "vid,") {
				r.body = []byte(strings.Join(lines[:len(lines)-1], ""))
			}
		}, "grabExport")},
		{name: "replies end early", spoil: on(func(r *reply) { r.body = r.body[:len(r.body)/2] }, "grabList")},

		// Signature and time.
		{name: "any sign is good", spoil: accepting("sign-wrong")},
		{name: "a sign may be missing", spoil: accepting("sign-missing")},
		{name: "a sign is good in lower case", spoil: func() spoiler {
			return spoiler{before: func(r *signature.Request, _ signature.Context) { set(r.Values, "sign", strings.ToUpper) }}
		}},
		{name: "what is not declared is not signed", spoil: declaredOnly},
		{name: "ptime is good for thirty minutes", spoil: ages(30 * time.Minute)},
		{name: "ptime is good for a minute", spoil: ages(time.Minute)},
		{name: "ptime is good for a millisecond less", spoil: ages(3*time.Minute - time.Millisecond)},
		{name: "the future is too old", spoil: func() spoiler {
			return spoiler{verdict: func(v signature.Verdict, r *signature.Request, in signature.Context) signature.Verdict {
				if p, _ := r.Values.Get("ptime"); v.Refusal == "ptime-illegal" && len(p) == 13 && p > strconv.FormatInt(in.Now.UnixMilli(), 10) {
					v.Refusal = "ptime-too-old"
				}
				return v
			}}
		}},
		{name: "a sign is checked before its time", spoil: func() spoiler {
			return spoiler{verdict: func(v signature.Verdict, r *signature.Request, in signature.Context) signature.Verdict {
				if v.Refusal != "ptime-too-old" {
					return v
				}
				late := in
				late.Window = 1 << 60
				if other := (signature.Polyv{}).Check(r, late); other.Refusal == "sign-wrong" {
					return other
				}
				return v
			}}
		}},

		// Pages.
		{name: "danmu are oldest first", spoil: on(func(r *reply) { r.list(reversed, "data", "contents") }, "danmuList")},
		{name: "a page lacks its last row", spoil: on(func(r *reply) { r.list(withoutLast, "data", "contents") }, "danmuList")},
		{name: "rows are counted from nought", spoil: on(func(r *reply) { r.data(func(m map[string]any) { number(m, "startRow", -1) }) }, "danmuList", "grabList")},
		{name: "there is one page too many", spoil: on(func(r *reply) { r.data(func(m map[string]any) { number(m, "totalPages", 1) }) }, "danmuList")},
		{name: "the next page goes beyond the last", spoil: on(func(r *reply) {
			r.data(func(m map[string]any) {
				if m["lastPage"] == true {
					number(m, "nextPageNumber", 1)
				}
			})
		}, "danmuList", "grabList")},
		{name: "limit is what was asked for", spoil: on(func(r *reply) {
			r.data(func(m map[string]any) {
				if n := r.get("pageSize"); n != "" && m["limit"] != nil {
					m["limit"] = json.Number(n)
				}
			})
		}, "grabList")},
		{name: "pages begin with nought", spoil: rule(func(vs signature.Values) { set(vs, "page", plusOne) }, "grabList")},
		{name: "any page size is taken", spoil: rule(func(vs signature.Values) {
			set(vs, "numPerPage", func(v string) string {
				if n, err := strconv.Atoi(v); err != nil || n < 1 {
					return "20"
				}
				return v
			})
		}, "danmuList")},

		{name: "nineteen danmu make a page", spoil: on(func(r *reply) {
			if r.get("numPerPage") == "" && r.get("pageSize") == "" {
				r.list(func(list []any) []any {
					if len(list) == 20 {
						return list[:19]
					}
					return list
				}, "data", "contents")
			}
		}, "danmuList")},
		{name: "nine grab tasks make a page", spoil: on(func(r *reply) {
			if r.get("pageSize") == "" {
				r.list(func(list []any) []any {
					if len(list) == 10 {
						return list[:9]
					}
					return list
				}, "data", "contents")
			}
		}, "grabList")},
		{name: "exam logs come all on one page", spoil: rule(func(vs signature.Values) { set(vs, "pageNum", func(string) string { return "1" }) }, "examLog")},
		{name: "a callback may be anything", spoil: on(func(r *reply) {
			if cb := r.get("jsonp"); cb != "" && strings.HasPrefix(string(r.body), "{") && success(r) {
				r.body = []byte(cb + "(" + string(r.body) + ")")
				r.header.Set("Content-Type", "application/javascript;charset=UTF-8")
			}
		})},
		{name: "the body wins over the query", spoil: func() spoiler {
			return spoiler{params: func(_ string, vs signature.Values) {
				for i := range vs {
					for j := range vs {
						if vs[i].In == signature.InQuery && vs[j].In == signature.InForm && vs[i].Name == vs[j].Name {
							vs[i].Shadowed, vs[j].Shadowed = true, false
						}
					}
				}
			}}
		}},

		// State and rules.
		{name: "deleted danmu stay", spoil: rule(func(vs signature.Values) { set(vs, "danmuIds", func(string) string { return "0" }) }, "danmuDelete")},
		{name: "a clip is the video itself", spoil: on(func(r *reply) {
			if success(r) {
				r.object(func(m map[string]any) { m["data"] = r.get("vid") })
			}
		}, "clip")},
		{name: "a clip may be four seconds", spoil: rule(func(vs signature.Values) {
			set(vs, "timeFrame", longerStretches)
		}, "clip")},
		{name: "a clip has up to six stretches", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), `"code":414`) {
				r.body = []byte(`{"code":200,"status":"success","message":"success","data":"8205ac89d34f0d1be77a2c9365e81db0_8"}`)
			}
		}, "clip")},
		{name: "sizes of a category are stale", spoil: staleSizes},
		{name: "a category moves below itself", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), "不能移动到自己的父亲节点.") {
				r.body = []byte(`{"code":200,"status":"success","message":"success","data":true}`)
			}
		}, "cataChange")},
		{name: "an unknown task is deleted", spoil: on(func(r *reply) { r.text(`"data":false`, `"data":true`) }, "grabDelete")},
		{name: "vids do not win over a category", spoil: rule(func(vs signature.Values) {
			if cata, ok := vs.Get("cataId"); ok && cata != "" {
				set(vs, "vids", func(string) string { return "" })
			}
		}, "videoSizes")},
		{name: "501 vids are taken", spoil: rule(func(vs signature.Values) {
			set(vs, "vids", func(v string) string {
				if list := strings.Split(v, ","); len(list) > 500 {
					return strings.Join(list[:500], ",")
				}
				return v
			})
		}, "videoSizes")},
		{name: "the last day of exam logs is left out", spoil: rule(func(vs signature.Values) { set(vs, "end", dayBefore) }, "examLog")},
		{name: "exam logs are oldest first", spoil: on(func(r *reply) { r.list(reversed, "data") }, "examLog")},
		{name: "jsonp is not wrapped", spoil: on(func(r *reply) {
			text := string(r.body)
			if open := strings.IndexByte(text, '('); open > 0 && open < strings.IndexByte(text, '{') {
				r.body = []byte(strings.TrimSuffix(strings.TrimSuffix(text[open+1:], ";"), ")"))
			}
		})},
		{name: "errors are wrapped, too", spoil: on(func(r *reply) {
			if cb := r.get("jsonp"); cb != "" && strings.Contains(string(r.body), `"status":"error"`) {
				r.body = []byte(cb + "(" + string(r.body) + ")")
				r.header.Set("Content-Type", "application/javascript;charset=UTF-8")
			}
		})},
		{name: "another account's video is found", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), "用户的视频下找不到该视频.") {
				r.body = []byte(`{"code":200,"status":"success","message":"success","data":1}`)
			}
		}, "authplayStatus")},
		{name: "POST operations want POST", spoil: on(func(r *reply) {
			if r.request.Method == http.MethodGet {
				r.body = []byte(`{"code":405,"status":"error","message":"method not allowed.","data":""}`)
				r.status = http.StatusMethodNotAllowed
			}
		}, "clip", "cataChange", "danmuDelete", "grabDelete")},
		{name: "replies are another account's", spoil: leaked("grabList")},
	}
}

// longerStretches makes stretches of four seconds five.
func longerStretches(v string) string {
	var list []map[string]int
	if json.Unmarshal([]byte(v), &list) != nil {
		return v
	}
	for _, s := range list {
		if s["end"]-s["start"] == 4 {
			s["end"]++
		}
	}
	out, err := json.Marshal(list)
	if err != nil {
		return v
	}
	return string(out)
}

func dayBefore(v string) string {
	if at, err := time.Parse("2006-01-02", v); err == nil {
		return at.AddDate(0, 0, -1).Format("2006-01-02")
	}
	return v
}

// declaredOnly checks a signature over what the operation declares.
func declaredOnly() spoiler {
	return spoiler{verdict: func(v signature.Verdict, r *signature.Request, in signature.Context) signature.Verdict {
		if v.Refusal != "sign-wrong" {
			return v
		}
		copied := *r
		copied.Values = nil
		for _, each := range r.Values {
			if each.Name != "requestId" && each.Name != "extra" {
				copied.Values = append(copied.Values, each)
			}
		}
		return signature.Polyv{}.Check(&copied, in)
	}}
}

// staleSizes tells of each category what it first told.
func staleSizes() spoiler {
	first := map[string][]byte{}
	return spoiler{reply: func(r *reply) {
		cata := r.get("cataId") + r.get("cataid")
		if r.op != "videoSizes" || cata == "" || !success(r) {
			return
		}
		if key := r.caller + " " + cata; first[key] == nil {
			first[key] = r.body
		} else {
			r.body = first[key]
		}
	}}
}

// leaked answers an operation with what the caller before was told.
func leaked(op string) func() spoiler {
	return func() spoiler {
		var last []byte
		var of string
		return spoiler{reply: func(r *reply) {
			if r.op != op || !success(r) {
				return
			}
			mine := r.body
			if last != nil && of != r.caller {
				r.body = last
			}
			last, of = mine, r.caller
		}}
	}
}
