package main

import (
	"fmt"

	"example.org/greet"
)

const release = "RELEASE"

func main() { fmt.Println(greet.Hello("vendored"), len(release) > 0) }
