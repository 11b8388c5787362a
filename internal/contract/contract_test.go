package contract_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/contract/source"
)

// good is a small document with everything the conventions allow.
const good = `
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers: [{url: "http://localhost"}]
x-json: php
x-envelope: /data
x-values: {id: /requestId}
x-parameters: {anywhere: true, repeated: last}
x-unmatched: {path: no-path, pin: no-action, method: no-method}
tags: [{name: shop}]
paths:
  "/api#action=buy":
    post:
      operationId: buy
      summary: Buy
      tags: [shop]
      x-effect: paid
      x-methods: [GET]
      x-aliases: [/api/]
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Buy"}}
          multipart/form-data: {schema: {$ref: "#/components/schemas/Buy"}}
      responses:
        "200":
          description: either
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Reply"}
              examples:
                bought:
                  summary: bought
                  x-source: documented
                  x-section: Buying
                  x-success: true
                  value: {requestId: "1", message: "a/b é😀", data: {count: 2}}
                amount-missing: {$ref: "#/components/examples/amount-missing"}
                amount-invalid: {$ref: "#/components/examples/amount-invalid"}
                internal-error: {$ref: "#/components/examples/internal-error"}
  "/api#action=look":
    get:
      operationId: look
      summary: Look
      tags: [shop]
      x-effect: read
      parameters:
        - {name: action, in: query, required: true, schema: {type: string, enum: [look]}}
        - {name: page, in: query, x-names: [p], x-invalid: amount-invalid, schema: {type: integer, minimum: 1, default: 3}}
      responses:
        "200":
          description: either
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Reply"}
              examples:
                looked:
                  summary: looked
                  x-source: observed
                  x-section: Looking
                  x-success: true
                  value: {requestId: "1", message: "", data: {count: 2}}
                amount-invalid: {$ref: "#/components/examples/amount-invalid"}
                internal-error: {$ref: "#/components/examples/internal-error"}
  /things/{thing}/parts:
    get:
      operationId: parts
      summary: Parts
      tags: [shop]
      x-effect: read
      parameters:
        - {name: thing, in: path, required: true, schema: {type: string}}
      responses:
        "200":
          description: text
          content:
            text/plain:
              schema: {type: string, pattern: "^(ok|ERROR).*$"}
              examples:
                parts: {summary: parts, x-source: assumed, x-section: none, x-success: true, value: ok 1}
                internal-error: {summary: failed, x-source: assumed, x-section: none, x-forced: true, value: ERROR}
components:
  schemas:
    Buy:
      type: object
      required: [action, amount]
      properties:
        action: {type: string, enum: [buy]}
        zebra: {type: string}
        amount: {type: integer, minimum: 1, example: 2, x-missing: amount-missing, x-invalid: amount-invalid}
    Reply:
      type: object
      additionalProperties: false
      required: [requestId, message, data]
      properties:
        requestId: {type: string}
        message: {type: string}
        data: {type: object, nullable: true, additionalProperties: false, properties: {count: {type: integer}}}
  examples:
    amount-missing: {summary: none, x-source: documented, x-section: Errors, value: {requestId: "1", message: amount missing, data: null}}
    amount-invalid: {summary: bad, x-source: documented, x-section: Errors, value: {requestId: "1", message: amount wrong, data: null}}
    internal-error: {summary: failed, x-source: assumed, x-section: none, x-forced: true, value: {requestId: "1", message: failed, data: null}}
    no-path: {summary: no path, x-source: assumed, x-section: none, x-status: 404, value: {requestId: "1", message: no path, data: null}}
    no-action: {summary: no action, x-source: assumed, x-section: none, value: {requestId: "1", message: no action, data: null}}
    no-method: {summary: no method, x-source: assumed, x-section: none, x-status: 405, value: {requestId: "1", message: no method, data: null}}
`

func load(t *testing.T) *contract.Document {
	t.Helper()
	d, err := source.Load("shop", []byte(good))
	require.NoError(t, err)
	return d
}

