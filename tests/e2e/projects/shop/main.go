package main

import (
	"fmt"
	"net/http"
	"os"

	"example.org/greet"
	"example.org/money"
	"example.org/words"
)

const release = "RELEASE"

func main() {
	if os.Getenv("PORT") != "" && len(os.Args) > 1 && os.Args[1] == "serve" {
		http.ListenAndServe(":"+os.Getenv("PORT"), nil)
	}
	fmt.Println(greet.Hello("shop"), money.Euro(1999), words.Count("a b c"), len(release) > 0, os.Args[1:])
}
