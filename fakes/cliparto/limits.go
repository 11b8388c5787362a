package cliparto

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// The vendor's limits (page, "Ограничения"). At exactly this distance a request is
// allowed again (CONTRACTS section 3).
const (
	pace   = 20 * time.Second
	memory = time.Hour
)

// maxAsked is how many requests a world remembers for one id: as many as the pace lets
// through within the memory.
const maxAsked = int(memory / pace)

// The setting that lifts the limits.
const (
	settingLimits = "limits"
	limitsOn      = "on"
	limitsOff     = "off"
)

// Asked is a request that passed the limits.
type Asked struct {
	At  time.Time `json:"at"`
	Q   string    `json:"q"`
	Ext string    `json:"ext,omitempty"` // a long one as "sha256:" and its digest
}

// Admit applies the limits: first one request in 20 seconds, then none repeated within
// an hour. The host asks after the signature, so that requests refused for id, q or
// hash never count; a request that passes counts whatever becomes of it.
//
// What was asked later than now does not exist: a clock that was set back must not
// lock its owner out.
func (w *World) Admit(c *fakes.Call) error {
	if c.Settings[settingLimits] == limitsOff {
		return nil
	}
	now := moment(c.Now)
	asked := recent(w.Asked[c.Caller], now)
	if len(asked) > 0 && now.Sub(asked[len(asked)-1].At) < pace {
		return c.Refuse("too-frequent")
	}
	this := Asked{At: now, Q: c.Op.ID, Ext: fingerprint(c.Param("ext"))}
	for _, a := range asked {
		if a.Q == this.Q && a.Ext == this.Ext {
			return c.Refuse("repeated")
		}
	}
	w.Asked[c.Caller] = append(slices.Clone(asked), this)
	return nil
}

// recent returns the part of a list, which is in order of time, that lies less than
// the memory behind now and not ahead of it.
func recent(list []Asked, now time.Time) []Asked {
	for len(list) > 0 && now.Sub(list[0].At) >= memory {
		list = list[1:]
	}
	for len(list) > 0 && list[len(list)-1].At.After(now) {
		list = list[:len(list)-1]
	}
	return list
}

// fingerprint keeps what a client can make us remember short. A value that looks like
// a fingerprint gets one of its own, so that no two values share one.
func fingerprint(ext string) string {
	const mark, long = "sha256:", 128
	if len(ext) <= long && !strings.HasPrefix(ext, mark) {
		return ext
	}
	sum := sha256.Sum256([]byte(ext))
	return mark + hex.EncodeToString(sum[:])
}
