package qulive

import (
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// playPathLife is how long the URL of a song is said to be good (assumed).
const playPathLife = 24 * time.Hour

// song has the keys of the page's getRecommendMusic sample, in its order.
type song struct {
	MusicID    string `json:"musicId"`
	Title      string `json:"title"`
	ArtistName string `json:"artistName"`
	Duration   string `json:"duration"` // seconds
	Source     string `json:"source"`
}

type musicIn struct {
	PageNo   string `param:"pageNo"`
	PageSize string `param:"pageSize"`
}

type musicReply struct {
	MusicList []song `json:"musicList"`
	Total     string `json:"total"`
}

// recommendedMusic lists the popular songs (vendor page, getRecommendMusic). The contract
// lets 1 to 50 through for both numbers.
func (w *World) recommendedMusic(_ *fakes.Call, in musicIn) (musicReply, error) {
	page, _ := strconv.Atoi(in.PageNo)   // checked by the contract
	size, _ := strconv.Atoi(in.PageSize) // checked by the contract
	songs := w.catalogue.Songs
	from := min(max(page-1, 0)*size, len(songs))
	return musicReply{songs[from:min(from+size, len(songs))], strconv.Itoa(len(songs))}, nil
}

type songIn struct {
	MusicID string `param:"musicId"`
}

type playPathReply struct {
	PlayPath   string `json:"playPath"`
	ExpireTime string `json:"expireTime"` // Unix seconds
}

// playPath returns the URL of a song, and empty texts for one that does not exist
// (vendor page, getPlayPath; the latter is observed).
func (w *World) playPath(c *fakes.Call, in songIn) (fakes.Reply, error) {
	for i := range w.catalogue.Songs {
		if s := &w.catalogue.Songs[i]; s.MusicID == in.MusicID {
			file := "117_15_" + s.MusicID + "_64_4_1_0_sdk-ts/" + s.MusicID + ".64.aac"
			return fakes.Reply{Outcome: "song-found", Answer: playPathReply{
				PlayPath:   c.Asset(file) + "?xcode=" + hexText(c.Rand, 32),
				ExpireTime: decimal(c.Now.Add(playPathLife).Unix()),
			}}, nil
		}
	}
	return fakes.Reply{Outcome: "song-unknown", Answer: playPathReply{}}, nil
}
