package acceptance_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	isKey    = "1b323a1cb879fd4e66530fbad07a32ee"
	isSecret = "MWIzMjNhMWNiODc5ZmQ0ZTY2NTMwZmJhZDA3YTMyZWViOTQ3MDJiOGM2ZTU2NjE3"
	isDone   = `{"ok":"Vote was registered"}`
	isTwice  = `{"error":"VOTING_ERROR","error_long":"VOTED_ALREADY"}`
)

func isRefused(text string) string {
	return `{"error":"REQUEST_ERROR","error_long":"` + text + `"}`
}

// isSign is the page's base64_encode(hash_hmac('sha256', $salt.$timestamp, $API_SHARED_SECRET, true)).
func isSign(salt, timestamp, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(salt + timestamp))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// isQuery are the GET variables of the default tenant, signed at today; pairs change them, before they are signed.
func isQuery(pairs ...string) values {
	v := values{"go": "users", "do": "set_content_vote", "iq": "13", "key": isKey, "timestamp": strconv.FormatInt(today.Unix(), 10), "salt": "c4ca4238a0b923820dcc509a6f75849b"}.with(pairs...)
	if _, given := v["signature"]; !given {
		v["signature"] = isSign(v["salt"], v["timestamp"], isSecret)
	}
	return v
}

// is sends GET variables and POST variables, and wants HTTP status 200 and JSON.
func (s *sandbox) is(query, form values) string {
	s.Helper()
	method := "POST"
	if form == nil {
		method = "GET"
	}
	got := s.do(request{method: method, url: "/interstream/api.php", query: query, form: form})
	assert.Equal(s, 200, got.status, "HTTP 200 always")
	assert.Equal(s, "application/json", got.header.Get("Content-Type"))
	return got.body
}

func isVote(content, vote string) values { return values{"contentID": content, "vote": vote} }

func TestInterstream(t *testing.T) {
	sections(t, "interstream", []section{
		{"vector", isVector},
		{"signature", isSignature},
		{"the order of checks", isOrder},
		{"freshness", isFreshness},
		{"ids, votes and addresses", isRules},
		{"voting", isVoting},
		{"where variables stand", isPlaces},
		{"reading votes", isReading},
		{"methods, paths and hosts", isMethods},
		{"tenants and settings", isTenants},
	})
}

// §5 "Vector: salt c4ca4238a0b923820dcc509a6f75849b, timestamp 1700000000".
func isVector(s *sandbox) {
	const want = "EuR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI="
	require.Equal(s, want, isSign("c4ca4238a0b923820dcc509a6f75849b", "1700000000", isSecret))
	s.freeze(time.Unix(1700000000, 0))
	for _, multipart := range []bool{true, false} {
		vote := map[bool]string{true: "like", false: "dislike"}[multipart]
		got := s.do(request{url: "/interstream/api.php", query: isQuery("timestamp", "1700000000", "signature", want), form: isVote("2635", vote), multipart: multipart})
		assert.Equal(s, isDone, got.body)
	}
}

