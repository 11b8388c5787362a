package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/config"
)

// everyVariable ends a complaint about a variable that resembles none.
const everyVariable = "there are SANDBOX_LISTEN, SANDBOX_SEED, SANDBOX_ADMIN_TOKEN, SANDBOX_EXPLAIN_HEADER, SANDBOX_MAX_BODY, SANDBOX_LOG_FORMAT, " +
	"SANDBOX_QQTUBE_ERROR_KEY, SANDBOX_QQTUBE_PACE, SANDBOX_POLYV_AUTHPLAY_WINDOW, SANDBOX_URL, SANDBOX_TENANT"

// What users read when they got something wrong, literally.
func TestErrorMessages(t *testing.T) {
	for name, row := range map[string]struct {
		args, environ []string
		yaml          string
		want          string // lines
	}{
		"flag of enum":      {args: []string{"--log-format=jsn"}, want: `--log-format: "jsn" is not one of auto, text, json`},
		"flag of bool":      {args: []string{"--explain-header=yes"}, want: `--explain-header: "yes" is neither true nor false`},
		"flag of int":       {args: []string{"--seed=1e3"}, want: `--seed: "1e3" is not a whole number`},
		"flag of big int":   {args: []string{"--seed=9223372036854775808"}, want: `--seed: "9223372036854775808" is too large a number`},
		"flag, empty":       {args: []string{"--seed="}, want: `--seed: "" is not a whole number`},
		"flag and check":    {args: []string{"--seed=0"}, want: `--seed: "0" would be another seed at every start`},
		"flag of duration":  {args: []string{"--qqtube-pace=soon"}, want: `--qqtube-pace: "soon" is not a duration such as 500ms, 90s or 1h30m`},
		"duration unitless": {args: []string{"--qqtube-pace=30"}, want: `--qqtube-pace: "30" has no unit; write a duration as 500ms, 90s or 1h30m`},
		"duration negative": {args: []string{"--qqtube-pace=-1s"}, want: `--qqtube-pace: "-1s" is negative`},
		"flag of size":      {args: []string{"--max-body=big"}, want: `--max-body: "big" is not a size such as 4096, 64KB or 1MiB`},
		"size not positive": {args: []string{"--max-body=0KB"}, want: `--max-body: "0KB" is not positive`},
		"secret":            {environ: []string{"SANDBOX_ADMIN_TOKEN=hunter2"}, want: `SANDBOX_ADMIN_TOKEN: the value is shorter than 8 characters`},

		"variable":              {environ: []string{"SANDBOX_LOG_FORMAT=TEXT"}, want: `SANDBOX_LOG_FORMAT: "TEXT" is not one of auto, text, json`},
		"unknown variable":      {environ: []string{"SANDBOX_LISEN=:0"}, want: `SANDBOX_LISEN: there is no such setting; did you mean "SANDBOX_LISTEN"?`},
		"variable in a section": {environ: []string{"SANDBOX_ERROR_KEY=message"}, want: `SANDBOX_ERROR_KEY: there is no such setting; did you mean "SANDBOX_QQTUBE_ERROR_KEY"?`},
		"variable that is none": {environ: []string{"SANDBOX_TENNANT=a"}, want: `SANDBOX_TENNANT: there is no such setting; did you mean "SANDBOX_TENANT"?`},
		"only the prefix":       {environ: []string{"SANDBOX_=1"}, want: `SANDBOX_: there is no such setting; ` + everyVariable},
		"lower case":            {environ: []string{"SANDBOX_listen=1"}, want: `SANDBOX_listen: there is no such setting; did you mean "SANDBOX_LISTEN"?`},

		"unknown key":          {yaml: "seed: 1\nlsiten: x\n", want: `sandbox.yaml:2:1: there is no setting "lsiten" here; did you mean "listen"?`},
		"unknown section":      {yaml: "qtube:\n  error-key: message\n", want: `sandbox.yaml:1:1: there is no setting "qtube" here; did you mean "qqtube"?`},
		"unknown in section":   {yaml: "qqtube:\n  error_key: message\n", want: `sandbox.yaml:2:3: there is no setting "error_key" here; did you mean "error-key"?`},
		"key of a section":     {yaml: "error-key: message\n", want: `sandbox.yaml:1:1: there is no setting "error-key" here; "error-key" stands in the section "qqtube"`},
		"key of another":       {yaml: "polyv:\n  error-key: message\n", want: `sandbox.yaml:2:3: there is no setting "error-key" here; "error-key" stands in the section "qqtube"`},
		"key outside sections": {yaml: "polyv: {seed: 1}\n", want: `sandbox.yaml:1:9: there is no setting "seed" here; "seed" stands outside of sections`},
		"dotted key":           {yaml: "qqtube.error-key: message\n", want: `sandbox.yaml:1:1: there is no setting "qqtube.error-key" here; "error-key" stands in the section "qqtube"`},
		"flag's name":          {yaml: "qqtube-error-key: message\n", want: `sandbox.yaml:1:1: there is no setting "qqtube-error-key" here; "error-key" stands in the section "qqtube"`},
		"long key":             {yaml: strings.Repeat("x", 500) + ": 1\n", want: `sandbox.yaml:1:1: there is no setting "` + strings.Repeat("x", 100) + `" here; there are listen, seed, admin-token, explain-header, max-body, log-format, qqtube, polyv`},
		"wrong value":          {yaml: "log-format:   jsn # typo\n", want: `sandbox.yaml:1:15: "jsn" is not one of auto, text, json`},
		"wrong number":         {yaml: "seed: 1_000\n", want: `sandbox.yaml:1:7: "1_000" is not a whole number`},
		"wrong bool":           {yaml: "explain-header: on\n", want: `sandbox.yaml:1:17: "on" is neither true nor false`},
		"null":                 {yaml: "listen:\nseed: 1\n", want: `sandbox.yaml:1:1: "listen" has no value; write "" for an empty one`},
		"settings below one":   {yaml: "listen:\n  port: 1\n", want: `sandbox.yaml:1:1: "listen" has one value, not settings below it`},
		"section as setting":   {yaml: "qqtube: on\n", want: `sandbox.yaml:1:9: "qqtube" is a section; its settings are error-key, pace`},
		"list":                 {yaml: "listen:\n  - a\n  - b\n", want: `sandbox.yaml:2:3: a list; every setting has one value`},
		"flow list":            {yaml: "listen: [a, b]\n", want: `sandbox.yaml:1:9: a list; every setting has one value`},
		"block of text":        {yaml: "listen: |\n  a\n", want: `sandbox.yaml:1:9: a block of text; every setting stands on one line`},
		"too deep":             {yaml: "{qqtube: {pace: {a: 1}}}\n", want: `sandbox.yaml:1:17: settings are nested in sections at most`},
		"alias":                {yaml: "listen: &a x\nadmin-token: *a\n", want: `sandbox.yaml:1:9: anchors, aliases and merged keys are not read here`},
		"merge":                {yaml: "<<: {seed: 1}\n", want: `sandbox.yaml:1:1: anchors, aliases and merged keys are not read here`},
		"tag":                  {yaml: "seed: !!str 1\n", want: `sandbox.yaml:1:7: tags and directives are not read here`},
		"complex key":          {yaml: "? seed\n: 1\n", want: `sandbox.yaml:1:1: a key is a name and a colon`},
		"duplicate":            {yaml: "seed: 1\nseed: 2\n", want: `sandbox.yaml:2:1: mapping key "seed" already defined at [1:1]`},
		"not closed":           {yaml: "seed: 1\nlisten: \"x\n", want: `sandbox.yaml:2:9: could not find end character of double-quoted text`},
		"two colons":           {yaml: "listen: a: b\n", want: `sandbox.yaml:1:9: mapping value is not allowed in this context`},
		"not a mapping":        {yaml: "listen\n", want: `sandbox.yaml:1:1: settings are written as name: value`},
		"two documents":        {yaml: "seed: 1\n---\nseed: 2\n", want: `sandbox.yaml:3:5: a second document; settings stand in one`},
		"not text":             {yaml: "\xff\xfes\x00", want: `sandbox.yaml: this is not UTF-8 text`},
		"too large":            {yaml: strings.Repeat("#", 64<<10+1), want: `sandbox.yaml: 65537 bytes are more than a file of settings may have, 65536`},

		"everything at once": {
			args:    []string{"--seed=x", "--log-format=y"},
			environ: []string{"SANDBOX_SEED=z", "SANDBOX_B=1", "SANDBOX_A=1"},
			yaml:    "seed: w\nlog: v\nqqtube:\n  pace: u\n",
			want: `--seed: "x" is not a whole number
--log-format: "y" is not one of auto, text, json
SANDBOX_A: there is no such setting; ` + everyVariable + `
SANDBOX_B: there is no such setting; ` + everyVariable + `
SANDBOX_SEED: "z" is not a whole number
sandbox.yaml:1:7: "w" is not a whole number
sandbox.yaml:2:1: there is no setting "log" here; did you mean "log-format"?
sandbox.yaml:4:9: "u" is not a duration such as 500ms, 90s or 1h30m`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, row.args, row.environ, row.yaml)
			require.EqualError(t, err, row.want)
			var one *config.Error
			assert.ErrorAs(t, err, &one)
		})
	}
}

