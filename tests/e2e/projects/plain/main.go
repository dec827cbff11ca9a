package main

import (
	"fmt"
	"net/http"
	"os"
)

const release = "RELEASE"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		http.ListenAndServe(":8080", nil)
	}
	if err := os.WriteFile("state.txt", []byte(release), 0o644); err != nil {
		fmt.Println("not written")
	}
	fmt.Println("plain, user", os.Getuid(), len(release) > 0)
}
