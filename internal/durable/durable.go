// Package durable makes a host that keeps its tenants and worlds in a folder: it leads
// the host's changes to the store, and the store's records back to the host at a start.
package durable

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/store"
)

// compactFrom is the size of a log, in bytes, from which a start writes it anew.
const compactFrom = 16 << 20

// Host is a host with its store.
type Host struct {
	*fakes.Host
	store *store.Store
}

// sink is the host's way to the store, which is opened after the host.
type sink struct{ to *store.Store }

func (s *sink) Append(c *fakes.Change) error { return s.to.Append(c) }

// Open makes a host of cfg and brings it to the state that the folder keeps. An empty
// folder starts with a fresh one. A log of some size is compacted first, if that can be done.
func Open(cfg fakes.Config, dir string, policy store.Policy) (*Host, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	to := &sink{}
	cfg.Store = to
	host, err := fakes.New(cfg)
	if err != nil {
		return nil, err
	}
	records := 0
	st, err := store.Open(dir, policy, cfg.Log, func(payload []byte) error {
		records++
		return replay(host, payload)
	})
	if err != nil {
		return nil, err
	}
	to.to = st
	h := &Host{host, st}
	if records == 0 {
		if err := h.Compact(); err != nil { // the default tenant, with its seed and birth
			return nil, errors.Join(err, st.Close())
		}
	} else if st.Size() > compactFrom {
		if err := h.Compact(); err != nil { // a full disk: what is there can be read all the same
			cfg.Log.Warn("the log could not be compacted; it goes on as it is", "folder", dir, "error", err.Error())
		}
	}
	cfg.Log.Info("state is kept", "folder", dir, "changes", records, "fsync", string(policy))
	return h, nil
}

func replay(host *fakes.Host, payload []byte) error {
	var c fakes.Change
	if err := json.Unmarshal(payload, &c); err != nil {
		return fmt.Errorf("not a change: %w", err)
	}
	return host.Replay(&c)
}

// Compact replaces the log by the shortest one with the same result. Nothing may be
// served meanwhile.
func (h *Host) Compact() error {
	changes, err := h.History()
	if err != nil {
		return err
	}
	return h.store.Replace(func(yield func(any) error) error {
		for _, c := range changes {
			if err := yield(c); err != nil {
				return err
			}
		}
		return nil
	})
}

// Size is the length of the log in bytes.
func (h *Host) Size() int64 { return h.store.Size() }

// Close forces everything to the disk. Nothing may be served any more.
func (h *Host) Close() error { return h.store.Close() }
