package contract

// DecodeString reads one JSON string as the checker does.
func DecodeString(data []byte) (string, bool) {
	c := scanner{data: data}
	if c.peek() != '"' {
		return "", false
	}
	q, ok := c.str()
	if !ok || len(c.findings) > 0 || c.pos != len(data) {
		return "", false
	}
	return string(q.decoded()), true
}
