package verifier

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// Mistake is one thing that is wrong in a scenario, target or baseline file, with its
// place, the line and what would be right.
type Mistake = tree.Mistake

// Mistakes are all that is wrong with some files: an error whose text names each.
type Mistakes = tree.Mistakes

// Source is where scenarios are read from.
type Source struct {
	// FS holds one folder per API with a file per scenario; a file whose name begins with
	// "_" is none, _shared.yaml has the steps that the scenarios of its folder share.
	FS fs.FS
	// Prefix stands before file names in reports, such as "scenarios/".
	Prefix string
	// Documents are the contracts by API; nil takes those of this project.
	Documents map[string]*contract.Document
}

// sharedFile is where a folder keeps the steps that its scenarios share.
const sharedFile = "_shared.yaml"

// Load reads the named files, or all that there are without names, and holds them to the
// contracts. When anything is wrong it returns no scenario and, as Mistakes, everything
// that is wrong in all files.
func (s Source) Load(names ...string) ([]*Scenario, error) {
	if s.Documents == nil {
		docs, err := openapi.LoadAll()
		if err != nil {
			return nil, err
		}
		s.Documents = docs
	}
	if len(names) == 0 {
		var err error
		if names, err = s.list(); err != nil {
			return nil, err
		}
	}
	l := &loader{source: s, language: newLanguage(), shared: map[string]*shared{}}
	var out []*Scenario
	for _, name := range names {
		sc, err := l.file(name)
		if err != nil {
			return nil, err
		}
		if sc != nil {
			out = append(out, sc)
		}
	}
	l.unique(out)
	for _, key := range slices.Sorted(maps.Keys(l.shared)) {
		if f := l.shared[key].file; f != nil {
			l.mistakes = append(l.mistakes, f.Mistakes()...)
		}
	}
	if len(l.mistakes) > 0 {
		return nil, l.mistakes
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].File < out[j].File })
	return out, nil
}

// list finds every scenario file.
func (s Source) list() ([]string, error) {
	var out []string
	err := fs.WalkDir(s.FS, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_")):
			return fs.SkipDir
		case !d.IsDir() && isYAML(name) && !strings.HasPrefix(d.Name(), "_"):
			out = append(out, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading scenarios: %w", err)
	}
	return out, nil
}

func isYAML(name string) bool {
	return path.Ext(name) == ".yaml" || path.Ext(name) == ".yml"
}

// loader is the state of one Load.
type loader struct {
	source   Source
	language *language
	shared   map[string]*shared // by folder and API
	mistakes Mistakes
}

// read reads a file into a tree; nil when that is not possible, which has been noted.
func (l *loader) read(name string) (*tree.File, *tree.Node, error) {
	data, err := fs.ReadFile(l.source.FS, name)
	if err != nil {
		return nil, nil, fmt.Errorf("reading a scenario: %w", err)
	}
	f := tree.NewFile(l.source.Prefix+name, data)
	return f, tree.Parse(f, data), nil
}

func (l *loader) file(name string) (*Scenario, error) {
	f, root, err := l.read(name)
	if err != nil {
		return nil, err
	}
	defer func() { l.mistakes = append(l.mistakes, f.Mistakes()...) }()
	if root == nil {
		return nil, nil //nolint:nilnil // the mistakes are noted
	}
	if !l.language.scenario.Check(f, root) && !l.readable(f, root, "scenario", "api", "steps") {
		return nil, nil //nolint:nilnil // as above
	}
	sc := &Scenario{
		Name: strings.TrimSpace(root.Get("scenario").Text), API: root.Get("api").Text,
		File: f.Name, Line: root.Get("scenario").Line,
	}
	if n := root.Get("about"); n != nil {
		sc.About = n.Text
	}
	if sc.Name == "" {
		f.At(root.Get("scenario"), "the scenario wants a name that says what it shows")
	}
	sc.doc = l.source.Documents[sc.API]
	if sc.doc == nil {
		f.At(root.Get("api"), "no API is called %q%s", sc.API, tree.Hint(sc.API, l.apis()))
		return nil, nil //nolint:nilnil // as above
	}
	blocks, err := l.blocks(path.Dir(name), sc.API)
	if err != nil {
		return nil, err
	}
	c := &compiler{file: f, doc: sc.doc, language: l.language, blocks: blocks}
	c.scenario(sc, root)
	return sc, nil
}

// readable reports whether the parts of a file with mistakes can be read all the same,
// so that what is wrong in them is told as well.
func (l *loader) readable(f *tree.File, root *tree.Node, parts ...string) bool {
	for _, name := range parts {
		n := root.Get(name)
		if n == nil || n.Kind != tree.List && !l.language.scenario.Part(name).Check(f, n) {
			return false
		}
	}
	return true
}

func (l *loader) apis() []string {
	out := make([]string, 0, len(l.source.Documents))
	for name := range l.source.Documents {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// unique refuses two scenarios of one name: reports and --run tell them apart by it.
func (l *loader) unique(list []*Scenario) {
	seen := map[string]*Scenario{}
	for _, sc := range list {
		if first := seen[sc.Name]; first != nil {
			l.mistakes = append(l.mistakes, Mistake{
				File: sc.File, Line: sc.Line, Column: 1,
				What: fmt.Sprintf("a scenario of this name is in %s too: %q", first.File, sc.Name),
			})
			continue
		}
		seen[sc.Name] = sc
	}
}

// shared are the blocks of a folder.
type shared struct {
	file   *tree.File
	blocks map[string]*block
	names  []string
}

// block is a list of shared steps. They are compiled at each use, with the names that
// are known there.
type block struct {
	node   *tree.Node // nil when it cannot be read, which has been noted
	params []string
	open   bool // being compiled: a use of it is a circle
}

func (l *loader) blocks(dir, api string) (*shared, error) {
	key := dir + "\x00" + api
	if s := l.shared[key]; s != nil {
		return s, nil
	}
	s := &shared{blocks: map[string]*block{}}
	l.shared[key] = s
	name := path.Join(dir, sharedFile)
	if _, err := fs.Stat(l.source.FS, name); err != nil {
		return s, nil //nolint:nilerr // there need not be one
	}
	f, root, err := l.read(name)
	if err != nil {
		return nil, err
	}
	s.file = f
	if root == nil {
		return s, nil
	}
	l.language.shared.Check(f, root)
	for _, e := range root.Entries {
		b := &block{node: e.Value}
		if steps := e.Value.Get("steps"); steps == nil || steps.Kind != tree.List {
			b.node = nil
			s.blocks[e.Key.Text] = b
			continue
		}
		if list := e.Value.Get("params"); list != nil && l.language.block.Part("params").Check(f, list) {
			for _, p := range list.Items {
				if reserved(p.Text) {
					f.At(p, "%q means something already and cannot be a parameter", p.Text)
				}
				b.params = append(b.params, p.Text)
			}
		}
		s.blocks[e.Key.Text] = b
		s.names = append(s.names, e.Key.Text)
	}
	return s, nil
}
