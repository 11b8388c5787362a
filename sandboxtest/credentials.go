package sandboxtest

import (
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

// QQTube is the credential of the QQTube reseller API.
type QQTube struct{ APIKey string }

// Polyv is a user of the Polyv video platform.
type Polyv struct{ UserID, SecretKey string }

// Cliparto is an author at Cliparto.
type Cliparto struct{ ID, APICode string }

// Qulive is a user of the Qulive AppServer, with the access token that it begins with, and
// what its callbacks are signed with.
type Qulive struct {
	Username, Password, Token string
	CallbackKey               string
}

// Interstream is an application at Interstream.
type Interstream struct{ Key, Secret string }

// credentials fills in the fields of the sandbox.
func (sb *Sandbox) credentials() {
	of := func(api string) map[string]string { return sb.tenant.Accounts(api)[0].Credential }
	c := of("qqtube")
	sb.QQTube = QQTube{c["api_key"]}
	c = of("polyv")
	sb.Polyv = Polyv{c["userid"], c["secretkey"]}
	c = of("cliparto")
	sb.Cliparto = Cliparto{c["id"], c["api_code"]}
	c = of("qulive")
	sb.Qulive = Qulive{c["username"], c["password"], c["token"], c["callback_key"]}
	c = of("interstream")
	sb.Interstream = Interstream{c["key"], c["secret"]}
}

// credential is an API's credential by the names of the admin API.
func (sb *Sandbox) credential(api string) map[string]string {
	out := map[string]string{}
	for key, value := range sb.tenant.Accounts(api)[0].Credential {
		out[key] = strings.ReplaceAll(value, fakes.BasePlace, sb.BaseURL(api))
	}
	return out
}
