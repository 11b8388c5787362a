// Package image_test holds the container image to what is promised of it. It builds the
// binary with the very command of the Dockerfile and looks at the result, and reads
// Dockerfile and compose.yaml for the rest. It is no test of Docker: no engine is needed
// and no image is built.
package image_test

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// instruction is one instruction of a Dockerfile, its continued lines joined.
type instruction struct{ name, rest string }

// dockerfile returns the stages of the Dockerfile; the first begins before any FROM and
// holds its global arguments.
func dockerfile(t *testing.T) [][]instruction {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	stages := [][]instruction{nil}
	for line := range strings.SplitSeq(strings.ReplaceAll(strings.Join(lines, "\n"), "\\\n", " "), "\n") {
		name, rest, _ := strings.Cut(line, " ")
		if name == "FROM" {
			stages = append(stages, nil)
		}
		last := &stages[len(stages)-1]
		*last = append(*last, instruction{name, strings.Join(strings.Fields(rest), " ")})
	}
	require.Len(t, stages, 3, "arguments, the stage that builds, the image")
	return stages
}

// all returns what follows each instruction of that name.
func all(stage []instruction, name string) (rest []string) {
	for _, i := range stage {
		if i.name == name {
			rest = append(rest, i.rest)
		}
	}
	return rest
}

func TestDockerfile(t *testing.T) {
	stages := dockerfile(t)
	arguments, build, image := stages[0], stages[1], stages[2]

	assert.Equal(t, []string{"GO_IMAGE=golang:1.26-bookworm", "BASE_IMAGE=scratch"}, all(arguments, "ARG"), "both images can be replaced")
	assert.Equal(t, []string{"--platform=$BUILDPLATFORM ${GO_IMAGE} AS build"}, all(build, "FROM"), "built natively for any platform")
	assert.Contains(t, all(build, "ARG"), "TARGETOS TARGETARCH", "a default would hide the platform asked for")
	for _, run := range all(build, "RUN") {
		if strings.Contains(run, "go ") {
			assert.Contains(t, run, "--mount=type=cache,target=/go/pkg/mod", "modules are downloaded once")
		}
	}

	assert.Equal(t, []string{"${BASE_IMAGE}"}, all(image, "FROM"))
	assert.Empty(t, all(image, "RUN"), "there is no shell in scratch")
	assert.Equal(t, []string{"65532:65532"}, all(image, "USER"), "not root")
	assert.Equal(t, []string{"7311"}, all(image, "EXPOSE"))
	assert.Equal(t, []string{"SANDBOX_LISTEN=0.0.0.0:7311"}, all(image, "ENV"))
	assert.Equal(t, []string{`["/sandbox"]`}, all(image, "ENTRYPOINT"))
	assert.Equal(t, []string{`["serve"]`}, all(image, "CMD"), "runs with no arguments")
	require.Len(t, all(image, "HEALTHCHECK"), 1)
	assert.Regexp(t, `CMD \["/sandbox", "healthcheck"\]$`, all(image, "HEALTHCHECK")[0])
	assert.Contains(t, all(image, "COPY"), "--from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt", "the verifier calls vendors over TLS")
	require.Len(t, all(image, "LABEL"), 1)
	for _, label := range []string{"title", "description", "source", "licenses", "version"} {
		assert.Contains(t, all(image, "LABEL")[0], "org.opencontainers.image."+label+"=")
	}
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	require.NotNil(t, goVersion)
	assert.Contains(t, all(arguments, "ARG")[0], "golang:"+goVersion[1]+"-", "the image's Go is go.mod's")
}

// Every folder with Go code of the program must get into the build, and nothing secret
// or large besides.
func TestDockerignore(t *testing.T) {
	rules := strings.Split(strings.TrimSpace(read(t, ".dockerignore")), "\n")
	assert.Contains(t, rules, "*", "what is not named stays outside")
	listed, err := exec.Command("go", "list", "-C", root, "-deps", "-f", "{{if and .Module .Module.Main}}{{.ImportPath}}{{end}}", "./cmd/sandbox").Output()
	require.NoError(t, err)
	for line := range strings.FieldsSeq(string(listed)) {
		top, _, _ := strings.Cut(strings.TrimPrefix(line, "github.com/mediasandbox/sandbox/"), "/")
		assert.Contains(t, rules, "!"+top, "%s is needed", line)
	}
	for _, secret := range []string{"!.git", "!.env", "!sandbox.yaml"} {
		assert.NotContains(t, rules, secret)
	}
}

