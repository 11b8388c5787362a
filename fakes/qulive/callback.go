package qulive

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/signature"
)

// callbackPath is where VOD reports its events.
const callbackPath = "/vodcallback/callback"

// notice is one event of VOD, as far as the server reads it.
type notice struct {
	Kind       string // of the event that falls due: snapshot-complete …
	VideoID    string
	Status     string // success or fail
	Suggestion string // of a review: pass, review, block, "" when none was sent
	Frame      string // of a snapshot: URL or name of the first frame
	File       string // of a transcoding: URL or name of the stream
}

// callback receives an event of VOD (vendor page, callback APIs for notifications; the
// checks and replies are observed). Headers first, then the signature, then the body;
// no timestamp is too old.
func (w *World) callback(c *fakes.Call, _ struct{}) (fakes.Reply, error) {
	account, _ := c.Account(w.username)
	if proof, wanted := proofOf(c, account); wanted {
		if refusal := proof.Check(); refusal != "" {
			return fakes.Reply{}, c.Refuse(refusal)
		}
	}
	n, outcome, ok := readNotice(c.Body)
	if !ok {
		return fakes.Reply{}, c.Refuse("event-unknown")
	}
	w.apply(n, c.Now)
	return fakes.Reply{Outcome: outcome, Answer: fakes.Literal{}}, nil
}

// proofOf returns what a notification is proven by. It covers the tenant's callback_url,
// which is the URL under which the sandbox is reached: any of those that lead to this
// tenant.
func proofOf(c *fakes.Call, a fakes.Account) (signature.Callback, bool) {
	if c.Op == nil || c.Op.ID != "vodCallback" || c.Settings[callbackSignature] == "off" {
		return signature.Callback{}, false
	}
	proof := signature.Callback{
		Timestamp: c.Header("X-VOD-TIMESTAMP"), Signature: c.Header("X-VOD-SIGNATURE"), Key: a.Credential["callback_key"],
	}
	for _, base := range c.Bases() {
		proof.URLs = append(proof.URLs, strings.ReplaceAll(a.Credential["callback_url"], fakes.BasePlace, base))
	}
	return proof, true
}

// readNotice reads an event as leniently as the server: numbers count as texts, and
// what is missing is empty. ok is false for an event that the server does not know, and
// for one with a text beyond what a row may hold.
func readNotice(body []byte) (n notice, outcome string, ok bool) {
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		return notice{}, "", false
	}
	n.VideoID, n.Status = textOf(m, "VideoId"), textOf(m, "Status")
	if n.VideoID == "" {
		n.VideoID = textOf(m, "MediaId")
	}
	switch textOf(m, "EventType") {
	case "SnapshotComplete":
		n.Kind, outcome = snapshotComplete, "snapshot-noted"
		info := first(m, "SnapshotInfos")
		count, err := strconv.Atoi(textOf(info, "SnapshotCount"))
		if err != nil {
			count = 1
		}
		n.Frame = strings.ReplaceAll(textOf(info, "SnapshotRegular"), "{SnapshotCount}", fmt.Sprintf("%05d", count))
	case "AIVideoCensorComplete":
		n.Kind, outcome = reviewComplete, "review-noted"
		n.Suggestion = textOf(objectOf(m, "Data"), "Suggestion")
	case "StreamTranscodeComplete", "TranscodeComplete":
		n.Kind, outcome = transcodeComplete, "transcode-noted"
		if n.File = textOf(m, "FileUrl"); n.File == "" {
			n.File = textOf(first(m, "StreamInfos"), "FileUrl")
		}
	default:
		return notice{}, "", false
	}
	return n, outcome, !tooLong(n.VideoID, n.Frame, n.File)
}

// textOf reads a text, or a number as text; anything else is empty.
func textOf(m map[string]any, key string) string {
	switch v := m[key].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return ""
	}
}

// objectOf reads an object, or a text that is one: the server's JSON library takes
// either for the other.
func objectOf(m map[string]any, key string) map[string]any {
	switch v := m[key].(type) {
	case map[string]any:
		return v
	case string:
		var object map[string]any
		if json.Unmarshal([]byte(v), &object) == nil {
			return object
		}
	}
	return nil
}

// first returns the first object of a list, nil when there is none.
func first(m map[string]any, key string) map[string]any {
	list, _ := m[key].([]any)
	if len(list) == 0 {
		return nil
	}
	object, _ := list[0].(map[string]any)
	return object
}

// body is the notification as VOD would send it.
func (n notice) body(at time.Time) map[string]any {
	m := map[string]any{"EventTime": at.UTC().Format(utc), "VideoId": n.VideoID, "Status": n.Status}
	switch n.Kind {
	case snapshotComplete:
		m["EventType"], m["SubType"] = "SnapshotComplete", "SpecifiedTime"
		if n.Status != success {
			break
		}
		m["SnapshotInfos"] = []any{map[string]any{
			"Status": n.Status, "SnapshotCount": 1, "SnapshotFormat": "jpg", "SnapshotType": "NormalSnapshot",
			"SnapshotRegular": strings.Replace(n.Frame, "00001", "{SnapshotCount}", 1),
		}}
	case reviewComplete:
		m["EventType"], m["MediaId"] = "AIVideoCensorComplete", n.VideoID
		data := map[string]any{"Suggestion": n.Suggestion}
		if n.Suggestion == "pass" {
			data["Label"] = "normal"
		}
		m["Data"] = data
	case transcodeComplete:
		m["EventType"], m["Format"], m["Definition"] = "StreamTranscodeComplete", "mp4", "SD"
		if n.Status == success {
			m["FileUrl"] = n.File
		}
	}
	return m
}
