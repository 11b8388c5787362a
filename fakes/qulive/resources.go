package qulive

import (
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
)

// The resources have the keys of the page's samples, in their order; where the
// catalogue stores the name of a file, the reply has its URL.

// category is a category of stickers (with a level) or of captions.
type category struct {
	ID          int    `json:"id"`
	Icon        string `json:"icon"`
	Description string `json:"description"`
	Name        string `json:"name"`
	Level       int    `json:"level"`
	Preview     string `json:"preview"`
	Sort        int    `json:"sort"`
	Type        int    `json:"type"`
	CreateTime  string `json:"createTime"`
}

// captionCategory is a category without a level (page's getTextPaster sample).
type captionCategory struct {
	ID          int    `json:"id"`
	Icon        string `json:"icon"`
	Description string `json:"description"`
	Name        string `json:"name"`
	Preview     string `json:"preview"`
	Sort        int    `json:"sort"`
	Type        int    `json:"type"`
	CreateTime  string `json:"createTime"`
}

// pasterCategories lists the categories of stickers (vendor page, getPasterInfo).
func (w *World) pasterCategories(c *fakes.Call, _ struct{}) ([]category, error) {
	out := make([]category, len(w.catalogue.PasterCategories))
	for i, k := range w.catalogue.PasterCategories {
		k.Icon = c.Asset(k.Icon)
		k.Preview = c.Asset("preview/paster.png") + "?id=" + strconv.Itoa(k.ID)
		out[i] = k
	}
	return out, nil
}

// captionCategories lists the categories of captions (vendor page, getTextPaster).
func (w *World) captionCategories(c *fakes.Call, _ struct{}) ([]captionCategory, error) {
	out := make([]captionCategory, len(w.catalogue.CaptionCategories))
	for i, k := range w.catalogue.CaptionCategories {
		out[i] = captionCategory{
			ID: k.ID, Icon: c.Asset(k.Icon), Description: k.Description, Name: k.Name,
			Preview: c.Asset("preview/text.png") + "?type=text&id=" + strconv.Itoa(k.ID),
			Sort:    k.Sort, Type: k.Type, CreateTime: k.CreateTime,
		}
	}
	return out, nil
}

// paster is a sticker and the category it belongs to.
type paster struct {
	Category int `json:"category"`
	pasterReply
}

type pasterReply struct {
	ID         int    `json:"id"`
	Icon       string `json:"icon"`
	URL        string `json:"url"`
	Preview    string `json:"preview"`
	Name       string `json:"name"`
	Sort       int    `json:"sort"`
	Type       int    `json:"type"`
	FontID     int    `json:"fontId"`
	CreateTime string `json:"createTime"`
}

type pasterIn struct {
	PasterID string `param:"pasterId"`
}

// pasters lists the stickers of a category, none of one that does not exist (vendor page,
// getPasterList). The server does not read type (observed).
func (w *World) pasters(c *fakes.Call, in pasterIn) (fakes.Reply, error) {
	out := []pasterReply{}
	for _, p := range w.catalogue.Pasters {
		if strconv.Itoa(p.Category) == in.PasterID {
			r := p.pasterReply
			r.Icon, r.URL, r.Preview = c.Asset(r.Icon), c.Asset(r.URL), c.Asset(r.Preview)
			out = append(out, r)
		}
	}
	return found(len(out), "stickers-listed", "category-unknown", out), nil
}

// found chooses between two accepted outcomes.
func found(n int, some, none string, answer any) fakes.Reply {
	if n == 0 {
		return fakes.Reply{Outcome: none, Answer: answer}
	}
	return fakes.Reply{Outcome: some, Answer: answer}
}

type frontPaster struct {
	ID         int    `json:"id"`
	Icon       string `json:"icon"`
	MediaID    int    `json:"mediaId"`
	URL        string `json:"url"`
	Preview    string `json:"preview"`
	Name       string `json:"name"`
	Duration   int    `json:"duration"`
	Desc       string `json:"desc"`
	Sort       int    `json:"sort"`
	Aspect     int    `json:"aspect"`
	Type       int    `json:"type"`
	FontID     int    `json:"fontId"`
	CreateTime string `json:"createTime"`
}

