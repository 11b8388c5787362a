package acceptance_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	clID   = "176050"
	clCode = "8zn2eBj90M0F"
	clText = "text/html; charset=UTF-8"
)

// clTypes are the page's query types, and whether they take an ext.
var clTypes = map[string]string{
	"BalanceCurrent": "", "EarningsTotal": "", "EarningsThisMonth": "", "EarningsPrevMonth": "", "DownloadsTotal": "", "DownloadsThisMonth": "",
	"DownloadsPrevMonth": "", "DownloadsList": "optional", "ImagesTotal": "", "ImagesNew": "", "ImagesNewPrevMonth": "",
	"ImageIDByFileName": "red_apple", "ImageData": "number", "ProcessFilesFromFTP": "", "SubmitToPending": "", "ReleasesList": "", "AttachReleaseToImage": "pair",
}

func clHash(id, q, ext, code string) string {
	sum := md5.Sum([]byte(id + q + ext + code))
	return hex.EncodeToString(sum[:])
}

// clQuery are the parameters of a request of the default tenant; ext "-" is none.
func clQuery(q, ext string) values {
	v := values{"id": clID, "q": q}
	if ext != "-" {
		v["ext"] = ext
	} else {
		ext = ""
	}
	return v.with("md5", clHash(clID, q, ext, clCode))
}

// cl asks once, and fails the test unless the reply is text with status 200.
func (s *sandbox) cl(v values) string {
	s.Helper()
	got := s.do(request{url: "/cliparto/apiq/", query: v})
	require.Equal(s, 200, got.status)
	require.Equal(s, clText, got.header.Get("Content-Type"))
	require.False(s, strings.HasSuffix(got.body, "\n"), "no line break at the end: %q", got.body)
	return got.body
}

// ask asks a query type when it may be asked again: an hour and a second later, in the same month as long as s.at stays there.
func (s *sandbox) clAsk(q, ext string) string {
	s.Helper()
	return s.cl(clQuery(q, ext))
}

func TestCliparto(t *testing.T) {
	sections(t, "cliparto", []section{
		{"the page's example", clExample},
		{"the hash", clHashes},
		{"errors and their order", clOrder},
		{"methods, paths and hosts", clMethods},
		{"one request in 20 seconds", clTwentySeconds},
		{"the same request within an hour", clOneHour},
		{"what counts", clCounts},
		{"limits off", clLimitsOff},
		{"every query type", clEvery},
		{"downloads list", clDownloads},
		{"totals, lists and months agree", clAgree},
		{"month boundaries", clMonths},
		{"images", clImages},
		{"the life of a file", clLife},
		{"releases", clReleases},
		{"separators in values", clSeparators},
		{"tenants", clTenants},
		{"history is relative to the clock", clRelative},
	})
}

// unlimited makes a tenant without limits and returns how to ask it.
func (s *sandbox) unlimited() (tenant, func(q, ext string) string) {
	s.Helper()
	made := s.tenant(`{"id":"free","settings":{"cliparto.limits":"off"}}`)
	id, code := made.Credentials["cliparto"]["id"], made.Credentials["cliparto"]["api_code"]
	return made, func(q, ext string) string {
		s.Helper()
		v := values{"id": id, "q": q}
		if ext != "-" {
			v["ext"] = ext
		}
		return s.cl(v.with("md5", clHash(id, q, v["ext"], code)))
	}
}

// §3 "Vector: 176050BalanceCurrent + 8zn2eBj90M0F"; the page's example request.
func clExample(s *sandbox) {
	require.Equal(s, "372aadd1bad841a7c898b57dbbecab44", clHash(clID, "BalanceCurrent", "", clCode))
	for i, address := range []string{
		"/cliparto/apiq/?id=176050&q=BalanceCurrent&md5=372aadd1bad841a7c898b57dbbecab44",
		"/cliparto/apiq?id=176050&q=BalanceCurrent&md5=372AADD1BAD841A7C898B57DBBECAB44",
		"/cliparto/apiq/?md5=372aadd1bad841a7c898b57dbbecab44&ext=&q=BalanceCurrent&id=176050",
	} {
		s.freeze(today.Add(time.Duration(i) * time.Hour))
		got := s.do(request{url: address})
		assert.Equal(s, 200, got.status)
		assert.Equal(s, clText, got.header.Get("Content-Type"))
		assert.Regexp(s, `^\d+\.\d\d$`, got.body, address)
	}
}