func TestLoadKeepsTheOrderOfFormFields(t *testing.T) {
	var names []string
	for _, p := range load(t).Operation("buy").Params {
		names = append(names, p.Name)
	}
	assert.Equal(t, []string{"action", "zebra", "amount"}, names)
}

func TestLoadRefusesWhatIsInconsistent(t *testing.T) {
	for name, edit := range map[string]struct{ from, to, want string }{
		"fragment and pin differ":     {`"/api#action=look"`, `"/api#action=watch"`, `fragment is "action=watch"`},
		"operationId twice":           {"operationId: look", "operationId: buy", "same operation id"},
		"outcome without source":      {"x-source: observed", "x-source: rumour", `x-source is "rumour"`},
		"outcome without section":     {"x-section: Looking", `x-section: ""`, "has no x-section"},
		"example outside the schema":  {"data: {count: 2}}\n                amount-missing", "data: {count: two}}\n                amount-missing", "count"},
		"undeclared in an example":    {`value: {requestId: "1", message: "", data: {count: 2}}`, `value: {requestId: "1", message: "", data: {count: 2}, more: 1}`, "more"},
		"empty beside optional":       {"x-names: [p], ", "x-names: [p], x-empty: amount-invalid, ", "is not required"},
		"empty without its outcome":   {"x-missing: amount-missing, ", "x-missing: amount-missing, x-empty: nonsense, ", `names the outcome "nonsense"`},
		"missing without outcome":     {"x-missing: amount-missing, ", "", "has no x-missing"},
		"outcome that is not there":   {"x-invalid: amount-invalid, schema", "x-invalid: nonsense, schema", `names the outcome "nonsense"`},
		"a misspelt extension":        {"x-effect: paid", "x-effekt: paid", "x-effekt is not a key"},
		"an unknown effect":           {"x-effect: paid", "x-effect: free", `x-effect is "free"`},
		"no success":                  {"x-section: Looking\n                  x-success: true", "x-section: Looking", "x-success"},
		"no internal error":           {"                amount-invalid: {$ref: \"#/components/examples/amount-invalid\"}\n                internal-error: {$ref: \"#/components/examples/internal-error\"}\n  /things", "  /things", "no outcome internal-error"},
		"unmatched that is not there": {"path: no-path", "path: nowhere", "nowhere"},
		"a pointer that is none":      {"id: /requestId", "id: requestId", "no JSON pointer"},
		"a wrong repeat rule":         {"repeated: last", "repeated: both", "neither first nor last"},
		"an example outside its type": {"example: 2, x-missing", "example: two, x-missing", "amount"},
		"no OpenAPI at all":           {"openapi: 3.0.3", "openapi: {", "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(good, edit.from, edit.to, 1)
			require.NotEqual(t, good, text, "the edit changes nothing")
			_, err := source.Load("shop", []byte(text))
			require.Error(t, err)
			assert.Contains(t, err.Error(), edit.want)
		})
	}
}

func TestCompiledIsTheSame(t *testing.T) {
	d := load(t)
	data, err := d.Compile()
	require.NoError(t, err)
	back, err := contract.Decode(data)
	require.NoError(t, err)
	assert.Equal(t, d, back)
	_, err = contract.Decode([]byte("{"))
	require.Error(t, err)
}

