package main

import (
	"fmt"

	"example.org/greet"
)

const release = "RELEASE"

func main() { fmt.Println(greet.Hello("private"), len(release) > 0) }
