package admin

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// path is one path of the contract with the methods that it is listed for.
type path struct {
	template string   // as Echo has it: /__admin/tenants/:id
	segments []string // of template
	methods  map[string]bool
}

// pathsOf lists the paths of routes.
func pathsOf(routes []Route) []path {
	var out []path
	at := map[string]int{} // by template
	for _, rt := range routes {
		template := rt.template()
		i, known := at[template]
		if !known {
			i = len(out)
			at[template] = i
			out = append(out, path{template, strings.Split(template, "/"), map[string]bool{}})
		}
		for _, method := range rt.methods() {
			out[i].methods[method] = true
		}
	}
	return out
}

// allow is the header Allow, as Echo writes it.
func (p path) allow() string {
	return strings.Join(append([]string{http.MethodOptions}, slices.Sorted(maps.Keys(p.methods))...), ", ")
}

// literals is how many segments of the path are spelled out, -1 where it is another path.
func (p path) literals(segments []string) int {
	if len(segments) != len(p.segments) {
		return -1
	}
	n := 0
	for i, s := range p.segments {
		switch {
		case s == segments[i]:
			n++
		case !strings.HasPrefix(s, ":") || segments[i] == "":
			return -1
		}
	}
	return n
}

// Strict is a middleware that undoes two leniencies of Echo's router. The last parameter
// of a path may contain slashes there: /__admin/tenants/t1/ is no path of ours. And where
// a path does not answer to a method, one with a parameter in the same place is taken for
// it: GET /__admin/callbacks/deliver asks for no callback of that name.
func (a *API) Strict(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		segments := strings.Split(echo.GetPath(c.Request()), "/")
		var listed *path
		most := -1
		for i := range a.paths {
			if n := a.paths[i].literals(segments); n > most {
				listed, most = &a.paths[i], n
			}
		}
		switch {
		case listed != nil && listed.template != c.Path():
			c.Response().Header().Set(echo.HeaderAllow, listed.allow())
			return echo.ErrMethodNotAllowed
		case listed == nil && c.Path() != "":
			return echo.ErrNotFound
		}
		return next(c)
	}
}
