package contract

import (
	"strings"
)

// combined reads the same text once for each alternative, then for the schema's own rules.
func (c *scanner) combined(s *Schema) {
	start, end := c.pos, -1
	if s.Nullable && c.isNull() {
		c.pos += 4
		return
	}
	for _, sub := range s.AllOf {
		t := scanner{data: c.data, pos: start, path: c.path, quick: c.quick}
		t.value(sub)
		end = t.pos
		c.adopt(&t)
	}
	if len(s.OneOf) > 0 {
		end = c.alternatives(s.OneOf, true)
	}
	if len(s.AnyOf) > 0 {
		end = c.alternatives(s.AnyOf, false)
	}
	if end >= 0 && !c.broken && s.onlyCombines() {
		c.pos = end
		return
	}
	c.plain(s)
}

func (c *scanner) isNull() bool {
	return len(c.data)-c.pos >= 4 && string(c.data[c.pos:c.pos+4]) == "null"
}

// adopt takes over what another reading of the same text found.
func (c *scanner) adopt(t *scanner) {
	c.findings = append(c.findings, t.findings...)
	c.broken, c.missed = c.broken || t.broken, c.missed || t.missed
}

// onlyCombines reports whether the schema says nothing beside its alternatives.
func (s *Schema) onlyCombines() bool {
	return s.Type == "" && len(s.Props) == 0 && len(s.Required) == 0 && len(s.Enum) == 0 && !s.Closed && s.Additional == nil && s.Items == nil && s.Pattern == nil
}

// alternatives wants exactly one (oneOf) or at least one (anyOf) match, and returns
// where the match ends, or -1. The findings of the closest alternative are reported,
// the others would only be noise.
func (c *scanner) alternatives(subs []*Schema, exactlyOne bool) (end int) {
	hits, end := 0, -1
	for _, sub := range subs {
		if after, ok := c.fits(sub); ok {
			hits, end = hits+1, after
		}
	}
	switch {
	case hits > 1 && exactlyOne:
		c.find(OfValue, "matches %d of the alternatives, wants exactly one", hits)
	case hits == 0 && c.quick:
		c.found(Finding{})
	case hits == 0:
		c.adopt(c.closest(subs))
	}
	return end
}

// fits reports whether the text at the current position is inside the schema, and where it
// ends. Nothing moves.
func (c *scanner) fits(s *Schema) (end int, ok bool) {
	pos, quick, missed := c.pos, c.quick, c.missed
	c.quick, c.missed = true, false
	c.value(s)
	end, ok = c.pos, !c.missed
	c.pos, c.quick, c.missed, c.broken = pos, quick, missed, false
	return end, ok
}

func (c *scanner) closest(subs []*Schema) *scanner {
	var best *scanner
	for _, sub := range subs {
		t := &scanner{data: c.data, pos: c.pos, path: c.path}
		t.value(sub)
		if best == nil || nearer(t.findings, best.findings) {
			best = t
		}
	}
	return best
}

// nearer prefers fewer findings, then deeper ones: a text that fits an alternative but for
// something inside it is meant to be that one.
func nearer(a, b []Finding) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	depth := func(list []Finding) int {
		least := maxDepth
		for _, f := range list {
			least = min(least, strings.Count(f.Pointer, "/"))
		}
		return least
	}
	return depth(a) > depth(b)
}
