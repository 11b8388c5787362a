package metrics

import (
	"bytes"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Gauges are figures that others keep, read when the page is asked for. A nil function
// leaves its series out.
type Gauges struct {
	Tenants func() int
	Journal func() JournalStats
}

// JournalStats are figures about the journal of all tenants.
type JournalStats struct {
	Entries int    // kept now
	Bytes   int64  // kept now
	Evicted uint64 // entries that the bounds have cost since the start
}

// Watch adds gauges to the page. It is called once, when the host that has them exists,
// before the first page is asked for.
func (m *Metrics) Watch(g Gauges) {
	if g.Tenants != nil {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sandbox_tenants", Help: "Tenants, the default one included.",
		}, func() float64 { return float64(g.Tenants()) }))
	}
	if g.Journal != nil {
		m.registry.MustRegister(&journalCollector{stats: g.Journal})
	}
}

// journalCollector reads the journal's figures once for the three series.
type journalCollector struct{ stats func() JournalStats }

func journalDescs() (entries, bytes, evicted *prometheus.Desc) {
	return prometheus.NewDesc("sandbox_journal_entries", "Exchanges that the journal keeps.", nil, nil),
		prometheus.NewDesc("sandbox_journal_bytes", "Bytes that these exchanges count against the journal's bound.", nil, nil),
		prometheus.NewDesc("sandbox_journal_evicted_total", "Exchanges that the journal's bounds have cost.", nil, nil)
}

// Describe is prometheus.Collector's.
func (c *journalCollector) Describe(out chan<- *prometheus.Desc) {
	entries, bytes, evicted := journalDescs()
	out <- entries
	out <- bytes
	out <- evicted
}

// Collect is prometheus.Collector's.
func (c *journalCollector) Collect(out chan<- prometheus.Metric) {
	entries, bytes, evicted := journalDescs()
	s := c.stats()
	out <- prometheus.MustNewConstMetric(entries, prometheus.GaugeValue, float64(s.Entries))
	out <- prometheus.MustNewConstMetric(bytes, prometheus.GaugeValue, float64(s.Bytes))
	out <- prometheus.MustNewConstMetric(evicted, prometheus.CounterValue, float64(s.Evicted))
}

// Page returns the page in Prometheus' text format, which every scraper reads, and its
// content type.
func (m *Metrics) Page() (contentType string, body []byte, err error) {
	families, err := m.registry.Gather()
	if err != nil {
		return "", nil, fmt.Errorf("metrics: %w", err)
	}
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	var out bytes.Buffer
	enc := expfmt.NewEncoder(&out, format)
	for _, f := range families {
		if err := enc.Encode(f); err != nil {
			return "", nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return string(format), out.Bytes(), nil
}
