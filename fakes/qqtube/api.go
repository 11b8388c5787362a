// Package qqtube fakes the QQTube reseller API (/v1-api): orders of likes, views,
// comments and the like for a URL, paid from an account's funds.
//
// Sources: the vendor's page ("API文檔和添加提交" and the sections after it) and
// CONTRACTS section 1; each outcome in specs/openapi/qqtube.yaml says which.
//
// Faked: the five actions with their checks, types and texts; prices in exact
// decimals with tiers, drip and price modifiers; funds; delivery on the tenant's
// clock; the statuses 1 to 25 and refunds, which come about only when a test asks
// for them (World.SetStatus, World.Refund, or the state document).
//
// Not faked: nothing is delivered and no URL is fetched. The count of a URL is made up:
// an order begins at the count that the latest order before it for the same URL and kind
// of service shows, the first at a number that follows from the two. What orders before
// the latest still deliver is not seen. An order never fails by itself and a URL need not
// suit its service. share_type, geo-countries, drip and the services' own parameters are
// checked and priced, they do not change the delivery. Requests are not throttled.
package qqtube

import (
	"crypto/sha1" //nolint:gosec // the vendor's keys have the shape of a SHA-1, nothing is protected by it
	"encoding/hex"
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/signature"
)

// pageKey is the API key of the vendor's page, the default tenant's.
const pageKey = "172a1c261d1d84916d9e7321153d0416acab98fc"

// settingErrorKey names the setting for the key under which errors stand.
const settingErrorKey = "error-key"

// API returns the plug-in unit. Each call reads the embedded services and statuses
// anew; the worlds made by one API share them, nobody changes them.
func API() fakes.API {
	data := mustLoadCatalog()
	return fakes.API{
		Name:     "qqtube",
		Hosts:    []string{"www.qqtube.com", "qqtube.com", "qqtube.localhost"},
		Scheme:   signature.QQTube{},
		Accounts: accounts,
		New:      func(env fakes.Env) fakes.World { return newWorld(env, data) },
		Settings: []fakes.Setting{{
			Name:    settingErrorKey,
			Default: "messages",
			Values:  []string{"messages", "message"},
			Why:     "The page shows errors under messages and a success under message; a client may have met either.",
		}},
		Merge:  merge,
		Finish: finish,
	}
}

// accounts returns the tenant's one API key: the page's for the default tenant,
// else a digest of tenant and seed in the same shape, 40 hexadecimal digits.
func accounts(env fakes.Env) []fakes.Account {
	key := pageKey
	if !env.Default {
		sum := sha1.Sum([]byte("qqtube/" + strconv.FormatUint(env.Seed, 16) + "/" + env.Tenant)) //nolint:gosec // as above
		key = hex.EncodeToString(sum[:])
	}
	return []fakes.Account{{ID: key, Credential: map[string]string{"api_key": key}}}
}

// Handlers returns the five actions.
func (w *World) Handlers() fakes.Handlers {
	return fakes.Handlers{
		"add":         fakes.Handle(w.add),
		"stats":       fakes.Handle(w.stats),
		"submissions": fakes.Handle(w.list),
		"funds":       fakes.Handle(w.funds),
		"services":    fakes.Handle(w.listServices),
	}
}
