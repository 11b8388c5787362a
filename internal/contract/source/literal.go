package source

import (
	"fmt"

	"github.com/goccy/go-yaml"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// literal writes a value of the document as JSON, keys in the order written there.
func literal(v any, php bool) ([]byte, error) {
	out, err := appendLiteral(nil, v)
	if err == nil && php {
		out = contract.PHPStyle(out)
	}
	return out, err
}

func appendLiteral(dst []byte, v any) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case yaml.MapSlice:
		dst = append(dst, '{')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			key, kerr := contract.Encode(fmt.Sprint(item.Key), false)
			if kerr != nil {
				return nil, kerr
			}
			dst = append(append(dst, key...), ':')
			if dst, err = appendLiteral(dst, item.Value); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendLiteral(dst, item); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	default:
		text, err := contract.Encode(v, false)
		return append(dst, text...), err
	}
}
