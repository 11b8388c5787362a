package signature

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"
)

// Interstream proves a caller by base64 of the raw HMAC-SHA256 of salt + timestamp
// under the shared secret as plain ASCII (vendor page, PHP sample; CONTRACTS
// section 5). Parameters are not signed, and only the query is looked at.
type Interstream struct{}

// interstreamWindow is the default of interstream.max-age (CONTRACTS section 5).
const interstreamWindow = 5 * time.Minute

// Name returns "interstream".
func (Interstream) Name() string { return "interstream" }

// Caller returns the key of the query.
func (Interstream) Caller(r *Request) string {
	key, _ := r.Values.GetIn(InQuery, "key")
	return key
}

// Check refuses with key-missing, timestamp-missing, salt-missing,
// signature-missing, key-unknown, timestamp-invalid, timestamp-expired,
// signature-wrong, action-unknown, in this order (CONTRACTS section 5, order). An
// empty value is a missing one. Both ends of the window are inside it, measured in
// whole seconds as the timestamp and PHP's time() are.
func (s Interstream) Check(r *Request, in Context) Verdict {
	v := Verdict{Caller: s.Caller(r)}
	stamp, _ := r.Values.GetIn(InQuery, "timestamp")
	salt, _ := r.Values.GetIn(InQuery, "salt")
	sent, _ := r.Values.GetIn(InQuery, "signature")
	switch {
	case v.Caller == "":
		v.Refusal = "key-missing"
	case stamp == "":
		v.Refusal = "timestamp-missing"
	case salt == "":
		v.Refusal = "salt-missing"
	case sent == "":
		v.Refusal = "signature-missing"
	}
	if v.Refusal != "" {
		return v
	}
	// An unknown key is told apart by the reply itself: nothing to hide.
	secret, ok := in.lookup(v.Caller)
	if !ok {
		v.Refusal = "key-unknown"
		return v
	}
	at, ok := interstreamSeconds(stamp)
	if !ok {
		v.Refusal = "timestamp-invalid"
		return v
	}
	window := in.Window
	if window == 0 {
		window = interstreamWindow
	}
	skew := at - in.Now.Unix()
	if limit := int64(window / time.Second); skew > limit || skew < -limit {
		v.Refusal = "timestamp-expired"
		return v
	}
	if !hmac.Equal([]byte(interstreamSignature(secret, salt, stamp)), []byte(sent)) {
		v.Refusal = "signature-wrong"
		return v
	}
	if r.Operation == "" {
		v.Refusal = "action-unknown"
	}
	return v
}

// Sign sets key, timestamp (seconds of s.At), salt and signature in the query.
// Without a salt it takes, as the vendor's sample does, an MD5: of key and time, so
// that the same request is signed the same way again.
func (Interstream) Sign(r *Request, c Credential, s Signing) {
	stamp, salt := strconv.FormatInt(s.At.Unix(), 10), s.Salt
	if salt == "" {
		sum := md5.Sum([]byte(c.ID + strconv.FormatInt(s.At.UnixNano(), 10)))
		salt = string(appendHex(nil, lowerHex, sum[:]))
	}
	for _, v := range []Value{
		{Name: "key", Value: c.ID},
		{Name: "timestamp", Value: stamp},
		{Name: "salt", Value: salt},
		{Name: "signature", Value: interstreamSignature(c.Secret, salt, stamp)},
	} {
		r.Values = set(r.Values, InQuery, v.Name, v.Value)
	}
}

// interstreamSignature is the vendor's computation.
func interstreamSignature(secret, salt, stamp string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(salt))
	mac.Write([]byte(stamp))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// interstreamSeconds reads a timestamp: digits that fit an int64 of seconds.
func interstreamSeconds(s string) (int64, bool) {
	if !digits(s) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
