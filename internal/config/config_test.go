package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/config"
)

// table is one of every kind, inside and outside of sections.
func table() []config.Option {
	return []config.Option{
		{Name: "listen", Kind: config.String, Default: "127.0.0.1:7311", Usage: "address to listen on", Why: "Loopback, because nothing guards it."},
		{Name: "seed", Kind: config.Int, Default: "1", Usage: "seed of generated data", Check: func(text string) error {
			if text == "0" {
				return errors.New("would be another seed at every start")
			}
			return nil
		}},
		{Name: "admin-token", Kind: config.String, Usage: "token of the admin API", Secret: true, Check: func(text string) error {
			if len(text) < 8 {
				return errors.New("is shorter than 8 characters")
			}
			return nil
		}},
		{Name: "explain-header", Kind: config.Bool, Usage: "explain refusals in a header"},
		{Name: "max-body", Kind: config.Size, Default: "1MB", Usage: "largest request body", Check: config.Positive},
		{Name: "log-format", Kind: config.Enum, Default: "auto", Values: []string{"auto", "text", "json"}, Usage: "how to log"},
		{Name: "qqtube.error-key", Kind: config.Enum, Default: "messages", Values: []string{"messages", "message"}, Usage: "key of errors", Why: "The page shows | both."},
		{Name: "qqtube.pace", Kind: config.Duration, Usage: "pause between orders"},
		{Name: "polyv.authplay-window", Kind: config.Duration, Default: "3m", Usage: "age of a ptime", Check: config.Positive},
	}
}

func newSet(t *testing.T) *config.Set {
	t.Helper()
	set, err := config.New("SANDBOX_", table(), "SANDBOX_URL", "SANDBOX_TENANT")
	require.NoError(t, err)
	return set
}

// read reads from all sources; args are parsed as a command line.
func read(t *testing.T, args, environ []string, yaml string) (config.Values, error) {
	t.Helper()
	set := newSet(t)
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	set.Bind(flags)
	require.NoError(t, flags.Parse(args))
	return set.Read(flags, environ, config.File{Name: "sandbox.yaml", Data: []byte(yaml)})
}

func TestDefaults(t *testing.T) {
	values, err := newSet(t).Read(nil, nil, config.File{})
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:7311", values.String("listen"))
	assert.Equal(t, int64(1), values.Int("seed"))
	assert.Empty(t, values.String("admin-token"), "an empty default is not held to Check")
	assert.False(t, values.Bool("explain-header"))
	assert.Equal(t, int64(1_000_000), values.Size("max-body"))
	assert.Equal(t, "auto", values.String("log-format"))
	assert.Equal(t, time.Duration(0), values.Duration("qqtube.pace"))
	assert.Equal(t, 3*time.Minute, values.Duration("polyv.authplay-window"))
	assert.Equal(t, "3m", values.Text("polyv.authplay-window"))
	for _, o := range newSet(t).Options() {
		assert.Equal(t, "default", values.Source(o.Name))
	}
}

func TestPrecedence(t *testing.T) {
	const file = "# settings\nlisten: file:1\nqqtube:\n  error-key: message\n  pace: 3s\n"
	environ := []string{"HOME=/", "SANDBOX_LISTEN=environment:1", "SANDBOX_QQTUBE_PACE=2s", "SANDBOX_SEED=", "SANDBOX_LISTEN=second:1"}
	values, err := read(t, []string{"--listen", "flag:1", "--explain-header"}, environ, file)
	require.NoError(t, err)
	for name, want := range map[string][2]string{
		"listen":           {"flag:1", "--listen"},
		"explain-header":   {"true", "--explain-header"},
		"qqtube.pace":      {"2s", "SANDBOX_QQTUBE_PACE"},
		"qqtube.error-key": {"message", "sandbox.yaml:4:14"},
		"seed":             {"1", "default"}, // an empty variable is none
	} {
		assert.Equal(t, want, [2]string{values.Text(name), values.Source(name)}, name)
	}

	values, err = read(t, nil, environ, file)
	require.NoError(t, err)
	assert.Equal(t, "environment:1", values.String("listen"), "the first of two")
}

