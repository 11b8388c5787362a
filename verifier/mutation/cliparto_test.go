package mutation

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/signature"
)

// lines changes the records of a list.
func lines(change func(list []string) []string, ops ...string) func() spoiler {
	return on(func(r *reply) {
		if text := string(r.body); text != "" && !strings.HasPrefix(text, "ERROR") {
			r.body = []byte(strings.Join(change(strings.Split(text, "\n")), "\n"))
		}
	}, ops...)
}

// fields changes the fields of each record.
func fields(change func(list []string) []string, ops ...string) func() spoiler {
	return lines(func(list []string) []string {
		for i, line := range list {
			list[i] = strings.Join(change(strings.Split(line, ";")), ";")
		}
		return list
	}, ops...)
}

// money are the query types that answer with an amount.
func money() []string {
	return []string{"BalanceCurrent", "EarningsTotal", "EarningsThisMonth", "EarningsPrevMonth"}
}

func cliparto() []mutation {
	return []mutation{
		// Fields and records.
		{name: "a download has a field more", spoil: fields(func(f []string) []string { return append(f, "x") }, "DownloadsList")},
		{name: "a download has a field less", spoil: fields(func(f []string) []string { return f[:len(f)-1] }, "DownloadsList")},
		{name: "fields of a download are swapped", spoil: fields(func(f []string) []string {
			if len(f) > 3 {
				f[2], f[3] = f[3], f[2]
			}
			return f
		}, "DownloadsList")},
		{name: "fields are joined by commas", spoil: on(func(r *reply) { r.text(";", ",") }, "ReleasesList")},
		{name: "amounts have one decimal", spoil: on(func(r *reply) {
			if s := string(r.body); !strings.HasPrefix(s, "ERROR") {
				r.body = []byte(s[:len(s)-1])
			}
		}, money()...)},
		{name: "amounts have a currency", spoil: on(func(r *reply) {
			if s := string(r.body); !strings.HasPrefix(s, "ERROR") {
				r.body = []byte("$" + s)
			}
		}, money()...)},
		{name: "counts have decimals", spoil: on(func(r *reply) {
			if s := string(r.body); !strings.HasPrefix(s, "ERROR") {
				r.body = []byte(s + ".00")
			}
		}, "ImagesTotal", "DownloadsTotal")},
		{name: "dates are European", spoil: fields(func(f []string) []string {
			if at, err := time.Parse("2006-01-02 15:04:05", f[0]); err == nil {
				f[0] = at.Format("02.01.2006 15:04:05")
			}
			return f
		}, "DownloadsList")},
		{name: "countries have three letters", spoil: on(func(r *reply) { r.text(";US;", ";USA;"); r.text(";DE;", ";DEU;") }, "DownloadsList")},
		{name: "a reply ends with a line break", spoil: on(func(r *reply) { r.body = append(r.body, '\n') }, "BalanceCurrent", "ImagesTotal")},
		{name: "a release says OK in lower case", spoil: on(func(r *reply) { r.text("OK", "ok") }, "AttachReleaseToImage")},

		// Words, statuses, types.
		{name: "errors do not begin with ERROR", spoil: on(func(r *reply) { r.text("ERROR: ", "") })},
		{name: "a wrong digest is a 403", spoil: on(func(r *reply) {
			if r.get("md5") != "" && strings.Contains(string(r.body), "md5") && strings.HasPrefix(string(r.body), "ERROR") {
				r.status = http.StatusForbidden
			}
		})},
		{name: "replies are plain text", spoil: on(func(r *reply) { r.header.Set("Content-Type", "text/plain; charset=UTF-8") }, "ImagesNew")},
		{name: "replies are pages", spoil: on(func(r *reply) { r.body = append(append([]byte("<html><body>"), r.body...), "</body></html>"...) }, "EarningsTotal")},
		{name: "replies are empty", spoil: on(func(r *reply) { r.body = nil }, "ReleasesList")},

		{name: "the address wants its slash", spoil: on(func(r *reply) {
			if strings.HasSuffix(r.request.URL.Path, "/apiq") {
				r.status, r.body = http.StatusNotFound, []byte("ERROR: not found")
			}
		})},

		// Who may, and how often.
		{name: "any digest is good", spoil: accepting("md5-wrong")},
		{name: "a digest may be missing", spoil: accepting("md5-missing")},
		{name: "a digest in upper case is wrong", spoil: func() spoiler {
			return spoiler{verdict: func(v signature.Verdict, r *signature.Request, _ signature.Context) signature.Verdict {
				if sum, _ := r.Values.Get("md5"); v.Refusal == "" && sum != strings.ToLower(sum) {
					v.Refusal = "md5-wrong"
				}
				return v
			}}
		}},
		{name: "ext is not part of the digest", spoil: func() spoiler {
			return spoiler{verdict: func(v signature.Verdict, r *signature.Request, in signature.Context) signature.Verdict {
				if v.Refusal != "md5-wrong" {
					return v
				}
				copied := *r
				copied.Values = nil
				for _, each := range r.Values {
					if each.Name != "ext" {
						copied.Values = append(copied.Values, each)
					}
				}
				return signature.Cliparto{}.Check(&copied, in)
			}}
		}},
		{name: "there are no limits", spoil: func() spoiler {
			return spoiler{api: func(api *fakes.API) { api.Settings[0].Default = "off" }}
		}},
		{name: "twenty seconds are nineteen", spoil: limited(limits{pace: 19 * time.Second, memory: time.Hour})},
		{name: "twenty seconds are not over at their end", spoil: limited(limits{pace: 20*time.Second + 1, memory: time.Hour})},
		{name: "nothing is too often", spoil: limited(limits{pace: 20 * time.Second})},
		{name: "an hour is not over at its end", spoil: limited(limits{pace: 20 * time.Second, memory: time.Hour + 1})},
		{name: "an hour is a minute short", spoil: limited(limits{pace: 20 * time.Second, memory: 59 * time.Minute})},
		{name: "another ext is a repetition", spoil: limited(limits{pace: 20 * time.Second, memory: time.Hour, anyExt: true})},
		{name: "a refused request counts for the limits", spoil: limited(limits{pace: 20 * time.Second, memory: time.Hour, refused: true})},
		{name: "a wrong digest counts for the limits", spoil: limited(limits{pace: 20 * time.Second, memory: time.Hour, wrong: true})},
		{name: "repetitions are told before haste", spoil: limited(limits{pace: 20 * time.Second, memory: time.Hour, repeatedFirst: true})},

		// State and rules.
		{name: "downloads are oldest first", spoil: lines(func(list []string) []string {
			out := make([]string, len(list))
			for i, l := range list {
				out[len(list)-1-i] = l
			}
			return out
		}, "DownloadsList")},
		{name: "a list has a record too few", spoil: lines(func(list []string) []string { return list[:len(list)-1] }, "DownloadsList")},
		{name: "a list may have 101 records", spoil: rule(func(vs signature.Values) {
			set(vs, "ext", func(v string) string {
				if v == "101" {
					return "100"
				}
				return v
			})
		}, "DownloadsList")},
		{name: "a list of nought is the usual list", spoil: rule(func(vs signature.Values) {
			set(vs, "ext", func(v string) string {
				if v == "0" {
					return "10"
				}
				return v
			})
		}, "DownloadsList")},
		{name: "earnings and list do not agree", spoil: on(func(r *reply) {
			if s := string(r.body); !strings.HasPrefix(s, "ERROR") {
				r.body = []byte(addCents(s, 1))
			}
		}, "EarningsThisMonth")},
		{name: "totals forget the last download", spoil: on(func(r *reply) {
			if s := string(r.body); !strings.HasPrefix(s, "ERROR") && s != "0" {
				r.body = []byte(minusOne(s))
			}
		}, "DownloadsTotal")},
		{name: "files are taken again and again", spoil: sticky("ProcessFilesFromFTP")},
		{name: "images are never approved", spoil: sticky("ImagesTotal")},
		{name: "a pending image is approved already", spoil: on(func(r *reply) {
			if strings.HasPrefix(string(r.body), "pending;") {
				r.body = []byte("approved;" + strings.TrimPrefix(string(r.body), "pending;"))
			}
		}, "ImageData")},
		{name: "an unknown image is nobody's", spoil: on(func(r *reply) {
			if strings.HasPrefix(string(r.body), "ERROR") && strings.Contains(string(r.body), "ound") {
				r.body = nil
			}
		}, "ImageIDByFileName", "ImageData")},
		{name: "a file's name is found in part", spoil: foundInPart},
	}
}

