// Command compare measures the sandbox against bare servers that write the same bytes,
// in one run: rounds of wrk in turn, one core for the server and one for the load where
// there are two. It prints requests a second and their ratio to bare net/http and bare
// Echo, the server's CPU time a request and its ratio, and p99. Each call has a sandbox of
// its own, so that none pays for what another one stored.
//
//	go run ./bench/compare [-rounds 5] [-seconds 3] [-connections 64] [-only NAME] [-burn 0s]
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	var c comparison
	flag.IntVar(&c.rounds, "rounds", 5, "rounds of each server")
	flag.IntVar(&c.seconds, "seconds", 3, "seconds of each round")
	flag.IntVar(&c.connections, "connections", 64, "connections of the load")
	flag.StringVar(&c.only, "only", "", "measure the calls whose name contains this")
	flag.DurationVar(&c.burn, "burn", 0, "processor time that the bare handlers spend a request: what rules that take as long could reach")
	flag.Parse()
	if err := c.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

type comparison struct {
	rounds, seconds, connections int
	only                         string
	burn                         time.Duration
	dir                          string
	pinned                       bool
}

func (c *comparison) run(ctx context.Context) error {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("wrk is not installed (Debian: wrk)")
	}
	_, err := exec.LookPath("taskset")
	c.pinned = err == nil && runtime.NumCPU() >= 2
	if c.dir, err = os.MkdirTemp("", "compare"); err != nil {
		return err
	}
	defer os.RemoveAll(c.dir)
	for _, p := range []struct{ out, pkg string }{{"sandbox", "./cmd/sandbox"}, {"baseline", "./bench/baseline"}} {
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(c.dir, p.out), p.pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	fmt.Printf("%d connections, median of %d rounds of %d s, pinned to a core each: %v\n\n", c.connections, c.rounds, c.seconds, c.pinned)
	fmt.Printf("%-22s %10s %10s %10s %8s %8s %9s %9s %9s %9s %9s\n", "call", "net/http", "echo", "sandbox", "ratio", "of echo", "cpu base", "cpu", "cpu ratio", "p99 base", "p99")
	for i, more := 0, true; more; i++ {
		if more, err = c.next(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// next measures the i-th call, and reports whether another one follows.
func (c *comparison) next(ctx context.Context, i int) (more bool, err error) {
	box, err := c.start(ctx, "sandbox", "serve", "--listen", "127.0.0.1:0", "--cliparto-limits", "off", "--log-level", "error")
	if err != nil {
		return false, err
	}
	defer box.stop()
	calls, err := prepare(ctx, box.url)
	if err != nil {
		return false, err
	}
	if strings.Contains(calls[i].name, c.only) {
		if err := c.measure(ctx, box, calls[i]); err != nil {
			return false, fmt.Errorf("%s: %w", calls[i].name, err)
		}
	}
	return i+1 < len(calls), nil
}

// call is one request that is sent over and over.
type call struct {
	name, method, path, form string
	want                     string // in each reply
	ctype                    string
	reply                    []byte
}

// prepare freezes the clock, so that a signature stays valid, fills the purse, and
// learns what the sandbox answers.
func prepare(ctx context.Context, base string) ([]call, error) {
	if _, _, err := send(ctx, "PUT", base+"/__admin/clock", `{"now":"2026-03-18T12:00:00Z","frozen":true}`, "application/json"); err != nil {
		return nil, err
	}
	if err := rich(ctx, base); err != nil {
		return nil, err
	}
	calls, err := signedCalls(ctx, base)
	if err != nil {
		return nil, err
	}
	for i := range calls {
		c := &calls[i]
		body, ctype, err := send(ctx, c.method, base+c.path, c.form, "application/x-www-form-urlencoded")
		if err != nil {
			return nil, err
		}
		if !strings.Contains(string(body), c.want) {
			return nil, fmt.Errorf("%s answers %s", c.name, body)
		}
		c.reply, c.ctype = body, ctype
	}
	return calls, nil
}

func send(ctx context.Context, method, url, body, ctype string) ([]byte, string, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	if body != "" {
		req.Header.Set("Content-Type", ctype)
	}
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if resp.StatusCode >= 400 {
		err = fmt.Errorf("%s %s: %s", method, url, out)
	}
	return out, resp.Header.Get("Content-Type"), err
}

// process is a running server.
type process struct {
	cmd *exec.Cmd
	url string
}

func (c *comparison) start(ctx context.Context, program string, args ...string) (*process, error) {
	argv := append([]string{filepath.Join(c.dir, program)}, args...)
	if c.pinned {
		argv = append([]string{"taskset", "-c", "0"}, argv...)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, err
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return &process{cmd, strings.TrimPrefix(strings.TrimSpace(line), "listening on ")}, nil
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// cpu is the CPU time of the process so far, in clock ticks of 10 ms.
func (p *process) cpu() (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	ticks := 0
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.Atoi(f)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// figures are what one round showed.
type figures struct {
	perSecond float64
	cpu       time.Duration // of the server, a request
	p99       time.Duration
}

func (c *comparison) measure(ctx context.Context, box *process, call call) error {
	file := filepath.Join(c.dir, "reply")
	if err := os.WriteFile(file, call.reply, 0o600); err != nil {
		return err
	}
	servers := []*process{nil, nil, box}
	defer func() {
		for _, p := range servers[:2] {
			if p != nil {
				p.stop()
			}
		}
	}()
	for i, kind := range []string{"net/http", "echo"} {
		p, err := c.start(ctx, "baseline", kind, call.ctype, file, c.burn.String())
		if err != nil {
			return err
		}
		servers[i] = p
	}
	script := filepath.Join(c.dir, "call.lua")
	lua := fmt.Sprintf("wrk.method = %q\n", call.method)
	if call.form != "" {
		lua += fmt.Sprintf("wrk.body = %q\nwrk.headers[\"Content-Type\"] = \"application/x-www-form-urlencoded\"\n", call.form)
	}
	if err := os.WriteFile(script, []byte(lua), 0o600); err != nil {
		return err
	}
	all := make([][]figures, len(servers))
	for range c.rounds {
		for i, p := range servers {
			f, err := c.round(ctx, p, script, call.path)
			if err != nil {
				return err
			}
			all[i] = append(all[i], f)
		}
	}
	base, echo, sandbox := median(all[0]), median(all[1]), median(all[2])
	fmt.Printf("%-22s %10.0f %10.0f %10.0f %8.2f %8.2f %9s %9s %9.2f %9s %9s\n", call.name, base.perSecond, echo.perSecond, sandbox.perSecond,
		sandbox.perSecond/base.perSecond, sandbox.perSecond/echo.perSecond, base.cpu, sandbox.cpu, float64(base.cpu)/float64(sandbox.cpu), base.p99, sandbox.p99)
	return nil
}

var (
	rate    = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	total   = regexp.MustCompile(`(\d+) requests in`)
	latency = regexp.MustCompile(`99%\s+(\S+)`)
	errored = regexp.MustCompile(`Non-2xx[^\n]*|Socket errors[^\n]*`)
)

func (c *comparison) round(ctx context.Context, p *process, script, path string) (figures, error) {
	argv := []string{"wrk", "-t1", "-c", strconv.Itoa(c.connections), "-d", fmt.Sprintf("%ds", c.seconds), "--latency", "-s", script, p.url + path}
	if c.pinned {
		argv = append([]string{"taskset", "-c", "1"}, argv...)
	}
	before, err := p.cpu()
	if err != nil {
		return figures{}, err
	}
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		return figures{}, fmt.Errorf("%w: %s", err, out)
	}
	after, err := p.cpu()
	if err != nil {
		return figures{}, err
	}
	if bad := errored.Find(out); bad != nil {
		return figures{}, fmt.Errorf("%s", bad)
	}
	var f figures
	if found := rate.FindSubmatch(out); found != nil {
		f.perSecond, _ = strconv.ParseFloat(string(found[1]), 64)
	}
	if found := total.FindSubmatch(out); found != nil {
		n, _ := strconv.Atoi(string(found[1]))
		f.cpu = ((after - before) / time.Duration(max(n, 1))).Round(100 * time.Nanosecond)
	}
	if found := latency.FindSubmatch(out); found != nil {
		f.p99, _ = time.ParseDuration(string(found[1]))
	}
	return f, nil
}

func median(list []figures) figures {
	slices.SortFunc(list, func(a, b figures) int { return int(a.perSecond - b.perSecond) })
	return list[len(list)/2]
}
