package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

// element is what the schemas say of one element, where both the xunit plugin of Jenkins
// (junit-10.xsd) and Ant (JUnit.xsd) accept it. The children stand in this order.
type element struct {
	attrs    map[string]*regexp.Regexp // those that are required, as both want them
	optional []string
	children []child
	text     bool
}

type child struct {
	name     string
	min, max int // max -1: any number
}

var (
	anyText  = regexp.MustCompile(`(?s)^.*$`)
	aToken   = regexp.MustCompile(`^\S+( \S+)*$`)
	integer  = regexp.MustCompile(`^[0-9]+$`)
	decimal  = regexp.MustCompile(`^[0-9]{1,9}\.[0-9]{3}$`) // SUREFIRE_TIME without groups, xs:decimal
	dateTime = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$`)
)

var schema = map[string]element{
	"testsuites": {children: []child{{"testsuite", 0, -1}}},
	"testsuite": {
		attrs: map[string]*regexp.Regexp{
			"name": aToken, "package": aToken, "id": integer, "timestamp": dateTime, "hostname": aToken,
			"tests": integer, "failures": integer, "errors": integer, "time": decimal,
		},
		optional: []string{"skipped"},
		children: []child{{"properties", 1, 1}, {"testcase", 0, -1}, {"system-out", 1, 1}, {"system-err", 1, 1}},
	},
	"properties": {children: []child{{"property", 0, -1}}},
	"property":   {attrs: map[string]*regexp.Regexp{"name": aToken, "value": anyText}},
	"testcase": {
		attrs:    map[string]*regexp.Regexp{"name": aToken, "classname": aToken, "time": decimal},
		children: []child{{"skipped", 0, 1}, {"error", 0, 1}, {"failure", 0, 1}}, // and one of them at most
	},
	"skipped":    {optional: []string{"message", "type"}, text: true},
	"error":      {attrs: map[string]*regexp.Regexp{"type": anyText}, optional: []string{"message"}, text: true},
	"failure":    {attrs: map[string]*regexp.Regexp{"type": anyText}, optional: []string{"message"}, text: true},
	"system-out": {text: true},
	"system-err": {text: true},
}

// validate holds a document to the schema and returns what is wrong.
func validate(data []byte) error {
	dec := xml.NewDecoder(bytes.NewReader(data))
	for {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		if start, ok := tok.(xml.StartElement); ok {
			if start.Name.Local != "testsuites" {
				return fmt.Errorf("the root is %s", start.Name.Local)
			}
			if err := element1(dec, start); err != nil {
				return err
			}
			break
		}
	}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, ok := tok.(xml.StartElement); ok {
			return fmt.Errorf("a second root")
		}
	}
}

func element1(dec *xml.Decoder, start xml.StartElement) error {
	name := start.Name.Local
	e, ok := schema[name]
	if !ok {
		return fmt.Errorf("<%s> is no element", name)
	}
	have := map[string]bool{}
	for _, a := range start.Attr {
		have[a.Name.Local] = true
		want, required := e.attrs[a.Name.Local]
		switch {
		case required && !want.MatchString(a.Value):
			return fmt.Errorf("<%s %s=%q> does not match %s", name, a.Name.Local, a.Value, want)
		case !required && !slices.Contains(e.optional, a.Name.Local):
			return fmt.Errorf("<%s> has no attribute %s", name, a.Name.Local)
		}
	}
	for a := range e.attrs {
		if !have[a] {
			return fmt.Errorf("<%s> lacks the attribute %s", name, a)
		}
	}
	var children []string
	for {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			children = append(children, tok.Name.Local)
			if err := element1(dec, tok); err != nil {
				return err
			}
		case xml.CharData:
			if !e.text && len(bytes.TrimSpace(tok)) > 0 {
				return fmt.Errorf("<%s> has text", name)
			}
		case xml.EndElement:
			return order(name, e.children, children)
		}
	}
}

func order(name string, want []child, have []string) error {
	if name == "testcase" && len(have) > 1 {
		return fmt.Errorf("<testcase> has %v, wants one result at most", have)
	}
	i := 0
	for _, c := range want {
		n := 0
		for i < len(have) && have[i] == c.name {
			i++
			n++
		}
		if n < c.min || (c.max >= 0 && n > c.max) {
			return fmt.Errorf("<%s> has %d <%s>", name, n, c.name)
		}
	}
	if i < len(have) {
		return fmt.Errorf("<%s> in <%s> is out of place", have[i], name)
	}
	return nil
}

// The validator itself must refuse what the schemas refuse.
func TestValidatorRefuses(t *testing.T) {
	const suite = `<testsuite name="a" package="p" id="0" timestamp="2026-01-01T00:00:00" hostname="h" tests="1" failures="0" errors="0" time="0.000">`
	const end = `<system-out></system-out><system-err></system-err></testsuite>`
	for doc, why := range map[string]string{
		`<testsuite/>`:                                 "the root is testsuite",
		`<testsuites time="1.0"></testsuites>`:         "no attribute time",
		`<testsuites><testsuite/></testsuites>`:        "lacks the attribute",
		`<testsuites>` + suite + end + `</testsuites>`: "0 <properties>",
		`<testsuites>` + suite + `<properties/><testcase name="n"/>` + end + `</testsuites>`:                                                                  "lacks the attribute",
		`<testsuites>` + suite + `<properties/><testcase name="n" classname="c" time="0.000" file="f"/>` + end + `</testsuites>`:                              "no attribute file",
		`<testsuites>` + suite + `<properties/><testcase name="n" classname="c" time="0.000"><skipped/><failure type=""/></testcase>` + end + `</testsuites>`: "one result at most",
		`<testsuites>` + suite + `<properties/><testcase name=" n" classname="c" time="0.000"/>` + end + `</testsuites>`:                                      "does not match",
		`<testsuites>text</testsuites>`: "has text",
	} {
		assert.ErrorContains(t, validate([]byte(doc)), why, doc)
	}
	require.NoError(t, validate([]byte(`<testsuites>`+suite+`<properties/><testcase name="n" classname="c" time="0.000"/>`+end+`</testsuites>`)))
}

func TestJUnitIsValid(t *testing.T) {
	strange := passing()
	strange.Name = " \n\t "
	strange.File = ""
	for name, r := range map[string]Results{
		"all": allVerdicts(), "differences": differing(), "none": {Reports: []*verifier.Report{{}}},
		"strange": {Reports: []*verifier.Report{{Target: nasty, Scenarios: []verifier.ScenarioResult{strange}}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, JUnit(&got, r))
			require.NoError(t, validate(got.Bytes()), got.String())
		})
	}
}

// What GitLab and Jenkins make of the file: the figures agree with the cases, and no two
// cases have the same class and name.
func TestJUnitFigures(t *testing.T) {
	for name, r := range map[string]Results{"all": allVerdicts(), "differences": differing()} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, JUnit(&got, r))
			var doc junitSuites
			require.NoError(t, xml.Unmarshal(got.Bytes(), &doc))
			seen := map[string]bool{}
			for i, s := range doc.Suites {
				assert.Equal(t, i, s.ID)
				assert.Len(t, s.Cases, s.Tests)
				failures, errors, skipped := 0, 0, 0
				for _, c := range s.Cases {
					key := c.Classname + " " + c.Name
					assert.False(t, seen[key], key)
					seen[key] = true
					_, err := strconv.ParseFloat(c.Time, 64)
					assert.NoError(t, err)
					switch {
					case c.Failure != nil:
						failures++
					case c.Error != nil:
						errors++
					case c.Skipped != nil:
						skipped++
					}
				}
				assert.Equal(t, []int{s.Failures, s.Errors, s.Skipped}, []int{failures, errors, skipped})
			}
		})
	}
}
