package report

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/mediasandbox/sandbox/verifier"
)

// patience is how long a run may take before a bar is drawn: a bar that only flashes up
// tells nobody anything.
const patience = time.Second

// Progress is a bar on a terminal. It is not for anything that is piped.
type Progress struct {
	w      io.Writer
	name   string
	begun  time.Time
	bar    *progressbar.ProgressBar
	failed int
}

// NewProgress returns a bar that draws on w, once the run has taken a second. name says
// what is run.
func NewProgress(w io.Writer, name string) *Progress {
	return &Progress{w: w, name: name, begun: time.Now()}
}

// Tell is for verifier.Options.
func (p *Progress) Tell(at verifier.Progress) {
	if v := at.Result.Verdict; shown(v) && v != verifier.Refuted {
		p.failed++
	}
	if p.bar == nil {
		if time.Since(p.begun) < patience {
			return
		}
		p.bar = progressbar.NewOptions(at.Total,
			progressbar.OptionSetWriter(p.w), progressbar.OptionSetWidth(24), progressbar.OptionShowCount(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true),
		)
	}
	text := p.name
	if p.failed > 0 {
		text += fmt.Sprintf(", %d failed", p.failed)
	}
	p.bar.Describe(text)
	p.bar.Set(at.Done) //nolint:errcheck // a terminal that is gone shows nothing
}

// Close takes the bar away.
func (p *Progress) Close() {
	if p.bar != nil {
		p.bar.Finish() //nolint:errcheck // as above
		p.bar = nil
	}
}
