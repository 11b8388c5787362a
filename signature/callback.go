package signature

import (
	"crypto/md5"
	"crypto/subtle"
)

// AliyunCallback returns the X-VOD-SIGNATURE of an event sent to url at timestamp
// (the X-VOD-TIMESTAMP header as sent): lower-case hexadecimal MD5 of
// url|timestamp|key (CONTRACTS section 4, callback receiver).
func AliyunCallback(url, timestamp, key string) string {
	sum := md5.Sum([]byte(url + "|" + timestamp + "|" + key))
	return string(appendHex(nil, lowerHex, sum[:]))
}

// Callback is what an event of Aliyun VOD is proven by, as its receiver sees it.
type Callback struct {
	URLs      []string // under which the receiver is reached, the one that was used first
	Timestamp string   // the header X-VOD-TIMESTAMP
	Signature string   // the header X-VOD-SIGNATURE
	Key       string   // the receiver's callback key
}

// Check refuses with timestamp-missing, signature-missing, signature-wrong, in this
// order, and returns "" for a signature over any of the URLs. No timestamp is too old.
// The AppServer compares strings, so upper-case digits are wrong.
func (c Callback) Check() (refusal string) {
	switch {
	case c.Timestamp == "":
		return "timestamp-missing"
	case c.Signature == "":
		return "signature-missing"
	}
	if _, ok := c.signed(); !ok {
		return "signature-wrong"
	}
	return ""
}

// signed returns the URL of the receiver's that the signature was made for; ok is false
// when it is none, and for a receiver without a key.
func (c Callback) signed() (url string, ok bool) {
	for _, url := range c.URLs {
		if subtle.ConstantTimeCompare([]byte(AliyunCallback(url, c.Timestamp, c.Key)), []byte(c.Signature)) == 1 {
			return url, c.Key != ""
		}
	}
	return "", false
}
