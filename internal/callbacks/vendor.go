package callbacks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/signature"
)

// vendor says how one API's vendor delivers callbacks.
type vendor struct {
	api      string
	attempts int           // in all, before it gives up
	pause    time.Duration // after a failed attempt, on the tenant's clock
	timeout  time.Duration // of one attempt

	// account returns the URL and the key that are part of the tenant's credentials.
	account func(t *fakes.Tenant) (url, key string)
	// sign adds the vendor's headers; at is the time on the tenant's clock.
	sign func(h http.Header, url, key string, at time.Time)
	// body makes the body of an event; asset makes an absolute URL of a file's name.
	body func(e fakes.Event, asset func(name string) string) ([]byte, error)
}

// vendors returns every vendor that sends callbacks.
func vendors() []vendor { return []vendor{qulive()} }

// Vendors returns the names of the APIs that send callbacks.
func Vendors() []string {
	var names []string
	for _, v := range vendors() {
		names = append(names, v.api)
	}
	return names
}

func vendorOf(api string) (vendor, error) {
	all := vendors()
	i := slices.IndexFunc(all, func(v vendor) bool { return v.api == api })
	if i < 0 {
		return vendor{}, fmt.Errorf("%q: %w; there are %s", api, ErrVendor, strings.Join(Vendors(), ", "))
	}
	return all[i], nil
}

// qulive is ApsaraVideo VOD. Its pages "HTTP callbacks" and "Event notification", with
// their FAQ: a callback has succeeded when it is answered with status 200 within 5
// seconds, redirects are not followed, it is tried three times in all, one second apart,
// and then discarded; without a key it is not signed; X-VOD-TIMESTAMP has ten digits.
func qulive() vendor {
	return vendor{
		api: "qulive", attempts: 3, pause: time.Second, timeout: 5 * time.Second,
		account: func(t *fakes.Tenant) (url, key string) {
			if list := t.Accounts("qulive"); len(list) > 0 {
				return list[0].Credential["callback_url"], list[0].Credential["callback_key"]
			}
			return "", ""
		},
		sign: func(h http.Header, url, key string, at time.Time) {
			if key == "" {
				return
			}
			timestamp := strconv.FormatInt(at.Unix(), 10)
			// As the vendor spells them: an HTTP/1 receiver may compare case.
			h["X-VOD-TIMESTAMP"] = []string{timestamp}
			h["X-VOD-SIGNATURE"] = []string{signature.AliyunCallback(url, timestamp, key)}
		},
		body: quliveBody,
	}
}

// quliveBody makes URLs of the names of files in the notification of fakes/qulive. The
// event's own data is shared with others and stays as it is.
func quliveBody(e fakes.Event, asset func(name string) string) ([]byte, error) {
	body := maps.Clone(e.Data)
	complete(body, "FileUrl", asset)
	if infos, ok := body["SnapshotInfos"].([]any); ok {
		infos = slices.Clone(infos)
		for i := range infos {
			if info, ok := infos[i].(map[string]any); ok {
				info = maps.Clone(info)
				complete(info, "SnapshotRegular", asset)
				infos[i] = info
			}
		}
		body["SnapshotInfos"] = infos
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(body)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

// complete makes a URL of a name, and leaves a URL as it is.
func complete(m map[string]any, key string, asset func(name string) string) {
	if name, ok := m[key].(string); ok && name != "" && !strings.Contains(name, "://") {
		m[key] = asset(name)
	}
}
