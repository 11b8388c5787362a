// Package cliparto fakes the API Query of Cliparto: an image author's balance, sales,
// images and releases (specs/openapi/cliparto.yaml, CONTRACTS section 3).
//
// Faked are all 17 query types over one author's portfolio, the limits on requests,
// and the way of an image from FTP through review to approval. Not faked: the FTP
// server (World.UploadFTP and the state stand in), the reviewer (every image is
// approved unless World.Review says otherwise), and buyers: sales are a history, new
// ones come by World.AddSale only.
package cliparto

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/signature"
)

// API is the plug-in of Cliparto.
func API() fakes.API {
	return fakes.API{
		Name:       "cliparto",
		Hosts:      []string{"cliparto.com", "www.cliparto.com", "cliparto.localhost"},
		Scheme:     signature.Cliparto{},
		Accounts:   accounts,
		New:        func(env fakes.Env) fakes.World { return New(env) },
		ReadsCount: true, // against the limits
		Settings: []fakes.Setting{{
			Name:    settingLimits,
			Default: limitsOn,
			Values:  []string{limitsOn, limitsOff},
			Why:     "One request in 20 seconds, and none repeated within an hour, is the vendor's rule; a test that is not about it wants to go faster.",
		}},
	}
}

// Handlers lists the operations, which are called as the vendor calls its query types.
func (w *World) Handlers() fakes.Handlers {
	return fakes.Handlers{
		"BalanceCurrent":    fakes.Handle(w.balanceCurrent),
		"EarningsTotal":     fakes.Handle(w.earningsTotal),
		"EarningsThisMonth": fakes.Handle(w.earningsThisMonth),
		"EarningsPrevMonth": fakes.Handle(w.earningsPrevMonth),

		"DownloadsTotal":     fakes.Handle(w.downloadsTotal),
		"DownloadsThisMonth": fakes.Handle(w.downloadsThisMonth),
		"DownloadsPrevMonth": fakes.Handle(w.downloadsPrevMonth),
		"DownloadsList":      fakes.Handle(w.downloadsList),

		"ImagesTotal":        fakes.Handle(w.imagesTotal),
		"ImagesNew":          fakes.Handle(w.imagesNew),
		"ImagesNewPrevMonth": fakes.Handle(w.imagesNewPrevMonth),
		"ImageIDByFileName":  fakes.Handle(w.imageIDByFileName),
		"ImageData":          fakes.Handle(w.imageData),

		"ProcessFilesFromFTP": fakes.Handle(w.processFilesFromFTP),
		"SubmitToPending":     fakes.Handle(w.submitToPending),

		"ReleasesList":         fakes.Handle(w.releasesList),
		"AttachReleaseToImage": fakes.Handle(w.attachReleaseToImage),
	}
}

// accounts returns the author of a tenant: the page's example for the default one,
// else an id of twelve digits and an API code of twelve characters, derived from
// tenant and seed. The page's id has six digits, too few for many tenants.
func accounts(env fakes.Env) []fakes.Account {
	id, code := "176050", "8zn2eBj90M0F"
	if !env.Default {
		sum := sha256.Sum256([]byte("cliparto\x00" + strconv.FormatUint(env.Seed, 10) + "\x00" + env.Tenant))
		id = strconv.FormatUint(100_000_000_000+binary.BigEndian.Uint64(sum[:8])%900_000_000_000, 10)
		code = alphanumeric(sum[8:20])
	}
	return []fakes.Account{{
		ID:         id,
		Secret:     code,
		Credential: map[string]string{"id": id, "api_code": code},
	}}
}

// alphanumeric makes a letter or digit of each byte.
func alphanumeric(b []byte) string {
	const set = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	out := make([]byte, len(b))
	for i := range b {
		out[i] = set[int(b[i])%len(set)]
	}
	return string(out)
}
