package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	c := &Client{
		Base: os.Getenv("QQTUBE_BASE_URL"), Key: os.Getenv("QQTUBE_API_KEY"),
		HTTP: &http.Client{Timeout: 30 * time.Second}, // as the vendor's sample has it
	}
	if err := run(context.Background(), c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run orders three times, and shows what the account then has.
func run(ctx context.Context, c *Client) error {
	const target = "https://www.youtube.com/watch?v=jofNR_WkoCE"
	services, err := c.Services(ctx)
	if err != nil {
		return err
	}
	service, ok := simple(services)
	if !ok {
		return fmt.Errorf("no service can be ordered without further parameters")
	}
	// What the vendor refuses is no accident but an answer: the documented ids tell which.
	if _, err := c.Add(ctx, "", target, service.Minimum); !Has(err, ServiceMissing) || !Has(err, ServiceUnknown) {
		return fmt.Errorf("an order without service: %w", err)
	}
	if _, err := c.Add(ctx, "999999", target, service.Minimum); !Has(err, ServiceUnknown) || Has(err, ServiceMissing) {
		return fmt.Errorf("an order of no service: %w", err)
	}
	var last string
	for range 3 {
		if last, err = c.Add(ctx, service.ID, target, service.Minimum); err != nil {
			return err
		}
	}
	status, err := c.Status(ctx, last)
	if err != nil {
		return err
	}
	fmt.Printf("ordered %s three times, the last is %s\n", service.Name, status)
	n := 0
	for s, err := range c.Submissions(ctx, 2) {
		if err != nil {
			return err
		}
		n++
		fmt.Printf("submission %d: %s of service %s for $%s\n", n, s.Wanted, s.Service, s.Cost)
	}
	funds, err := c.Funds(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("funds: $%s\n", funds)
	return nil
}

// simple finds a service that wants nothing but a URL and a quantity.
func simple(services []Service) (Service, bool) {
	for _, s := range services {
		if s.Geo == "0" && len(s.Params) == 0 {
			return s, true
		}
	}
	return Service{}, false
}
