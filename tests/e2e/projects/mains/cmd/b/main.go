package main

import (
	"fmt"

	"example.com/mains/internal/say"
)

const release = "RELEASE"

func main() { fmt.Println(say.To("b"), len(release) > 0) }
