package contract

import "slices"

// collection is a refusal that has one list of parts, such as messages: a vendor that
// collects its refusals joins these lists.
type collection struct {
	outcome *Outcome
	list    string // the member that has the parts
	parts   []any
	rest    map[string]any
}

func collectionOf(o *Outcome) (c collection, ok bool) {
	if o.Success || o.Text() {
		return c, false
	}
	v, valid := parse([]byte(o.Example))
	obj, isObject := v.(map[string]any)
	if !valid || !isObject {
		return c, false
	}
	c = collection{outcome: o, rest: map[string]any{}}
	for key, member := range obj {
		if parts, isList := member.([]any); isList {
			if c.parts != nil {
				return c, false
			}
			c.list, c.parts = key, parts
		} else {
			c.rest[key] = member
		}
	}
	return c, len(c.parts) > 0
}

// collected finds several refusals in one reply: each part of its list belongs to one.
// An outcome whose parts are all among another's is not said as well: the page's
// "service missing" has two messages, one of which alone is "service unknown".
func (r *reading) collected(candidates []*Outcome) []*Outcome {
	body, ok := r.value.(map[string]any)
	if !ok {
		return nil
	}
	var in []collection
	for _, o := range candidates {
		c, ok := collectionOf(o)
		if !ok || o.Status != r.status {
			continue
		}
		parts, ok := body[c.list].([]any)
		if ok && len(c.rest)+1 == len(body) && sameJSON(c.rest, restOf(body, c.list)) && within(c.parts, parts) {
			in = append(in, c)
		}
	}
	if len(in) == 0 {
		return nil
	}
	in = slices.DeleteFunc(slices.Clone(in), func(c collection) bool {
		return slices.ContainsFunc(in, func(o collection) bool { return len(o.parts) > len(c.parts) && within(c.parts, o.parts) })
	})
	all, _ := body[in[0].list].([]any)
	for _, part := range all {
		if !slices.ContainsFunc(in, func(c collection) bool { return within([]any{part}, c.parts) }) {
			return nil
		}
	}
	slices.SortStableFunc(in, func(a, b collection) int { return position(all, a.parts[0]) - position(all, b.parts[0]) })
	out := make([]*Outcome, len(in))
	for i, c := range in {
		out[i] = c.outcome
	}
	return out
}

func restOf(body map[string]any, list string) map[string]any {
	out := make(map[string]any, len(body))
	for k, v := range body {
		if k != list {
			out[k] = v
		}
	}
	return out
}

func within(parts, all []any) bool {
	for _, p := range parts {
		if position(all, p) == len(all) {
			return false
		}
	}
	return true
}

func position(all []any, part any) int {
	for i, p := range all {
		if sameJSON(p, part) {
			return i
		}
	}
	return len(all)
}
