// Command qqtube is a small client of QQTube's reseller API: it places orders, tells the
// vendor's errors apart and walks through all submissions. It knows nothing of the sandbox:
// base URL and key come from the environment, as they would in production.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Client calls the API at Base with Key.
type Client struct {
	Base string // https://www.qqtube.com
	Key  string
	HTTP *http.Client
}

// Error is a refusal of the vendor: one message or several.
type Error struct{ Messages []Message }

// Message is one reason, with the id by which it is told apart.
type Message struct {
	ID      int    `json:"id"`
	Message string `json:"message"`
}

func (e *Error) Error() string {
	texts := make([]string, len(e.Messages))
	for i, m := range e.Messages {
		texts[i] = fmt.Sprintf("%s (%d)", m.Message, m.ID)
	}
	return "qqtube: " + strings.Join(texts, "; ")
}

// Has reports whether err is a refusal with a message of that id.
func Has(err error, id int) bool {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return false
	}
	for _, m := range refusal.Messages {
		if m.ID == id {
			return true
		}
	}
	return false
}

// Ids of the documented messages.
const (
	ServiceMissing = 30
	ServiceUnknown = 32
)

// Service is one thing that can be ordered.
type Service struct {
	ID      string            `json:"id_service"`
	Name    string            `json:"public_name"`
	Minimum string            `json:"amount_minimum"`
	Geo     string            `json:"is_geo"`
	Params  []json.RawMessage `json:"params"`
}

// Submission is an order in the list of all.
type Submission struct {
	ID      string `json:"id_service_submission"`
	Service string `json:"id_service"`
	Wanted  string `json:"wanted_count"`
	Cost    string `json:"total_cost"`
}

// Services lists what can be ordered.
func (c *Client) Services(ctx context.Context) (list []Service, err error) {
	err = c.call(ctx, http.MethodGet, "services", nil, &list)
	return list, err
}

// Funds returns the money on the account, such as "508.60".
func (c *Client) Funds(ctx context.Context) (string, error) {
	var reply struct{ Funds string }
	err := c.call(ctx, http.MethodGet, "funds", nil, &reply)
	return reply.Funds, err
}

// Add places an order and returns its id.
func (c *Client) Add(ctx context.Context, service, target, quantity string) (string, error) {
	var reply struct {
		Status string `json:"status"`
		ID     string `json:"id_service_submission"`
	}
	err := c.call(ctx, http.MethodPost, "add", url.Values{"id_service": {service}, "url": {target}, "quantity": {quantity}}, &reply)
	if err == nil && reply.Status != "success" { // the page: look for the lack of success, not for an error
		err = fmt.Errorf("qqtube: add: status %q", reply.Status)
	}
	return reply.ID, err
}

// Status returns the name of an order's status, such as "In Progress".
func (c *Client) Status(ctx context.Context, id string) (string, error) {
	var reply struct{ Status struct{ Name string } }
	err := c.call(ctx, http.MethodGet, "stats", url.Values{"id_service_submission": {id}}, &reply)
	return reply.Status.Name, err
}

// Submissions walks through all orders, the newest first, a page at a time. An error ends it.
func (c *Client) Submissions(ctx context.Context, pageSize int) iter.Seq2[Submission, error] {
	return func(yield func(Submission, error) bool) {
		params := url.Values{"limit": {strconv.Itoa(pageSize)}}
		for {
			var page []Submission
			if err := c.call(ctx, http.MethodGet, "submissions", params, &page); err != nil {
				yield(Submission{}, err)
				return
			}
			for _, s := range page {
				if !yield(s, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			params.Set("starting_after", page[len(page)-1].ID)
		}
	}
}

// call makes one request and reads the reply into into. A refusal is an *Error.
func (c *Client) call(ctx context.Context, method, action string, params url.Values, into any) error {
	all := url.Values{"action": {action}, "api_key": {c.Key}}
	for name, values := range params {
		all[name] = values
	}
	target, body := c.Base+"/v1-api", ""
	if method == http.MethodGet {
		target += "?" + all.Encode()
	} else {
		body = all.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("qqtube: %s: %w", action, err)
	}
	// Errors come with HTTP 200 and without: the body tells. It is an array where all is well
	// with a list.
	var refusal struct {
		Status   string
		Messages []Message
	}
	if json.Unmarshal(data, &refusal) == nil && refusal.Status == "error" && len(refusal.Messages) > 0 {
		return &Error{refusal.Messages}
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("qqtube: %s: HTTP %d", action, res.StatusCode)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("qqtube: %s: not the reply that is documented: %w", action, err)
	}
	return nil
}