// §5 "the secret looks like base64, do not decode it; parameters are not signed; an unencoded + arrives as a blank and fails".
func isSignature(s *sandbox) {
	wrong := s.is(isQuery("signature", "x"), isVote("1", "like"))
	assert.Regexp(s, `^\{"error":"REQUEST_ERROR","error_long":"[^"]+"\}$`, wrong)
	q := isQuery()
	decoded, err := base64.StdEncoding.DecodeString(isSecret)
	require.NoError(s, err)
	for name, signature := range map[string]string{
		"secret decoded":   isSign(q["salt"], q["timestamp"], string(decoded)),
		"order turned":     isSign(q["timestamp"], q["salt"], isSecret),
		"no salt":          isSign("", q["timestamp"], isSecret),
		"lower case":       strings.ToLower(q["signature"]),
		"padding missing":  strings.TrimRight(q["signature"], "="),
		"url-safe base64":  strings.NewReplacer("+", "-", "/", "_").Replace(isSign(plusSalt(), q["timestamp"], isSecret)),
		"another's secret": isSign(q["salt"], q["timestamp"], isKey),
	} {
		assert.Equal(s, wrong, s.is(isQuery("signature", signature), isVote("1", "like")), name)
	}
	salt := plusSalt()
	q = isQuery("salt", salt)
	require.Contains(s, q["signature"], "+")
	raw := strings.ReplaceAll(q.encode(), "%2B", "+")
	got := s.do(request{url: "/interstream/api.php?" + raw, form: isVote("1", "like")})
	assert.Equal(s, wrong, got.body, "an unencoded + arrives as a blank and fails")
	assert.Equal(s, isDone, s.is(q, isVote("1", "like")), "an encoded one is right")
	// "parameters are not signed": the same signature serves any of them; "Salts may be reused".
	assert.Equal(s, isDone, s.is(q.with("iq", "14"), isVote("2", "dislike")))
	assert.Equal(s, isDone, s.is(q.with("iq", "15", "extra", "x"), isVote("2", "dislike").with("more", "y")))
	// Any salt that is not empty.
	for i, salt := range []string{"0", " ", "é日本", strings.Repeat("x", 1000), "a&b=c"} {
		q := isQuery("salt", salt, "iq", strconv.Itoa(100+i))
		assert.Equal(s, isDone, s.is(q, isVote("3", "like")), salt)
	}
}

// plusSalt is a salt whose signature at today has a + in it.
func plusSalt() string {
	for n := 0; ; n++ {
		salt := strconv.Itoa(n)
		if strings.Contains(isSign(salt, strconv.FormatInt(today.Unix(), 10), isSecret), "+") {
			return salt
		}
	}
}

// §5 "Order: key/timestamp/salt/signature present → key known → timestamp fresh → signature right → go/do known → User ID → Content ID → Vote → ip → already voted".
func isOrder(s *sandbox) {
	texts := map[string]string{}
	for cause, query := range map[string]values{
		"key missing": isQuery("key", "-"), "timestamp missing": isQuery("timestamp", "-"), "salt missing": isQuery("salt", "-"),
		"signature missing": isQuery("signature", "-"), "key unknown": isQuery("key", "x"), "expired": isQuery("timestamp", "1700000000"),
		"no timestamp": isQuery("timestamp", "yesterday"), "wrong signature": isQuery("signature", "x"), "unknown do": isQuery("do", "x"),
	} {
		if cause == "signature missing" {
			query = query.with("signature", "-")
		}
		texts[cause] = s.is(query, isVote("1", "like"))
		assert.Regexp(s, `^\{"error":"REQUEST_ERROR","error_long":"[^"]+"\}$`, texts[cause], cause)
	}
	distinct := map[string]bool{}
	for _, text := range texts {
		distinct[text] = true
	}
	assert.Len(s, distinct, len(texts), "one stable text each: %v", texts)
	assert.Equal(s, isRefused("Missing signature"), texts["signature missing"])

	user, content, vote, ip := isRefused("Invalid User ID"), isRefused("Invalid Content ID"), isRefused("Invalid Vote [Must be 'like' or 'dislike']"), isRefused("Invalid User IP")
	for _, c := range []struct {
		want  string
		query values
		form  values
	}{
		// an empty one is missing
		{texts["key missing"], isQuery("key", ""), isVote("1", "like")},
		{texts["salt missing"], isQuery("salt", ""), isVote("1", "like")},
		{texts["timestamp missing"], isQuery("timestamp", ""), isVote("1", "like")},
		{texts["signature missing"], isQuery("signature", ""), isVote("1", "like")},
		// present → key known
		{texts["salt missing"], isQuery("salt", "-", "key", "x"), nil},
		{texts["timestamp missing"], isQuery("timestamp", "-", "key", "x"), nil},
		{texts["signature missing"], isQuery("key", "x").with("signature", "-"), nil},
		// present → fresh
		{texts["signature missing"], isQuery("timestamp", "1700000000").with("signature", "-"), nil},
		{texts["signature missing"], isQuery("timestamp", "x").with("signature", "-"), nil},
		// key → fresh, signature, go/do
		{texts["key unknown"], isQuery("key", "x", "timestamp", "1700000000"), nil},
		{texts["key unknown"], isQuery("key", "x", "timestamp", "x"), nil},
		{texts["key unknown"], isQuery("key", "x", "signature", "x", "do", "x"), nil},
		{texts["key unknown"], isQuery("key", strings.ToUpper(isKey)), isVote("1", "like")},
		// fresh → signature, go/do
		{texts["expired"], isQuery("timestamp", "1700000000", "signature", "x", "do", "x"), nil},
		{texts["no timestamp"], isQuery("timestamp", "x", "signature", "x"), nil},
		// signature → go/do
		{texts["wrong signature"], isQuery("signature", "x", "do", "x", "go", "y"), nil},
		// go/do → user
		{texts["unknown do"], isQuery("do", "x", "iq", "x"), isVote("x", "x")},
		{texts["unknown do"], isQuery("go", "x"), isVote("1", "like")},
		{texts["unknown do"], isQuery("go", "-"), isVote("1", "like")},
		{texts["unknown do"], isQuery("do", "-"), isVote("1", "like")},
		{texts["unknown do"], isQuery("do", ""), isVote("1", "like")},
		{texts["unknown do"], isQuery("go", "Users"), isVote("1", "like")},
		// user → content → vote → ip
		{user, isQuery("iq", "x"), isVote("x", "x")},
		{user, isQuery("iq", "-"), nil},
		{content, isQuery("iq", "0"), isVote("x", "x")},
		{content, isQuery(), isVote("0", "x")},
		{vote, isQuery("iq", "0"), isVote("1", "x")},
		{vote, isQuery("iq", "0"), isVote("1", "x").with("ip", "x")},
		{ip, isQuery("iq", "0"), isVote("1", "like")},
	} {
		assert.Equal(s, c.want, s.is(c.query, c.form), "%v %v", c.query, c.form)
	}
	// ip → already voted
	require.Equal(s, isDone, s.is(isQuery("iq", "0"), isVote("1", "like").with("ip", "1.2.3.4")))
	assert.Equal(s, ip, s.is(isQuery("iq", "0"), isVote("1", "like").with("ip", "1.2.3")))
	assert.Equal(s, isTwice, s.is(isQuery("iq", "0"), isVote("1", "like").with("ip", "1.2.3.4")))
	assert.Equal(s, vote, s.is(isQuery("iq", "0"), isVote("1", "Like").with("ip", "1.2.3.4")), "vote before already voted")
}

