package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mediasandbox/sandbox/scenarios"
	"github.com/mediasandbox/sandbox/verifier"
)

// scenarioSource is where scenarios come from: the program itself, or files and folders.
type scenarioSource struct {
	parts []sourcePart
	lines map[string][]string // of files that were shown
}

// sourcePart is a file system and the files wanted of it, all when there are no names.
type sourcePart struct {
	verifier.Source
	names []string
}

// builtIn stands before the names of the scenarios that are part of the program, which are
// those of this project's folder.
const builtIn = "scenarios/"

func newScenarioSource(args []string) (*scenarioSource, error) {
	s := &scenarioSource{lines: map[string][]string{}}
	if len(args) == 0 {
		s.parts = []sourcePart{{Source: verifier.Source{FS: scenarios.Files, Prefix: builtIn}}}
		return s, nil
	}
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case err != nil:
			return nil, misused("there is no scenario file or folder %q", arg)
		case info.IsDir():
			s.parts = append(s.parts, sourcePart{Source: verifier.Source{FS: os.DirFS(arg), Prefix: prefixOf(arg)}})
		default:
			dir, name := filepath.Split(arg)
			if dir == "" {
				dir = "."
			}
			s.parts = append(s.parts, sourcePart{verifier.Source{FS: os.DirFS(dir), Prefix: prefixOf(dir)}, []string{name}})
		}
	}
	return s, nil
}

// prefixOf is how names below a folder begin in reports.
func prefixOf(dir string) string {
	dir = filepath.ToSlash(filepath.Clean(dir))
	switch {
	case dir == ".":
		return ""
	case strings.HasSuffix(dir, "/"):
		return dir
	}
	return dir + "/"
}

// load reads all parts. Mistakes of all of them are told together.
func (s *scenarioSource) load() ([]*verifier.Scenario, error) {
	var out []*verifier.Scenario
	var mistakes verifier.Mistakes
	names := map[string]*verifier.Scenario{}
	for _, part := range s.parts {
		list, err := part.Load(part.names...)
		if wrong, ok := err.(verifier.Mistakes); ok { //nolint:errorlint // Load returns them as they are
			mistakes = append(mistakes, wrong...)
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, sc := range list {
			first := names[sc.Name]
			switch {
			case first == nil:
				names[sc.Name] = sc
				out = append(out, sc)
			case first.File != sc.File || first.Line != sc.Line: // not the same file given twice
				mistakes = append(mistakes, verifier.Mistake{
					File: sc.File, Line: sc.Line, Column: 1, What: fmt.Sprintf("a scenario of this name is in %s too: %q", first.File, sc.Name),
				})
			}
		}
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return out, nil
}

// line returns a line of a scenario file, for reports.
func (s *scenarioSource) line(file string, n int) (string, bool) {
	lines, read := s.lines[file]
	if !read {
		for _, part := range s.parts {
			name, below := strings.CutPrefix(file, part.Prefix)
			if !below {
				continue
			}
			if data, err := fs.ReadFile(part.FS, name); err == nil {
				lines = strings.Split(string(data), "\n")
				break
			}
		}
		s.lines[file] = lines
	}
	if n < 1 || n > len(lines) {
		return "", false
	}
	return strings.TrimRight(lines[n-1], "\r"), true
}
