package fakes

import "strings"

// minSecret is how long a value is that is hidden: "demo", a password, stands in every other word.
const minSecret = 6

// conceal hides credentials in a text for the log: a fake that fails may say anything of
// the call that it was given.
func (s *serving) conceal(text string) string {
	hide := func(value string) {
		if len(value) >= minSecret {
			text = strings.ReplaceAll(text, value, "***")
		}
	}
	for _, accounts := range s.x.Tenant.accounts {
		for _, a := range accounts {
			for _, value := range a.Credential {
				if value != a.ID || a.Secret == "" {
					hide(value)
				}
			}
			hide(a.Secret)
		}
	}
	if s.match.Op != nil {
		for _, p := range s.match.Op.Params {
			if value, _ := p.Find(s.x.Values); p.Security && value != s.x.Caller {
				hide(value) // a token that was given out, a signature
			}
		}
	}
	return text
}
