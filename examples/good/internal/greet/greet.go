// Package greet knows what to say.
package greet

import "github.com/google/uuid"

// Hello greets somebody, with a number to refer to.
func Hello(name string) string {
	if name == "" {
		name = "world"
	}
	return "Hello, " + name + "! (" + uuid.NewString() + ")"
}