// What others put into the environment is not held against the user.
func TestForeignVariables(t *testing.T) {
	for _, entry := range []string{
		"SANDBOX=1", "SANDBOXX=1", "OTHER_LISTEN=1", "SANDBOX_URL=http://127.0.0.1:7311", "SANDBOX_ADMIN_TOKEN=", "SANDBOX_UNKNOWN=", "SANDBOX_UNKNOWN", "",
		// Kubernetes, beside a service called sandbox:
		"SANDBOX_SERVICE_HOST=10.0.0.1", "SANDBOX_SERVICE_PORT=7311", "SANDBOX_SERVICE_PORT_HTTP=7311", "SANDBOX_PORT=tcp://10.0.0.1:7311",
		"SANDBOX_PORT_7311_TCP=tcp://10.0.0.1:7311", "SANDBOX_PORT_7311_TCP_PROTO=tcp", "SANDBOX_PORT_7311_TCP_PORT=7311", "SANDBOX_PORT_7311_TCP_ADDR=10.0.0.1",
	} {
		_, err := read(t, nil, []string{entry}, "")
		assert.NoError(t, err, entry)
	}
	for _, entry := range []string{"SANDBOX_PORTS=1", "SANDBOX_SERVICE=1", "SANDBOX_PORT_HTTP=1", "SANDBOX_URLS=1"} {
		_, err := read(t, nil, []string{entry}, "")
		assert.Error(t, err, entry)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "4096": 4096, "1B": 1, "1KB": 1000, "1kb": 1000, "64KiB": 65536, "1MB": 1e6, "1 MiB": 1 << 20, "2GB": 2e9, "1gib": 1 << 30,
		"9223372036854775807": 1<<63 - 1, "8589934591GiB": 8589934591 << 30,
	} {
		values, err := read(t, []string{"--max-body=" + text}, nil, "")
		require.NoError(t, err, text)
		assert.Equal(t, want, values.Size("max-body"), text)
	}
	for _, text := range []string{"", "KB", "-1", "-1KB", "1.5MB", "1K", "1TB", "1KBB", "1 K B", "0x10", "+ 1", "9223372036854775808", "8589934592GiB", "1MB1"} {
		_, err := read(t, []string{"--max-body=" + text}, nil, "")
		assert.Error(t, err, text)
	}
}

