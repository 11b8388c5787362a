package admin

import (
	"net/http"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/mediasandbox/sandbox/specs/openapi"
)

// Version describes a build of the sandbox.
type Version struct {
	Version  string `json:"version"`            // v1.2.3, or "devel"
	Revision string `json:"revision,omitempty"` // commit
	Modified bool   `json:"modified,omitempty"` // built from a tree with changes
	Go       string `json:"go"`                 // toolchain: go1.26.0
	Platform string `json:"platform"`           // linux/amd64
}

func (a *API) healthRoutes() []Route {
	status := func(text string) Handler {
		return func(*Call) (Reply, error) { return Reply{JSON: map[string]string{"status": text}}, nil }
	}
	return []Route{
		{Method: http.MethodGet, Path: "/healthz", Serve: status("ok")},
		// Everything that can fail has been checked before the first request is taken:
		// a sandbox that answers is ready.
		{Method: http.MethodGet, Path: "/readyz", Serve: status("ready")},
	}
}

func (a *API) aboutRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: Prefix + "/version", Serve: a.version},
		{Method: http.MethodGet, Path: Prefix + "/openapi.yaml", Serve: a.ownDocument},
		{Method: http.MethodGet, Path: Prefix + "/specs/{file}", Serve: a.document},
	}
}

func (a *API) version(*Call) (Reply, error) { return Reply{JSON: a.cfg.Version}, nil }

func (a *API) ownDocument(*Call) (Reply, error) {
	data, err := openapi.YAML("admin")
	return Reply{Type: "application/yaml", Body: data}, err
}

// document answers with an API's contract, in the notation that the extension names.
func (a *API) document(c *Call) (Reply, error) {
	name, notation, _ := strings.Cut(c.PathParam("file"), ".")
	if a.host.Document(name) == nil {
		return Reply{}, refuse(http.StatusNotFound, "no API is called %q; there are %s", name, strings.Join(a.apis(), ", "))
	}
	if notation != "yaml" && notation != "json" {
		return Reply{}, refuse(http.StatusNotFound, "contracts are there as %s.yaml and %s.json", name, name)
	}
	data, err := openapi.YAML(name)
	if err != nil || notation == "yaml" {
		return Reply{Type: "application/yaml", Body: data}, err
	}
	data, err = yaml.YAMLToJSON(data)
	return Reply{Type: "application/json", Body: data}, err
}

// apis returns the names of the mounted APIs in their order.
func (a *API) apis() []string {
	var names []string
	for _, api := range a.host.APIs() {
		names = append(names, api.Name)
	}
	return names
}
