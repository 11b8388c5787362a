//go:build !unix

package store

import "os"

// flock locks nothing where there is no such call: two sandboxes on one folder are then
// the user's to avoid.
func flock(*os.File) error { return nil }
