package main

import (
	"fmt"

	"example.com/mains/internal/say"
)

const release = "RELEASE"

func main() { fmt.Println(say.To("a"), len(release) > 0) }
