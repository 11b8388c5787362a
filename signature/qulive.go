package signature

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
