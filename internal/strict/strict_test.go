package strict_test

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/strict"
)

// shop has one of everything that a state may be made of.
type shop struct {
	Funds  amount            `json:"funds"`
	Count  uint8             `json:"count"`
	Open   bool              `json:"open"`
	Share  float64           `json:"share"`
	Since  time.Time         `json:"since,omitzero"`
	Last   int64             `json:"last,string"`
	Orders []*order          `json:"orders"`
	Notes  map[string]note   `json:"notes,omitempty"`
	Tags   map[string]string `json:"tags"`
	Rows   table             `json:"rows"`
	Wait   wait              `json:"wait"`
	From   netip.Addr        `json:"from,omitzero"`
}

type order struct {
	ID     int        `json:"id"`
	At     time.Time  `json:"at"`
	Refund *amount    `json:"refund,omitempty"`
	Lines  []string   `json:"lines"`
	Seen   *time.Time `json:"seen"`
}

type note struct {
	Text string `json:"text,omitempty"`
}

// amount reads itself from text.
type amount string

func (a *amount) UnmarshalText(text []byte) error {
	if strings.Trim(string(text), "0123456789.") != "" {
		return errors.New("not an amount such as 12.34")
	}
	*a = amount(text)
	return nil
}

// wait reads itself, and hands on the words of package time.
type wait time.Duration

func (w *wait) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*w = wait(d)
	return err
}

func (w wait) MarshalText() ([]byte, error) { return []byte(time.Duration(w).String()), nil }

// table is written as a list, and knows its rows by number.
type table struct{ rows map[int]row }

type row struct {
	Number int       `json:"number"`
	Extra  string    `json:"extra,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

func (t *table) UnmarshalJSON(data []byte) error {
	var rows []row
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&rows); err != nil {
		return err
	}
	t.rows = map[int]row{}
	for _, r := range rows {
		t.rows[r.Number] = r
	}
	return nil
}

func (t *table) MarshalJSON() ([]byte, error) {
	rows := []row{}
	for _, r := range t.rows {
		rows = append(rows, r)
	}
	return json.Marshal(rows)
}

// span is written otherwise than its fields are, and says itself what it takes.
type span struct{ Least, Most int }

func (*span) UnmarshalJSON([]byte) error { return spanError{} }

type spanError struct{}

func (spanError) Error() string { return "no span" }
func (spanError) Wants() string { return "wants 1-2" }

func TestDecodeSaysWhere(t *testing.T) {
	for body, want := range map[string]string{
		``:                                       "world is not JSON: it ends too early",
		`{"funds":`:                              "world is not JSON: it ends too early",
		`{a}`:                                    "world is not JSON: invalid character 'a'",
		`{} {}`:                                  "world is not JSON: there is data after",
		`[]`:                                     "world wants an object",
		`3`:                                      "world wants an object",
		`{"fund":1}`:                             `world has no field "fund"; did you mean "funds"?`,
		`{"funds":"x"}`:                          "world.funds is wrong: not an amount such as 12.34",
		`{"funds":5}`:                            "world.funds wants a text",
		`{"count":-1}`:                           "world.count wants a whole number from 0 to 255",
		`{"count":"1"}`:                          "world.count wants a whole number",
		`{"open":"yes"}`:                         "world.open wants true or false",
		`{"share":"1"}`:                          "world.share wants a number",
		`{"since":"x"}`:                          "world.since wants a time in RFC 3339, such as",
		`{"since":5}`:                            "world.since wants a time in RFC 3339, such as",
		`{"last":5}`:                             "world.last wants a whole number, written as a text",
		`{"orders":{}}`:                          "world.orders wants a list",
		`{"orders":[{"id":1},{"id":"2"}]}`:       "world.orders.1.id wants a whole number",
		`{"orders":[{"at":"yesterday"}]}`:        "world.orders.0.at wants a time",
		`{"orders":[{"refund":{}}]}`:             "world.orders.0.refund wants a text",
		`{"orders":[{"lines":[1]}]}`:             "world.orders.0.lines.0 wants a text",
		`{"orders":[{},{"idd":1}]}`:              `world.orders.1 has no field "idd"; did you mean "id"?`,
		`{"notes":[]}`:                           "world.notes wants an object",
		`{"notes":{"a":{},"b":{"text":1}}}`:      "world.notes.b.text wants a text",
		`{"tags":[]}`:                            "world.tags wants an object of texts",
		`{"wait":"x"}`:                           `world.wait wants a duration such as`,
		`{"rows":{}}`:                            "world.rows wants a list",
		`{"rows":[{"number":1},{"x":1}]}`:        `world.rows.1 has no field "x"`,
		`{"rows":[{"number":"1"}]}`:              "world.rows.0.number wants a whole number",
		`{"rows":[{"at":"x"}]}`:                  `world.rows.0 has "x" where it wants a time in RFC 3339`,
		`{"from":"x"}`:                           "world.from wants an IP address",
		`{"` + strings.Repeat("n", 999) + `":1}`: `world has no field "nnnnnnnn`,
	} {
		err := strict.Decode([]byte(body), &shop{}, "world")
		var own *strict.Error
		require.ErrorAs(t, err, &own, body)
		assert.True(t, strings.HasPrefix(err.Error(), want), "%.99s: %s", body, err)
		assert.Less(t, len(err.Error()), 200, body)
		for _, internal := range []string{"json:", "Go ", "shop", "2006-"} {
			assert.NotContains(t, err.Error(), internal, body)
		}
	}
	require.NoError(t, strict.Decode([]byte(`{"orders":[{"id":1}]} `), &shop{}, "world"))
	assert.EqualError(t, strict.Decode([]byte(`{"Least":1}`), &span{}, "span"), "span wants 1-2", "its own words, not those of its fields")
	assert.EqualError(t, strict.Decode([]byte(`[]`), &shop{}, ""), "it wants an object")
}

