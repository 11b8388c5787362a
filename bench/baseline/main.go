// Command baseline is what the sandbox is measured against: a server that writes given
// bytes for any request after reading its body, as bare net/http or as bare Echo. Given a
// time, its handler also burns that much of the processor: what a server can reach whose
// rules take as long.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: baseline net/http|echo CONTENT-TYPE FILE BURN")
		os.Exit(2)
	}
	burn, err := time.ParseDuration(os.Args[4])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	body, err := os.ReadFile(os.Args[3])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a benchmark
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("listening on http://%s\n", l.Addr())
	answer := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if burn > 0 {
			for began := time.Now(); time.Since(began) < burn; {
			}
		}
		w.Header().Set("Content-Type", os.Args[2])
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}
	var handler http.Handler = http.HandlerFunc(answer)
	if os.Args[1] == "echo" {
		e := echo.New()
		e.Any("/*", func(c echo.Context) error { answer(c.Response(), c.Request()); return nil })
		handler = e
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintln(os.Stderr, srv.Serve(l))
}
