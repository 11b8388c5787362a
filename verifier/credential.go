package verifier

import (
	"slices"

	"github.com/mediasandbox/sandbox/signature"
)

// account is a credential as the admin API and target files write it: by API, names
// and values.
type accounts map[string]map[string]string

// fields says which keys of a credential a scheme signs with, and which are no secret.
type fields struct {
	id, secret, token string
	signature         string // the parameter that proves the caller
	public            []string
}

// signs reports whether requests carry a signature: not where a key or a token is the
// whole proof.
func (f fields) signs() bool { return f.secret != "" && f.token == "" }

// fieldsOf lists the keys by API, as the admin API's tenants have them.
func fieldsOf(api string) fields {
	switch api {
	case "qqtube":
		return fields{id: "api_key", signature: "api_key"}
	case "polyv":
		return fields{id: "userid", secret: "secretkey", signature: "sign", public: []string{"userid"}}
	case "cliparto":
		return fields{id: "id", secret: "api_code", signature: "md5", public: []string{"id"}}
	case "qulive":
		return fields{id: "username", secret: "password", token: "token", signature: "token", public: []string{"username", "callback_url"}}
	case "interstream":
		return fields{id: "key", secret: "secret", signature: "signature", public: []string{"key"}}
	}
	return fields{}
}

// credentialKeys are the keys that a target file can give for an API.
func credentialKeys(api string) []string {
	switch api {
	case "qqtube":
		return []string{"api_key"}
	case "polyv":
		return []string{"userid", "secretkey"}
	case "cliparto":
		return []string{"id", "api_code"}
	case "qulive":
		return []string{"username", "password", "token", "callback_url", "callback_key"}
	case "interstream":
		return []string{"key", "secret"}
	}
	return nil
}

// signer makes what the schemes sign with.
func signer(api string, c map[string]string) signature.Credential {
	f := fieldsOf(api)
	return signature.Credential{ID: c[f.id], Secret: c[f.secret], Token: c[f.token]}
}

// secrets lists the values of a credential that must not be shown.
func secrets(api string, c map[string]string) []string {
	public := fieldsOf(api).public
	var out []string
	for k, v := range c {
		if !slices.Contains(public, k) && v != "" {
			out = append(out, v)
		}
	}
	return out
}
