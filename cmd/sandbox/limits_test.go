package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// Every bound on the page is held by tests that exist, a setting has its default, an
// outcome is one of the API's, and no setting that is a bound is missing.
func TestLimitsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/limits.md")
	require.NoError(t, err)
	l := newLimits(t)
	for _, mistake := range l.read(string(page)) {
		t.Error(mistake)
	}
	assert.Greater(t, l.rows, 50)
}

// limits is what there is for the page to name.
type limits struct {
	t        *testing.T
	defaults map[string]string   // of settings
	outcomes map[string][]string // by API, in lower case
	tests    map[string][]string // by package, of those that were asked for

	rows     int
	settings []string // that the tables name
	line     int      // 0 stands for the whole page
	mistakes []string
}

func newLimits(t *testing.T) *limits {
	t.Helper()
	l := &limits{t: t, defaults: map[string]string{}, outcomes: map[string][]string{}, tests: map[string][]string{}}
	set, err := settings()
	require.NoError(t, err)
	values, err := set.Read(nil, nil, config.File{})
	require.NoError(t, err)
	for _, o := range set.Options() {
		l.defaults[o.Name] = values.Text(o.Name)
	}
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	for api, doc := range docs {
		for name := range doc.Common {
			l.outcomes[api] = append(l.outcomes[api], name)
		}
		for _, op := range doc.Operations {
			for _, o := range op.Outcomes {
				l.outcomes[api] = append(l.outcomes[api], o.Name)
			}
		}
	}
	return l
}

// read returns what is wrong with a page, each mistake behind its place.
func (l *limits) read(page string) []string {
	var columns []string // of the table that the line is part of
	var prose strings.Builder
	for line := range strings.Lines(page) {
		l.line++
		cells := cellsOf(line)
		switch {
		case cells == nil:
			columns = nil
			prose.WriteString(line)
			continue
		case columns == nil:
			columns = cells
			l.head(columns)
		case !strings.HasPrefix(cells[0], "---"):
			l.row(columns, cells)
		}
		prose.WriteString("\n")
	}
	l.prose(prose.String())
	l.line = 0
	for _, name := range slices.Sorted(maps.Keys(l.defaults)) {
		if (strings.HasPrefix(name, "max-") || strings.HasPrefix(name, "journal-")) && !slices.Contains(l.settings, name) {
			l.wrong("no table has the setting %s", name)
		}
	}
	return l.mistakes
}

func (l *limits) wrong(format string, args ...any) {
	place := "docs/limits.md"
	if l.line > 0 {
		place += ":" + strconv.Itoa(l.line)
	}
	l.mistakes = append(l.mistakes, place+": "+fmt.Sprintf(format, args...))
}

// cellsOf returns the cells of a line of a table, nil for another line.
func cellsOf(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") {
		return nil
	}
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

func (l *limits) head(columns []string) {
	for _, name := range []string{"what", "at most", "beyond that", "held by"} {
		if !slices.Contains(columns, name) {
			l.wrong("the table has no column %q", name)
		}
	}
}

func (l *limits) row(columns, cells []string) {
	l.rows++
	if len(cells) != len(columns) {
		l.wrong("the row has %d cells, its table %d columns", len(cells), len(columns))
		return
	}
	api := ""
	for i, text := range cells {
		switch columns[i] {
		case "API":
			api = text
		case "at most":
			l.bounds(text)
		case "beyond that":
			l.beyond(api, text)
		case "held by":
			l.held(text)
		}
	}
}

// bounds holds `settings` to the table of settings. The default stands behind the name.
func (l *limits) bounds(text string) {
	for _, m := range regexp.MustCompile("`([^`]*)`(?: ([^ ,;]+))?").FindAllStringSubmatch(text, -1) {
		want, known := l.defaults[m[1]]
		switch {
		case !known:
			l.wrong("there is no setting %q", m[1])
		case m[2] != want:
			l.wrong("the default of %s is %s, not %q", m[1], want, m[2])
		}
		l.settings = append(l.settings, m[1])
	}
}

// beyond holds `outcomes` to the API's contract.
func (l *limits) beyond(api, text string) {
	for _, m := range regexp.MustCompile("`([^`]*)`").FindAllStringSubmatch(text, -1) {
		if !slices.Contains(l.outcomes[strings.ToLower(api)], m[1]) {
			l.wrong("the API %q has no outcome %q", api, m[1])
		}
	}
}

// prose looks for tests in parentheses, which may begin on one line and end on another.
func (l *limits) prose(text string) {
	test, group := regexp.MustCompile(`\bTest[A-Z]\w*`), regexp.MustCompile(`\([^()]*\)`)
	end := 0
	for _, at := range append(group.FindAllStringIndex(text, -1), []int{len(text), len(text)}) {
		for _, stray := range test.FindAllStringIndex(text[end:at[0]], -1) {
			l.line = 1 + strings.Count(text[:end+stray[0]], "\n")
			l.wrong("%s stands neither in a table nor in parentheses", text[end+stray[0]:end+stray[1]])
		}
		l.line = 1 + strings.Count(text[:at[0]], "\n")
		if test.MatchString(text[at[0]:at[1]]) {
			l.held(strings.Trim(text[at[0]:at[1]], "()"))
		}
		end = at[1]
	}
}

