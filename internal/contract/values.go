package contract

// In says where in a request a value stands.
type In string

// The places a value can stand in.
const (
	InPath  In = "path"
	InQuery In = "query"
	InForm  In = "form" // application/x-www-form-urlencoded and multipart/form-data alike
)

// Value is one name=value pair of a request, decoded.
type Value struct {
	Name, Value string
	In          In
	// Shadowed marks a value that another of the same name hides under the
	// API's rule for repeated parameters. It was sent, it does not count.
	Shadowed bool
}

// Values are the parameters of one request: path, then query, then form, each
// in the order of arrival.
type Values []Value

// Get returns the value that counts for name, wherever it stands.
func (vs Values) Get(name string) (string, bool) {
	for i := range vs {
		if vs[i].Name == name && !vs[i].Shadowed {
			return vs[i].Value, true
		}
	}
	return "", false
}

// GetIn returns the value that counts for name among those standing in the given place.
func (vs Values) GetIn(in In, name string) (string, bool) {
	for i := range vs {
		if vs[i].Name == name && vs[i].In == in && !vs[i].Shadowed {
			return vs[i].Value, true
		}
	}
	return "", false
}

// shadow marks the values that do not count. With last, a later value of the
// same name hides an earlier one (PHP), otherwise the reverse (servlets); the
// comparison stays inside one place when strict.
func (vs Values) shadow(last, strict bool) {
	for i := range vs {
		for j := i + 1; j < len(vs); j++ {
			if vs[i].Name != vs[j].Name || vs[i].In == InPath || (strict && vs[i].In != vs[j].In) {
				continue
			}
			if last {
				vs[i].Shadowed = true
			} else {
				vs[j].Shadowed = true
			}
		}
	}
}
