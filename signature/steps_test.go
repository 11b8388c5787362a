package signature

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStepsPolyv(t *testing.T) {
	r := &Request{Operation: "authplayStatus", Method: "GET", Values: query("3828390191", "vid", "v_3", "format", "json", "jsonp", "")}
	before := fmt.Sprint(r)
	c := Credential{ID: "3828390191", Secret: "tIQp4ATe9Z"}
	sign := up(sha1Hex("format=json&ptime=1772366400000&vid=v_3tIQp4ATe9Z"))
	want := []Step{
		{"Take the parameters of query and body, ptime (milliseconds) among them, without the path's userid",
			"vid=v_3\nformat=json\njsonp= (left out: empty)\nptime=1772366400000"},
		{"Leave out empty ones and sort by name, in byte order", "format=json\nptime=1772366400000\nvid=v_3"},
		{"Join with &, raw UTF-8, not URL-encoded", "format=json&ptime=1772366400000&vid=v_3"},
		{"Append the secret key", "format=json&ptime=1772366400000&vid=v_3<secret>"},
		{"SHA-1 in hexadecimal digits", lower(sign)},
		{"In upper case", sign},
		{"Add to the query", "ptime=1772366400000\nsign=" + sign},
	}
	assert.Equal(t, want, Steps(Polyv{}, r, c, Signing{At: noon}, false))
	want[3].Text = "format=json&ptime=1772366400000&vid=v_3tIQp4ATe9Z"
	assert.Equal(t, want, Steps(Polyv{}, r, c, Signing{At: noon}, true))
	assert.Equal(t, before, fmt.Sprint(r), "the request is left alone")
}

// TestStepsShadowed says why a value is left out.
func TestStepsShadowed(t *testing.T) {
	r := &Request{Method: "POST", Values: append(query("u", "a", "1"), Value{Name: "a", Value: "2", In: InForm, Shadowed: true})}
	steps := Steps(Polyv{}, r, Credential{ID: "u", Secret: "s"}, Signing{At: noon}, false)
	assert.Equal(t, "a=1\na=2 (left out: another value of that name counts)\nptime=1772366400000", steps[0].Text)
	assert.Equal(t, "a=1\nptime=1772366400000", steps[1].Text)
	assert.Equal(t, "Add to the form", steps[6].Title)
}

func TestStepsOthers(t *testing.T) {
	r := &Request{Operation: "BalanceCurrent", Method: "GET", Values: query("", "q", "BalanceCurrent")}
	steps := Steps(Cliparto{}, r, Credential{ID: "176050", Secret: "8zn2eBj90M0F"}, Signing{}, false)
	assert.Equal(t, "176050BalanceCurrent<secret>", steps[2].Text)
	assert.Equal(t, "id=176050\nmd5=372aadd1bad841a7c898b57dbbecab44", steps[4].Text)

	c := Credential{ID: interKey, Secret: interSecret}
	sg := Signing{At: time.Unix(1700000000, 0), Salt: "c4ca4238a0b923820dcc509a6f75849b"}
	steps = Steps(Interstream{}, &Request{Method: "POST"}, c, sg, false)
	require.Len(t, steps, 6)
	assert.Equal(t, "c4ca4238a0b923820dcc509a6f75849b1700000000", steps[1].Text)
	assert.Equal(t, "<secret>", steps[2].Text)
	assert.Equal(t, "EuR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI=", steps[4].Text)
	assert.Equal(t, c.Secret, Steps(Interstream{}, &Request{}, c, sg, true)[2].Text)

	assert.Equal(t, []Step{{"Nothing is signed", "The api_key alone proves the caller."}, {"Add to the form", "api_key=<secret>"}},
		Steps(QQTube{}, &Request{Method: "POST"}, Credential{ID: "172a"}, sg, false))
	assert.Equal(t, "api_key=172a", Steps(QQTube{}, &Request{Method: "GET"}, Credential{ID: "172a"}, sg, true)[1].Text)
	assert.Equal(t, "token=t", Steps(Qulive{}, &Request{Method: "GET"}, Credential{Token: "t"}, sg, true)[1].Text)
	assert.Equal(t, []Step{{"Nothing to send", "The account has no token yet."}}, Steps(Qulive{}, &Request{}, Credential{}, sg, true))
	assert.Nil(t, Steps(foreign{}, &Request{}, Credential{}, sg, true))
}

type foreign struct{ QQTube }

// TestStepsMask: no step shows the secret unless asked.
func TestStepsMask(t *testing.T) {
	c := Credential{ID: "the-account-id-0", Secret: "TheSecret123", Token: "TheToken1234567"}
	for _, s := range All() {
		shown := fmt.Sprint(Steps(s, good(t, s), c, Signing{At: noon}, false))
		assert.NotContains(t, shown, c.Secret, s.Name())
		assert.NotContains(t, shown, c.Token, s.Name())
		if s.Name() == "qqtube" {
			assert.NotContains(t, shown, c.ID)
		}
	}
}