// §3 "md5 = hex MD5 of id + q + ext + API code (decoded values; upper or lower case)".
func clHashes(s *sandbox) {
	wrong := "ERROR: "
	made, ask := s.unlimited()
	id, code := made.Credentials["cliparto"]["id"], made.Credentials["cliparto"]["api_code"]
	assert.NotContains(s, ask("DownloadsList", "5"), wrong)
	notFound := ask("ImageIDByFileName", "no such")
	assert.True(s, strings.HasPrefix(notFound, "ERROR: "))
	for _, name := range []string{"a b", "a+b", "å/;&=%41", "日本", "\"x\""} { // decoded values are hashed
		assert.Equal(s, notFound, ask("ImageIDByFileName", name), name)
		encoded := values{"id": id, "q": "ImageIDByFileName", "ext": name, "md5": clHash(id, "ImageIDByFileName", url.QueryEscape(name), code)}
		assert.NotEqual(s, notFound, s.cl(encoded), "the encoded value is hashed: %s", name)
	}
	assert.Equal(s, notFound, s.do(request{url: "/cliparto/apiq?id=" + id + "&q=ImageIDByFileName&ext=a+b%20c&md5=" + clHash(id, "ImageIDByFileName", "a b c", code)}).body)
	base := values{"id": id, "q": "ImagesTotal"}
	twice := s.do(request{url: "/cliparto/apiq?q=x&id=1&id=" + id + "&q=ImagesTotal&md5=" + clHash(id, "ImagesTotal", "", code)})
	assert.Regexp(s, `^\d+$`, twice.body, "a name twice: PHP takes the last")
	mixed := clHash(id, "ImagesTotal", "", code)
	mixed = strings.ToUpper(mixed[:16]) + mixed[16:]
	assert.Regexp(s, `^\d+$`, s.cl(base.with("md5", mixed)))
	bad := s.cl(base.with("md5", "x"))
	for _, md5 := range []string{clHash(id, "ImagesTotal", "", ""), clHash(id, "", "", code), clHash("", "ImagesTotal", "", code), clHash(id, "ImagesTotal", "", clCode), clHash(id, "ImagesTotal", "x", code), mixed[1:], mixed + "0"} {
		assert.Equal(s, bad, s.cl(base.with("md5", md5)))
	}
	// "An ext given to a type that has none is hashed and otherwise ignored."
	plain := s.cl(base.with("md5", clHash(id, "ImagesTotal", "", code)))
	assert.Equal(s, bad, s.cl(base.with("ext", "7", "md5", clHash(id, "ImagesTotal", "", code))))
	assert.Equal(s, plain, s.cl(base.with("ext", "7", "md5", clHash(id, "ImagesTotal", "7", code))))
}

