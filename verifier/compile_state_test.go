package verifier

import (
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/specs/openapi"
)

// TestStatePaths holds the paths of state control to the contract of the admin API.
func TestStatePaths(t *testing.T) {
	data, err := openapi.YAML("admin")
	require.NoError(t, err)
	var doc struct {
		Paths map[string]map[string]any
	}
	require.NoError(t, yaml.Unmarshal(data, &doc))
	for _, api := range openapi.APIs() {
		var want []string
		for path, methods := range doc.Paths {
			if rest, ok := strings.CutPrefix(path, "/__admin/state/"+api+"/"); ok {
				want = append(want, "/"+rest)
				assert.Contains(t, methods, "post", path)
				for _, other := range []string{"get", "put", "delete"} {
					assert.NotContains(t, methods, other, path)
				}
			}
		}
		assert.ElementsMatch(t, want, statePaths(api), api)
	}
}

func TestLeads(t *testing.T) {
	for path, want := range map[string]bool{
		"/funds": true, "/orders/7/refund": true, "/orders/*/refund": true, "/orders/a*/status": true, "/orders/*": true, "/*": true,
		"/orders": false, "/orders/7": false, "/orders/7/x": false, "/orders/*/x": false, "/orders/7/refund/x": false, "/fund": false,
	} {
		got := slices.ContainsFunc(statePaths("qqtube"), func(template string) bool { return leads(path, template) })
		assert.Equal(t, want, got, path)
	}
}
