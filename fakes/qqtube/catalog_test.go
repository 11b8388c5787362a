package qqtube

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

func TestCatalogServices(t *testing.T) {
	c, err := loadCatalog(servicesJSON, statusesJSON)
	require.NoError(t, err)
	var ids []string
	params, numbers, options := map[string]bool{}, map[int]bool{}, map[string]bool{}
	validators, modifiers, tiers := map[string]bool{}, map[string]bool{}, 0
	for _, l := range c.services.listings {
		ids = append(ids, l.ID)
		tiers = max(tiers, len(l.Prices))
		svc := c.services.byID[l.ID]
		assert.NotNil(t, svc.tier(svc.minimum), "service %s: its minimum has no price", l.ID)
		assert.Zero(t, svc.minimum%svc.increment, "service %s: its minimum is no multiple of its increment", l.ID)
		for _, p := range l.Prices {
			assert.Equal(t, l.ID, p.Service)
		}
		drip := false
		for _, p := range l.Params {
			assert.Equal(t, l.ID, p.Service)
			assert.False(t, params[p.ParamID] || numbers[p.Number], "param %s of service %s is not unique", p.ParamID, l.ID)
			params[p.ParamID], numbers[p.Number] = true, true
			drip = drip || p.Field == "drip"
			modifiers[p.ModifyType] = true
			for _, v := range strings.Split(p.Validators, "|") {
				name, _, _ := strings.Cut(v, ":")
				validators[name] = true
			}
			for _, o := range p.Options {
				assert.Equal(t, p.ParamID, o.Param)
				assert.False(t, options[o.ID], "option %s is not unique", o.ID)
				options[o.ID] = true
			}
		}
		assert.Equal(t, l.IsDrip == "1", drip, "service %s: is_drip and the param drip go together", l.ID)
	}
	assert.Equal(t, []string{"3", "5", "30", "35", "46", "54", "55", "80"}, ids)
	for _, v := range []string{"required", "min", "max", "increment", "minchar", "maxchar", "minlines"} {
		assert.True(t, validators[v], "no service uses the validator %s", v)
	}
	assert.True(t, modifiers["add"] && modifiers["multiply"] && tiers >= 3)
}

// The contract declares what the services read besides, and nothing else: with an example that each of them takes, and
// no rules, which are theirs.
func TestContractKnowsTheServicesParameters(t *testing.T) {
	add := fakestest.New(t, API()).Doc.Operation("add")
	common := []string{"api_key", "action", "url", "quantity", "id_service", "share_type", "geo-countries"}
	read := map[string]bool{}
	for _, s := range mustLoadCatalog().services.byID {
		for i := range s.fields {
			f := &s.fields[i]
			read[f.Field] = true
			p := add.Param(f.Field)
			if !assert.NotNil(t, p, "service %s reads %s", s.ID, f.Field) {
				continue
			}
			assert.False(t, p.Required, p.Name)
			assert.NotEmpty(t, p.Example, p.Name)
			assert.Empty(t, f.check(p.Example), "service %s, %s=%s", s.ID, p.Name, p.Example)
			if p.Name != "drip" { // the page's own: is_drip says who reads it
				assert.Contains(t, p.Summary, "service "+s.ID, p.Name)
				assert.Empty(t, p.Schema.CheckText("any\ntext"), "%s is held to no rule but the service's", p.Name)
			}
		}
	}
	for _, p := range add.Params {
		assert.True(t, slices.Contains(common, p.Name) || read[p.Name], "no service reads %s", p.Name)
	}
}

// TestService80 compares with the page's example, byte for byte.
func TestService80(t *testing.T) {
	const page = `{"id_service":"80","public_name":"YouTube Geo-target Views","amount_minimum":"1000","amount_increment":"1000",` +
		`"is_geo":"0","is_retention":"0","is_drip":"0","drip_cost":"0.00","example":"https://www.youtube.com/watch?v=abcdef",` +
		`"type_name":"geo views","prices":[{"id_service_pricing":"1","id_service":"80","minimum":"1000","maximum":"100000",` +
		`"pricing_per":"1000","price":"2.50"}],"countries":false,"params":[{"id_service_params":"6","id_service":"80",` +
		`"field_label":"Country Selection","field_descr":"Select the country you want views from","field_placeholder":"",` +
		`"field_name":"geotarget","field_type":"dropdown","field_validators":"required","is_price_modifier":"0","modify_type":"",` +
		`"modify_every":"0.000000","modify_by":"0.000000","options":[{"id_service_param_option":"19","id_service_param":"6",` +
		`"name":"Select a country","value":"0","error_selection":"1","order_by":"0","active":"1"},{"id_service_param_option":"20",` +
		`"id_service_param":"6","name":"United States","value":"21","error_selection":"0","order_by":"10","active":"1"}],` +
		`"override_id":false,"id":6,"id_shop_list":null}]}`
	got, err := json.Marshal(world(t).byID["80"].Listing)
	require.NoError(t, err)
	assert.Equal(t, page, string(got))
}