// §3 "one stable text per cause" and "Order: id → q → md5 → user → hash → 20-second limit → one-hour limit → ext and lookup".
func clOrder(s *sandbox) {
	texts := map[string]string{}
	learn := func(cause, text string) {
		s.Helper()
		assert.Regexp(s, `^ERROR: [^\n]+$`, text, cause)
		for other, t := range texts {
			assert.NotEqual(s, t, text, "%s and %s share a text", cause, other)
		}
		texts[cause] = text
	}
	good := clQuery("ImagesTotal", "-")
	learn("id missing", s.cl(good.with("id", "-")))
	learn("q missing", s.cl(good.with("q", "-")))
	learn("q unknown", s.cl(good.with("q", "Nope")))
	learn("md5 missing", s.cl(good.with("md5", "-")))
	learn("user unknown", s.cl(good.with("id", "999")))
	learn("md5 wrong", s.cl(good.with("md5", "x")))
	s.cl(good)
	learn("too frequent", s.cl(good))
	s.freeze(today.Add(20 * time.Second))
	learn("repeated", s.cl(good))
	for i, c := range []struct{ cause, q, ext string }{
		{"ext missing", "ImageData", "-"}, {"ext malformed", "ImageData", "x"}, {"ext out of range", "DownloadsList", "101"}, {"not found", "ImageData", "1"},
	} {
		s.freeze(today.Add(time.Duration(i+2) * 20 * time.Second))
		learn(c.cause, s.clAsk(c.q, c.ext))
	}
	// Two faults at once: the one that comes first in the order wins.
	s.freeze(today.Add(3 * time.Hour))
	for _, c := range []struct {
		want string
		v    values
	}{
		{"id missing", values{}},
		{"id missing", good.with("id", "")},
		{"id missing", good.with("id", "", "q", "Nope")},
		{"id missing", good.with("id", "", "q", "", "md5", "")},
		{"q missing", good.with("q", "")},
		{"q missing", values{"id": "999"}},
		{"q unknown", values{"id": "999", "q": "Nope"}},
		{"q unknown", good.with("q", "balancecurrent")},
		{"q unknown", good.with("q", "BalanceCurrent ")},
		{"md5 missing", good.with("md5", "")},
		{"md5 missing", good.with("md5", "", "id", "999")},
		{"user unknown", good.with("id", "999", "md5", "x")},
		{"user unknown", good.with("id", "0"+clID)},
		{"md5 wrong", clQuery("ImageData", "x").with("md5", "x")},
		{"md5 wrong", clQuery("ImageData", "-").with("md5", "x")},
	} {
		assert.Equal(s, texts[c.want], s.cl(c.v), "%v", c.v)
	}
	s.clAsk("ImageData", "x")
	assert.Equal(s, texts["too frequent"], s.clAsk("ImageData", "x"), "20 seconds before one hour")
	assert.Equal(s, texts["too frequent"], s.clAsk("ImageData", "-"), "20 seconds before ext")
	assert.Equal(s, texts["md5 wrong"], s.cl(clQuery("ImageData", "-").with("md5", "x")), "hash before 20 seconds")
	s.advance(20 * time.Second)
	assert.Equal(s, texts["repeated"], s.clAsk("ImageData", "x"), "one hour before ext")

	// The causes of an ext, at every type that has one.
	_, ask := s.unlimited()
	for _, c := range []struct{ want, q, ext string }{
		{"ext missing", "ImageIDByFileName", "-"}, {"ext missing", "ImageIDByFileName", ""}, {"ext missing", "ImageData", ""},
		{"ext missing", "AttachReleaseToImage", "-"}, {"ext missing", "AttachReleaseToImage", ""},
		{"ext malformed", "DownloadsList", "x"}, {"ext malformed", "DownloadsList", "1.5"}, {"ext malformed", "DownloadsList", "5x"},
		{"ext out of range", "DownloadsList", "0"}, {"ext out of range", "DownloadsList", "101"}, {"ext out of range", "DownloadsList", "999999999999999999999999"},
		{"ext malformed", "ImageData", "x"}, {"ext malformed", "ImageData", "1.5"}, {"ext malformed", "ImageData", "-5"},
		{"not found", "ImageData", "1"}, {"not found", "ImageData", "99999999999999999999999"}, {"not found", "ImageIDByFileName", "no such name"},
		{"ext malformed", "AttachReleaseToImage", "5"}, {"ext malformed", "AttachReleaseToImage", "a:b"}, {"ext malformed", "AttachReleaseToImage", "1:2:3"},
		{"ext malformed", "AttachReleaseToImage", ":"}, {"ext malformed", "AttachReleaseToImage", "1:"}, {"ext malformed", "AttachReleaseToImage", ":1"},
		{"not found", "AttachReleaseToImage", "1:1"},
	} {
		assert.Equal(s, texts[c.want], ask(c.q, c.ext), "%s %q", c.q, c.ext)
	}
}

// §3 "Other methods: HTTP 405 with an ERROR line"; "/apiq/ (and /apiq)"; table of hosts.
func clMethods(s *sandbox) {
	good := clQuery("ImagesTotal", "-")
	line := ""
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
		for _, v := range []values{good, {}, {"id": clID}, good.with("q", "Nope"), good.with("md5", "x")} {
			for _, path := range []string{"/cliparto/apiq/", "/cliparto/apiq"} {
				got := s.do(request{method: method, url: path, query: v})
				assert.Equal(s, 405, got.status, "%s %v", method, v)
				assert.Equal(s, clText, got.header.Get("Content-Type"))
				assert.Regexp(s, `^ERROR: [^\n]+$`, got.body, "%s %v", method, v)
				if line == "" {
					line = got.body
				}
				assert.Equal(s, line, got.body, "%s %v", method, v)
			}
		}
	}
	for _, multipart := range []bool{false, true} {
		got := s.do(request{url: "/cliparto/apiq/", form: good, multipart: multipart})
		assert.Equal(s, 405, got.status)
		assert.Equal(s, line, got.body)
	}
	for i, host := range []string{"cliparto.com", "www.cliparto.com", "cliparto.localhost", "CLIPARTO.com:443", "default.cliparto.localhost:7311"} {
		for j, path := range []string{"/apiq/", "/apiq"} {
			s.freeze(today.Add(time.Duration(2*i+j+1) * time.Hour))
			got := s.do(request{host: host, url: path, query: good})
			assert.Regexp(s, `^\d+$`, got.body, "%s%s", host, path)
		}
	}
	s.advance(time.Hour)
	head := s.do(request{method: "HEAD", url: "/cliparto/apiq/", query: good})
	assert.Equal(s, 405, head.status)
	assert.Equal(s, clText, head.header.Get("Content-Type"))
	assert.Regexp(s, `^\d+$`, s.do(request{url: "/cliparto/apiq/", query: good}).body, "it counted for nothing")
	for _, path := range []string{"/cliparto/", "/cliparto/apiq/x", "/cliparto/index.html"} {
		got := s.do(request{url: path})
		assert.Equal(s, 404, got.status)
		assert.Regexp(s, `^ERROR: [^\n]+$`, got.body)
	}
}

