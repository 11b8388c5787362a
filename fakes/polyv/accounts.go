package polyv

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/mediasandbox/sandbox/fakes"
)

// accounts returns the page's five users for the default tenant, the one shown
// first, and one user made from tenant and seed for every other.
func accounts(env fakes.Env) []fakes.Account {
	if env.Default {
		return []fakes.Account{
			account("8205ac89d3", "kXmHMLeX6M"),
			account("3828390191", "tIQp4ATe9Z"),
			account("2d939377c2", "3OmoLbTlHu"),
			account("efbb4ae8ac", "hbjCVBhnth"),
			account("sl8da4jjbx", "tIQp4ATe9Z"),
		}
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("polyv/"+env.Tenant+"/"), env.Seed))
	return []fakes.Account{account(hex.EncodeToString(sum[:5]), alnum(sum[5:15]))}
}

func account(id, secret string) fakes.Account {
	return fakes.Account{ID: id, Secret: secret, Credential: map[string]string{"userid": id, "secretkey": secret}}
}

// alnum spells bytes in letters and digits, one each.
func alnum(in []byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	out := make([]byte, len(in))
	for i, b := range in {
		out[i] = digits[int(b)%len(digits)]
	}
	return string(out)
}
