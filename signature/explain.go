package signature

// explain starts an Explanation from the verdict.
func explain(s Scheme, r *Request, in Context) Explanation {
	v := s.Check(r, in)
	return Explanation{Scheme: s.Name(), Caller: v.Caller, Accepted: v.Refusal == "", Refusal: v.Refusal, Differ: -1}
}

// masked stands for a secret.
const masked = "<secret>"

// Explain diagnoses an API key.
func (s QQTube) Explain(r *Request, in Context) Explanation {
	e := explain(s, r, in)
	e.Caller = ""
	return e
}

// Explain diagnoses a signature.
func (s Polyv) Explain(r *Request, in Context) Explanation {
	e := explain(s, r, in)
	e.Expected = PolyvString(r.Values) + masked
	return e
}

// Explain diagnoses a hash.
func (s Cliparto) Explain(r *Request, in Context) Explanation {
	e := explain(s, r, in)
	q, _ := r.Values.GetIn(InQuery, "q")
	ext, _ := r.Values.GetIn(InQuery, "ext")
	e.Expected = e.Caller + q + ext + masked
	return e
}

// Explain diagnoses a signature.
func (s Interstream) Explain(r *Request, in Context) Explanation {
	e := explain(s, r, in)
	salt, _ := r.Values.GetIn(InQuery, "salt")
	stamp, _ := r.Values.GetIn(InQuery, "timestamp")
	e.Expected = salt + stamp
	return e
}

// Explain says whose token it is.
func (s Qulive) Explain(r *Request, in Context) Explanation { return explain(s, r, in) }
