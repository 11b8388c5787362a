package interstream

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/internal/contract"
)

const (
	set = "setContentVote"
	get = "getContentVote"

	registered = `{"ok":"Vote was registered"}`
	already    = `{"error":"VOTING_ERROR","error_long":"VOTED_ALREADY"}`
)

func TestConformance(t *testing.T) { fakestest.Run(t, API(), fakestest.Suite{}) }

// requestError is a body as the vendor spells it.
func requestError(text string) string {
	return `{"error":"REQUEST_ERROR","error_long":"` + text + `"}`
}

// vote is the arguments of a vote on clip 2635.
func vote(iq, vote string, ip ...string) map[string]string {
	args := map[string]string{"iq": iq, "contentID": "2635", "vote": vote}
	if len(ip) > 0 {
		args["ip"] = ip[0]
	}
	return args
}

func TestPageSample(t *testing.T) {
	b := fakestest.New(t, API())
	b.Host.Default().Clock.Set(time.Unix(1700000000, 0), true)
	send := func() fakestest.Reply {
		body := "--X\r\nContent-Disposition: form-data; name=\"contentID\"\r\n\r\n2635\r\n" +
			"--X\r\nContent-Disposition: form-data; name=\"vote\"\r\n\r\nlike\r\n--X--\r\n"
		r := httptest.NewRequest(http.MethodPost, "http://www.interstreamdomain.tv/api.php?go=users&do=set_content_vote&iq=13"+
			"&timestamp=1700000000&salt=c4ca4238a0b923820dcc509a6f75849b&key=1b323a1cb879fd4e66530fbad07a32ee"+
			"&signature=EuR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI%3D", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=X")
		return b.SendHTTP(r)
	}
	first := send()
	assert.Equal(t, registered, first.Body.String())
	assert.Equal(t, "application/json", first.Header().Get("Content-Type"))
	assert.Equal(t, already, send().Body.String())
}

func TestOutcomes(t *testing.T) {
	ids := []struct{ id, why string }{
		{"", "empty"}, {"-1", "negative"}, {"+1", "signed"}, {"-0", "signed zero"}, {" 1", "blank before"}, {"1 ", "blank behind"},
		{"1.0", "decimal"}, {"1e3", "exponent"}, {"0x10", "hexadecimal"}, {"abc", "letters"}, {"1\n", "line break"},
		{"١", "another script's digit"}, {"9223372036854775808", "2^63"}, {strings.Repeat("9", 40), "long"},
	}
	type row struct {
		name, op string
		args     map[string]string
		want     string
	}
	rows := []row{
		{"user", set, vote("13", "like"), registered},
		{"largest user", set, vote("9223372036854775807", "like"), registered},
		{"leading zeros", set, vote("00000000000000000000000013", "like"), registered},
		{"largest content", set, map[string]string{"iq": "1", "contentID": "9223372036854775807", "vote": "dislike"}, registered},
		{"content 0", set, map[string]string{"iq": "1", "contentID": "0", "vote": "like"}, requestError("Invalid Content ID")},
		{"content 000", set, map[string]string{"iq": "1", "contentID": "000", "vote": "like"}, requestError("Invalid Content ID")},
		{"vote missing", set, map[string]string{"iq": "1", "contentID": "1"}, requestError("Invalid Vote [Must be 'like' or 'dislike']")},
		{"anonymous without ip", set, vote("0", "like"), requestError("Invalid User IP")},
		{"anonymous with an empty ip", set, vote("0", "like", ""), requestError("Invalid User IP")},
		{"anonymous by zeros", set, vote("000", "like"), requestError("Invalid User IP")},
		{"a user's ip does not matter", set, vote("13", "like", "nonsense"), registered},
		{"read anonymous without ip", get, map[string]string{"iq": "0", "contentID": "1"}, requestError("Invalid User IP")},
		{"read none", get, map[string]string{"iq": "13", "contentID": "1"}, `{"vote":0}`},
		// What is wrong first is said first: User ID, Content ID, Vote, ip.
		{"order: user", set, map[string]string{"iq": "9223372036854775808"}, requestError("Invalid User ID")},
		{"order: content", set, map[string]string{"iq": "0", "contentID": "0", "vote": "up"}, requestError("Invalid Content ID")},
		{"order: vote", set, vote("0", "up", "nonsense"), requestError("Invalid Vote [Must be 'like' or 'dislike']")},
	}
	for _, v := range []string{"Like", "LIKE", "like ", "1", "-1", "likedislike", "up"} {
		rows = append(rows, row{"vote " + v, set, vote("1", v), requestError("Invalid Vote [Must be 'like' or 'dislike']")})
	}
	for _, ip := range []string{"1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4:80", "1.2.3.4/24", " 1.2.3.4", "[::1]", "::1%eth0", ":::", "localhost", "1"} {
		rows = append(rows, row{"ip " + ip, set, vote("0", "like", ip), requestError("Invalid User IP")})
	}
	for _, op := range []string{set, get} {
		for _, bad := range ids {
			rows = append(rows,
				row{op + " user " + bad.why, op, map[string]string{"iq": bad.id, "contentID": "1", "vote": "like"}, requestError("Invalid User ID")},
				row{op + " content " + bad.why, op, map[string]string{"iq": "1", "contentID": bad.id, "vote": "like"}, requestError("Invalid Content ID")})
		}
		rows = append(rows,
			row{op + " user missing", op, map[string]string{"contentID": "1", "vote": "like"}, requestError("Invalid User ID")},
			row{op + " content missing", op, map[string]string{"iq": "1", "vote": "like"}, requestError("Invalid Content ID")})
	}
	b := fakestest.New(t, API())
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			b.Host.Reset(b.Host.Default())
			for _, multipart := range []bool{false, true} {
				b.Host.Reset(b.Host.Default())
				req := b.Request(r.op, r.args)
				req.Multipart = multipart
				reply := b.Send(b.Sign(req, b.Credential(b.Host.Default()), b.Host.Default().Clock.Now()))
				assert.Equal(t, r.want, reply.Body.String())
				assert.Equal(t, http.StatusOK, reply.Code)
				assert.Equal(t, "application/json", reply.Header().Get("Content-Type"))
			}
		})
	}
	assert.Empty(t, b.Breaches())
}