// held holds "package TestOne, TestTwo, other/package TestThree" to the files of tests.
func (l *limits) held(text string) {
	pkg := ""
	for entry := range strings.SplitSeq(text, ",") {
		words := strings.Fields(entry)
		if len(words) == 2 {
			pkg, words = words[0], words[1:]
		}
		switch {
		case len(words) != 1 || pkg == "":
			l.wrong("%q is no test behind its package, as in internal/server TestStreams", strings.TrimSpace(entry))
		case !slices.Contains(l.testsOf(pkg), words[0]):
			l.wrong("%s has no %s", pkg, words[0])
		}
	}
}

// testsOf lists the tests of a package; none when there is no such package.
func (l *limits) testsOf(pkg string) []string {
	names, known := l.tests[pkg]
	if known {
		return names
	}
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pkg), "*_test.go"))
	require.NoError(l.t, err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(l.t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" {
				names = append(names, f.Name.Name)
			}
		}
	}
	l.tests[pkg] = names
	return names
}

// What the page could get wrong is told with its line.
func TestLimitsPageMistakes(t *testing.T) {
	const head = "# A page\n\n| what | at most | beyond that | held by |\n| --- | --- | --- | --- |\n"
	const apis = "| API | what | at most | beyond that | held by |\n| --- | --- | --- | --- | --- |\n"
	const held = "cmd/sandbox TestLimitsPage"
	for name, row := range map[string]struct{ page, want string }{
		"another default":     {head + "| bodies | `max-body` 2MiB | 413 | " + held + " |", `:5: the default of max-body is 1MiB, not "2MiB"`},
		"no default":          {head + "| bodies | `max-body` | 413 | " + held + " |", `:5: the default of max-body is 1MiB, not ""`},
		"another setting":     {head + "| bodies | `max-size` 1MiB | 413 | " + held + " |", `:5: there is no setting "max-size"`},
		"setting is missing":  {head + "| bodies | `max-body` 1MiB | 413 | " + held + " |", ": no table has the setting journal-total"},
		"another outcome":     {apis + "| QQTube | orders | 5 | `orders-full` | " + held + " |", `:3: the API "QQTube" has no outcome "orders-full"`},
		"another's outcome":   {apis + "| QQTube | orders | 5 | 409; `votes-full` | " + held + " |", `:3: the API "QQTube" has no outcome "votes-full"`},
		"outcome of nothing":  {head + "| votes | 5 | `votes-full` | " + held + " |", `:5: the API "" has no outcome "votes-full"`},
		"another test":        {head + "| bodies | 5 | 413 | " + held + ", TestLimitsPages |", ":5: cmd/sandbox has no TestLimitsPages"},
		"another package":     {head + "| bodies | 5 | 413 | " + held + ", internal/server TestLimitsPage |", ":5: internal/server has no TestLimitsPage"},
		"no such package":     {head + "| bodies | 5 | 413 | internal/serve TestStreams |", ":5: internal/serve has no TestStreams"},
		"a fuzz test":         {head + "| bodies | 5 | 413 | internal/callbacks FuzzAllow |", ":5: internal/callbacks has no FuzzAllow"},
		"no test":             {head + "| bodies | 5 | 413 | |", `:5: "" is no test behind its package`},
		"a package alone":     {head + "| bodies | 5 | 413 | internal/server |", `:5: "internal/server" is no test behind its package`},
		"a test alone":        {head + "| bodies | 5 | 413 | TestStreams |", `:5: "TestStreams" is no test behind its package`},
		"no comma":            {head + "| bodies | 5 | 413 | internal/server TestStreams TestTimeouts |", `:5: "internal/server TestStreams TestTimeouts" is no test behind its package`},
		"a cell is missing":   {head + "| bodies | 5 | 413 |", ":5: the row has 3 cells, its table 4 columns"},
		"a column is missing": {"| what | at most | held by |\n| --- | --- | --- |\n", `:1: the table has no column "beyond that"`},
		"prose":               {head + "\nBodies are bounded\n(internal/server TestStreams,\nTestNone).", ":7: internal/server has no TestNone"},
		"prose, bare":         {"(see\nbelow) and\nTestStreams (" + held + ")", ":3: TestStreams stands neither in a table nor in parentheses"},
		"prose, at the end":   {"\n" + held, ":2: TestLimitsPage stands neither in a table nor in parentheses"},
	} {
		t.Run(name, func(t *testing.T) {
			mistakes := newLimits(t).read(row.page)
			there := func(m string) bool { return strings.HasPrefix(m, "docs/limits.md"+row.want) }
			assert.True(t, slices.ContainsFunc(mistakes, there), "%q is not among %q", row.want, mistakes)
		})
	}
}
