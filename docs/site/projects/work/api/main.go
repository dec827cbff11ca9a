// A program of a workspace.
package main

import (
	"fmt"

	"example.com/lib"
	"github.com/google/uuid"
)

func main() { fmt.Println(lib.Hello(uuid.NewString())) }
