package sandboxtest

// Option changes what New makes.
type Option func(*choices)

// choices are what the options say.
type choices struct {
	settings map[string]string
	seed     uint64
	examples bool
}

// Setting chooses a named behaviour for this test: Setting("qqtube.error-key", "message").
// The settings and what they mean are listed by "sandbox serve --help" and by the contracts.
func Setting(name, value string) Option {
	return func(c *choices) {
		if c.settings == nil {
			c.settings = map[string]string{}
		}
		c.settings[name] = value
	}
}

// Seed draws all generated data from another seed, of at least 1. Without it they follow
// from the test's name: they are the same in every run.
func Seed(n uint64) Option { return func(c *choices) { c.seed = n } }

// VendorExamples gives the test the default tenant, which owns the credentials and objects
// that the vendors' pages use in their examples. It costs some milliseconds, for a sandbox
// that is shared with no other test.
func VendorExamples() Option { return func(c *choices) { c.examples = true } }