// §5 "Freshness: interstream.max-age, default 5m, either direction, both ends included, on the clock".
func isFreshness(s *sandbox) {
	at := func(by time.Duration, user string) string {
		s.Helper()
		return s.is(isQuery("timestamp", strconv.FormatInt(today.Add(by).Unix(), 10), "iq", user), isVote("1", "like"))
	}
	expired := at(-time.Hour, "1")
	assert.Equal(s, isDone, at(-5*time.Minute, "1"))
	assert.Equal(s, isDone, at(5*time.Minute, "2"))
	assert.Equal(s, expired, at(-5*time.Minute-time.Second, "3"))
	assert.Equal(s, expired, at(5*time.Minute+time.Second, "3"))
	assert.Equal(s, expired, at(24*365*time.Hour, "3"))
	// A server's time() has whole seconds, as the timestamp has.
	s.freeze(today.Add(5 * time.Minute))
	assert.Equal(s, isDone, at(0, "4"))
	s.freeze(today.Add(5*time.Minute + time.Second))
	assert.Equal(s, expired, at(0, "5"))
	s.freeze(today.Add(-5 * time.Minute))
	assert.Equal(s, isDone, at(0, "6"))
	s.freeze(today.Add(-5*time.Minute - time.Second))
	assert.Equal(s, expired, at(0, "7"))
	s.freeze(today)
	no := s.is(isQuery("timestamp", "x"), isVote("1", "like"))
	seconds := strconv.FormatInt(today.Unix(), 10)
	for _, bad := range []string{"yesterday", seconds + ".0", "-5", "+" + seconds, " " + seconds, "1e9", "0x10", "99999999999999999999999999"} {
		got := s.is(isQuery("timestamp", bad), isVote("1", "like"))
		assert.Contains(s, []string{no, expired}, got, bad)
		if bad != "99999999999999999999999999" && bad != "-5" {
			assert.Equal(s, no, got, "not a timestamp: %q", bad)
		}
	}
	assert.Equal(s, expired, s.is(isQuery("timestamp", seconds+"000"), isVote("1", "like")), "milliseconds")
}

