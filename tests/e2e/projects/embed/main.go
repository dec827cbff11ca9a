package main

import (
	"embed"
	"fmt"
	"time"
)

//go:embed static
var static embed.FS

const release = "RELEASE"

func main() {
	page, err := static.ReadFile("static/index.html")
	zone, zoneErr := time.LoadLocation("Europe/Berlin")
	fmt.Print(string(page), err, zone, zoneErr, len(release) > 0, "\n")
}
