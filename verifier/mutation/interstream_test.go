package mutation

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/signature"
)

func interstream() []mutation {
	return []mutation{
		{name: "the success is called otherwise", spoil: on(func(r *reply) { r.text(`"ok":`, `"status":`) }, "setContentVote")},
		{name: "the success says more", spoil: on(func(r *reply) { r.text(`registered"}`, `registered","votes":1}`) }, "setContentVote")},
		{name: "a vote is a text", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if v, ok := m["vote"]; ok {
					m["vote"] = toText(v)
				}
			})
		}, "getContentVote")},
		{name: "a text is another", spoil: on(func(r *reply) { r.text("Invalid Vote [Must be 'like' or 'dislike']", "Invalid Vote") })},
		{name: "a repeated vote is a request error", spoil: on(func(r *reply) { r.text("VOTING_ERROR", "REQUEST_ERROR") })},
		{name: "errors are a 400", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), "_ERROR") {
				r.status = http.StatusBadRequest
			}
		})},
		{name: "replies are plain text", spoil: on(func(r *reply) { r.header.Set("Content-Type", "text/plain") })},
		{name: "replies are broken JSON", spoil: on(func(r *reply) { r.body = []byte(strings.TrimSuffix(string(r.body), "}")) })},
		{name: "any signature is good", spoil: accepting("signature-wrong")},
		{name: "a signature may be missing", spoil: accepting("signature-missing")},
		{name: "an unknown key may vote", spoil: accepting("key-unknown")},
		{name: "a decoded secret is good, too", spoil: decodedSecret},
		{name: "a lost plus is mended", spoil: func() spoiler {
			return spoiler{before: func(r *signature.Request, _ signature.Context) {
				set(r.Values, "signature", func(v string) string { return strings.ReplaceAll(v, " ", "+") })
			}}
		}},
		{name: "a request is fresh for ten minutes", spoil: ages(10 * time.Minute)},
		{name: "a request is fresh for a second less", spoil: ages(5*time.Minute - time.Second)},
		{name: "the future does not expire", spoil: func() spoiler {
			return spoiler{verdict: func(v signature.Verdict, r *signature.Request, in signature.Context) signature.Verdict {
				if stamp, _ := r.Values.Get("timestamp"); v.Refusal == "timestamp-expired" && len(stamp) == 10 && stamp > timestamp(in.Now) {
					v.Refusal = ""
				}
				return v
			}}
		}},
		{name: "a repeated vote is registered again", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), "VOTED_ALREADY") {
				r.body = []byte(`{"ok":"Vote was registered"}`)
			}
		})},
		{name: "nobody has voted", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if _, ok := m["vote"]; ok {
					m["vote"] = 0
				}
			})
		}, "getContentVote")},
		{name: "votes are kept per clip, not per voter", spoil: rule(func(vs signature.Values) {
			set(vs, "iq", func(v string) string {
				if v > "0" && v <= "9999" && strings.Trim(v, "0123456789") == "" {
					return "1"
				}
				return v
			})
		}, "setContentVote", "getContentVote")},
		{name: "votes are kept per voter, not per clip", spoil: rule(func(vs signature.Values) {
			set(vs, "contentID", func(v string) string {
				if v > "0" && v <= "9999" && strings.Trim(v, "0123456789") == "" {
					return "1"
				}
				return v
			})
		}, "setContentVote", "getContentVote")},
		{name: "a vote is read in any case", spoil: rule(func(vs signature.Values) { set(vs, "vote", strings.ToLower) }, "setContentVote")},
		{name: "spellings of an address are voters of their own", spoil: spelledVoters},
		{name: "an address may be anything", spoil: rule(func(vs signature.Values) {
			set(vs, "ip", func(v string) string {
				if _, err := netip.ParseAddr(v); err != nil {
					return "192.0.2.1"
				}
				return v
			})
		}, "setContentVote", "getContentVote")},
		{name: "a negative user id is anonymous", spoil: rule(func(vs signature.Values) {
			set(vs, "iq", func(v string) string {
				if strings.HasPrefix(v, "-") {
					return "0"
				}
				return v
			})
		}, "setContentVote", "getContentVote")},
		{name: "the vote is checked before the clip", spoil: func() spoiler {
			return spoiler{reply: func(r *reply) {
				if v := r.get("vote"); r.op == "setContentVote" && v != "like" && v != "dislike" {
					r.text("Invalid Content ID", "Invalid Vote [Must be 'like' or 'dislike']")
				}
			}}
		}},
	}
}

func timestamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// ages changes how old a request may be.
func ages(d time.Duration) func() spoiler {
	return func() spoiler {
		return spoiler{api: func(api *fakes.API) {
			api.Window = func(string, fakes.Settings) time.Duration { return d }
		}}
	}
}

// decodedSecret accepts what was signed with the secret taken for base64.
func decodedSecret() spoiler {
	return spoiler{verdict: func(v signature.Verdict, r *signature.Request, in signature.Context) signature.Verdict {
		if v.Refusal != "signature-wrong" {
			return v
		}
		other := in
		other.Secret = func(id string) (string, bool) {
			secret, ok := in.Secret(id)
			raw, err := base64.StdEncoding.DecodeString(secret)
			if err != nil {
				return secret, ok
			}
			return string(raw), ok
		}
		return signature.Interstream{}.Check(r, other)
	}}
}

// spelledVoters gives every spelling of an IPv6 address a vote of its own.
func spelledVoters() spoiler {
	return spoiler{params: func(_ string, vs signature.Values) {
		set(vs, "ip", func(v string) string {
			a, err := netip.ParseAddr(v)
			if err != nil || !a.Is6() || a.String() == v {
				return v
			}
			b := a.As16()
			b[0] ^= byte(len(v)) // another address
			return netip.AddrFrom16(b).String()
		})
	}}
}