// §5, the table of its errors.
func isRules(s *sandbox) {
	user, content := isRefused("Invalid User ID"), isRefused("Invalid Content ID")
	vote, ip := isRefused("Invalid Vote [Must be 'like' or 'dislike']"), isRefused("Invalid User IP")
	for _, bad := range []string{"-", "", "-1", "x", "1.5", "1x", "+13", " 13", "13 ", "0x1", "9223372036854775808", "99999999999999999999999", "１３"} {
		assert.Equal(s, user, s.is(isQuery("iq", bad), isVote("1", "like")), "iq %q", bad)
		if bad != "-" {
			assert.Equal(s, content, s.is(isQuery(), isVote(bad, "like")), "contentID %q", bad)
		}
	}
	assert.Equal(s, content, s.is(isQuery(), values{"vote": "like"}))
	assert.Equal(s, content, s.is(isQuery(), isVote("0", "like")))
	assert.Equal(s, content, s.is(isQuery(), isVote("000", "like")))
	for _, good := range []string{"1", "9223372036854775807"} { // "Ids are digits up to 2⁶³−1"
		assert.Equal(s, isDone, s.is(isQuery("iq", good), isVote(good, "like")), good)
	}
	for _, bad := range []string{"", "Like", "LIKE", "likes", " like", "dis like", "1", "0", "up"} {
		assert.Equal(s, vote, s.is(isQuery(), isVote("5", bad)), bad)
	}
	assert.Equal(s, vote, s.is(isQuery(), values{"contentID": "5"}))
	for _, bad := range []string{"", "x", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4:80", "[::1]", "::g", "1.2.3.4/24", " 1.2.3.4", "localhost", "01.2.3.4.5"} {
		assert.Equal(s, ip, s.is(isQuery("iq", "0"), isVote("5", "like").with("ip", bad)), "ip %q", bad)
	}
	assert.Equal(s, ip, s.is(isQuery("iq", "0"), isVote("5", "like")))
	// For a user, ip does not matter.
	assert.Equal(s, isDone, s.is(isQuery("iq", "77"), isVote("5", "like").with("ip", "x")))
	// PHP style: nothing in these texts needs escaping; the quotes stand as they are.
	assert.NotContains(s, vote, `\u0027`)
}

// §5 "Voter = user id, or the ip when iq=0"; "Users and clips need not exist"; "an IPv6 address counts as the same voter in every spelling".
func isVoting(s *sandbox) {
	// The page's sample: iq 13, contentID 2635, like.
	assert.Equal(s, isDone, s.is(isQuery(), isVote("2635", "like")))
	assert.Equal(s, isTwice, s.is(isQuery(), isVote("2635", "like")))
	assert.Equal(s, isTwice, s.is(isQuery(), isVote("2635", "like")))
	assert.Equal(s, isDone, s.is(isQuery(), isVote("2635", "dislike")), "changed")
	assert.Equal(s, isTwice, s.is(isQuery(), isVote("2635", "dislike")))
	assert.Equal(s, isDone, s.is(isQuery(), isVote("2635", "like")), "and back")
	assert.Equal(s, isDone, s.is(isQuery(), isVote("2636", "like")), "another clip")
	assert.Equal(s, isDone, s.is(isQuery("iq", "14"), isVote("2635", "like")), "another user")
	assert.Equal(s, isTwice, s.is(isQuery("iq", "013"), isVote("02635", "like")), "the same ids in other digits")
	// Anonymous voters are told apart by address.
	anonymous := func(ip, vote string) string { return s.is(isQuery("iq", "0"), isVote("9", vote).with("ip", ip)) }
	assert.Equal(s, isDone, anonymous("192.0.2.1", "like"))
	assert.Equal(s, isTwice, anonymous("192.0.2.1", "like"))
	assert.Equal(s, isDone, anonymous("192.0.2.2", "like"))
	assert.Equal(s, isDone, anonymous("192.0.2.1", "dislike"))
	assert.Equal(s, isDone, anonymous("2001:db8::1", "like"))
	for _, same := range []string{"2001:DB8::1", "2001:0db8:0:0:0:0:0:1", "2001:db8:0:0::1", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::0.0.0.1"} {
		assert.Equal(s, isTwice, anonymous(same, "like"), same)
	}
	assert.Equal(s, isDone, anonymous("2001:db8::2", "like"))
	// A user's vote and that of an address are not the same, whatever the ip says.
	assert.Equal(s, isDone, s.is(isQuery("iq", "5"), isVote("9", "like").with("ip", "192.0.2.2")))
	// Votes outlive any time.
	s.freeze(today.AddDate(10, 0, 0))
	assert.Equal(s, isTwice, s.is(isQuery("timestamp", strconv.FormatInt(today.AddDate(10, 0, 0).Unix(), 10)), isVote("2635", "like")))
}

