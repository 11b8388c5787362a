package journal_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/journal"
)

// called is one call in a story: what was asked, how long after the start, what came.
type called struct {
	after time.Duration
	query string
	reply string
	fault string
	fail  bool
}

// advice tells which advice each call of a story gets.
func advice(t *testing.T, api, operation string, story []called) [][]string {
	t.Helper()
	h, j := newHost(t, journal.Config{})
	outcome := documents()[api].Operation(operation).Success.Name
	for _, c := range story {
		x := exchange(h.Default(), operation, outcome)
		x.API, x.At, x.Fault = api, now.Add(c.after), c.fault
		x.Request = httptest.NewRequest("GET", "http://x/"+api+"/?"+c.query, nil)
		x.Reply = []byte(c.reply)
		if c.fail {
			x.Outcome = "internal-error"
		}
		j.Record(x)
	}
	out := [][]string{}
	for _, v := range journal.Of(h.Default()).List(journal.Filter{}).Entries {
		names := []string{}
		for _, a := range v.Advice {
			assert.NotEmpty(t, a.Source)
			names = append(names, a.Name)
		}
		out = append(out, names)
	}
	return out
}

func TestAdviceOnPolling(t *testing.T) {
	const progress, done = `{"status":{"id_status":"2"}}`, `{"status":{"id_status":"1"}}`
	one, two := "action=stats&id_service_submission=1", "action=stats&id_service_submission=2"
	assert.Equal(t, [][]string{{}, {"polls-every-minute"}, {}, {}, {}, {"polls-completed"}, {}, {"polls-completed", "polls-every-minute"}},
		advice(t, "qqtube", "stats", []called{
			{0, one, progress, "", false},
			{time.Minute, one, progress, "", false},
			{time.Minute, two, progress, "", false},
			{2*time.Minute + 1, one, done, "", false},
			{3*time.Minute + 2, two, done, "", true},        // refused: the reply says so itself
			{time.Hour, one, done, "", false},               // over since the fourth
			{time.Hour + time.Minute, two, done, "", false}, // the first time it is said
			{time.Hour + 2*time.Minute, two, done, "", false},
		}))
}

// What is over may be so no longer: an order is refunded, a checkpoint brings it back. Only a second reply that says the
// same as the one before told its caller nothing.
func TestAdviceOnWhatIsOverNoLonger(t *testing.T) {
	const progress, done, refunded = `{"status":{"id_status":"2"}}`, `{"status":{"id_status":"1"}}`, `{"status":{"id_status":"8"}}`
	one, two := "id_service_submission=1", "id_service_submission=2"
	assert.Equal(t, [][]string{{}, {}, {}, {"polls-completed"}, {}, {}, {}, {"polls-completed"}, {}, {"polls-completed"}, {"polls-completed"}},
		advice(t, "qqtube", "stats", []called{
			{0, one, done, "", false},
			{0, two, done, "", false},
			{1 * time.Hour, one, refunded, "", false}, // news
			{1 * time.Hour, two, done, "", false},     // another order's refund changes nothing here
			{2 * time.Hour, one, refunded, "", false}, // the page speaks of completed ones
			{3 * time.Hour, one, progress, "", false}, // a checkpoint was restored
			{4 * time.Hour, one, done, "", false},     // the first to say it again
			{5 * time.Hour, one, done, "", false},
			{6 * time.Hour, one, progress, "made-up", false}, // not the vendor's word
			{7 * time.Hour, one, done, "", false},
			{8 * time.Hour, two, done, "", false},
		}))
}

func TestAdviceText(t *testing.T) {
	h, j := newHost(t, journal.Config{})
	for i := range 2 {
		x := exchange(h.Default(), "stats", documents()["qqtube"].Operation("stats").Success.Name)
		x.At = now.Add(time.Duration(i) * 12 * time.Second)
		x.Reply = []byte(`{"status":{"id_status":1}}`)
		j.Record(x)
	}
	v, err := journal.Of(h.Default()).Get(2)
	require.NoError(t, err)
	require.Len(t, v.Advice, 2)
	assert.Equal(t, "The reply to request 1 already said that this is over.", v.Advice[0].Text)
	assert.Equal(t, "The same call was made 12s before.", v.Advice[1].Text)
}

func TestAdviceOnHundreds(t *testing.T) {
	var story []called
	for i := range 202 {
		story = append(story, called{time.Duration(i) * 300 * time.Millisecond, fmt.Sprintf("id_service_submission=%d", i), "", "", false})
	}
	got := advice(t, "qqtube", "stats", story)
	assert.Empty(t, got[198])
	assert.Equal(t, []string{"polls-by-hundreds"}, got[199], "199 before, within a minute")
	story = story[:199]
	story = append(story, called{time.Hour, "id_service_submission=x", "", "", false})
	assert.Empty(t, advice(t, "qqtube", "stats", story)[199])
}

func TestAdviceOnCliparto(t *testing.T) {
	const q = "q=ImageData&ext="
	assert.Equal(t, [][]string{{}, {"pace"}, {}, {"repeats"}, {}, {}},
		advice(t, "cliparto", "ImageData", []called{
			{0, q + "1", "", "", false},
			{20*time.Second - time.Millisecond, q + "2", "", "", false},
			{40 * time.Second, q + "3", "", "", false},
			{time.Hour - 1, q + "1", "", "", false},
			{2*time.Hour - 1, q + "1", "", "", false},
			{2 * time.Hour, q + "1", "", "made-up", false}, // a fault, not the vendor
		}))
}