func TestCompose(t *testing.T) {
	var file struct {
		Services map[string]struct {
			Ports       []string
			ReadOnly    bool     `yaml:"read_only"`
			CapDrop     []string `yaml:"cap_drop"`
			SecurityOpt []string `yaml:"security_opt"`
			Privileged  bool
			Healthcheck struct{ Test []string }
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "compose.yaml")), &file))
	require.Len(t, file.Services, 1)
	service := file.Services["sandbox"]
	assert.Equal(t, []string{"127.0.0.1:7311:7311"}, service.Ports, "for this machine only")
	assert.True(t, service.ReadOnly)
	assert.Equal(t, []string{"ALL"}, service.CapDrop)
	assert.Equal(t, []string{"no-new-privileges:true"}, service.SecurityOpt)
	assert.False(t, service.Privileged)
	assert.Equal(t, []string{"CMD", "/sandbox", "healthcheck"}, service.Healthcheck.Test)
}

func TestBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("building the binary afresh takes half a minute")
	}
	binary := build(t, "1.2.3-test")
	data, err := os.ReadFile(binary)
	require.NoError(t, err)

	t.Run("needs nothing of the base image", func(t *testing.T) {
		file, err := elf.NewFile(bytes.NewReader(data))
		require.NoError(t, err)
		for _, segment := range file.Progs {
			assert.NotEqual(t, elf.PT_INTERP, segment.Type, "it wants a dynamic linker")
		}
		libraries, err := file.ImportedLibraries()
		require.NoError(t, err)
		assert.Empty(t, libraries)
	})
	t.Run("is small", func(t *testing.T) {
		const limit = 12 << 20 // compressed, as it is pulled
		var size counter
		w := gzip.NewWriter(&size)
		_, err := w.Write(data)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		assert.Less(t, int64(size), int64(limit))
		t.Logf("%.1f MB, %.1f MB compressed", float64(len(data))/1e6, float64(size)/1e6)
	})
	t.Run("is stripped", func(t *testing.T) {
		file, err := elf.NewFile(bytes.NewReader(data))
		require.NoError(t, err)
		assert.Nil(t, file.Section(".symtab"))
		assert.Nil(t, file.Section(".debug_info"))
	})
	t.Run("does not tell where it was built", func(t *testing.T) {
		here, err := filepath.Abs(root)
		require.NoError(t, err)
		assert.False(t, bytes.Contains(data, []byte(here+"/")), "a path of the machine is in it")
	})
	t.Run("runs", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("the binary is for Linux")
		}
		version, err := exec.Command(binary, "version").Output()
		require.NoError(t, err)
		assert.Contains(t, string(version), "1.2.3-test", "the version given to the build")
		for _, command := range []string{"serve", "healthcheck"} { // those that the Dockerfile names
			help, err := exec.Command(binary, command, "--help").Output()
			require.NoError(t, err, command)
			assert.Contains(t, string(help), "sandbox "+command)
		}
	})
}

// build runs the Dockerfile's command for building, with the output elsewhere.
func build(t *testing.T, version string) string {
	t.Helper()
	const output = "-o /out/sandbox"
	var command string
	for _, run := range all(dockerfile(t)[1], "RUN") {
		if _, after, ok := strings.Cut(run, "CGO_ENABLED=0"); ok {
			command = "CGO_ENABLED=0" + after
		}
	}
	require.Contains(t, command, "go build -trimpath")
	require.Contains(t, command, output)

	binary := filepath.Join(t.TempDir(), "sandbox")
	shell := exec.Command("sh", "-euc", strings.Replace(command, output, `-o "$OUTPUT"`, 1))
	shell.Dir = root
	shell.Env = append(os.Environ(), "TARGETOS=linux", "TARGETARCH="+runtime.GOARCH, "VERSION="+version, "OUTPUT="+binary)
	out, err := shell.CombinedOutput()
	require.NoError(t, err, string(out))
	return binary
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(text)
}

// counter counts what is written to it.
type counter int64

var _ io.Writer = (*counter)(nil)

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
