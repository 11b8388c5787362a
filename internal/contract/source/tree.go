package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/mediasandbox/sandbox/internal/contract"
)

func (l *load) keys(root any, path ...string) []string {
	node := root
	for _, p := range path {
		node = get(node, p)
	}
	return mapKeys(node)
}

func (l *load) node(path ...string) any {
	var node any = l.tree
	for _, p := range path {
		node = l.resolve(get(node, p))
	}
	return node
}

// resolve follows a local $ref.
func (l *load) resolve(node any) any {
	for range 10 {
		ref, ok := get(node, "$ref").(string)
		if !ok || !strings.HasPrefix(ref, "#/") {
			return node
		}
		var next any = l.tree
		for _, p := range strings.Split(ref[2:], "/") {
			next = get(next, contract.UnescapePointer(p))
		}
		node = next
	}
	return node
}

func get(node any, key string) any {
	m, ok := node.(yaml.MapSlice)
	if !ok {
		return nil
	}
	for _, item := range m {
		if fmt.Sprint(item.Key) == key {
			return item.Value
		}
	}
	return nil
}

func mapKeys(node any) []string {
	m, _ := node.(yaml.MapSlice)
	out := make([]string, 0, len(m))
	for _, item := range m {
		out = append(out, fmt.Sprint(item.Key))
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func str(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

func strs(m map[string]any, key string) []string {
	list, _ := m[key].([]any)
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// textOf is an example as it is typed into a URL.
func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := contract.Encode(v, false)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