// sticky answers each caller what it was answered first.
func sticky(op string) func() spoiler {
	return func() spoiler {
		first := map[string][]byte{}
		return spoiler{reply: func(r *reply) {
			if r.op != op || strings.HasPrefix(string(r.body), "ERROR") {
				return
			}
			if first[r.caller] == nil {
				first[r.caller] = r.body
			}
			r.body = first[r.caller]
		}}
	}
}

// limits are the limits on requests, other than the vendor's.
type limits struct {
	pace, memory  time.Duration
	anyExt        bool // q alone makes a repetition
	refused       bool // what was refused as too frequent counts
	wrong         bool // a wrong digest counts
	repeatedFirst bool
}

// limited takes the fake's own limits away and applies others.
func limited(l limits) func() spoiler {
	return func() spoiler {
		last := map[string]time.Time{}
		asked := map[string]time.Time{}
		return spoiler{
			api: func(api *fakes.API) { api.Settings[0].Default = "off" },
			verdict: func(v signature.Verdict, r *signature.Request, in signature.Context) signature.Verdict {
				if v.Refusal != "" {
					if l.wrong && v.Refusal == "md5-wrong" {
						last[v.Caller] = in.Now
					}
					return v
				}
				key := v.Caller + " " + r.Operation
				if ext, _ := r.Values.Get("ext"); !l.anyExt {
					key += " " + ext
				}
				before, ok := last[v.Caller]
				hasty := ok && in.Now.Sub(before) < l.pace
				before, ok = asked[key]
				repeated := ok && in.Now.Sub(before) < l.memory
				switch {
				case hasty && !(l.repeatedFirst && repeated):
					v.Refusal = "too-frequent"
				case repeated:
					v.Refusal = "repeated"
				}
				if v.Refusal == "" || l.refused {
					last[v.Caller] = in.Now
				}
				if v.Refusal == "" {
					asked[key] = in.Now
				}
				return v
			},
		}
	}
}

func minusOne(v string) string {
	if n, err := strconv.Atoi(v); err == nil {
		return strconv.Itoa(n - 1)
	}
	return v
}

// foundInPart finds an image by a part of its file's name: it forgets what comes behind a
// blank or an underscore.
func foundInPart() spoiler {
	names := map[string]string{} // by caller: a name that was found
	return spoiler{reply: func(r *reply) {
		if r.op != "ImageIDByFileName" {
			return
		}
		ext := r.get("ext")
		if !strings.HasPrefix(string(r.body), "ERROR") {
			names[r.caller] = ext + " " + string(r.body)
			return
		}
		if known, id, ok := strings.Cut(names[r.caller], " "); ok && ext != "" && ext != known && strings.Contains(known, ext) {
			r.body = []byte(id)
		}
	}}
}
