// Command notes serves a note book that is kept in SQLite.
package main

import (
	"fmt"
	"log"
	"net/http"

	"example.com/cgo-service/internal/store"
)

func main() {
	notes, err := store.Open("notes.db")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("POST /notes", func(w http.ResponseWriter, r *http.Request) {
		if err := notes.Add(r.Context(), r.FormValue("text")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	http.HandleFunc("GET /notes", func(w http.ResponseWriter, r *http.Request) {
		all, err := notes.All(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		for _, text := range all {
			fmt.Fprintln(w, text)
		}
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
