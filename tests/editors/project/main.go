// hello prints a greeting with a number of its own.
package main

import (
	"fmt"

	"github.com/google/uuid"
)

func main() {
	fmt.Println("hello", uuid.New())
}
