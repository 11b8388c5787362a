package qulive_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/qulive"
	"github.com/mediasandbox/sandbox/signature"
)

func TestConformance(t *testing.T) {
	fakestest.Run(t, qulive.API(), fakestest.Suite{
		Body: func(b *fakestest.Bench, _ string, r *fakestest.Request) {
			notify(b, r, map[string]any{"EventType": "StreamTranscodeComplete", "VideoId": "23rfewc23", "Status": "success"})
		},
	})
}

// notify makes r a signed notification of the default tenant.
func notify(b *fakestest.Bench, r *fakestest.Request, event any) {
	b.T.Helper()
	notifyAs(b, b.Host.Default(), r, event)
}

func notifyAs(b *fakestest.Bench, tenant *fakes.Tenant, r *fakestest.Request, event any) {
	b.T.Helper()
	body, err := json.Marshal(event)
	require.NoError(b.T, err)
	r.Body = string(body)
	c := tenant.Accounts("qulive")[0].Credential
	const timestamp = "1700000000"
	r.Header.Set("X-VOD-TIMESTAMP", timestamp)
	base := "http://127.0.0.1:7311/t/" + tenant.ID + "/qulive"
	if tenant.Default {
		base = "http://127.0.0.1:7311/qulive"
	}
	url := strings.ReplaceAll(c["callback_url"], fakes.BasePlace, base)
	r.Header.Set("X-VOD-SIGNATURE", signature.AliyunCallback(url, timestamp, c["callback_key"]))
}