func TestCatalogStatuses(t *testing.T) {
	c, err := loadCatalog(servicesJSON, statusesJSON)
	require.NoError(t, err)
	for id := 1; id <= lastStatus; id++ {
		s := c.statuses[id]
		assert.Equal(t, itoa(int64(id)), s.ID)
		want := "error"
		if id == 1 || id == 2 || id == 8 {
			want = "info"
		}
		assert.Equal(t, want, s.Type, "status %d", id)
		name := "Error"
		switch id {
		case 1:
			name = "Completed"
		case 2, 3:
			name = "In Progress"
		case 4:
			name = "Unknown error"
		case 8:
			name = "Refunded"
		case 19:
			name = "Stopped"
		}
		assert.Equal(t, name, s.Name, "status %d", id)
		assert.NotEmpty(t, s.Description)
	}
	assert.Equal(t, "Submission is currently receiving what was ordered.", c.statuses[2].Description)
}

func TestCatalogRefusesNonsense(t *testing.T) {
	good := `[{"id_service":"9","amount_minimum":"1","amount_increment":"1","drip_cost":"0","delivery":"1h","prices":[{"minimum":"1","maximum":"9","pricing_per":"1","price":"1"}],"params":[{"field_name":"x","field_validators":"min:1","is_price_modifier":"1","modify_type":"add","modify_every":"1","modify_by":"1"}]}]`
	_, err := loadCatalog(good, statusesJSON)
	require.NoError(t, err)
	for _, c := range [][3]string{
		{`"id_service":"9"`, `"id_service":"nine"`, "id_service"},
		{`"amount_minimum":"1"`, `"amount_minimum":"0"`, "amount_minimum"},
		{`"amount_increment":"1"`, `"amount_increment":"x"`, "amount_increment"},
		{`"drip_cost":"0"`, `"drip_cost":"1/3"`, "drip_cost"},
		{`"delivery":"1h"`, `"delivery":"0s"`, "delivery"},
		{`"delivery":"1h"`, `"delivery":"soon"`, "services.json"},
		{`"maximum":"9"`, `"maximum":""`, "prices.0"},
		{`"pricing_per":"1"`, `"pricing_per":"0"`, "pricing_per"},
		{`"price":"1"`, `"price":"-1"`, "prices.0"},
		{`"min:1"`, `"min"`, "validator"},
		{`"min:1"`, `"min:x"`, "validator"},
		{`"min:1"`, `"required:1"`, "validator"},
		{`"min:1"`, `"increment:0"`, "validator"},
		{`"min:1"`, `"maxwords:1"`, "unknown validator"},
		{`"field_name":"x"`, `"field_name":""`, "field_name"},
		{`"modify_type":"add"`, `"modify_type":""`, "modify_type"},
		{`"modify_every":"1"`, `"modify_every":"0.000"`, "modify_every"},
		{`"modify_by":"1"`, `"modify_by":"1e5"`, "modify_every"},
		{`[{`, `[null,{`, "null"},
		{`[{`, `{`, "services.json"},
	} {
		require.Contains(t, good, c[0])
		_, err := loadCatalog(strings.Replace(good, c[0], c[1], 1), statusesJSON)
		require.ErrorContains(t, err, c[2], c[1])
	}
	_, err = loadCatalog("["+good[1:len(good)-1]+","+good[1:], statusesJSON)
	require.ErrorContains(t, err, "twice")
	_, err = loadCatalog(good, `[]`)
	require.ErrorContains(t, err, "0 rows")
	_, err = loadCatalog(good, strings.Replace(statusesJSON, `"id_status": "7"`, `"id_status": "6"`, 1))
	require.ErrorContains(t, err, "row 7")
	_, err = loadCatalog(good, `{`)
	require.Error(t, err)
}