func TestSignatureOrder(t *testing.T) {
	b := fakestest.New(t, API())
	tenant := b.Host.Default()
	change := func(name, value string) func(vs contract.Values) contract.Values {
		return func(vs contract.Values) contract.Values {
			out := contract.Values{}
			for _, v := range vs {
				if v.Name == name {
					v.Value = value
				}
				out = append(out, v)
			}
			return out
		}
	}
	rows := []struct {
		name    string
		changes []func(contract.Values) contract.Values
		want    string
	}{
		{"key first", []func(contract.Values) contract.Values{change("key", ""), change("timestamp", ""), change("do", "x")}, "Missing key"},
		{"timestamp", []func(contract.Values) contract.Values{change("timestamp", ""), change("salt", ""), change("key", "x")}, "Missing timestamp"},
		{"salt", []func(contract.Values) contract.Values{change("salt", ""), change("signature", "")}, "Missing salt"},
		{"signature", []func(contract.Values) contract.Values{change("signature", ""), change("key", "x")}, "Missing signature"},
		{"key unknown", []func(contract.Values) contract.Values{change("key", "x"), change("timestamp", "x")}, "Invalid key"},
		{"no timestamp", []func(contract.Values) contract.Values{change("timestamp", "1.5e9"), change("signature", "x")}, "Invalid timestamp"},
		{"expired", []func(contract.Values) contract.Values{change("timestamp", "1"), change("signature", "x")}, "Expired timestamp"},
		{"wrong", []func(contract.Values) contract.Values{change("signature", "x"), change("do", "x")}, "Invalid signature"},
		{"section", []func(contract.Values) contract.Values{change("go", "x"), change("iq", "x")}, "Invalid section or action"},
		{"action", []func(contract.Values) contract.Values{change("do", "x"), change("iq", "x")}, "Invalid section or action"},
		{"user", []func(contract.Values) contract.Values{change("iq", "x")}, "Invalid User ID"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			req := b.Sign(b.Request(set, vote("13", "like")), b.Credential(tenant), tenant.Clock.Now())
			for _, c := range r.changes {
				req.Values = c(req.Values)
			}
			assert.Equal(t, requestError(r.want), b.Send(req).Body.String())
		})
	}
}

