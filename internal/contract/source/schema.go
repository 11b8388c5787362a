package source

import (
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Schema compiles one schema.
func Schema(ref *openapi3.SchemaRef) (*contract.Schema, error) {
	c := compiler{done: map[*openapi3.Schema]*contract.Schema{}}
	s, err := c.compile(ref)
	s.Index()
	return s, err
}

// compiler turns kin's schemas into ours, each once.
type compiler struct {
	done map[*openapi3.Schema]*contract.Schema
}

func (c *compiler) compile(ref *openapi3.SchemaRef) (*contract.Schema, error) {
	if ref == nil || ref.Value == nil {
		return nil, nil
	}
	k := ref.Value
	if s, ok := c.done[k]; ok {
		return s, nil
	}
	s := &contract.Schema{Nullable: k.Nullable, Format: k.Format, Default: k.Default}
	c.done[k] = s
	if k.Type != nil {
		if len(*k.Type) != 1 {
			return nil, fmt.Errorf("type wants one value, has %v", *k.Type)
		}
		s.Type = (*k.Type)[0]
	}
	if k.Not != nil || k.UniqueItems || k.MultipleOf != nil || k.Discriminator != nil || k.MinProps != 0 || k.MaxProps != nil {
		return nil, fmt.Errorf("not, uniqueItems, multipleOf, discriminator and min/maxProperties are not in the subset")
	}
	if err := c.scalars(s, k); err != nil {
		return nil, err
	}
	if err := c.object(s, k); err != nil {
		return nil, err
	}
	var err error
	if s.Items, err = c.compile(k.Items); err != nil {
		return nil, err
	}
	for _, set := range []struct {
		from openapi3.SchemaRefs
		to   *[]*contract.Schema
	}{{k.OneOf, &s.OneOf}, {k.AnyOf, &s.AnyOf}, {k.AllOf, &s.AllOf}} {
		for _, r := range set.from {
			sub, err := c.compile(r)
			if err != nil {
				return nil, err
			}
			*set.to = append(*set.to, sub)
		}
	}
	return s, nil
}

func (c *compiler) scalars(s *contract.Schema, k *openapi3.Schema) error {
	for _, e := range k.Enum {
		text, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("enum: %w", err)
		}
		s.Enum = append(s.Enum, string(text))
	}
	if k.Pattern != "" {
		re, err := contract.NewPattern(k.Pattern)
		if err != nil {
			return fmt.Errorf("pattern: %w", err)
		}
		s.Pattern = re
	}
	s.Min, s.Max = k.Min, k.Max
	s.ExclMin, s.ExclMax = k.ExclusiveMin.IsTrue(), k.ExclusiveMax.IsTrue()
	s.MinLength, s.MinItems = int(k.MinLength), int(k.MinItems) //nolint:gosec // a document's own small numbers
	if k.MaxLength != nil {
		n := int(*k.MaxLength) //nolint:gosec // as above
		s.MaxLength = &n
	}
	if k.MaxItems != nil {
		n := int(*k.MaxItems) //nolint:gosec // as above
		s.MaxItems = &n
	}
	return nil
}

func (c *compiler) object(s *contract.Schema, k *openapi3.Schema) error {
	s.Required = k.Required
	for _, name := range sortedKeys(k.Properties) {
		sub, err := c.compile(k.Properties[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.Props = append(s.Props, contract.Prop{Name: name, Schema: sub})
	}
	if a := k.AdditionalProperties; a.Has != nil && !*a.Has {
		s.Closed = true
	} else if a.Schema != nil {
		sub, err := c.compile(a.Schema)
		if err != nil {
			return err
		}
		s.Additional = sub
	}
	return nil
}
