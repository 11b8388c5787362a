package qulive

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// credentialLife is how long upload and STS credentials are good (vendor page, getSts:
// "TTL ... 3000 seconds"). At exactly that age they have expired.
const credentialLife = 3000 * time.Second

// region is where the vendor's demo keeps its files (decoded from the page's samples).
const region = "cn-shanghai"

// utc is the format of times that end with Z.
const utc = "2006-01-02T15:04:05Z"

// sts are temporary credentials of a cloud account. They open nothing here.
type sts struct{ keyID, keySecret, securityToken string }

// newSTS draws credentials of the shape that the vendor's have.
func newSTS(r *rand.Rand) sts {
	return sts{
		keyID:         "STS.NK" + text(r, 23),
		keySecret:     text(r, 44),
		securityToken: "CAIS" + text(r, 251) + "=",
	}
}

// text draws n characters that are letters or digits.
func text(r *rand.Rand, n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}

// hexText draws n lower-case hexadecimal characters.
func hexText(r *rand.Rand, n int) string {
	const digits = "0123456789abcdef"
	out := make([]byte, n)
	for i := range out {
		out[i] = digits[r.IntN(len(digits))]
	}
	return string(out)
}

type stsReply struct {
	Expiration      string `json:"expiration"` // the table's spelling, and the clients'
	ExpirationUpper string `json:"Expiration"` // the sample's
	AccessKeyID     string `json:"accessKeyId"`
	SecurityToken   string `json:"securityToken"`
	AccessKeySecret string `json:"accessKeySecret"`
}

// sts returns temporary credentials (vendor page, getSts).
func (w *World) sts(c *fakes.Call, _ struct{}) (stsReply, error) {
	k := newSTS(c.Rand)
	expires := c.Now.Add(credentialLife).UTC().Format(utc)
	return stsReply{expires, expires, k.keyID, k.securityToken, k.keySecret}, nil
}

// addressBlock and authBlock are what the base64 texts of upload credentials hold, in
// the order of the page's decoded samples.
type addressBlock struct {
	Endpoint string
	Bucket   string
	FileName string
}

type authBlock struct {
	SecurityToken   string
	AccessKeyID     string `json:"AccessKeyId"`
	ExpireUTCTime   string
	AccessKeySecret string
	Expiration      string // seconds left
	Region          string
}

// bucket is the one of the page's decoded samples.
const bucket = "outin-12ebe01f029d11e9b63300163e1c8dba"

// uploadAddress leads to the sandbox: Endpoint and FileName make the URL under which
// the file can be put, and read.
func uploadAddress(c *fakes.Call, file string) (string, error) {
	return block(addressBlock{strings.TrimSuffix(c.Asset(""), "/"), bucket, file})
}

func uploadAuth(c *fakes.Call, k sts, expires time.Time) (string, error) {
	left := min(expires.Sub(c.Now), credentialLife) // no more than that where the clock was set back
	return block(authBlock{
		SecurityToken: k.securityToken, AccessKeyID: k.keyID, ExpireUTCTime: expires.UTC().Format(utc),
		AccessKeySecret: k.keySecret, Expiration: strconv.FormatInt(int64(left/time.Second), 10), Region: region,
	})
}

// block is base64 of compact JSON without HTML escapes.
func block(v any) (string, error) {
	b, err := compact(v)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b), nil
}

func compact(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// link is the URL of what the state names: a URL is one already, a file's name leads
// to the sandbox, and nothing stays nothing.
func link(c *fakes.Call, name string) string {
	if name == "" || strings.Contains(name, "://") {
		return name
	}
	return c.Asset(name)
}
