// Package third names.
package third

// Name is a name.
const Name = "replaced"