func isError(text string) bool { return strings.HasPrefix(text, "ERROR: ") }

// §3 "at most one request in 20 seconds … Exactly 20 s … later is allowed"; the page: "Не более одного запроса в течение 20 секунд".
func clTwentySeconds(s *sandbox) {
	at := func(d time.Duration, q string) string {
		s.Helper()
		s.freeze(today.Add(d))
		return s.clAsk(q, "-")
	}
	assert.False(s, isError(at(0, "BalanceCurrent")))
	tooFrequent := at(0, "EarningsTotal")
	assert.True(s, isError(tooFrequent))
	assert.Equal(s, tooFrequent, at(10*time.Second, "EarningsTotal"))
	assert.Equal(s, tooFrequent, at(19*time.Second+999*time.Millisecond, "EarningsTotal"))
	assert.False(s, isError(at(20*time.Second, "EarningsTotal")))
	assert.Equal(s, tooFrequent, at(39*time.Second+999*time.Millisecond+999*time.Microsecond, "ImagesTotal"))
	assert.False(s, isError(at(40*time.Second, "ImagesTotal")))
}

// §3 "the same q and ext not again within one hour … exactly 1 h later is allowed".
func clOneHour(s *sandbox) {
	at := func(d time.Duration, q, ext string) string {
		s.Helper()
		s.freeze(today.Add(d))
		return s.clAsk(q, ext)
	}
	assert.False(s, isError(at(0, "DownloadsList", "3")))
	repeated := at(20*time.Second, "DownloadsList", "3")
	assert.True(s, isError(repeated))
	assert.False(s, isError(at(21*time.Second, "DownloadsList", "4")), "another ext")
	assert.False(s, isError(at(41*time.Second, "DownloadsList", "-")), "no ext")
	assert.False(s, isError(at(61*time.Second, "ImagesTotal", "-")), "another q")
	assert.Equal(s, repeated, at(81*time.Second, "ImagesTotal", "-"))
	assert.False(s, isError(at(82*time.Second, "ImagesTotal", "x")), "an ext that is ignored makes another request")
	assert.Equal(s, repeated, at(time.Hour-time.Millisecond, "DownloadsList", "3"))
	assert.Equal(s, repeated, at(time.Hour-time.Nanosecond, "DownloadsList", "3"))
	assert.False(s, isError(at(time.Hour, "DownloadsList", "3")))
	assert.Equal(s, repeated, at(time.Hour+20*time.Second, "DownloadsList", "3"), "the hour begins anew")
	assert.False(s, isError(at(2*time.Hour, "DownloadsList", "3")))
}

// §3 "Requests refused for their id, q or hash do not count; requests refused by either limit count for neither; a request that passed the limits counts, a bad ext included."
func clCounts(s *sandbox) {
	good := clQuery("ImagesTotal", "-")
	for _, bad := range []values{good.with("id", "-"), good.with("id", "999"), good.with("q", "-"), good.with("q", "Nope"), good.with("md5", "-"), good.with("md5", "x")} {
		assert.True(s, isError(s.cl(bad)))
	}
	s.do(request{method: "POST", url: "/cliparto/apiq/", query: good})
	assert.False(s, isError(s.cl(good)), "nothing has counted")

	// Refused by the 20-second limit: counts neither for 20 seconds …
	s.advance(19 * time.Second)
	assert.True(s, isError(s.clAsk("EarningsTotal", "-")))
	s.advance(time.Second)
	assert.False(s, isError(s.clAsk("EarningsTotal", "-")), "… nor as the first of two equal ones")
	// Refused by the one-hour limit: does not count for 20 seconds, nor prolong the hour.
	s.advance(20 * time.Second)
	assert.True(s, isError(s.clAsk("EarningsTotal", "-")))
	assert.False(s, isError(s.clAsk("DownloadsTotal", "-")))
	s.freeze(today.Add(time.Hour + 20*time.Second))
	assert.False(s, isError(s.clAsk("EarningsTotal", "-")), "one hour after the one that passed")
	// A bad ext counts for both.
	for _, bad := range []struct{ q, ext string }{{"ImageData", "x"}, {"ImageData", "-"}, {"ImageData", "1"}, {"DownloadsList", "0"}, {"AttachReleaseToImage", "1:1"}} {
		s.advance(20 * time.Second)
		first := s.clAsk(bad.q, bad.ext)
		assert.True(s, isError(first))
		second := s.clAsk("ImagesNew", bad.ext)
		assert.True(s, isError(second), "counts for 20 seconds: %v", bad)
		assert.NotEqual(s, first, second)
		s.advance(20 * time.Second)
		assert.NotEqual(s, first, s.clAsk(bad.q, bad.ext), "counts for one hour: %v", bad)
	}
}

