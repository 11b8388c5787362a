package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// File is a file of settings: YAML with a key for each setting, those of a section
// below the section's name.
//
//	listen: 127.0.0.1:7311
//	qqtube:
//	  error-key: message
type File struct {
	Name string // for errors
	Data []byte
}

// maxFile bounds a file of settings, in bytes. Parsing is far from linear in what is
// nested, and a few dozen settings never come near it.
const maxFile = 64 << 10

// fileReader reads one file.
type fileReader struct {
	set      *Set
	name     string
	into     Values
	mistakes []error
}

func (s *Set) readFile(file File, into Values) []error {
	r := &fileReader{set: s, name: file.Name, into: into}
	r.read(file.Data)
	return r.mistakes
}

func (r *fileReader) complain(where, format string, values ...any) {
	r.mistakes = append(r.mistakes, &Error{Where: where, Text: fmt.Sprintf(format, values...)})
}

// at returns a place in the file. Tokens of what is absent have none.
func (r *fileReader) at(t *token.Token) string {
	if t == nil || t.Position == nil {
		return r.name
	}
	return fmt.Sprintf("%s:%d:%d", r.name, t.Position.Line, t.Position.Column)
}

func (r *fileReader) read(data []byte) {
	if len(data) > maxFile {
		r.complain(r.name, "%d bytes are more than a file of settings may have, %d", len(data), maxFile)
		return
	}
	if !utf8.Valid(data) {
		r.complain(r.name, "this is not UTF-8 text")
		return
	}
	tokens := lexer.Tokenize(string(bytes.TrimPrefix(data, []byte("\ufeff"))))
	if !r.plain(tokens) {
		return
	}
	file, err := parser.Parse(tokens, 0)
	var located yaml.Error
	switch {
	case errors.As(err, &located):
		r.complain(r.at(located.GetToken()), "%s", located.GetMessage())
		return
	case err != nil:
		r.complain(r.name, "%s", err)
		return
	}
	documents := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	for i, document := range documents {
		if i > 0 {
			r.complain(r.at(document.Body.GetToken()), "a second document; settings stand in one")
			return
		}
		r.mapping("", document.Body)
	}
}

// plain refuses what no file of settings needs, before it is parsed: aliases can make a
// small file huge, and the parser takes minutes for thousands of brackets.
func (r *fileReader) plain(tokens token.Tokens) bool {
	depth := 0
	for _, t := range tokens {
		what := ""
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			what = "anchors, aliases and merged keys are not read here"
		case token.TagType, token.DirectiveType:
			what = "tags and directives are not read here"
		case token.SequenceStartType, token.SequenceEntryType:
			what = "a list; every setting has one value"
		case token.LiteralType, token.FoldedType:
			what = "a block of text; every setting stands on one line"
		case token.MappingKeyType:
			what = "a key is a name and a colon"
		case token.MappingStartType:
			if depth++; depth > 2 {
				what = "settings are nested in sections at most"
			}
		case token.MappingEndType:
			depth--
		}
		if what != "" {
			r.complain(r.at(t), "%s", what)
			return false
		}
	}
	return true
}

// mapping reads the settings of a section, "" for those outside.
func (r *fileReader) mapping(section string, node ast.Node) {
	var entries []*ast.MappingValueNode
	switch m := node.(type) {
	case *ast.MappingNode:
		entries = m.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{m}
	case *ast.NullNode:
		return // a section whose settings are all commented out
	default:
		if section == "" {
			r.complain(r.at(node.GetToken()), "settings are written as name: value")
		} else {
			r.complain(r.at(node.GetToken()), "%q is a section; its settings are %s", section, strings.Join(r.set.keys(section), ", "))
		}
		return
	}
	for _, entry := range entries {
		r.entry(section, entry)
	}
}

func (r *fileReader) entry(section string, entry *ast.MappingValueNode) {
	key := entry.Key.GetToken()
	name := key.Value
	if section != "" {
		name = section + "." + name
	}
	o, known := r.set.byName[name]
	switch {
	case known && (section != "" || !strings.Contains(name, ".")):
		r.value(o, key, entry.Value)
	case section == "" && len(r.set.keys(name)) > 0:
		r.mapping(name, entry.Value)
	default:
		r.unknown(section, key)
	}
}

func (r *fileReader) value(o Option, key *token.Token, node ast.Node) {
	switch v := node.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		t := v.GetToken()
		r.mistakes = append(r.mistakes, r.into.take(o, t.Value, r.at(t))...)
	case *ast.NullNode:
		r.complain(r.at(key), `%q has no value; write "" for an empty one`, key.Value)
	default:
		r.complain(r.at(key), "%q has one value, not settings below it", key.Value)
	}
}

// unknown complains of a key that does not exist. It may be mistyped, or right in
// another place or notation.
func (r *fileReader) unknown(section string, key *token.Token) {
	for _, o := range r.set.options {
		if in, name := o.section(); in != section && slices.Contains([]string{name, o.Name, o.Flag()}, key.Value) {
			place := fmt.Sprintf("in the section %q", in)
			if in == "" {
				place = "outside of sections"
			}
			r.complain(r.at(key), "there is no setting %q here; %q stands %s", key.Value, name, place)
			return
		}
	}
	var names []string
	if section == "" {
		for _, o := range r.set.options {
			if in, name := o.section(); in == "" {
				names = append(names, name)
			} else if !slices.Contains(names, in) {
				names = append(names, in)
			}
		}
	} else {
		names = r.set.keys(section)
	}
	r.complain(r.at(key), "there is no setting %.100q here%s", key.Value, meant(key.Value, names, ""))
}

// keys returns the names of a section's settings, none when there is no such section.
func (s *Set) keys(section string) (names []string) {
	for _, o := range s.options {
		if in, name := o.section(); section != "" && in == section {
			names = append(names, name)
		}
	}
	return names
}
