package signature

import (
	"crypto/md5"
	"crypto/subtle"
)

// Qulive names a caller by an access token (vendor page, "token"). Tokens are
// state, given out by login and lost with time, so that only the world can say
// whether one is good: this scheme only finds whose it is.
type Qulive struct{}

// tokenID is how many characters of a token name its account.
const tokenID = 12

// Name returns "qulive".
func (Qulive) Name() string { return "qulive" }

// Caller returns the first 12 characters of the token (a shorter one whole), and
// without a token the user name, in either of its spellings.
func (Qulive) Caller(r *Request) string {
	if token, _ := r.Values.Get("token"); token != "" {
		n := 0
		for i := range token {
			if n == tokenID {
				return token[:i]
			}
			n++
		}
		return token
	}
	if name, _ := r.Values.Get("username"); name != "" {
		return name
	}
	name, _ := r.Values.Get("userName")
	return name
}

// Check accepts every call.
func (s Qulive) Check(r *Request, _ Context) Verdict { return Verdict{Caller: s.Caller(r)} }

// Sign sets the token, where the credential has one: in the query of a GET, in the
// form otherwise.
func (Qulive) Sign(r *Request, c Credential, _ Signing) {
	if c.Token != "" {
		r.Values = set(r.Values, placeFor(r.Method), "token", c.Token)
	}
}

// AliyunCallback returns the X-VOD-SIGNATURE of an event sent to url at timestamp
// (the X-VOD-TIMESTAMP header as sent): lower-case hexadecimal MD5 of
// url|timestamp|key (CONTRACTS section 4, callback receiver).
func AliyunCallback(url, timestamp, key string) string {
	sum := md5.Sum([]byte(url + "|" + timestamp + "|" + key))
	return string(appendHex(nil, lowerHex, sum[:]))
}

// CheckAliyunCallback reports whether signature is the one of AliyunCallback. The
// AppServer compares strings, so upper-case digits are wrong.
func CheckAliyunCallback(url, timestamp, key, signature string) bool {
	return subtle.ConstantTimeCompare([]byte(AliyunCallback(url, timestamp, key)), []byte(signature)) == 1
}
