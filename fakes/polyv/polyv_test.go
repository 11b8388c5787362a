package polyv_test

import (
	"testing"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/polyv"
)

func TestConformance(t *testing.T) {
	fakestest.Run(t, polyv.API(), fakestest.Suite{})
}
