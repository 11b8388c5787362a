package verifier

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ambient is what the functions of expressions draw on at run time.
type ambient struct {
	now    func() time.Time
	unique func() string
}

// functions are those that scenarios have besides expr's own. With a nil ambient they
// serve the compiler, which looks at their types.
func functions(a *ambient) map[string]any {
	if a == nil {
		a = &ambient{}
	}
	return map[string]any{
		"now":          a.now,
		"unique":       a.unique,
		"decodeBase64": decodeBase64,
		"json":         fromJSON,
		"money":        money,
		"md5":          md5Hex,
	}
}

// decodeBase64 reads base64 in either alphabet, padded or not.
func decodeBase64(v any) (string, error) {
	text, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("decodeBase64 wants a text, this is %s", describe(v))
	}
	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimSpace(text)), "=")
	out, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("%q is not base64", shorten(text, 60))
	}
	return string(out), nil
}

// fromJSON reads a JSON text.
func fromJSON(v any) (any, error) {
	text, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("json wants a text, this is %s", describe(v))
	}
	out, err := decodeJSON([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("%q is not JSON", shorten(text, 60))
	}
	return out, nil
}

// money reads an amount exactly, as whole cents: "12.34" is 1234, 5 is 500.
func money(v any) (int, error) {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case int:
		text = strconv.Itoa(v)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return 0, fmt.Errorf("money wants an amount, this is %s", describe(v))
	}
	rest, negative := strings.CutPrefix(text, "-")
	whole, cents, _ := strings.Cut(rest, ".")
	for len(cents) > 2 && cents[len(cents)-1] == '0' {
		cents = cents[:len(cents)-1]
	}
	if whole == "" || len(whole) > 15 || len(cents) > 2 || strings.Trim(whole+cents, "0123456789") != "" {
		return 0, fmt.Errorf("%q is not an amount such as 12.34", shorten(text, 40))
	}
	n, err := strconv.Atoi(whole + (cents + "00")[:2])
	if err != nil {
		return 0, fmt.Errorf("%q is not an amount such as 12.34", text)
	}
	if negative {
		n = -n
	}
	return n, nil
}

// md5Hex is the digest in lower-case hexadecimal, which some headers carry.
func md5Hex(v any) (string, error) {
	text, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("md5 wants a text, this is %s", describe(v))
	}
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:]), nil
}

// decodeJSON reads one JSON value; whole numbers become int, others float64.
func decodeJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, fmt.Errorf("there is data after the JSON value")
	}
	return numbers(v), nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int(f)
		}
		return f
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

// describe names a value's type in words.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case int, float64:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case time.Time:
		return "a time"
	default:
		return fmt.Sprintf("a %T", v)
	}
}
