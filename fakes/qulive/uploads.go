package qulive

import (
	"math/rand/v2"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// Upload is an authorised upload of a video. Address and credentials follow from Key
// and Issued, so that a refresh gives the same ones again.
type Upload struct {
	VideoID   string    `json:"videoId"`
	Masked    string    `json:"masked,omitempty"` // the page's spelling, with asterisks
	Title     string    `json:"title"`
	Extension string    `json:"extension"` // lower case, without the dot
	Key       string    `json:"key"`       // 16 hexadecimal characters, drawn anew when the credentials are renewed
	Issued    time.Time `json:"issued"`
	Expires   time.Time `json:"expires"`
}

// file is where the video is put: like the page's, a folder and a file that both carry
// part of the key and the time in milliseconds.
func (u *Upload) file() string {
	stem := u.Key[:min(8, len(u.Key))] + "-" + strconv.FormatInt(u.Issued.UnixMilli(), 16)
	return "sv/" + stem + "/" + stem + "." + u.Extension
}

// credentials are drawn from the key alone.
func (u *Upload) credentials() sts {
	seed, _ := strconv.ParseUint(u.Key, 16, 64) // a key that is no number seeds with what could be read
	return newSTS(rand.New(rand.NewPCG(seed, 0)))
}

// renew gives the upload an address and credentials of its own from now on.
func (u *Upload) renew(c *fakes.Call) {
	u.Key, u.Issued, u.Expires = hexText(c.Rand, 16), c.Now, c.Now.Add(credentialLife)
}

func (w *World) indexUpload(u *Upload) {
	w.Uploads[u.VideoID] = u
	if u.Masked != "" {
		w.uploadAlias[u.Masked] = u.VideoID
	}
}

// upload returns the authorised upload of a video, under either spelling, or nil.
func (w *World) upload(videoID string) *Upload {
	if u := w.Uploads[videoID]; u != nil {
		return u
	}
	return w.Uploads[w.uploadAlias[videoID]]
}

// Limits of VOD on an upload (vendor page, getVideoUploadAuth; the description's and
// the number of tags are observed at VOD's own API).
const (
	maxTitle       = 128  // bytes
	maxDescription = 1024 // bytes
	maxTags        = 16
)

// checkTexts refuses what VOD refuses of a title, a description and tags.
func checkTexts(c *fakes.Call, title, description, tags string) error {
	switch {
	case len(title) > maxTitle:
		return c.Refuse("title-too-long")
	case len(description) > maxDescription:
		return c.Refuse("description-too-long")
	case countTags(tags) > maxTags:
		return c.Refuse("tags-too-many")
	}
	return nil
}

// countTags counts the tags between commas; blank ones are none.
func countTags(tags string) int {
	n := 0
	for tag := range strings.SplitSeq(tags, ",") {
		if strings.TrimSpace(tag) != "" {
			n++
		}
	}
	return n
}

// videoExtension reports whether VOD takes files of that extension (VOD's upload
// overview, which the page refers to).
func videoExtension(ext string) bool {
	return slices.Contains([]string{
		"3gp", "asf", "avi", "dat", "dv", "flv", "f4v", "gif", "m2t", "m3u8", "m4v", "mj2", "mjpeg", "mkv", "mov",
		"mp4", "mpe", "mpg", "mpeg", "mts", "ogg", "qt", "rm", "rmvb", "swf", "ts", "vob", "wmv", "webm",
		"aac", "ac3", "acm", "amr", "ape", "caf", "flac", "m4a", "mp3", "ra", "wav", "wma", "aiff",
	}, ext)
}

type videoUploadIn struct {
	Title       string `param:"title"`
	FileName    string `param:"fileName"`
	Description string `param:"description"`
	Tags        string `param:"tags"`
}

type videoUploadReply struct {
	VideoID string `json:"videoId"`
	uploadReply
}

type uploadReply struct {
	UploadAddress string `json:"uploadAddress"`
	UploadAuth    string `json:"uploadAuth"`
}

// videoUploadAuth authorises the upload of a new video (vendor page, getVideoUploadAuth).
func (w *World) videoUploadAuth(c *fakes.Call, in videoUploadIn) (videoUploadReply, error) {
	if err := checkTexts(c, in.Title, in.Description, in.Tags); err != nil {
		return videoUploadReply{}, err
	}
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(in.FileName), "."))
	if !videoExtension(ext) {
		return videoUploadReply{}, c.Refuse("file-extension-illegal")
	}
	if len(w.Uploads) >= maxUploads {
		return videoUploadReply{}, c.Refuse("limit-reached")
	}
	u := &Upload{VideoID: hexText(c.Rand, 32), Title: in.Title, Extension: ext}
	u.renew(c)
	w.indexUpload(u)
	blocks, err := u.reply(c)
	return videoUploadReply{u.VideoID, blocks}, err
}

