// Package admintest is a small fake and a host with it, for tests of what stands around
// the host: they depend on no vendor's contract and show every part of the vocabulary
// that the admin API reaches.
package admintest

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/contract/source"
	"github.com/mediasandbox/sandbox/signature"
)

//go:embed shop.yaml
var document []byte

// Names are the names of the two fakes, which differ in nothing else.
const (
	Shop  = "shop"
	Kiosk = "kiosk"
)

// Due is how long after it was placed an order is delivered.
const Due = time.Hour

// Key returns the api_key of a tenant.
func Key(api, tenant string) string { return "key-" + api + "-" + tenant }

// NewHost returns a host with the two fakes. change may be nil; documents that it leaves
// out are read.
func NewHost(t testing.TB, change func(*fakes.Config)) *fakes.Host {
	t.Helper()
	cfg := fakes.Config{Documents: map[string]*contract.Document{}}
	for _, name := range []string{Shop, Kiosk} {
		cfg.APIs = append(cfg.APIs, API(name))
	}
	if change != nil {
		change(&cfg)
	}
	for _, api := range cfg.APIs {
		if cfg.Documents[api.Name] == nil {
			cfg.Documents[api.Name] = Document(t, api.Name)
		}
	}
	host, err := fakes.New(cfg)
	require.NoError(t, err)
	return host
}

// Document returns the contract of the fake.
func Document(t testing.TB, name string) *contract.Document {
	t.Helper()
	doc, err := source.Load(name, document)
	require.NoError(t, err)
	return doc
}

// API returns the fake under a name.
func API(name string) fakes.API {
	return fakes.API{
		Name: name, Hosts: []string{"www." + name + ".example"}, Scheme: signature.QQTube{},
		Accounts: func(env fakes.Env) []fakes.Account {
			key := Key(name, env.Tenant)
			return []fakes.Account{{ID: key, Credential: map[string]string{"api_key": key, "callback_url": "{base_url}/callback"}}}
		},
		New:      func(fakes.Env) fakes.World { return &World{} },
		Settings: []fakes.Setting{{Name: "mood", Default: "calm", Values: []string{"calm", "broken"}, Why: "Makes the handler panic."}},
	}
}

// World is the state of a fake: orders that are delivered on the clock.
type World struct {
	Orders []Order `json:"orders"`
}

// Order is an order.
type Order struct {
	ID        int       `json:"id"`
	At        time.Time `json:"at"`
	Delivered bool      `json:"delivered"`
}

// Handlers returns the operations.
func (w *World) Handlers() fakes.Handlers {
	return fakes.Handlers{"order": fakes.Handle(w.order), "count": fakes.Handle(w.count)}
}

// Settle delivers what is due.
func (w *World) Settle(now time.Time) []fakes.Event {
	var events []fakes.Event
	for i := range w.Orders {
		if o := &w.Orders[i]; !o.Delivered && !o.At.Add(Due).After(now) {
			o.Delivered = true
			events = append(events, fakes.Event{At: o.At.Add(Due), Kind: "order-delivered", ID: fmt.Sprint(o.ID)})
		}
	}
	return events
}

// Restore refuses orders with one id.
func (w *World) Restore(fakes.Env) error {
	ids := map[int]bool{}
	for _, o := range w.Orders {
		if ids[o.ID] {
			return errors.New("two orders have one id")
		}
		ids[o.ID] = true
	}
	return nil
}

type nothing struct{}

type counts struct {
	Orders    int `json:"orders"`
	Delivered int `json:"delivered"`
}

func (w *World) order(c *fakes.Call, _ nothing) (counts, error) {
	if c.Settings["mood"] == "broken" {
		panic("a broken handler")
	}
	w.Orders = append(w.Orders, Order{ID: len(w.Orders) + 1, At: c.Now})
	return w.counts(), nil
}

func (w *World) count(*fakes.Call, nothing) (counts, error) { return w.counts(), nil }

func (w *World) counts() counts {
	delivered := slices.Clone(w.Orders)
	delivered = slices.DeleteFunc(delivered, func(o Order) bool { return !o.Delivered })
	return counts{len(w.Orders), len(delivered)}
}