// §5 "key, timestamp, salt, signature in the query; contentID, vote, ip in the body (multipart or urlencoded)"; "A GET has no body: Invalid Content ID".
func isPlaces(s *sandbox) {
	content := isRefused("Invalid Content ID")
	assert.Equal(s, content, s.is(isQuery(), nil), "a GET")
	assert.Equal(s, content, s.is(isQuery("contentID", "1", "vote", "like"), nil), "a GET with the body's variables in its query")
	assert.Equal(s, content, s.is(isQuery("contentID", "1", "vote", "like"), values{}), "a POST with them in its query")
	assert.Equal(s, isRefused("Invalid Vote [Must be 'like' or 'dislike']"), s.is(isQuery("vote", "like"), values{"contentID": "1"}))
	assert.Equal(s, isRefused("Invalid User IP"), s.is(isQuery("iq", "0", "ip", "1.2.3.4"), isVote("1", "like")))
	assert.Equal(s, isRefused("Missing signature"), s.is(isQuery().with("signature", "-"), isVote("1", "like").with("signature", isQuery()["signature"])))
	assert.Equal(s, isRefused("Invalid User ID"), s.is(isQuery().with("iq", "-"), isVote("1", "like").with("iq", "13")))
	assert.NotContains(s, s.is(values{}, isQuery()), "ok")
	for _, multipart := range []bool{true, false} {
		got := s.do(request{url: "/interstream/api.php", query: isQuery("iq", "0"), multipart: multipart, form: isVote("1", "like").with("ip", map[bool]string{true: "::1", false: "::2"}[multipart])})
		assert.Equal(s, isDone, got.body)
	}
	// A body that is no form has no variables.
	got := s.do(request{url: "/interstream/api.php", query: isQuery(), body: `{"contentID":1,"vote":"like"}`, header: values{"Content-Type": "application/json"}})
	assert.Equal(s, content, got.body)
	// A name twice: PHP takes the last.
	got = s.do(request{url: "/interstream/api.php?iq=x&" + isQuery().encode(), body: "contentID=x&contentID=44&vote=x&vote=like", header: values{"Content-Type": "application/x-www-form-urlencoded"}})
	assert.Equal(s, isDone, got.body)
}

// §5 "A second operation: do=get_content_vote (GET; iq, contentID and for iq=0 ip in the query; → {"vote":1|0|-1}, observed)".
func isReading(s *sandbox) {
	read := func(pairs ...string) string {
		s.Helper()
		return s.is(isQuery(append([]string{"do", "get_content_vote", "contentID", "8"}, pairs...)...), nil)
	}
	assert.Equal(s, `{"vote":0}`, read())
	require.Equal(s, isDone, s.is(isQuery(), isVote("8", "like")))
	assert.Equal(s, `{"vote":1}`, read())
	assert.Equal(s, `{"vote":0}`, read("iq", "14"))
	assert.Equal(s, `{"vote":0}`, read("contentID", "9"))
	require.Equal(s, isDone, s.is(isQuery(), isVote("8", "dislike")))
	assert.Equal(s, `{"vote":-1}`, read())
	require.Equal(s, isDone, s.is(isQuery("iq", "0"), isVote("8", "like").with("ip", "2001:db8::1")))
	assert.Equal(s, `{"vote":1}`, read("iq", "0", "ip", "2001:DB8:0::1"))
	assert.Equal(s, `{"vote":0}`, read("iq", "0", "ip", "1.2.3.4"))
	assert.Equal(s, isRefused("Invalid User ID"), read("iq", "x"))
	assert.Equal(s, isRefused("Invalid Content ID"), read("contentID", "0"))
	assert.Equal(s, isRefused("Invalid Content ID"), read("contentID", "-"))
	assert.Equal(s, isRefused("Invalid User IP"), read("iq", "0"))
	assert.Equal(s, isRefused("Missing signature"), s.is(isQuery("do", "get_content_vote").with("signature", "-"), nil))
}

