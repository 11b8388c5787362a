// Package control lists the changes that a tester makes to a fake's state directly,
// because no call of the vendor's makes them: an order that fails, a review that is
// published, a file that arrives by FTP. One table a fake; the rules are the worlds' own.
//
// It knows no HTTP: internal/admin serves the table below /__admin/state/{api}. What is
// not in the table is done by replacing the state as a whole.
package control

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// Action is one change of one API's state.
type Action struct {
	API  string
	Path string // below the API's state, in OpenAPI's notation: /orders/{id}/refund
	Body bool   // it reads a JSON object

	prepare func(in Input) (change, error)
}

// Input is what a request to an action says.
type Input struct {
	Param  func(name string) string // of the path, decoded
	Decode func(into any) error     // reads the body into a struct with json tags
}

// Result is what an action answers. The zero value has nothing to say.
type Result struct {
	Created bool
	JSON    any // nil for nothing
}

// call is a change at the time of making it.
type call struct {
	now    time.Time // on the tenant's clock
	tenant *fakes.Tenant
	api    string
	param  func(name string) string
}

// own is the account that is meant when nobody is named.
func (c *call) own() string {
	if list := c.tenant.Accounts(c.api); len(list) > 0 {
		return list[0].ID
	}
	return ""
}

type change func(w fakes.World, c *call) (Result, error)

// Refused is what a world says against a change, or what is wrong with its fields.
type Refused struct{ Err error }

func (r *Refused) Error() string { return r.Err.Error() }
func (r *Refused) Unwrap() error { return r.Err }

// Actions returns the whole table.
func Actions() []Action {
	return slices.Concat(qqtubeActions(), polyvActions(), clipartoActions(), quliveActions())
}

// Do makes the change, lets the host keep it, and lets fall due what is due by it. It
// returns fakes.ErrAPIUnknown when the API is not mounted, fakes.ErrStore when the change
// could not be kept, errors of Input.Decode as they are, and a Refused: that is
// fakes.ErrNotFound, fakes.ErrConflict, or any other error for a value that is wrong.
// After a Refused nothing has changed.
func (a Action) Do(host *fakes.Host, t *fakes.Tenant, in Input) (Result, error) {
	do, err := a.prepare(in)
	if err != nil {
		return Result{}, err
	}
	var out Result
	err = host.With(t, a.API, func(w fakes.World, now time.Time) error {
		var err error
		if out, err = do(w, &call{now, t, a.API, in.Param}); err != nil && !errors.Is(err, fakes.ErrAPIUnknown) {
			err = &Refused{err}
		}
		return err
	})
	if err != nil {
		return Result{}, err
	}
	host.Settle(t)
	return out, nil
}

// nothing is the input of an action without a body.
type nothing struct{}

// act makes an action of a function on a fake's world. With nothing for In, it has no body.
func act[W fakes.World, In any](api, path string, do func(w W, in In, c *call) (Result, error)) Action {
	_, bodyless := any(*new(In)).(nothing)
	return Action{API: api, Path: path, Body: !bodyless, prepare: func(input Input) (change, error) {
		var in In
		if !bodyless {
			if err := input.Decode(&in); err != nil {
				return nil, err
			}
		}
		return func(w fakes.World, c *call) (Result, error) {
			world, ok := w.(W)
			if !ok { // another fake under this name
				return Result{}, fakes.ErrAPIUnknown
			}
			return do(world, in, c)
		}, nil
	}}
}

// missing is the error about a field that has to be there.
func missing(field string) error { return fmt.Errorf("field %q is missing", field) }

// empty is the error about a text that has to say something.
func empty(field string) error { return fmt.Errorf("field %q is empty", field) }

// or returns what a pointer shows, def for nil.
func or[T any](v *T, def T) T {
	if v == nil {
		return def
	}
	return *v
}
