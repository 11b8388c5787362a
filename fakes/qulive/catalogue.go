package qulive

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed catalogue.json
var catalogueJSON []byte

//go:embed fixtures.json
var fixturesJSON []byte

// catalogue is what the vendor offers to everybody: songs, stickers, captions, MVs and
// fonts. The page's are in it literally, names of files in place of URLs. No operation
// changes it, so that it is no part of a tenant's state.
type catalogue struct {
	Songs             []song        `json:"songs"`
	PasterCategories  []category    `json:"pasterCategories"`
	Pasters           []paster      `json:"pasters"`
	FrontPasters      []frontPaster `json:"frontPasters"`
	CaptionCategories []category    `json:"captionCategories"`
	Captions          []caption     `json:"captions"`
	MVs               []musicVideo  `json:"mvs"`
	Fonts             []font        `json:"fonts"`

	// Words for generated videos and users.
	Titles    []string `json:"titles"`
	Nicknames []string `json:"nicknames"`

	fixtures fixtures
}

// fixtures are the default tenant's own objects of the page.
type fixtures struct {
	Owner struct {
		UserID   string `json:"userId"`
		NickName string `json:"nickName"`
		Avatar   string `json:"avatar"`
	} `json:"owner"`
	Personal    []Video  `json:"personal"`
	Recommended []Video  `json:"recommended"`
	Uploads     []Upload `json:"uploads"`
}

// loadCatalogue reads the embedded files.
func loadCatalogue() (*catalogue, error) {
	c := &catalogue{}
	if err := json.Unmarshal(catalogueJSON, c); err != nil {
		return nil, fmt.Errorf("catalogue.json: %w", err)
	}
	if err := json.Unmarshal(fixturesJSON, &c.fixtures); err != nil {
		return nil, fmt.Errorf("fixtures.json: %w", err)
	}
	return c, nil
}
