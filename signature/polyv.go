package signature

import (
	"crypto/sha1"
	"crypto/subtle"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Polyv proves a caller by an upper-case SHA-1 over the sorted, non-empty
// parameters followed by the account's secret key (vendor page, 签名规则;
// CONTRACTS section 2).
type Polyv struct{}

// polyvWindow is how far ptime may lie from now (vendor page: 3分钟内有效).
const polyvWindow = 3 * time.Minute

// Name returns "polyv".
func (Polyv) Name() string { return "polyv" }

// Caller returns the userid of the path. A parameter of that name does not count.
func (Polyv) Caller(r *Request) string {
	id, _ := r.Values.GetIn(InPath, "userid")
	return id
}

// Check refuses with sign-missing, ptime-illegal, ptime-too-old, user-unknown,
// sign-wrong, in this order (CONTRACTS section 2, order of checks). Both ends of
// the window are inside it, measured in whole milliseconds as ptime is.
func (s Polyv) Check(r *Request, in Context) Verdict {
	v := Verdict{Caller: s.Caller(r)}
	sign, ptime := polyvParam(r.Values, "sign"), polyvParam(r.Values, "ptime")
	if sign == "" {
		v.Refusal = "sign-missing"
		return v
	}
	window := in.Window
	if window == 0 {
		window = polyvWindow
	}
	at, ok := polyvMillis(ptime)
	if !ok {
		v.Refusal = "ptime-illegal"
		return v
	}
	switch ahead := at - in.Now.UnixMilli(); {
	case ahead > window.Milliseconds():
		v.Refusal = "ptime-illegal"
		return v
	case -ahead > window.Milliseconds():
		v.Refusal = "ptime-too-old"
		return v
	}
	// The vendor tells an unknown user apart, so there is no account to hide by
	// comparing nevertheless.
	secret, ok := in.lookup(v.Caller)
	if !ok {
		v.Refusal = "user-unknown"
		return v
	}
	var buf [512]byte
	sum := sha1.Sum(append(appendPolyv(buf[:0], r.Values), secret...))
	if !equalHex(upperHex, sum[:], sign) {
		v.Refusal = "sign-wrong"
	}
	return v
}

// Sign sets ptime, the 13-digit milliseconds of s.At, and sign: in the query of a
// GET, in the form otherwise.
func (Polyv) Sign(r *Request, c Credential, s Signing) {
	in := placeFor(r.Method)
	r.Values = set(r.Values, in, "ptime", fmt.Sprintf("%013d", s.At.UnixMilli()))
	r.Values = set(r.Values, in, "sign", polyvDigest(PolyvString(r.Values)+c.Secret))
}

// polyvDigest is upper-case SHA-1.
func polyvDigest(text string) string {
	sum := sha1.Sum([]byte(text))
	return string(appendHex(nil, upperHex, sum[:]))
}

// PolyvString returns the string to sign without the secret that follows it: k=v
// of every non-empty query or form parameter that counts, except sign, sorted by
// name in byte order and joined by "&"; raw UTF-8, not URL-encoded.
func PolyvString(vs Values) string { return string(appendPolyv(nil, vs)) }

// appendPolyv is PolyvString without the allocation.
func appendPolyv(dst []byte, vs Values) []byte {
	var few [16]Value
	sorted := few[:0]
	for i := range vs {
		if v := &vs[i]; v.In != InPath && !v.Shadowed && v.Name != "sign" {
			sorted = append(sorted, *v)
		}
	}
	// Stable, so that of values that nobody marked as shadowed the first counts
	// (servlet rule).
	slices.SortStableFunc(sorted, func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
	first := true
	for i := range sorted {
		if sorted[i].Value == "" || i > 0 && sorted[i].Name == sorted[i-1].Name {
			continue
		}
		if !first {
			dst = append(dst, '&')
		}
		first = false
		dst = append(dst, sorted[i].Name...)
		dst = append(dst, '=')
		dst = append(dst, sorted[i].Value...)
	}
	return dst
}

// polyvParam returns a query or form parameter that counts, "" when absent.
func polyvParam(vs Values, name string) string {
	for i := range vs {
		if vs[i].Name == name && vs[i].In != InPath && !vs[i].Shadowed {
			return vs[i].Value
		}
	}
	return ""
}

// polyvMillis reads a ptime: exactly 13 digits, Unix milliseconds.
func polyvMillis(s string) (int64, bool) {
	if len(s) != 13 || !digits(s) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

const (
	lowerHex = "0123456789abcdef"
	upperHex = "0123456789ABCDEF"
)

// appendHex appends sum in the given hexadecimal digits.
func appendHex(dst []byte, alphabet string, sum []byte) []byte {
	for _, b := range sum {
		dst = append(dst, alphabet[b>>4], alphabet[b&15])
	}
	return dst
}

// equalHex reports whether sent is sum in these hexadecimal digits, in a time that
// depends on the lengths only.
func equalHex(alphabet string, sum []byte, sent string) bool {
	var want, got [64]byte
	hex := appendHex(want[:0], alphabet, sum)
	if len(sent) != len(hex) {
		return false
	}
	return subtle.ConstantTimeCompare(hex, append(got[:0], sent...)) == 1
}
