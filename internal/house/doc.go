// Package house holds the project's own rules to the code. It has tests only.
package house
