// Package lib greets.
package lib

// Hello greets.
func Hello(name string) string { return "hello " + name }