func TestMatch(t *testing.T) {
	d := load(t)
	for _, c := range []struct{ method, path, query, op, unmatched string }{
		{"GET", "/api", "action=look", "look", ""},
		{"HEAD", "/api", "action=look", "", "no-method"}, // another method, unless the document says otherwise
		{"POST", "/api", "action=buy", "buy", ""},
		{"GET", "/api/", "action=buy", "buy", ""},
		{"GET", "/api/", "action=look", "", "no-action"},
		{"DELETE", "/api", "action=buy", "", "no-method"},
		{"DELETE", "/api", "action=nonsense", "", "no-action"},
		{"GET", "/api", "", "", "no-action"},
		{"GET", "/api", "action=nonsense&action=look", "look", ""}, // the last counts
		{"GET", "/things/a%2Fb/parts", "", "parts", ""},
		{"GET", "/things//parts", "", "", "no-path"},
		{"GET", "/things/%zz/parts", "", "", "no-path"},
		{"GET", "/things/a/parts/", "", "", "no-path"},
		{"GET", "/", "", "", "no-path"},
	} {
		values, err := d.ParseValues(nil, c.query, "", nil)
		require.NoError(t, err)
		m := d.Match(c.method, c.path, values)
		if c.op == "" {
			assert.Nil(t, m.Op, "%+v", c)
		} else if assert.NotNil(t, m.Op, "%+v", c) {
			assert.Equal(t, c.op, m.Op.ID)
		}
		assert.Equal(t, c.unmatched, m.Unmatched, "%+v", c)
	}
	m := d.Match("GET", "/things/a%2Fb/parts", nil)
	assert.Equal(t, contract.Values{{Name: "thing", Value: "a/b", In: contract.InPath}}, m.Path)
}

func TestHead(t *testing.T) {
	d, err := source.Load("shop", []byte(strings.Replace(good, "x-json: php", "x-json: php\nx-head: as-get", 1)))
	require.NoError(t, err)
	assert.Equal(t, []string{"GET", "HEAD"}, d.Operation("look").Methods)
	assert.Equal(t, []string{"POST", "GET", "HEAD"}, d.Operation("buy").Methods)
	for was, now := range map[string]string{"x-json: php": "x-json: php\nx-head: 'no'", "repeated: last": "repeated: last, form: put"} {
		_, err = source.Load("shop", []byte(strings.Replace(good, was, now, 1)))
		require.Error(t, err, now)
	}
}

// A parameter's own name goes before its aliases, and an empty one says nothing.
func TestFind(t *testing.T) {
	d := load(t)
	p := *d.Operation("look").Param("page")
	p.Aliases = []string{"p", "seite"}
	for query, want := range map[string]string{
		"page=1&p=2": "1", "p=2&page=1": "1", "page=&p=2": "2", "p=2&page=": "2", "p=&seite=3": "3", "p=2&seite=3": "2", "page=": "", "p=": "", "page=&p=": "",
	} {
		values, err := d.ParseValues(nil, query, "", nil)
		require.NoError(t, err)
		got, ok := p.Find(values)
		assert.True(t, ok, query)
		assert.Equal(t, want, got, query)
	}
	_, ok := p.Find(contract.Values{{Name: "other", Value: "1", In: contract.InQuery}})
	assert.False(t, ok)
}

func TestParseValues(t *testing.T) {
	first, err := source.Load("shop", []byte(strings.Replace(good, "repeated: last", "repeated: first", 1)))
	require.NoError(t, err)
	strict, err := source.Load("shop", []byte(strings.Replace(good, "anywhere: true", "anywhere: false", 1)))
	require.NoError(t, err)
	last := load(t)
	const form = "application/x-www-form-urlencoded; charset=UTF-8"
	get := func(d *contract.Document, query, body string) string {
		values, err := d.ParseValues(nil, query, form, []byte(body))
		require.NoError(t, err)
		v, _ := values.Get("a")
		return v
	}
	assert.Equal(t, "1", get(first, "a=1&a=2", "a=3"))
	assert.Equal(t, "3", get(last, "a=1&a=2", "a=3"))
	assert.Equal(t, "2", get(last, "a=1&a=2", ""))
	assert.Equal(t, "x y+z%", get(last, "a=x+y%2Bz%", ""), "a wrong escape stands for itself")
	assert.Equal(t, "%zz", get(last, "a=%zz", ""))
	body := []byte("a=1")
	assert.Equal(t, body, last.Form("POST", body))
	assert.Nil(t, last.Form("PUT", body), "a form is a POST's, unless the document says otherwise")
	whatever, err := source.Load("shop", []byte(strings.Replace(good, "repeated: last", "repeated: last, form: any", 1)))
	require.NoError(t, err)
	assert.Equal(t, body, whatever.Form("PUT", body))
	values, err := strict.ParseValues(nil, "a=1&a=2", form, []byte("a=3&a=4"))
	require.NoError(t, err)
	q, _ := values.GetIn(contract.InQuery, "a")
	f, _ := values.GetIn(contract.InForm, "a")
	assert.Equal(t, "2 4", q+" "+f)

	_, err = last.ParseValues(nil, strings.Repeat("a=1&", contract.MaxParams+1), "", nil)
	require.ErrorIs(t, err, contract.ErrTooMany)
}

