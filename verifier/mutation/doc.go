// Package mutation tests that the verifier notices: it spoils the sandbox's replies and
// rules in many small ways, one at a time, and runs the scenarios against each. It has
// nothing but tests.
package mutation
