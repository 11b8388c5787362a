package openapi_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract/source"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

func TestCompiledIsCurrent(t *testing.T) {
	for _, name := range openapi.APIs() {
		t.Run(name, func(t *testing.T) {
			text, err := openapi.YAML(name)
			require.NoError(t, err)
			doc, err := source.Load(name, text)
			require.NoError(t, err)
			want, err := doc.Compile()
			require.NoError(t, err)
			compiled, err := openapi.Load(name)
			require.NoError(t, err)
			have, err := compiled.Compile()
			require.NoError(t, err)
			assert.True(t, bytes.Equal(want, have), "compiled/%s.json.gz is out of date: run go generate ./specs/openapi", name)
		})
	}
}

func BenchmarkLoadAll(b *testing.B) {
	for b.Loop() {
		if _, err := openapi.LoadAll(); err != nil {
			b.Fatal(err)
		}
	}
}
