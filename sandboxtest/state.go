package sandboxtest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// State is the state of one API for the test: everything that the vendor would know.
type State struct {
	sb  *Sandbox
	api string
}

// State returns the state of an API.
func (sb *Sandbox) State(api string) *State {
	sb.t.Helper()
	if sb.host.Document(api) == nil {
		sb.t.Fatalf("sandboxtest: there is no API %q", api)
	}
	return &State{sb, api}
}

// envelope is how the admin API writes a state.
type envelope struct {
	Calls uint64          `json:"calls"`
	Born  time.Time       `json:"born"`
	World json.RawMessage `json:"world"`
}

// Get reads the state into a value: a struct of the members that are of interest, a
// map[string]any, or *json.RawMessage.
func (s *State) Get(into any) {
	s.sb.t.Helper()
	var e envelope
	if err := json.Unmarshal(s.JSON(), &e); err != nil {
		s.sb.t.Fatalf("sandboxtest: State(%q): %s", s.api, err)
	}
	if err := json.Unmarshal(e.World, into); err != nil {
		s.sb.t.Fatalf("sandboxtest: State(%q).Get: %s", s.api, err)
	}
}

// Put replaces the state by one that Get has read as a whole and the test has changed. It
// ends the test when the state is inconsistent, and then nothing was changed.
func (s *State) Put(world any) {
	s.sb.t.Helper()
	var e envelope
	err := json.Unmarshal(s.JSON(), &e)
	if err == nil {
		e.World, err = json.Marshal(world)
	}
	var whole json.RawMessage
	if err == nil {
		whole, err = json.Marshal(e)
	}
	if err == nil {
		err = s.sb.host.Import(s.sb.tenant, map[string]json.RawMessage{s.api: whole})
	}
	if err != nil {
		s.sb.t.Fatalf("sandboxtest: State(%q).Put: %s", s.api, err)
	}
}

// JSON returns the state as the admin API exports it, for PutJSON.
func (s *State) JSON() json.RawMessage {
	s.sb.t.Helper()
	data, err := s.sb.host.Export(s.sb.tenant, s.api)
	if err != nil {
		s.sb.t.Fatalf("sandboxtest: State(%q): %s", s.api, err)
	}
	return data
}

// PutJSON replaces the state by one that JSON, or the admin API, has exported: a fixture.
func (s *State) PutJSON(data []byte) {
	s.sb.t.Helper()
	if err := s.sb.host.Import(s.sb.tenant, map[string]json.RawMessage{s.api: data}); err != nil {
		s.sb.t.Fatalf("sandboxtest: State(%q).PutJSON: %s", s.api, err)
	}
}

// Change hands a fake's own world to f, with the time on the test's clock: for what a vendor
// does and no call of its API, such as refunding an order.
//
//	sandboxtest.Change(sb, func(w *qqtube.World, now time.Time) error {
//		return w.Refund(id, "5.00", now)
//	})
//
// It ends the test with the error that f returns. f must not call the sandbox.
func Change[W fakes.World](sb *Sandbox, f func(world W, now time.Time) error) {
	sb.t.Helper()
	var err error
	sb.told(func() {
		err = change(sb, f)
		sb.host.Settle(sb.tenant) // what f made fall due
	})
	if err != nil {
		sb.t.Fatalf("sandboxtest: Change: %s", err)
	}
}

func change[W fakes.World](sb *Sandbox, f func(world W, now time.Time) error) error {
	for _, api := range sb.host.APIs() {
		found := false
		with := sb.host.With(sb.tenant, api.Name, func(w fakes.World, now time.Time) error {
			world, ok := w.(W)
			if !ok {
				return nil
			}
			found = true
			return f(world, now)
		})
		if found || with != nil {
			return with
		}
	}
	return fmt.Errorf("no API has a world of the type %s", reflect.TypeFor[W]())
}
