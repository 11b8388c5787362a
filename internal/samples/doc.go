// Package samples runs the vendors' own PHP samples against the sandbox. It has tests only.
package samples
