// Package polyv is a fake of the Polyv video platform API, ten operations under
// /v2: danmu, grab tasks, video sizes, the category tree, exam logs, clips and the
// switch of authorised playing. The vendor's page and CONTRACTS section 2 say what
// callers see; specs/openapi/polyv.yaml is that in full.
//
// It is not a video platform: nothing is uploaded, fetched, transcoded or played.
// A clip is done the moment it is asked for, grab tasks are finished records, and
// the vendor's other APIs (upload, live, player) are not here.
package polyv

import (
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/signature"
)

// Names of the settings, without the API's name.
const (
	settingWindow = "authplay-window"
	settingStatus = "http-status"
)

// API returns the fake.
func API() fakes.API {
	return fakes.API{
		Name:     "polyv",
		Hosts:    []string{"api.polyv.net", "polyv.localhost"},
		Scheme:   signature.Polyv{},
		Accounts: accounts,
		New:      func(env fakes.Env) fakes.World { return New(env) },
		Settings: []fakes.Setting{
			{
				Name: settingWindow, Default: "3m",
				Why: "authplay-status's parameter table lets ptime live 30 minutes, its code table 3.",
			},
			{
				Name: settingStatus, Default: "200", Values: []string{"200", "code"},
				Why: "the vendor's page shows codes in the body only; some clients read the HTTP status.",
			},
		},
		Window: window,
		Finish: finish,
	}
}

// window is how old a ptime may be: at authplay-status as set, elsewhere the scheme's.
func window(op string, s fakes.Settings) time.Duration {
	if op == "authplayStatus" {
		return s.Duration(settingWindow)
	}
	return 0
}

// Handlers returns the ten operations.
func (w *World) Handlers() fakes.Handlers {
	return fakes.Handlers{
		"danmuDelete":    fakes.Handle(w.danmuDelete),
		"danmuList":      fakes.Handle(w.danmuList),
		"grabDelete":     fakes.Handle(w.grabDelete),
		"grabExport":     fakes.Handle(w.grabExport),
		"grabList":       fakes.Handle(w.grabList),
		"videoSizes":     fakes.Handle(w.videoSizes),
		"cataChange":     fakes.Handle(w.cataChange),
		"examLog":        fakes.Handle(w.examLog),
		"clip":           fakes.Handle(w.clip),
		"authplayStatus": fakes.Handle(w.authplayStatus),
	}
}
