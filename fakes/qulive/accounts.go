package qulive

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
)

// tagLength is how many characters of a token say whose tenant it is. The host looks
// accounts up by them (signature.Qulive.Caller).
const tagLength = 12

// accounts returns the tenant's own user, and the tag by which any token of the
// tenant finds it.
func accounts(env fakes.Env) []fakes.Account {
	username, password := ownUser(env)
	return []fakes.Account{
		{ID: username, Secret: password, Credential: map[string]string{
			"username":     username,
			"password":     password,
			"token":        ownToken(env),
			"callback_url": fakes.BasePlace + callbackPath,
			"callback_key": derive(env, "callback key", 32),
		}},
		{ID: tagOf(env)},
	}
}

// ownUser is the user that a tenant starts with: demo/demo for the default tenant
// (CONTRACTS section 4), one of its own for each other.
func ownUser(env fakes.Env) (username, password string) {
	if env.Default {
		return "demo", "demo"
	}
	return "demo-" + env.Tenant, derive(env, "password", 12)
}

// ownToken is the token that the tenant's own user starts with.
func ownToken(env fakes.Env) string {
	return tokenText(tagOf(env), derive(env, "token", 40))
}

// tokenText spells a token: the tag, then 40 hexadecimal characters in two groups.
func tokenText(tag, random string) string {
	return tag + "-" + random[:8] + "-" + random[8:]
}

func tagOf(env fakes.Env) string { return derive(env, "tag", tagLength) }

// derive returns n hexadecimal characters, at most 64, that depend on tenant, seed
// and purpose.
func derive(env fakes.Env, purpose string, n int) string {
	sum := sha256.Sum256([]byte(name + "\x00" + env.Tenant + "\x00" + strconv.FormatUint(env.Seed, 16) + "\x00" + purpose))
	return hex.EncodeToString(sum[:])[:n]
}