// "HTTP 200 always", whatever the method; table of hosts.
func isMethods(s *sandbox) {
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "GET"} {
		got := s.do(request{method: method, url: "/interstream/api.php", query: isQuery(), form: isVote("1", "like")})
		assert.Equal(s, 200, got.status, method)
		assert.Equal(s, "application/json", got.header.Get("Content-Type"))
		assert.Equal(s, isRefused("Invalid Content ID"), got.body, "PHP fills $_POST for POST alone: %s", method)
		got = s.do(request{method: method, url: "/interstream/api.php"})
		assert.Equal(s, 200, got.status, method)
		assert.Contains(s, got.body, `{"error":"REQUEST_ERROR","error_long":"Missing `)
	}
	head := s.do(request{method: "HEAD", url: "/interstream/api.php", query: isQuery()})
	assert.Equal(s, 200, head.status)
	assert.Empty(s, head.body)
	for i, host := range []string{"www.interstreamdomain.tv", "WWW.InterstreamDomain.tv:443", "interstream.localhost", "interstream.localhost:7311", "default.interstream.localhost"} {
		got := s.do(request{host: host, url: "/api.php", query: isQuery("iq", strconv.Itoa(i+1)), form: isVote("3", "like")})
		assert.Equal(s, isDone, got.body, host)
	}
}

// Other tenants have keys and votes of their own; §5 "interstream.max-age".
func isTenants(s *sandbox) {
	a, b := s.tenant(`{"id":"a","settings":{"interstream.max-age":"1h"}}`), s.tenant(`{"id":"b"}`)
	query := func(made tenant, by time.Duration) values {
		c := made.Credentials["interstream"]
		v := isQuery("key", c["key"], "timestamp", strconv.FormatInt(today.Add(by).Unix(), 10))
		return v.with("signature", isSign(v["salt"], v["timestamp"], c["secret"]))
	}
	assert.Equal(s, isDone, s.is(query(a, 0), isVote("1", "like")))
	assert.Equal(s, isDone, s.is(query(b, 0), isVote("1", "like")))
	assert.Equal(s, isDone, s.is(isQuery(), isVote("1", "like")))
	assert.Equal(s, isTwice, s.is(query(a, 0), isVote("1", "like")))
	assert.Equal(s, isTwice, s.is(query(a, -time.Hour), isVote("1", "like")), "the setting")
	assert.Equal(s, isTwice, s.is(query(a, time.Hour), isVote("1", "like")))
	assert.NotEqual(s, isTwice, s.is(query(a, -time.Hour-time.Second), isVote("1", "like")))
	assert.NotEqual(s, isTwice, s.is(query(b, -time.Hour), isVote("1", "like")))
	unknown := s.is(isQuery("key", "x"), isVote("1", "like"))
	for _, c := range []struct {
		url, host string
		query     values
		want      string
	}{
		{"/t/a/interstream/api.php", "", query(a, 0), isTwice},
		{"/t/a/interstream/api.php", "", query(b, 0), unknown},
		{"/t/a/interstream/api.php", "", isQuery(), unknown},
		{"/t/default/interstream/api.php", "", query(a, 0), unknown},
		{"/api.php", "a.interstream.localhost:80", query(a, 0), isTwice},
		{"/api.php", "b.interstream.localhost", query(a, 0), unknown},
	} {
		assert.Equal(s, c.want, s.do(request{url: c.url, host: c.host, query: c.query, form: isVote("1", "like")}).body, "%v", c)
	}
	s.admin("POST", "/tenants", `{"settings":{"interstream.max-age":"soon"}}`, 400)
}
