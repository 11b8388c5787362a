package signature

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// randomText draws a value with what spoils signatures in it.
func randomText(rng *rand.Rand) string {
	const runes = "ab&=+% ;/?#\"'\\\n\x00é视💡-_.~*"
	all := []rune(runes)
	out := make([]rune, rng.IntN(9))
	for i := range out {
		out[i] = all[rng.IntN(len(all))]
	}
	return string(out)
}

// randomRequest draws a request that the scheme's own parameters may be missing from.
func randomRequest(rng *rand.Rand, s Scheme, account string) *Request {
	r := &Request{Operation: "op", Method: []string{"GET", "POST"}[rng.IntN(2)], Path: "/" + randomText(rng)}
	if s.Name() == "polyv" {
		r.Values = append(r.Values, Value{Name: "userid", Value: account, In: InPath})
	}
	if s.Name() == "cliparto" {
		r.Values = append(r.Values, Value{Name: "q", Value: "Q" + randomText(rng), In: InQuery})
	}
	for i := range rng.IntN(12) {
		in := InQuery
		if i > 4 {
			in = InForm
		}
		r.Values = append(r.Values, Value{Name: "p" + strconv.Itoa((i*7)%12) + "." + randomText(rng), Value: randomText(rng), In: in})
	}
	return r
}

// TestSignThenCheck: what Sign makes, Check accepts and Explain finds no fault with;
// with any parameter of a signed string changed, Check refuses.
func TestSignThenCheck(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 400 {
		for _, s := range All() {
			account, secret := "account-"+strconv.Itoa(rng.IntN(1000)), "secret-"+randomText(rng)+strconv.Itoa(rng.IntN(1000))
			token := account + "-token-0123456789"
			at := noon.Add(time.Duration(rng.Int64N(int64(1000 * time.Hour))))
			in := Context{Now: at, Secret: func(id string) (string, bool) { return secret, id == account || id == token[:tokenID] }}
			r := randomRequest(rng, s, account)
			s.Sign(r, Credential{ID: account, Secret: secret, Token: token}, Signing{At: at, Salt: randomText(rng)})

			v := s.Check(r, in)
			if !assert.Empty(t, v.Refusal, "%s %q", s.Name(), r.Values) {
				return
			}
			assert.Equal(t, s.Caller(r), v.Caller)
			e := s.Explain(r, in)
			assert.True(t, e.Accepted)
			assert.Empty(t, e.Mistakes, "%s %q", s.Name(), r.Values)
			assert.Equal(t, e.Expected, e.Sent)

			if s.Name() == "polyv" {
				i := 1 + rng.IntN(len(r.Values)-1)
				r.Values[i].Value += "x"
				assert.NotEmpty(t, s.Check(r, in).Refusal, "%q", r.Values)
			}
		}
	}
}

// TestSignTwice: signing again replaces the first signature.
func TestSignTwice(t *testing.T) {
	for _, s := range All() {
		r := good(t, s)
		n := len(r.Values)
		secret, _ := pageSecret(s.Caller(r))
		c := Credential{ID: s.Caller(r), Secret: secret, Token: "k1l2m3n4o5p6-0123456789"}
		s.Sign(r, c, Signing{At: noon.Add(time.Hour), Salt: "other"})
		assert.Len(t, r.Values, n)
		assert.Empty(t, s.Check(r, pageContext(noon.Add(time.Hour))).Refusal, s.Name())
	}
}
