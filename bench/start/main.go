// Command start measures what a start costs: the time from exec to the first 200, the
// resident memory of a sandbox at rest, and the size of the binary.
//
//	go run ./bench/start [-runs 20]
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const first = "/qqtube/v1-api?action=funds&api_key=172a1c261d1d84916d9e7321153d0416acab98fc"

func main() {
	runs := flag.Int("runs", 20, "how many starts")
	flag.Parse()
	if err := measure(context.Background(), *runs); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, runs int) error {
	dir, err := os.MkdirTemp("", "start")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "sandbox")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/sandbox")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	var took []time.Duration
	memory := ""
	for i := range runs {
		d, rss, err := once(ctx, binary, i == runs-1)
		if err != nil {
			return err
		}
		took, memory = append(took, d), rss
	}
	slices.Sort(took)
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	fmt.Printf("exec to first 200: median %s, best %s, worst %s of %d\n", took[len(took)/2], took[0], took[len(took)-1], runs)
	fmt.Printf("at rest, three seconds later: %s resident\nbinary, stripped: %.1f MB\n", memory, float64(info.Size())/1e6)
	return nil
}

// once starts a sandbox, sends one request and, when it is to rest, reads its memory.
func once(ctx context.Context, binary string, rest bool) (took time.Duration, memory string, err error) {
	cmd := exec.CommandContext(ctx, binary, "serve", "--listen", "127.0.0.1:0", "--log-level", "error")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, "", err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, "", err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return 0, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimPrefix(strings.TrimSpace(line), "listening on ")+first, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return 0, "", err
	}
	took = time.Since(began)
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		return 0, "", fmt.Errorf("the first answer is %s: %w", resp.Status, err)
	}
	if !rest {
		return took, "", nil
	}
	time.Sleep(3 * time.Second)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		return took, "unknown", nil // no /proc on this system
	}
	for l := range strings.Lines(string(status)) {
		if after, ok := strings.CutPrefix(l, "VmRSS:"); ok {
			memory = strings.TrimSpace(after)
		}
	}
	return took, memory, nil
}
