package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mediasandbox/sandbox/internal/nearest"
)

// Set is a table of options that has been checked. It is never changed.
type Set struct {
	prefix  string
	options []Option
	byName  map[string]Option
	foreign []string
}

// New checks a table of options and returns it as a Set. prefix begins the names of
// variables: "SANDBOX_". foreign are full names of variables that begin so and are not
// settings, such as those that a program hands to its children. The error names every
// mistake in the table: it is the programmer's.
func New(prefix string, options []Option, foreign ...string) (*Set, error) {
	s := &Set{prefix: prefix, options: slices.Clone(options), byName: map[string]Option{}, foreign: foreign}
	var mistakes []error
	complain := func(o Option, format string, values ...any) {
		mistakes = append(mistakes, fmt.Errorf("option %q %s", o.Name, fmt.Sprintf(format, values...)))
	}
	wellNamed := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z][a-z0-9]*(-[a-z0-9]+)*)?$`)
	variables := map[string]string{}
	for _, o := range s.options {
		if !wellNamed.MatchString(o.Name) {
			complain(o, "has no name in kebab case with at most one section before a dot")
		}
		if other, taken := variables[o.Variable(prefix)]; taken {
			complain(o, "has the variable of %q", other)
		}
		if (o.Kind == Enum) != (len(o.Values) > 0) {
			complain(o, "is of kind %s and lists %d values", o.Kind, len(o.Values))
		}
		if _, err := o.parse(o.Default); err != nil && (o.Default != "" || o.Kind == Enum) {
			complain(o, "has a default %q that %s", o.Default, err)
		}
		if o.Usage == "" {
			complain(o, "does not say what it does")
		}
		variables[o.Variable(prefix)] = o.Name
		s.byName[o.Name] = o
	}
	for _, o := range s.options {
		if section, _ := o.section(); section != "" && s.byName[section].Name != "" {
			complain(o, "has a section that is an option itself")
		}
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return s, nil
}

// Options returns the table.
func (s *Set) Options() []Option { return slices.Clone(s.options) }

// Bind defines the flags of the named options, of all without names. It panics when
// there is no such option or the flag is defined already: both are the programmer's.
func (s *Set) Bind(flags *pflag.FlagSet, names ...string) {
	if len(names) == 0 {
		for _, o := range s.options {
			names = append(names, o.Name)
		}
	}
	for _, name := range names {
		o := s.option(name)
		f := flags.VarPF(&flagValue{text: o.Default, kind: o.flagType(), none: o.None}, o.Flag(), "", o.Usage)
		if o.Kind == Bool {
			f.NoOptDefVal = "true"
		}
		if o.Secret {
			f.DefValue = ""
		}
	}
}

// flagType is what the help shows behind the flag's name.
func (o Option) flagType() string {
	if o.Kind == Enum {
		return strings.Join(o.Values, "|")
	}
	return string(o.Kind)
}

// flagValue keeps a flag's text; Read checks it as it checks the other sources.
type flagValue struct{ text, kind, none string }

func (v *flagValue) String() string     { return v.text }
func (v *flagValue) Set(s string) error { v.text = s; return nil }
func (v *flagValue) Type() string       { return v.kind }

// Read returns the value of each option from the first source that has one: flags that
// were given, the environment as os.Environ returns it, the file, the default. flags
// may be nil and need not have all flags; the file may be empty. An empty variable
// counts as none at all, because compose files and CI pass on what is not set as empty.
//
// The error joins an *Error for each value that is not allowed and each name that does
// not exist, in that order of sources; there are no Values then.
func (s *Set) Read(flags *pflag.FlagSet, environ []string, file File) (Values, error) {
	values := Values{of: map[string]value{}}
	for _, o := range s.options {
		v := value{option: o, text: o.Default, source: "default", parsed: o.zero()}
		if o.Default != "" {
			v.parsed, _ = o.parse(o.Default) // New has seen it succeed
		}
		values.of[o.Name] = v
	}
	// The strongest source comes last here, so that it stays; all are read, because a
	// mistake that is overridden today is a surprise tomorrow.
	fromFile := s.readFile(file, values)
	fromEnvironment := s.readEnvironment(environ, values)
	fromFlags := s.readFlags(flags, values)
	if err := errors.Join(slices.Concat(fromFlags, fromEnvironment, fromFile)...); err != nil {
		return Values{}, err
	}
	return values, nil
}

func (s *Set) readFlags(flags *pflag.FlagSet, into Values) (mistakes []error) {
	if flags == nil {
		return nil
	}
	for _, o := range s.options {
		if f := flags.Lookup(o.Flag()); f != nil && f.Changed {
			mistakes = append(mistakes, into.take(o, f.Value.String(), "--"+o.Flag())...)
		}
	}
	return mistakes
}

// kubernetes matches the variables that Kubernetes sets in every pod beside a service
// named like the prefix: nobody's mistake. Their format is that of Docker links.
var kubernetes = regexp.MustCompile(`^(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

func (s *Set) readEnvironment(environ []string, into Values) (mistakes []error) {
	known := map[string]Option{}
	var names []string
	for _, o := range s.options {
		known[o.Variable(s.prefix)] = o
		names = append(names, o.Variable(""))
	}
	for _, name := range s.foreign { // known, and mistyped like the others
		names = append(names, strings.TrimPrefix(name, s.prefix))
	}
	seen := map[string]bool{}
	sorted := slices.Clone(environ)
	slices.SortStableFunc(sorted, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "=")
		nameB, _, _ := strings.Cut(b, "=")
		return strings.Compare(nameA, nameB)
	})
	for _, entry := range sorted {
		name, text, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, s.prefix) || text == "" || seen[name] || slices.Contains(s.foreign, name) {
			continue
		}
		seen[name] = true // of two with the same name the first counts, as for os.Getenv
		o, ok := known[name]
		switch {
		case ok:
			mistakes = append(mistakes, into.take(o, text, name)...)
		case !kubernetes.MatchString(strings.TrimPrefix(name, s.prefix)):
			word := strings.TrimPrefix(name, s.prefix) // which would make all of them look alike
			mistakes = append(mistakes, &Error{Where: name, Text: "there is no such setting" + meant(word, names, s.prefix)})
		}
	}
	return mistakes
}

// meant ends a complaint about a name that does not exist: with the name that was
// probably meant, or with all that there are. Both are shown behind prefix.
func meant(word string, names []string, prefix string) string {
	switch name := nearest.Name(word, names); {
	case name != "":
		return fmt.Sprintf("; did you mean %q?", prefix+name)
	case len(names) == 0:
		return ""
	default:
		return "; there are " + prefix + strings.Join(names, ", "+prefix)
	}
}

func (s *Set) option(name string) Option {
	o, ok := s.byName[name]
	if !ok {
		panic(fmt.Sprintf("config: no option %q", name))
	}
	return o
}

// Error is a mistake in what the user wrote.
type Error struct {
	Where string // --flag, VARIABLE, or file:line:column
	Text  string
}

func (e *Error) Error() string { return e.Where + ": " + e.Text }
