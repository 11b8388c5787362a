package contract

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression. The documents repeat a few of them hundreds of times;
// each is compiled once and shared.
type Pattern struct{ *regexp.Regexp }

var patterns sync.Map //nolint:gochecknoglobals // text → *regexp.Regexp, for all contracts of the process

// NewPattern compiles a pattern, or finds it compiled. The error is regexp.Compile's.
func NewPattern(text string) (*Pattern, error) {
	known, ok := patterns.Load(text)
	if !ok {
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, err //nolint:wrapcheck // it says all there is
		}
		known, _ = patterns.LoadOrStore(text, re)
	}
	return &Pattern{known.(*regexp.Regexp)}, nil //nolint:errcheck,forcetypeassert // nothing else is stored
}

// UnmarshalText reads what MarshalText, which is regexp.Regexp's, has written.
func (p *Pattern) UnmarshalText(text []byte) error {
	read, err := NewPattern(string(text))
	if err == nil {
		*p = *read
	}
	return err
}
