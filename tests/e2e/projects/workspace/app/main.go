package main

import (
	"fmt"

	"example.com/lib"
	"example.org/greet"
)

const release = "RELEASE"

func main() { fmt.Println(greet.Hello(lib.Name), len(release) > 0) }
