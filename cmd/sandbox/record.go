package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/scenarios"
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier"
	"github.com/mediasandbox/sandbox/verifier/record"
)

func recordCommand(p *program) *cobra.Command {
	r := &recorder{p: p}
	cmd := &cobra.Command{
		Use:   "record --target TARGET --out FOLDER",
		Short: "Stand between a client and a target, and record what passes",
		Long: `Passes requests on to a target and its replies back, until it is interrupted. Every
exchange is held to the contract and written to a file of its own, with credentials,
signatures and tokens hidden.

  sandbox record --target real.yaml --out recording
  sandbox scenario from recording

The client is given the base URLs that are printed, and its own credentials. Requests go
nowhere but to the target; its certificate is checked.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			values, err := p.read(cmd)
			if err != nil {
				return err
			}
			return r.run(cmd.Context(), values)
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.target, "target", "", "a target file, or the URL of a sandbox")
	f.StringVar(&r.out, "out", "", "`folder` to write to; what is there is kept")
	f.StringVar(&r.listen, "listen", "127.0.0.1:0", "`address` and port to answer on")
	return p.bound(cmd, "admin-token", "log-level", "log-format")
}

// recorder is one run of record.
type recorder struct {
	p                   *program
	target, out, listen string
}

func (r *recorder) run(ctx context.Context, values config.Values) error {
	switch {
	case r.target == inProcess:
		return misused("--target: the fakes in process answer at no address; start sandbox serve, and name its URL")
	case r.target == "":
		return misused("record wants --target, a target file or the URL of a sandbox")
	case r.out == "":
		return misused("record wants --out, the folder to write to")
	}
	if err := address(r.listen); err != nil {
		return misused("--listen: %q %w", r.listen, err)
	}
	t, err := r.p.remoteTarget(r.target, values, "the URL of a sandbox or a file such as examples/targets/real.yaml")
	if err != nil {
		return err
	}
	docs, err := openapi.LoadAll()
	if err != nil {
		return failed("%w", err)
	}
	bases := t.BaseURLs(openapi.APIs()...)
	proxy, err := record.New(record.Config{
		Documents: docs, BaseURLs: bases, Dir: r.out, Recorded: r.tell, Judge: judge,
		NewHider: func(api string) record.Hider { return t.Conceal(docs[api]) },
	})
	if err != nil {
		return misused("%w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", r.listen)
	if err != nil {
		return failed("%w", err)
	}
	r.greet(baseURL(l.Addr()), bases)
	if err := server.Serve(ctx, r.p.logger(values), server.Port{Listener: l, Handler: proxy}); err != nil {
		return failed("%w", err)
	}
	if err := proxy.Err(); err != nil {
		return failed("%w", err)
	}
	return nil
}

// greet says where to send requests, and where they go.
func (r *recorder) greet(url string, bases map[string]string) {
	fmt.Fprintf(r.p.stdout, "recording at %s to %s\n", url, r.out)
	for _, api := range openapi.APIs() {
		if bases[api] != "" {
			fmt.Fprintf(r.p.stdout, "  %-12s %s/%s -> %s\n", api, url, api, bases[api])
		}
	}
	fmt.Fprintln(r.p.stdout, "end it with Ctrl-C; then: sandbox scenario from", r.out)
}

// tell says what was recorded, and what of it is outside the contract.
func (r *recorder) tell(x *record.Exchange, _ string) {
	what, came := x.Operation, x.Outcome
	if what == "" {
		what = x.Request.Method + " " + x.Request.Path
	}
	switch {
	case x.Failed != "":
		came = "no reply: " + x.Failed
	case came == "":
		came = "no outcome of the contract"
	}
	fmt.Fprintf(r.p.stdout, "%04d %s %s: %d %s, %d ms\n", x.Number, x.API, plainLine(what), x.Reply.Status, plainLine(came), x.Reply.Millis)
	for _, f := range x.Findings {
		fmt.Fprintf(r.p.stdout, "     %s: %s\n", f.Side, plainLine(f.What))
	}
}

// plainLine keeps what a client or vendor sent from being more than a line.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '�'
		}
		return r
	}, s)
}

// judge holds a reply to the contract.
func judge(doc *contract.Document, op *contract.Operation, res *http.Response, body []byte) (string, []record.Finding) {
	outcome, problems := verifier.HoldReply(doc, op, res.StatusCode, res.Header, body)
	var out []record.Finding
	for _, p := range problems {
		text := p.What
		if p.Expected != "" {
			text += ": wants " + p.Expected + ", is " + p.Actual
		}
		out = append(out, record.Finding{Side: "reply", Pointer: p.Pointer, What: text})
	}
	return outcome, out
}

func scenarioCommand(p *program) *cobra.Command {
	var out string
	from := &cobra.Command{
		Use:   "from FOLDER",
		Short: "Draft scenarios from a recording",
		Long: `Drafts a scenario for each API of a recording, and prints them or writes them to a folder
as API/recorded.yaml, beside the schema that editors complete from. Signatures, timestamps
and credentials are left out: they are made anew when the scenario runs. What an earlier
reply gave is taken from there again.

  sandbox scenario from recording --out my/scenarios
  sandbox verify my/scenarios`,
		Args: oneArg("folder, which sandbox record has written"),
		RunE: func(_ *cobra.Command, args []string) error { return p.draft(args[0], out) },
	}
	from.Flags().StringVar(&out, "out", "", "`folder` to write to, instead of printing; what is there stays")
	return group(&cobra.Command{Use: "scenario", Short: "Make scenarios"}, from)
}

func (p *program) draft(dir, out string) error {
	if err := folder(dir, "sandbox record"); err != nil {
		return err
	}
	list, err := record.Read(os.DirFS(dir))
	if err != nil {
		return misused("%s: %w", dir, err)
	}
	docs, err := openapi.LoadAll()
	if err != nil {
		return failed("%w", err)
	}
	drafts := record.Drafts(docs, list)
	if out != "" && len(drafts) > 0 {
		if err := writeSchema(out); err != nil {
			return err
		}
	}
	for i, d := range drafts {
		for _, note := range d.Notes {
			fmt.Fprintf(p.stderr, "%s: %s\n", d.API, plainLine(note))
		}
		if out != "" {
			if err := p.writeDraft(out, d); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(p.stdout, "---")
		}
		fmt.Fprint(p.stdout, d.Text)
	}
	return nil
}

// writeSchema writes what editors hold drafts to, where there is none yet.
func writeSchema(out string) error {
	err := writeNew(out+"/"+scenarios.SchemaFile, scenarios.Schema)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// writeDraft writes a draft where none is yet: it may have been worked on.
func (p *program) writeDraft(out string, d record.Draft) error {
	name := out + "/" + d.API + "/recorded.yaml"
	err := writeNew(name, []byte(scenarios.SchemaLine+d.Text))
	if errors.Is(err, fs.ErrExist) {
		return failed("%s is there already, and may have been worked on; remove it, or name another folder with --out", name)
	}
	if err == nil {
		fmt.Fprintln(p.stdout, name)
	}
	return err
}

// writeNew writes a file that is not there yet.
func writeNew(name string, data []byte) error {
	if err := os.MkdirAll(path.Dir(name), 0o755); err != nil { //nolint:gosec // scenarios are for others to read
		return failed("%w", err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // as above
	if err != nil {
		return failed("%w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return failed("%w", err)
	}
	return nil
}
