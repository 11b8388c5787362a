package contract

import "github.com/getkin/kin-openapi/openapi3"

// CompileForTest compiles one schema.
func CompileForTest(ref *openapi3.SchemaRef) (*Schema, error) {
	c := compiler{done: map[*openapi3.Schema]*Schema{}}
	s, err := c.compile(ref)
	s.index()
	return s, err
}