func (u *Upload) reply(c *fakes.Call) (uploadReply, error) {
	address, err := uploadAddress(c, u.file())
	if err != nil {
		return uploadReply{}, err
	}
	auth, err := uploadAuth(c, u.credentials(), u.Expires)
	return uploadReply{address, auth}, err
}

type videoIDIn struct {
	VideoID string `param:"videoId"`
}

// refreshVideoUploadAuth returns the same address and credentials with less time left,
// and new ones once they have expired (vendor page, refreshVideoUploadAuth). A video
// that was published without the sandbox having authorised it can be uploaded too.
func (w *World) refreshVideoUploadAuth(c *fakes.Call, in videoIDIn) (uploadReply, error) {
	u := w.upload(in.VideoID)
	if u == nil {
		v := w.video(in.VideoID)
		if v == nil {
			return uploadReply{}, c.Refuse("video-not-found")
		}
		if len(w.Uploads) >= maxUploads {
			return uploadReply{}, c.Refuse("limit-reached")
		}
		u = &Upload{VideoID: v.VideoID, Title: v.Title, Extension: "mp4"}
		w.indexUpload(u)
	}
	if !c.Now.Before(u.Expires) {
		u.renew(c)
	}
	return u.reply(c)
}

type imageUploadIn struct {
	ImageType string `param:"imageType"`
	ImageExt  string `param:"imageExt"`
	Title     string `param:"title"`
	Tags      string `param:"tags"`
}

type imageUploadReply struct {
	uploadReply
	ImageID  string `json:"imageId"`
	ImageURL string `json:"imageURL"`
}

// imageUploadAuth authorises the upload of an image (vendor page, getImageUploadAuth).
// Images are not kept: no operation asks for one again.
func (w *World) imageUploadAuth(c *fakes.Call, in imageUploadIn) (imageUploadReply, error) {
	if err := checkTexts(c, in.Title, "", in.Tags); err != nil {
		return imageUploadReply{}, err
	}
	ext := strings.ToLower(in.ImageExt)
	if ext == "" {
		ext = "png" // sent, but empty: the contract's default is for absent ones
	}
	if !slices.Contains([]string{"png", "jpg", "jpeg", "gif"}, ext) {
		return imageUploadReply{}, c.Refuse("image-extension-illegal")
	}
	k := newSTS(c.Rand)
	expires := c.Now.Add(credentialLife)
	file := "image/" + in.ImageType + "/" + strings.ToUpper(hexText(c.Rand, 32)) + "." + ext
	var out imageUploadReply
	var err error
	if out.UploadAddress, err = uploadAddress(c, file); err != nil {
		return imageUploadReply{}, err
	}
	if out.UploadAuth, err = uploadAuth(c, k, expires); err != nil {
		return imageUploadReply{}, err
	}
	out.ImageID = hexText(c.Rand, 32)
	out.ImageURL = c.Asset(file) + "?Expires=" + decimal(expires.Unix()) + "&OSSAccessKeyId=" + k.keyID + "&Signature=" + text(c.Rand, 26) + "%3D"
	return out, nil
}