// keep reads a document and compares it with what came of it.
func keep(t *testing.T, body string) error {
	t.Helper()
	s := &shop{}
	require.NoError(t, strict.Decode([]byte(body), s, ""), body)
	kept, err := json.Marshal(s)
	require.NoError(t, err)
	return strict.Lost([]byte(body), kept, s)
}

func TestLost(t *testing.T) {
	for body, want := range map[string]string{
		`{"funds":null}`:                                 "funds is null",
		`{"funds":"1","funds":"2"}`:                      "funds stands twice",
		`{"FUNDS":"1"}`:                                  `it has no field "FUNDS"; did you mean "funds"?`,
		`{"funds":"1","FUNDS":"1"}`:                      `it has no field "FUNDS"`,
		`{"f\u0075nds":"1","funds":"1"}`:                 "funds stands twice",
		`{"Open":false}`:                                 `it has no field "Open"`,
		`{"since":null}`:                                 "since is null",
		`{"SINCE":"0001-01-01T00:00:00Z"}`:               `it has no field "SINCE"`,
		`{"orders":[{"id":null}]}`:                       "orders.0.id is null",
		`{"orders":[{"id":1},{"id":2,"ID":3}]}`:          `orders.1 has no field "ID"`,
		`{"orders":[{"id":1},{"id":2,"id":3}]}`:          "orders.1.id stands twice",
		`{"orders":[{"refund":null}]}`:                   "orders.0.refund is null",
		`{"orders":[{"refund":"1"},{"refund":null}]}`:    "orders.1.refund is null",
		`{"orders":[{"lines":["a",null]}]}`:              "orders.0.lines.1 is null",
		`{"notes":{"a":{},"a":{}}}`:                      "notes.a stands twice",
		`{"notes":{},"notes":{}}`:                        "notes stands twice",
		`{"notes":{"a":{"text":"x","text":"x"}}}`:        "notes.a.text stands twice",
		`{"notes":{"a":{"TEXT":""}}}`:                    `notes.a has no field "TEXT"`,
		`{"tags":{"a":null}}`:                            "tags.a is null",
		`{"rows":[{"number":1,"Extra":"x"}]}`:            `rows.0 has no field "Extra"; did you mean "extra"?`,
		`{"rows":[{"number":1,"number":2}]}`:             "rows.0.number stands twice",
		`{"rows":[{"number":1},{"number":2,"at":null}]}`: "rows.1.at is null",
	} {
		err := keep(t, body)
		var own *strict.Error
		require.ErrorAs(t, err, &own, body)
		assert.True(t, strings.HasPrefix(err.Error(), want), "%s: %s", body, err)
	}
}

// What is left out, empty, or named by its writer is not lost.
func TestNotLost(t *testing.T) {
	for _, body := range []string{
		`{}`,
		`{"since":"0001-01-01T00:00:00Z","notes":{},"from":""}`,
		`{"since":"0001-01-01T01:00:00+01:00"}`,
		`{"orders":null,"tags":null}`, // they are written like that
		`{"orders":[],"rows":[]}`,
		`{"orders":[null]}`,
		`{"orders":[{"seen":null,"lines":null},{"seen":"2024-01-01T00:00:00Z","lines":["a"]}]}`,
		`{"tags":{"Key":"","key":"","KEY":"x"},"notes":{"Text":{},"text":{"text":""},"a.b":{"text":"x"}}}`,
		`{"rows":[{"number":2,"extra":""},{"number":1,"extra":"x"}]}`,
		`{"share":-0.0,"last":"5"}`,
	} {
		assert.NoError(t, keep(t, body), body)
	}
}

func TestLostWantsJSON(t *testing.T) {
	assert.Error(t, strict.Lost([]byte(`{"a":`), []byte(`{"a":1}`)))
	assert.Error(t, strict.Lost([]byte(`{}`), []byte(`{`)))
}
