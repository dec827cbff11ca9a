package main

import (
	"fmt"
	"html/template"
	"os"
	"time"
)

const release = "RELEASE"

func main() {
	page := template.Must(template.ParseGlob("templates/*.html"))
	config, err := os.ReadFile("config.yaml")
	zone, zoneErr := time.LoadLocation("Europe/Berlin")
	if err != nil || zoneErr != nil {
		fmt.Println("missing:", err, zoneErr)
		os.Exit(1)
	}
	if folder := os.Getenv("DATA"); folder != "" {
		if err := os.WriteFile(folder+"/seen", config, 0o600); err != nil {
			fmt.Println("not writable:", err)
			os.Exit(1)
		}
	}
	page.ExecuteTemplate(os.Stdout, "index.html", string(config))
	fmt.Println(zone, os.Getenv("APP_ENV"), len(release) > 0)
}
