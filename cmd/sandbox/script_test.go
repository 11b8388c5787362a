package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what commands print into the scripts")

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"sandbox": main}) }

// TestScripts runs testdata/script. Besides testscript's own commands there are
//
//	exits CODE COMMAND…  run a command that ends with this code
//	start ARGS…          start "sandbox serve ARGS…"; $URL is where it listens, and the
//	                     file try.sh has the line of its greeting that is there to be tried
//	end [SIGNAL]           end it, within a second; its output is then in stdout.txt and
//	                     stderr.txt, with HOST:PORT for its address
func TestScripts(t *testing.T) {
	var running sync.Map // *background by the script's directory
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"start": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg {
					ts.Fatalf("start cannot fail; use exits")
				}
				running.Store(ts.MkAbs("."), start(ts, args))
			},
			"end": func(ts *testscript.TestScript, neg bool, args []string) {
				b, ok := running.LoadAndDelete(ts.MkAbs("."))
				if !ok || neg {
					ts.Fatalf("nothing was started")
				}
				b.(*background).end(ts, args)
			},
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// background is a sandbox that a script has started.
type background struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	read           sync.WaitGroup // of stdout
	host           string
}

func start(ts *testscript.TestScript, args []string) *background {
	b := &background{cmd: exec.Command("sandbox", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)}
	b.cmd.Dir = ts.MkAbs(".")
	b.cmd.Env = []string{"PATH=" + ts.Getenv("PATH")}
	b.cmd.Stderr = &b.stderr
	pipe, err := b.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(b.cmd.Start())
	ts.Defer(func() { b.cmd.Process.Kill() })

	lines := make(chan string)
	b.read.Go(func() {
		defer close(lines)
		for in := bufio.NewReader(io.TeeReader(pipe, &b.stdout)); ; {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			lines <- strings.TrimSuffix(line, "\n")
		}
	})
	late := time.After(30 * time.Second)
	for first := true; ; first = false {
		select {
		case line, ok := <-lines:
			at, says := strings.CutPrefix(line, "listening on ")
			try, last := strings.CutPrefix(line, "  curl ")
			switch {
			case !ok || first && !says:
				ts.Fatalf("it does not greet: %q", line)
			case first:
				u, err := url.Parse(at)
				ts.Check(err)
				b.host = u.Host
				ts.Setenv("URL", at)
				ts.Setenv("PORT", u.Port())
			case last:
				ts.Check(os.WriteFile(ts.MkAbs("try.sh"), []byte("curl "+try+"\n"), 0o600))
				b.read.Go(func() {
					for range lines { // to the end, so that the reader gets there
					}
				})
				return b
			}
		case <-late:
			ts.Fatalf("it does not greet in time")
		}
	}
}

func (b *background) end(ts *testscript.TestScript, args []string) {
	signal := syscall.SIGTERM
	if len(args) > 0 && args[0] == "SIGINT" {
		signal = syscall.SIGINT
	}
	begin := time.Now()
	ts.Check(b.cmd.Process.Signal(signal))
	b.read.Wait()
	ts.Check(b.cmd.Wait())
	// A second is what is promised; a loaded machine under the race detector needs more.
	if took := time.Since(begin); took > 10*time.Second {
		ts.Fatalf("it took %s to stop", took)
	}
	for name, out := range map[string]*bytes.Buffer{"stdout.txt": &b.stdout, "stderr.txt": &b.stderr} {
		text := strings.ReplaceAll(out.String(), b.host, "HOST:PORT")
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
