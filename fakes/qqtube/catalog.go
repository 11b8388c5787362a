package qqtube

import (
	_ "embed" // the two tables
	"encoding/json"
	"fmt"
	"strconv"
)

//go:embed services.json
var servicesJSON string

//go:embed statuses.json
var statusesJSON string

// catalog is what every tenant starts with; nobody changes it.
type catalog struct {
	services *shelf
	statuses [lastStatus + 1]statusReply // by id_status
}

// shelf is a set of services and the ways to find them.
type shelf struct {
	listings []*Listing
	byID     map[string]*Service
}

func newShelf(services []*Service) (*shelf, error) {
	s := &shelf{listings: make([]*Listing, 0, len(services)), byID: make(map[string]*Service, len(services))}
	for i, svc := range services {
		if svc == nil {
			return nil, fmt.Errorf("services.%d is null", i)
		}
		if err := svc.compile(); err != nil {
			return nil, err
		}
		if s.byID[svc.ID] != nil {
			return nil, fmt.Errorf("service %s stands twice", svc.ID)
		}
		s.byID[svc.ID] = svc
		s.listings = append(s.listings, &svc.Listing)
	}
	return s, nil
}

// loadCatalog reads the two embedded tables.
func loadCatalog(servicesJSON, statusesJSON string) (*catalog, error) {
	var services []*Service
	if err := json.Unmarshal([]byte(servicesJSON), &services); err != nil {
		return nil, fmt.Errorf("services.json: %w", err)
	}
	shelf, err := newShelf(services)
	if err != nil {
		return nil, fmt.Errorf("services.json: %w", err)
	}
	var statuses []statusReply
	if err := json.Unmarshal([]byte(statusesJSON), &statuses); err != nil {
		return nil, fmt.Errorf("statuses.json: %w", err)
	}
	c := &catalog{services: shelf}
	if len(statuses) != lastStatus {
		return nil, fmt.Errorf("statuses.json: has %d rows, wants %d", len(statuses), lastStatus)
	}
	for i, s := range statuses {
		if s.ID != strconv.Itoa(i+1) {
			return nil, fmt.Errorf("statuses.json: row %d has id_status %q", i+1, s.ID)
		}
		c.statuses[i+1] = s
	}
	return c, nil
}

// mustLoadCatalog panics when the tables inside this binary are wrong: a mistake of
// the build, met at start and by this package's tests, never by a request.
func mustLoadCatalog() *catalog {
	c, err := loadCatalog(servicesJSON, statusesJSON)
	if err != nil {
		panic("qqtube: " + err.Error())
	}
	return c
}
