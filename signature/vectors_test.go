package signature

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// query makes the values of a GET from "a=1&b=2", in order.
func query(userid string, pairs ...string) Values {
	var vs Values
	if userid != "" {
		vs = append(vs, Value{Name: "userid", Value: userid, In: InPath})
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		vs = append(vs, Value{Name: pairs[i], Value: pairs[i+1], In: InQuery})
	}
	return vs
}

// TestPolyvVectors holds the scheme to the vectors of CONTRACTS section 2.
func TestPolyvVectors(t *testing.T) {
	for _, row := range []struct {
		text, secret, sign string
		ptime              int64
	}{
		{"format=json&ptime=1492591990000&vid=382839019131be68715e9455f8d0971a_3", "tIQp4ATe9Z", "50BF9B165630A8047EB1D17D95A469CC51FF754E", 1492591990000},
		{"ptime=1527228607000&taskId=o0IdvYDm4S", "kXmHMLeX6M", "37D4F7BC82B927B14DFDD3D71FA8D4675A6FE2A0", 1527228607000},
		{"page=1&ptime=1527231353000", "kXmHMLeX6M", "1C4ADD2222714FC08584853DC22C8F66AD998BED", 1527231353000},
		{"ptime=1493344799000&vids=2d939377c23a37d2b0a2428006755627_2,2d939377c23ebcfe8b4ff3dadcabfbbf_2", "3OmoLbTlHu", "66A7000F442DB7D701533C69F44053521D17C7D0", 1493344799000},
		{"ptime=1493188350000&vid=3828390191de2b3fd3467c36187aac08_3", "tIQp4ATe9Z", "4CE511177FD5A8A3E56EB31A20776C0DE157519A", 1493188350000},
		{"ptime=1&vid=test1", "test2", "C2B1558D697EA3AF4ED2FC90152751860C1E2163", 1},
		{"danmuIds=333,444,556&format=json&ptime=1492591990000", "tIQp4ATe9Z", "A0E4E0E96AD2974F08E586954A629CE7B9CFA7A1", 1492591990000},
		{"format=json&ptime=1492591990000", "tIQp4ATe9Z", "F7329B0D2592B7E729925E4059F9B8D5394C488E", 1492591990000},
		{"end=2012-09-05&pageNum=1&ptime=1522809252890&start=2012-02-03&vids=vid1,vid2", "3OmoLbTlHu", "B0C2EC50FE2CF9D4A996638B730E423FF8658C23", 1522809252890},
	} {
		t.Run(row.text, func(t *testing.T) {
			parsed, err := url.ParseQuery(row.text)
			assert.NoError(t, err)
			vs := query("u")
			for name, v := range parsed { // in no order: sorting is the scheme's work
				vs = append(vs, Value{Name: name, Value: v[0], In: InQuery})
			}
			assert.Equal(t, row.text, PolyvString(vs))
			assert.Equal(t, row.sign, polyvDigest(PolyvString(vs)+row.secret))
			if row.ptime == 1 {
				return // not 13 digits: the page's example of the string only
			}
			in := Context{Now: time.UnixMilli(row.ptime), Secret: func(string) (string, bool) { return row.secret, true }}
			r := &Request{Operation: "x", Method: "GET", Values: append(vs, Value{Name: "sign", Value: row.sign, In: InQuery})}
			assert.Equal(t, Verdict{Caller: "u"}, Polyv{}.Check(r, in))

			signed := &Request{Operation: "x", Method: "GET", Values: vs}
			Polyv{}.Sign(signed, Credential{ID: "u", Secret: row.secret}, Signing{At: in.Now})
			sign, _ := signed.Values.Get("sign")
			assert.Equal(t, row.sign, sign)
		})
	}
}

// TestClipartoVector holds the scheme to the page's example request.
func TestClipartoVector(t *testing.T) {
	const sum = "372aadd1bad841a7c898b57dbbecab44"
	r := &Request{Operation: "BalanceCurrent", Method: "GET", Values: query("", "q", "BalanceCurrent")}
	Cliparto{}.Sign(r, Credential{ID: "176050", Secret: "8zn2eBj90M0F"}, Signing{})
	assert.Equal(t, query("", "q", "BalanceCurrent", "id", "176050", "md5", sum), r.Values)
	in := Context{Secret: func(id string) (string, bool) { return "8zn2eBj90M0F", id == "176050" }}
	assert.Equal(t, Verdict{Caller: "176050"}, Cliparto{}.Check(r, in))
}

// TestInterstreamVector holds the scheme to the vector of CONTRACTS section 5.
func TestInterstreamVector(t *testing.T) {
	const (
		key    = "1b323a1cb879fd4e66530fbad07a32ee"
		secret = "MWIzMjNhMWNiODc5ZmQ0ZTY2NTMwZmJhZDA3YTMyZWViOTQ3MDJiOGM2ZTU2NjE3"
		salt   = "c4ca4238a0b923820dcc509a6f75849b"
	)
	r := &Request{Operation: "set_content_vote", Method: "POST"}
	Interstream{}.Sign(r, Credential{ID: key, Secret: secret}, Signing{At: time.Unix(1700000000, 0), Salt: salt})
	assert.Equal(t, query("", "key", key, "timestamp", "1700000000", "salt", salt,
		"signature", "EuR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI="), r.Values)
	in := Context{Now: time.Unix(1700000000, 0), Secret: func(id string) (string, bool) { return secret, id == key }}
	assert.Equal(t, Verdict{Caller: key}, Interstream{}.Check(r, in))
}
