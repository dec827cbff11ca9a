// Package say says.
package say

import "example.org/greet"

// To greets.
func To(name string) string { return greet.Hello(name) }
