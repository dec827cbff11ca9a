package main

import (
	"fmt"

	"example.com/third"
	"example.org/greet"
)

const release = "RELEASE"

func main() { fmt.Println(greet.Hello(third.Name), len(release) > 0) }
