package main

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/config"
)

const referencePage = "../../docs/settings.md"

const referenceIntro = `# Settings

Generated from the table in ` + "`cmd/sandbox/options.go`" + ` and from the fakes: ` + "`go test ./cmd/sandbox -update`" + `.

A setting is read from its flag, else from its variable, else from the file of settings (` + "`--config`" + `,
` + "`SANDBOX_CONFIG`" + `, or ` + "`sandbox.yaml`" + ` in the working directory when it is there), else it has its default. An empty
variable counts as none, because compose files and CI pass on what is not set as empty; an empty flag is refused, because
` + "`--data \"$DIR\"`" + ` with DIR unset would keep nothing and say nothing. Who means none leaves the flag out, or writes
` + "`--callback-allow none`" + `. What does not exist or is not allowed is an error that names the place and the nearest right
name. ` + "`SANDBOX_URL`" + ` is the address of a running sandbox, for the commands that talk to one, and ` + "`SANDBOX_TENANT`" + ` the
tenant that they ask it for. With ` + "`--data`" + `, tenants that the folder has keep the settings and the seed that they were
made with; those given at a later start are for new ones.

The settings of the fakes, those with a section, can also be chosen for one tenant, when it is made. Their names have a
dot there:

` + "```console" + `
$ curl -s -d '{"settings":{"polyv.http-status":"code"}}' http://127.0.0.1:7311/__admin/tenants
{"id":"…","seed":…,"credentials":{…},"base_urls":{…}}
` + "```" + `

`

func TestSettingsPageIsCurrent(t *testing.T) {
	set, err := settings()
	require.NoError(t, err)
	want := referenceIntro + set.Reference()
	if *update {
		require.NoError(t, os.WriteFile(referencePage, []byte(want), 0o644))
	}
	have, err := os.ReadFile(referencePage)
	require.NoError(t, err)
	assert.Equal(t, want, string(have), "docs/settings.md is out of date: go test ./cmd/sandbox -update")
}

// Every setting of every fake has a flag, a variable and a key, and its default is the fake's.
func TestFakesSettings(t *testing.T) {
	set, err := settings()
	require.NoError(t, err)
	values, err := set.Read(nil, nil, config.File{})
	require.NoError(t, err)
	n := 0
	for _, api := range all.APIs() {
		for _, s := range api.Settings {
			assert.Equal(t, s.Default, values.Text(api.Name+"."+s.Name))
			assert.NotEmpty(t, s.Why, "%s.%s", api.Name, s.Name)
			n++
		}
	}
	assert.Positive(t, n)
	for _, o := range set.Options() {
		assert.NotEmpty(t, o.Why, o.Name)
	}
}

// TestEmptyFlags: a flag is never taken for one that was not given, because the variable
// behind it was not set.
func TestEmptyFlags(t *testing.T) {
	var try func(c *cobra.Command, path []string)
	try = func(c *cobra.Command, path []string) {
		path = append(slices.Clone(path), c.Name())
		for _, below := range c.Commands() {
			try(below, path)
		}
		if c.Args(c, nil) != nil {
			path = append(path, "x")
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), append(path, "--"+f.Name+"="), &stdout, &stderr, nil)
			assert.Equal(t, exitUsage, code, "%s --%s=", path, f.Name)
			assert.Contains(t, stderr.String(), "sandbox: --"+f.Name+": ", "%s", path)
		})
	}
	set, err := settings()
	require.NoError(t, err)
	p := &program{stdout: io.Discard, stderr: io.Discard, settings: set}
	for _, make := range commands() {
		try(make(p), nil)
	}
}

func TestAddresses(t *testing.T) {
	for value, want := range map[string]string{
		"127.0.0.1:7311": "", ":0": "", "localhost:65535": "", "[::1]:7311": "", "0.0.0.0:7311": "",
		"7311":        "is not an address",
		"127.0.0.1":   "is not an address",
		"::1:7311":    "is not an address",
		"":            "is not an address",
		"host:":       "has no port",
		"host:http":   "has no port",
		"host:65536":  "has no port",
		"host:-1":     "has no port",
		"http://a:80": "is not an address",
	} {
		err := address(value)
		if want == "" {
			assert.NoError(t, err, value)
			continue
		}
		assert.ErrorContains(t, err, want, value)
	}
}

func TestHostNames(t *testing.T) {
	for value, ok := range map[string]bool{
		"sandbox": true, "sandbox,ci.example": true, " sandbox , ci ": true, "*": true,
		"sandbox:7311": false, "http://sandbox": false, "a,,b": false, ",": false, "a b": false,
	} {
		assert.Equal(t, ok, hostNames(value) == nil, value)
	}
	assert.Equal(t, []string{"a", "b"}, splitHosts(" a ,b "))
	assert.Nil(t, splitHosts(""))
}

func TestLocalURL(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:7311": "http://127.0.0.1:7311",
		"0.0.0.0:7311":   "http://127.0.0.1:7311",
		":7311":          "http://127.0.0.1:7311",
		"[::]:7311":      "http://127.0.0.1:7311",
		"[::1]:7311":     "http://[::1]:7311",
		"sandbox:80":     "http://sandbox:80",
	} {
		assert.Equal(t, want, localURL(listen), listen)
	}
}

func TestQuote(t *testing.T) {
	for value, want := range map[string]string{
		"http://127.0.0.1:7311/t/bob/polyv": "http://127.0.0.1:7311/t/bob/polyv",
		"a+b/c=":                            "a+b/c=",
		"":                                  "''",
		"two words":                         "'two words'",
		"$HOME":                             "'$HOME'",
		"it's":                              `'it'\''s'`,
		"*":                                 "'*'",
		"~":                                 "'~'",
		"视频":                                "'视频'",
	} {
		assert.Equal(t, want, quote(value))
	}
	assert.Equal(t, "SHOP_2_API_KEY", variableName("shop-2", "api_key"))
	assert.False(t, strings.ContainsAny(quote("a\nb"), `"`))
}
