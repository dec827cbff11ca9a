// Package lib names.
package lib

// Name is a name.
const Name = "workspace"
