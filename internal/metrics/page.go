package metrics

import (
	"bytes"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// contentType is that of Prometheus' text format, which every scraper reads.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

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
func (m *Metrics) Watch(g Gauges) { m.gauges = g }

// Page returns the page in Prometheus' text format and its content type.
//
// Source: Prometheus, "Exposition formats", text-based format.
func (m *Metrics) Page() (ctype string, body []byte) {
	var p page
	p.family("sandbox_requests_total", counter, "Requests to the APIs by what was answered; where several errors were answered together, by the first.")
	m.each(func(op *operationSeries) {
		for _, o := range op.outcomes {
			p.sample("", float64(op.requests[o].Load()), "api", op.api.name, "operation", op.name, "outcome", o)
		}
	})
	p.family("sandbox_request_duration_seconds", "histogram", "Time from the head of a request to the end of its reply, delays that were asked for included.")
	m.each(func(op *operationSeries) {
		p.histogram(&op.seconds, "api", op.api.name, "operation", op.name)
	})
	p.family("sandbox_breaches_total", counter, "Replies of the sandbox outside its own contract: defects of a fake.")
	m.each(func(op *operationSeries) {
		p.sample("", float64(op.breaches.Load()), "api", op.api.name, "operation", op.name)
	})
	p.family("sandbox_faults_total", counter, "Requests to which a fault was applied on request.")
	for _, api := range m.apis {
		p.sample("", float64(api.faults.Load()), "api", api.name)
	}
	if m.gauges.Tenants != nil {
		p.single("sandbox_tenants", gauge, "Tenants, the default one included.", float64(m.gauges.Tenants()))
	}
	if m.gauges.Journal != nil {
		s := m.gauges.Journal()
		p.single("sandbox_journal_entries", gauge, "Exchanges that the journal keeps.", float64(s.Entries))
		p.single("sandbox_journal_bytes", gauge, "Bytes that these exchanges count against the journal's bound.", float64(s.Bytes))
		p.single("sandbox_journal_evicted_total", counter, "Exchanges that the journal's bounds have cost.", float64(s.Evicted))
	}
	m.process(&p)
	return contentType, p.out.Bytes()
}

// each calls do for every operation in the order of the page.
func (m *Metrics) each(do func(*operationSeries)) {
	for _, api := range m.apis {
		for _, op := range api.operations {
			do(op)
		}
	}
}

// process writes what the runtime knows of the process, under the names that Prometheus'
// own client gives it.
func (m *Metrics) process(p *page) {
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	p.family("go_info", gauge, "The version of Go that built the sandbox.")
	p.sample("", 1, "version", runtime.Version())
	p.single("go_goroutines", gauge, "Goroutines that exist.", float64(runtime.NumGoroutine()))
	p.single("go_memstats_heap_alloc_bytes", gauge, "Bytes of objects on the heap.", float64(mem.HeapAlloc))
	p.single("go_memstats_sys_bytes", gauge, "Bytes that the runtime has from the system.", float64(mem.Sys))
	p.single("go_memstats_mallocs_total", counter, "Objects allocated on the heap since the start.", float64(mem.Mallocs))
	p.single("go_gc_cycles_total", counter, "Collections of the heap since the start.", float64(mem.NumGC))
	p.single("process_start_time_seconds", gauge, "When the sandbox was started, in seconds since 1970.", float64(m.started.UnixMilli())/1000)
}

// Kinds of families.
const (
	counter = "counter"
	gauge   = "gauge"
)

// page is a page that is being written, family by family.
type page struct {
	out  bytes.Buffer
	name string // of the family that is being written
}

// family begins a family: the samples that follow are its.
func (p *page) family(name, kind, help string) {
	p.name = name
	for _, s := range []string{"# HELP ", name, " ", helpEscapes.Replace(help), "\n# TYPE ", name, " ", kind, "\n"} {
		p.out.WriteString(s)
	}
}

// single writes a family of one sample without labels.
func (p *page) single(name, kind, help string, value float64) {
	p.family(name, kind, help)
	p.sample("", value)
}

// histogram writes the samples of one histogram: buckets that include those below them,
// their sum in seconds and their count.
func (p *page) histogram(h *histogram, labels ...string) {
	below := uint64(0)
	for i := range h.buckets {
		bound := math.Inf(1)
		if i < len(bounds) {
			bound = bounds[i].Seconds()
		}
		below += h.buckets[i].Load()
		p.sample("_bucket", float64(below), slices.Concat(labels, []string{"le", number(bound)})...)
	}
	p.sample("_sum", time.Duration(h.sum.Load()).Seconds(), labels...)
	p.sample("_count", float64(below), labels...)
}

// sample writes one sample. labels are names and values in turn.
func (p *page) sample(suffix string, value float64, labels ...string) {
	p.out.WriteString(p.name)
	p.out.WriteString(suffix)
	open := byte('{')
	for i := 0; i < len(labels); i += 2 {
		p.out.WriteByte(open)
		p.out.WriteString(labels[i])
		p.out.WriteString(`="`)
		p.out.WriteString(labelEscapes.Replace(labels[i+1]))
		p.out.WriteByte('"')
		open = ','
	}
	if len(labels) > 0 {
		p.out.WriteByte('}')
	}
	p.out.WriteByte(' ')
	p.out.WriteString(number(value))
	p.out.WriteByte('\n')
}

// What the format escapes in a help text and in the value of a label.
var (
	helpEscapes  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)            //nolint:gochecknoglobals // never changed
	labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`) //nolint:gochecknoglobals // never changed
)

// number writes a value as the format has it.
func number(v float64) string {
	if math.IsInf(v, 1) {
		return "+Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
