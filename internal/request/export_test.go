package request

// Words splits a command line, for tests that ask a real shell for the same.
func Words(line string) ([]string, error) {
	out, _, err := words(line)
	return out, err
}