func TestMultipart(t *testing.T) {
	d := load(t)
	body := "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\né&=+%41\r\n--B\r\n" +
		"Content-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\nfile\r\n--B--\r\n"
	values, err := d.ParseValues(nil, "", "multipart/form-data; boundary=B", []byte(body))
	require.NoError(t, err)
	assert.Equal(t, contract.Values{{Name: "a", Value: "é&=+%41", In: contract.InForm}}, values, "no unescaping, no files")
	for cut := range body {
		_, err := d.ParseValues(nil, "", "multipart/form-data; boundary=B", []byte(body[:cut]))
		require.NoError(t, err)
	}
}

func TestCheckParams(t *testing.T) {
	d := load(t)
	op := d.Operation("buy")
	check := func(query string) string {
		values, err := d.ParseValues(nil, query, "", nil)
		require.NoError(t, err)
		refused, _ := op.CheckParams(values)
		if refused == nil {
			return ""
		}
		return refused.Outcome
	}
	assert.Empty(t, check("amount=1"))
	assert.Equal(t, "amount-missing", check(""))
	assert.Equal(t, "amount-missing", check("amount="))
	assert.Equal(t, "amount-invalid", check("amount=0"))
	assert.Equal(t, "amount-invalid", check("amount=1.0"))
	assert.Equal(t, "amount-invalid", check("amount=99999999999999999999"))
	op.Param("amount").Empty = "amount-invalid"
	assert.Equal(t, "amount-invalid", check("amount="))
	assert.Equal(t, "amount-missing", check(""))
	values, err := d.ParseValues(nil, "amount=1&colour=red", "", nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"colour"}, op.Undeclared(d, values))
	values, err = d.ParseValues(nil, "p=7", "", nil)
	require.NoError(t, err)
	v, ok := d.Operation("look").Param("page").Find(values)
	assert.True(t, ok)
	assert.Equal(t, "7", v)
}

func TestDraw(t *testing.T) {
	d := load(t)
	o := d.Operation("buy").Success
	body, err := o.Draw(nil, d, map[string]int{"count": 5}, true, func(name string) any { return name + "/" })
	require.NoError(t, err)
	assert.Equal(t, `{"requestId":"id\/","message":"a\/b \u00e9\ud83d\ude00","data":{"count":5}}`, string(body))
	assert.Empty(t, o.Check(body))
	body, err = o.Draw(nil, d, nil, false, func(string) any { return nil })
	require.NoError(t, err)
	assert.Equal(t, o.Example, string(body), "nothing given: as written")
	text := d.Operation("parts").Outcome(contract.InternalError)
	body, err = text.Draw(nil, d, nil, false, nil)
	require.NoError(t, err)
	assert.Equal(t, "ERROR", string(body))
}

func TestEncodeIsPHPs(t *testing.T) {
	d := load(t)
	out, err := d.Encode(`a/b\/<é>😀` + "\u2028\x1f\t")
	require.NoError(t, err)
	// php > echo json_encode("a/b\\/<é>😀\u{2028}\x1f\t");
	assert.Equal(t, `"a\/b\\\/<\u00e9>\ud83d\ude00\u2028\u001f\t"`, string(out))
	again, err := d.Encode(json.RawMessage(out))
	require.NoError(t, err)
	assert.Equal(t, string(out), string(again), "what is escaped stays so")
	var back string
	require.NoError(t, json.Unmarshal(out, &back))
	assert.Equal(t, `a/b\/<é>😀`+"\u2028\x1f\t", back)
}

