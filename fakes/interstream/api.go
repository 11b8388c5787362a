// Package interstream fakes the voting calls of Interstream's API: set a vote and
// read it (specs/openapi/interstream.yaml, CONTRACTS section 5).
//
// It keeps one vote per voter and clip. Users and clips are not faked: any id in
// range is one, nothing is counted per clip, and nothing happens by itself as time
// passes.
package interstream

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/signature"
)

// API is the plug-in of Interstream.
func API() fakes.API {
	return fakes.API{
		Name:     "interstream",
		Hosts:    []string{"www.interstreamdomain.tv", "interstream.localhost"},
		Scheme:   signature.Interstream{},
		Accounts: accounts,
		New:      func(env fakes.Env) fakes.World { return New(env) },
		Settings: []fakes.Setting{{
			Name:    "max-age",
			Default: "5m",
			Why:     "How far a timestamp may lie from now, before or after; the vendor's page does not say.",
		}},
		Window: func(_ string, s fakes.Settings) time.Duration { return s.Duration("max-age") },
	}
}

// Handlers lists the operations. Of the vendor's page that is all of them;
// getContentVote was observed in the same product.
func (w *World) Handlers() fakes.Handlers {
	return fakes.Handlers{
		"setContentVote": fakes.Handle(w.setContentVote),
		"getContentVote": fakes.Handle(w.getContentVote),
	}
}

// accounts returns the application of a tenant: that of the page's PHP sample for
// the default one, else a key of the same length and a secret of the same make
// (base64 of the key and sixteen more hex digits), derived from tenant and seed.
func accounts(env fakes.Env) []fakes.Account {
	key := "1b323a1cb879fd4e66530fbad07a32ee"
	secret := "MWIzMjNhMWNiODc5ZmQ0ZTY2NTMwZmJhZDA3YTMyZWViOTQ3MDJiOGM2ZTU2NjE3"
	if !env.Default {
		sum := sha256.Sum256([]byte("interstream\x00" + strconv.FormatUint(env.Seed, 10) + "\x00" + env.Tenant))
		digits := hex.EncodeToString(sum[:24])
		key, secret = digits[:32], base64.StdEncoding.EncodeToString([]byte(digits))
	}
	return []fakes.Account{{
		ID:         key,
		Secret:     secret,
		Credential: map[string]string{"key": key, "secret": secret},
	}}
}
