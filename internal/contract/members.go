package contract

func (c *scanner) object(s *Schema) {
	c.pos++ // {
	var seen [4]uint64
	var extra map[string]bool
	c.path = append(c.path, step{index: -1})
	depth := len(c.path) - 1
	for first := true; ; first = false {
		c.space()
		if c.peek() == '}' && first {
			c.pos++
			break
		}
		if c.peek() != '"' {
			c.fail("an object key is missing")
			break
		}
		name, ok := c.str()
		if !ok {
			break
		}
		key := name.decoded()
		c.path[depth].key = key
		c.space()
		if c.peek() != ':' {
			c.fail("no colon after an object key")
			break
		}
		c.pos++
		c.space()
		var sub *Schema
		sub, extra = c.property(s, key, &seen, extra)
		c.value(sub)
		if !c.another('}', "brace") {
			break
		}
	}
	c.path = c.path[:depth]
	if c.broken || s == nil {
		return
	}
	for i := range s.Props {
		if s.required[i] && (i >= 256 || seen[i/64]&(1<<(i%64)) == 0) && !extra[s.Props[i].Name] {
			c.lacks(s.Props[i].Name)
		}
	}
	for _, name := range s.undefined {
		if !extra[name] {
			c.lacks(name)
		}
	}
}

// another reads what stands behind a member or an item: a comma, which promises another
// one, or what closes them all.
func (c *scanner) another(closing byte, name string) bool {
	if c.broken {
		return false
	}
	c.space()
	switch c.peek() {
	case ',':
		c.pos++
		return true
	case closing:
		c.pos++
	default:
		c.fail("neither comma nor closing " + name)
	}
	return false
}

// property finds the schema of a key, and reports a key that is undeclared or repeated.
func (c *scanner) property(s *Schema, key []byte, seen *[4]uint64, extra map[string]bool) (*Schema, map[string]bool) {
	i := -1
	if s != nil {
		i = s.prop(key)
	}
	if i >= 0 && i < 256 {
		if seen[i/64]&(1<<(i%64)) != 0 {
			c.find(Undeclared, "is given twice")
		}
		seen[i/64] |= 1 << (i % 64)
		return s.Props[i].Schema, extra
	}
	if s == nil {
		return nil, nil
	}
	if extra[string(key)] {
		c.find(Undeclared, "is given twice")
	}
	if extra == nil {
		extra = make(map[string]bool)
	}
	extra[string(key)] = true
	switch {
	case i >= 0:
		return s.Props[i].Schema, extra
	case s.Closed:
		c.find(Undeclared, "is not declared")
		return nil, extra
	default:
		return s.Additional, extra
	}
}

func (c *scanner) array(s *Schema) {
	c.pos++ // [
	n := 0
	var items *Schema
	if s != nil {
		items = s.Items
	}
	c.path = append(c.path, step{})
	depth := len(c.path) - 1
	for {
		c.space()
		if c.peek() == ']' && n == 0 {
			c.pos++
			break
		}
		c.path[depth].index = n
		c.value(items)
		n++
		if !c.another(']', "bracket") {
			break
		}
	}
	c.path = c.path[:depth]
	if c.broken || s == nil {
		return
	}
	if n < s.MinItems {
		c.find(OfValue, "has %d items, wants at least %d", n, s.MinItems)
	}
	if s.MaxItems != nil && n > *s.MaxItems {
		c.find(OfValue, "has %d items, wants at most %d", n, *s.MaxItems)
	}
}
