package verifier_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

var update = flag.Bool("update", false, "write the generated files anew")

// TestSchemas holds the published schemas to the code.
func TestSchemas(t *testing.T) {
	for file, schema := range map[string]map[string]any{
		"../scenarios/scenario.schema.json":        verifier.ScenarioSchema(),
		"../examples/targets/target.schema.json":   verifier.TargetSchema(),
		"../examples/targets/baseline.schema.json": verifier.BaselineSchema(),
	} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var buf bytes.Buffer
			enc := json.NewEncoder(&buf)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			require.NoError(t, enc.Encode(schema))
			if *update {
				require.NoError(t, os.WriteFile(file, buf.Bytes(), 0o644))
			}
			written, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, buf.String(), string(written), "go test ./verifier -run TestSchemas -update writes it anew")
			compile(t, schema)
		})
	}
}

func compile(t *testing.T, schema map[string]any) *jsonschema.Schema {
	t.Helper()
	data, err := json.Marshal(schema)
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("schema.json", doc))
	s, err := c.Compile("schema.json")
	require.NoError(t, err)
	return s
}

// valid says what a schema has against a YAML text.
func valid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	return s.Validate(v)
}

// TestSchemaTakesEveryScenario: whatever the loader takes, editors take.
func TestSchemaTakesEveryScenario(t *testing.T) {
	s := compile(t, verifier.ScenarioSchema())
	for _, dir := range []string{"../scenarios", "testdata/examples"} {
		require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yaml") {
				return err
			}
			text, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			assert.NoError(t, valid(t, s, string(text)), name)
			return nil
		}))
	}
}

// TestSchemaAndLoaderAgree: what one has against the form of a file, the other has too.
func TestSchemaAndLoaderAgree(t *testing.T) {
	s := compile(t, verifier.ScenarioSchema())
	const head = "scenario: x\napi: qqtube\n"
	for name, row := range map[string]struct {
		text string
		good bool
	}{
		"good":                     {head + "steps: [{call: funds}]", true},
		"a step that only checks":  {head + "steps: [{check: ['1 == 1']}]", true},
		"no steps":                 {head, false},
		"unknown key":              {head + "stepz: []\nsteps: [{call: funds}]", false},
		"unknown key of a step":    {head + "steps: [{call: funds, expekt: {}}]", false},
		"a key of another step":    {head + "steps: [{advance: 1h, expect: {}}]", false},
		"two verbs":                {head + "steps: [{call: funds, advance: 1h}]", false},
		"no verb":                  {head + "steps: [{name: x}]", false},
		"steps no list":            {head + "steps: {call: funds}", false},
		"status a text":            {head + "steps: [{call: funds, expect: {status: '200'}}]", false},
		"outcome a number":         {head + "steps: [{call: funds, expect: {outcome: 3}}]", false},
		"an encoding of its own":   {head + "steps: [{call: funds, encoding: xml}]", false},
		"a duration without unit":  {head + "steps: [{advance: '20'}]", false},
		"until without every":      {head + "steps: [{call: funds, expect: {}, until: {within: 1h}}]", false},
		"tamper unknown":           {head + "steps: [{call: funds, tamper: {spoil: x}}]", false},
		"sign unknown":             {head + "steps: [{call: funds, tamper: {sign: {secrt: x}}}]", false},
		"a need of its own":        {head + "needs: [water]\nsteps: [{call: funds}]", false},
		"raw without path":         {head + "steps: [{raw: {method: GET}, expect: {status: 404}}]", false},
		"a path without its slash": {head + "steps: [{raw: {path: x}, expect: {status: 404}}]", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, row.text)
			if row.good {
				assert.NoError(t, err)
				assert.NoError(t, valid(t, s, row.text))
				return
			}
			assert.Error(t, err, "the loader")
			assert.Error(t, valid(t, s, row.text), "the schema")
		})
	}
}
