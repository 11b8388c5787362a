package mutation

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/signature"
)

func qqtube() []mutation {
	return []mutation{
		// Fields.
		{name: "a counter of add is called otherwise", spoil: on(func(r *reply) { r.object(func(m map[string]any) { rename(m, "wanted_count", "wantedCount") }) }, "add")},
		{name: "add tells no short URL", spoil: on(func(r *reply) { r.object(func(m map[string]any) { delete(m, "short_url") }) }, "add")},
		{name: "funds have a currency", spoil: on(func(r *reply) { r.object(func(m map[string]any) { m["currency"] = "USD" }) }, "funds")},
		{name: "funds are a number", spoil: on(func(r *reply) { r.text(`"funds":"`, `"funds":`); r.text(`"}`, `}`) }, "funds")},
		{name: "counters of add are texts", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if v, ok := m["wanted_count"]; ok {
					m["wanted_count"] = toText(v)
				}
			})
		}, "add")},
		{name: "the status of stats is a text", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if s, ok := m["status"].(map[string]any); ok {
					m["status"] = s["name"]
				}
			})
		}, "stats")},
		{name: "submissions have a status", spoil: on(func(r *reply) { r.list(each(func(m map[string]any) { m["status"] = "In Progress" })) }, "submissions")},
		{name: "services are one object", spoil: on(func(r *reply) {
			r.json(func(v any) any {
				if list, ok := v.([]any); ok && len(list) > 0 {
					return list[0]
				}
				return v
			})
		}, "services")},

		// Words, codes, statuses, types.
		{name: "a text of add is another", spoil: on(func(r *reply) { r.text("Service does not exist.", "Unknown service.") }, "add")},
		{name: "errors stand under message", spoil: on(func(r *reply) { r.text(`"messages":`, `"message":`) })},
		{name: "an error has another id", spoil: on(func(r *reply) { r.text(`"id":30,`, `"id":31,`) }, "add")},
		{name: "only the first of several errors is told", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if list, ok := m["messages"].([]any); ok && len(list) > 1 {
					m["messages"] = list[:1]
				}
			})
		}, "add")},
		{name: "replies are HTML", spoil: on(func(r *reply) { r.header.Set("Content-Type", "text/html; charset=UTF-8") }, "funds")},
		{name: "a wrong method is a success for HTTP", spoil: on(func(r *reply) {
			if r.status == http.StatusMethodNotAllowed {
				r.status = http.StatusOK
			}
		})},
		{name: "a wrong key is a 403", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), "1003") {
				r.status = http.StatusForbidden
			}
		})},
		{name: "replies end early", spoil: on(func(r *reply) { r.body = r.body[:len(r.body)-2] }, "stats")},
		{name: "a warning stands before the JSON", spoil: on(func(r *reply) { r.body = append([]byte("Notice: Undefined index\n"), r.body...) }, "submissions")},

		// Who may.
		{name: "any key is good", spoil: accepting("invalid-api-key")},
		{name: "a key is good in any case", spoil: func() spoiler {
			return spoiler{before: func(r *signature.Request, _ signature.Context) { set(r.Values, "api_key", strings.ToLower) }}
		}},
		{name: "blanks around a key matter", spoil: func() spoiler {
			return spoiler{verdict: func(v signature.Verdict, r *signature.Request, _ signature.Context) signature.Verdict {
				if key, _ := r.Values.Get("api_key"); v.Refusal == "" && strings.TrimSpace(key) != key {
					v.Refusal = "invalid-api-key"
				}
				return v
			}}
		}},
		{name: "an order of another account can be seen", spoil: leakedOrders},

		// Money and orders.
		{name: "money does not move", spoil: stickyFunds},
		{name: "an order costs a cent more", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if v, ok := m["total_cost"].(string); ok {
					m["total_cost"] = addCents(v, 1)
				}
			})
		}, "stats")},
		{name: "quantities below the least are taken", spoil: rule(func(vs signature.Values) {
			set(vs, "quantity", func(v string) string {
				if n, err := strconv.Atoi(v); err == nil && n > 0 && n < 100 {
					return "1000"
				}
				return v
			})
		}, "add")},
		{name: "a quantity is rounded to a step", spoil: rule(func(vs signature.Values) {
			set(vs, "quantity", func(v string) string {
				if n, err := strconv.Atoi(v); err == nil && n > 1000 {
					return strconv.Itoa(n / 1000 * 1000)
				}
				return v
			})
		}, "add")},
		{name: "orders are never delivered", spoil: frozenStats},
		{name: "an order is complete at once", spoil: on(func(r *reply) {
			r.text(`"id_status":"2","name":"In Progress"`, `"id_status":"1","name":"Completed"`)
		}, "stats")},
		{name: "a refund is an error", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if s, ok := m["status"].(map[string]any); ok && s["id_status"] == "8" {
					s["type"] = "error"
				}
			})
		}, "stats")},

		{name: "a cancelled order is no error", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if s, ok := m["status"].(map[string]any); ok && s["id_status"] == "3" {
					s["type"] = "info"
				}
			})
		}, "stats")},
		{name: "a handle loses its at", spoil: on(func(r *reply) { r.text(`"short_url":"@`, `"short_url":"`) })},
		{name: "a short is not shortened", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if long, ok := m["long_url"].(string); ok && strings.Contains(long, "/shorts/") {
					m["short_url"] = long
				}
			})
		})},
		{name: "countries may be in lower case", spoil: rule(func(vs signature.Values) { set(vs, "geo-countries", strings.ToUpper) }, "add")},
		{name: "views do not tell what was sent", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if _, ok := m["sent_count"]; ok {
					m["sent_count"] = nil
				}
			})
		}, "stats")},
		{name: "nothing was refunded yet", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if m["current_count"] != nil && m["refund_total"] == nil {
					m["refund_total"], m["refund_time"] = "0.00", "2026-01-01 00:00:00"
				}
			})
		}, "stats")},
		{name: "slashes are bare", spoil: on(func(r *reply) { r.text(`\/`, `/`) })},

		// Pages.
		{name: "submissions are oldest first", spoil: on(func(r *reply) { r.list(reversed) }, "submissions")},
		{name: "a page begins with the cursor itself", spoil: rule(func(vs signature.Values) { set(vs, "starting_after", plusOne) }, "submissions")},
		{name: "a page has one row too many", spoil: rule(func(vs signature.Values) {
			set(vs, "limit", func(v string) string {
				if n, err := strconv.Atoi(v); err == nil && n > 0 && n < 500 {
					return plusOne(v)
				}
				return v
			})
		}, "submissions")},
		{name: "any limit is taken", spoil: rule(func(vs signature.Values) {
			set(vs, "limit", func(v string) string {
				if n, err := strconv.Atoi(v); err == nil && n > 500 {
					return "500"
				}
				return v
			})
		}, "submissions")},
	}
}

