// Package all is the one list of fakes. There is no registry: who wants them all
// names them here.
package all

import (
	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/cliparto"
	"github.com/mediasandbox/sandbox/fakes/interstream"
	"github.com/mediasandbox/sandbox/fakes/polyv"
	"github.com/mediasandbox/sandbox/fakes/qqtube"
	"github.com/mediasandbox/sandbox/fakes/qulive"
)

// APIs returns every fake, in the order of CONTRACTS.
func APIs() []fakes.API {
	return []fakes.API{qqtube.API(), polyv.API(), cliparto.API(), qulive.API(), interstream.API()}
}
