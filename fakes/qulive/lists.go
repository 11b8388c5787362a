package qulive

import (
	"math"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// maxPage bounds the rows of one reply. The vendor has no bound that is known; a larger
// pageSize is cut to this (assumed).
const maxPage = 10_000

type listIn struct {
	PageIndex int64  `param:"pageIndex"`
	PageSize  int64  `param:"pageSize"`
	ID        *int64 `param:"id"`
}

// asked returns the page that a call asks for.
func (t *Table) asked(in listIn) []*Video {
	below := int64(math.MaxInt64)
	if in.ID != nil {
		below = *in.ID
	}
	return t.page(in.PageIndex, min(in.PageSize, maxPage), below)
}

type authorReply struct {
	UserID    string `json:"userId"`
	UserName  string `json:"userName"` // the nickname
	AvatarURL string `json:"avatarUrl"`
}

// personalRow has the keys of the page's getPersonalVideoList sample, in its order.
type personalRow struct {
	ID                    string      `json:"id"`
	VideoID               string      `json:"videoId"`
	Title                 string      `json:"title"`
	Description           string      `json:"description"`
	Duration              float64     `json:"duration"`
	CoverURL              string      `json:"coverUrl"`
	CreationTime          string      `json:"creationTime"`
	Status                string      `json:"status"`
	FirstFrameURL         string      `json:"firstFrameUrl"`
	Size                  int64       `json:"size"`
	CateID                int64       `json:"cateId"`
	CateName              string      `json:"cateName"`
	Tags                  string      `json:"tags"`
	ShareURL              string      `json:"shareUrl"` // always empty, as in the samples
	User                  authorReply `json:"user"`
	TranscodeStatus       string      `json:"transcodeStatus"`
	SnapshotStatus        string      `json:"snapshotStatus"`
	CensorStatus          string      `json:"censorStatus"`
	NarrowTranscodeStatus string      `json:"narrowTranscodeStatus"`
}

// recommendedRow has one key more (page's getRecommendVideoList sample).
type recommendedRow struct {
	personalRow
	FileURL string `json:"fileUrl"`
}

type listReply[R any] struct {
	Total     int `json:"total"` // of the whole list, whatever the cursor
	VideoList []R `json:"videoList"`
}

// personalVideos lists what the token's user published (vendor page, getPersonalVideoList).
func (w *World) personalVideos(c *fakes.Call, in listIn) (listReply[personalRow], error) {
	own := w.videosOf[w.caller(c).UserID]
	if own == nil {
		own = &Table{}
	}
	out := listReply[personalRow]{Total: own.Len(), VideoList: []personalRow{}}
	for _, v := range own.asked(in) {
		out.VideoList = append(out.VideoList, w.row(c, v))
	}
	return out, nil
}

// recommendedVideos lists what the vendor recommends (vendor page, getRecommendVideoList).
func (w *World) recommendedVideos(c *fakes.Call, in listIn) (listReply[recommendedRow], error) {
	out := listReply[recommendedRow]{Total: w.Recommended.Len(), VideoList: []recommendedRow{}}
	for _, v := range w.Recommended.asked(in) {
		out.VideoList = append(out.VideoList, recommendedRow{w.row(c, v), link(c, v.File)})
	}
	return out, nil
}

func (w *World) row(c *fakes.Call, v *Video) personalRow {
	return personalRow{
		ID: decimal(v.ID), VideoID: v.VideoID, Title: v.Title, Description: v.Description, Duration: v.Duration,
		CoverURL: v.cover(c), CreationTime: creationTime(v.Created), Status: v.Status, FirstFrameURL: link(c, v.FirstFrame),
		Size: v.Size, CateID: v.CateID, CateName: v.CateName, Tags: v.Tags, User: w.author(c, v),
		TranscodeStatus: v.TranscodeStatus, SnapshotStatus: v.SnapshotStatus, CensorStatus: v.CensorStatus,
		NarrowTranscodeStatus: v.NarrowTranscodeStatus,
	}
}

func (w *World) author(c *fakes.Call, v *Video) authorReply {
	u := w.userByID[v.UserID]
	switch {
	case v.Author != nil && (u == nil || u.Modified.IsZero()):
		return authorReply{v.UserID, v.Author.UserName, link(c, v.Author.Avatar)}
	case u == nil:
		return authorReply{UserID: v.UserID}
	default:
		return authorReply{v.UserID, u.NickName, link(c, u.Avatar)}
	}
}

// creationTime is local and has one decimal, as a Java Timestamp prints it: 2019-01-09 22:11:29.0.
func creationTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return shanghai(t).Format(time.DateTime) + ".0"
}
