package verifier

import (
	"regexp"
	"strings"

	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// statePaths are the paths of state control below /__admin/state/{api}, as
// specs/openapi/admin.yaml has them; a test holds the two to each other. All are posted to;
// the state as a whole is read and replaced.
func statePaths(api string) []string {
	switch api {
	case "qqtube":
		return []string{"/funds", "/orders/{id}/status", "/orders/{id}/refund"}
	case "polyv":
		return []string{"/danmu", "/videos", "/videos/{vid}/authplay", "/categories", "/grab-tasks", "/exam-logs"}
	case "cliparto":
		return []string{"/ftp", "/sales", "/payouts", "/images/{id}/review"}
	case "qulive":
		return []string{"/videos/{videoId}/snapshot", "/videos/{videoId}/review", "/videos/{videoId}/transcode", "/videos/{videoId}/recommend"}
	}
	return nil
}

// inPath is an expression in a path.
var inPath = regexp.MustCompile(`\$\{[^{}]*\}`)

// statePath holds a path of state control to those that there are, as far as it is written
// out: what an expression gives is seen when the step runs.
func (c *compiler) statePath(method string, n *tree.Node) {
	path := strings.TrimSuffix(inPath.ReplaceAllString(n.Text, "*"), "/")
	switch {
	case strings.ContainsAny(path, "{}") || strings.HasPrefix(path, "*"):
	case path == "":
		if method != "get" && method != "put" {
			c.file.At(n, "the state as a whole answers to get and put, not to %s", method)
		}
	default:
		known := statePaths(c.doc.Name)
		for _, template := range known {
			if leads(path, template) {
				if method != "post" {
					c.file.At(n, "%s answers to post, not to %s", template, method)
				}
				return
			}
		}
		c.file.At(n, "the state control of %s has no path %q%s", c.doc.Name, n.Text, tree.Hint(path, known))
	}
}

// leads reports whether a path, in which * is whatever an expression gives, is one of a
// template.
func leads(path, template string) bool {
	parts, wants := strings.Split(path, "/"), strings.Split(template, "/")
	if len(parts) != len(wants) {
		return strings.Contains(path, "*") && len(parts) < len(wants) // an expression may give several parts
	}
	for i, want := range wants {
		if !strings.HasPrefix(want, "{") && !strings.Contains(parts[i], "*") && parts[i] != want {
			return false
		}
	}
	return true
}
