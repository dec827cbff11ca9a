// Command hello greets.
package main

import (
	"fmt"
	"log"
	"net/http"

	"example.com/good/internal/greet"
)

func main() {
	http.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, greet.Hello(r.URL.Query().Get("name")))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
