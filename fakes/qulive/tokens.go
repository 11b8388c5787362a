package qulive

import (
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// tokenLife is how long a token is good; at exactly that age it is not any more
// (CONTRACTS section 4, token's life: assumed).
const tokenLife = 30 * 24 * time.Hour

// maxTokens bounds the tokens of a tenant. Beyond it the oldest is forgotten, so that
// a client which logs in for every call can go on for ever; the tenant's own first
// token, which its credentials show, is not.
const maxTokens = 200_000

// Token is an access token and whose it is.
type Token struct {
	Token   string    `json:"token"`
	UserID  string    `json:"userId"`
	Expires time.Time `json:"expires"`
}

// issueToken makes a token for u. It begins with the tenant's tag, so that the host
// finds the tenant by any token.
func (w *World) issueToken(c *fakes.Call, u *User) string {
	for len(w.Tokens) > 0 && !c.Now.Before(w.Tokens[0].Expires) {
		w.forgetToken(0)
	}
	if len(w.Tokens) >= maxTokens {
		oldest := 0
		if w.Tokens[0].Token == w.own {
			oldest = 1
		}
		w.forgetToken(oldest)
	}
	text := tokenText(w.tag, hexText(c.Rand, 40))
	w.keepToken(Token{Token: text, UserID: u.UserID, Expires: c.Now.Add(tokenLife)})
	return text
}

func (w *World) keepToken(t Token) {
	w.Tokens = append(w.Tokens, t)
	w.tokens[t.Token] = t
}

// forgetToken drops the token at index 0 or 1, at the cost of one move.
func (w *World) forgetToken(i int) {
	delete(w.tokens, w.Tokens[i].Token)
	w.Tokens[i] = w.Tokens[0]
	w.Tokens[0] = Token{}
	w.Tokens = w.Tokens[1:]
}
