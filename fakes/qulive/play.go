package qulive

import (
	"encoding/base64"
	"math/rand/v2"
	"net/url"
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// playAuthLife is how long a playback credential is good: VOD's own default (observed).
const playAuthLife = 100 * time.Second

type playReply struct {
	CoverURL string `json:"coverURL"`
	Duration string `json:"duration"`
	VideoID  string `json:"videoId"`
	PlayAuth string `json:"playAuth"`
}

// playBlock is what the base64 text playAuth holds, in the order of the page's decoded sample.
type playBlock struct {
	SecurityToken   string
	AuthInfo        string // JSON text of authInfo
	VideoMeta       videoMeta
	AccessKeyID     string `json:"AccessKeyId"`
	PlayDomain      string
	AccessKeySecret string
	Region          string
	CustomerID      int64 `json:"CustomerId"`
}

type videoMeta struct {
	Status   string
	VideoID  string `json:"VideoId"`
	Title    string
	CoverURL string
	Duration float64
}

type authInfo struct {
	Caller     string
	ExpireTime string
	MediaID    string `json:"MediaId"`
	PlayDomain string
	Signature  string
}

// customer is the cloud account that the playback credentials name; it is nobody's.
const customer = 1_800_000_000_000_001

// videoPlayAuth returns the credential for playing a video that has passed its review
// and its transcoding (vendor page, getVideoPlayAuth; refusals observed at VOD).
func (w *World) videoPlayAuth(c *fakes.Call, in videoIDIn) (playReply, error) {
	v := w.video(in.VideoID)
	if v == nil {
		if w.upload(in.VideoID) == nil {
			return playReply{}, c.Refuse("video-not-found")
		}
		v = &Video{}
	}
	if video, audit := v.vodStatus(); video != "Normal" {
		return playReply{}, c.Refuse("video-not-ready", "statusMessage",
			"Forbidden.IllegalStatus : Status of the video is illegal. Currently Video Status is "+video+" and AuditStatus is "+audit+".")
	}
	k := newSTS(c.Rand)
	domain := ""
	if u, err := url.Parse(c.Base()); err == nil {
		domain = u.Host
	}
	cover := v.cover(c)
	info, err := compact(authInfo{
		Caller: base64Text(c.Rand, 32), ExpireTime: c.Now.Add(playAuthLife).UTC().Format(utc), MediaID: v.VideoID,
		PlayDomain: domain, Signature: base64Text(c.Rand, 20),
	})
	if err != nil {
		return playReply{}, err
	}
	auth, err := block(playBlock{
		SecurityToken: k.securityToken, AuthInfo: string(info),
		VideoMeta:   videoMeta{"Normal", v.VideoID, v.Title, cover, v.Duration},
		AccessKeyID: k.keyID, PlayDomain: domain, AccessKeySecret: k.keySecret, Region: region, CustomerID: customer,
	})
	return playReply{cover, strconv.FormatFloat(v.Duration, 'f', -1, 64), v.VideoID, auth}, err
}

// vodStatus is what VOD itself calls the state of the video and of its audit. A
// recommended video has no statuses and is ready; one that was only authorised (no id)
// is still being uploaded.
func (v *Video) vodStatus() (video, audit string) {
	switch {
	case v.ID == 0:
		return "Uploading", "Init"
	case v.CensorStatus == onCensor:
		return "UploadSucc", "Init"
	case v.CensorStatus == check:
		return "Checking", "Init"
	case v.CensorStatus == fail:
		return "Blocked", "Blocked"
	case v.TranscodeStatus == onTranscode:
		return "Transcoding", "Normal"
	case v.TranscodeStatus == fail:
		return "TranscodeFail", "Normal"
	default:
		return "Normal", "Normal"
	}
}

// base64Text draws n bytes and writes them in base64.
func base64Text(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return base64.StdEncoding.EncodeToString(b)
}
