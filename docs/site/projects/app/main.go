// A small service: an answer with a number of its own.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/google/uuid"
)

var version = "dev"

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, version, uuid.NewString())
	})
	log.Fatal(http.ListenAndServe(os.Getenv("ADDRESS"), nil))
}