// Every option can be set in each of the three ways, to the same effect.
func TestFlagVariableAndKeyAgree(t *testing.T) {
	samples := map[string]string{
		"listen": ":0", "seed": "42", "admin-token": "correct horse", "explain-header": "true", "max-body": "2MiB",
		"log-format": "json", "qqtube.error-key": "message", "qqtube.pace": "1m30s", "polyv.authplay-window": "30m",
	}
	for _, o := range newSet(t).Options() {
		text := samples[o.Name]
		require.NotEmpty(t, text, o.Name)
		yaml := o.Name + ": " + text
		if section, key, ok := strings.Cut(o.Name, "."); ok {
			yaml = section + ":\n  " + key + ": " + text
		}
		sources := map[string]struct {
			args, environ []string
			yaml          string
		}{
			"flag":     {args: []string{"--" + o.Flag() + "=" + text}},
			"variable": {environ: []string{o.Variable("SANDBOX_") + "=" + text}},
			"key":      {yaml: yaml},
			"quoted":   {yaml: strings.Replace(yaml, text, `"`+text+`"`, 1)},
			"one line": {yaml: "{" + strings.Replace(yaml, ":\n  ", ": {", 1) + strings.Repeat("}", strings.Count(o.Name, ".")+1)},
		}
		for way, source := range sources {
			if strings.Contains(text, ":") && way == "one line" {
				continue // not a plain scalar there
			}
			values, err := read(t, source.args, source.environ, source.yaml)
			require.NoError(t, err, "%s by %s", o.Name, way)
			assert.Equal(t, text, values.Text(o.Name), "%s by %s", o.Name, way)
			assert.NotEqual(t, "default", values.Source(o.Name), "%s by %s", o.Name, way)
		}
	}
}

func TestEmptyFiles(t *testing.T) {
	for _, yaml := range []string{"", "\n", "# nothing\n", "---\n", "\ufeff", "{}", "qqtube:\n", "qqtube:\n  # error-key: message\n", "qqtube: {}", "---\nlisten: x\n...\n", "\ufefflisten: x"} {
		_, err := read(t, nil, nil, yaml)
		assert.NoError(t, err, "%q", yaml)
	}
}

func TestBind(t *testing.T) {
	t.Run("only some", func(t *testing.T) {
		set, flags := newSet(t), pflag.NewFlagSet("test", pflag.ContinueOnError)
		set.Bind(flags, "seed", "qqtube.error-key")
		assert.NotNil(t, flags.Lookup("qqtube-error-key"))
		assert.Nil(t, flags.Lookup("listen"))
		require.NoError(t, flags.Parse([]string{"--seed=7"}))
		values, err := set.Read(flags, []string{"SANDBOX_LISTEN=:0"}, config.File{})
		require.NoError(t, err)
		assert.Equal(t, int64(7), values.Int("seed"))
		assert.Equal(t, ":0", values.String("listen"), "an option without a flag can still be set")
	})
	t.Run("help", func(t *testing.T) {
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		newSet(t).Bind(flags)
		help := flags.FlagUsages()
		assert.Regexp(t, `--log-format auto\|text\|json +how to log \(default auto\)`, help)
		assert.Regexp(t, `--explain-header +explain refusals in a header\n`, help)
		assert.Regexp(t, `--listen string +address to listen on \(default "127.0.0.1:7311"\)`, help)
	})
	t.Run("unknown option", func(t *testing.T) {
		assert.Panics(t, func() { newSet(t).Bind(pflag.NewFlagSet("test", pflag.ContinueOnError), "lisen") })
	})
}

func TestFlagError(t *testing.T) {
	for args, want := range map[string]string{
		"--lisen=x":                  `--lisen: there is no such flag; did you mean "--listen"?`,
		"--error-key=x":              `--error-key: there is no such flag; did you mean "--qqtube-error-key"?`,
		"-x":                         `-x: there is no such flag`,
		"-lisen=:0":                  `-lisen: there is no such flag; did you mean "--listen"?`,
		"--listen":                   `--listen: its value is missing`,
		"--=x":                       `--=x: is no flag: after the dashes comes its name`,
		"--share=x":                  `--share: "x" is not a number`,
		"--share=1e999":              `--share: "1e999" is too large a number`,
		"--cut=x":                    `--cut: "x" is not a whole number`,
		"--cut=99999999999999999999": `--cut: "99999999999999999999" is too large a number`,
		"--times=1.5":                `--times: "1.5" is not a whole number`,
		"--number=-1":                `--number: "-1" is negative`,
		"--pause=5":                  `--pause: "5" has no unit; write a duration as 500ms, 90s or 1h30m`,
		"--pause=-1s":                `--pause: "-1s" is negative`,
		"--pause=x":                  `--pause: "x" is not a duration such as 500ms, 90s or 1h30m`,
		"--dry=x":                    `--dry: "x" is neither true nor false`,
		`--list=a"b`:                 `--list: "a\"b" is not a list separated by commas`,
	} {
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		newSet(t).Bind(flags)
		flags.Float64("share", 0, "")
		flags.Int64("cut", 0, "")
		flags.Int("times", 0, "")
		flags.Uint64("number", 0, "")
		config.DurationVar(flags, new(time.Duration), "pause", "")
		flags.Bool("dry", false, "")
		flags.StringSlice("list", nil, "")
		err := flags.Parse([]string{args})
		require.Error(t, err)
		assert.EqualError(t, config.FlagError(flags, err), want)
	}
}