// §3 "Setting cliparto.limits = on (default) | off".
func clLimitsOff(s *sandbox) {
	_, ask := s.unlimited()
	for range 5 {
		assert.Regexp(s, `^\d+$`, ask("ImagesTotal", "-"))
	}
	s.admin("POST", "/tenants", `{"settings":{"cliparto.limits":"maybe"}}`, 400)
}

// §3 "Single values: one line, counts as digits, money 12.34"; the page's table: 17 query types.
func clEvery(s *sandbox) {
	require.Len(s, clTypes, 17)
	money, count := regexp.MustCompile(`^\d+\.\d\d$`), regexp.MustCompile(`^\d+$`)
	formats := map[string]*regexp.Regexp{
		"BalanceCurrent": money, "EarningsTotal": money, "EarningsThisMonth": money, "EarningsPrevMonth": money, "DownloadsTotal": count, "DownloadsThisMonth": count,
		"DownloadsPrevMonth": count, "ImagesTotal": count, "ImagesNew": count, "ImagesNewPrevMonth": count, "ProcessFilesFromFTP": count, "SubmitToPending": count,
	}
	for i, q := range slices.Sorted(func(yield func(string) bool) {
		for q := range formats {
			if !yield(q) {
				return
			}
		}
	}) {
		s.freeze(today.Add(time.Duration(i) * time.Minute))
		assert.Regexp(s, formats[q], s.clAsk(q, "-"), q)
	}
}

type clSale struct {
	at      time.Time
	image   string
	earned  int // cents
	country string
}

func (s *sandbox) clSales(text string) []clSale {
	s.Helper()
	var out []clSale
	if text == "" {
		return nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		fields := strings.Split(line, ";")
		require.Len(s, fields, 7, line) // date; image ID; license; size; earned; country; search query
		at, err := time.Parse(time.DateTime, fields[0])
		require.NoError(s, err)
		require.Regexp(s, `^\d+$`, fields[1])
		require.NotEmpty(s, fields[2])
		require.NotEmpty(s, fields[3])
		require.Regexp(s, `^\d+\.\d\d$`, fields[4])
		require.Regexp(s, `^[A-Z]{2}$`, fields[5])
		out = append(out, clSale{at, fields[1], s.cents(fields[4]), fields[5]})
	}
	return out
}

func (s *sandbox) cents(text string) int {
	s.Helper()
	n, err := strconv.Atoi(strings.Replace(text, ".", "", 1))
	require.NoError(s, err)
	return n
}

// §3 "DownloadsList newest first, ext 1–100, default 10".
func clDownloads(s *sandbox) {
	hundred := s.clSales(s.clAsk("DownloadsList", "100"))
	require.Len(s, hundred, 100, "a plausible sales history")
	last := today
	for _, sale := range hundred {
		assert.False(s, sale.at.After(last), "newest first, none in the future")
		last = sale.at
	}
	for i, c := range []struct {
		ext  string
		want int
	}{{"-", 10}, {"", 10}, {"1", 1}, {"10", 10}, {"99", 99}} {
		s.freeze(today.Add(time.Duration(i+1) * time.Hour))
		got := s.clSales(s.clAsk("DownloadsList", c.ext))
		assert.Equal(s, hundred[:c.want], got, c.ext)
	}
}

