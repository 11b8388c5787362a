package contract

import (
	"encoding/json"
	"fmt"
)

// Reading YAML and validating OpenAPI costs about half a millisecond a kilobyte, which
// is longer than a sandbox may take to start. So the model of each document is also kept
// compiled, as JSON beside the YAML (go generate ./specs/openapi), and a test holds the
// two together: what source.Load makes of the YAML is what Decode makes of the JSON.

// Compile writes the model for Decode.
func (d *Document) Compile() ([]byte, error) { return json.Marshal(d) }

// Decode reads a model written by Compile.
func Decode(data []byte) (*Document, error) {
	d := &Document{}
	if err := json.Unmarshal(data, d); err != nil {
		return nil, fmt.Errorf("compiled contract: %w", err)
	}
	if err := d.Link(); err != nil {
		return nil, err
	}
	return d, nil
}

// Link derives what is not written: indexes, bodies cut at their moving values, and
// which schema an outcome's body has.
func (d *Document) Link() error {
	for _, name := range sortedKeys(d.Common) {
		if err := d.Common[name].link(d, nil); err != nil {
			return fmt.Errorf("%s: components.examples.%s: %w", d.Name, name, err)
		}
	}
	for _, op := range d.Operations {
		for _, p := range op.Params {
			p.Schema.Index()
			p.anywhere = d.Anywhere
		}
		op.JSONBody.Index()
		for i := range op.Replies {
			op.Replies[i].Schema.Index()
		}
		for _, o := range op.Outcomes {
			if err := o.link(d, op); err != nil {
				return fmt.Errorf("%s: %s: outcome %s: %w", d.Name, op.ID, o.Name, err)
			}
		}
		op.Success = op.Outcome(op.Default)
	}
	return nil
}

func (o *Outcome) link(d *Document, op *Operation) error {
	if op != nil {
		if reply := op.Reply(o.Status, o.ContentType); reply != nil {
			o.Schema = reply.Schema
		}
	}
	if o.Text() {
		o.body = []segment{{text: []byte(o.Example)}}
		if o.Success {
			o.body[0].value = answerValue
		}
		return nil
	}
	moving := o.Moving
	if o.Success {
		moving = append(append([]Moving(nil), moving...), Moving{answerValue, d.Envelope})
	}
	var err error
	o.body, err = cut([]byte(o.Example), moving)
	return err
}
