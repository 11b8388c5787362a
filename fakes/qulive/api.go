// Package qulive fakes the AppServer of Qulive, a short-video app on ApsaraVideo VOD:
// users and their access tokens, upload and playback credentials, videos with their
// review and transcoding, music, and the resources of the editor.
//
// What is faked: every operation of the vendor's page, the life of a published video
// on the clock, and the receiver of VOD's event notifications. What is not: nobody
// stores what is uploaded (an upload address leads back to the sandbox, which takes
// any file and keeps none), no video is looked at (a review passes unless it is told
// otherwise), and the console operations of the vendor's server are left out, because
// the page does not name them.
//
// The contract is specs/openapi/qulive.yaml; the decisions stand in CONTRACTS section 4.
package qulive

import (
	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/signature"
)

// name is the API's name: its document, its prefix on the sandbox.
const name = "qulive"

// callbackSignature is the setting that switches the check of notifications.
const callbackSignature = "callback-signature"

// API returns the fake of Qulive. It panics when the files embedded in this package
// are broken, which its tests exclude.
func API() fakes.API {
	cat, err := loadCatalogue()
	if err != nil {
		panic(err)
	}
	return fakes.API{
		Name:     name,
		Hosts:    []string{"alivc-demo.aliyuncs.com"},
		Scheme:   signature.Qulive{},
		Accounts: accounts,
		New:      func(env fakes.Env) fakes.World { return newWorld(env, cat) },
		Settings: []fakes.Setting{{
			Name: callbackSignature, Default: "on", Values: []string{"on", "off"},
			Why: "An event can be posted by hand without computing its signature; with off, neither of the two headers is looked at.",
		}},
		Value:    movingValue,
		Callback: proofOf,
	}
}

// Handlers returns the operations.
func (w *World) Handlers() fakes.Handlers {
	return fakes.Handlers{
		"vodGetSts":                  fakes.Handle(w.sts),
		"vodGetVideoUploadAuth":      fakes.Handle(w.videoUploadAuth),
		"vodRefreshVideoUploadAuth":  fakes.Handle(w.refreshVideoUploadAuth),
		"vodGetImageUploadAuth":      fakes.Handle(w.imageUploadAuth),
		"demoGetSts":                 fakes.Handle(w.sts),
		"demoGetVideoUploadAuth":     fakes.Handle(w.videoUploadAuth),
		"demoRefreshVideoUploadAuth": fakes.Handle(w.refreshVideoUploadAuth),
		"demoGetVideoPlayAuth":       fakes.Handle(w.videoPlayAuth),
		"demoGetImageUploadAuth":     fakes.Handle(w.imageUploadAuth),
		"login":                      fakes.Handle(w.login),
		"register":                   fakes.Handle(w.register),
		"updateUser":                 fakes.Handle(w.updateUser),
		"randomUser":                 fakes.Handle(w.randomUser),
		"videoPublish":               fakes.Handle(w.publish),
		"getRecommendVideoList":      fakes.Handle(w.recommendedVideos),
		"getPersonalVideoList":       fakes.Handle(w.personalVideos),
		"deleteVideoById":            fakes.Handle(w.deleteVideo),
		"vodCallback":                fakes.Handle(w.callback),
		"getRecommendMusic":          fakes.Handle(w.recommendedMusic),
		"getPlayPath":                fakes.Handle(w.playPath),
		"getPasterInfo":              fakes.Handle(w.pasterCategories),
		"getPasterList":              fakes.Handle(w.pasters),
		"getFrontPasterList":         fakes.Handle(w.frontPasters),
		"getTextPaster":              fakes.Handle(w.captionCategories),
		"getTextPasterList":          fakes.Handle(w.captions),
		"getMv":                      fakes.Handle(w.musicVideos),
		"getFont":                    fakes.Handle(w.fonts),
	}
}
