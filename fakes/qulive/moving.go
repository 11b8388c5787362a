package qulive

import (
	"fmt"
	"math/rand/v2"

	"github.com/mediasandbox/sandbox/fakes"
)

// movingValue draws the values that move from reply to reply (x-values of the contract).
func movingValue(c *fakes.Call, name string) any {
	switch name {
	case "requestId":
		return uuid(c.Rand)
	case "timestamp":
		return c.Now.UnixMilli()
	case "path":
		return c.Path
	case "verbMessage":
		return "Request method '" + c.Method + "' not supported"
	case "numberMessage":
		return numberMessage(c)
	default:
		return nil
	}
}

// uuid draws a random (version 4) UUID.
func uuid(r *rand.Rand) string {
	hi, lo := r.Uint64(), r.Uint64()
	hi = hi&^0xF000 | 0x4000
	lo = lo&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xFFFF, hi&0xFFFF, lo>>48, lo&0xFFFFFFFFFFFF)
}

// javaType is the type of a number in the signature of the server's handlers: Spring
// 4.3 names it when a text is none.
func javaType(param string) string {
	switch param {
	case "pageIndex", "pageSize":
		return "int"
	case "fileSize":
		return "java.lang.Long"
	case "duration":
		return "java.lang.Float"
	default: // id, size, cateId
		return "java.lang.Integer"
	}
}

// numberMessage is what Spring says of the first number that is none, in the order
// in which it resolves parameters: the declared one.
func numberMessage(c *fakes.Call) any {
	if c.Op == nil {
		return nil
	}
	for _, p := range c.Op.Params {
		if p.Schema.Type != "integer" && p.Schema.Type != "number" {
			continue
		}
		text, sent := p.Find(c.Values)
		empty := sent && text == "" && p.Empty != ""
		if !empty && (text == "" || p.Schema.CheckText(text) == "") {
			continue
		}
		return "Failed to convert value of type 'java.lang.String' to required type '" + javaType(p.Name) +
			"'; nested exception is java.lang.NumberFormatException: For input string: \"" + text + "\""
	}
	return nil
}
