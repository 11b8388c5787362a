package faults_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/faults"
)

var update = flag.Bool("update", false, "write docs/faults.md")

const page = "../../docs/faults.md"

// TestPageIsCurrent holds docs/faults.md to the code.
func TestPageIsCurrent(t *testing.T) {
	want := render()
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	have, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, want, string(have), "docs/faults.md is out of date: go test ./internal/faults -update")
}

func render() string {
	var out strings.Builder
	out.WriteString(`# Faults

<!-- Generated: go test ./internal/faults -update -->

A fault breaks calls on request, so that a client meets what a vendor does on its bad days. It has a name, belongs to
one tenant, and is put, listed and deleted under ` + "`/__admin/faults`" + `:

    curl -X PUT http://127.0.0.1:7311/__admin/faults/no-clip -d '{"api": "polyv", "operation": "clip", "outcome": "internal-error", "times": 1}'

**Which calls.** All that fit ` + "`api`, `operation`, `effect` (`read`, `write`, `paid`, `destructive`), `caller` and `params`" + `; a
name that is in no contract is refused.

**When it is their turn.** ` + "`skip`" + ` lets so many of them pass first, ` + "`times`" + ` breaks so many and then no more, ` + "`chance`" + ` breaks a
share of them, the same ones for the same ` + "`seed`" + `. ` + "`ttl`" + ` and the window of a quota are on the tenant's clock: an outage of
ten minutes ends when the clock is advanced by ten minutes. Of several faults the first whose turn it is breaks the call.

**Delays.** Any kind can have a ` + "`delay`" + ` before it: ` + "`\"200ms\"`, `\"100ms-2s\"`, or `{\"distribution\": \"normal\", \"mean\": \"300ms\", \"stddev\": \"100ms\"}`" + `
(also ` + "`exponential`" + `). It is real time, because the client's timeouts are.

**Handled or not.** A call whose reply is lost may have been handled before. ` + "`handled`" + ` chooses; the client cannot tell, the
state can: that is how to test that an order is not placed twice. A reply that is truncated has to be there, so that ` + "`truncate`" + `
takes no ` + "`false`" + `.

**Zero.** ` + "`skip` and `times`" + ` may be 0. Elsewhere 0 and an empty text would stand for a field that is left out, and are refused.

**In process**, without a connection (` + "`sandboxtest`" + `, a recorder), what ends the connection panics with
` + "`http.ErrAbortHandler`" + `, as net/http asks of handlers; over HTTP/2 it resets the stream.

## Kinds

| kind | what the client meets | why | handled by default | own fields |
| --- | --- | --- | --- | --- |
`)
	for _, k := range faults.Kinds() {
		handled := "no"
		if k.Handled {
			handled = "yes"
		}
		fields := k.Fields
		if fields != "" {
			fields = "`" + strings.Join(strings.Fields(k.Fields), "`, `") + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s |\n", k.Name, k.Does, k.Why, handled, fields)
	}
	out.WriteString(`
A kind may be left out where the other fields tell it: an ` + "`outcome`, a `status`, a `limit`, a `delay`" + ` alone.

## Adversarial

` + "`--adversarial 0.05`" + ` gives every tenant these from the beginning. Together they trouble at most that share of its calls, the
same ones for the same ` + "`--seed`" + `. A correct client survives all of it: it may take longer, it may have to ask again, but it
loses and doubles nothing. So a reply is lost after the call was handled only for calls that read.

| fault | what the client meets | what a correct client does |
| --- | --- | --- |
`)
	for _, t := range faults.Troubles() {
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", t.Name, t.Does, t.Teaches)
	}
	return out.String()
}
