package qulive

import (
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// Values of the three statuses (CONTRACTS section 4, statuses). "" is the state before.
const (
	onCensor    = "onCensor"
	onTranscode = "onTranscode"
	success     = "success"
	fail        = "fail"
	check       = "check" // a person has to look at it
)

// Video is a published or a recommended video. Cover, FirstFrame and File are names of
// files, or URLs where the publisher or a notification gave one.
type Video struct {
	ID          int64     `json:"id"` // running number of its list
	VideoID     string    `json:"videoId"`
	Masked      string    `json:"masked,omitempty"` // the page's spelling, with asterisks
	UserID      string    `json:"userId"`
	Author      *Author   `json:"author,omitempty"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Duration    float64   `json:"duration"` // seconds
	Cover       string    `json:"cover"`
	CoverSent   bool      `json:"coverSent,omitempty"` // Cover is the publisher's text, shown as it was sent
	Created     time.Time `json:"created,omitzero"`    // zero shows as ""
	Status      string    `json:"status,omitempty"`
	FirstFrame  string    `json:"firstFrame,omitempty"`
	Size        int64     `json:"size"` // bytes
	CateID      int64     `json:"cateId"`
	CateName    string    `json:"cateName"`
	Tags        string    `json:"tags"`
	File        string    `json:"file,omitempty"`

	TranscodeStatus       string `json:"transcodeStatus,omitempty"`
	SnapshotStatus        string `json:"snapshotStatus,omitempty"`
	CensorStatus          string `json:"censorStatus,omitempty"`
	NarrowTranscodeStatus string `json:"narrowTranscodeStatus,omitempty"`
}

// cover is the URL of the cover, or whatever else the publisher sent for it.
func (v *Video) cover(c *fakes.Call) string {
	if v.CoverSent {
		return v.Cover
	}
	return link(c, v.Cover)
}

// Author is how a list showed a video's user before that user took another nickname:
// the page's recommended samples show none.
type Author struct {
	UserName string `json:"userName"`
	Avatar   string `json:"avatar"`
}

// video returns a published video, else a recommended one, else nil.
func (w *World) video(videoID string) *Video {
	if v := w.videoByID[videoID]; v != nil {
		return v
	}
	return w.recByID[videoID]
}

func (w *World) addVideo(v *Video) {
	w.LastVideo = max(w.LastVideo, v.ID)
	w.Videos.put(v)
	w.indexVideo(v)
}

func (w *World) indexVideo(v *Video) {
	w.videoByID[v.VideoID] = v
	if v.Masked != "" {
		w.videoByID[v.Masked] = v
	}
	own := w.videosOf[v.UserID]
	if own == nil {
		own = &Table{}
		w.videosOf[v.UserID] = own
	}
	own.put(v)
}

func (w *World) addRecommended(v *Video) {
	w.LastRecommended = max(w.LastRecommended, v.ID)
	w.Recommended.put(v)
	w.indexRecommended(v)
}

func (w *World) indexRecommended(v *Video) {
	w.recByID[v.VideoID] = v
	if v.Masked != "" {
		w.recByID[v.Masked] = v
	}
}

type publishIn struct {
	VideoID     string  `param:"videoId"`
	Title       string  `param:"title"`
	Description string  `param:"description"`
	Duration    float64 `param:"duration"`
	CoverURL    string  `param:"coverUrl"`
	Size        int64   `param:"size"`
	Tags        string  `param:"tags"`
	CateID      int64   `param:"cateId"`
	CateName    string  `param:"cateName"`
}

// publish puts a video into its user's personal centre, from where the clock takes it
// through snapshot, review and transcoding. A videoId that the sandbox never issued is
// accepted; one that is recommended is published already (vendor page, videoPublish;
// CONTRACTS section 4).
func (w *World) publish(c *fakes.Call, in publishIn) (empty, error) {
	id, masked := in.VideoID, ""
	if u := w.upload(id); u != nil { // under either spelling
		id, masked = u.VideoID, u.Masked
	}
	if w.video(id) != nil {
		return empty{}, c.Refuse("already-published")
	}
	if w.Videos.Len() >= maxVideos || len(w.Due) >= maxDue ||
		tooLong(in.VideoID, in.Title, in.Description, in.CoverURL, in.Tags, in.CateName) {
		return empty{}, c.Refuse("limit-reached")
	}
	v := &Video{
		ID: w.LastVideo + 1, VideoID: id, Masked: masked, UserID: w.caller(c).UserID,
		Title: in.Title, Description: in.Description, Duration: in.Duration, Cover: in.CoverURL, CoverSent: true, Created: c.Now,
		Size: in.Size, CateID: in.CateID, CateName: in.CateName, Tags: in.Tags, CensorStatus: onCensor,
	}
	w.addVideo(v)
	w.plan(c.Now.Add(snapshotAfter), snapshotComplete, v)
	w.plan(c.Now.Add(reviewAfter), reviewComplete, v)
	return empty{}, nil
}

type deleteIn struct {
	VideoID string `param:"videoId"`
	UserID  string `param:"userId"`
}

// deleteVideo removes a video wherever it is listed. Only its owner may, who may not name
// somebody else; a video that does not exist is deleted already, whoever asks (vendor
// page, deleteVideoById; CONTRACTS section 4).
func (w *World) deleteVideo(c *fakes.Call, in deleteIn) (nothing, error) {
	me := w.caller(c).UserID
	v, r := w.videoByID[in.VideoID], w.recByID[in.VideoID]
	if v == nil && r == nil {
		return nil, nil
	}
	another := in.UserID != "" && in.UserID != me
	if another || (v != nil && v.UserID != me) || (v == nil && r.UserID != me) {
		return nil, c.Refuse("not-owner")
	}
	if v != nil {
		w.removeVideo(v)
	}
	if r != nil && r.UserID == me {
		w.Recommended.remove(r.ID)
		delete(w.recByID, r.VideoID)
		delete(w.recByID, r.Masked)
	}
	if u := w.upload(in.VideoID); u != nil {
		delete(w.Uploads, u.VideoID)
	}
	return nil, nil
}

func (w *World) removeVideo(v *Video) {
	w.Videos.remove(v.ID)
	delete(w.videoByID, v.VideoID)
	delete(w.videoByID, v.Masked)
	own := w.videosOf[v.UserID]
	own.remove(v.ID)
	if own.Len() == 0 {
		delete(w.videosOf, v.UserID)
	}
}