// frontPasters lists the stickers of the camera (vendor page, getFrontPasterList).
func (w *World) frontPasters(c *fakes.Call, _ struct{}) ([]frontPaster, error) {
	out := make([]frontPaster, len(w.catalogue.FrontPasters))
	for i, p := range w.catalogue.FrontPasters {
		p.Icon, p.URL, p.Preview = c.Asset(p.Icon), c.Asset(p.URL), c.Asset(p.Preview)
		out[i] = p
	}
	return out, nil
}

// caption is a caption box and the category it belongs to.
type caption struct {
	Category int `json:"category"`
	captionReply
}

type captionReply struct {
	ID         int    `json:"id"`
	Icon       string `json:"icon"`
	MediaID    int    `json:"mediaId"`
	URL        string `json:"url"`
	Preview    string `json:"preview"`
	Name       string `json:"name"`
	Duration   int    `json:"duration"`
	Desc       string `json:"desc"`
	Sort       int    `json:"sort"`
	Type       int    `json:"type"`
	FontID     int    `json:"fontId"`
	CreateTime string `json:"createTime"`
}

type captionIn struct {
	TextPasterID string `param:"textPasterId"`
}

// captions lists the caption boxes of a category, none of one that does not exist
// (vendor page, getTextPasterList).
func (w *World) captions(c *fakes.Call, in captionIn) (fakes.Reply, error) {
	out := []captionReply{}
	for _, p := range w.catalogue.Captions {
		if strconv.Itoa(p.Category) == in.TextPasterID {
			r := p.captionReply
			r.Icon, r.URL, r.Preview = c.Asset(r.Icon), c.Asset(r.URL), c.Asset(r.Preview)
			out = append(out, r)
		}
	}
	return found(len(out), "captions-listed", "category-unknown", out), nil
}

type musicVideo struct {
	ID         int      `json:"id"`
	PreviewPic string   `json:"previewPic"`
	PreviewMp4 string   `json:"previewMp4"`
	Icon       string   `json:"icon"`
	Duration   int      `json:"duration"`
	Name       string   `json:"name"`
	Sort       int      `json:"sort"`
	CreateTime string   `json:"createTime"`
	AspectList []aspect `json:"aspectList"`
}

// aspect is one shape of an MV: 1 is 1:1, 2 is 4:3, 3 is 16:9.
type aspect struct {
	Aspect   int    `json:"aspect"`
	Download string `json:"download"`
}

// musicVideos lists the MVs (vendor page, getMv).
func (w *World) musicVideos(c *fakes.Call, _ struct{}) ([]musicVideo, error) {
	out := make([]musicVideo, len(w.catalogue.MVs))
	for i, m := range w.catalogue.MVs {
		m.PreviewPic, m.PreviewMp4, m.Icon = c.Asset(m.PreviewPic), c.Asset(m.PreviewMp4), c.Asset(m.Icon)
		shapes := make([]aspect, len(m.AspectList))
		for j, a := range m.AspectList {
			shapes[j] = aspect{a.Aspect, c.Asset(a.Download)}
		}
		m.AspectList = shapes
		out[i] = m
	}
	return out, nil
}

type font struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Banner string `json:"banner"`
	Icon   string `json:"icon"`
	URL    string `json:"url"`
	Sort   int    `json:"sort"`
}

func (f font) linked(c *fakes.Call) font {
	f.Banner, f.Icon, f.URL = c.Asset(f.Banner), c.Asset(f.Icon), c.Asset(f.URL)
	return f
}

type fontIn struct {
	FontID string `param:"fontId"`
}

// fonts returns all fonts, or with an id the one, or null when there is none (vendor
// page, getFont; the latter two shapes are documented and observed).
func (w *World) fonts(c *fakes.Call, in fontIn) (fakes.Reply, error) {
	if in.FontID == "" {
		out := make([]font, len(w.catalogue.Fonts))
		for i, f := range w.catalogue.Fonts {
			out[i] = f.linked(c)
		}
		return fakes.Reply{Outcome: "fonts-listed", Answer: out}, nil
	}
	for _, f := range w.catalogue.Fonts {
		if strconv.Itoa(f.ID) == in.FontID {
			return fakes.Reply{Outcome: "font-found", Answer: f.linked(c)}, nil
		}
	}
	return fakes.Reply{Outcome: "font-unknown", Answer: nothing(nil)}, nil
}