func TestMaxAge(t *testing.T) {
	for _, r := range []struct {
		setting string
		age     time.Duration
	}{{"5m", 5 * time.Minute}, {"10s", 10 * time.Second}, {"24h", 24 * time.Hour}} {
		t.Run(r.setting, func(t *testing.T) {
			b := fakestest.New(t, API(), fakestest.With("interstream", "max-age", r.setting))
			now := b.Host.Default().Clock.Now()
			for _, at := range []struct {
				by   time.Duration
				want string
			}{{-r.age, ""}, {r.age, ""}, {-r.age - time.Second, "Expired timestamp"}, {r.age + time.Second, "Expired timestamp"}} {
				b.Host.Reset(b.Host.Default())
				reply := b.Send(b.Sign(b.Request(set, vote("13", "like")), b.Credential(b.Host.Default()), now.Add(at.by)))
				want := registered
				if at.want != "" {
					want = requestError(at.want)
				}
				assert.Equal(t, want, reply.Body.String(), "signed %s from now", at.by)
			}
		})
	}
	assert.Equal(t, "5m", API().Settings[0].Default)
}

func TestSaltMayBeUsedAgain(t *testing.T) {
	b := fakestest.New(t, API())
	assert.Equal(t, registered, b.Call(set, vote("1", "like")).Body.String())
	assert.Equal(t, registered, b.Call(set, vote("2", "like")).Body.String()) // the bench signs with one salt
}

func TestChangeOfMind(t *testing.T) {
	b := fakestest.New(t, API())
	read := func(who map[string]string) string {
		args := map[string]string{"contentID": "2635"}
		for k, v := range who {
			args[k] = v
		}
		return b.Call(get, args).Body.String()
	}
	for _, who := range []map[string]string{{"iq": "13"}, {"iq": "0", "ip": "192.0.2.1"}} {
		cast := func(vote string) string {
			args := map[string]string{"contentID": "2635", "vote": vote}
			for k, v := range who {
				args[k] = v
			}
			return b.Call(set, args).Body.String()
		}
		assert.Equal(t, `{"vote":0}`, read(who))
		assert.Equal(t, registered, cast("like"))
		assert.Equal(t, `{"vote":1}`, read(who))
		assert.Equal(t, already, cast("like"))
		assert.Equal(t, registered, cast("dislike"))
		assert.Equal(t, `{"vote":-1}`, read(who))
		assert.Equal(t, already, cast("dislike"))
		assert.Equal(t, registered, cast("like"))
		assert.Equal(t, `{"vote":1}`, read(who))
	}
	// Another clip, another user, another visitor: other votes.
	assert.Equal(t, `{"vote":0}`, b.Call(get, map[string]string{"iq": "13", "contentID": "2636"}).Body.String())
	assert.Equal(t, `{"vote":0}`, read(map[string]string{"iq": "14"}))
	assert.Equal(t, `{"vote":0}`, read(map[string]string{"iq": "0", "ip": "192.0.2.2"}))
	// Leading zeros are the same user and clip.
	assert.Equal(t, already, b.Call(set, map[string]string{"iq": "0013", "contentID": "02635", "vote": "like"}).Body.String())
}

func TestSpellingsOfAnAddress(t *testing.T) {
	for _, same := range [][]string{
		{"2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:DB8:0:0::1", "2001:db8:0:0:0:0:0:1", "2001:db8::0.0.0.1"},
		{"192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:0201", "0:0:0:0:0:ffff:c000:201"},
		{"::", "0:0:0:0:0:0:0:0", "0::0"},
	} {
		b := fakestest.New(t, API())
		for i, ip := range same {
			want := already
			if i == 0 {
				want = registered
			}
			assert.Equal(t, want, b.Call(set, vote("0", "like", ip)).Body.String(), ip)
			assert.Equal(t, `{"vote":1}`, b.Call(get, map[string]string{"iq": "0", "contentID": "2635", "ip": ip}).Body.String(), ip)
		}
		assert.Equal(t, `{"vote":0}`, b.Call(get, map[string]string{"iq": "0", "contentID": "2635", "ip": "2001:db8::2"}).Body.String())
	}
}

