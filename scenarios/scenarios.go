// Package scenarios holds the scenarios of this project, a folder for each API and a file
// for each flow, in the language of docs/scenarios.md.
package scenarios

import "embed"

// Files are the scenarios, by folder and file name; _shared.yaml has the steps that those
// of a folder share.
//
//go:embed */*.yaml
var Files embed.FS

// Schema is the JSON Schema of scenario files, for editors. A folder of scenarios has it as
// SchemaFile, so that each begins with SchemaLine.
//
//go:embed scenario.schema.json
var Schema []byte

// Where scenarios find their schema.
const (
	SchemaFile = "scenario.schema.json"
	SchemaLine = "# yaml-language-server: $schema=../" + SchemaFile + "\n"
)
