package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestExitCodes holds all commands to one rule: a command line that is wrong, or names a file
// that is wrong, missing or cannot be written, is wrong use, and nothing was done; what goes
// wrong with the work itself has the other code.
func TestExitCodes(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("empty", 0o755))
	require.NoError(t, os.WriteFile("file", []byte("x: ["), 0o600))
	require.NoError(t, os.Mkdir("damaged", 0o755))
	require.NoError(t, os.WriteFile("damaged/changes.log", []byte("something else\n\n"), 0o600))
	rows := map[int][]string{
		exitFailed: {
			"serve --listen 127.0.0.1:0 --data file",
			"data check damaged",
		},
		exitUsage: {
			"serve --lisen :0",
			"serve --listen 7311",
			"serve --config file",
			"serve --listen 127.0.0.1:0 --config nowhere.yaml",
			"healthcheck --config nowhere.yaml",
			"exec --report c.txt -- true",
			"exec --report nowhere/c.md -- true",
			"verify file",
			"verify nowhere",
			"verify empty",
			"verify --api x",
			"verify --target file",
			"verify --target nowhere.yaml",
			"verify --target empty",
			"verify --against fakes,nowhere.yaml",
			"verify --against fakes,http://127.0.0.1:1 --baseline file",
			"verify --against fakes,http://127.0.0.1:1 --baseline nowhere.yaml",
			"verify --run x --report-json nowhere/x",
			"verify --run x --report-html empty",
			"record --target file --out x",
			"record --target nowhere.yaml --out x",
			"record --target http://127.0.0.1:1",
			"record --target http://127.0.0.1:1 --out file",
			"scenario from",
			"scenario from nowhere",
			"scenario from empty",
			"scenario from file",
			"data check",
			"data chek empty",
			"data check nowhere",
			"data check empty",
			"data check file",
			"data compact nowhere",
			"data compact empty",
			"data compact file",
			"completion fsh",
			"sign x y",
			"specs x",
		},
		exitUnreachable: {
			"healthcheck --url http://127.0.0.1:1",
			"env --url http://127.0.0.1:1",
			"verify --target http://127.0.0.1:1",
		},
	}
	for want, lines := range rows {
		for _, line := range lines {
			t.Run(line, func(t *testing.T) {
				var out, errs bytes.Buffer
				assert.Equal(t, want, run(t.Context(), strings.Fields(line), &out, &errs, nil), errs.String())
				assert.NotEmpty(t, errs.String())
				wrong := strings.Contains(errs.String(), "--help") || strings.Contains(errs.String(), "nothing was sent")
				assert.Equal(t, want == exitUsage, wrong, errs.String())
			})
		}
	}
}