// Only a POST has a form, and the vote stands nowhere else.
func TestPlaces(t *testing.T) {
	b := fakestest.New(t, API())
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead} {
		r := b.Sign(b.Request(set, vote("13", "like")), b.Credential(b.Host.Default()), b.Host.Default().Clock.Now())
		r.Method = method
		reply := b.Send(r)
		assert.Equal(t, "content-id-invalid", reply.Outcome, method)
		assert.Equal(t, http.StatusOK, reply.Code, method)
	}
	t.Run("a vote in the query is none", func(t *testing.T) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := b.Request(set, vote("13", "like"))
			for i := range r.Values {
				r.Values[i].In = contract.InQuery
			}
			r.Method = method
			r = b.Sign(r, b.Credential(b.Host.Default()), b.Host.Default().Clock.Now())
			assert.Equal(t, requestError("Invalid Content ID"), b.Send(r).Body.String(), method)
		}
	})
	t.Run("a user id in the body is none", func(t *testing.T) {
		r := b.Request(set, vote("13", "like"))
		for i := range r.Values {
			if r.Values[i].Name == "iq" {
				r.Values[i].In = contract.InForm
			}
		}
		r = b.Sign(r, b.Credential(b.Host.Default()), b.Host.Default().Clock.Now())
		assert.Equal(t, requestError("Invalid User ID"), b.Send(r).Body.String())
	})
	t.Run("of a repeated name the last one counts", func(t *testing.T) {
		r := b.Request(set, map[string]string{"iq": "13", "contentID": "2635", "vote": "like"})
		r.Values = append(r.Values, contract.Value{Name: "vote", Value: "dislike", In: contract.InForm})
		r = b.Sign(r, b.Credential(b.Host.Default()), b.Host.Default().Clock.Now())
		assert.Equal(t, registered, b.Send(r).Body.String())
		assert.Equal(t, `{"vote":-1}`, b.Call(get, map[string]string{"iq": "13", "contentID": "2635"}).Body.String())
	})
	t.Run("reading answers every method", func(t *testing.T) {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			r := b.Sign(b.Request(get, map[string]string{"iq": "99", "contentID": "1"}), b.Credential(b.Host.Default()), b.Host.Default().Clock.Now())
			r.Method = method
			assert.Equal(t, `{"vote":0}`, b.Send(r).Body.String(), method)
		}
	})
	assert.Empty(t, b.Breaches())
}

func TestUnknownAddress(t *testing.T) {
	b := fakestest.New(t, API())
	reply := b.SendHTTP(httptest.NewRequest(http.MethodGet, "http://interstream.localhost/index.php", nil))
	assert.Equal(t, http.StatusNotFound, reply.Code)
	assert.Equal(t, requestError("Not found"), reply.Body.String())
}

func TestRefusedVotesChangeNothing(t *testing.T) {
	b := fakestest.New(t, API())
	b.Call(set, vote("13", "like"))
	before, err := b.Host.Export(b.Host.Default(), "interstream")
	require.NoError(t, err)
	b.Host.Default().Clock.Advance(time.Minute)
	for _, args := range []map[string]string{vote("13", "like"), vote("0", "like"), vote("x", "like"), vote("13", "up")} {
		b.Call(set, args)
	}
	b.Call(get, map[string]string{"iq": "0", "contentID": "1", "ip": "::1"})
	after, err := b.Host.Export(b.Host.Default(), "interstream")
	require.NoError(t, err)
	var x, y struct{ World json.RawMessage }
	require.NoError(t, json.Unmarshal(before, &x))
	require.NoError(t, json.Unmarshal(after, &y))
	assert.JSONEq(t, string(x.World), string(y.World))
}

func TestVotesAreBounded(t *testing.T) {
	w := New(fakes.Env{})
	c := &fakes.Call{Now: time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)}
	cast := func(content int64, vote string) error {
		_, err := w.setContentVote(c, voteInput{UserID: 1, ContentID: content, Vote: vote})
		return err
	}
	for i := range int64(MaxVotes) {
		require.NoError(t, cast(i+1, like))
	}
	err := cast(MaxVotes+1, like)
	refusal, ok := fakes.AsRefusal(err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, []string{"votes-full"}, refusal.Outcomes)
	assert.Len(t, w.Votes, MaxVotes)
	require.NoError(t, cast(1, dislike), "a vote that is there may still change")
	require.NoError(t, w.Restore(fakes.Env{}))
	w.Votes = append(w.Votes, Vote{ContentID: math.MaxInt64, UserID: 1, Vote: like})
	assert.Error(t, w.Restore(fakes.Env{}))
}