// §3 "Totals, lists and months always agree with each other", "with a plausible portfolio and sales history relative to the clock".
func clAgree(s *sandbox) {
	_, ask := s.unlimited()
	sales := s.clSales(ask("DownloadsList", "100"))
	require.NotEmpty(s, sales)
	perImage, cents := map[string]int{}, map[string]int{}
	month := func(back int) (count, earned int) {
		first := time.Date(today.Year(), today.Month()-time.Month(back), 1, 0, 0, 0, 0, time.UTC)
		for _, sale := range sales {
			if !sale.at.Before(first) && sale.at.Before(first.AddDate(0, 1, 0)) {
				count++
				earned += sale.earned
			}
		}
		return count, earned
	}
	for _, sale := range sales {
		perImage[sale.image]++
		cents[sale.image] += sale.earned
	}
	number := func(q string) int { n, err := strconv.Atoi(ask(q, "-")); require.NoError(s, err); return n }
	this, earned := month(0)
	assert.Equal(s, this, number("DownloadsThisMonth"))
	assert.Equal(s, earned, s.cents(ask("EarningsThisMonth", "-")))
	assert.Positive(s, this)
	prev, earned := month(1)
	assert.Equal(s, prev, number("DownloadsPrevMonth"))
	assert.Equal(s, earned, s.cents(ask("EarningsPrevMonth", "-")))
	assert.Positive(s, prev)
	total, earnedTotal := number("DownloadsTotal"), s.cents(ask("EarningsTotal", "-"))
	assert.GreaterOrEqual(s, total, this+prev)
	if total <= 100 {
		assert.Len(s, sales, total)
	}
	assert.LessOrEqual(s, s.cents(ask("BalanceCurrent", "-")), earnedTotal, "what was paid out is no longer in the balance")
	assert.Positive(s, number("ImagesTotal"))
	assert.LessOrEqual(s, number("ImagesNew")+number("ImagesNewPrevMonth"), number("ImagesTotal"))

	// Image by image: the portfolio adds up to the totals. The ids come from the state, which no query type lists.
	approved, downloads, sum := 0, 0, 0
	walk(decode[any](s, s.admin("GET", "/state/cliparto?tenant=free", "", 200)), func(m map[string]any) {
		if _, ok := m["file_name"]; !ok {
			return
		}
		id := fmt.Sprintf("%.0f", m["id"])
		fields := strings.Split(ask("ImageData", id), ";")
		require.Len(s, fields, 7, "status; title; views; downloads; earned; series; file name")
		if fields[0] == "approved" {
			approved++
			found := ask("ImageIDByFileName", fields[6])
			assert.Regexp(s, `^\d+$`, found)
		}
		views, err := strconv.Atoi(fields[2])
		require.NoError(s, err)
		n, err := strconv.Atoi(fields[3])
		require.NoError(s, err)
		assert.GreaterOrEqual(s, views, n, "who downloads has looked")
		assert.GreaterOrEqual(s, n, perImage[id])
		assert.GreaterOrEqual(s, s.cents(fields[4]), cents[id])
		assert.Regexp(s, `^\d+$`, fields[5])
		downloads += n
		sum += s.cents(fields[4])
	})
	assert.Equal(s, number("ImagesTotal"), approved)
	assert.Equal(s, total, downloads)
	assert.Equal(s, earnedTotal, sum)
	for _, line := range strings.Split(ask("ReleasesList", "-"), "\n") {
		assert.Regexp(s, `^\d+;[12];[^;]+$`, line, "ID; type; title")
	}
}

// §3 "Month boundaries are UTC".
func clMonths(s *sandbox) {
	_, ask := s.unlimited()
	read := func(at time.Time) []string {
		s.freezeOf("free", at)
		var out []string
		for _, q := range []string{"DownloadsThisMonth", "DownloadsPrevMonth", "EarningsThisMonth", "EarningsPrevMonth", "ImagesNew", "ImagesNewPrevMonth"} {
			out = append(out, ask(q, "-"))
		}
		return out
	}
	april := time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)
	march := read(april.Add(-time.Nanosecond))
	next := read(april)
	assert.Equal(s, []string{march[0], march[2], march[4]}, []string{next[1], next[3], next[5]}, "this month is the previous one now")
	assert.Equal(s, []string{"0", "0.00", "0"}, []string{next[0], next[2], next[4]})
	after := read(april.AddDate(0, 1, 0))
	assert.Equal(s, []string{"0", "0", "0.00", "0.00", "0", "0"}, after)
	// January follows December.
	year := read(time.Date(2027, time.January, 15, 0, 0, 0, 0, time.UTC))
	assert.Equal(s, []string{"0", "0", "0.00", "0.00", "0", "0"}, year)
}

