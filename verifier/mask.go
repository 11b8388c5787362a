package verifier

import "github.com/mediasandbox/sandbox/internal/contract"

type masker struct{}

func newMasker() *masker                                { return &masker{} }
func (m *masker) credential(string, map[string]string)  {}
func (m *masker) request(*contract.Document, *outgoing) {}
func (m *masker) reply(*incoming)                       {}
func (m *masker) scenario(*ScenarioResult)              {}
func (m *masker) text(s string) string                  { return s }