func TestPositive(t *testing.T) {
	for _, text := range []string{"1", "10", "0.5s", "1ms", "64KB", "1h0m"} {
		assert.NoError(t, config.Positive(text), text)
	}
	for _, text := range []string{"", "0", "-1", "0s", "0h0m", "0KB", "-1ns"} {
		assert.Error(t, config.Positive(text), text)
	}
}

// The parser of the library takes minutes for these; what is refused before it is not.
func TestHostileFilesAreRefusedAtOnce(t *testing.T) {
	const n = 60 << 10
	for name, yaml := range map[string]string{
		"brackets": strings.Repeat("[", n), "braces": strings.Repeat("{", n), "maps": strings.Repeat("{a: ", n/4),
		"dashes": strings.Repeat("- ", n/2), "questions": strings.Repeat("? ", n/2), "anchors": strings.Repeat("&a ", n/3), "tags": strings.Repeat("! ", n/2),
		"bomb": "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "closing": strings.Repeat("}", n), "quotes": strings.Repeat(`"`, n), "colons": strings.Repeat(": ", n/2),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, err := read(t, nil, nil, yaml)
			assert.Error(t, err)
			assert.Less(t, time.Since(began), 5*time.Second)
			assert.Less(t, len(err.Error()), 1000, "and in few words")
		})
	}
}

// Whatever a file holds, reading it ends, and either all is well or every error says
// where it is.
func FuzzFile(f *testing.F) {
	for _, yaml := range []string{"listen: x\nqqtube:\n  error-key: message\n", "{seed: 1, polyv: {authplay-window: 3m}}", "a: |\n b", "- a\n", "? a\n: b", "a: 'b''c'\n", "%YAML 1.2\n---\nseed: 1\n...", "a:\tb", "\"a\\x41\": 1", "a: b # c"} {
		f.Add(yaml)
	}
	set, err := config.New("SANDBOX_", table())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, yaml string) {
		values, err := set.Read(nil, nil, config.File{Name: "sandbox.yaml", Data: []byte(yaml)})
		if err == nil {
			values.Text("listen")
			return
		}
		var all interface{ Unwrap() []error }
		if !errors.As(err, &all) {
			t.Fatalf("not joined: %v", err)
		}
		for _, one := range all.Unwrap() {
			var located *config.Error
			if !errors.As(one, &located) || !strings.HasPrefix(located.Where, "sandbox.yaml") || located.Text == "" {
				t.Errorf("says not where: %v", one)
			}
		}
	})
}