// The page: ImageIDByFileName, ImageData; §3 "statuses".
func clImages(s *sandbox) {
	_, ask := s.unlimited()
	statuses := map[string]int{}
	walk(decode[any](s, s.admin("GET", "/state/cliparto?tenant=free", "", 200)), func(m map[string]any) {
		if name, ok := m["file_name"].(string); ok {
			fields := strings.Split(ask("ImageData", fmt.Sprintf("%.0f", m["id"])), ";")
			statuses[fields[0]]++
			assert.Equal(s, name, fields[6])
			if fields[0] == "approved" {
				assert.Equal(s, fmt.Sprintf("%.0f", m["id"]), ask("ImageIDByFileName", name))
			}
		}
	})
	assert.Greater(s, statuses["approved"], 10)
	missing := ask("ImageIDByFileName", "nothing of that name")
	assert.True(s, isError(missing))
	assert.Equal(s, missing, ask("ImageData", "999999999"))
}

// §3 "State moves: files uploaded by FTP → ProcessFilesFromFTP → uploaded images → SubmitToPending → pending → approved after a review time".
func clLife(s *sandbox) {
	_, ask := s.unlimited()
	ask("ProcessFilesFromFTP", "-")
	ask("SubmitToPending", "-")
	assert.Equal(s, "0", ask("ProcessFilesFromFTP", "-"))
	assert.Equal(s, "0", ask("SubmitToPending", "-"))
	s.admin("POST", "/clock/advance?tenant=free", `{"by":"100h"}`, 200)
	total, fresh := ask("ImagesTotal", "-"), ask("ImagesNew", "-")
	number := func(text string) int { n, err := strconv.Atoi(text); require.NoError(s, err); return n }

	// "files reach FTP through the admin state"
	state := decode[map[string]any](s, s.admin("GET", "/state/cliparto?tenant=free", "", 200))
	state["world"].(map[string]any)["ftp"] = []string{"first_new.jpg", "second_new.jpg"}
	changed, err := json.Marshal(state)
	require.NoError(s, err)
	s.admin("PUT", "/state/cliparto?tenant=free", string(changed), 204)
	notFound := ask("ImageIDByFileName", "first_new")
	assert.True(s, isError(notFound), "on FTP only")
	assert.Equal(s, "0", ask("SubmitToPending", "-"), "nothing is uploaded yet")
	assert.Equal(s, "2", ask("ProcessFilesFromFTP", "-"), "prints how many were queued")
	assert.Equal(s, "0", ask("ProcessFilesFromFTP", "-"))
	assert.Equal(s, total, ask("ImagesTotal", "-"))
	assert.Equal(s, "2", ask("SubmitToPending", "-"), "prints how many")
	assert.Equal(s, "0", ask("SubmitToPending", "-"))
	assert.Equal(s, total, ask("ImagesTotal", "-"), "pending is not approved")
	for range 60 {
		if ask("ImagesTotal", "-") != total {
			break
		}
		s.admin("POST", "/clock/advance?tenant=free", `{"by":"1h"}`, 200)
	}
	assert.Equal(s, number(total)+2, number(ask("ImagesTotal", "-")))
	assert.Equal(s, number(fresh)+2, number(ask("ImagesNew", "-")))
	for _, name := range []string{"first_new", "second_new"} {
		id := ask("ImageIDByFileName", name) // "ext - исходное название файла при загрузке (без расширения)"
		require.Regexp(s, `^\d+$`, id)
		data := strings.Split(ask("ImageData", id), ";")
		assert.Equal(s, "approved", data[0])
		assert.Equal(s, name, data[6])
		assert.Equal(s, []string{"0", "0.00"}, data[3:5])
	}
}

// The page: ReleasesList, AttachReleaseToImage; §3 "prints OK, kept in the state (no query type shows it)".
func clReleases(s *sandbox) {
	_, ask := s.unlimited()
	list := strings.Split(ask("ReleasesList", "-"), "\n")
	require.GreaterOrEqual(s, len(list), 2)
	types := map[string]bool{}
	for _, line := range list {
		fields := strings.Split(line, ";")
		require.Len(s, fields, 3)
		types[fields[1]] = true
	}
	assert.Equal(s, map[string]bool{"1": true, "2": true}, types, "1 models, 2 property")
	release, _, _ := strings.Cut(list[0], ";")
	image := s.clSales(ask("DownloadsList", "1"))[0].image
	attached := func() (out []any) {
		walk(decode[any](s, s.admin("GET", "/state/cliparto?tenant=free", "", 200)), func(m map[string]any) {
			if _, ok := m["file_name"]; ok && fmt.Sprintf("%.0f", m["id"]) == image && m["releases"] != nil {
				out = m["releases"].([]any)
			}
		})
		return out
	}
	before := attached()
	assert.Equal(s, "OK", ask("AttachReleaseToImage", release+":"+image))
	n, _ := strconv.Atoi(release)
	assert.Contains(s, attached(), float64(n))
	assert.Equal(s, "OK", ask("AttachReleaseToImage", release+":"+image), "again")
	assert.LessOrEqual(s, len(attached()), len(before)+1)
	assert.True(s, isError(ask("AttachReleaseToImage", image+":"+release)), "release first")
	assert.True(s, isError(ask("AttachReleaseToImage", release+":1")))
	assert.True(s, isError(ask("AttachReleaseToImage", "1:"+image)))
}

