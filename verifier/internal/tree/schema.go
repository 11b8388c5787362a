package tree

// Schema writes the shape as a JSON Schema (draft 7, which editors know best).
func (s *Shape) Schema(id, title string) map[string]any {
	w := schemaWriter{defs: map[string]any{}}
	out := w.body(s)
	out["$schema"] = "http://json-schema.org/draft-07/schema#"
	out["$id"] = id
	out["title"] = title
	out["definitions"] = w.defs
	return out
}

type schemaWriter struct{ defs map[string]any }

// shape writes a shape where it is used: by reference when it has a name.
func (w *schemaWriter) shape(s *Shape, doc string) map[string]any {
	if s == nil {
		return map[string]any{}
	}
	if s.Name == "" {
		out := w.body(s)
		if doc != "" {
			out["description"] = doc
		}
		return out
	}
	if _, done := w.defs[s.Name]; !done {
		w.defs[s.Name] = nil // it may hold itself
		w.defs[s.Name] = w.body(s)
	}
	ref := map[string]any{"$ref": "#/definitions/" + s.Name}
	if doc == "" {
		return ref
	}
	return map[string]any{"description": doc, "allOf": []any{ref}} // draft 7 overlooks what stands beside a $ref
}

func (w *schemaWriter) body(s *Shape) map[string]any {
	out := map[string]any{}
	if s.Doc != "" {
		out["description"] = s.Doc
	}
	if len(s.Choices) > 0 {
		var choices []any
		for _, c := range s.Choices {
			choices = append(choices, w.shape(c, ""))
		}
		out["anyOf"] = choices
		return out
	}
	types := s.types()
	if len(types) == 1 {
		out["type"] = types[0]
	} else {
		out["type"] = types
	}
	if len(s.Enum) > 0 {
		out["enum"] = s.Enum
	}
	if s.Pattern != nil {
		out["pattern"] = s.Pattern.String()
	}
	if s.Items != nil {
		out["items"] = w.shape(s.Items, "")
	}
	switch {
	case s.Fields != nil:
		props := map[string]any{}
		var required []string
		for _, f := range s.Fields {
			props[f.Name] = w.shape(f.Shape, f.Doc)
			if f.Required {
				required = append(required, f.Name)
			}
		}
		out["properties"] = props
		out["additionalProperties"] = false
		if required != nil {
			out["required"] = required
		}
		if len(s.OneOf) > 0 {
			var keys []any
			for _, name := range s.OneOf {
				keys = append(keys, map[string]any{"required": []string{name}})
			}
			out["anyOf"] = keys
		}
	case s.Values != nil:
		out["additionalProperties"] = w.shape(s.Values, "")
	}
	return out
}

func (s *Shape) types() []string {
	var out []string
	for _, t := range [...]struct {
		kind Kind
		name string
	}{{Null, "null"}, {Bool, "boolean"}, {Int, "integer"}, {Float, "number"}, {Text, "string"}, {List, "array"}, {Map, "object"}} {
		if s.Kinds&t.kind != 0 {
			out = append(out, t.name)
		}
	}
	return out
}