func toText(v any) string {
	if n, ok := v.(interface{ String() string }); ok {
		return n.String()
	}
	return ""
}

func plusOne(v string) string {
	if n, err := strconv.Atoi(v); err == nil {
		return strconv.Itoa(n + 1)
	}
	return v
}

func addCents(amount string, cents int) string {
	n, err := strconv.Atoi(strings.Replace(amount, ".", "", 1))
	if err != nil {
		return amount
	}
	n += cents
	return strconv.Itoa(n/100) + "." + strconv.Itoa(n%100/10) + strconv.Itoa(n%10)
}

// leakedOrders answers for an unknown order with what another account was told of it.
func leakedOrders() spoiler {
	seen := map[string][]byte{}
	return spoiler{reply: func(r *reply) {
		id := r.get("id_service_submission")
		switch {
		case r.op != "stats":
		case strings.Contains(string(r.body), "current_count"):
			seen[id] = r.body
		case seen[id] != nil:
			r.body = seen[id]
		}
	}}
}

// stickyFunds tells each account its first funds for ever.
func stickyFunds() spoiler {
	first := map[string][]byte{}
	return spoiler{reply: func(r *reply) {
		if r.op != "funds" || !strings.Contains(string(r.body), `"funds"`) {
			return
		}
		if first[r.caller] == nil {
			first[r.caller] = r.body
		}
		r.body = first[r.caller]
	}}
}

// frozenStats tells of each order what it first told.
func frozenStats() spoiler {
	first := map[string][]byte{}
	return spoiler{reply: func(r *reply) {
		key := r.caller + " " + r.get("id_service_submission")
		if r.op != "stats" || !strings.Contains(string(r.body), "current_count") {
			return
		}
		if first[key] == nil {
			first[key] = r.body
		}
		r.body = first[key]
	}}
}