// §3 "; and line breaks inside a value become a blank".
func clSeparators(s *sandbox) {
	_, ask := s.unlimited()
	state := decode[map[string]any](s, s.admin("GET", "/state/cliparto?tenant=free", "", 200))
	world := state["world"].(map[string]any)
	image := world["images"].([]any)[0].(map[string]any)
	image["title"] = "a;b\nc\r\nd"
	world["releases"].([]any)[0].(map[string]any)["title"] = "x;y\nz"
	sales := world["sales"].([]any)
	sales[len(sales)-1].(map[string]any)["query"] = "cat;dog\nfox"
	changed, err := json.Marshal(state)
	require.NoError(s, err)
	s.admin("PUT", "/state/cliparto?tenant=free", string(changed), 204)
	assert.Regexp(s, `^[a-z]+;a b c {1,2}d;`, ask("ImageData", fmt.Sprintf("%.0f", image["id"])))
	assert.Regexp(s, `^\d+;[12];x y z\n`, ask("ReleasesList", "-"))
	assert.Regexp(s, `;cat dog fox$`, ask("DownloadsList", "1"))
}

// Other tenants; limits are per id.
func clTenants(s *sandbox) {
	a, b := s.tenant(`{"id":"a"}`), s.tenant(`{"id":"b"}`)
	signed := func(made tenant, q string) values {
		c := made.Credentials["cliparto"]
		return values{"id": c["id"], "q": q, "md5": clHash(c["id"], q, "", c["api_code"])}
	}
	assert.Regexp(s, `^\d+$`, a.Credentials["cliparto"]["id"])
	assert.Regexp(s, `^\d+$`, s.cl(signed(a, "ImagesTotal")))
	assert.Regexp(s, `^\d+$`, s.cl(signed(b, "ImagesTotal")), "limits are per id")
	assert.Regexp(s, `^\d+$`, s.clAsk("ImagesTotal", "-"))
	unknown := s.cl(clQuery("ImagesTotal", "-").with("id", "999"))
	for _, c := range []struct {
		url, host string
		v         values
		refused   bool
	}{
		{"/t/b/cliparto/apiq/", "", signed(a, "DownloadsTotal"), true},
		{"/t/default/cliparto/apiq/", "", signed(a, "DownloadsTotal"), true},
		{"/t/a/cliparto/apiq/", "", clQuery("DownloadsTotal", "-"), true},
		{"/apiq/", "b.cliparto.localhost", signed(a, "DownloadsTotal"), true},
		{"/t/a/cliparto/apiq/", "", signed(a, "DownloadsTotal"), false},
		{"/apiq", "b.cliparto.localhost:7311", signed(b, "DownloadsTotal"), false},
	} {
		s.freezeOf("a", today.Add(20*time.Second))
		s.freezeOf("b", today.Add(20*time.Second))
		got := s.do(request{url: c.url, host: c.host, query: c.v})
		if c.refused {
			assert.Equal(s, unknown, got.body, "%v", c)
		} else {
			assert.Regexp(s, `^\d+$`, got.body, "%v", c)
		}
	}
}

// §3 "with a plausible portfolio and sales history relative to the clock", wherever the clock is put before the first request.
func clRelative(s *sandbox) {
	for _, at := range []time.Time{time.Date(2019, 1, 31, 12, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC), time.Date(2031, 12, 20, 0, 0, 0, 0, time.UTC)} {
		s.admin("POST", "/reset", "", 204)
		s.freeze(at)
		sales := s.clSales(s.clAsk("DownloadsList", "100"))
		require.Greater(s, len(sales), 20)
		assert.False(s, sales[0].at.After(at))
		assert.Less(s, at.Sub(sales[0].at), 40*24*time.Hour)
		s.advance(20 * time.Second)
		assert.Regexp(s, `^[1-9]\d*$`, s.clAsk("ImagesTotal", "-"))
		s.advance(20 * time.Second)
		assert.NotEqual(s, "0.00", s.clAsk("EarningsPrevMonth", "-"))
	}
}
