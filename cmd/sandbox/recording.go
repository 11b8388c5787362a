package main

import (
	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/callbacks"
	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/metrics"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// recording is what a sandbox keeps of its traffic: exchanges, coverage and figures, and
// the callbacks that follow from it.
type recording struct {
	journal   *journal.Journal
	metrics   *metrics.Metrics // records for both
	callbacks *callbacks.Dispatcher
}

func newRecording(values config.Values, docs map[string]*contract.Document, calls *callbacks.Dispatcher) recording {
	var inOrder []*contract.Document
	for _, name := range openapi.APIs() {
		inOrder = append(inOrder, docs[name])
	}
	j := journal.New(journal.Config{
		Documents: docs, Coverage: coverage.NewCatalog(inOrder...),
		Entries: int(values.Int("journal-entries")), Bytes: int(values.Size("journal-bytes")), TotalBytes: values.Size("journal-total"),
	})
	return recording{j, metrics.New(docs, j), calls}
}

// watch adds the figures of a host and of the journal, and has its callbacks sent.
func (r recording) watch(host *fakes.Host) {
	r.callbacks.Attach(host)
	r.metrics.Watch(metrics.Gauges{
		Tenants: func() int { return host.TenantCount() },
		Journal: func() metrics.JournalStats {
			s := r.journal.Stats()
			return metrics.JournalStats{Entries: s.Entries, Bytes: s.Bytes, Evicted: s.Evicted}
		},
	})
}
