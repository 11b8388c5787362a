package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/verifier"
)

// JUnit has no schema of its own. What is written here is valid under both that are in
// use: that of the Jenkins plugin xunit (junit-10.xsd) and the stricter one of Ant
// (JUnit.xsd), and has what GitLab reads: classname, name, time and one result. So there
// are no attributes on testsuites, no file on testcase, at most one result and no output
// in a testcase, and every testsuite has properties, system-out and system-err.

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Package    string          `xml:"package,attr"`
	ID         int             `xml:"id,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"` // Ant's schema forbids a zone: it is UTC
	Hostname   string          `xml:"hostname,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	Out        junitText       `xml:"system-out"` // what was refuted and is no failure
	Err        string          `xml:"system-err"`

	total time.Duration
}

type junitText struct {
	Text string `xml:",cdata"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Classname string       `xml:"classname,attr"`
	Name      string       `xml:"name,attr"`
	Time      string       `xml:"time,attr"`
	Skipped   *junitResult `xml:"skipped"`
	Error     *junitResult `xml:"error"`
	Failure   *junitResult `xml:"failure"`
}

type junitResult struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

// maxJUnitText bounds a text of a reply in the XML, in bytes; GitLab refuses files of
// more than 30 MB.
const maxJUnitText = 8 << 10

// JUnit writes the results as JUnit XML: a suite for each target and API, a case for each
// scenario.
func JUnit(w io.Writer, r Results) error {
	var doc junitSuites
	for _, rep := range r.Reports {
		prefix := ""
		if len(r.Reports) > 1 {
			prefix = rep.Target + "."
		}
		at := map[string]int{}
		for i := range rep.Scenarios {
			s := &rep.Scenarios[i]
			j, ok := at[s.API]
			if !ok {
				j = len(doc.Suites)
				at[s.API] = j
				doc.Suites = append(doc.Suites, newSuite(j, prefix+s.API, rep))
			}
			doc.Suites[j].add(r, prefix, rep, s)
		}
	}
	for _, c := range r.Comparisons {
		doc.Suites = append(doc.Suites, r.comparisonSuite(len(doc.Suites), c))
	}
	for i := range doc.Suites {
		doc.Suites[i].finish()
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newSuite(id int, name string, rep *verifier.Report) junitSuite {
	return junitSuite{
		ID: id, Name: token(name), Package: "sandbox.verify", Hostname: "localhost",
		Timestamp: rep.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"target", printable(rep.Target)}, {"seed", fmt.Sprint(rep.Seed)},
		},
	}
}

func (s *junitSuite) add(r Results, prefix string, rep *verifier.Report, from *verifier.ScenarioResult) {
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(from.File, `\`, "/")), path.Ext(from.File))
	c := junitCase{
		Classname: token(prefix + from.API + "." + base),
		Name:      token(from.Name), Time: seconds(from.Duration),
	}
	s.total += from.Duration
	switch {
	case from.Verdict == verifier.Skip:
		c.Skipped = &junitResult{Message: oneLine(from.Reason)}
	case r.Bad(from.Verdict):
		result := r.junitResult(rep, from)
		if from.Verdict == verifier.Error {
			c.Error = result
		} else {
			c.Failure = result
		}
	case from.Verdict == verifier.Refuted:
		s.Out.Text += r.junitResult(rep, from).Text
	}
	s.Cases = append(s.Cases, c)
}

// junitResult puts all that is wrong with a scenario into one result: the first message,
// and every step explained.
func (r Results) junitResult(rep *verifier.Report, s *verifier.ScenarioResult) *junitResult {
	one := &verifier.Report{Target: rep.Target, Scenarios: []verifier.ScenarioResult{*s}}
	result := &junitResult{Type: string(s.Verdict)}
	var blocks []string
	for i, f := range failures(one, shown) {
		if i == 0 {
			file, line := f.Place()
			result.Message = fmt.Sprintf("%s:%d: %s", file, line, f.Message())
			if step := f.Step; step != nil && len(step.Problems) > 0 && step.Problems[0].Class != "" {
				result.Type += "/" + step.Problems[0].Class
			}
		}
		blocks = append(blocks, r.block(f, maxJUnitText))
	}
	result.Text = "\n" + strings.Join(blocks, "\n\n") + "\n"
	return result
}

// comparisonSuite has a case for each difference; those that are accepted pass.
func (r Results) comparisonSuite(id int, of Comparison) junitSuite {
	s := newSuite(id, of.A+" and "+of.B, r.Reports[0])
	seen := map[string]int{}
	for _, d := range of.Differences {
		name := head(d)
		if seen[name]++; seen[name] > 1 {
			name += fmt.Sprintf(" #%d", seen[name]) // GitLab drops cases of the same name
		}
		c := junitCase{Classname: token(s.Name + "." + d.API), Name: token(name), Time: seconds(0)}
		if d.Accepted == "" {
			var text strings.Builder
			for _, p := range of.details(d) {
				write(&text, "", p, func(label string) string { return label })
			}
			c.Failure = &junitResult{Type: "difference/" + d.Class, Message: name, Text: "\n" + text.String()}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

// finish fills in the figures.
func (s *junitSuite) finish() {
	s.Tests = len(s.Cases)
	s.Time = seconds(s.total)
	for _, c := range s.Cases {
		switch {
		case c.Skipped != nil:
			s.Skipped++
		case c.Error != nil:
			s.Errors++
		case c.Failure != nil:
			s.Failures++
		}
	}
}

// token is a text without breaks and doubled blanks, as xs:token wants it.
func token(s string) string {
	if s = oneLine(s); s == "" {
		return "unnamed"
	}
	return s
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
