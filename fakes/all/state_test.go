package all_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// member is where a member of an object stands in a document without white space.
type member struct {
	path, name        string
	start, colon, end int64
}

// membersOf lists the members of all objects of a document; of those that differ in the
// indexes of their paths only, the first.
func membersOf(t *testing.T, doc []byte) []member {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(doc))
	next := func() json.Token {
		token, err := dec.Token()
		require.NoError(t, err)
		return token
	}
	var out []member
	seen := map[string]bool{}
	indexes := regexp.MustCompile(`\.\d+(\.|$)`)
	var value func(path string)
	value = func(path string) {
		switch next() {
		case json.Delim('['):
			for i := 0; dec.More(); i++ {
				value(fmt.Sprintf("%s.%d", path, i))
			}
			next()
		case json.Delim('{'):
			for dec.More() {
				m := member{name: fmt.Sprint(next()), colon: dec.InputOffset()}
				m.path = strings.TrimPrefix(path+"."+m.name, ".")
				m.start = m.colon - int64(len(m.name)+2)
				value(m.path)
				m.end = dec.InputOffset()
				if class := indexes.ReplaceAllString(m.path, ".*$1"); !seen[class] {
					seen[class] = true
					out = append(out, m)
				}
			}
			next()
		}
	}
	value("")
	return out
}

// TestStatesLoseNothing takes the states of all fakes as they begin: what a sandbox has
// exported it imports unchanged, and no member of it can be lost silently.
func TestStatesLoseNothing(t *testing.T) {
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	host, err := fakes.New(fakes.Config{APIs: all.APIs(), Documents: docs})
	require.NoError(t, err)
	other, err := host.AddTenant(fakes.NewTenant{ID: "other"})
	require.NoError(t, err)
	for _, api := range openapi.APIs() {
		for _, tenant := range []*fakes.Tenant{host.Default(), other} {
			t.Run(api+" "+tenant.ID, func(t *testing.T) {
				put := func(parts ...[]byte) error {
					return host.Import(tenant, map[string]json.RawMessage{api: bytes.Join(parts, nil)})
				}
				doc, err := host.Export(tenant, api)
				require.NoError(t, err)
				require.NoError(t, put(doc))
				again, err := host.Export(tenant, api)
				require.NoError(t, err)
				assert.Equal(t, string(doc), string(again))
				if tenant.Default {
					return // its members are those of the other's
				}
				for _, m := range membersOf(t, doc) {
					before, whole, after := doc[:m.start], doc[m.start:m.end], doc[m.end:]
					assert.ErrorContains(t, put(before, whole, []byte(","), whole, after), " stands twice", m.path)
					assert.Error(t, put(before, []byte(strings.ToUpper(string(doc[m.start:m.colon]))), doc[m.colon:]), m.path)
					if put(doc[:m.colon+1], []byte("null"), after) == nil {
						kept, err := host.Export(tenant, api)
						require.NoError(t, err)
						assert.Contains(t, string(kept), `"`+m.name+`":null`, m.path)
					}
				}
			})
		}
	}
}

// What a sandbox has once taken and kept it takes again, so that an older log replays.
func TestReplayTakesWhatWasTaken(t *testing.T) {
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	host, err := fakes.New(fakes.Config{APIs: all.APIs(), Documents: docs})
	require.NoError(t, err)
	states := map[string]json.RawMessage{"interstream": json.RawMessage(`{"calls":7,"world":{"votes":null}}`)}
	require.ErrorContains(t, host.Import(host.Default(), states), "interstream: world.votes is null")
	require.NoError(t, host.Replay(&fakes.Change{Tenant: fakes.DefaultTenant, State: &fakes.LoadedState{Worlds: states}}))
	kept, err := host.Export(host.Default(), "interstream")
	require.NoError(t, err)
	assert.Contains(t, string(kept), `{"calls":7,`)
}
