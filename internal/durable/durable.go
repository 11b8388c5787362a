// Package durable makes a host that keeps its tenants and worlds in a folder: it leads
// the host's changes to the store, and the store's records back to the host at a start.
package durable

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/store"
)

// compactFrom is the least size of a log, in bytes, that is written anew.
const compactFrom = 16 << 20

// Host is a host with its store.
type Host struct {
	*fakes.Host
	store *store.Store
	log   *slog.Logger
	dir   string

	least int64         // compactFrom, but for tests
	bound atomic.Int64  // a log of more bytes is compacted
	grown chan struct{} // it has more
	stop  chan struct{}
	done  sync.WaitGroup
}

// Append keeps a change of the host's, and has a log compacted that has grown too long.
func (h *Host) Append(c *fakes.Change) error {
	if err := h.store.Append(c); err != nil {
		return err
	}
	if h.store.Size() > h.bound.Load() {
		select {
		case h.grown <- struct{}{}:
		default: // it is known
		}
	}
	return nil
}

// Open makes a host of cfg and brings it to the state that the folder keeps. An empty
// folder starts with a fresh one. A log of some size is compacted first, if that can be
// done, and again whenever it has grown to four times what was left.
func Open(cfg fakes.Config, dir string, policy store.Policy) (*Host, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	h := &Host{log: cfg.Log, dir: dir, least: compactFrom, grown: make(chan struct{}, 1), stop: make(chan struct{})}
	cfg.Store = h
	var err error
	if h.Host, err = fakes.New(cfg); err != nil {
		return nil, err
	}
	records := 0
	h.store, err = store.Open(dir, policy, cfg.Log, func(payload []byte) error {
		records++
		return replay(h.Host, payload)
	})
	if err != nil {
		return nil, err
	}
	h.bound.Store(h.least)
	if records == 0 {
		if err := h.Compact(); err != nil { // the default tenant, with its seed and birth
			return nil, errors.Join(err, h.store.Close())
		}
	} else if h.Size() > h.least {
		h.tryCompact()
	}
	if kept := keptOtherwise(h.Default(), cfg); len(kept) > 0 {
		cfg.Log.Warn("tenants keep the settings and the seed that they were made with; what is given now is for new ones", "folder", dir, "default", strings.Join(kept, "; "))
	}
	h.done.Go(h.compactGrown)
	cfg.Log.Info("state is kept", "folder", dir, "changes", records, "fsync", string(policy))
	return h, nil
}

// keptOtherwise says which settings a tenant was made with that are not those of cfg.
func keptOtherwise(t *fakes.Tenant, cfg fakes.Config) (differ []string) {
	if cfg.Seed != 0 && t.Seed != cfg.Seed {
		differ = append(differ, fmt.Sprintf("seed is %d, not %d", t.Seed, cfg.Seed))
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Settings)) {
		api, setting, _ := strings.Cut(name, ".")
		if have := t.Settings(api)[setting]; have != cfg.Settings[name] {
			differ = append(differ, fmt.Sprintf("%s is %s, not %s", name, have, cfg.Settings[name]))
		}
	}
	return differ
}

// compactGrown compacts the log each time it has outgrown its bound, until stop.
func (h *Host) compactGrown() {
	for {
		select {
		case <-h.stop:
			return
		case <-h.grown:
			if h.Size() > h.bound.Load() {
				h.tryCompact()
			}
		}
	}
}

// tryCompact compacts the log and says when it is to be done again. A log that cannot be
// compacted (a full disk, a tenant that is more than a record holds) goes on as it is: what
// is there can be read all the same.
func (h *Host) tryCompact() {
	const growth = 4
	before := h.Size()
	if err := h.Compact(); err != nil {
		h.log.Warn("the log could not be compacted; it goes on as it is", "folder", h.dir, "bytes", before, "error", err.Error())
		h.bound.Store(growth * before)
		return
	}
	h.bound.Store(max(h.least, growth*h.Size()))
	h.log.Info("the log was compacted", "folder", h.dir, "before", before, "bytes", h.Size())
}

func replay(host *fakes.Host, payload []byte) error {
	var c fakes.Change
	if err := json.Unmarshal(payload, &c); err != nil {
		return fmt.Errorf("not a change: %w", err)
	}
	return host.Replay(&c)
}

// Compact replaces the log by the shortest one with the same result. Calls that change
// something wait meanwhile.
func (h *Host) Compact() error {
	return h.Still(func() error {
		return h.store.Replace(func(yield func(any) error) error {
			return h.History(func(c *fakes.Change) error { return yield(c) })
		})
	})
}

// Size is the length of the log in bytes.
func (h *Host) Size() int64 { return h.store.Size() }

// Close forces everything to the disk. Nothing may be served any more.
func (h *Host) Close() error {
	close(h.stop)
	h.done.Wait()
	return h.store.Close()
}
