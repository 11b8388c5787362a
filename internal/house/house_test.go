package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/mediasandbox/sandbox/"

// fakesOf are the packages with one fake each.
var fakesOf = []string{"fakes/qqtube", "fakes/polyv", "fakes/cliparto", "fakes/qulive", "fakes/interstream"}

// rule forbids imports in some packages.
type rule struct {
	in     func(pkg string) bool
	never  func(imported string) bool
	reason string
}

func rules() []rule {
	is := func(names ...string) func(string) bool {
		return func(s string) bool { return slices.Contains(names, s) }
	}
	below := func(prefixes ...string) func(string) bool {
		return func(s string) bool {
			for _, p := range prefixes {
				if s == p || strings.HasPrefix(s, p+"/") {
					return true
				}
			}
			return false
		}
	}
	aFake := is(fakesOf...)
	return []rule{
		{aFake, below("net/http", "github.com/labstack/echo", "encoding/xml", module+"internal/server", module+"internal/admin"), "a fake knows rules and state; HTTP is the host's"},
		{aFake, func(s string) bool {
			return slices.Contains(fakesOf, strings.TrimPrefix(s, module))
		}, "no fake knows another"},
		{aFake, below("math/rand", "crypto/rand"), "randomness comes with the call, so that the same calls give the same bytes"},
		{aFake, below(module + "internal/clock"), "time comes with the call"},
		{below("internal/contract"), below(module+"fakes", module+"signature", module+"verifier"), "imports run one way: everything rests on the contract"},
		{below("signature"), below(module+"fakes", module+"verifier"), "a scheme knows requests, not fakes"},
		{is("fakes"), below(append([]string{"github.com/labstack/echo", module + "verifier", module + "internal/admin"}, prefixed(fakesOf)...)...), "the host knows no particular fake and no framework"},
		{below("verifier"), below(append([]string{module + "fakes"}, prefixed(fakesOf)...)...), "the verifier speaks HTTP; it must find a fake as foreign as a vendor"},
		{func(pkg string) bool {
			return pkg == "cmd/sandbox" || below("fakes", "internal/server", "sandboxtest")(pkg)
		}, below("github.com/getkin/kin-openapi", module+"internal/contract/source"), "a running sandbox has its contracts compiled; parsing YAML is for tools and tests"},
	}
}

func prefixed(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, module+n)
	}
	return out
}

// file is a Go file of the project that is no test.
type file struct {
	pkg, name string
	ast       *ast.File
	set       *token.FileSet
}

func files(t *testing.T) []file {
	t.Helper()
	var out []file
	set := token.NewFileSet()
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && rel != "." || d.Name() == "testdata" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		out = append(out, file{path.Dir(rel), rel, parsed, set})
		return err
	}))
	require.Greater(t, len(out), 100)
	return out
}

func TestImportsRunOneWay(t *testing.T) {
	for _, f := range files(t) {
		for _, spec := range f.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			for _, r := range rules() {
				if r.in(f.pkg) && r.never(imported) && imported != "math/rand/v2" {
					t.Errorf("%s imports %s: %s", f.name, imported, r.reason)
				}
			}
		}
	}
}

// TestNothingGlobalMoves: no init functions anywhere, no wall clock in the fakes.
func TestNothingGlobalMoves(t *testing.T) {
	for _, f := range files(t) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == "init" && n.Recv == nil {
					t.Errorf("%s: func init runs whether it is wanted or not; lists are written out", f.set.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				x, ok := n.X.(*ast.Ident)
				if ok && x.Name == "time" && slices.Contains(fakesOf, f.pkg) && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker", "LoadLocation"}, n.Sel.Name) {
					t.Errorf("%s: time.%s: a world sees the clock of its call only", f.set.Position(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	}
}