// everything is a schema with each keyword of the subset.
const everything = `
openapi: 3.0.3
info: {title: T, version: "1"}
paths: {}
components:
  schemas:
    S:
      type: object
      additionalProperties: false
      required: [s, i]
      properties:
        s: {type: string, minLength: 1, maxLength: 3, pattern: "^[a-zé]*$"}
        i: {type: integer, minimum: -2, maximum: 10, exclusiveMaximum: true}
        n: {type: number, nullable: true, minimum: 0.5, exclusiveMinimum: true}
        b: {type: boolean}
        e: {type: string, enum: [x, "y/z"]}
        a: {type: array, minItems: 1, maxItems: 2, items: {type: integer}}
        o: {oneOf: [{type: string}, {type: integer, minimum: 5}, {type: integer, maximum: 6}]}
        m: {type: object, additionalProperties: {type: string}}
        y: {anyOf: [{type: string, minLength: 2}, {type: integer}]}
        l: {allOf: [{type: string, minLength: 1}, {type: string, maxLength: 2}]}
`

func FuzzCheckJSONAgreesWithKin(f *testing.F) {
	for _, seed := range []string{
		`{"s":"abc","i":1}`, `{"s":"","i":1}`, `{"s":"abcd","i":10}`, `{"i":-2}`, `{"s":"é","i":9.0,"n":null}`, `{"s":"a","i":1.5,"n":0.5}`,
		`{"s":"a","i":1,"b":true,"e":"y\/z","a":[1],"o":5,"m":{"k":"v"}}`, `{"s":"a","i":1,"a":[]}`, `{"s":"a","i":1,"a":[1,2,3]}`,
		`{"s":"a","i":1,"o":9}`, `{"s":"a","i":1,"o":"t"}`, `{"s":"a","i":1,"o":true}`, `{"s":"a","i":1,"m":{"k":1}}`, `{"s":"a","i":1,"x":1}`,
		`null`, `[]`, `{}`, `{"s":null,"i":null}`, `{"s":"a","i":1}x`, `{"s":"a","i":1e2}`, `{"s":"\u00e9","i":1,"y":"a","l":"abc"}`, ` { "s" : "a" , "i" : 1 } `, `{"s":"a","i":1,"y":null}`,
	} {
		f.Add([]byte(seed))
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(everything))
	require.NoError(f, err)
	kin := doc.Components.Schemas["S"].Value
	ours, err := source.Schema(doc.Components.Schemas["S"])
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		dec := json.NewDecoder(strings.NewReader(string(data)))
		valid := json.Valid(data)
		if valid && dec.Decode(&v) != nil {
			return // a number beyond float64: kin cannot be asked
		}
		found := ours.CheckJSON(data)
		if !valid {
			assert.NotEmpty(t, found, "broken JSON passed: %q", data)
			return
		}
		if repeats(data) || !validUTF8(data) {
			return // kin decodes first: it cannot see these, we do
		}
		err := kin.VisitJSON(v)
		if (err == nil) != (len(found) == 0) {
			t.Fatalf("%s\nkin: %v\nours: %v", data, err, found)
		}
	})
}

func FuzzStringsAgreeWithEncodingJSON(f *testing.F) {
	for _, seed := range []string{
		`""`, `"a"`, `"\/\b\f\n\r\t\"\\"`, `"\u00e9\uD83D\ude00"`, `"\ud83d"`, `"\ud83d\ud83d\ude00"`, `"\ude00\u0041"`, `"\u12"`, `"\x"`, `"\`, `"`, "\"\x01\"", "\"\xff\"", `"é中"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || data[0] != '"' || !utf8.Valid(data) {
			return
		}
		got, ok := contract.DecodeString(data)
		var want string
		err := json.Unmarshal(data, &want)
		if err == nil && data[len(data)-1] != '"' {
			return // blanks after it
		}
		assert.Equal(t, err == nil, ok, "%q", data)
		if ok {
			assert.Equal(t, want, got, "%q", data)
		}
	})
}
