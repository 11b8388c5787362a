package signature

import (
	"crypto/md5"
	"strings"
)

// Cliparto proves a caller by the MD5 of id + q + ext + API code (vendor page,
// "Параметры запроса"; CONTRACTS section 3).
type Cliparto struct{}

// Name returns "cliparto".
func (Cliparto) Name() string { return "cliparto" }

// Caller returns the id of the query.
func (Cliparto) Caller(r *Request) string {
	id, _ := r.Values.GetIn(InQuery, "id")
	return id
}

// Check refuses with id-missing, q-missing, q-unknown, md5-missing, user-unknown,
// md5-wrong, in this order (CONTRACTS section 3, order). Upper- and
// lower-case digits count alike.
func (s Cliparto) Check(r *Request, in Context) Verdict {
	v := Verdict{Caller: s.Caller(r)}
	q, _ := r.Values.GetIn(InQuery, "q")
	ext, _ := r.Values.GetIn(InQuery, "ext")
	sent, _ := r.Values.GetIn(InQuery, "md5")
	switch {
	case v.Caller == "":
		v.Refusal = "id-missing"
	case q == "":
		v.Refusal = "q-missing"
	case r.Operation == "":
		v.Refusal = "q-unknown"
	case sent == "":
		v.Refusal = "md5-missing"
	}
	if v.Refusal != "" {
		return v
	}
	// An unknown user is told apart by the reply itself: nothing to hide.
	code, ok := in.lookup(v.Caller)
	if !ok {
		v.Refusal = "user-unknown"
		return v
	}
	var buf [256]byte
	text := append(buf[:0], v.Caller...)
	text = append(text, q...)
	text = append(text, ext...)
	sum := md5.Sum(append(text, code...))
	if !equalHex(lowerHex, sum[:], strings.ToLower(sent)) {
		v.Refusal = "md5-wrong"
	}
	return v
}

// Sign sets id and md5 in the query.
func (Cliparto) Sign(r *Request, c Credential, _ Signing) {
	r.Values = set(r.Values, InQuery, "id", c.ID)
	q, _ := r.Values.GetIn(InQuery, "q")
	ext, _ := r.Values.GetIn(InQuery, "ext")
	sum := md5.Sum([]byte(c.ID + q + ext + c.Secret))
	r.Values = set(r.Values, InQuery, "md5", string(appendHex(nil, lowerHex, sum[:])))
}