func TestState(t *testing.T) {
	w := New(fakes.Env{})
	c := &fakes.Call{Now: time.Date(2026, 3, 18, 12, 0, 0, 123456789, time.FixedZone("x", 3600))}
	for i, in := range []voteInput{
		{UserID: math.MaxInt64, ContentID: math.MaxInt64, Vote: like},
		{ContentID: 1, Vote: dislike, IP: "::ffff:192.0.2.1"},
		{ContentID: 1, Vote: like, IP: "2001:db8::1"},
	} {
		_, err := w.setContentVote(c, in)
		require.NoError(t, err, i)
	}
	out, err := json.Marshal(w)
	require.NoError(t, err)
	assert.Contains(t, string(out), `"content_id":"9223372036854775807"`)
	assert.NotContains(t, string(out), `"ip":""`)
	var back World
	require.NoError(t, json.Unmarshal(out, &back))
	require.NoError(t, back.Restore(fakes.Env{}))
	assert.Equal(t, w, &back)

	t.Run("an address in another spelling is the same voter", func(t *testing.T) {
		var w World
		require.NoError(t, json.Unmarshal([]byte(`{"votes":[{"content_id":"1","user_id":"0","ip":"::ffff:192.0.2.1","vote":"like","at":"2026-03-18T12:00:00Z"}]}`), &w))
		require.NoError(t, w.Restore(fakes.Env{}))
		reply, err := w.getContentVote(c, ballotInput{ContentID: 1, IP: "192.0.2.1"})
		require.NoError(t, err)
		assert.Equal(t, voteReply{1}, reply)
	})
	t.Run("no votes", func(t *testing.T) {
		var w World
		require.NoError(t, w.Restore(fakes.Env{}))
		assert.Equal(t, New(fakes.Env{}), &w)
	})
	for why, votes := range map[string]string{
		"content_id 0 is below 1": `{"content_id":"0","user_id":"1","vote":"like"}`,
		"user_id -1 is below 0":   `{"content_id":"1","user_id":"-1","vote":"like"}`,
		"and an ip":               `{"content_id":"1","user_id":"1","ip":"::1","vote":"like"}`,
		"neither like":            `{"content_id":"1","user_id":"1","vote":"up"}`,
		"wants an ip":             `{"content_id":"1","user_id":"0","vote":"like"}`,
		"without zone":            `{"content_id":"1","user_id":"0","ip":"fe80::1%eth0","vote":"like"}`,
		"the same voter":          `{"content_id":"1","user_id":"0","ip":"1.2.3.4","vote":"like"},{"content_id":"1","user_id":"0","ip":"::ffff:1.2.3.4","vote":"like"}`,
	} {
		t.Run(why, func(t *testing.T) {
			var w World
			require.NoError(t, json.Unmarshal([]byte(`{"votes":[`+votes+`]}`), &w))
			assert.ErrorContains(t, w.Restore(fakes.Env{}), why)
		})
	}
}

func TestAccounts(t *testing.T) {
	def := accounts(fakes.Env{Default: true, Tenant: "default", Seed: 7})
	assert.Equal(t, map[string]string{
		"key": "1b323a1cb879fd4e66530fbad07a32ee", "secret": "MWIzMjNhMWNiODc5ZmQ0ZTY2NTMwZmJhZDA3YTMyZWViOTQ3MDJiOGM2ZTU2NjE3",
	}, def[0].Credential)
	seen := map[string]bool{}
	for i := range 200 {
		env := fakes.Env{Tenant: fmt.Sprintf("t%d", i/2), Seed: uint64(i%2 + 1)}
		a := accounts(env)[0]
		assert.Equal(t, a, accounts(env)[0], "a pure function")
		assert.Regexp(t, `^[0-9a-f]{32}$`, a.ID)
		assert.Regexp(t, `^[0-9A-Za-z+/]{64}$`, a.Secret)
		assert.False(t, seen[a.ID])
		seen[a.ID] = true
	}
}
