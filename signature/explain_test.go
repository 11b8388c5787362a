package signature

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sha1Hex and its like are what a client in another language calls: the tests of
// Explain make each mistake anew, without the package's own formulas.
func sha1Hex(s string) string   { h := sha1.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
func md5Hex(s string) string    { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
func sha256Hex(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
func up(s string) string        { return strings.ToUpper(s) }

func hmacSHA1(key, message string) string {
	m := hmac.New(sha1.New, []byte(key))
	m.Write([]byte(message))
	return hex.EncodeToString(m.Sum(nil))
}

func b64(hexDigits string) string {
	raw, err := hex.DecodeString(hexDigits)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// dashed is BitConverter.ToString of .NET.
func dashed(digits string) string {
	var out []string
	for i := 0; i < len(digits); i += 2 {
		out = append(out, digits[i:i+2])
	}
	return strings.Join(out, "-")
}

func names(e Explanation) []string {
	var out []string
	for _, m := range e.Mistakes {
		out = append(out, m.Name)
	}
	return out
}

// requireClean holds an explanation to what every one promises: sentences in every
// mistake, and none of the given secrets.
func requireClean(t testing.TB, e Explanation, secrets ...string) {
	t.Helper()
	for _, m := range e.Mistakes {
		assert.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, m.Name)
		assert.Regexp(t, `(?s)[.…]$`, m.Detail, m.Name)
		assert.Regexp(t, `(?s)[.…]$`, m.Remedy, m.Name)
	}
	var buf strings.Builder
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	require.NoError(t, enc.Encode(e))
	for _, secret := range secrets {
		assert.NotContains(t, strings.ToLower(buf.String()), strings.ToLower(secret))
	}
	if e.Sent == "" {
		assert.Equal(t, -1, e.Differ)
	} else {
		assert.Equal(t, e.Sent == e.Expected, e.Differ == -1)
	}
}
