package journal

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Advice is what a vendor's page asks of its clients and an accepted call did not keep to.
// It changes no reply: the vendor may throttle or block later, the sandbox only says so.
type Advice struct {
	Name   string `json:"name"`   // stable, kebab-case
	Text   string `json:"text"`   // what was seen, in one sentence
	Source string `json:"source"` // where the vendor asks for it
}

// A habit is one thing that a vendor asks of its clients. Exactly one of the kinds is set.
type habit struct {
	api       string
	operation string   // "" for every operation of the API
	same      []string // parameters by which calls are alike; nil for all calls
	name      string
	source    string

	apart  time.Duration // alike calls want to be further apart than this
	upTo   int           // at most so many calls …
	within time.Duration // … within this time
	done   string        // JSON pointer: after a reply that has the value there, another such reply tells nothing
	value  string
}

// habits lists what the vendors' pages ask for. Polyv's pages say that calls are limited
// but not how (请求数限制), Qulive's and Interstream's say nothing.
func habits() []habit {
	const (
		qqtube   = "QQTube page, Retrieving stats: what may be considered excessive"
		cliparto = "Cliparto page, Ограничения"
	)
	return []habit{
		{
			api: "qqtube", operation: "stats", same: []string{"id_service_submission"}, name: "polls-completed",
			source: qqtube + ": continuing to retrieve updates on completed submissions",
			done:   "/status/id_status", value: "1",
		},
		{
			api: "qqtube", operation: "stats", same: []string{"id_service_submission"}, name: "polls-every-minute",
			source: qqtube + ": retrieving the same submission every minute",
			apart:  time.Minute,
		},
		{
			api: "qqtube", operation: "stats", name: "polls-by-hundreds",
			source: qqtube + ": hundreds of retrievals per minute",
			upTo:   199, within: time.Minute,
		},
		{
			api: "cliparto", name: "pace",
			source: cliparto + ": не более одного запроса в течение 20 секунд",
			apart:  20*time.Second - 1,
		},
		{
			api: "cliparto", same: []string{"q", "ext"}, name: "repeats",
			source: cliparto + ": один и тот же запрос не должен повторяться в течение одного часа",
			apart:  time.Hour - 1,
		},
	}
}

// watch is what one habit remembers while it looks through the entries in order.
type watch struct {
	habit
	last   map[string]time.Time // of alike calls
	done   map[string]uint64    // entry in which the reply said that it is over, until another says otherwise
	recent []time.Time
}

// advise looks through all entries, the oldest first, and returns the advice by entry.
func (j *Journal) advise(all []*entry) map[uint64][]Advice {
	watches := map[string][]*watch{}
	for _, h := range habits() {
		watches[h.api] = append(watches[h.api], &watch{habit: h, last: map[string]time.Time{}, done: map[string]uint64{}})
	}
	out := map[uint64][]Advice{}
	for _, e := range all {
		doc := j.cfg.Documents[e.api]
		if doc == nil || watches[e.api] == nil {
			continue
		}
		op := doc.Operation(e.operation)
		if op == nil || e.fault != "" {
			continue
		}
		if o := op.Outcome(e.outcome); o == nil || !o.Success {
			continue // the vendor's own words say what is wrong
		}
		var values contract.Values // read when the first habit asks
		for _, w := range watches[e.api] {
			if w.operation != "" && w.operation != e.operation {
				continue
			}
			if values == nil && w.same != nil {
				values = e.values(doc)
			}
			if text := w.see(e, op, values); text != "" {
				out[e.id] = append(out[e.id], Advice{w.name, text, w.source})
			}
		}
	}
	return out
}

// see takes one call in and says what is wrong with it, "" when nothing is.
func (w *watch) see(e *entry, op *contract.Operation, values contract.Values) string {
	key := ""
	for _, name := range w.same {
		if p := op.Param(name); p != nil {
			v, _ := p.Find(values)
			key += name + "=" + v + "\x00"
		}
	}
	switch {
	case w.habit.done != "":
		if at(e.piece(pieceReplyBody), w.habit.done) != w.value {
			delete(w.done, key) // not over, or no longer
			return ""
		}
		if before, over := w.done[key]; over {
			return fmt.Sprintf("The reply to request %d already said that this is over.", before)
		}
		w.done[key] = e.id
	case w.upTo > 0:
		now := e.at.time()
		w.recent = append(w.recent, now)
		for len(w.recent) > 0 && !now.Add(-w.within).Before(w.recent[0]) {
			w.recent = w.recent[1:]
		}
		if len(w.recent) > w.upTo {
			return fmt.Sprintf("This is the %dth such call within %v.", len(w.recent), w.within)
		}
	default:
		now := e.at.time()
		last, again := w.last[key]
		w.last[key] = now
		if since := now.Sub(last); again && since >= 0 && since <= w.apart {
			what := "call"
			if w.same != nil {
				what = "same call"
			}
			return fmt.Sprintf("The %s was made %v before.", what, since.Round(time.Millisecond))
		}
	}
	return ""
}

// values reads the parameters of an entry.
func (e *entry) values(doc *contract.Document) contract.Values {
	_, query, _ := strings.Cut(e.piece(pieceURL), "?")
	form := doc.Form(e.piece(pieceMethod), []byte(e.piece(pieceRequestBody)))
	values, err := doc.ParseValues(nil, query, e.header(pieceRequestHeader).Get("Content-Type"), form)
	if err != nil || values == nil {
		return contract.Values{}
	}
	return values
}

// at returns the text or number at a JSON pointer, "" when there is none.
func at(body, pointer string) string {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return ""
	}
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		switch node := v.(type) {
		case map[string]any:
			v = node[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(node) {
				return ""
			}
			v = node[i]
		default:
			return ""
		}
	}
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}