// A flag whose value is empty is one whose variable was not set.
func TestEmptyFlags(t *testing.T) {
	for arg, want := range map[string]string{
		"--admin-token=": `--admin-token: its value is empty; leave the flag out if none is meant`,
		"--allow=":       `--allow: its value is empty; write nobody if none is meant`,
		"--seed=":        `--seed: its value is empty`,
		"--file=":        `--file: its value is empty; leave the flag out if none is meant`,
		"--list=":        `--list: its value is empty; leave the flag out if none is meant`,
		"--lines=":       `--lines: its value is empty; leave the flag out if none is meant`,
		"--seed=x":       "",
		"--list=a":       "",
		"--pause=0":      "",
	} {
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		set, err := config.New("SANDBOX_", append(table(), config.Option{Name: "allow", Kind: config.String, Default: "all", None: "nobody", Usage: "who may"}))
		require.NoError(t, err)
		set.Bind(flags)
		flags.String("file", "", "")
		flags.StringSlice("list", nil, "")
		flags.StringArray("lines", nil, "")
		config.DurationVar(flags, new(time.Duration), "pause", "")
		require.NoError(t, flags.Parse([]string{arg}))
		err = config.EmptyFlags(flags)
		if want == "" {
			assert.NoError(t, err, arg)
		} else {
			assert.EqualError(t, err, want)
		}
	}
}

func TestValuesPanicOnProgrammersMistakes(t *testing.T) {
	values, err := newSet(t).Read(nil, nil, config.File{})
	require.NoError(t, err)
	assert.PanicsWithValue(t, `config: no option "lisen"`, func() { values.String("lisen") })
	assert.PanicsWithValue(t, `config: option "listen" is of kind string`, func() { values.Int("listen") })
	assert.PanicsWithValue(t, `config: no option "lisen"`, func() { values.Source("lisen") })
	assert.Panics(t, func() { config.Values{}.Text("listen") })
}

func TestNewRefusesTables(t *testing.T) {
	valid := config.Option{Name: "a-b", Kind: config.Int, Default: "1", Usage: "something"}
	with := func(change func(*config.Option)) config.Option {
		o := valid
		change(&o)
		return o
	}
	for want, options := range map[string][]config.Option{
		`option "a_b" has no name in kebab case with at most one section before a dot`:   {with(func(o *config.Option) { o.Name = "a_b" })},
		`option "" has no name in kebab case with at most one section before a dot`:      {with(func(o *config.Option) { o.Name = "" })},
		`option "a.b.c" has no name in kebab case with at most one section before a dot`: {with(func(o *config.Option) { o.Name = "a.b.c" })},
		`option "a-b" has the variable of "a-b"`:                                         {valid, valid},
		`option "a.b" has the variable of "a-b"`:                                         {valid, with(func(o *config.Option) { o.Name = "a.b" })},
		`option "a-b.c" has a section that is an option itself`:                          {with(func(o *config.Option) { o.Name = "a-b.c" }), valid},
		`option "a-b" is of kind int and lists 1 values`:                                 {with(func(o *config.Option) { o.Values = []string{"1"} })},
		`option "a-b" has a default "x" that is not a whole number`:                      {with(func(o *config.Option) { o.Default = "x" })},
		`option "a-b" has a default "0" that is not positive`: {with(func(o *config.Option) {
			o.Default, o.Check = "0", config.Positive
		})},
		`option "a-b" does not say what it does`:                              {with(func(o *config.Option) { o.Usage = "" })},
		`option "a-b" has a default "1" that is of the unknown kind "number"`: {with(func(o *config.Option) { o.Kind = "number" })},
		`option "a-b" has a default "" that is not one of x, y`: {with(func(o *config.Option) {
			o.Kind, o.Values, o.Default = config.Enum, []string{"x", "y"}, ""
		})},
	} {
		_, err := config.New("X_", options)
		assert.EqualError(t, err, want)
	}
	_, err := config.New("X_", []config.Option{{Name: "A"}, {Name: "B", Kind: config.Bool}})
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), 4, "all mistakes at once: %s", err)
}

func TestReference(t *testing.T) {
	lines := strings.Split(newSet(t).Reference(), "\n")
	require.Len(t, lines, 2+len(table())+1)
	assert.Contains(t, lines, "| `--listen` | `SANDBOX_LISTEN` | `listen` | `127.0.0.1:7311` | address to listen on. Loopback, because nothing guards it. |")
	assert.Contains(t, lines, "| `--qqtube-error-key` | `SANDBOX_QQTUBE_ERROR_KEY` | `qqtube: {error-key}` | `messages` | key of errors. One of `messages`, `message`. The page shows \\| both. |")
	assert.Contains(t, lines, "| `--admin-token` | `SANDBOX_ADMIN_TOKEN` | `admin-token` | none | token of the admin API. |")
}
